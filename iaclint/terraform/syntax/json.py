"""JSON configuration: .tf.json and .tfvars.json files as the same tree that HCL gives.

Strings are templates if an expression is expected in their place. Which properties are nested blocks is decided by the
type of the block; for properties of resources the evaluation decides it, which knows their schema (`Body.json`).

Source of facts: https://developer.hashicorp.com/terraform/language/syntax/json
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import TypeAlias

from msgspec import Struct

from iaclint.source.files import SourceFile, Span
from iaclint.source.json_tree import JsonError, Key, TreeBuilder, read_json
from iaclint.terraform.syntax.building import MAX_DEPTH, MAX_DIGITS, MAX_EXPONENT
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


class _Constant(Struct, frozen=True):
    """A number, true, false or null."""

    span: Span
    value: int | Fraction | bool | None


class _String(Struct, frozen=True):
    """A string; `exact` is True if the file has it letter by letter, without escapes."""

    span: Span
    value: str
    exact: bool


class _Array(Struct, frozen=True):
    span: Span
    items: list[_Node]


class _Object(Struct, frozen=True):
    """Members in the order of the file; several may have the same name."""

    span: Span
    members: list[_Member]


class _Member(Struct, frozen=True):
    """A member of an object; `name_span` includes the quotes."""

    name: str
    name_span: Span
    value: _Node

    @property
    def span(self) -> Span:
        """The place of name and value."""
        return Span(self.name_span.file, self.name_span.start, self.value.span.end)


_Node: TypeAlias = _Constant | _String | _Array | _Object


class _Tree(TreeBuilder[_Node]):
    """Makes the nodes of a file. Numbers are exact."""

    def __init__(self, source: SourceFile) -> None:
        self.source = source

    def text(self, text: str, start: int, end: int) -> _Node:
        exact = len(text) == end - start - 2  # an escape is always longer than what it stands for
        return _String(self.source.span(start, end), text if exact else _without_lone_surrogates(text), exact)

    def number(self, digits: str, start: int, end: int) -> _Node:
        exponent = re.search(r"[eE]([+-]?\d+)", digits)
        if len(digits) > MAX_DIGITS or (exponent and abs(int(exponent[1])) > MAX_EXPONENT):
            raise JsonError("the number is too large to be read", start)
        number = Fraction(digits)
        return _Constant(self.source.span(start, end), number.numerator if number.denominator == 1 else number)

    def constant(self, constant: bool | None, start: int, end: int) -> _Node:
        return _Constant(self.source.span(start, end), constant)

    def array(self, items: list[_Node], start: int, end: int) -> _Node:
        return _Array(self.source.span(start, end), items)

    def object(self, keys: list[Key], values: list[_Node], start: int, end: int) -> _Node:
        span = self.source.span
        members = [
            _Member(_without_lone_surrogates(name), span(key_start, key_end), value)
            for (name, key_start, key_end), value in zip(keys, values, strict=True)
        ]
        return _Object(span(start, end), members)


def _without_lone_surrogates(text: str) -> str:
    """Return the text as Go decodes it: half a surrogate pair becomes U+FFFD."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _read(source: SourceFile) -> _Node:
    """Return the tree of a JSON file. Raises HclSyntaxError."""
    try:
        return read_json(source.text, _Tree(source), max_depth=MAX_DEPTH, noun="file")
    except JsonError as error:
        place = source.span(error.offset, min(error.offset + 1, len(source.text)))
        raise HclSyntaxError(f"this is not JSON: {error.message}", place) from None


COMMENT = "//"
"""A member of this name is a comment."""

_LABELS = {
    "resource": 2, "data": 2, "ephemeral": 2, "module": 1, "variable": 1, "output": 1, "provider": 1, "locals": 0,
    "terraform": 0, "moved": 0, "import": 0, "removed": 0, "check": 1,
}  # fmt: skip
"""The types of blocks at the top level, and how many labels they have."""
_NESTED = {
    "resource": frozenset(["lifecycle", "provisioner", "connection", "dynamic"]),
    "data": frozenset(["lifecycle", "dynamic"]),
    "variable": frozenset(["validation"]),
    "output": frozenset(["precondition"]),
    "terraform": frozenset(["backend", "cloud", "required_providers", "provider_meta"]),
    "lifecycle": frozenset(["precondition", "postcondition"]),
    "check": frozenset(["assert", "data"]),
}
"""The types of blocks that a block of a type may hold; other members are attributes."""
_NESTED_LABELS = {"provisioner": 1, "backend": 1, "provider_meta": 1, "data": 2}


def configuration(source: SourceFile) -> Body:
    """Return the tree of a .tf.json file. Raises HclSyntaxError."""
    blocks: list[Block] = []
    for members in _objects(_read(source)):
        for member in members:
            if member.name == COMMENT:
                continue
            if member.name not in _LABELS:
                raise HclSyntaxError(f'"{member.name}" is not a block that Terraform knows', member.name_span)
            blocks.extend(_blocks(member.name, member.name_span, member.value, _LABELS[member.name]))
    blocks.sort(key=lambda block: block.span.start)
    return Body(source.whole, (), tuple(blocks), json=True)


def constants(source: SourceFile) -> Body:
    """Return the tree of a .tfvars.json file, whose strings are no templates. Raises HclSyntaxError."""
    root = _read(source)
    if not isinstance(root, _Object):
        raise HclSyntaxError("an object with the values of variables is expected", root.span)
    attributes = tuple(
        Attribute(member.span, member.name, member.name_span, _expression(member.value, literal=True))
        for member in root.members
        if member.name != COMMENT
    )
    return Body(source.whole, attributes, (), json=True)


