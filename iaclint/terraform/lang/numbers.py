"""Numbers as Terraform has them: ints, or Fractions rounded to the 512 bits of precision that Terraform keeps.

Source of facts: the Terraform language documentation and Go's math/big, on which Terraform builds.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any, TypeAlias

Number: TypeAlias = int | Fraction
PRECISION = 512
"""Bits of the mantissa."""


def is_number(data: Any) -> bool:
    """Return True if the data is a number, which a bool is not."""
    return isinstance(data, (int, Fraction, float)) and not isinstance(data, bool)


def rounded(number: Number) -> Number:
    """Return the nearest number of PRECISION bits, as an int if it is whole."""
    if isinstance(number, int):
        size = number.bit_length()
        if size <= PRECISION:
            return number
        shift = size - PRECISION
        return round(Fraction(number, 1 << shift)) << shift
    if number.denominator == 1:
        return rounded(number.numerator)
    num, den = abs(number.numerator), number.denominator
    if den & (den - 1) == 0 and num.bit_length() <= PRECISION:
        return number
    shift = PRECISION - (num.bit_length() - den.bit_length())
    scale = Fraction(1 << shift) if shift >= 0 else Fraction(1, 1 << -shift)
    mantissa = round(number * scale)
    if abs(mantissa).bit_length() > PRECISION:
        scale /= 2
        mantissa = round(number * scale)
    result = Fraction(mantissa) / scale
    return result.numerator if result.denominator == 1 else result


_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d+))?\Z")


def parse_number(text: str) -> Number | None:
    """Return the number that a text spells, None if it spells none."""
    match = _NUMBER.match(text) if text.isascii() and len(text) < 2048 else None
    if match is None or (match.group(1) and abs(int(match.group(1))) > 4096):
        return None
    if text.isdigit():
        return rounded(int(text))
    return rounded(Fraction(text))


def exact(data: Any) -> Number:
    """Return a number as int or Fraction."""
    if isinstance(data, float):
        number = Fraction(str(data))
        return number.numerator if number.denominator == 1 else number
    result: Number = data
    return result


def format_number(number: Any) -> str:
    """Return the shortest decimal text that reads back as the number, without an exponent."""
    number = exact(number)
    if isinstance(number, int):
        return _int_text(number)
    sign = "-" if number < 0 else ""
    size = abs(number)
    # the decimal exponent of the first digit
    magnitude = len(_int_text(size.numerator)) - len(_int_text(size.denominator))
    if Fraction(10) ** magnitude > size:
        magnitude -= 1
    low, high = 1, 160
    target = rounded(number)
    while low < high:
        middle = (low + high) // 2
        if rounded(_digits(size, magnitude, middle) * (-1 if sign else 1)) == target:
            high = middle
        else:
            low = middle + 1
    value = _digits(size, magnitude, low)
    places = max(0, low - 1 - magnitude)
    scaled = _int_text(int(value * 10**places)).rjust(places + 1, "0")
    text = scaled if not places else f"{scaled[:-places]}.{scaled[-places:]}".rstrip("0").rstrip(".")
    return sign + text


def _int_text(number: int) -> str:
    """Return an int as text, however long (Python itself refuses above 4,300 digits)."""
    try:
        return str(number)
    except ValueError:
        high, low = divmod(number, 10**4000)
        return _int_text(high) + str(low).rjust(4000, "0")


def _digits(size: Fraction, magnitude: int, count: int) -> Fraction:
    scale = Fraction(10) ** (count - 1 - magnitude)
    return Fraction(round(size * scale)) / scale
