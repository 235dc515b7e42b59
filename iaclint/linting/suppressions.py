"""Decides which verdicts count: marks those that somebody accepted with a reason, and never deletes one.

An ignore comment reads `# iaclint: ignore[rule-id] the reason`. It may name several ids, separated by commas; several
`ignore[...]`, each with a reason of its own, may follow each other after a semicolon; and `until=2026-12-31` may stand
before or behind a reason. It counts for every finding that its line belongs to: the use, the literal that decides it,
the line that names the resource, or the module call that leads there (then for that call only). On a line of its own
it counts for the line below, and inside a block for the whole block. In CloudFormation, also in JSON, the resource's
Metadata can hold {"iaclint": {"ignore": {"rule-id": "the reason"}}}.

What is wrong with an exception is a finding of its own, by the rules in SUPPRESSION_RULES.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, field
from msgspec.structs import replace

from iaclint.linting.config import Accepted, Config, PerPath
from iaclint.linting.other_tools import EVERYTHING, Crosswalk, Foreign, of_comment, of_metadata
from iaclint.linting.rule import Rule, Severity, foreign_rule
from iaclint.linting.verdict import Outcome, Site, Suppression, Verdict
from iaclint.model.inventory import Deployment, Resource
from iaclint.model.value import Value
from iaclint.source.edits import Edit, Fix
from iaclint.source.files import Comment, SourceFile, Span, is_downloaded, is_outside, relative
from iaclint.source.suggest import closest

if TYPE_CHECKING:
    from datetime import date


_MARK = re.compile(r"\biaclint:\s*ignore\b")
_IGNORE = re.compile(r"\bignore\b(?:\[(?P<rules>[^\]]*)\])?(?P<rest>.*?)(?=;\s*ignore\[|\Z)", re.DOTALL)
_UNTIL = re.compile(r"(?:^|\s)until=(\S+?)(?=[\s;,)]|$)")
_QUOTED = re.compile(r'^reason=(["\'])(.*)\1$')


def _meta(name: str, severity: Severity, title: str, doc: str) -> Rule[Any]:
    return foreign_rule(name, "exceptions", title, doc, severity, ("CC8.1",))


SUPPRESSION_RULES: tuple[Rule[Any], ...] = (
    _meta(
        "ignore-expired",
        Severity.LOW,
        "Exceptions should end on the day that they name",
        "An exception with a date was accepted for a while only. After that day it no longer counts, and what it hid "
        "is reported again.\n\nFix what it covers, or have it accepted anew with a later date.",
    ),
    _meta(
        "ignore-invalid",
        Severity.LOW,
        "Ignore comments should name rules that exist, and real dates",
        "A comment that names no rule, or one that does not exist, silences nothing, though its author believes that "
        "it does.\n\nWrite `iaclint: ignore[rule-id] the reason`; `iaclint rules` lists the ids.",
    ),
    _meta(
        "ignore-open-ended",
        Severity.LOW,
        "Exceptions should end within the time that the config allows",
        "Where the config sets `exception-days`, each exception must name a last day that is no further ahead, so that "
        "somebody looks at it again. One that does not still counts, and this finding says so.\n\nWrite "
        "`until=` and the day behind the brackets, or `until` into the exception of the config.",
    ),
    _meta(
        "ignore-not-allowed",
        Severity.MEDIUM,
        "Protected rules should not be silenced in the code",
        "The config lists rules under `protected` that whoever writes the code may not silence. Such a comment does "
        "not count.\n\nFix the finding, or ask those who own the config for an exception there.",
    ),
    _meta(
        "ignore-unused",
        Severity.LOW,
        "Exceptions should hide something",
        "An exception that hides nothing is left over: what it was for has been fixed or has moved. It would silently "
        "hide the next mistake at its place.\n\nRemove it.",
    ),
    _meta(
        "ignore-without-reason",
        Severity.LOW,
        "Exceptions should give a reason",
        "Whoever reviews an exception, today or in an audit, needs to know why the risk was accepted. An exception "
        "without a reason does not count.\n\nWrite the reason behind the brackets: "
        "`iaclint: ignore[rule-id] the reason`.",
    ),
)
"""The rules about exceptions themselves. Nothing runs them but `triage`."""

_BY_ID = {rule.id: rule for rule in SUPPRESSION_RULES}


class Ignore(Struct, eq=False):
    """One exception, as written: by a comment, a resource's metadata, or the config."""

    kind: Literal["inline", "metadata", "config"]
    rules: tuple[str, ...]
    reason: str
    until: str
    span: Span
    line: int = 0
    """The line that it counts on."""
    block: Span | None = None
    """A block that it counts for as a whole."""
    resource: bool = False
    """It stands alone on its line, or in a resource's metadata: then it counts for the resource around it."""
    foreign: str = ""
    """What it is, where it was written for another tool."""
    accepted: Accepted | None = None
    state: str = "unused"
    """"active", "unused", "expired", "invalid", "without reason" or "not allowed"."""
    hides: int = 0
    """Failures that it hides."""
    used: set[str] = field(default_factory=set)

    @property
    def counts(self) -> bool:
        return self.state in ("active", "unused")


