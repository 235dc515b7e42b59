"""The tree of a template: nodes with their places, the same for YAML and JSON.

Short forms (`!Ref X`) are what they stand for (`{"Ref": X}`): only `MappingNode.short` tells the spelling.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from msgspec import Struct, field

from iaclint.model.value import Value
from iaclint.source.files import Problem, SourceFile, Span

Scalar: TypeAlias = str | int | float | bool | None


class ScalarNode(Struct, eq=False):
    """A text, number, bool or null. If an alias stands here, `origin` is the place of the anchored node."""

    data: Scalar
    span: Span
    origin: Span | None = None


class SequenceNode(Struct, eq=False):
    """A list. `flow` is True if it is written in brackets."""

    items: list[Node]
    span: Span
    origin: Span | None = None
    flow: bool = False


class Entry(Struct, eq=False):
    """A key with its value."""

    name: str
    key: Span
    value: Node


class MappingNode(Struct, eq=False):
    """A mapping from text to nodes.

    flow   True if it is written in braces
    short  True for a short form such as `!Ref`, whose key has the place of the tag
    """

    entries: dict[str, Entry]
    span: Span
    origin: Span | None = None
    flow: bool = False
    short: bool = False

    def get(self, name: str) -> Node | None:
        """Return the value of a key; None if the key is absent."""
        entry = self.entries.get(name)
        return entry.value if entry is not None else None

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries.values())


class ValueNode(Struct, eq=False):
    """A node whose value is known already: what a transform or a loop puts in place of text."""

    value: Value[Any]
    span: Span
    origin: Span | None = None


Node: TypeAlias = ScalarNode | SequenceNode | MappingNode | ValueNode


class Document(Struct, eq=False):
    """What a file holds: the roots of its documents, and what is wrong with it. `language` is "yaml" or "json"."""

    source: SourceFile
    language: str
    roots: list[Node] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def scalar_at(node: Node | None, name: str) -> Scalar:
    """Return the scalar that a mapping has under a key; None if there is no such scalar."""
    found = node.get(name) if isinstance(node, MappingNode) else None
    return found.data if isinstance(found, ScalarNode) else None


def name_in(node: Node) -> str | None:
    """Return a name as it is written, so that a condition may be called Yes; None if the node is no scalar."""
    if not isinstance(node, ScalarNode) or node.data is None:
        return None
    return node.data if isinstance(node.data, str) else node.span.text.strip()


def is_null(node: Node | None) -> bool:
    """Return True if there is no node, or a null."""
    return node is None or (isinstance(node, ScalarNode) and node.data is None)


def size_of(node: Node) -> int:
    """Return how many nodes a tree has."""
    count, todo = 0, [node]
    while todo:
        node = todo.pop()
        count += 1
        if isinstance(node, MappingNode):
            todo += [entry.value for entry in node]
        elif isinstance(node, SequenceNode):
            todo += node.items
    return count


def value_of(node: Node) -> Value[Any]:
    """Return the data of a node as a Value. No function is evaluated."""
    if isinstance(node, SequenceNode):
        return Value(tuple(value_of(item) for item in node.items), node.span)
    if isinstance(node, MappingNode):
        return Value({entry.name: value_of(entry.value) for entry in node}, node.span)
    return node.value if isinstance(node, ValueNode) else Value(node.data, node.span)
