"""Suppressions applied: accepted verdicts are marked with the reason, and none is deleted.

A suppression counts for each finding that one of its lines belongs to: the line of the value, of the literal that
decides the value, of the header of the resource, or of the module call that leads there (then for this call only). What
is wrong with a suppression is a finding of its own, by SUPPRESSION_RULES.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from iaclint.linting.config import Config
from iaclint.linting.declared_suppressions import DeclaredSuppression, SuppressionReader, of_config, removal
from iaclint.linting.other_tools import EVERYTHING, Crosswalk
from iaclint.linting.rule import Severity
from iaclint.linting.suppression_rules import SUPPRESSION_RULES
from iaclint.linting.verdict import Outcome, Site, Suppression, Verdict
from iaclint.model.inventory import Deployment, Resource
from iaclint.source.edits import Fix
from iaclint.source.files import SourceFile, Span, is_downloaded
from iaclint.source.gitignore import PathPatterns
from iaclint.source.suggest import closest

if TYPE_CHECKING:
    from datetime import date

VALID = ""
ACTIVE, UNUSED = "active", "unused"
EXPIRED, INVALID, NO_REASON, NOT_ALLOWED = "expired", "invalid", "without reason", "not allowed"

_RULES = {rule.id: rule for rule in SUPPRESSION_RULES}

Block = tuple[str, int]
"""A resource's block, by the path of its file and the offset of its header."""


class Policy(Struct, frozen=True, eq=False):
    """What decides which suppressions count.

    config     the settings
    families   the family of each rule that exists, by the id of the rule
    run        ids of the rules that were run: a suppression of another rule is not reported as unused
    today      the day on which last days are checked; None for the present day
    crosswalk  the rules that stand for checks of other tools; None if the config honours no tool
    whole      True if everything below the config's directory was scanned
    source     the config file, if it declares suppressions and can be read
    """

    config: Config
    families: Mapping[str, str]
    run: frozenset[str]
    today: date | None
    crosswalk: Crosswalk | None = None
    whole: bool = False
    source: SourceFile | None = None


class SuppressionRecord(Struct, frozen=True, eq=False):
    """A suppression and what became of it.

    state  ACTIVE, UNUSED, EXPIRED, INVALID, NO_REASON or NOT_ALLOWED
    hides  the number of failures that it suppresses
    """

    declared: DeclaredSuppression
    state: str
    hides: int


class Suppressed(Struct, frozen=True, eq=False):
    """The verdicts, the accepted ones marked, with those on suppressions added; and each suppression that was met."""

    verdicts: tuple[Verdict, ...]
    records: tuple[SuppressionRecord, ...]


def suppress(verdicts: Iterable[Verdict], deployments: Sequence[Deployment], policy: Policy) -> Suppressed:
    """Mark the verdicts that are accepted, and judge the suppressions.

    deployments  those that the verdicts are on: their files declare suppressions
    """
    return _Suppressing(deployments, policy).run(tuple(verdicts))


def present_day() -> date:
    """Return the present day."""
    from datetime import date

    return date.today()


