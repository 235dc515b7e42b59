"""Operators on values, and conditions.

Operands that are unknown give an unknown result, unless the known operand decides alone.
Source of facts: the HCL native syntax specification and the Terraform language documentation.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeAlias

from iaclint.model.unknowns import derive, merge
from iaclint.model.value import Unknown, Value
from iaclint.source.files import Span
from iaclint.terraform.lang.comparison import equals
from iaclint.terraform.lang.conversion import ConversionError, convert
from iaclint.terraform.lang.errors import EvaluationError, LimitError
from iaclint.terraform.lang.limits import MAX_BITS
from iaclint.terraform.lang.numbers import Number, exact, rounded
from iaclint.terraform.lang.types import BOOL, NUMBER, Prim

V: TypeAlias = Value[Any]


def boolean(value: V, span: Span) -> V:
    """Return a value as a condition. Raises EvaluationError if it is null or no bool."""
    if value.data is None:
        raise EvaluationError("a condition must not be null", span)
    try:
        return convert(value, BOOL)
    except ConversionError:
        raise EvaluationError("true or false is required here", span) from None


def operand(value: V, kind: Prim, span: Span) -> V:
    """Return a value as an operand of a type. Raises EvaluationError if it is null or does not fit."""
    if value.data is None:
        raise EvaluationError("an operand must not be null", span)
    try:
        return convert(value, kind)
    except ConversionError as error:
        raise EvaluationError(str(error), span) from None


def unary(operator: str, value: V, span: Span, operand_span: Span) -> V:
    """Return `!value` or `-value`, as used at `span`. Raises EvaluationError."""
    kind = BOOL if operator == "!" else NUMBER
    value = operand(value, kind, operand_span)
    if isinstance(value.data, Unknown):
        return merge(span, (value,), kind)
    return derive(span, (value,), (not value.data) if kind is BOOL else -value.data)


def equality(operator: str, left: V, right: V, span: Span) -> V:
    """Return `left == right` or `left != right`, as used at `span`."""
    both = (left, right)
    same = equals(left, right)
    if same is None:
        return merge(span, both, BOOL)
    return derive(span, both, same if operator == "==" else not same)


def arithmetic(operator: str, left: V, right: V, span: Span) -> V:
    """Return the sum, difference, product, quotient, remainder or comparison of two numbers, as used at `span`.

    The operands are numbers or unknown. Raises EvaluationError for a division by zero, LimitError for a number of
    too many bits.
    """
    both = (left, right)
    compare = _COMPARE.get(operator)
    if isinstance(left.data, Unknown) or isinstance(right.data, Unknown):
        return merge(span, both, BOOL if compare else NUMBER)
    a, b = exact(left.data), exact(right.data)
    if compare:
        return derive(span, both, compare(a, b))
    if operator == "/" and b == 0:
        raise EvaluationError("division by zero", span)
    number = rounded(_CALCULATE[operator](a, b))
    if max(number.numerator.bit_length(), number.denominator.bit_length()) > MAX_BITS:
        raise LimitError("the number becomes too large or too small to be worked out", span)
    return derive(span, both, number)


def _remainder(a: Number, b: Number) -> Number:
    return a if b == 0 else a - b * int(rounded(Fraction(a) / b))


_CALCULATE: dict[str, Callable[[Number, Number], Number]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: Fraction(a) / b,
    "%": _remainder,
}
_COMPARE: dict[str, Callable[[Number, Number], bool]] = {
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}
