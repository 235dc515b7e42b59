"""What a rule is, what it says, and what a run reports.

A rule is a frozen value made by the `rule` decorator in a file of its own; nothing is registered
by importing it. `judge` runs rules; the `report` package prints what came out.
"""

from __future__ import annotations

import inspect
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from functools import cache
from importlib import import_module
from typing import Any, Generic, Literal, Protocol, TypeVar

from msgspec import Struct, field

from iaclint.linting.criteria import CRITERIA
from iaclint.model.inventory import Resource
from iaclint.model.truth import Truth
from iaclint.model.value import Step, Value
from iaclint.source.edits import Fix
from iaclint.source.files import Span
from iaclint.source.suggest import did_you_mean

S = TypeVar("S")


class Severity(Enum):
    """How bad a failure is; the order is from worst to least."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}
SEVERITIES = tuple(severity.value for severity in Severity)
"""The names of the severities, the worst first."""


class RuleError(Exception):
    """A rule that is declared wrongly. The text names the mistake and the choices."""


class Example(Struct, frozen=True):
    """The same infrastructure in both languages. It is an example in the documentation and a test.

    terraform, cloudformation  the code; None if the language has no way to express it
    only                       the reason why one of them is None
    alone                      True if the rule's scenery is not a part of it
    """

    terraform: str | None = None
    cloudformation: str | None = None
    only: str = ""
    alone: bool = False

    def within(self, scenery: Example | None) -> Example:
        """Return the whole example: the scenery followed by this one. Sections of templates are joined by name."""
        if scenery is None or self.alone:
            return self
        terraform, cloudformation = self.terraform, self.cloudformation
        if terraform is not None and scenery.terraform is not None:
            terraform = f"{_text(scenery.terraform)}\n{_text(terraform)}"
        if cloudformation is not None and scenery.cloudformation is not None:
            cloudformation = _joined_sections(_text(scenery.cloudformation), _text(cloudformation))
        return Example(terraform, cloudformation, self.only)


def _text(text: str) -> str:
    return textwrap.dedent(text).strip("\n") + "\n"


def _joined_sections(*templates: str) -> str:
    """Join YAML templates section by section: the resources of all under one `Resources:`, and so on."""
    sections: dict[str, list[str]] = {}
    for template in templates:
        lines: list[str] = []
        for line in template.splitlines():
            if line[:1].isalpha():
                lines = sections.setdefault(line, [])
            else:
                lines.append(line)
    return "".join("\n".join((heading, *lines)).rstrip() + "\n" for heading, lines in sections.items())


class Subject(Protocol):
    """What the judge needs of the thing that a rule judges; every typed view has it."""

    @property
    def address(self) -> str:
        """The address of the resource, or "" if the subject is no single resource."""

    @property
    def header(self) -> Span:
        """The line that names the resource."""

    @property
    def calls(self) -> tuple[Step, ...]:
        """The module calls or parent stacks that lead to it, outermost first."""

    @property
    def exists(self) -> Truth:
        """True, or undecided if a count or a condition is unknown; a subject that does not exist is not judged."""


At = Value[Any] | Span | Resource | Subject


class Finding(Struct, frozen=True):
    """One thing that is wrong with a subject.

    message  one sentence part that stands alone, without a full stop: "key rotation is off"
    at       the value (or whatever else knows where it is written) that a person would edit
    fix      an edit that puts it right
    related  further places that belong to the explanation, in order
    severity where it differs from the rule's own
    """

    message: str
    at: At
    fix: Fix | None = None
    related: tuple[Step, ...] = ()
    severity: Severity | None = None


class Undecided(Struct, frozen=True):
    """What a rule yields if it cannot tell whether the subject fails.

    Without a Finding beside it, the verdict is UNKNOWN with the reasons of the truth. A truth that is decided changes
    nothing, so a rule can yield it without looking.
    """

    truth: Truth


Check = Callable[..., Iterable[Finding | Undecided]]
"""The function of a rule: takes the subject, and options by keyword; yields what is wrong with it."""


class Rule(Struct, Generic[S], frozen=True, eq=False, dict=True):
    """One rule. Made by the `rule` decorator, which says what each field means."""

    id: str
    family: str
    title: str
    doc: str
    on: type[S]
    check: Check
    severity: Severity
    soc2: tuple[str, ...]
    equivalents: Mapping[str, tuple[str, ...]]
    bad: tuple[Example, ...]
    good: tuple[Example, ...]
    applies: Callable[[S], Truth] | None = None
    enabled: bool = True
    cwe: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    file: str = ""

    def __repr__(self) -> str:
        return f"Rule({self.id})"

    @property
    def name(self) -> str:
        """The id in Pascal case, as SARIF's rule name: KmsKeyNotRotated."""
        return "".join(word.capitalize() for word in self.id.split("-"))


