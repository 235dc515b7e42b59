"""The schemas of the AWS provider's resources and data sources: attributes, their types, and nested blocks.

`aws.schema` holds one line per resource type, sorted; tests/oracle/make_schema.py makes it from
`terraform providers schema -json`. The file is read at the first use, a line is parsed at its first use.

A line is a name, a space, and a block:  name:Ftype,...  where F tells how an attribute gets its value
(r required, o optional, p optional or computed, c computed), and a nested block is  name:M(block)  with M for
its nesting (l list, e set, g single, m map). `@n` stands for the block on the line of that name.
Types: s n b d for string, number, bool, any; L S M before an element type; {name:type,...} for objects.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache

from msgspec import Struct, field

from iaclint.terraform.lang.types import BOOL, DYNAMIC, NUMBER, STRING, ListType, MapType, ObjectType, SetType, Type


class AttributeSchema(Struct, frozen=True):
    """An attribute: its type, and how it gets its value, as a letter of aws.schema ("r", "o", "p" or "c")."""

    type: Type
    flag: str


class BlockSchema(Struct, eq=False):
    """Attributes and nested blocks by name; `nesting` is list, set, single or map."""

    attributes: dict[str, AttributeSchema] = field(default_factory=dict)
    blocks: dict[str, BlockSchema] = field(default_factory=dict)
    nesting: str = ""


MAX_LEVELS = 8
"""The nesting depth to which names are listed. Some blocks are recursive, such as the statements of a web ACL."""


@cache
def resource(kind: str) -> BlockSchema | None:
    """Return the schema of a resource ("aws_vpc") or data source ("data.aws_vpc"); None if it is not known."""
    if not kind.startswith(("aws_", "data.aws_")):
        return _BUILT_IN.get(kind)
    line = _line(kind)
    return None if line is None else _Parser(line).block()


@cache
def attribute_names(kind: str) -> frozenset[str]:
    """Return the attributes and blocks of a resource type, nested ones dotted; empty if the type is not known.

    Attributes that are objects or maps are not looked into.
    """
    found = resource(kind)
    return frozenset(_names(found, "")) if found else frozenset()


def _names(block: BlockSchema, prefix: str) -> Iterator[str]:
    yield from (prefix + name for name in block.attributes)
    for name, inner in block.blocks.items():
        yield prefix + name
        if prefix.count(".") < MAX_LEVELS:
            yield from _names(inner, f"{prefix}{name}.")


@cache
def _text() -> bytes:
    """The text of aws.schema after a line break; empty if the file is missing."""
    path = os.path.join(os.path.dirname(__file__), "aws.schema")
    try:
        with open(path, "rb") as file:
            return b"\n" + file.read()
    except OSError:
        return b"\n"


def _line(name: str) -> str | None:
    """The block on the line of a name."""
    text = _text()
    mark = b"\n" + name.encode("utf-8", "replace") + b" "
    start = text.find(mark)
    if start < 0:
        return None
    return text[start + len(mark) : text.find(b"\n", start + 1)].decode()


_shared: dict[str, BlockSchema] = {}


def _reference(name: str) -> BlockSchema:
    """The block that `@n` stands for, parsed once. It is empty within itself."""
    if name not in _shared:
        _shared[name] = BlockSchema()
        _shared[name] = _Parser(_line(name) or "").block()
    return _shared[name]


_NESTING = {"l": "list", "e": "set", "g": "single", "m": "map"}
_PRIMITIVE = {"s": STRING, "n": NUMBER, "b": BOOL, "d": DYNAMIC}


class _Parser:
    """Parses the text of a block, from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._next = 0

    def block(self) -> BlockSchema:
        """Return the block that starts here."""
        text = self._text
        if text.startswith("@", self._next):
            end = self._next + 1
            while end < len(text) and text[end].isdigit():
                end += 1
            name = text[self._next : end]
            self._next = end
            return _reference(name)
        found = BlockSchema()
        while self._next < len(text) and text[self._next] != ")":
            colon = text.index(":", self._next)
            name = text[self._next : colon]
            flag = text[colon + 1]
            self._next = colon + 2
            if text[self._next : self._next + 1] == "(":
                self._next += 1
                inner = self.block()
                self._next += 1
                found.blocks[name] = BlockSchema(inner.attributes, inner.blocks, _NESTING[flag])
            else:
                found.attributes[name] = AttributeSchema(self.type(), flag)
            if text[self._next : self._next + 1] == ",":
                self._next += 1
        return found

    def type(self) -> Type:
        """Return the type that starts here."""
        text = self._text
        char = text[self._next]
        self._next += 1
        if char in _PRIMITIVE:
            return _PRIMITIVE[char]
        if char == "L":
            return ListType(self.type())
        if char == "S":
            return SetType(self.type())
        if char == "M":
            return MapType(self.type())
        fields: dict[str, Type] = {}
        while text[self._next] != "}":
            colon = text.index(":", self._next)
            name = text[self._next : colon]
            self._next = colon + 1
            fields[name] = self.type()
            if text[self._next] == ",":
                self._next += 1
        self._next += 1
        return ObjectType(fields)


def element_schema(kind: Type) -> BlockSchema | None:
    """Return the schema of the blocks that may be written for a list or set of objects; None for another type."""
    if isinstance(kind, (ListType, SetType)) and isinstance(kind.element, ObjectType):
        found = BlockSchema(nesting="set" if isinstance(kind, SetType) else "list")
        for name, inner in kind.element.attributes.items():
            found.attributes[name] = AttributeSchema(inner, "o")
        return found
    return None


def block_type(block: BlockSchema) -> Type:
    """Return the type of a nested block in expressions."""
    fields: dict[str, Type] = {name: attribute.type for name, attribute in block.attributes.items()}
    for name, inner in block.blocks.items():
        fields[name] = block_type(inner)
    element = ObjectType(fields)
    if block.nesting == "single":
        return element
    if block.nesting == "map":
        return MapType(element)
    return SetType(element) if block.nesting == "set" else ListType(element)


_BUILT_IN = {
    "terraform_data": BlockSchema(
        {
            "id": AttributeSchema(STRING, "c"),
            "input": AttributeSchema(DYNAMIC, "o"),
            "output": AttributeSchema(DYNAMIC, "c"),
            "triggers_replace": AttributeSchema(DYNAMIC, "o"),
        }
    ),
}
