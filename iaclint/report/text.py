"""The report for a terminal: message, excerpt with a caret, trail of the value, and how to fix it."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Callable

from iaclint.linting.rule import Severity
from iaclint.linting.verdict import Outcome, Report, Verdict
from iaclint.model.inventory import Gap
from iaclint.report import Options
from iaclint.report.common import (
    Counts,
    Group,
    Masks,
    clean,
    clean_block,
    first_line,
    grouped,
    local,
    place,
    plural,
    reason_text,
    shown,
    shown_root,
    trail_text,
    undecided_text,
    words,
)
from iaclint.source.edits import Safety
from iaclint.source.files import Problem, Span

TAB = "    "
UNCUT = 200
"""Cells of an excerpt if the output is no terminal. A minified template may have one line of a megabyte."""
MAX_REASON = 220
"""Characters of the note that says why a rule exists. `iaclint explain` prints all of it."""

Style = Callable[[str, str], str]


def render(report: Report, options: Options) -> str:
    """Return the whole report."""
    return _Text(report, options).render()


class _Text:
    def __init__(self, report: Report, options: Options) -> None:
        self.report = report
        self.options = options
        self.masks = Masks(report)
        self.indent = " "
        """The blanks on the left of the bar of the last excerpt. Notes are aligned with it."""
        self.explained: set[str] = set()
        """Rules whose reason was printed. It is printed once for each rule."""
        self.style: Style = _coloured if options.colour else _plain

    def render(self) -> str:
        report, options = self.report, self.options
        parts = [self.finding(group) for group in grouped(report.open)]
        if options.show_unknown:
            parts += [self.undecided(group) for group in grouped(report.of(Outcome.UNKNOWN))]
        parts += [self.broken(verdict) for verdict in report.of(Outcome.ERROR)]
        told = [f"{clean(problem.path)}\n{clean(problem.message)}" for problem in report.problems]
        parts += [self.problem(problem) for problem in report.problems if problem.fatal or not options.quiet]
        parts += [self.unread(path) for path in report.unread if not any(clean(path) in message for message in told)]
        if not options.quiet:
            if report.gaps:
                parts.append("\n".join(dict.fromkeys(self.gap(gap) for gap in report.gaps)))
            parts.append(self.ending())
        return "".join(part + "\n\n" for part in parts)[:-1]

    # -- verdicts ------------------------------------------------------------------------------

    def finding(self, group: Group) -> str:
        verdict = group.first
        title = self.title(verdict.severity.value, verdict, verdict.message)
        lines = [title, *self.excerpt(verdict.site.span, verdict.severity.value)]
        lines += self.note("note", trail_text(verdict))
        lines += self.surroundings(group)
        for text in map(reason_text, verdict.reasons):
            lines += self.note("note", f"where it exists at all: {text}")
        if verdict.rule.id not in self.explained:
            self.explained.add(verdict.rule.id)
            lines += self.note("why", _reason_for(verdict))
        if verdict.fix:
            option = "--fix" if verdict.fix.safety is Safety.SAFE else "--fix --unsafe"
            lines += self.note("help", clean(verdict.fix.title) + (f" ({option})" if self.options.can_fix else ""))
        return "\n".join(lines)

    def undecided(self, group: Group) -> str:
        verdict = group.first
        lines = [self.title("unknown", verdict, undecided_text(verdict))]
        lines += self.excerpt(verdict.site.span, "unknown")
        for text in map(reason_text, verdict.reasons):
            if text not in lines[0]:
                lines += self.note("note", text)
        lines += self.surroundings(group)
        return "\n".join(lines)

    def broken(self, verdict: Verdict) -> str:
        lines = [self.title("error", verdict, verdict.message)]
        lines += self.excerpt(verdict.site.span, "error")
        lines += self.note("help", "this is a fault of the rule, not of your code; please report it")
        return "\n".join(lines)

    def title(self, word: str, verdict: Verdict, message: str) -> str:
        head = self.style(f"{word}[{verdict.rule.id}]", word)
        name = clean(verdict.address) or shown_root(verdict)
        return f"{head} {self.style(name, 'strong')}: {clean(message)}"

    def surroundings(self, group: Group) -> list[str]:
        """Return the notes on callers of the module, further parts, environments and instances."""
        verdict = group.first
        site = verdict.site
        lines: list[str] = []
        if site.inner != site.span:
            lines += self.note("note", f"within the module at {place(site.inner)}")
        for step in site.calls:
            if step.span != site.span:
                lines += self.note("note", f"called by {clean(step.what)}, {place(step.span)}")
        for step in verdict.related:
            lines += self.note("note", f"{clean(step.what)}, {place(step.span)}")
        if verdict.environments:
            several = "environments" if len(verdict.environments) > 1 else "environment"
            lines += self.note("note", f"in {several} {words(map(clean, verdict.environments))}")
        if group.rest:
            names = words([clean(other.address) for other in group.rest], 3)
            lines += self.note("note", f"and {plural(len(group.rest), 'more instance')}: {names}")
            trails = {trail_text(other) for other in group.rest} - {trail_text(verdict), ""}
            for trail in sorted(trails)[:3]:
                lines += self.note("note", trail)
        return lines

    def note(self, kind: str, text: str) -> list[str]:
        """Return a note below an excerpt, wrapped to the terminal's width."""
        if not text:
            return []
        lead = f"{self.indent} = {kind}: "
        lines = [text]
        if self.options.width:
            room = max(30, self.options.width - len(lead))
            lines = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]
        first = f"{self.indent} {self.style('=', 'frame')} {self.style(kind, kind)}: {lines[0]}"
        return [first, *(" " * len(lead) + line for line in lines[1:])]

    # -- the input -----------------------------------------------------------------------------

    def problem(self, problem: Problem) -> str:
        word = "error" if problem.fatal else "warning"
        message = clean(local(problem.message))
        if problem.span is None and (path := clean(local(problem.path))) and path not in message:
            message = f"{path}: {message}"
        head = f"{self.style(word, word)}: {message}"
        if problem.span is None:
            return head
        return "\n".join([head, *self.excerpt(problem.span, word)])

    def unread(self, path: str) -> str:
        return f"{self.style('error', 'error')}: {clean(local(path))} could not be read"

    def gap(self, gap: Gap) -> str:
        where = f", {place(gap.span)}" if gap.span else ""
        who = f"{clean(gap.address)}: " if gap.address and clean(gap.address) not in gap.detail else ""
        return f"{self.style('not seen', 'note')}: {who}{clean(gap.detail)}{where}"

    def ending(self) -> str:
        report, counts = self.report, Counts.of(self.report)
        lines: list[str] = []
        fixable = sum(v.fix is not None and v.fix.safety is Safety.SAFE for v in report.open)
        if fixable and self.options.can_fix:
            lines.append(f"{fixable:,} of {plural(counts.failed, 'finding')} can be fixed by iaclint: add --fix")
        if counts.undecided and not self.options.show_unknown:
            lines.append("add --show-unknown to see what could not be decided, and why")
        if report.open:
            rule = report.open[0].rule.id
            lines.append(f"run `iaclint explain {rule}` to read about a rule")
        worst = next((severity.value for severity, number in counts.findings.items() if number), "")
        broken = bool(counts.errors) or not report.complete
        mood = worst or ("error" if broken else "good")
        return "\n".join([*lines, self.style(counts.sentence(), mood)])

    # -- excerpts ------------------------------------------------------------------------------

    def excerpt(self, span: Span, mood: str) -> list[str]:
        """Return the arrow with the place, and the first line of the span, underlined."""
        part = first_line(span)
        line, column = part.file.position(part.start)
        self.indent = gutter = " " * len(str(line))
        arrow = f"{gutter}{self.style('-->', 'frame')} {shown(part.file)}:{line}:{column}"
        text = clean_block(self.masks.line(part.file, line))
        if not text.strip():
            return [arrow]
        room = max(20, (self.options.width or 0) - len(gutter) - 4) if self.options.width else UNCUT
        shown_text, before, under = _window(text, column - 1, column - 1 + part.end - part.start, room)
        bar = self.style("|", "frame")
        return [
            arrow,
            f"{gutter} {bar}",
            f"{self.style(str(line), 'frame')} {bar} {shown_text}",
            f"{gutter} {bar} {' ' * before}{self.style('^' * under, mood)}",
        ]


