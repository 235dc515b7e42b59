"""Decides which verdicts count: marks those that somebody accepted with a reason, and never deletes one.

An ignore comment reads `# iaclint: ignore[rule-id] the reason`, with several ids separated by commas and,
if wanted, `until=2026-12-31` before the reason. It counts on its own line, on the line below where it stands alone,
and for the whole resource where it stands alone inside it or above it. In CloudFormation, also JSON, the resource's
Metadata can hold {"iaclint": {"ignore": {"rule-id": "the reason"}}}.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from iaclint.estate import Deployment, Problem, Resource
from iaclint.rule import Outcome, Suppression, Verdict
from iaclint.source import SourceFile, Span
from iaclint.value import Value

_IGNORE = re.compile(r"\biaclint:\s*ignore\b(?:\[(?P<rules>[^\]]*)\])?(?P<rest>.*)", re.DOTALL)
_UNTIL = re.compile(r"^until=(\S+)\s*")


@dataclass(eq=False)
class Ignore:
    """One ignore, as written: by a comment, or by a resource's metadata."""

    rules: tuple[str, ...]
    reason: str
    until: str
    span: Span
    line: int
    """The line it counts on."""
    alone: bool
    """A comment on a line of its own: then it also counts for the resource around or below it."""
    resource: Resource | None = None
    used: bool = False


def triage(
    verdicts: Iterable[Verdict],
    deployments: Sequence[Deployment],
    known_rules: Iterable[str],
    today: date,
) -> tuple[tuple[Verdict, ...], tuple[Problem, ...]]:
    """The verdicts, with those marked that an ignore covers, and what is wrong with the ignores themselves."""
    known = set(known_rules)
    problems: list[Problem] = []
    by_file: dict[str, list[Ignore]] = {}
    by_resource: dict[int, list[Ignore]] = {}
    by_header: dict[tuple[str, int, str], Resource] = {}
    for source in _files(deployments):
        found = [i for i in _comments(source) if _usable(i, known, today, problems)]
        if found:
            by_file[source.path] = found
    for deployment in deployments:
        for resource in deployment.resources:
            if by_file:
                by_header[(resource.header.file.path, resource.header.start, resource.address)] = resource
            if "Metadata" in resource.meta:
                found = [i for i in _metadata(resource) if _usable(i, known, today, problems)]
                if found:
                    by_resource[id(resource)] = found
                    by_header[(resource.header.file.path, resource.header.start, resource.address)] = resource

    def mark(verdict: Verdict) -> Verdict:
        if verdict.outcome not in (Outcome.FAIL, Outcome.UNKNOWN):
            return verdict
        header = verdict.site.header
        resource = by_header.get((header.file.path, header.start, verdict.address))
        for ignore in _candidates(verdict, resource, by_file, by_resource):
            if verdict.rule.id in ignore.rules and _covers(ignore, verdict, resource):
                ignore.used = True
                kind: Any = "metadata" if ignore.resource is not None else "inline"
                return replace(verdict, suppressed_by=Suppression(kind, ignore.reason, ignore.span, ignore.until))
        return verdict

    marked = tuple(mark(v) for v in verdicts) if by_file or by_resource else tuple(verdicts)
    for group in (*by_file.values(), *by_resource.values()):
        for ignore in group:
            if not ignore.used:
                problems.append(
                    Problem(
                        f"unused ignore of {', '.join(ignore.rules)}: nothing to ignore here", ignore.span, fatal=False
                    )
                )
    return marked, tuple(problems)


def _files(deployments: Sequence[Deployment]) -> Iterator[SourceFile]:
    seen: set[str] = set()
    for deployment in deployments:
        for source in deployment.files:
            if source.path not in seen:
                seen.add(source.path)
                yield source