class _Suppressing:
    """The state of one call of `suppress`."""

    def __init__(self, deployments: Sequence[Deployment], policy: Policy) -> None:
        self.deployments = deployments
        self.policy = policy
        self.states: dict[DeclaredSuppression, str] = {}
        """VALID, or what is wrong with it."""
        self.used: dict[DeclaredSuppression, set[str]] = {}
        """The rules whose verdicts it suppresses."""
        self.hides: Counter[DeclaredSuppression] = Counter()
        self.complaints: list[Verdict] = []
        self.by_file: dict[str, list[DeclaredSuppression]] = {}
        self.by_block: dict[Block, list[DeclaredSuppression]] = {}
        """Suppressions in metadata, by the block of the resource."""
        self.blocks: dict[Block, Span] = {}
        """The extent of each resource."""
        self.owner: dict[str, Deployment] = {}
        """The first deployment that a file belongs to."""

    @cached_property
    def today(self) -> date:
        return self.policy.today or present_day()

    def run(self, verdicts: tuple[Verdict, ...]) -> Suppressed:
        config = self.policy.config
        if config.inline_ignores:
            self._read()
        accepted = self._read_config()
        paths = _ConfigPaths(config) if accepted or config.per_path else None
        marked: list[Verdict] = []
        for verdict in verdicts:
            if paths:
                verdict = paths.severity(verdict)
            if verdict.outcome in (Outcome.FAIL, Outcome.UNKNOWN) and verdict.suppressed_by is None:
                verdict = self._inline(verdict)
                if paths and verdict.suppressed_by is None:
                    verdict = self._by_config(verdict, accepted, paths)
            marked.append(verdict)
        self._complain_of_unused()
        if self.complaints:
            marked += self.complaints
            marked.sort(key=lambda v: v.sort_key)
        records = [
            SuppressionRecord(declared, state or (ACTIVE if self.used.get(declared) else UNUSED), self.hides[declared])
            for declared, state in self.states.items()
        ]
        return Suppressed(tuple(marked), tuple(records))

    # -- reading -------------------------------------------------------------------------------

    def _read(self) -> None:
        """Read the suppressions in the user's own files: the authors of downloaded modules cannot accept findings."""
        reader = SuppressionReader(self.policy.config.honour, self.policy.crosswalk)
        for deployment in self.deployments:
            for resource in deployment.resources:
                self.blocks[_block(resource)] = resource.span
        for deployment in self.deployments:
            for source in deployment.files:
                if source.path not in self.owner and not is_downloaded(source.path):
                    self.owner[source.path] = deployment
                    found = self._valid(reader.of_file(source), deployment)
                    if found:
                        self.by_file[source.path] = found
            for resource in deployment.resources:
                block = _block(resource)
                if "Metadata" in resource.meta and block not in self.by_block and not is_downloaded(block[0]):
                    self.by_block[block] = self._valid(reader.of_resource(resource), deployment)

    def _read_config(self) -> list[DeclaredSuppression]:
        config = self.policy.config
        if not config.exceptions:
            return []
        source = self.policy.source or SourceFile(config.file, "", "")
        return self._valid((of_config(entry, source) for entry in config.exceptions), _config_deployment(source))

    # -- judging suppressions ------------------------------------------------------------------

    def _valid(self, declared: Iterable[DeclaredSuppression], deployment: Deployment) -> list[DeclaredSuppression]:
        """Return the suppressions that count; what is wrong with the others becomes verdicts on a deployment."""
        return [one for one in declared if self._judge(one, deployment)]

    def _judge(self, declared: DeclaredSuppression, deployment: Deployment) -> bool:
        """Return True if a suppression counts; what is wrong with it becomes a verdict on a deployment."""
        state, rule, message = self._check(declared)
        self.states[declared] = state
        days = self.policy.config.exception_days
        if days and state == VALID and not declared.other_tool and self._lasts_too_long(declared.until, days):
            ends = f"ends on {declared.until}" if declared.until else "has no last day"
            named = ", ".join(declared.rules)
            text = f"this ignore of {named} {ends}; at most {days} days are allowed"
            self._complain("ignore-open-ended", text, declared, deployment)
        if state != VALID:
            self._complain(rule, message, declared, deployment)
        return state == VALID

    def _check(self, declared: DeclaredSuppression) -> tuple[str, str, str]:
        """Return the state of a suppression, and the rule and the message if it does not count."""
        named = ", ".join(declared.rules)
        if not declared.rules:
            return INVALID, "ignore-invalid", "this ignore names no rule, so it does not count"
        if strange := self._unknown_rule(declared):
            near = closest(strange, self.policy.families)
            hint = f"; did you mean {near}?" if near else ""
            return INVALID, "ignore-invalid", f"this ignore names {strange!r}, which is no rule{hint}"
        if declared.kind != "config" and (kept := [r for r in declared.rules if self._is_protected(r)]):
            message = f"the config protects {', '.join(kept)}, so this ignore does not count"
            return NOT_ALLOWED, "ignore-not-allowed", message
        if not declared.reason:
            message = f"this ignore of {named} gives no reason, so it does not count"
            return NO_REASON, "ignore-without-reason", message
        if declared.until:
            end = _day(declared.until)
            if end is None:
                example = f"{self.today.year + 1}-01-31"
                message = f"until={declared.until} is no date; write it like until={example}"
                return INVALID, "ignore-invalid", message
            if self.today > end:
                message = f"this ignore of {named} ended on {declared.until}, so it does not count"
                return EXPIRED, "ignore-expired", message
        return VALID, "", ""

    def _lasts_too_long(self, until: str, days: int) -> bool:
        end = _day(until)
        return end is None or (end - self.today).days > days

    def _unknown_rule(self, declared: DeclaredSuppression) -> str:
        """Return the first name that is no rule (and, in the config, no family); "" if all are."""
        known = self.policy.families
        families = set(known.values()) if declared.kind == "config" else set[str]()
        return next((r for r in declared.rules if r not in known and r not in families and r != EVERYTHING), "")

    def _is_protected(self, rule_id: str) -> bool:
        protected = self.policy.config.protected
        return rule_id in protected or self.policy.families.get(rule_id, "") in protected

    def _complain(
        self,
        rule_id: str,
        message: str,
        declared: DeclaredSuppression,
        deployment: Deployment,
        fix: Fix | None = None,
    ) -> None:
        """Add a failure of one of SUPPRESSION_RULES, if the rule is run."""
        if rule_id in self.policy.run:
            rule = _RULES[rule_id]
            site = Site(declared.span, declared.span, (), declared.span, (), "")
            severity = Severity(self.policy.config.severity.get(rule_id, rule.severity.value))
            self.complaints.append(
                Verdict(rule, Outcome.FAIL, deployment, "", site, message, severity=severity, fix=fix)
            )

    def _complain_of_unused(self) -> None:
        """Report the suppressions that hide nothing, as far as the run can tell."""
        for declared, state in self.states.items():
            if state != VALID or declared.other_tool:
                continue  # one for another tool is still used by that tool
            used = self.used.get(declared, set())
            if declared.accepted is not None:
                left = list(declared.rules) if not used and self._scanned_everything_it_covers(declared) else []
                deployment = _config_deployment(declared.span.file)
            else:
                deployment = self.owner[declared.span.file.path]
                if any(problem.fatal for problem in deployment.problems):
                    continue  # it may hide something in what could not be read
                left = [rule for rule in declared.rules if rule not in used and rule in self.policy.run]
            if left:
                fix = removal(declared) if left == list(declared.rules) else None
                message = f"this ignore of {', '.join(left)} hides nothing"
                self._complain("ignore-unused", message, declared, deployment, fix)

    def _scanned_everything_it_covers(self, declared: DeclaredSuppression) -> bool:
        """Return True if the run looked at all that a suppression in the config can mean."""
        policy = self.policy
        members = {r for r, family in policy.families.items() if r in declared.rules or family in declared.rules}
        return policy.whole and members <= policy.run and not any(p.fatal for d in self.deployments for p in d.problems)

    # -- marking verdicts ----------------------------------------------------------------------

    def _inline(self, verdict: Verdict) -> Verdict:
        """Return the verdict, marked if a comment or metadata suppresses it."""
        if not self.by_file and not self.by_block:
            return verdict
        header = verdict.site.header
        block = (header.file.path, header.start)
        extent = self.blocks.get(block) if verdict.address else None
        spans = _spans(verdict)
        paths = dict.fromkeys(span.file.path for span in spans)
        candidates = (*(one for path in paths for one in self.by_file.get(path, ())), *self.by_block.get(block, ()))
        for declared in candidates:
            if self._names(declared, verdict.rule.id) and declared.covers(spans, extent):
                return self._marked(verdict, declared)
        return verdict

    def _names(self, declared: DeclaredSuppression, rule_id: str) -> bool:
        """Return True if a comment or metadata means a rule. One that means all rules leaves out protected ones."""
        if EVERYTHING in declared.rules:
            return not self._is_protected(rule_id)
        return rule_id in declared.rules

    def _by_config(self, verdict: Verdict, accepted: Sequence[DeclaredSuppression], paths: _ConfigPaths) -> Verdict:
        """Return the verdict, marked if an exception or a path of the config suppresses it."""
        for declared in accepted:
            entry = declared.accepted
            assert entry is not None
            if verdict.rule.id not in entry.rules and verdict.rule.family not in entry.rules:
                continue
            if entry.path and not paths.matches(entry.path, verdict):
                continue
            if entry.address and not fnmatchcase(verdict.address, _address_pattern(entry.address)):
                continue
            return self._marked(verdict, declared)
        for settings in paths.settings:
            if {verdict.rule.id, verdict.rule.family} & set(settings.ignore) and paths.matches(settings.path, verdict):
                reason = settings.reason or f"the config leaves {verdict.rule.id} out below {settings.path}"
                return replace(verdict, suppressed_by=Suppression("config", reason))
        return verdict

    def _marked(self, verdict: Verdict, declared: DeclaredSuppression) -> Verdict:
        self.used.setdefault(declared, set()).add(verdict.rule.id)
        self.hides[declared] += verdict.outcome is Outcome.FAIL
        by = Suppression(declared.kind, declared.reason, declared.span, declared.until)
        return replace(verdict, suppressed_by=by)