class Policy(Struct, frozen=True, eq=False):
    """What triage goes by.

    families   the family of each rule that exists
    run        ids of the rules that were run: exceptions for others are not called unused
    whole      whether everything below the config's directory was looked at
    source     the config file, where there is one
    """

    config: Config
    families: Mapping[str, str]
    run: frozenset[str]
    today: date | None
    crosswalk: Crosswalk | None = None
    whole: bool = False
    source: SourceFile | None = None


class Triaged(Struct, frozen=True, eq=False):
    """The verdicts with the accepted ones marked and those on exceptions added; and the exceptions."""

    verdicts: tuple[Verdict, ...]
    exceptions: tuple[Ignore, ...]


def triage(verdicts: Iterable[Verdict], deployments: Sequence[Deployment], policy: Policy) -> Triaged:
    """Mark what is accepted, and judge the exceptions."""
    return _Triage(deployments, policy).run(tuple(verdicts))


class _Triage:
    def __init__(self, deployments: Sequence[Deployment], policy: Policy) -> None:
        self.deployments = deployments
        self.policy = policy
        self.complaints: list[Verdict] = []
        self.exceptions: list[Ignore] = []
        self.by_file: dict[str, list[Ignore]] = {}
        self.by_block: dict[tuple[str, int], list[Ignore]] = {}
        """Those of metadata, by the block that they stand in."""
        self.blocks: dict[tuple[str, int], Span] = {}
        """The extent of every resource by its header."""
        self.owner: dict[str, Deployment] = {}

    @cached_property
    def today(self) -> date:
        return self.policy.today or present_day()

    def run(self, verdicts: tuple[Verdict, ...]) -> Triaged:
        config = self.policy.config
        if config.inline_ignores:
            self._read()
        accepted = [ignore for ignore in map(self._accepted, config.exceptions) if ignore.counts]
        paths = _PathRules(config) if accepted or config.per_path else None
        marked: list[Verdict] = []
        for verdict in verdicts:
            if paths:
                verdict = paths.severity(verdict)
            if verdict.outcome in (Outcome.FAIL, Outcome.UNKNOWN) and verdict.suppressed_by is None:
                verdict = self._inline(verdict)
                if paths and verdict.suppressed_by is None:
                    verdict = self._by_config(verdict, accepted, paths)
            marked.append(verdict)
        self._unused()
        if self.complaints:
            marked += self.complaints
            marked.sort(key=lambda v: v.sort_key)
        return Triaged(tuple(marked), tuple(self.exceptions))

    # -- reading -------------------------------------------------------------------------------

    def _read(self) -> None:
        """Those of our own files: the authors of what was fetched accept nothing in our name."""
        for deployment in self.deployments:
            for resource in deployment.resources:
                self.blocks[(resource.header.file.path, resource.header.start)] = resource.span
        for deployment in self.deployments:
            for source in deployment.files:
                if source.path not in self.owner and not is_downloaded(source.path):
                    self.owner[source.path] = deployment
                    for ignore in self._comments(source):
                        if ignore.counts:
                            self.by_file.setdefault(source.path, []).append(ignore)
            for resource in deployment.resources:
                key = (resource.header.file.path, resource.header.start)
                if (
                    "Metadata" in resource.meta
                    and key not in self.by_block
                    and not is_downloaded(resource.header.file.path)
                ):
                    found = list(self._metadata(resource, deployment))
                    self.by_block[key] = [ignore for ignore in found if ignore.counts]

    def _comments(self, source: SourceFile) -> Iterator[Ignore]:
        for comment in source.comments:
            if match := _MARK.search(comment.text):
                for part in _IGNORE.finditer(comment.text, match.start()):
                    yield self._comment(source, comment, part["rules"], part["rest"])
            elif self.policy.config.honour and (
                "ignore" in comment.text or "skip" in comment.text or "kics" in comment.text
            ):
                for foreign in of_comment(comment.text):
                    if (ignore := self._foreign(foreign, comment.span)) is not None:
                        yield ignore

    def _comment(self, source: SourceFile, comment: Comment, rules: str | None, rest: str) -> Ignore:
        reason, until = _reason(rest)
        line = comment.span.line
        alone = _alone(comment.span)
        if alone:
            line = next_code_line(source, comment.span.end_line)
        ids = tuple(item.strip() for item in (rules or "").split(",") if item.strip())
        ignore = Ignore("inline", ids, reason, until, comment.span, line, resource=alone)
        if alone:
            ignore.block = enclosing_block(comment.span)
        return self._judged(ignore, self.owner[source.path])

    def _foreign(self, foreign: Foreign, span: Span) -> Ignore | None:
        """An exception for another tool, where it is to be honoured and some rule answers what it names."""
        if foreign.tool not in self.policy.config.honour or self.policy.crosswalk is None:
            return None
        rules = self.policy.crosswalk.rules(foreign)
        if not rules:
            return None
        ignore = Ignore("inline", rules, foreign.stated_reason, foreign.until, span, span.line, foreign=foreign.text)
        if foreign.scope == "file":
            ignore.block = span.file.whole
        elif foreign.scope == "block":
            ignore.resource = True
            ignore.block = enclosing_block(span)
        elif _alone(span):
            ignore.line = next_code_line(span.file, span.end_line)
        return self._judged(ignore, self.owner[span.file.path])

    def _metadata(self, resource: Resource, deployment: Deployment) -> Iterator[Ignore]:
        metadata = resource.meta["Metadata"]
        entry = metadata.path("iaclint", "ignore")
        if isinstance(entry.data, dict):
            for rule_id, text in entry.data.items():
                yield self._of_metadata((rule_id,), _text(text), text.span, deployment)
        elif isinstance(entry.data, tuple):
            for item in entry.data:
                if isinstance(item.data, dict):
                    until = _text(item.key("until"))
                    rest = (f"until={until} " if until else "") + _text(item.key("reason"))
                    yield self._of_metadata((_text(item.key("rule")),), rest, item.span, deployment)
        if self.policy.config.honour:
            for foreign, span in of_metadata(metadata):
                if (ignore := self._foreign(foreign, span)) is not None:
                    ignore.kind = "metadata"
                    yield ignore

    def _of_metadata(self, rules: tuple[str, ...], rest: str, span: Span, deployment: Deployment) -> Ignore:
        reason, until = _reason(rest)
        ids = tuple(rule_id for rule_id in rules if rule_id)
        return self._judged(Ignore("metadata", ids, reason, until, span, span.line, resource=True), deployment)

    def _accepted(self, entry: Accepted) -> Ignore:
        source = self.policy.source or SourceFile(self.policy.config.file, "", "")
        until = entry.until.isoformat() if entry.until else ""
        span = _entry_span(source, entry.number)
        ignore = Ignore("config", entry.rules, entry.reason, until, span, span.line, accepted=entry)
        return self._judged(ignore, _config_deployment(source))

    # -- judging exceptions --------------------------------------------------------------------

    def _judged(self, ignore: Ignore, deployment: Deployment) -> Ignore:
        """The exception with its state; what is wrong with it becomes a verdict."""
        self.exceptions.append(ignore)
        named = ", ".join(ignore.rules)
        state, rule, message = "", "ignore-invalid", ""
        if not ignore.rules:
            state, message = "invalid", "this ignore names no rule, so it does not count"
        elif strange := self._strange(ignore):
            state, message = "invalid", f"this ignore names {strange!r}, which is no rule{self._hint(strange)}"
        elif ignore.kind != "config" and (kept := [r for r in ignore.rules if self._is_protected(r)]):
            state, rule = "not allowed", "ignore-not-allowed"
            message = f"the config protects {', '.join(kept)}, so this ignore does not count"
        elif not ignore.reason:
            state, rule = "without reason", "ignore-without-reason"
            message = f"this ignore of {named} gives no reason, so it does not count"
        elif ignore.until:
            end = _day(ignore.until)
            if end is None:
                example = f"{self.today.year + 1}-01-31"
                state, message = "invalid", f"until={ignore.until} is no date; write it like until={example}"
            elif self.today > end:
                state, rule = "expired", "ignore-expired"
                message = f"this ignore of {named} ended on {ignore.until}, so it does not count"
        days = self.policy.config.exception_days
        if days and not state and not ignore.foreign and self._too_long(ignore.until, days):
            ends = f"ends on {ignore.until}" if ignore.until else "has no last day"
            self._complain(
                "ignore-open-ended",
                f"this ignore of {named} {ends}; at most {days} days are allowed",
                ignore,
                deployment,
            )
        if state:
            ignore.state = state
            self._complain(rule, message, ignore, deployment)
        return ignore

    def _too_long(self, until: str, days: int) -> bool:
        end = _day(until)
        return end is None or (end - self.today).days > days

    def _strange(self, ignore: Ignore) -> str:
        """The first name in it that is no rule, and in the config no family either; empty where all are."""
        known = self.policy.families
        families = set(known.values()) if ignore.kind == "config" else set[str]()
        return next((r for r in ignore.rules if r not in known and r not in families and r != EVERYTHING), "")

    def _hint(self, word: str) -> str:
        near = closest(word, self.policy.families)
        return f"; did you mean {near}?" if near else ""

    def _is_protected(self, rule_id: str) -> bool:
        protected = self.policy.config.protected
        return rule_id in protected or self.policy.families.get(rule_id, "") in protected

    def _complain(
        self, rule_id: str, message: str, ignore: Ignore, deployment: Deployment, fix: Fix | None = None
    ) -> None:
        rule = _BY_ID[rule_id]
        if rule_id in self.policy.run:
            site = Site(ignore.span, ignore.span, (), ignore.span, (), "")
            severity = Severity(self.policy.config.severity.get(rule_id, rule.severity.value))
            self.complaints.append(
                Verdict(rule, Outcome.FAIL, deployment, "", site, message, severity=severity, fix=fix)
            )

    def _unused(self) -> None:
        run = self.policy.run
        for ignore in self.exceptions:
            if not ignore.counts:
                continue
            ignore.state = "active" if ignore.used else "unused"
            if ignore.foreign:
                continue  # it serves the other tool
            if ignore.accepted is not None:
                left = [] if ignore.used or not self._looked_everywhere(ignore) else list(ignore.rules)
                deployment = _config_deployment(ignore.span.file)
            else:
                deployment = self.owner[ignore.span.file.path]
                if any(problem.fatal for problem in deployment.problems):
                    continue  # what it hides may lie in what could not be read
                left = [r for r in ignore.rules if r not in ignore.used and r in run]
            if left:
                fix = _removal(ignore) if left == list(ignore.rules) else None
                self._complain(
                    "ignore-unused", f"this ignore of {', '.join(left)} hides nothing", ignore, deployment, fix
                )

    def _looked_everywhere(self, ignore: Ignore) -> bool:
        """Whether all that an exception of the config could mean was looked at."""
        policy = self.policy
        members = {r for r, family in policy.families.items() if r in ignore.rules or family in ignore.rules}
        return policy.whole and members <= policy.run and not any(p.fatal for d in self.deployments for p in d.problems)

    # -- judging verdicts ----------------------------------------------------------------------

    def _inline(self, verdict: Verdict) -> Verdict:
        if not self.by_file and not self.by_block:
            return verdict
        header = verdict.site.header
        key = (header.file.path, header.start)
        block = self.blocks.get(key) if verdict.address else None
        spans = _spans(verdict)
        paths = dict.fromkeys(span.file.path for span in spans)
        for ignore in (*(i for path in paths for i in self.by_file.get(path, ())), *self.by_block.get(key, ())):
            name = verdict.rule.id
            if EVERYTHING in ignore.rules:
                if self._is_protected(name):
                    continue
            elif name not in ignore.rules:
                continue
            if _covers(ignore, spans, block):
                return _hidden(verdict, ignore)
        return verdict

    def _by_config(self, verdict: Verdict, accepted: list[Ignore], paths: _PathRules) -> Verdict:
        for ignore in accepted:
            entry = ignore.accepted
            assert entry is not None
            if verdict.rule.id not in entry.rules and verdict.rule.family not in entry.rules:
                continue
            if entry.path and not paths.matches(entry.path, verdict):
                continue
            if entry.address and not fnmatchcase(verdict.address, _address_pattern(entry.address)):
                continue
            return _hidden(verdict, ignore)
        for settings in paths.settings:
            if {verdict.rule.id, verdict.rule.family} & set(settings.ignore) and paths.matches(settings.path, verdict):
                reason = settings.reason or f"the config leaves {verdict.rule.id} out below {settings.path}"
                return replace(verdict, suppressed_by=Suppression("config", reason))
        return verdict


