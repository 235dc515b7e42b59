"""JSON configuration: .tf.json and .tfvars.json files as the same tree that HCL gives.

Strings are templates where an expression is expected. Which properties are nested blocks is decided by what is known of
the block; within resources it is left to the evaluation, which knows the schema (`Body.json`).

Source of facts: the Terraform documentation of its JSON configuration syntax.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from msgspec import Struct

from iaclint.source.files import SourceFile, Span
from iaclint.source.json_tree import JsonError, Key, TreeBuilder, read_json
from iaclint.terraform.syntax.building import MAX_DEPTH
from iaclint.terraform.syntax.parser import parse_expression, template_in
from iaclint.terraform.syntax.tree import (
    Attribute,
    Block,
    Body,
    Expression,
    HclSyntaxError,
    Literal,
    ObjectExpr,
    TupleExpr,
)


class Node(Struct, frozen=True):
    """A JSON value: a scalar, a list of nodes, or (key, key span, node) members in order."""

    span: Span
    kind: str  # scalar, string, list, object
    value: Any
    exact: bool = True


class _Tree(TreeBuilder[Node]):
    """Makes the nodes of a file. Numbers are exact; members of an object may have the same key."""

    def __init__(self, source: SourceFile) -> None:
        self.source = source

    def text(self, text: str, start: int, end: int) -> Node:
        exact = len(text) == end - start - 2  # an escape is always longer than what it stands for
        return Node(self.source.span(start, end), "string", text if exact else _without_lone_surrogates(text), exact)

    def number(self, digits: str, start: int, end: int) -> Node:
        exponent = re.search(r"[eE]([+-]?\d+)", digits)
        if len(digits) > 2000 or (exponent and abs(int(exponent[1])) > 4096):
            raise JsonError("the number is too large to be read", start)
        number = Fraction(digits)
        return Node(self.source.span(start, end), "scalar", number.numerator if number.denominator == 1 else number)

    def constant(self, constant: bool | None, start: int, end: int) -> Node:
        return Node(self.source.span(start, end), "scalar", constant)

    def array(self, items: list[Node], start: int, end: int) -> Node:
        return Node(self.source.span(start, end), "list", items)

    def object(self, keys: list[Key], values: list[Node], start: int, end: int) -> Node:
        span = self.source.span
        members = [
            (_without_lone_surrogates(name), span(key_start, key_end), value)
            for (name, key_start, key_end), value in zip(keys, values, strict=True)
        ]
        return Node(span(start, end), "object", members)


def _without_lone_surrogates(text: str) -> str:
    """Return the text as Go decodes it: half a surrogate pair becomes U+FFFD."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def read(source: SourceFile) -> Node:
    """Return the tree of a JSON file. Raises HclSyntaxError."""
    try:
        return read_json(source.text, _Tree(source), max_depth=MAX_DEPTH + 1, noun="file")
    except JsonError as error:
        place = source.span(error.offset, min(error.offset + 1, len(source.text)))
        raise HclSyntaxError(f"this is not JSON: {error.message}", place) from None


_LABELS = {
    "resource": 2, "data": 2, "ephemeral": 2, "module": 1, "variable": 1, "output": 1, "provider": 1, "locals": 0,
    "terraform": 0, "moved": 0, "import": 0, "removed": 0, "check": 1,
}  # fmt: skip
_BLOCKS = {
    "resource": frozenset(["lifecycle", "provisioner", "connection", "dynamic"]),
    "data": frozenset(["lifecycle", "dynamic"]),
    "variable": frozenset(["validation"]),
    "output": frozenset(["precondition"]),
    "terraform": frozenset(["backend", "cloud", "required_providers", "provider_meta"]),
    "lifecycle": frozenset(["precondition", "postcondition"]),
    "check": frozenset(["assert", "data"]),
}
_INNER_LABELS = {"dynamic": 1, "provisioner": 1, "backend": 1, "provider_meta": 1, "data": 2}


def configuration(source: SourceFile) -> Body:
    """The tree of a .tf.json file. Raises HclSyntaxError."""
    root = read(source)
    blocks: list[Block] = []
    for member in _members(root):
        for key, key_span, node in member:
            if key == "//":
                continue
            if key not in _LABELS:
                raise HclSyntaxError(f'"{key}" is not a block that Terraform knows', key_span)
            _labelled(blocks, key, key_span, node, _LABELS[key], ())
    blocks.sort(key=lambda block: block.span.start)
    return Body(source.whole, (), tuple(blocks), json=True)


def constants(source: SourceFile) -> Body:
    """The tree of a .tfvars.json file: strings are taken as they are. Raises HclSyntaxError."""
    root = read(source)
    if root.kind != "object":
        raise HclSyntaxError("an object with the values of variables is expected", root.span)
    attributes = tuple(
        Attribute(Span(source, key_span.start, node.span.end), key, key_span, _expression(node, literal=True))
        for key, key_span, node in root.value
        if key != "//"
    )
    return Body(source.whole, attributes, (), json=True)


