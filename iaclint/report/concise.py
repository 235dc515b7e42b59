"""One line a finding, `path:line:col: severity rule-id message (address)`: stable, for grep and for editors.

If several deployments have the same finding, such as roots that call one module, each line ends in
`(address in deployment)`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from iaclint.linting.verdict import Outcome, Report, Verdict
from iaclint.report import Options
from iaclint.report.common import clean, local, reason_text, shown, shown_root, undecided_text
from iaclint.source.files import Span


def render(report: Report, options: Options) -> str:
    """Return a line for each open finding, undecided verdict (with `show_unknown`), error and problem.

    With `quiet`, only fatal problems.
    """
    return "".join(line + "\n" for line in _lines(report, options))


def _lines(report: Report, options: Options) -> Iterator[str]:
    said = list(_said(report, options))
    times = Counter((text, verdict.address) for verdict, text in said)
    for verdict, text in said:
        name = clean(verdict.address)
        if name and times[text, verdict.address] > 1:
            name = f"{name} in {shown_root(verdict)}"
        yield f"{text} ({name or shown_root(verdict)})"
    for problem in report.problems:
        if problem.fatal or not options.quiet:
            where = _at(problem.span) if problem.span else clean(local(problem.path)) or "-"
            yield f"{where}: {'error' if problem.fatal else 'warning'} {clean(local(problem.message))}"


def _said(report: Report, options: Options) -> Iterator[tuple[Verdict, str]]:
    """Yield each verdict with its line, which lacks the address."""
    for verdict in report.open:
        yield verdict, _line(verdict, verdict.severity.value, verdict.message)
    if options.show_unknown:
        for verdict in report.of(Outcome.UNKNOWN):
            reasons = "; ".join(map(reason_text, verdict.reasons))
            yield verdict, _line(verdict, "unknown", undecided_text(verdict, reasons))
    for verdict in report.of(Outcome.ERROR):
        yield verdict, _line(verdict, "error", verdict.message)


def _line(verdict: Verdict, word: str, message: str) -> str:
    return f"{_at(verdict.site.span)}: {word} {verdict.rule.id} {clean(message)}"


def _at(span: Span) -> str:
    line, column = span.file.position(span.start)
    return f"{shown(span.file)}:{line}:{column}"
