"""The report for programs: one JSON document, described by `schema/report-1.schema.json`.

The form is versioned: within a version, members are added but never renamed or removed. All paths are
relative to the repository (or to the scanned directory, outside of one), whatever the working directory is.
Text is given as it is in the input; it is escaped to ASCII, so that printing it is safe.
"""

from __future__ import annotations

from collections.abc import Iterable
from json import dumps
from typing import Any

from iaclint.linting.verdict import Outcome, Report, Verdict
from iaclint.model.inventory import Gap
from iaclint.model.value import Step
from iaclint.report import Options
from iaclint.report.common import Counts, Paths
from iaclint.source.edits import Fix
from iaclint.source.files import Problem, Span

VERSION = 1


def render(report: Report, options: Options) -> str:
    """Return the JSON document, with one verdict on each line."""
    paths = Paths(report.base)
    wanted = [v for v in report.verdicts if v.outcome in (Outcome.FAIL, Outcome.ERROR)]
    if options.show_unknown:
        wanted = [v for v in report.verdicts if v.outcome in (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN)]
    members: dict[str, Any] = {
        "version": VERSION,
        "tool": {"name": "iaclint", "version": report.version},
        "verdicts": [_verdict(v, report, paths) for v in wanted],
        "problems": [_problem(p, paths) for p in report.problems],
        "gaps": [_gap(g, paths) for g in report.gaps],
        "unread": [paths.scrub(path) for path in report.unread],
        "summary": _summary(report),
    }
    return lines(members)


def lines(members: dict[str, Any]) -> str:
    """Return an object as JSON, with each item of its lists on a line of its own."""
    parts: list[str] = []
    for name, value in members.items():
        if isinstance(value, list) and value:
            items = ",\n  ".join(dumps(item, separators=(", ", ": ")) for item in value)
            parts.append(f" {dumps(name)}: [\n  {items}\n ]")
        else:
            parts.append(f" {dumps(name)}: {dumps(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _verdict(verdict: Verdict, report: Report, paths: Paths) -> dict[str, Any]:
    span = paths.anchor(verdict)
    found: dict[str, Any] = {
        "rule": verdict.rule.id,
        "severity": verdict.severity.value,
        "outcome": verdict.outcome.value,
        "address": verdict.address,
        "attribute": verdict.site.attribute,
        "deployment": paths.inside(verdict.deployment.root) or verdict.deployment.name,
        **_place(span, paths),
        "message": verdict.message,
        "because": [paths.reason(reason) for reason in verdict.reasons],
        "trail": _steps(verdict.site.trail, paths),
        "calls": _steps(verdict.site.calls, paths),
        "related": _steps(verdict.related, paths),
        "environments": list(verdict.environments),
        "fingerprint": verdict.fingerprint(report.base),
    }
    if verdict.site.inner != span:
        found["inner"] = _place(verdict.site.inner, paths)
    if verdict.fix:
        found["fix"] = _fix(verdict.fix, paths)
    if verdict.suppressed_by:
        by = verdict.suppressed_by
        found["suppressed_by"] = {"kind": by.kind, "reason": by.reason, "until": by.until or None}
        if by.span:
            found["suppressed_by"] |= _place(by.span, paths)
    return found


def _place(span: Span, paths: Paths) -> dict[str, Any]:
    line, column = span.file.position(span.start)
    end_line, end_column = span.file.position(span.end)
    return {
        "file": paths.shown(span.file),
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    }


def _steps(steps: Iterable[Step], paths: Paths) -> list[dict[str, Any]]:
    return [{"what": step.what, **_place(step.span, paths)} for step in steps]


def _fix(fix: Fix, paths: Paths) -> dict[str, Any]:
    edits = [{**_place(edit.span, paths), "text": edit.text} for edit in fix.edits]
    return {"title": fix.title, "safety": fix.safety.value, "edits": edits}


def _problem(problem: Problem, paths: Paths) -> dict[str, Any]:
    found: dict[str, Any] = {"message": paths.scrub(problem.message), "fatal": problem.fatal}
    if problem.span:
        found |= _place(problem.span, paths)
    elif problem.path:
        found["file"] = paths.scrub(problem.path)
    return found


def _gap(gap: Gap, paths: Paths) -> dict[str, Any]:
    found: dict[str, Any] = {"why": gap.detail, "address": gap.address}
    if gap.span:
        found |= _place(gap.span, paths)
    return found


def _summary(report: Report) -> dict[str, Any]:
    counts = Counts.of(report)
    return {
        "findings": {"total": counts.failed} | {s.value: n for s, n in counts.findings.items()},
        "passed": counts.passed,
        "undecided": counts.undecided,
        "suppressed": counts.suppressed,
        "errors": counts.errors,
        "files_read": counts.files,
        "files_unread": counts.unread,
        "modules_not_seen": counts.modules,
        "other_gaps": counts.gaps,
        "complete": report.complete,
    }