class _PathRules:
    """The patterns of a config, from the directory that it lies in."""

    def __init__(self, config: Config) -> None:
        self.base = os.path.realpath(config.directory or os.getcwd())
        self.settings: tuple[PerPath, ...] = config.per_path
        self._specs: dict[str, Any] = {}
        self._relative: dict[str, str] = {}

    def matches(self, pattern: str, verdict: Verdict) -> bool:
        return any(self._file(pattern, path) for path in {verdict.site.span.file.path, verdict.site.header.file.path})

    def severity(self, verdict: Verdict) -> Verdict:
        for settings in reversed(self.settings):
            level = settings.severity.get(verdict.rule.id)
            if level and self.matches(settings.path, verdict):
                return replace(verdict, severity=Severity(level))
        return verdict

    def _file(self, pattern: str, path: str) -> bool:
        if pattern not in self._specs:
            from pathspec import GitIgnoreSpec

            self._specs[pattern] = GitIgnoreSpec.from_lines([pattern])
        if path not in self._relative:
            self._relative[path] = relative(os.path.realpath(path), self.base)
        below = self._relative[path]
        return not is_outside(below) and bool(self._specs[pattern].match_file(below))


def _hidden(verdict: Verdict, ignore: Ignore) -> Verdict:
    ignore.used.add(verdict.rule.id)
    ignore.hides += verdict.outcome is Outcome.FAIL
    return replace(verdict, suppressed_by=Suppression(ignore.kind, ignore.reason, ignore.span, ignore.until))


