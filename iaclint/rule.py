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

from iaclint.model.inventory import Deployment, Gap, Resource
from iaclint.model.truth import Reason, Truth
from iaclint.model.value import Step, Value
from iaclint.source.edits import Fix
from iaclint.source.files import Problem, SourceFile, Span, relative

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


class Outcome(Enum):
    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not-applicable"
    ERROR = "error"


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


class Site(Struct, frozen=True):
    """Where a verdict is, resolved.

    span      what a person would edit: in a file of theirs, so a module from elsewhere is reported at its call
    inner     the use itself, where that lies in somebody else's module; else the same as `span`
    trail     from the use to the literal that decides it, each step with its place
    header    the line that names the resource
    calls     module calls or parent stacks that lead to it, outermost first
    attribute the property path within the resource; "" for the resource as a whole
    """

    span: Span
    inner: Span
    trail: tuple[Step, ...]
    header: Span
    calls: tuple[Step, ...]
    attribute: str


class Suppression(Struct, frozen=True):
    """Why a verdict does not count: an ignore comment, resource metadata, the config, or a baseline."""

    kind: Literal["inline", "metadata", "config", "baseline"]
    reason: str
    span: Span | None = None
    until: str = ""


class Verdict(Struct, frozen=True):
    """What one rule says of one subject; a subject with several findings has a verdict for each.

    message       for FAIL what is wrong; for UNKNOWN what cannot be told; for ERROR the exception
    because       for UNKNOWN, what decides; for FAIL, what decides whether the subject exists at all
    environments  the environments in which it holds; empty where there is only the default one
    """

    rule: Rule[Any]
    outcome: Outcome
    deployment: Deployment
    address: str
    site: Site
    message: str = ""
    reasons: tuple[Reason, ...] = ()
    severity: Severity = Severity.MEDIUM
    fix: Fix | None = None
    related: tuple[Step, ...] = ()
    environments: tuple[str, ...] = ()
    suppressed_by: Suppression | None = None

    @property
    def open(self) -> bool:
        """A failure that nothing suppresses."""
        return self.outcome is Outcome.FAIL and self.suppressed_by is None

    def fingerprint(self, base: str) -> str:
        """Identity that outlives moved lines: rule, deployment (relative to `base`), address, property and message.

        Holds no line numbers and no machine paths; the address names the module calls that lead there.
        """
        root = relative(self.deployment.root, base)
        parts = (self.rule.id, root, self.address, self.site.attribute, self.message)
        found: str = _sha256()("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
        return found

    @property
    def sort_key(self) -> tuple[str, int, int, str, str, str]:
        span = self.site.span
        return (span.file.path, span.start, span.end, self.rule.id, self.address, self.message)


@cache
def _sha256() -> Any:
    """SHA-256 without OpenSSL, which takes 3 ms to load; the standard library's own `random` does the same."""
    for name in ("_sha2", "_sha256", "hashlib"):  # Python 3.12 and later, 3.11, others
        try:
            return import_module(name).sha256
        except ImportError:
            pass
    raise AssertionError("hashlib is part of Python")


class Report(Struct, frozen=True, eq=False, dict=True):
    """Everything that came out of a run.

    rules      the rules that were run, in order of their ids
    verdicts   all of them, sorted by place
    problems   what could not be used: files that do not parse, missing var files, wrong expressions
    gaps       what could not be seen: modules that are not here, macros
    files      what was read
    base       the directory that paths in reports are relative to (the repository's root where there is one)
    version    of iaclint
    companions other tools that ran along; each has its verdicts, of rules whose family is the tool's name
    """

    rules: tuple[Rule[Any], ...]
    verdicts: tuple[Verdict, ...]
    problems: tuple[Problem, ...]
    gaps: tuple[Gap, ...]
    deployments: tuple[Deployment, ...]
    files: tuple[SourceFile, ...]
    unread: tuple[str, ...]
    base: str
    version: str
    companions: tuple[str, ...] = ()

    def of(self, outcome: Outcome) -> Iterator[Verdict]:
        """The verdicts of one outcome that are not suppressed."""
        return (v for v in self.verdicts if v.outcome is outcome and v.suppressed_by is None)

    @property
    def open(self) -> tuple[Verdict, ...]:
        """The failures that count."""
        return tuple(self.of(Outcome.FAIL))

    @property
    def suppressed(self) -> tuple[Verdict, ...]:
        return tuple(v for v in self.verdicts if v.suppressed_by is not None)

    @property
    def complete(self) -> bool:
        """Whether the whole job was done: every file read, no rule in error."""
        return not self.unread and not any(p.fatal for p in self.problems) and not any(self.of(Outcome.ERROR))
