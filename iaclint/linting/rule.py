"""What a rule is, what it says, and what a run reports.

A rule is a frozen value made by the `rule` decorator in a file of its own; nothing is registered
by importing it. `judge` runs rules; the `report` package prints what came out.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from functools import cache
from importlib import import_module
from typing import Any, Generic, Literal, Protocol, TypeVar

from msgspec import Struct, field

from iaclint.model.inventory import Resource
from iaclint.model.truth import Truth
from iaclint.model.value import Step, Value
from iaclint.source.edits import Fix
from iaclint.source.files import Span

S = TypeVar("S")
S_contra = TypeVar("S_contra", contravariant=True)


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


class Example(Struct, frozen=True):
    """The same infrastructure in both languages; it is an example in the documentation and a test.

    Where one language cannot say it, that side is None and `only` gives the reason.
    """

    terraform: str | None = None
    cloudformation: str | None = None
    only: str = ""


class Subject(Protocol):
    """What the judge needs of the thing that a rule judges; every typed view has it."""

    @property
    def address(self) -> str: ...
    @property
    def header(self) -> Span: ...
    @property
    def calls(self) -> tuple[Step, ...]: ...
    @property
    def exists(self) -> Truth: ...


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


class Check(Protocol[S_contra]):
    def __call__(self, subject: S_contra, /, **options: Any) -> Iterable[Finding]: ...


class Rule(Struct, Generic[S], frozen=True, eq=False, dict=True):
    """One rule. Made by the `rule` decorator, which says what each field means."""

    id: str
    family: str
    title: str
    doc: str
    on: type[S]
    check: Callable[..., Iterable[Finding]]
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
) -> Callable[[Callable[..., Iterable[Finding]]], Rule[S]]:
    """Make a Rule of a check function.

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
    """

    def make(check: Callable[..., Iterable[Finding]]) -> Rule[S]:
        module = sys.modules[check.__module__]
        doc = inspect.cleandoc(module.__doc__ or "")
        title, _, body = doc.partition("\n")
        file = getattr(module, "__file__", "") or ""
        family = file.replace("\\", "/").rsplit("/", 2)[-2] if file.count("/") + file.count("\\") > 1 else ""
        defaults = check.__kwdefaults__ or {}
        return Rule(
            id=check.__name__.replace("_", "-"),
            family=family.replace("_", "-"),
            title=title.rstrip("."),
            doc=body.strip(),
            on=on,
            check=check,
            severity=Severity(severity),
            soc2=tuple(soc2),
            equivalents={tool: tuple(ids) for tool, ids in (equivalents or {}).items()},
            bad=tuple(bad),
            good=tuple(good),
            applies=applies,
            enabled=enabled,
            cwe=tuple(cwe),
            options=dict(defaults),
            file=file,
        )

    return make


def foreign_rule(
    name: str, family: str, title: str, doc: str, severity: Severity, soc2: Iterable[str] = ()
) -> Rule[Any]:
    """A rule that the judge does not run, such as one of another tool that ran along."""
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
