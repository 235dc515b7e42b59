"""Rules of the language that neither grammar enforces: line ends, and each attribute at most once."""

from __future__ import annotations

from itertools import pairwise

from iaclint.source.files import Span
from iaclint.terraform.syntax.tree import Attribute, Binary, Body, Conditional, Expression, HclSyntaxError, Unary


def check_body(body: Body) -> None:
    """Raise HclSyntaxError unless each attribute and block begins on a line of its own, and each name is set once."""
    text = body.span.file.text
    seen: dict[str, Attribute] = {}
    ends: list[tuple[int, int, Span]] = []
    for attribute in body.attributes:
        if attribute.name in seen:
            raise HclSyntaxError(
                f"{attribute.name} is set twice here (first in line {seen[attribute.name].span.line}); remove one",
                attribute.name_span,
            )
        seen[attribute.name] = attribute
        ends.append((attribute.span.start, attribute.span.end, attribute.name_span))
        if "\n" in text[attribute.span.start : attribute.span.end]:
            _check_lines(attribute.value, text)
    for block in body.blocks:
        ends.append((block.span.start, block.span.end, block.header))
        inner = block.body
        if inner.blocks and "\n" not in text[block.span.start : inner.blocks[0].span.end]:
            raise HclSyntaxError("a block within a block needs a line of its own", inner.blocks[0].header)
        check_body(inner)
    ends.sort(key=lambda item: item[0])
    for before, after in pairwise(ends):
        if "\n" not in text[before[1] - 1 : after[0]]:
            raise HclSyntaxError("a new line is needed before this", after[2])


def _check_lines(expression: Expression, text: str) -> None:
    """Raise HclSyntaxError if an expression breaks its line outside of brackets."""
    parts: tuple[Expression, ...]
    if isinstance(expression, Binary):
        parts = (expression.left, expression.right)
    elif isinstance(expression, Conditional):
        parts = (expression.condition, expression.then, expression.otherwise)
    elif isinstance(expression, Unary):
        parts = (expression.operand,)
    else:
        return
    for before, after in pairwise(parts):
        if "\n" in text[before.span.end : after.span.start]:
            raise HclSyntaxError(
                "the expression breaks its line here; put it in parentheses, or on one line", after.span
            )
    for part in parts:
        _check_lines(part, text)
