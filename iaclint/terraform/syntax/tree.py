"""The tree that HCL and Terraform's JSON syntax are read into. Each node has a span."""

from __future__ import annotations

from fractions import Fraction
from typing import TypeAlias

from msgspec import Struct

from iaclint.source.files import Span


class HclSyntaxError(Exception):
    """Text that is not HCL; says what is wrong, where, and what to do."""

    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.message = message
        self.span = span


class Literal(Struct, frozen=True):
    """A constant: text, an int, a Fraction, a bool or None."""

    span: Span
    value: str | int | Fraction | bool | None


class Interpolation(Struct, frozen=True):
    """`${ ... }` within a template."""

    span: Span
    expression: Expression


class TemplateIf(Struct, frozen=True):
    """`%{ if ... }` with its two bodies."""

    span: Span
    condition: Expression
    then: tuple[Part, ...]
    otherwise: tuple[Part, ...]


class TemplateFor(Struct, frozen=True):
    """`%{ for ... }` with its body."""

    span: Span
    key: str
    value: str
    collection: Expression
    body: tuple[Part, ...]


class Template(Struct, frozen=True):
    """Text with interpolations or directives; strip markers and indentation are applied already.

    `wrap` is set for a template that is one interpolation and nothing else, whose value is not made text.
    """

    span: Span
    parts: tuple[Part, ...]
    wrap: bool = False


class Traversal(Struct, frozen=True):
    """A name, and the attributes that follow it directly: `var.a.b`."""

    span: Span
    root: str
    names: tuple[str, ...]


class GetAttr(Struct, frozen=True):
    span: Span
    source: Expression
    name: str


class Index(Struct, frozen=True):
    span: Span
    source: Expression
    key: Expression


class Item(Struct, frozen=True):
    """Stands for the current element within `Splat.each`."""

    span: Span


class Splat(Struct, frozen=True):
    """`source[*]` or `source.*`; `each` is what follows, applied to an `Item`."""

    span: Span
    source: Expression
    each: Expression
    full: bool


class Call(Struct, frozen=True):
    """A function call; `expand` where the last argument is followed by `...`."""

    span: Span
    name: str
    arguments: tuple[Expression, ...]
    expand: bool


class Unary(Struct, frozen=True):
    span: Span
    operator: str
    operand: Expression


class Binary(Struct, frozen=True):
    span: Span
    operator: str
    left: Expression
    right: Expression


class Conditional(Struct, frozen=True):
    span: Span
    condition: Expression
    then: Expression
    otherwise: Expression


class For(Struct, frozen=True):
    """A `for` expression; `result_key` is None for the one in square brackets, `grouping` stands for `...`."""

    span: Span
    key: str
    value: str
    collection: Expression
    result_key: Expression | None
    result: Expression
    condition: Expression | None
    grouping: bool


class TupleExpr(Struct, frozen=True):
    span: Span
    items: tuple[Expression, ...]


class ObjectExpr(Struct, frozen=True):
    """An object; a bare name as key is a Literal."""

    span: Span
    items: tuple[tuple[Expression, Expression], ...]


class Parens(Struct, frozen=True):
    span: Span
    inner: Expression


Expression: TypeAlias = (
    Literal
    | Template
    | Traversal
    | GetAttr
    | Index
    | Item
    | Splat
    | Call
    | Unary
    | Binary
    | Conditional
    | For
    | TupleExpr
    | ObjectExpr
    | Parens
)
Part: TypeAlias = Literal | Interpolation | TemplateIf | TemplateFor


class Attribute(Struct, frozen=True):
    """`name = value`."""

    span: Span
    name: str
    name_span: Span
    value: Expression


class Block(Struct, frozen=True):
    """`type "label" { ... }`. `header` runs from the type to the last label."""

    span: Span
    type: str
    labels: tuple[str, ...]
    header: Span
    body: Body


class Body(Struct, frozen=True):
    """Attributes and blocks in the order written. The span is what lies between the braces.

    `json` is set where the source is JSON: an attribute may then mean nested blocks.
    """

    span: Span
    attributes: tuple[Attribute, ...]
    blocks: tuple[Block, ...]
    json: bool = False


def normal(text: str) -> str:
    """Text in Unicode normalisation form C, in which the language keeps all its strings."""
    if text.isascii():
        return text
    import unicodedata

    return unicodedata.normalize("NFC", text)
