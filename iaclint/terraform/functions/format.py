"""The functions format and formatlist, with the verbs of Go."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Context as DecimalContext
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct

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


MAX_WIDTH = 100_000
"""Characters to which a text is padded."""

MAX_PRECISION = 10_000


class _Verb(Struct, frozen=True):
    """A verb such as "%-08.2f".

    letter     what it makes
    flags      any of "+", "-", "#", "0" and " "
    width      how many characters to pad to
    precision  how many digits or characters; None if it is not given
    """

    letter: str
    flags: str
    width: int
    precision: int | None


_VERB = re.compile(
    r"%(?P<flags>[+\-# 0]*)(?P<width>\d+|\*)?(?:\.(?P<precision>\d+|\*)?)?(?:\[(?P<index>\d+)\])?(?P<letter>.)", re.S
)


def format_text(pattern: str, values: Sequence[V]) -> str:
    """Return the text that `format` makes of values, which are known. Raises FunctionError."""
    out: list[str] = []
    end = 0
    following = 0
    highest = 0
    while (percent := pattern.find("%", end)) >= 0:
        out.append(pattern[end:percent])
        match = _VERB.match(pattern, percent)
        if match is None:
            raise FunctionError(f"the verb that starts at offset {percent} is not complete")
        end = match.end()
        if match["letter"] == "%":
            out.append("%")
            continue
        number = int(match["index"]) - 1 if match["index"] else following
        following = number + 1
        if not 0 <= number < len(values):
            raise FunctionError(f"there is no argument {number + 1} for {match.group()}")
        highest = max(highest, following)
        out.append(_formatted(_read_verb(match), values[number]))
    if highest < len(values) and "[" not in pattern:
        raise FunctionError(f"too many arguments: {len(values)} for {highest} verbs")
    return "".join((*out, pattern[end:]))


def _read_verb(match: re.Match[str]) -> _Verb:
    """Return the verb of a match; "*" for width or precision counts as nothing. Raises FunctionError."""
    width = int(match["width"]) if match["width"] and match["width"] != "*" else 0
    has_precision = "." in match.group().split("[")[0] and match["precision"] != "*"
    precision = int(match["precision"] or 0) if has_precision else None
    if width > MAX_WIDTH or (precision or 0) > MAX_PRECISION:
        raise FunctionError("the width is too large")
    return _Verb(match["letter"], match["flags"], width, precision)


def _formatted(verb: _Verb, value: V) -> str:
    """Return the text that a verb makes of a value. Raises FunctionError and ConversionError."""
    if verb.letter == "v":
        return _pad(_any_text(verb, value), verb.width, verb.flags)
    if value.data is None:
        raise FunctionError("an argument is null")
    make = _MAKERS.get(verb.letter)
    if make is None:
        raise FunctionError(f"%{verb.letter} is not a verb that format() knows")
    return make(verb, value)


def _any_text(verb: _Verb, value: V) -> str:
    """Return a value of any type as %v writes it."""
    data = value.data
    if data is None:
        return "null"
    if "#" in verb.flags:
        return json_text(value)
    if isinstance(data, str):
        return data
    if isinstance(data, bool):
        return "true" if data else "false"
    if is_number(data):
        return format_number(data)
    return json_text(value)


def _string(verb: _Verb, value: V) -> str:
    text: str = convert(value, STRING).data
    if verb.precision is not None:
        text = "".join(graphemes(text)[: verb.precision])
    if verb.letter == "q":
        return _pad(json_string(text), verb.width, verb.flags.replace("0", ""))
    return _pad(text, verb.width, verb.flags)


def _boolean(verb: _Verb, value: V) -> str:
    return _pad("true" if convert(value, BOOL).data else "false", verb.width, verb.flags)


_PREFIXES = {"o": "0", "x": "0x", "X": "0X"}


def _whole_number(verb: _Verb, value: V) -> str:
    number = convert(value, NUMBER).data
    if not isinstance(number, int):
        raise FunctionError(f"%{verb.letter} takes a whole number")
    digits = format_number(abs(number)) if verb.letter == "d" else format(abs(number), verb.letter)
    if "#" in verb.flags:
        digits = _PREFIXES.get(verb.letter, "") + digits
    return _signed(digits, number < 0, verb)


_WIDE = DecimalContext(prec=400)


def _decimal(verb: _Verb, value: V) -> str:
    number = Fraction(exact(convert(value, NUMBER).data))
    size = abs(number)
    letter, precision = verb.letter.lower(), verb.precision
    if letter == "g" and precision is None:
        digits = _shortest(size)
    elif letter == "g" and not size:
        digits = "0"
    else:
        decimal = _WIDE.divide(Decimal(size.numerator), Decimal(size.denominator))
        places = 6 if precision is None else max(1, precision) if letter == "g" else precision
        digits = _long_exponent(f"{decimal:.{places}{letter}}")
        if letter == "g":
            digits = _strip_zeros(digits)
    return _signed(digits.upper() if verb.letter in "EG" else digits, number < 0, verb)


_MAKERS: dict[str, Callable[[_Verb, V], str]] = {
    "s": _string, "q": _string, "t": _boolean,
    "b": _whole_number, "d": _whole_number, "o": _whole_number, "x": _whole_number, "X": _whole_number,
    "e": _decimal, "E": _decimal, "f": _decimal, "g": _decimal, "G": _decimal,
}  # fmt: skip


def _pad(text: str, width: int, flags: str) -> str:
    """Return a text filled up to a width: behind it with the flag "-", else in front of it."""
    missing = width - len(graphemes(text))
    if missing <= 0:
        return text
    if "-" in flags:
        return text + " " * missing
    return ("0" if "0" in flags else " ") * missing + text


def _signed(digits: str, negative: bool, verb: _Verb) -> str:
    """Return a number with its sign, filled up to the width of the verb."""
    sign = "-" if negative else "+" if "+" in verb.flags else " " if " " in verb.flags else ""
    if "0" in verb.flags and "-" not in verb.flags:
        return sign + digits.rjust(verb.width - len(sign), "0")
    return _pad(sign + digits, verb.width, verb.flags.replace("0", ""))


def _long_exponent(text: str) -> str:
    """Return a number whose exponent, if there is one, has at least two digits, as Go writes it."""
    return re.sub(r"e([+-])(\d)$", r"e\g<1>0\2", text)


def _strip_zeros(text: str) -> str:
    """Return a number without zeros at the end of its fraction."""
    mantissa, mark, exponent = text.partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return mantissa + mark + exponent


def _shortest(size: Fraction) -> str:
    """Return all digits of a number that is not negative, with an exponent if it is very large or small."""
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