def _reason_for(verdict: Verdict) -> str:
    """Return the reason of the rule: the first sentences of its documentation, up to MAX_REASON characters."""
    paragraph = " ".join(verdict.rule.doc.split("\n\n", 1)[0].split())
    reason, *more = re.split(r"(?<=[.!?]) +(?=[A-Z])", paragraph)
    for sentence in more:
        if len(reason) + len(sentence) >= MAX_REASON:
            break
        reason += f" {sentence}"
    return clean(reason)


def _cells(char: str) -> int:
    """Return the number of terminal columns of a character."""
    if char == "\t":
        return len(TAB)
    if char.isascii():
        return 1
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _window(line: str, start: int, end: int, room: int) -> tuple[str, int, int]:
    """Return the part of a line around characters `start` to `end` that fits into `room` cells.

    Returns it with tabs expanded, the cells before the marked part, and the cells of the marked part (at least 1).
    """
    if len(line) <= room and sum(map(_cells, line)) <= room:
        low, high = 0, len(line)
    else:
        left = room - 2  # an ellipsis on either side
        # first the marked part, then a third of the room before it, then text after it, then more text before it
        high, left = _rightwards(line, start, min(end, len(line)), left)
        third = min(left, room // 3)
        low, spare = _leftwards(line, start, third)
        high, left = _rightwards(line, high, len(line), left - third + spare)
        low, left = _leftwards(line, low, left)
    lead = "…" if low else ""
    shown_text = lead + line[low:high].replace("\t", TAB) + ("…" if high < len(line) else "")
    before = len(lead) + sum(map(_cells, line[low:start]))
    under = sum(map(_cells, line[start : min(end, high)]))
    return shown_text.rstrip(), before, max(under, 1)


def _rightwards(line: str, at: int, stop: int, room: int) -> tuple[int, int]:
    """Return how far the room reaches to the right, and the room left."""
    while at < stop and (cells := _cells(line[at])) <= room:
        at, room = at + 1, room - cells
    return at, room


def _leftwards(line: str, at: int, room: int) -> tuple[int, int]:
    """Return how far the room reaches to the left, and the room left."""
    while at and (cells := _cells(line[at - 1])) <= room:
        at, room = at - 1, room - cells
    return at, room


# -- colours -----------------------------------------------------------------------------------

_STYLES: dict[str, dict[str, object]] = {
    Severity.CRITICAL.value: {"fg": "bright_magenta", "bold": True},
    Severity.HIGH.value: {"fg": "bright_red", "bold": True},
    Severity.MEDIUM.value: {"fg": "bright_yellow", "bold": True},
    Severity.LOW.value: {"fg": "bright_blue", "bold": True},
    "unknown": {"fg": "bright_cyan", "bold": True},
    "error": {"fg": "bright_red", "bold": True},
    "warning": {"fg": "bright_yellow", "bold": True},
    "good": {"fg": "bright_green", "bold": True},
    "frame": {"fg": "bright_blue"},
    "why": {"fg": "cyan"},
    "help": {"fg": "bright_green"},
    "note": {"fg": "cyan"},
    "strong": {"bold": True},
}


def _plain(text: str, name: str) -> str:  # noqa: ARG001 - a Style
    return text


def _coloured(text: str, name: str) -> str:
    import click

    return click.style(text, **_STYLES[name])  # type: ignore[arg-type]
