"""Where a source file shows a text that is built from it, such as a policy in a heredoc or in a call of jsonencode."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from typing import TypeAlias

from iaclint.source.files import Span

Locate: TypeAlias = Callable[[int, int], Span | None]
"""From the start and end of a part of a text to its span in the source; None if the source does not show the text."""


def locate(text: str, spans: Iterable[Span]) -> Locate:
    """Return the function that locates parts of a text in the first of the spans that shows the text.

    A span shows a text if it holds it as it is, or, as an indented heredoc or with interpolations, line for line.
    """
    for span in spans:
        shown = span.text
        at = shown.find(text.strip("\n")) if text.strip() else -1
        if at >= 0:
            file, offset = span.file, span.start + at - (len(text) - len(text.lstrip("\n")))
            return lambda start, end: Span(file, offset + start, offset + end)
        lines = _same_lines(text, span)
        if lines is not None:
            return lines.place
    return lambda _start, _end: None


def find_literal(text: str, spans: Iterable[Span]) -> Span | None:
    """Return the place of a text's literal in the first of the spans that has it; None if that has it twice."""
    for needle in (f'"{text}"', '"' + text.replace("${", "$${") + '"') if text else ():
        for span in spans:
            at = span.text.find(needle)
            if at >= 0:
                only = span.text.find(needle, at + 1) < 0
                return Span(span.file, span.start + at, span.start + at + len(needle)) if only else None
    return None


def _same_lines(text: str, span: Span) -> _Lines | None:
    """Return the lines of a text if a span shows at least half of them unchanged but for their indentation."""
    mine = text.rstrip("\n").split("\n")
    source = span.text.split("\n")
    if len(mine) < 2 or len(source) < len(mine):
        return None
    for first in range(min(3, len(source) - len(mine) + 1)):
        same = sum(a.strip() == b.strip() for a, b in zip(mine, source[first:], strict=False))
        if mine[0].strip() == source[first].strip() and same * 2 >= len(mine):
            return _Lines(text.rstrip("\n"), span, first)
    return None


class _Lines:
    """The lines of a text, which a span shows from its line `first` (counted from 0) on."""

    def __init__(self, text: str, span: Span, first: int) -> None:
        self.span = span
        self.starts = [0]
        for found in re.finditer("\n", text):
            self.starts.append(found.end())
        self.text_lines = text.split("\n")
        self.source_starts: list[int] = []
        at = 0
        for line in span.text.split("\n"):
            self.source_starts.append(span.start + at)
            at += len(line) + 1
        self.source_lines = span.text.split("\n")
        self.first = first

    def place(self, start: int, end: int) -> Span | None:
        """Return the span of a part of the text."""
        return Span(self.span.file, self._offset(start, False), self._offset(end, True))

    def _offset(self, at: int, is_end: bool) -> int:
        line = bisect_right(self.starts, at) - 1
        mine, source = self.text_lines[line], self.source_lines[self.first + line]
        begin = self.source_starts[self.first + line]
        indent = len(source) - len(source.lstrip())
        column = at - self.starts[line] - (len(mine) - len(mine.lstrip()))
        return begin + indent + column_in_source(mine.strip(), source.strip(), column, is_end)


def column_in_source(mine: str, source: str, column: int, is_end: bool) -> int:
    """Return the column of a source line that a column of a text's line stands for.

    The lines may differ in the middle, by an interpolation. Columns count from 0; a column within the difference
    becomes its start, or with `is_end` its end.
    """
    column = max(0, min(column, len(mine)))
    if mine == source:
        return column
    head = next(
        (at for at, (a, b) in enumerate(zip(mine, source, strict=False)) if a != b), min(len(mine), len(source))
    )
    tail, most = 0, min(len(mine), len(source)) - head
    while tail < most and mine[-1 - tail] == source[-1 - tail]:
        tail += 1
    if column <= head:
        return column
    if column >= len(mine) - tail:
        return len(source) - (len(mine) - column)
    return len(source) - tail if is_end else head
