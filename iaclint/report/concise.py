"""One line a finding, `path:line:col: severity rule-id message (address)`: stable, for grep and for editors."""

from __future__ import annotations

from collections.abc import Iterator

from iaclint.report import Options
from iaclint.report.common import clean, local, reason_text, shown, shown_root, undecided_text
from iaclint.rule import Outcome, Report, Verdict
from iaclint.source import Span


def render(report: Report, options: Options) -> str:
    """The lines; without `quiet`, also problems that hindered nothing."""
    return "".join(line + "\n" for line in _lines(report, options))


def _lines(report: Report, options: Options) -> Iterator[str]:
    for verdict in report.open:
        yield _line(verdict, verdict.severity.value, verdict.message)
    if options.show_unknown:
        for verdict in report.of(Outcome.UNKNOWN):
            reasons = "; ".join(map(reason_text, verdict.because))
            yield _line(verdict, "unknown", undecided_text(verdict, reasons))
    for verdict in report.of(Outcome.ERROR):
        yield _line(verdict, "error", verdict.message)
    for problem in report.problems:
        if problem.fatal or not options.quiet:
            where = _at(problem.span) if problem.span else clean(local(problem.path)) or "-"
            yield f"{where}: {'error' if problem.fatal else 'warning'} {clean(local(problem.message))}"


def _line(verdict: Verdict, word: str, message: str) -> str:
    name = clean(verdict.address) or shown_root(verdict)
    return f"{_at(verdict.site.span)}: {word} {verdict.rule.id} {clean(message)} ({name})"


def _at(span: Span) -> str:
    line, column = span.file.position(span.start)
    return f"{shown(span.file)}:{line}:{column}"