def _members(node: Node) -> list[list[tuple[str, Span, Node]]]:
    """The members of an object, or of each object of a list."""
    if node.kind == "object":
        return [node.value]
    if node.kind == "list":
        return [members for item in node.value for members in _members(item)]
    if node.kind == "scalar" and node.value is None:
        return []
    raise HclSyntaxError("an object is expected here", node.span)


def _labelled(
    blocks: list[Block],
    kind: str,
    start: Span,
    node: Node,
    count: int,
    labels: tuple[str, ...],
    header: Span | None = None,
) -> None:
    for members in _members(node):
        if count > 0:
            for key, key_span, inner in members:
                if key != "//":
                    _labelled(blocks, kind, start, inner, count - 1, (*labels, key), key_span)
            continue
        place = header or start
        whole = Span(place.file, place.start, node.span.end)
        inner_span = Span(place.file, node.span.start + 1, node.span.end - 1)
        blocks.append(Block(whole, kind, labels, place, _body(members, kind, inner_span)))


def _body(members: list[tuple[str, Span, Node]], kind: str, span: Span) -> Body:
    attributes: list[Attribute] = []
    blocks: list[Block] = []
    nested = _BLOCKS.get(kind, frozenset())
    for key, key_span, node in members:
        if key == "//":
            continue
        if key in nested:
            if key == "dynamic":
                _dynamic(blocks, key_span, node)
            else:
                _labelled(blocks, key, key_span, node, _INNER_LABELS.get(key, 0), ())
            continue
        whole = Span(key_span.file, key_span.start, node.span.end)
        attributes.append(Attribute(whole, key, key_span, _attribute(kind, key, node)))
    return Body(span, tuple(attributes), tuple(blocks), json=True)


def _dynamic(blocks: list[Block], start: Span, node: Node) -> None:
    for members in _members(node):
        for name, name_span, inner in members:
            for body in _members(inner):
                attributes: list[Attribute] = []
                content: list[Block] = []
                for key, key_span, value in body:
                    whole = Span(key_span.file, key_span.start, value.span.end)
                    if key == "content":
                        for items in _members(value):
                            span = Span(key_span.file, value.span.start + 1, value.span.end - 1)
                            content.append(Block(whole, "content", (), key_span, _body(items, "resource", span)))
                    else:
                        attributes.append(Attribute(whole, key, key_span, _attribute("dynamic", key, value)))
                span = Span(name_span.file, inner.span.start + 1, inner.span.end - 1)
                whole = Span(name_span.file, name_span.start, inner.span.end)
                inner_body = Body(span, tuple(attributes), tuple(content), json=True)
                blocks.append(Block(whole, "dynamic", (name,), name_span, inner_body))


_REFERENCES = {
    ("resource", "provider"), ("data", "provider"), ("dynamic", "iterator"), ("variable", "type"), ("moved", "from"),
    ("moved", "to"), ("import", "to"), ("removed", "from"),
}  # fmt: skip
_REFERENCE_LISTS = {"depends_on", "ignore_changes", "replace_triggered_by", "configuration_aliases"}


def _attribute(kind: str, key: str, node: Node) -> Expression:
    if node.kind == "string" and (kind, key) in _REFERENCES:
        return _reference(node)
    if node.kind == "list" and key in _REFERENCE_LISTS:
        return TupleExpr(node.span, tuple(_reference(i) if i.kind == "string" else _expression(i) for i in node.value))
    if kind == "module" and key == "providers" and node.kind == "object":
        return ObjectExpr(
            node.span,
            tuple((Literal(s, k), _reference(v) if v.kind == "string" else _expression(v)) for k, s, v in node.value),
        )
    literal = (kind, key) in (("variable", "default"), ("module", "source"), ("module", "version"))
    return _expression(node, literal)


def _reference(node: Node) -> Expression:
    return parse_expression(node.span.file, node.value, node.span)


def _expression(node: Node, literal: bool = False) -> Expression:
    if node.kind == "string":
        if literal:
            return Literal(node.span, node.value)
        return template_in(node.span.file, node.value, node.span.start + 1, node.span, node.exact)
    if node.kind == "list":
        return TupleExpr(node.span, tuple(_expression(item, literal) for item in node.value))
    if node.kind == "object":
        items: list[tuple[Expression, Expression]] = []
        for key, key_span, inner in node.value:
            name: Expression = Literal(key_span, key)
            if not literal and ("${" in key or "%{" in key):
                name = template_in(key_span.file, key, key_span.start + 1, key_span, exact=False)
            items.append((name, _expression(inner, literal)))
        return ObjectExpr(node.span, tuple(items))
    return Literal(node.span, node.value)


def as_body(node: ObjectExpr) -> Body:
    """An object that turns out to be a nested block. A member "dynamic" stands for dynamic blocks."""
    attributes: list[Attribute] = []
    for key, value in node.items:
        if isinstance(key, Literal) and isinstance(key.value, str) and key.value != "//":
            whole = Span(key.span.file, key.span.start, value.span.end)
            attributes.append(Attribute(whole, key.value, key.span, value))
    span = Span(node.span.file, node.span.start + 1, node.span.end - 1)
    return Body(span, tuple(attributes), (), json=True)
