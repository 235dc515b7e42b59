"""JSON texts with unknown pieces: the value that a text encodes, and the text that encodes a value.

A policy is often a text in which one ARN is unknown. The rest of the policy is read all the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from iaclint.model.value import Ref, Unknown, Value
from iaclint.source.files import Span
from iaclint.source.json_tree import JsonError, Key, TreeBuilder, line_and_column, read_json
from iaclint.source.text_places import find_literal, locate

# -- reading ---------------------------------------------------------------------------------------------

MAX_DEPTH = 41
"""The largest nesting depth of arrays and objects in a text that is read."""

_FIRST_MARK, _MAX_MARKS = 0xF1000, 0x1000
_MARK = re.compile(f"[{chr(_FIRST_MARK)}-{chr(_FIRST_MARK + _MAX_MARKS - 1)}]")
"""Each unknown piece of a text is replaced by one private-use character while the text is parsed."""


def parse_json(value: Value[Any]) -> Value[Any]:
    """Return the tree of a Value that holds a JSON text, each node with the place where the source has it.

    If the source does not show the text line for line, nodes have the place of the whole text.
    Raises ValueError, with line and column within the text, if it is not JSON or nests deeper than MAX_DEPTH.
    """
    try:
        return _parse(value, value.data, ())
    except JsonError as error:
        line, column = line_and_column(value.data, error.offset)
        raise ValueError(f"{error.message} (line {line}, column {column} of the text)") from None


def parse_json_pieces(value: Value[Any]) -> Value[Any] | None:
    """Return the tree of an unknown Value whose Unknown has `parts`: the pieces of a JSON text, some of them unknown.

    A string with an unknown piece is unknown, and so is what an unknown piece stands for as a whole. A name with an
    unknown piece remains a key; see `has_unknown_piece`. None if the pieces are not known, or make no JSON: then an
    unknown piece may hold more than a text within quotes.
    """
    assert isinstance(value.data, Unknown)
    pieces = value.data.parts
    unknowns = tuple(piece for piece in pieces if not piece.known)
    if not pieces or len(unknowns) > _MAX_MARKS:
        return None
    text: list[str] = []
    marks = iter(range(_FIRST_MARK, _FIRST_MARK + _MAX_MARKS))
    for piece in pieces:
        known = scalar_text(piece.data) if piece.known else ""
        if _MARK.search(known):  # it would be taken for an unknown piece
            return None
        text.append(known if piece.known else chr(next(marks)))
    try:
        return _parse(value, "".join(text), unknowns)
    except ValueError:
        return None


def has_unknown_piece(name: str) -> bool:
    """Return True if a name of a tree that `parse_json_pieces` made has an unknown piece."""
    return _MARK.search(name) is not None


def _parse(value: Value[Any], text: str, unknowns: Sequence[Value[Any]]) -> Value[Any]:
    return read_json(text, _ValueTree(value, text, unknowns), max_depth=MAX_DEPTH)


class _ValueTree(TreeBuilder[Value[Any]]):
    """Makes the Values that the text of one Value encodes."""

    def __init__(self, value: Value[Any], text: str, unknowns: Sequence[Value[Any]]) -> None:
        self.value = value
        self.unknowns = unknowns
        self.sources = tuple(dict.fromkeys((value.span, value.origin)))
        self.locate = locate(text, (value.origin, value.span))

    def text(self, text: str, start: int, end: int) -> Value[Any]:
        marks = _MARK.findall(text) if self.unknowns else []
        if not marks:
            return self._value(text, start, end)
        unknowns = [self._unknown(mark) for mark in marks]
        first = unknowns[0].data
        options = first.one_of if len(marks) == 1 else ()
        before, after = _MARK.split(text)[0], text.rpartition(marks[-1])[2]
        data = Unknown(
            first.cause,
            first.detail,
            tuple(dict.fromkeys(name for unknown in unknowns for name in unknown.data.inputs)),
            tuple(f"{before}{scalar_text(option)}{after}" for option in options),
            before + first.prefix,
            not_null=True,
        )
        return self._value(data, start, end, tuple(dict.fromkeys(ref for value in unknowns for ref in value.refs)))

    def number(self, digits: str, start: int, end: int) -> Value[Any]:
        return self._value(int(digits) if digits.lstrip("-").isdigit() else float(digits), start, end)

    def constant(self, constant: bool | None, start: int, end: int) -> Value[Any]:
        return self._value(constant, start, end)

    def array(self, items: list[Value[Any]], start: int, end: int) -> Value[Any]:
        return self._value(tuple(items), start, end)

    def object(self, keys: list[Key], values: list[Value[Any]], start: int, end: int) -> Value[Any]:
        members: dict[str, Value[Any]] = {}
        for (name, _, key_end), value in zip(keys, values, strict=True):
            if name in members:
                raise JsonError(f"{name!r} stands twice in one object", key_end)
            members[name] = value
        return self._value(members, start, end)

    def foreign(self, character: str, start: int) -> Value[Any] | None:
        if not self.unknowns or not _MARK.match(character):
            return None
        unknown = self._unknown(character)
        return self._value(unknown.data, start, start + 1, unknown.refs)

    def _unknown(self, mark: str) -> Value[Any]:
        return self.unknowns[ord(mark) - _FIRST_MARK]

    def _value(self, data: Any, start: int, end: int, refs: tuple[Ref, ...] = ()) -> Value[Any]:
        value = self.value
        span = self.locate(start, end) or self._built_from(data)
        # a place within the text is the one that decides; the trail leads only to the text as a whole
        if span is None:
            return Value(data, value.span, value.trail, refs, value.implicit, value.sensitive)
        return Value(data, span, (), refs, value.implicit, value.sensitive)

    def _built_from(self, data: Any) -> Span | None:
        """Return the place of a node if the source builds the text, as a call of jsonencode does.

        A text has the place of its literal; an array or object reaches from the first to the last of its parts.
        """
        if isinstance(data, str):
            return find_literal(data, self.sources)
        parts: Iterable[Value[Any]] = (
            data if isinstance(data, tuple) else data.values() if isinstance(data, dict) else ()
        )
        places = [part.span for part in parts if part.span not in (self.value.span, self.value.origin)]
        if not places or any(place.file is not places[0].file for place in places):
            return None
        return Span(places[0].file, min(place.start for place in places), max(place.end for place in places))


def scalar_text(scalar: Any) -> str:
    """Return a scalar converted to text: true, 1.5, and 1 for 1.0."""
    if isinstance(scalar, bool):
        return "true" if scalar else "false"
    if isinstance(scalar, float) and scalar.is_integer():
        return str(int(scalar))
    return str(scalar)


# -- writing ---------------------------------------------------------------------------------------------


class JsonStyle(Struct, frozen=True):
    """How a language writes values as JSON.

    string   the JSON of a text, with its quotes
    scalar   the JSON of any other scalar
    is_text  True for an unknown value that can only be a text, and so stands between quotes
    items    the items of a list or set, in the order of the JSON
    sorted   True if the members of objects are sorted by name
    """

    string: Callable[[str], str]
    scalar: Callable[[Any], str]
    is_text: Callable[[Value[Any]], bool]
    items: Callable[[Value[Any]], Sequence[Value[Any]]] = lambda value: value.data
    sorted: bool = False


def json_pieces(value: Value[Any], style: JsonStyle) -> Iterator[str | Value[Any]]:
    """Yield the pieces of the JSON text of a value: known texts, and unknown values."""
    data = value.data
    if isinstance(data, Unknown):
        if not style.is_text(value):  # its possible data are not its JSON
            yield replace(value, data=replace(data, one_of=()))
            return
        yield '"'
        for piece in data.parts or (value,):
            yield style.string(piece.data)[1:-1] if isinstance(piece.data, str) else piece
        yield '"'
    elif isinstance(data, tuple):
        for index, item in enumerate(style.items(value)):
            yield "," if index else "["
            yield from json_pieces(item, style)
        yield "]" if data else "[]"
    elif isinstance(data, dict):
        for index, name in enumerate(sorted(data) if style.sorted else data):
            yield ("," if index else "{") + style.string(name) + ":"
            yield from json_pieces(data[name], style)
        yield "}" if data else "{}"
    else:
        yield style.string(data) if isinstance(data, str) else style.scalar(data)