def _spans(verdict: Verdict) -> tuple[Span, ...]:
    """All places whose lines belong to a finding."""
    site = verdict.site
    return (
        site.span,
        site.inner,
        site.header,
        *(step.span for step in site.trail[-1:]),
        *(call.span for call in site.calls),
    )


def _covers(ignore: Ignore, spans: tuple[Span, ...], resource: Span | None) -> bool:
    if ignore.kind == "metadata":
        return True  # found by the block that it stands in
    path = ignore.span.file.path
    if any(span.file.path == path and span.line <= ignore.line <= span.end_line for span in spans):
        return True
    if ignore.resource and resource is not None and ignore.span in resource:
        return True
    return ignore.block is not None and any(span in ignore.block for span in spans)


def _reason(rest: str) -> tuple[str, str]:
    """The reason and the date in what stands behind the brackets."""
    until = ""
    if match := _UNTIL.search(rest):
        until = match[1]
        rest = rest[: match.start()] + " " + rest[match.end() :]
    rest = " ".join(rest.split()).strip(" -:;")
    if match := _QUOTED.match(rest):
        rest = match[2].strip()
    return rest, until


def present_day() -> date:
    """The day it is."""
    from datetime import date

    return date.today()


def _day(text: str) -> date | None:
    from datetime import date

    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _text(value: Value[Any]) -> str:
    return str(value.data) if value.known and value.data is not None else ""


