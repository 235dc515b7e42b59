"""A summary in GitHub's Markdown, for `$GITHUB_STEP_SUMMARY` and for comments on pull requests.

GitHub drops a summary of more than 1 MiB as a whole, and a comment of more than 65,536 characters. The summary counts
the rows that do not fit. Source text is shown as code or escaped, so that it is no link, mention, image or HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from iaclint.linting.verdict import Outcome, Report, Suppression, Verdict
from iaclint.model.inventory import Gap
from iaclint.report import Options
from iaclint.report.common import (
    Counts,
    Group,
    Paths,
    clean,
    grouped,
    plural,
    sentence,
    trail_text,
    undecided_text,
    words,
)

MAX_BYTES = 900_000
MAX_ROWS = 1_000
MAX_TEXT = 500
"""Characters of one source text. No ordinary message or name is as long."""


def render(report: Report, options: Options) -> str:
    """Return the summary: findings, then undecided and accepted verdicts, then gaps and problems."""
    blocks: list[str] = []
    size = 0
    for block in _blocks(report, options):
        size += len(block.encode()) + 2
        if size > MAX_BYTES:
            blocks.append("_The rest does not fit here; run iaclint to see it._")
            break
        blocks.append(block)
    return "\n\n".join(blocks) + "\n"


def _blocks(report: Report, options: Options) -> Iterator[str]:
    counts = Counts.of(report)
    paths = Paths(report.base)
    yield "## iaclint"
    yield ("✅ " if not counts.failed and report.complete else "") + sentence(counts.sentence())
    if not report.complete:
        yield "> [!CAUTION]\n> The job was not done: some input could not be used, so this says less than it should."
        yield from _table(("problem", "place"), _problem_rows(report, paths))
    open_groups = sorted(grouped(report.open), key=lambda g: (g.first.severity.rank, g.first.sort_key))
    for severity, groups in groupby(open_groups, key=lambda g: g.first.severity):
        listed = list(groups)
        yield f"### {severity.value.capitalize()}: {len(listed)}"
        yield from _table(("rule", "resource", "finding", "place"), [_finding_row(g, paths) for g in listed])
    if options.quiet:
        return
    undecided = grouped(report.of(Outcome.UNKNOWN))
    if undecided and options.show_unknown:
        rows = [_undecided_row(group.first, paths) for group in undecided]
        yield _folded(f"{len(undecided)} undecided", _table(("rule", "resource", "why", "place"), rows))
    accepted = [(v, v.suppressed_by) for v in report.verdicts if v.suppressed_by and v.outcome is Outcome.FAIL]
    if accepted:
        rows = [_accepted_row(verdict, by, paths) for verdict, by in accepted]
        yield _folded(f"{len(accepted)} suppressed", _table(("rule", "resource", "reason", "place"), rows))
    if report.gaps:
        rows = [_gap_row(gap, paths) for gap in report.gaps]
        yield _folded(f"{len(report.gaps)} not seen", _table(("what", "address", "place"), rows))
    if report.open:
        yield "Run `iaclint explain RULE` to read about a rule."


def _finding_row(group: Group, paths: Paths) -> tuple[str, ...]:
    verdict = group.first
    text = escaped(verdict.message)
    trail = trail_text(verdict, paths)
    if trail:
        text += f"<br>{code(trail)}"
    if verdict.environments:
        text += f"<br>in {words([code(name) for name in verdict.environments])}"
    resource = code(verdict.address or ".")
    if group.rest:
        resource += f"<br>and {plural(len(group.rest), 'more instance')}"
    return code(verdict.rule.id), resource, text, code(paths.place(paths.anchor(verdict)))


def _undecided_row(verdict: Verdict, paths: Paths) -> tuple[str, ...]:
    why = undecided_text(verdict, "; ".join(map(paths.reason, verdict.reasons)))
    place = code(paths.place(paths.anchor(verdict)))
    return code(verdict.rule.id), code(verdict.address or "."), escaped(why.removeprefix("cannot tell: ")), place


def _accepted_row(verdict: Verdict, by: Suppression, paths: Paths) -> tuple[str, ...]:
    reason = escaped(by.reason) + (f" (until {code(by.until)})" if by.until else "")
    place = code(paths.place(by.span or paths.anchor(verdict)))
    return code(verdict.rule.id), code(verdict.address or "."), f"{by.kind}: {reason}", place


def _gap_row(gap: Gap, paths: Paths) -> tuple[str, ...]:
    return escaped(gap.detail), code(gap.address), code(paths.place(gap.span)) if gap.span else ""


def _problem_rows(report: Report, paths: Paths) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    told = ""
    for problem in report.problems:
        if problem.fatal:
            place = paths.place(problem.span) if problem.span else paths.scrub(problem.path)
            rows.append((escaped(paths.scrub(problem.message)), code(place)))
            told += f"{problem.path}\n{problem.message}\n"
    rows += [("could not be read", code(paths.scrub(path))) for path in report.unread if path not in told]
    rows += [
        (escaped(f"{verdict.rule.id}: {verdict.message}"), code(paths.place(paths.anchor(verdict))))
        for verdict in report.of(Outcome.ERROR)
    ]
    return rows


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    """Yield tables of a hundred rows each, so that a summary that is too long loses few rows."""
    for start in range(0, min(len(rows), MAX_ROWS), 100):
        lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
        lines += [f"| {' | '.join(row)} |" for row in rows[start : min(start + 100, MAX_ROWS)]]
        yield "\n".join(lines)
    if len(rows) > MAX_ROWS:
        yield f"_and {len(rows) - MAX_ROWS:,} more_"


def _folded(title: str, blocks: Iterator[str]) -> str:
    return f"<details><summary>{title}</summary>\n\n" + "\n\n".join(blocks) + "\n\n</details>"


# -- escaping: https://github.github.com/gfm/ --------------------------------------------------


def escaped(text: str) -> str:
    """Return text escaped so that GitHub shows it unchanged: no markup, no mention, no HTML, no link."""
    text = _short(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = re.sub(r"([\\`*_{}\[\]()|~$])", r"\\\1", text)
    # a zero-width space keeps GitHub from reading a mention, a reference or a link
    return re.sub(r"(@|#(?=\d)|://|\bwww\.)", "\\1\u200b", text)


def code(text: str) -> str:
    """Return text as a code span. Its delimiters are longer than the backticks in it; bars are escaped for tables."""
    text = _short(text)
    if not text:
        return ""
    ticks = "`" * (max([0, *(len(run) for run in re.findall("`+", text))]) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    # a table would take a backslash before a bar for an escape
    return f"{ticks}{pad}{text}{pad}{ticks}".replace("\\|", "\\\u200b|").replace("|", "\\|")


def _short(text: str) -> str:
    text = clean(text).strip()
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"
