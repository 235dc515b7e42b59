"""The tree that HCL and Terraform's JSON syntax are read into. Each node has a span."""

from __future__ import annotations

from fractions import Fraction
from typing import TypeAlias

from msgspec import Struct

from iaclint.source.files import Span


class HclSyntaxError(Exception):
    """A text is not HCL. The message names the mistake and the remedy, `span` the place."""

    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.message = message
        self.span = span


class Literal(Struct, frozen=True):
    """A constant: text (in NFC), a number, a bool or null. A number that is whole is an int."""

    span: Span
    value: str | int | Fraction | bool | None


class Interpolation(Struct, frozen=True):
    """`${ ... }` in a template."""

    span: Span
    expression: Expression


class TemplateIf(Struct, frozen=True):
    """`%{ if ... }` with its two bodies; the second is empty without `%{ else }`."""

    span: Span
    condition: Expression
    then: tuple[Part, ...]
    otherwise: tuple[Part, ...]


class TemplateFor(Struct, frozen=True):
    """`%{ for key, value in collection }` with its body; `key` is empty if it is not named."""

    span: Span
    key: str
    value: str
    collection: Expression
    body: tuple[Part, ...]


class Template(Struct, frozen=True):
    """Text with interpolations or directives. Strip markers are applied, and the indentation of a heredoc is removed.

    `wrap` is True for a template that is one interpolation and nothing else: its value keeps its type.
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
    """`source.name`, unless it is part of a Traversal."""

    span: Span
    source: Expression
    name: str


class Index(Struct, frozen=True):
    """`source[key]`, and the older `source.0`."""

    span: Span
    source: Expression
    key: Expression


class Item(Struct, frozen=True):
    """The element for which `Splat.each` is evaluated."""

    span: Span


class Splat(Struct, frozen=True):
    """`source[*]` or `source.*`: `each` is evaluated for every element of `source`, for which an Item stands in it.

    `full` is True for `[*]`, which is followed by indexes and attributes; `.*` is followed by attributes only.
    """

    span: Span
    source: Expression
    each: Expression
    full: bool


class Call(Struct, frozen=True):
    """A function call; `expand` is True if `...` follows the last argument."""

    span: Span
    name: str
    arguments: tuple[Expression, ...]
    expand: bool


class Unary(Struct, frozen=True):
    """`-operand` or `!operand`."""

    span: Span
    operator: str
    operand: Expression


class Binary(Struct, frozen=True):
    """`left operator right`; the operators are those of arithmetic, comparison and logic."""

    span: Span
    operator: str
    left: Expression
    right: Expression


class Conditional(Struct, frozen=True):
    """`condition ? then : otherwise`."""

    span: Span
    condition: Expression
    then: Expression
    otherwise: Expression


class For(Struct, frozen=True):
    """A `for` expression.

    `key` is empty if it is not named. `result_key` is None for `[for ...]`, which makes a list. `grouping` is True if
    `...` follows the result: values with the same key are gathered in a list.
    """

    span: Span
    key: str
    value: str
    collection: Expression
    result_key: Expression | None
    result: Expression
    condition: Expression | None
    grouping: bool


class TupleExpr(Struct, frozen=True):
    """`[...]`."""

    span: Span
    items: tuple[Expression, ...]


class ObjectExpr(Struct, frozen=True):
    """`{ key = value }`, keys in the order of the source. A bare name as key is a Literal."""

    span: Span
    items: tuple[tuple[Expression, Expression], ...]


class Parens(Struct, frozen=True):
    """`(inner)`."""

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
    """Attributes and blocks, each in the order of the source. The span is what lies between the braces.

    `json` is True if the source is JSON: an attribute of a resource may then be a nested block.
    """

    span: Span
    attributes: tuple[Attribute, ...]
    blocks: tuple[Block, ...]
    json: bool = False


def nfc(text: str) -> str:
    """Return a text in Unicode normalisation form C, as the language keeps all its strings."""
    if text.isascii():
        return text
    import unicodedata

    return unicodedata.normalize("NFC", text)
