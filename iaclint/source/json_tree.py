"""The JSON reader: text to a tree of the caller's own nodes, with the place of every node and key.

CloudFormation templates, Terraform's JSON configuration and policies within other texts are all read here. The reader
knows the grammar (RFC 8259) and its errors; a `TreeBuilder` decides what nodes, numbers and duplicate keys become.
Nothing here recurses, so no input can exhaust the stack.
"""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from typing import Generic, TypeAlias, TypeVar

Node = TypeVar("Node")
Key: TypeAlias = tuple[str, int, int]
"""A key of an object: its name, and the offsets where it starts and ends, quotes included."""


class JsonError(ValueError):
    """The text is not the JSON that is expected: why, and at which offset into the text."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class TreeBuilder(ABC, Generic[Node]):
    """Makes the nodes of a tree, parts before wholes. `start` and `end` are offsets into the text.

    A method may raise JsonError for what its language does not take, such as a duplicate key.
    """

    @abstractmethod
    def text(self, text: str, start: int, end: int) -> Node:
        """Make a string. Its escapes are decoded; the offsets include its quotes."""

    @abstractmethod
    def number(self, digits: str, start: int, end: int) -> Node:
        """Make a number from its spelling, such as "-1.5e3"."""

    @abstractmethod
    def constant(self, constant: bool | None, start: int, end: int) -> Node:
        """Make true, false or null."""

    @abstractmethod
    def array(self, items: list[Node], start: int, end: int) -> Node:
        """Make an array."""

    @abstractmethod
    def object(self, keys: list[Key], values: list[Node], start: int, end: int) -> Node:
        """Make an object. Keys are in the order of the text, duplicates included; each has a value."""

    def foreign(self, character: str, start: int) -> Node | None:  # noqa: ARG002 - for builders to override
        """Make a node of a character that is no JSON but has a meaning to the caller; None if it has none."""
        return None


def read_json(
    text: str, builder: TreeBuilder[Node], *, max_depth: int, control_characters: bool = False, noun: str = "text"
) -> Node:
    """Return the tree of a JSON text.

    max_depth           how many arrays and objects may stand within each other
    control_characters  True if strings may hold line breaks and the like, which RFC 8259 forbids
    noun                what messages call the text, such as "file"

    Raises JsonError if the text is not JSON, is empty, or nests too deep.
    """
    return _Reader(text, builder, max_depth, _LENIENT if control_characters else _STRICT, noun).read()


class _Patterns:
    """Patterns of a value and a key, given the characters that a string holds as they are."""

    def __init__(self, character: str) -> None:
        string = rf'"({character}*(?:\\.{character}*)*)"'
        number = r"(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"
        self.value = re.compile(rf"[ \t\r\n]*(?:{string}|{number}|(true|false|null)\b|([\[{{]))", re.DOTALL)
        self.key = re.compile(rf"[ \t\r\n]*{string}", re.DOTALL)
        self.plain_key = re.compile(rf'[ \t\r\n]*"({character}*)"[ \t\r\n]*:')
        """A key without escapes, and its colon: most of a JSON text, and so read in one step."""


_STRICT = _Patterns(r'[^"\\\x00-\x1f]')
_LENIENT = _Patterns(r'[^"\\]')
_TEXT, _NUMBER, _CONSTANT, _OPENING = 1, 2, 3, 4
"""The groups of `_Patterns.value`."""
_CONSTANTS = {"true": True, "false": False, "null": None}
_SPACE = re.compile(r"[ \t\r\n]*")
_MARK = re.compile(r"[ \t\r\n]*([,:\]}])")
_SHOWN = re.compile(r'"[^"\n]{0,30}"?|\w{1,30}|.', re.DOTALL)

_A_VALUE = "a value"
_A_VALUE_OR_END = "a value or ']'"
_A_KEY = "a key in double quotes (perhaps a comma too many before it)"
_A_KEY_OR_END = "a key in double quotes or '}'"
_A_COLON = "':' after a key"
_A_COMMA = "',' or the end of the object or list"


class _Open(Generic[Node]):
    """An array or object that is not closed yet."""

    __slots__ = ("closing", "keys", "start", "values")

    def __init__(self, start: int, closing: str) -> None:
        self.start = start
        self.closing = closing
        self.keys: list[Key] = []
        self.values: list[Node] = []


class _Reader(Generic[Node]):
    """The reading of one text."""

    def __init__(self, text: str, builder: TreeBuilder[Node], max_depth: int, patterns: _Patterns, noun: str) -> None:
        self.text = text
        self.builder = builder
        self.max_depth = max_depth
        self.patterns = patterns
        self.noun = noun
        self.at = 0
        self.open: list[_Open[Node]] = []

    def read(self) -> Node:
        """Read the whole text."""
        node = self._value(_A_VALUE)
        while self.open:
            around = self.open[-1]
            around.values.append(node)
            found = _MARK.match(self.text, self.at)
            mark = found[1] if found is not None else ""
            if found is None or mark not in (",", around.closing):
                raise self._unexpected(_A_COMMA, around.closing)
            self.at = found.end()
            if mark == ",":
                if around.closing == "}":
                    self._key(_A_KEY)
                node = self._value(_A_VALUE)
            else:
                node = self._close()
        self._skip()
        if self.at < len(self.text):
            raise JsonError(f"{self._shown()} follows the end of the document", self.at)
        return node

    def _value(self, wanted: str) -> Node:
        """Read a scalar or an empty array or object; of any other, its start and its first value."""
        while True:
            found = self.patterns.value.match(self.text, self.at)
            if found is None:
                return self._foreign(wanted)
            group = found.lastindex or 0
            if group == _OPENING:
                start = found.start(group)
                if len(self.open) >= self.max_depth:
                    raise JsonError(f"nested deeper than {self.max_depth} levels", start)
                self.at = found.end()
                is_object = found[group] == "{"
                opened: _Open[Node] = _Open(start, "}" if is_object else "]")
                self.open.append(opened)
                closing = _MARK.match(self.text, self.at)
                if closing is not None and closing[1] == opened.closing:
                    self.at = closing.end()
                    return self._close()
                if is_object:
                    self._key(_A_KEY_OR_END)
                wanted = _A_VALUE if is_object else _A_VALUE_OR_END
                continue
            start, self.at = found.start(group), found.end()
            if group == _TEXT:
                return self.builder.text(_decoded(found[group], start - 1), start - 1, self.at)
            if group == _NUMBER:
                return self.builder.number(found[group], start, self.at)
            return self.builder.constant(_CONSTANTS[found[group]], start, self.at)

    def _foreign(self, wanted: str) -> Node:
        """Read a character that only the builder may know."""
        self._skip()
        node = self.builder.foreign(self.text[self.at], self.at) if self.at < len(self.text) else None
        if node is None:
            raise self._unexpected(wanted, "]" if wanted == _A_VALUE_OR_END else "")
        self.at += 1
        return node

    def _key(self, wanted: str) -> None:
        """Read a key and its colon."""
        found = self.patterns.plain_key.match(self.text, self.at)
        if found is not None:
            key = (found[1], found.start(1) - 1, found.end(1) + 1)
            self.at = found.end()
        else:
            found = self.patterns.key.match(self.text, self.at)
            if found is None:
                raise self._unexpected(wanted, "}" if wanted == _A_KEY_OR_END else "")
            start = found.start(1) - 1
            key = (_decoded(found[1], start), start, found.end())
            self.at = found.end()
            colon = _MARK.match(self.text, self.at)
            if colon is None or colon[1] != ":":
                raise self._unexpected(_A_COLON)
            self.at = colon.end()
        self.open[-1].keys.append(key)

    def _close(self) -> Node:
        """Make the innermost array or object, whose closing mark was read."""
        closed = self.open.pop()
        if closed.closing == "}":
            return self.builder.object(closed.keys, closed.values, closed.start, self.at)
        return self.builder.array(closed.values, closed.start, self.at)

    def _skip(self) -> None:
        found = _SPACE.match(self.text, self.at)
        assert found is not None
        self.at = found.end()

    def _unexpected(self, wanted: str, closing: str = "") -> JsonError:
        """Return the error for what comes next. `closing` is the mark that may close the array or object here."""
        self._skip()
        at = self.at
        if at == len(self.text):
            return self._ends()
        character = self.text[at]
        if closing and character in "}]" and character != closing:
            return JsonError(f"'{character}' closes nothing that '{character}' could close", at)
        if character == '"' and wanted in (_A_COLON, _A_COMMA):
            return JsonError(f"{self._shown()} where {wanted} should be; a comma is missing before it", at)
        if character == '"' and _LENIENT.key.match(self.text, at) is not None:
            return JsonError("a string holds a line break or another control character", at)
        return JsonError(f"{self._shown()} where {wanted} should be", at)

    def _ends(self) -> JsonError:
        if not self.open:
            return JsonError(f"the {self.noun} is empty", 0)
        opened = self.open[-1]
        mark = "{" if opened.closing == "}" else "["
        line, column = line_and_column(self.text, opened.start)
        return JsonError(
            f"the {self.noun} ends before '{mark}' of line {line}, column {column} is closed", len(self.text)
        )

    def _shown(self) -> str:
        word = _SHOWN.match(self.text, self.at)
        return "'" + (word.group() if word is not None else "").replace("\n", " ") + "'"


def _decoded(raw: str, start: int) -> str:
    """Return a string with its escapes decoded."""
    if "\\" not in raw:
        return raw
    try:
        decoded: str = json.loads(f'"{raw}"', strict=False)
    except ValueError as error:
        raise JsonError(f"not a JSON string: {getattr(error, 'msg', error)}", start) from error
    return decoded


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Return the line and column of an offset, both from 1. Lines end at LF, CRLF or CR."""
    ends = [found.end() for found in re.finditer(r"\r\n?|\n", text[:offset])]
    if text[offset - 1 : offset + 1] == "\r\n":
        ends.pop()
    return len(ends) + 1, offset - (ends[-1] if ends else 0) + 1