class _ConfigPaths:
    """The settings of a config that hold below some paths; patterns are relative to the config's directory."""

    def __init__(self, config: Config) -> None:
        self.patterns = PathPatterns(config.directory or os.getcwd())
        self.settings = config.per_path

    def matches(self, pattern: str, verdict: Verdict) -> bool:
        """Return True if a pattern matches the file of a finding or of the resource."""
        paths = {verdict.site.span.file.path, verdict.site.header.file.path}
        return any(self.patterns.matches(pattern, path) for path in paths)

    def severity(self, verdict: Verdict) -> Verdict:
        """Return the verdict with the severity that the last matching path sets."""
        for settings in reversed(self.settings):
            level = settings.severity.get(verdict.rule.id)
            if level and self.matches(settings.path, verdict):
                return replace(verdict, severity=Severity(level))
        return verdict


def _block(resource: Resource) -> Block:
    return (resource.header.file.path, resource.header.start)


def _spans(verdict: Verdict) -> tuple[Span, ...]:
    """Return the places that belong to a finding."""
    site = verdict.site
    return (
        site.span,
        site.inner,
        site.header,
        *(step.span for step in site.trail[-1:]),
        *(call.span for call in site.calls),
    )


def _day(text: str) -> date | None:
    from datetime import date

    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _address_pattern(pattern: str) -> str:
    """Return a pattern for `fnmatch` in which the brackets of instance keys mean themselves."""
    return pattern.replace("[", "[[]")


def _config_deployment(source: SourceFile) -> Deployment:
    """Return the deployment that verdicts on the config are about."""
    return Deployment("iaclint", source.path, source.name, source.span(0, 0), files=(source,))