def _alone(span: Span) -> bool:
    """Whether nothing stands before a comment on its line."""
    return not span.file.text[span.file.lines[span.line - 1] : span.start].strip()


def next_code_line(source: SourceFile, line: int) -> int:
    """The first line below that is neither blank nor a comment."""
    at = line + 1
    while at <= len(source.lines):
        text = source.line_text(at).strip()
        if text and not text.startswith(("#", "//")):
            return at
        at += 1
    return line


def enclosing_block(span: Span) -> Span | None:
    """The module call of Terraform around a comment, by the layout that `terraform fmt` gives; None for none.

    Resources are found by their own extent; of a module call only the header is known to a finding.
    """
    source = span.file
    for line in range(span.line - 1, 0, -1):
        text = source.line_text(line)
        if text[:1] in ("", " ", "\t", "#", "/"):
            continue
        if not text.startswith("module ") or not text.rstrip().endswith("{"):
            return None
        for end in range(line + 1, len(source.lines) + 1):
            below = source.line_text(end)
            if below[:1] not in ("", " ", "\t", "#", "/"):
                closed = below.startswith("}") and end > span.line
                return source.span(source.lines[line - 1], source.lines[end - 1] + 1) if closed else None
        return None
    return None


def _removal(ignore: Ignore) -> Fix | None:
    """The fix that takes a comment away that says nothing else."""
    span = ignore.span
    if ignore.kind != "inline" or len(_IGNORE.findall(span.text)) != 1:
        return None
    if not re.match(r"\W*iaclint:\s*ignore", span.text):
        return None
    source = span.file
    start, end = span.start, span.end
    if _alone(span):
        after = source.text[end:].partition("\n")
        if not after[0].strip() and after[1]:
            start, end = source.lines[span.line - 1], end + len(after[0]) + 1
    else:
        start -= len(source.text[:start]) - len(source.text[:start].rstrip(" \t"))
    return Fix("remove this comment", (Edit(source.span(start, end), ""),))


def _address_pattern(pattern: str) -> str:
    """The pattern with the brackets of instance keys taken as they are."""
    return pattern.replace("[", "[[]")


def _entry_span(source: SourceFile, number: int) -> Span:
    """Where an exception of the config stands; the TOML reader keeps no places."""
    heads = list(re.finditer(r"^[ \t]*\[\[[ \t]*(?:tool\.iaclint\.)?exceptions[ \t]*\]\]", source.text, re.MULTILINE))
    found = heads[number] if number < len(heads) else re.search(r"^[ \t]*exceptions\b", source.text, re.MULTILINE)
    return source.span(found.start(), found.end()) if found else source.span(0, 0)


def _config_deployment(source: SourceFile) -> Deployment:
    return Deployment("iaclint", source.path, source.name, source.span(0, 0), files=(source,))
