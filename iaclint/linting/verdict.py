"""Verdicts: what a rule says of a subject, where, and what a whole run found."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any, Literal

from msgspec import Struct

from iaclint.linting.rule import Rule, Severity, sha256
from iaclint.model.inventory import Deployment, Gap
from iaclint.model.truth import Reason
from iaclint.model.value import Step
from iaclint.source.edits import Fix
from iaclint.source.files import Problem, SourceFile, Span, relative


class Outcome(Enum):
    """What a rule found of a subject."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not-applicable"
    ERROR = "error"


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
        found: str = sha256()("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
        return found

    @property
    def sort_key(self) -> tuple[str, int, int, str, str, str]:
        """The order in reports: by file, place, rule, address and message."""
        span = self.site.span
        return (span.file.path, span.start, span.end, self.rule.id, self.address, self.message)


class Report(Struct, frozen=True, eq=False, dict=True):
    """Everything that came out of a run.

    rules      the rules that were run, in order of their ids
    verdicts   all of them, sorted by place
    problems   what could not be used: files that do not parse, missing var files, wrong expressions
    gaps       what could not be seen: modules that are not here, macros
    files      what was read
    base       the directory that paths in reports are relative to (the repository's root where there is one)
    version    of iaclint
    other_tools  tools that were run, too: their verdicts are of rules whose family is the name of the tool
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
    other_tools: tuple[str, ...] = ()

    def of(self, outcome: Outcome) -> Iterator[Verdict]:
        """The verdicts of one outcome that are not suppressed."""
        return (v for v in self.verdicts if v.outcome is outcome and v.suppressed_by is None)

    @property
    def open(self) -> tuple[Verdict, ...]:
        """The failures that count."""
        return tuple(self.of(Outcome.FAIL))

    @property
    def suppressed(self) -> tuple[Verdict, ...]:
        """The failures that a suppression or the baseline accepts."""
        return tuple(v for v in self.verdicts if v.suppressed_by is not None)

    @property
    def complete(self) -> bool:
        """Whether the whole job was done: every file read, no rule in error."""
        return not self.unread and not any(p.fatal for p in self.problems) and not any(self.of(Outcome.ERROR))
