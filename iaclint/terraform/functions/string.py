"""Functions of text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from iaclint.model.unknowns import derive, merge, unknown_parts
from iaclint.model.value import Unknown, Value
from iaclint.terraform.functions import regex
from iaclint.terraform.functions.registry import Context, FunctionError, Functions, Result, V
from iaclint.terraform.functions.values import graphemes, new_elements, source_trail
from iaclint.terraform.lang.errors import LimitError
from iaclint.terraform.lang.limits import MAX_TEXT
from iaclint.terraform.lang.texts import joined_text
from iaclint.terraform.lang.types import BOOL, NUMBER, STRING, ListType, type_of

T = TypeVar("T")

FUNCTIONS = Functions()


@FUNCTIONS.define("chomp", STRING, returns=STRING)
def _chomp(context: Context, text: V) -> Result:
    return re.sub(r"(?:\r\n?|\n)*\Z", "", text.data)


@FUNCTIONS.define("startswith", STRING, STRING, returns=BOOL, unknown="own")
def _startswith(context: Context, text: V, prefix: V) -> Result:
    if prefix.data == "":
        return True
    if isinstance(text.data, Unknown) and isinstance(prefix.data, str) and text.data.prefix:
        known = text.data.prefix
        if len(known) >= len(prefix.data) or not prefix.data.startswith(known):
            return known.startswith(prefix.data)
    if isinstance(text.data, Unknown) or isinstance(prefix.data, Unknown):
        return merge(context.span, (text, prefix), BOOL)
    return text.data.startswith(prefix.data)


@FUNCTIONS.define("endswith", STRING, STRING, returns=BOOL)
def _endswith(context: Context, text: V, suffix: V) -> Result:
    return text.data.endswith(suffix.data)


@FUNCTIONS.define("strcontains", STRING, STRING, returns=BOOL)
def _strcontains(context: Context, text: V, part: V) -> Result:
    return part.data in text.data


@FUNCTIONS.define("indent", NUMBER, STRING, returns=STRING)
def _indent(context: Context, spaces: V, text: V) -> Result:
    if not isinstance(spaces.data, int) or spaces.data < 0 or spaces.data > 10_000:
        raise FunctionError("the number of spaces must be whole and not negative")
    if spaces.data * text.data.count("\n") > MAX_TEXT:
        raise LimitError("the text becomes too long to be built", context.span)
    return text.data.replace("\n", "\n" + " " * spaces.data)


@FUNCTIONS.define("join", STRING, ListType(STRING), rest=ListType(STRING), returns=STRING, unknown="own")
def _join(context: Context, separator: V, *lists: V) -> Result:
    operands = (separator, *lists)
    if unknown_parts(operands):
        if any(isinstance(operand.data, Unknown) for operand in operands):
            return merge(context.span, operands, STRING)
        pieces: list[str | V] = []
        for item in (item for items in lists for item in items.data):
            if item.data is None:
                raise FunctionError("an element is null")
            pieces.extend((separator.data, item.data if isinstance(item.data, str) else item))
        return joined_text(context.span, operands, pieces[1:])
    parts: list[str] = []
    for items in lists:
        for item in items.data:
            if item.data is None:
                raise FunctionError("an element is null")
            parts.append(item.data)
    if sum(map(len, parts)) + len(separator.data) * len(parts) > MAX_TEXT:
        raise LimitError("the text becomes too long to be built", context.span)
    return separator.data.join(parts)


@FUNCTIONS.define("lower", STRING, returns=STRING)
def _lower(context: Context, text: V) -> Result:
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text.data)


@FUNCTIONS.define("upper", STRING, returns=STRING)
def _upper(context: Context, text: V) -> Result:
    return "".join(char.upper() if len(char.upper()) == 1 else char for char in text.data)


@FUNCTIONS.define("title", STRING, returns=STRING)
def _title(context: Context, text: V) -> Result:
    result: list[str] = []
    before = " "
    for char in text.data:
        inside = (before.isalnum() or before == "_") if before.isascii() else not before.isspace()
        result.append(char if inside else char.title() if len(char.title()) == 1 else char)
        before = char
    return "".join(result)


@FUNCTIONS.define("replace", STRING, STRING, STRING, returns=STRING)
def _replace(context: Context, text: V, part: V, by: V) -> Result:
    pattern = part.data
    if len(text.data) * max(1, len(by.data)) > 64 * MAX_TEXT:
        raise LimitError("the text becomes too long to be built", context.span)
    if len(pattern) > 1 and pattern.startswith("/") and pattern.endswith("/"):
        return _bounded(context, lambda: regex.substitute(pattern[1:-1], by.data, text.data))
    return text.data.replace(pattern, by.data)


def _bounded(context: Context, match: Callable[[], T]) -> T:
    """Return what matching a regular expression gives. Raises FunctionError and LimitError."""
    try:
        return match()
    except regex.PatternError as error:
        raise FunctionError(str(error)) from None
    except regex.TooCostly:
        raise LimitError("this pattern takes too long to match", context.span) from None


@FUNCTIONS.define("split", STRING, STRING)
def _split(context: Context, separator: V, text: V) -> Result:
    parts = list(text.data) if not separator.data else text.data.split(separator.data)
    if not text.data and separator.data:
        parts = [""]
    return derive(context.span, (separator, text), new_elements(context, parts, source_trail(text)), ListType(STRING))


@FUNCTIONS.define("strrev", STRING, returns=STRING)
def _strrev(context: Context, text: V) -> Result:
    return "".join(reversed(graphemes(text.data)))


@FUNCTIONS.define("substr", STRING, NUMBER, NUMBER, returns=STRING)
def _substr(context: Context, text: V, offset: V, length: V) -> Result:
    if not isinstance(offset.data, int) or not isinstance(length.data, int):
        raise FunctionError("offset and length must be whole numbers")
    chars = graphemes(text.data)
    start = offset.data
    if start < 0:
        start = max(0, start + len(chars))
        if length.data == 0:
            # Terraform takes a length of 0 for the whole rest here
            return "".join(chars[start:])
    end = len(chars) if length.data < 0 else start + length.data
    return "".join(chars[start:end])


@FUNCTIONS.define("trim", STRING, STRING, returns=STRING)
def _trim(context: Context, text: V, cut: V) -> Result:
    return text.data.strip(cut.data) if cut.data else text.data


@FUNCTIONS.define("trimprefix", STRING, STRING, returns=STRING)
def _trimprefix(context: Context, text: V, prefix: V) -> Result:
    return text.data.removeprefix(prefix.data)


@FUNCTIONS.define("trimsuffix", STRING, STRING, returns=STRING)
def _trimsuffix(context: Context, text: V, suffix: V) -> Result:
    return text.data.removesuffix(suffix.data)


@FUNCTIONS.define("trimspace", STRING, returns=STRING)
def _trimspace(context: Context, text: V) -> Result:
    return text.data.strip(
        "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
    )


@FUNCTIONS.define("regex", STRING, STRING)
def _regex(context: Context, pattern: V, text: V) -> Result:
    found = _bounded(context, lambda: regex.find(pattern.data, text.data))
    if found is None:
        raise FunctionError("the pattern does not match")
    return _captures(context, (pattern, text), found)


@FUNCTIONS.define("regexall", STRING, STRING)
def _regexall(context: Context, pattern: V, text: V) -> Result:
    found = _bounded(context, lambda: regex.find_all(pattern.data, text.data))
    trail = source_trail(text)
    items = tuple(_captures(context, (pattern, text), match).replace(trail=trail) for match in found)
    context.env.scope.budget.spend(len(items), context.span)
    kind = ListType(type_of(items[0])) if items else ListType(STRING)
    return derive(context.span, (pattern, text), items, kind)


def _captures(context: Context, operands: Sequence[V], found: regex.Captures) -> V:
    span, trail = context.span, source_trail(operands[-1])
    if isinstance(found, str):
        return derive(span, operands, found)
    if isinstance(found, dict):
        return derive(span, operands, {name: Value(part, span, trail, type=STRING) for name, part in found.items()})
    return derive(span, operands, tuple(Value(part, span, trail, type=STRING) for part in found))
