"""The functions format and formatlist, with the verbs of Go."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from iaclint.model.unknowns import derive, merge, unknown_parts
from iaclint.model.value import Unknown, Value
from iaclint.terraform.functions.json_text import json_string, json_text
from iaclint.terraform.functions.registry import Context, FunctionError, Functions, Result, V
from iaclint.terraform.functions.values import graphemes, known_length
from iaclint.terraform.lang.comparison import sort_set
from iaclint.terraform.lang.conversion import convert
from iaclint.terraform.lang.numbers import exact, format_number, is_number
from iaclint.terraform.lang.texts import joined_text
from iaclint.terraform.lang.types import BOOL, DYNAMIC, NUMBER, STRING, ListType, Prim, SetType

FUNCTIONS = Functions()


_VERB = re.compile(
    r"%(?P<flags>[+\-# 0]*)(?P<width>\d+|\*)?(?:\.(?P<precision>\d+|\*)?)?(?:\[(?P<index>\d+)\])?(?P<verb>.)", re.S
)


def format_text(pattern: str, values: Sequence[V]) -> str:
    """What `format` gives. Raises Wrong."""
    out: list[str] = []
    at = 0
    following = 0
    highest = 0
    while True:
        percent = pattern.find("%", at)
        if percent < 0:
            out.append(pattern[at:])
            break
        out.append(pattern[at:percent])
        match = _VERB.match(pattern, percent)
        if match is None:
            raise FunctionError(f"the verb that starts at offset {percent} is not complete")
        at = match.end()
        verb = match["verb"]
        if verb == "%":
            out.append("%")
            continue
        if match["index"]:
            number = int(match["index"]) - 1
            following = number + 1
        else:
            number = following
            following += 1
        if not 0 <= number < len(values):
            raise FunctionError(f"there is no argument {number + 1} for {match.group()}")
        highest = max(highest, number + 1)
        out.append(_verb(match, values[number]))
    if highest < len(values) and "[" not in pattern and values:
        raise FunctionError(f"too many arguments: {len(values)} for {highest} verbs")
    return "".join(out)


def _verb(match: re.Match[str], value: V) -> str:
    verb = match["verb"]
    flags = match["flags"]
    width = int(match["width"]) if match["width"] and match["width"] != "*" else 0
    has_precision = "." in match.group().split("[")[0]
    precision = int(match["precision"] or 0) if has_precision and match["precision"] != "*" else None
    if width > 100_000 or (precision or 0) > 10_000:
        raise FunctionError("the width is too large")
    if verb == "v":
        return _pad(_plain_verb(value, flags, precision), width, flags)
    if value.data is None:
        raise FunctionError("an argument is null")
    if verb in "sq":
        text = convert(value, STRING).data
        if precision is not None:
            text = "".join(graphemes(text)[:precision])
        if verb == "q":
            text = json_string(text, html=True)
        return _pad(text, width, flags.replace("0", "") if verb == "q" else flags)
    if verb == "t":
        return _pad("true" if convert(value, BOOL).data else "false", width, flags)
    if verb in "bdoxX":
        number = convert(value, NUMBER).data
        if not isinstance(number, int):
            raise FunctionError(f"%{verb} takes a whole number")
        whole = number
        base = {"b": "b", "d": "d", "o": "o", "x": "x", "X": "X"}[verb]
        digits = format_number(abs(whole)) if verb == "d" else format(abs(whole), base)
        if "#" in flags and verb in "oxX":
            digits = {"o": "0", "x": "0x", "X": "0X"}[verb] + digits
        return _signed(digits, whole < 0, width, flags)
    if verb in "eEfgG":
        return _float_verb(convert(value, NUMBER).data, verb, precision, width, flags)
    raise FunctionError(f"%{verb} is not a verb that format() knows")


def _plain_verb(value: V, flags: str, precision: int | None) -> str:
    data = value.data
    if data is None:
        return "null"
    if "#" in flags:
        return json_text(value)
    if isinstance(data, str):
        return data
    if isinstance(data, bool):
        return "true" if data else "false"
    if is_number(data):
        return format_number(data)
    return json_text(value)


def _pad(text: str, width: int, flags: str) -> str:
    missing = width - len(graphemes(text))
    if missing <= 0:
        return text
    if "-" in flags:
        return text + " " * missing
    return ("0" if "0" in flags else " ") * missing + text


def _signed(digits: str, negative: bool, width: int, flags: str) -> str:
    sign = "-" if negative else "+" if "+" in flags else " " if " " in flags else ""
    if "0" in flags and "-" not in flags:
        return sign + digits.rjust(width - len(sign), "0")
    return _pad(sign + digits, width, flags.replace("0", ""))


def _float_verb(number: Any, verb: str, precision: int | None, width: int, flags: str) -> str:
    number = exact(number)
    from decimal import Context as DecimalContext
    from decimal import Decimal

    wide = DecimalContext(prec=400)
    size = abs(Fraction(number))
    value = wide.divide(Decimal(size.numerator), Decimal(size.denominator))
    if verb == "f":
        digits = f"{value:.{6 if precision is None else precision}f}"
    elif verb in "eE":
        digits = _exponent(f"{value:.{6 if precision is None else precision}e}")
    elif precision is not None:
        digits = _exponent(f"{value:.{max(1, precision)}g}") if size else "0"
        digits = _strip_zeros(digits)
    else:
        digits = _shortest(size)
    if verb in "EG":
        digits = digits.upper()
    return _signed(digits, number < 0, width, flags)


def _exponent(text: str) -> str:
    """Two digits of exponent at least, as Go writes it."""
    return re.sub(r"e([+-])(\d)$", r"e\g<1>0\2", text)


def _strip_zeros(text: str) -> str:
    mantissa, mark, exponent = text.partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return mantissa + mark + exponent


def _shortest(size: Fraction) -> str:
    if not size:
        return "0"
    text = format_number(size)
    digits = text.replace(".", "").strip("0")
    whole = text.partition(".")[0]
    exponent = len(whole) - 1 if whole != "0" else -(len(text) - 2 - len(text[2:].lstrip("0")) + 1)
    if exponent < -4 or exponent >= max(len(digits), 21):
        mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
        return f"{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    return text


@FUNCTIONS.define("format", STRING, rest=DYNAMIC, returns=STRING, unknown="own", nullable=True)
def _format(context: Context, pattern: V, *values: V) -> Result:
    if pattern.data is None:
        raise FunctionError("the format must not be null")
    if unknown_parts((pattern, *values)):
        return _unknown_text(context, pattern, values)
    return format_text(pattern.data, values)


def _unknown_text(context: Context, pattern: V, values: Sequence[V]) -> V:
    """Return the text of a format in which something is unknown: its pieces if all verbs are %s, else its start."""
    operands = (pattern, *values)
    if not isinstance(pattern.data, str):
        return merge(context.span, operands, STRING)
    texts = pattern.data.split("%s")
    if len(texts) != len(values) + 1 or any("%" in text for text in texts):
        return merge(context.span, operands, STRING, prefix=pattern.data.partition("%")[0])
    pieces: list[str | V] = [texts[0]]
    for value, text in zip(values, texts[1:], strict=True):
        if value.data is None:
            raise FunctionError("an argument is null")
        found = convert(value, STRING)
        pieces.extend((found.data if isinstance(found.data, str) else found, text))
    return joined_text(context.span, operands, pieces)


@FUNCTIONS.define("formatlist", STRING, rest=DYNAMIC, unknown="own", nullable=True)
def _formatlist(context: Context, pattern: V, *values: V) -> Result:
    span = context.span
    if pattern.data is None:
        raise FunctionError("the format must not be null")
    lists = [_list_of(value) for value in values]
    lengths = {len(items) for items in lists if items is not None}
    if len(lengths) > 1:
        raise FunctionError("the lists must have the same length")
    if isinstance(pattern.data, Unknown) or any(map(_is_list_of_unknown_length, values)):
        return merge(span, (pattern, *values), ListType(STRING))
    length = next(iter(lengths), 1)
    context.env.scope.budget.spend(length, span)
    first_list = next((number for number, items in enumerate(lists) if items is not None), None)
    results: list[V] = []
    for i in range(length):
        row = [value if items is None else items[i] for items, value in zip(lists, values, strict=True)]
        if unknown_parts(row):
            results.append(_unknown_text(context, pattern, row))
        else:
            trail = () if first_list is None else row[first_list].trail
            results.append(derive(span, row, format_text(pattern.data, row)).replace(trail=trail))
    return Value(tuple(results), span, (), pattern.refs, False, pattern.sensitive, ListType(STRING))


def _list_of(value: V) -> tuple[V, ...] | None:
    """Return the elements of a list, tuple or set; None for anything else, and if their number is unknown."""
    if not isinstance(value.data, tuple) or known_length(value) is None:
        return None
    return sort_set(value.data) if isinstance(value.type, SetType) else value.data


def _is_list_of_unknown_length(value: V) -> bool:
    """Return True if a value is, or may be, a list with a number of elements that is unknown."""
    if isinstance(value.data, tuple):
        return known_length(value) is None
    return isinstance(value.data, Unknown) and not isinstance(value.type, Prim)