def _comments(source: SourceFile) -> Iterator[Ignore]:
    for comment in source.comments:
        match = _IGNORE.search(comment.text)
        if match is None:
            continue
        line = comment.span.line
        before = source.text[source.lines[line - 1] : comment.span.start]
        alone = not before.strip()
        if alone:
            line = _next_code_line(source, comment.span.end_line)
        yield _ignore(match.group("rules") or "", match.group("rest").strip(), comment.span, line, alone)


def _next_code_line(source: SourceFile, line: int) -> int:
    """The first line below that is neither blank nor a comment."""
    at = line + 1
    while at <= len(source.lines):
        text = source.line_text(at).strip()
        if text and not text.startswith(("#", "//")):
            return at
        at += 1
    return line


def _ignore(rules: str, rest: str, span: Span, line: int, alone: bool, resource: Resource | None = None) -> Ignore:
    until = ""
    if match := _UNTIL.match(rest):
        until = match.group(1)
        rest = rest[match.end() :]
    ids = tuple(item.strip() for item in rules.split(",") if item.strip())
    return Ignore(ids, rest.strip(" -:"), until, span, line, alone, resource)


def _metadata(resource: Resource) -> Iterator[Ignore]:
    entry = resource.meta["Metadata"].path("iaclint", "ignore")
    if isinstance(entry.data, dict):
        for rule_id, reason in entry.data.items():
            text = reason.data if isinstance(reason.data, str) else ""
            yield _ignore(rule_id, text, reason.span, reason.span.line, False, resource)
    elif isinstance(entry.data, tuple):
        for item in entry.data:
            if isinstance(item.data, dict):
                parts = {name: _text(item.key(name)) for name in ("rule", "reason", "until")}
                rest = (f"until={parts['until']} " if parts["until"] else "") + parts["reason"]
                yield _ignore(parts["rule"], rest, item.span, item.span.line, False, resource)


def _text(value: Value[Any]) -> str:
    return str(value.data) if value.known and value.data is not None else ""


def _usable(ignore: Ignore, known: set[str], today: date, problems: list[Problem]) -> bool:
    """Whether an ignore counts; what is wrong with it becomes a problem that does not stop the run."""

    def complain(text: str) -> bool:
        problems.append(Problem(text, ignore.span, fatal=False))
        return False

    if not ignore.rules:
        return complain("this ignore names no rule; write iaclint: ignore[rule-id] and the reason")
    for rule_id in ignore.rules:
        if rule_id not in known:
            return complain(f"this ignore names {rule_id!r}, which is no rule")
    if not ignore.reason:
        return complain(
            f"this ignore of {', '.join(ignore.rules)} gives no reason, so it does not count; write one behind it"
        )
    if ignore.until:
        try:
            end = date.fromisoformat(ignore.until)
        except ValueError:
            return complain(f"until={ignore.until} is not a date; write it like until={today.year + 1}-01-31")
        if today > end:
            return complain(f"this ignore of {', '.join(ignore.rules)} ended on {ignore.until}, so it does not count")
    return True


def _candidates(
    verdict: Verdict,
    resource: Resource | None,
    by_file: dict[str, list[Ignore]],
    by_resource: dict[int, list[Ignore]],
) -> Iterator[Ignore]:
    for path in {span.file.path for span in _spans(verdict)}:
        yield from by_file.get(path, ())
    if resource is not None:
        yield from by_resource.get(id(resource), ())


def _spans(verdict: Verdict) -> tuple[Span, ...]:
    site = verdict.site
    return (
        site.span,
        site.inner,
        site.header,
        *(step.span for step in site.trail[-1:]),
        *(call.span for call in site.calls),
    )


def _covers(ignore: Ignore, verdict: Verdict, resource: Resource | None) -> bool:
    if ignore.resource is not None:
        return resource is ignore.resource
    path = ignore.span.file.path
    if any(span.file.path == path and span.line <= ignore.line <= span.end_line for span in _spans(verdict)):
        return True
    # alone on a line inside the resource: for all of it
    return ignore.alone and resource is not None and ignore.span in resource.span
