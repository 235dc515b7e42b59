"""Annotations of a GitHub Actions run: workflow commands, one a line.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
A step shows ten annotations a level (actions/toolkit, docs/problem-matchers.md, "Limitations"); so the
worst ten are written, those in changed files first, and a last line says how many are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from iaclint.linting.rule import Severity
from iaclint.linting.verdict import Outcome, Report
from iaclint.report import Options
from iaclint.report.common import Counts, Paths, clean, grouped, plural, sentence, trail_text
from iaclint.source.files import Span

LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
}
LIMIT = 10
"""Annotations of one level that a step may have."""
MAX_MESSAGE = 4000


class _Annotation(Struct, frozen=True):
    level: str
    order: tuple[object, ...]
    span: Span | None
    title: str
    message: str


def render(report: Report, options: Options) -> str:
    """Return the workflow commands, errors first, and the summary as a line of plain text."""
    paths = Paths(report.base)
    found = sorted(_annotations(report, options, paths), key=lambda a: a.order)
    lines: list[str] = []
    left_out = 0
    for level in ("error", "warning", "notice"):
        same = [annotation for annotation in found if annotation.level == level]
        lines += [_command(annotation, paths) for annotation in same[:LIMIT]]
        left_out += len(same[LIMIT:])
    if left_out:
        lines.append(f"iaclint: {plural(left_out, 'more annotation')} left out, since GitHub shows {LIMIT} a level")
    if not options.quiet:
        lines.append(f"iaclint: {Counts.of(report).sentence()}")
    return "".join(line + "\n" for line in lines)


def _annotations(report: Report, options: Options, paths: Paths) -> Iterator[_Annotation]:
    for index, problem in enumerate(report.problems):
        if problem.fatal:
            text = paths.scrub(problem.message)
            if problem.span is None and problem.path and problem.path not in problem.message:
                text = f"{paths.scrub(problem.path)}: {text}"
            yield _Annotation("error", (0, index), problem.span, "iaclint", sentence(text))
    for group in grouped(report.open):
        verdict = group.first
        span = paths.anchor(verdict)
        parts = [sentence(f"{verdict.address}: {verdict.message}" if verdict.address else verdict.message)]
        trail = trail_text(verdict, paths)
        parts += [sentence(trail)] if trail else []
        parts += [f"And {plural(len(group.rest), 'more instance')}."] if group.rest else []
        parts += [f"Fix: {sentence(verdict.fix.title)}"] if verdict.fix else []
        changed = span.file.path in options.changed
        order = (1, not changed, verdict.severity.rank, paths.shown(span.file), span.start, verdict.sort_key)
        yield _Annotation(LEVELS[verdict.severity], order, span, verdict.rule.id, "\n".join(parts))
    for index, verdict in enumerate(report.of(Outcome.ERROR)):
        text = sentence(f"{verdict.address}: {verdict.message}")
        yield _Annotation("error", (2, index), paths.anchor(verdict), verdict.rule.id, text)


def _command(annotation: _Annotation, paths: Paths) -> str:
    properties: dict[str, str] = {}
    span = annotation.span
    if span is not None and paths.inside(span.file.path):
        properties["file"] = paths.shown(span.file)
        line, column = span.file.position(span.start)
        end_line, end_column = span.file.position(span.end)
        properties |= {"line": str(line), "endLine": str(end_line)}
        if line == end_line:  # columns of a place of several lines are refused
            properties |= {"col": str(column), "endColumn": str(max(end_column, column))}
    properties["title"] = annotation.title
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{annotation.level} {listed}::{_data(annotation.message[:MAX_MESSAGE])}"


def _data(text: str) -> str:
    """Return a message, escaped for the runner (actions/toolkit, packages/core/src/command.ts)."""
    lines = "\n".join(map(clean, text.split("\n")))
    return lines.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return clean(text).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
