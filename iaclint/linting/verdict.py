"""Verdicts: the answer of a rule about a subject, its place, and the report of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, Literal

from msgspec import Struct, field

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

    span      what the user would edit: for what is in a downloaded module, its call
    inner     the place in the downloaded module; else the same as `span`
    trail     the steps from the value to the literal that decides it
    header    the line that names the resource
    calls     the module calls or parent stacks that lead to the resource, outermost first
    attribute the path of the property within the resource; "" for the resource as a whole
    """

    span: Span
    inner: Span
    trail: tuple[Step, ...]
    header: Span
    calls: tuple[Step, ...]
    attribute: str


class Suppression(Struct, frozen=True):
    """Why a verdict is suppressed: by a comment, by metadata of a resource, by the config, or by a baseline.

    span   where the suppression is declared, or None
    until  the last day on which it counts, as text; "" for no end
    """

    kind: Literal["inline", "metadata", "config", "baseline"]
    reason: str
    span: Span | None = None
    until: str = ""


class Verdict(Struct, frozen=True):
    """The answer of one rule about one subject; a subject with several findings has a verdict for each.

    address       of the subject; "" for the deployment as a whole
    message       for FAIL what is wrong; for UNKNOWN what is not known; for ERROR the exception
    reasons       for UNKNOWN, what decides; for FAIL, what decides whether the subject exists
    related       further places that explain a failure
    environments  the environments that it holds in; empty if the config has none
    suppressed_by None if it counts
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
    """The result of a run.

    rules        the rules that were run, in the order of their ids
    verdicts     sorted by place
    problems     input that cannot be used: files that do not parse, missing files of variables, wrong expressions
    gaps         code that is missing: modules outside the scanned code, macros
    files        the files that were read
    unread       paths of files and directories that could not be read
    base         the directory that paths in reports are relative to: the root of the repository if there is one
    version      of iaclint
    baseline_met how often each entry of the baseline was met, by fingerprint: also in what is not reported
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
    baseline_met: Mapping[str, int] = field(default_factory=dict)

    def of(self, outcome: Outcome) -> Iterator[Verdict]:
        """Yield the verdicts of one outcome that are not suppressed."""
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
        """True if the input was analyzed completely: every file was read, and no rule raised an exception."""
        return not self.unread and not any(p.fatal for p in self.problems) and not any(self.of(Outcome.ERROR))