def as_body(node: ObjectExpr) -> Body:
    """Return the body of a nested block that was read as an object. A member "dynamic" has dynamic blocks."""
    attributes = tuple(
        Attribute(Span(key.span.file, key.span.start, value.span.end), key.value, key.span, value)
        for key, value in node.items
        if isinstance(key, Literal) and isinstance(key.value, str) and key.value != COMMENT
    )
    return Body(_inside(node.span), attributes, (), json=True)


def _objects(node: _Node) -> list[list[_Member]]:
    """Return the members of an object, or those of each object of an array. Raises HclSyntaxError for anything else."""
    if isinstance(node, _Object):
        return [node.members]
    if isinstance(node, _Array):
        return [members for item in node.items for members in _objects(item)]
    if isinstance(node, _Constant) and node.value is None:
        return []
    raise HclSyntaxError("an object is expected here", node.span)


def _inside(span: Span) -> Span:
    """Return the place of what lies between two braces."""
    return Span(span.file, span.start + 1, span.end - 1)


def _blocks(kind: str, header: Span, node: _Node, count: int, labels: tuple[str, ...] = ()) -> Iterator[Block]:
    """Yield the blocks of a type that a node holds.

    header  the place of the last name that led to the node: a label, or the type
    count   how many labels are names in the node
    labels  the labels before them
    """
    for members in _objects(node):
        if count > 0:
            for member in members:
                if member.name != COMMENT:
                    inner = (*labels, member.name)
                    yield from _blocks(kind, member.name_span, member.value, count - 1, inner)
        else:
            span = Span(header.file, header.start, node.span.end)
            yield Block(span, kind, labels, header, _body(members, kind, _inside(node.span)))


def _body(members: list[_Member], kind: str, span: Span) -> Body:
    """Return the body of a block of a type."""
    attributes: list[Attribute] = []
    blocks: list[Block] = []
    nested = _NESTED.get(kind, frozenset())
    for member in members:
        if member.name == COMMENT:
            continue
        if member.name not in nested:
            attributes.append(_attribute(kind, member))
        elif member.name == "dynamic":
            blocks.extend(_dynamic_blocks(member.value))
        else:
            count = _NESTED_LABELS.get(member.name, 0)
            blocks.extend(_blocks(member.name, member.name_span, member.value, count))
    return Body(span, tuple(attributes), tuple(blocks), json=True)


def _dynamic_blocks(node: _Node) -> Iterator[Block]:
    """Yield the dynamic blocks of an object whose members are named as the blocks that they make."""
    for made in (member for members in _objects(node) for member in members):
        for members in _objects(made.value):
            attributes: list[Attribute] = []
            content: list[Block] = []
            for member in members:
                if member.name == "content":
                    inside = _inside(member.value.span)
                    for body in _objects(member.value):
                        made_body = _body(body, "resource", inside)
                        content.append(Block(member.span, "content", (), member.name_span, made_body))
                else:
                    attributes.append(_attribute("dynamic", member))
            whole = Body(_inside(made.value.span), tuple(attributes), tuple(content), json=True)
            yield Block(made.span, "dynamic", (made.name,), made.name_span, whole)


_REFERENCES = {
    ("resource", "provider"), ("data", "provider"), ("dynamic", "iterator"), ("variable", "type"), ("moved", "from"),
    ("moved", "to"), ("import", "to"), ("removed", "from"),
}  # fmt: skip
_REFERENCE_LISTS = {"depends_on", "ignore_changes", "replace_triggered_by", "configuration_aliases"}
_CONSTANTS = {("variable", "default"), ("module", "source"), ("module", "version")}


def _attribute(kind: str, member: _Member) -> Attribute:
    """Return an attribute of a block of a type."""
    return Attribute(member.span, member.name, member.name_span, _argument(kind, member.name, member.value))


def _argument(kind: str, name: str, node: _Node) -> Expression:
    """Return the value of an attribute of a block of a type; its strings may be references, templates or constants."""
    if isinstance(node, _String) and (kind, name) in _REFERENCES:
        return _reference(node)
    if isinstance(node, _Array) and name in _REFERENCE_LISTS:
        return TupleExpr(node.span, tuple(map(_reference, node.items)))
    if isinstance(node, _Object) and (kind, name) == ("module", "providers"):
        items = tuple((Literal(m.name_span, m.name), _reference(m.value)) for m in node.members)
        return ObjectExpr(node.span, items)
    return _expression(node, literal=(kind, name) in _CONSTANTS)


def _reference(node: _Node) -> Expression:
    """Return the expression that is the text of a string; another value stands for itself."""
    return parse_expression(node.span.file, node.value, node.span) if isinstance(node, _String) else _expression(node)


def _expression(node: _Node, literal: bool = False) -> Expression:
    """Return the expression of a value; with `literal` its strings are no templates."""
    if isinstance(node, _String):
        if literal:
            return Literal(node.span, node.value)
        return template_in(node.span.file, node.value, node.span.start + 1, node.span, node.exact)
    if isinstance(node, _Array):
        return TupleExpr(node.span, tuple(_expression(item, literal) for item in node.items))
    if isinstance(node, _Object):
        return ObjectExpr(node.span, tuple((_key(m, literal), _expression(m.value, literal)) for m in node.members))
    return Literal(node.span, node.value)


def _key(member: _Member, literal: bool) -> Expression:
    """Return the key of an object; with `literal` it is no template."""
    if literal or ("${" not in member.name and "%{" not in member.name):
        return Literal(member.name_span, member.name)
    return template_in(member.name_span.file, member.name, member.name_span.start + 1, member.name_span, exact=False)
