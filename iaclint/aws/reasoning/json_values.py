"""JSON text within a Value, as a tree of Values that keep their places in the source."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from iaclint.model.value import Ref, Unknown, Value
from iaclint.source.files import Span


def scalar_text(scalar: Any) -> str:
    """A scalar as the policy language reads it."""
    if isinstance(scalar, bool):
        return "true" if scalar else "false"
    if isinstance(scalar, float) and scalar.is_integer():
        return str(int(scalar))
    return str(scalar)


# -- reading ---------------------------------------------------------------------------------------------

MAX_DEPTH = 40
"""Deeper nesting than this is no policy."""


_JSON_SPACE = re.compile(r"[ \t\r\n]*")
_JSON_STRING = re.compile(r'"[^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*"')
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_JSON_WORDS = {"true": True, "false": False, "null": None}


# An unknown piece within a text is one character of a private plane, so that the text can be read around it.
_FIRST_HOLE, _MAX_HOLES = 0xF1000, 0x1000
HOLE = re.compile(f"[{chr(_FIRST_HOLE)}-{chr(_FIRST_HOLE + _MAX_HOLES - 1)}]")


def parse_template(value: Value[Any]) -> Value[Any] | None:
    """The tree of an unknown Value whose Unknown has `parts`: the pieces of a JSON text, some of them unknown.

    A string with an unknown piece is unknown, and so is what an unknown piece stands for as a whole. None where the
    pieces are not known, or make no JSON.
    """
    assert isinstance(value.data, Unknown)
    pieces = value.data.parts
    holes = [piece for piece in pieces if not piece.known]
    if not pieces or len(holes) > _MAX_HOLES:
        return None
    text: list[str] = []
    count = 0
    for piece in pieces:
        if piece.known:
            text.append(scalar_text(piece.data))
        else:
            text.append(chr(_FIRST_HOLE + count))
            count += 1
    try:
        return _Json(value.with_data("".join(text)), holes).read()
    except ValueError:
        # the unknown pieces may hold more than a text within quotes
        return None


def parse_json(value: Value[Any]) -> Value[Any]:
    """The tree of a Value that holds JSON text, each node with the place where the source has it.

    Where the text does not stand in the source as it is, line for line, nodes have the place of the whole text.
    Raises ValueError, with line and column within the text, for what is no JSON or nests deeper than MAX_DEPTH.
    """
    return _Json(value).read()


class _Json:
    """A reader of JSON that keeps places."""

    def __init__(self, value: Value[Any], holes: Sequence[Value[Any]] = ()) -> None:
        self.value = value
        self.holes = holes
        self.text: str = value.data
        self.at = 0
        self.place = _locator(self.text, value)
        self.sources = tuple(dict.fromkeys((value.span, value.origin)))

    def read(self) -> Value[Any]:
        found = self._node(0)
        self._space()
        if self.at < len(self.text):
            raise self._error("nothing is expected after the document")
        return found

    def _error(self, message: str) -> ValueError:
        line = self.text.count("\n", 0, self.at) + 1
        column = self.at - (self.text.rfind("\n", 0, self.at) + 1) + 1
        return ValueError(f"{message} (line {line}, column {column} of the text)")

    def _space(self) -> None:
        found = _JSON_SPACE.match(self.text, self.at)
        assert found is not None
        self.at = found.end()

    def _made(self, data: Any, start: int, refs: tuple[Ref, ...] = ()) -> Value[Any]:
        value = self.value
        span = self.place(start, self.at) or self._found(data)
        # a place within the text is the decisive one; the trail leads only to the text as a whole
        if span is None:
            return Value(data, value.span, value.trail, refs, value.implicit, value.sensitive)
        return Value(data, span, (), refs, value.implicit, value.sensitive)

    def _found(self, data: Any) -> Span | None:
        """Where a source that builds the text, such as a call of jsonencode, shows a part of it.

        A text is where its literal stands, if that is so only once; a collection is where its texts are.
        """
        if isinstance(data, str):
            for needle in (f'"{data}"', '"' + data.replace("${", "$${") + '"') if data else ():
                for span in self.sources:
                    at = span.text.find(needle)
                    if at >= 0:
                        only = span.text.find(needle, at + 1) < 0
                        return Span(span.file, span.start + at, span.start + at + len(needle)) if only else None
            return None
        parts: Iterable[Value[Any]] = (
            data if isinstance(data, tuple) else data.values() if isinstance(data, dict) else ()
        )
        places = [part.span for part in parts if part.span not in (self.value.span, self.value.origin)]
        if not places or any(place.file is not places[0].file for place in places):
            return None
        return Span(places[0].file, min(place.start for place in places), max(place.end for place in places))

    def _hole(self, mark: str) -> Value[Any]:
        return self.holes[ord(mark) - _FIRST_HOLE]

    def _filled(self, text: str, start: int) -> Value[Any]:
        """A string that may have unknown pieces; it is then unknown, but for its start."""
        marks = HOLE.findall(text)
        if not marks:
            return self._made(text, start)
        unknowns = [self._hole(mark) for mark in marks]
        first = unknowns[0].data
        options = first.one_of if len(marks) == 1 else ()
        before, after = HOLE.split(text)[0], text.rpartition(marks[-1])[2]
        data = Unknown(
            first.cause,
            first.detail,
            tuple(dict.fromkeys(name for unknown in unknowns for name in unknown.data.inputs)),
            tuple(before + scalar_text(option) + after for option in options),
            before + first.prefix,
            not_null=True,
        )
        return self._made(data, start, tuple(dict.fromkeys(ref for unknown in unknowns for ref in unknown.refs)))

    def _node(self, depth: int) -> Value[Any]:
        if depth > MAX_DEPTH:
            raise self._error(f"nested deeper than {MAX_DEPTH} levels")
        self._space()
        start = self.at
        first = self.text[start : start + 1]
        if first == "{":
            return self._made(self._object(depth), start)
        if first == "[":
            return self._made(self._array(depth), start)
        if first == '"':
            text = self._string()
            return self._made(text, start) if not self.holes else self._filled(text, start)
        if self.holes and HOLE.match(first):
            self.at += 1
            return self._made(self._hole(first).data, start, self._hole(first).refs)
        for word, data in _JSON_WORDS.items():
            if self.text.startswith(word, start):
                self.at += len(word)
                return self._made(data, start)
        number = _JSON_NUMBER.match(self.text, start)
        if number is None or number.end() == start:
            raise self._error("a value is expected" if first else "the text ends too early")
        self.at = number.end()
        plain = number[0].lstrip("-").isdigit()
        return self._made(int(number[0]) if plain else float(number[0]), start)

    def _string(self) -> str:
        found = _JSON_STRING.match(self.text, self.at)
        if found is None:
            raise self._error("a string is not closed, or holds a line break")
        text = found[0][1:-1]
        if "\\" in text:
            import json

            try:
                text = json.loads(found[0])
            except ValueError:
                raise self._error("a string holds a wrong escape") from None
        self.at = found.end()
        return text

    def _object(self, depth: int) -> dict[str, Value[Any]]:
        members: dict[str, Value[Any]] = {}
        self.at += 1
        self._space()
        if self.text.startswith("}", self.at):
            self.at += 1
            return members
        while True:
            self._space()
            if not self.text.startswith('"', self.at):
                raise self._error("a name in quotes is expected")
            name = self._string()
            if name in members:
                raise self._error(f"{name!r} stands twice in one object")
            self._space()
            if not self.text.startswith(":", self.at):
                raise self._error("':' is expected")
            self.at += 1
            members[name] = self._node(depth + 1)
            if self._ends("}"):
                return members

    def _array(self, depth: int) -> tuple[Value[Any], ...]:
        items: list[Value[Any]] = []
        self.at += 1
        self._space()
        if self.text.startswith("]", self.at):
            self.at += 1
            return ()
        while True:
            items.append(self._node(depth + 1))
            if self._ends("]"):
                return tuple(items)

    def _ends(self, close: str) -> bool:
        """Whether the object or array ends here; else the comma before the next item is taken."""
        self._space()
        mark = self.text[self.at : self.at + 1]
        if mark not in (close, ","):
            raise self._error(f"',' or '{close}' is expected")
        self.at += 1
        return mark == close


def _locator(text: str, value: Value[Any]) -> Callable[[int, int], Span | None]:
    """From offsets into a text to where the source has them; None where it does not show the text.

    The source may show it as it is, or, as an indented heredoc or with interpolations, line for line.
    """
    for span in (value.origin, value.span):
        shown = span.text
        at = shown.find(text.strip("\n")) if text.strip() else -1
        if at >= 0:
            file, offset = span.file, span.start + at - (len(text) - len(text.lstrip("\n")))
            return lambda start, end: Span(file, offset + start, offset + end)
        lines = _same_lines(text, span)
        if lines is not None:
            return lines.place
    return lambda _start, _end: None


class _Lines:
    """Lines of a text and, for each, where the source has it."""

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
        return Span(self.span.file, self._offset(start, False), self._offset(end, True))

    def _offset(self, at: int, is_end: bool) -> int:
        line = bisect_right(self.starts, at) - 1
        mine, source = self.text_lines[line], self.source_lines[self.first + line]
        begin = self.source_starts[self.first + line]
        indent = len(source) - len(source.lstrip())
        column = at - self.starts[line] - (len(mine) - len(mine.lstrip()))
        return begin + indent + _same_column(mine.strip(), source.strip(), column, is_end)


def _same_column(mine: str, source: str, column: int, is_end: bool) -> int:
    """Where a column of a line is in a source line that may differ in the middle, by an interpolation."""
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


def _same_lines(text: str, span: Span) -> _Lines | None:
    """The lines of a text as a source shows them but for indentation, most of them without a change."""
    mine = text.rstrip("\n").split("\n")
    source = span.text.split("\n")
    if len(mine) < 2 or len(source) < len(mine):
        return None
    for first in range(min(3, len(source) - len(mine) + 1)):
        same = sum(a.strip() == b.strip() for a, b in zip(mine, source[first:], strict=False))
        if mine[0].strip() == source[first].strip() and same * 2 >= len(mine):
            return _Lines(text.rstrip("\n"), span, first)
    return None