SeverityName = Literal["critical", "high", "medium", "low"]


def rule(
    *,
    on: type[S],
    severity: SeverityName,
    soc2: Iterable[str],
    bad: Iterable[Example],
    good: Iterable[Example],
    equivalents: Mapping[str, Iterable[str]] | None = None,
    applies: Callable[[S], Truth] | None = None,
    enabled: bool = True,
    cwe: Iterable[str] = (),
    scenery: Example | None = None,
) -> Callable[[Check], Rule[S]]:
    """Make a Rule of a check function. Raises RuleError if something is declared wrongly.

    The file's docstring is the documentation; its first line is the title. The function's name is the rule's id
    with underscores. Keyword-only parameters with defaults are the rule's options.

    on           the typed view of what is judged; the function's parameter has this type
    severity     of a failure
    soc2         trust services criteria that a PASS gives evidence for
    bad, good    examples; the rule fails each bad one and passes each good one
    equivalents  ids of the same check in other tools, by tool
    applies      where it is false, the verdict is NOT_APPLICABLE
    enabled      whether it runs without being selected
    cwe          numbers of the Common Weakness Enumeration
    scenery      what all examples share: each example is added to it
    """

    criteria = tuple(soc2)

    def make(check: Check) -> Rule[S]:
        module = sys.modules[check.__module__]
        doc = inspect.cleandoc(module.__doc__ or "")
        title, _, body = doc.partition("\n")
        file = getattr(module, "__file__", "") or ""
        family = file.replace("\\", "/").rsplit("/", 2)[-2] if file.count("/") + file.count("\\") > 1 else ""
        defaults = check.__kwdefaults__ or {}
        _check_declaration(title, severity, criteria)
        return Rule(
            id=check.__name__.replace("_", "-"),
            family=family.replace("_", "-"),
            title=title.rstrip("."),
            doc=body.strip(),
            on=on,
            check=check,
            severity=Severity(severity),
            soc2=criteria,
            equivalents={tool: tuple(ids) for tool, ids in (equivalents or {}).items()},
            bad=tuple(example.within(scenery) for example in bad),
            good=tuple(example.within(scenery) for example in good),
            applies=applies,
            enabled=enabled,
            cwe=tuple(cwe),
            options=dict(defaults),
            file=file,
        )

    return make


def _check_declaration(title: str, severity: str, criteria: Iterable[str]) -> None:
    """Raise RuleError for what is wrong with the declaration of a rule."""
    if not title:
        raise RuleError("the file has no docstring: its first line is the title of the rule, the rest explains it")
    if severity not in SEVERITIES:
        raise RuleError(f"there is no severity {severity!r}{did_you_mean(severity, SEVERITIES)}")
    for criterion in criteria:
        if criterion not in CRITERIA:
            raise RuleError(f"there is no trust services criterion {criterion!r}{did_you_mean(criterion, CRITERIA)}")


def rule_without_check(
    name: str, family: str, title: str, doc: str, severity: Severity, soc2: Iterable[str] = ()
) -> Rule[Any]:
    """Return a rule that the judge does not run, such as a rule of another tool. The parameters are those of Rule."""
    return Rule(name, family, title.rstrip("."), doc, object, _finds_nothing, severity, tuple(soc2), {}, (), ())


def _finds_nothing(_: Any) -> Iterator[Finding]:
    return iter(())


@cache
def sha256() -> Any:
    """SHA-256 without OpenSSL, which takes 3 ms to load; the standard library's own `random` does the same."""
    for name in ("_sha2", "_sha256", "hashlib"):  # Python 3.12 and later, 3.11, others
        try:
            return import_module(name).sha256
        except ImportError:
            pass
    raise AssertionError("hashlib is part of Python")
