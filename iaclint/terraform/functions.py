"""Terraform's functions.

Each is registered with the types of its parameters; nulls are refused and unknown arguments give an unknown
result before the function runs, unless it says that it looks at them itself. Functions whose result
changes with every run (`timestamp`, `uuid`, `bcrypt`), or that need something from outside, are unknown.

Source of facts: the Terraform documentation of the built-in functions.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from iaclint.model.json_text import JsonStyle, json_pieces
from iaclint.model.trails import picked_from
from iaclint.model.unknowns import derive, is_sensitive, merge, refs_of, unknown_parts
from iaclint.model.value import Encoded, Step, Unknown, UnknownCause, Value
from iaclint.source.files import Span
from iaclint.terraform.evaluate import MAX_TEXT, Env, EvaluationError, LimitError, evaluate, joined_text
from iaclint.terraform.lang.comparison import distinct, equals, set_key, sort_set
from iaclint.terraform.lang.conversion import ConversionError, convert
from iaclint.terraform.lang.numbers import exact, format_number, is_number, parse_number, rounded
from iaclint.terraform.lang.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    ObjectType,
    Prim,
    ResourceType,
    SetType,
    TupleType,
    Type,
    type_name,
    type_of,
    unify,
)
from iaclint.terraform.syntax import parser
from iaclint.terraform.syntax import tree as syntax

V = Value[Any]


class Wrong(Exception):
    """A function was given something that it refuses."""


class Context(Struct, eq=False):
    """Where a call stands."""

    span: Span
    env: Env
    nodes: tuple[syntax.Expression, ...]


class Function(Struct, frozen=True):
    """A function and how its arguments are prepared.

    unknown   "deep": any unknown part makes the result unknown; "top": only an argument that is itself unknown;
              "own": the function sees everything
    nullable  whether arguments may be null
    """

    name: str
    parameters: tuple[Type, ...]
    optional: int
    rest: Type | None
    returns: Type | None
    unknown: str
    nullable: bool
    run: Callable[..., Any]


FUNCTIONS: dict[str, Function] = {}


def function(
    name: str,
    *parameters: Type,
    optional: int = 0,
    rest: Type | None = None,
    returns: Type | None = None,
    unknown: str = "deep",
    nullable: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function. `rest` is the type of any further arguments."""

    def register(run: Callable[..., Any]) -> Callable[..., Any]:
        FUNCTIONS[name] = Function(name, parameters, optional, rest, returns, unknown, nullable, run)
        return run

    return register


def call(node: syntax.Call, env: Env) -> V:
    """The value of a function call. Raises EvaluationError."""
    name = node.name.removeprefix("core::")
    if name == "try":
        return _try(node, env)
    if name == "can":
        return _can(node, env)
    if "::" in name:
        for argument in node.arguments:
            evaluate(argument, env)
        return Value(
            Unknown(UnknownCause.UNSUPPORTED, f"{name}() belongs to a provider, which is not asked"),
            node.span,
            type=None,
        )
    found = FUNCTIONS.get(name)
    if found is None:
        raise EvaluationError(f"there is no function {name}()", node.span)
    arguments: list[V] = [evaluate(argument, env) for argument in node.arguments]
    if node.expand:
        last = arguments.pop()
        if isinstance(last.data, Unknown):
            return merge(node.span, (*arguments, last), found.returns, not_null=False)
        if not isinstance(last.data, tuple):
            raise EvaluationError("only a list can be expanded with ...", last.span)
        items = sort_set(last.data) if isinstance(last.type, SetType) else last.data
        arguments.extend(picked_from(last, item, last.span) for item in items)
    for at, given in enumerate(arguments):
        if isinstance(given.type, ResourceType):
            arguments[at] = env.scope.complete(given, node.span)
    return apply(found, arguments, Context(node.span, env, node.arguments))


def apply(found: Function, arguments: list[V], context: Context) -> V:
    """Check and convert arguments, and run the function."""
    span = context.span
    count = len(arguments)
    least = len(found.parameters) - found.optional
    if count < least or (found.rest is None and count > len(found.parameters)):
        wanted = f"{least}" if not found.optional and found.rest is None else f"at least {least}"
        raise EvaluationError(f"{found.name}() takes {wanted} arguments, not {count}", span)
    prepared: list[V] = []
    for at, argument in enumerate(arguments):
        kind = found.parameters[at] if at < len(found.parameters) else found.rest
        assert kind is not None
        if argument.data is None and not found.nullable:
            raise EvaluationError(f"argument {at + 1} of {found.name}() must not be null", argument.span)
        if kind is not DYNAMIC:
            try:
                argument = convert(argument, kind)
            except ConversionError as error:
                raise EvaluationError(f"argument {at + 1} of {found.name}(): {error}", argument.span) from None
        prepared.append(argument)
    if found.unknown != "own":
        blocked = (
            bool(unknown_parts(prepared))
            if found.unknown == "deep"
            else any(isinstance(argument.data, Unknown) for argument in prepared)
        )
        if blocked:
            return merge(span, prepared, found.returns)
    try:
        result = found.run(context, *prepared)
    except (Wrong, ConversionError) as error:
        raise EvaluationError(f"{found.name}(): {error}", span) from None
    except (ValueError, OverflowError) as error:
        raise EvaluationError(f"{found.name}(): {error}", span) from None
    if isinstance(result, Value):
        return result
    if isinstance(result, str) and len(result) > MAX_TEXT:
        raise LimitError(f"the result of {found.name}() is too long", span)
    return derive(span, prepared, result)


def _try(node: syntax.Call, env: Env) -> V:
    if not node.arguments:
        raise EvaluationError("try() takes at least one argument", node.span)
    last: EvaluationError | None = None
    for argument in node.arguments:
        try:
            value = evaluate(argument, env)
        except LimitError:
            raise
        except EvaluationError as error:
            last = error
            continue
        if isinstance(value.data, Unknown) and value.type is None and _may_fail(argument):
            # whether this argument fails is not known yet
            return Value(value.data.cause_only(), node.span, value.trail, value.refs, False, value.sensitive)
        return value
    assert last is not None
    raise EvaluationError(f"no argument of try() succeeded; the last one: {last.message}", node.span)


def _may_fail(node: syntax.Expression) -> bool:
    return not isinstance(node, syntax.Literal)


def _can(node: syntax.Call, env: Env) -> V:
    if len(node.arguments) != 1:
        raise EvaluationError("can() takes one argument", node.span)
    try:
        value = evaluate(node.arguments[0], env)
    except LimitError:
        raise
    except EvaluationError:
        return Value(False, node.span)
    if unknown_parts((value,)):
        return merge(node.span, (value,), BOOL)
    return derive(node.span, (value,), True)


# -- numbers -------------------------------------------------------------------------------------


@function("abs", NUMBER, returns=NUMBER)
def _abs(context: Context, value: V) -> Any:
    return abs(value.data)


@function("ceil", NUMBER, returns=NUMBER)
def _ceil(context: Context, value: V) -> Any:
    return math.ceil(value.data)


@function("floor", NUMBER, returns=NUMBER)
def _floor(context: Context, value: V) -> Any:
    return math.floor(value.data)


def _from_float(number: float) -> Any:
    if math.isinf(number) or math.isnan(number):
        raise Wrong("the result is not a finite number")
    result = Fraction(number)
    return result.numerator if result.denominator == 1 else result


@function("log", NUMBER, NUMBER, returns=NUMBER)
def _log(context: Context, value: V, base: V) -> Any:
    number, radix = float(value.data), float(base.data)
    if number <= 0 or radix <= 0 or radix == 1:
        raise Wrong("there is no such logarithm")
    return _from_float(math.log(number) / math.log(radix))


@function("pow", NUMBER, NUMBER, returns=NUMBER)
def _pow(context: Context, value: V, power: V) -> Any:
    number, exponent = float(value.data), float(power.data)
    if number == 0 and exponent < 0:
        raise Wrong("0 has no negative power")
    result = number**exponent
    if isinstance(result, complex):
        raise Wrong("there is no such power")
    return _from_float(result)


@function("signum", NUMBER, returns=NUMBER)
def _signum(context: Context, value: V) -> Any:
    if not isinstance(value.data, int):
        raise Wrong("a whole number is required")
    return (value.data > 0) - (value.data < 0)


@function("max", NUMBER, rest=NUMBER, returns=NUMBER)
def _max(context: Context, *values: V) -> Any:
    return max(value.data for value in values)


@function("min", NUMBER, rest=NUMBER, returns=NUMBER)
def _min(context: Context, *values: V) -> Any:
    return min(value.data for value in values)


@function("parseint", DYNAMIC, NUMBER, returns=NUMBER)
def _parseint(context: Context, text: V, base: V) -> Any:
    radix = base.data
    if not isinstance(text.data, str):
        raise Wrong("the first argument must be a string")
    if not isinstance(radix, int) or not 2 <= radix <= 62:
        raise Wrong("the base must be a whole number from 2 to 62")
    digits = text.data.removeprefix("-") if text.data.startswith("-") else text.data.removeprefix("+")
    total = 0
    if not digits or len(digits) > 2000:
        raise Wrong(f'"{text.data}" is not a whole number in base {radix}')
    for char in digits:
        if char.isdigit() and char.isascii():
            digit = int(char)
        elif "a" <= char <= "z":
            digit = ord(char) - 87
        elif "A" <= char <= "Z":
            digit = ord(char) - (55 if radix <= 36 else 29)
        else:
            digit = 99
        if digit >= radix:
            raise Wrong(f'"{text.data}" is not a whole number in base {radix}')
        total = total * radix + digit
    return rounded(-total if text.data.startswith("-") else total)


# -- text ------------------------------------------------------------------------------------------


def graphemes(text: str) -> list[str]:
    """User-perceived characters, as far as length and cutting need them."""
    if text.isascii() and "\r\n" not in text:
        return list(text)
    import unicodedata

    found: list[str] = []
    joined = False
    flags = 0
    for char in text:
        category = unicodedata.category(char)
        point = ord(char)
        regional = 0x1F1E6 <= point <= 0x1F1FF
        extends = category in ("Mn", "Me", "Mc") or point in (0x200D, 0xFE0F) or 0x1F3FB <= point <= 0x1F3FF
        extends = extends or 0xE0020 <= point <= 0xE007F
        if found and (
            extends
            or (joined and category == "So")
            or (char == "\n" and found[-1] == "\r")
            or (regional and flags % 2 == 1)
            or _hangul_joins(found[-1][-1], point)
        ):
            found[-1] += char
        else:
            found.append(char)
        flags = flags + 1 if regional else 0
        joined = point == 0x200D
    return found


def _hangul_joins(before: str, point: int) -> bool:
    last = ord(before)
    if 0x1100 <= last <= 0x115F:
        return 0x1100 <= point <= 0x11A7 or 0xAC00 <= point <= 0xD7A3
    if 0x1160 <= last <= 0x11A7:
        return 0x1160 <= point <= 0x11FF
    return 0x11A8 <= last <= 0x11FF and 0x11A8 <= point <= 0x11FF


@function("chomp", STRING, returns=STRING)
def _chomp(context: Context, text: V) -> Any:
    return re.sub(r"(?:\r\n?|\n)*\Z", "", text.data)


@function("startswith", STRING, STRING, returns=BOOL, unknown="own")
def _startswith(context: Context, text: V, prefix: V) -> Any:
    if prefix.data == "":
        return True
    if isinstance(text.data, Unknown) and isinstance(prefix.data, str) and text.data.prefix:
        known = text.data.prefix
        if len(known) >= len(prefix.data) or not prefix.data.startswith(known):
            return known.startswith(prefix.data)
    if isinstance(text.data, Unknown) or isinstance(prefix.data, Unknown):
        return merge(context.span, (text, prefix), BOOL)
    return text.data.startswith(prefix.data)


@function("endswith", STRING, STRING, returns=BOOL)
def _endswith(context: Context, text: V, suffix: V) -> Any:
    return text.data.endswith(suffix.data)


@function("strcontains", STRING, STRING, returns=BOOL)
def _strcontains(context: Context, text: V, part: V) -> Any:
    return part.data in text.data


@function("indent", NUMBER, STRING, returns=STRING)
def _indent(context: Context, spaces: V, text: V) -> Any:
    if not isinstance(spaces.data, int) or spaces.data < 0 or spaces.data > 10_000:
        raise Wrong("the number of spaces must be whole and not negative")
    if spaces.data * text.data.count("\n") > MAX_TEXT:
        raise LimitError("the text becomes too long to be built", context.span)
    return text.data.replace("\n", "\n" + " " * spaces.data)


@function("join", STRING, ListType(STRING), rest=ListType(STRING), returns=STRING, unknown="own")
def _join(context: Context, separator: V, *lists: V) -> Any:
    operands = (separator, *lists)
    if unknown_parts(operands):
        if any(isinstance(operand.data, Unknown) for operand in operands):
            return merge(context.span, operands, STRING)
        pieces: list[str | V] = []
        for item in (item for items in lists for item in items.data):
            if item.data is None:
                raise Wrong("an element is null")
            pieces.extend((separator.data, item.data if isinstance(item.data, str) else item))
        return joined_text(context.span, operands, pieces[1:])
    parts: list[str] = []
    for items in lists:
        for item in items.data:
            if item.data is None:
                raise Wrong("an element is null")
            parts.append(item.data)
    if sum(map(len, parts)) + len(separator.data) * len(parts) > MAX_TEXT:
        raise LimitError("the text becomes too long to be built", context.span)
    return separator.data.join(parts)


@function("lower", STRING, returns=STRING)
def _lower(context: Context, text: V) -> Any:
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text.data)


@function("upper", STRING, returns=STRING)
def _upper(context: Context, text: V) -> Any:
    return "".join(char.upper() if len(char.upper()) == 1 else char for char in text.data)


@function("title", STRING, returns=STRING)
def _title(context: Context, text: V) -> Any:
    result: list[str] = []
    before = " "
    for char in text.data:
        inside = (before.isalnum() or before == "_") if before.isascii() else not before.isspace()
        result.append(char if inside else char.title() if len(char.title()) == 1 else char)
        before = char
    return "".join(result)


@function("replace", STRING, STRING, STRING, returns=STRING)
def _replace(context: Context, text: V, part: V, by: V) -> Any:
    pattern = part.data
    if len(text.data) * max(1, len(by.data)) > 64 * MAX_TEXT:
        raise LimitError("the text becomes too long to be built", context.span)
    if len(pattern) > 1 and pattern.startswith("/") and pattern.endswith("/"):
        from iaclint.terraform import regex

        return _guarded(context, lambda: regex.substitute(pattern[1:-1], by.data, text.data))
    return text.data.replace(pattern, by.data)


def _guarded(context: Context, run: Callable[[], Any]) -> Any:
    from iaclint.terraform import regex

    try:
        return run()
    except regex.PatternError as error:
        raise Wrong(str(error)) from None
    except regex.TooCostly:
        raise LimitError("this pattern takes too long to match", context.span) from None


@function("split", STRING, STRING)
def _split(context: Context, separator: V, text: V) -> Any:
    parts = list(text.data) if not separator.data else text.data.split(separator.data)
    if not text.data and separator.data:
        parts = [""]
    return derive(context.span, (separator, text), _values(context, parts, _source(text)), ListType(STRING))


def _values(context: Context, parts: Sequence[Any], trail: tuple[Step, ...] = ()) -> tuple[V, ...]:
    context.env.scope.budget.spend(len(parts), context.span)
    return tuple(Value(part, context.span, trail) for part in parts)


def _source(text: V) -> tuple[Step, ...]:
    """The trail of what is cut out of a text: it is decided where the text is."""
    return text.trail or (Step(text.span, "text"),)


@function("strrev", STRING, returns=STRING)
def _strrev(context: Context, text: V) -> Any:
    return "".join(reversed(graphemes(text.data)))


@function("substr", STRING, NUMBER, NUMBER, returns=STRING)
def _substr(context: Context, text: V, offset: V, length: V) -> Any:
    if not isinstance(offset.data, int) or not isinstance(length.data, int):
        raise Wrong("offset and length must be whole numbers")
    chars = graphemes(text.data)
    start = offset.data
    if start < 0:
        start = max(0, start + len(chars))
        if length.data == 0:
            # Terraform takes a length of 0 for the whole rest here
            return "".join(chars[start:])
    end = len(chars) if length.data < 0 else start + length.data
    return "".join(chars[start:end])


@function("trim", STRING, STRING, returns=STRING)
def _trim(context: Context, text: V, cut: V) -> Any:
    return text.data.strip(cut.data) if cut.data else text.data


@function("trimprefix", STRING, STRING, returns=STRING)
def _trimprefix(context: Context, text: V, prefix: V) -> Any:
    return text.data.removeprefix(prefix.data)


@function("trimsuffix", STRING, STRING, returns=STRING)
def _trimsuffix(context: Context, text: V, suffix: V) -> Any:
    return text.data.removesuffix(suffix.data)


@function("trimspace", STRING, returns=STRING)
def _trimspace(context: Context, text: V) -> Any:
    return text.data.strip(
        "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
    )


@function("regex", STRING, STRING)
def _regex(context: Context, pattern: V, text: V) -> Any:
    from iaclint.terraform import regex

    found = _guarded(context, lambda: regex.find(pattern.data, text.data))
    if found is None:
        raise Wrong("the pattern does not match")
    return _captures(context, (pattern, text), found)


@function("regexall", STRING, STRING)
def _regexall(context: Context, pattern: V, text: V) -> Any:
    from iaclint.terraform import regex

    found = _guarded(context, lambda: regex.find_all(pattern.data, text.data))
    items = tuple(_captures(context, (pattern, text), match) for match in found)
    context.env.scope.budget.spend(len(items), context.span)
    for item in items:
        item.trail = _source(text)
    kind = ListType(type_of(items[0])) if items else ListType(STRING)
    return derive(context.span, (pattern, text), items, kind)


def _captures(context: Context, operands: Sequence[V], found: Any) -> V:
    span, trail = context.span, _source(operands[-1])
    if isinstance(found, str):
        return derive(span, operands, found)
    if isinstance(found, dict):
        return derive(span, operands, {name: Value(part, span, trail, type=STRING) for name, part in found.items()})
    return derive(span, operands, tuple(Value(part, span, trail, type=STRING) for part in found))


# -- format ----------------------------------------------------------------------------------------

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
            raise Wrong(f"the verb that starts at offset {percent} is not complete")
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
            raise Wrong(f"there is no argument {number + 1} for {match.group()}")
        highest = max(highest, number + 1)
        out.append(_verb(match, values[number]))
    if highest < len(values) and "[" not in pattern and values:
        raise Wrong(f"too many arguments: {len(values)} for {highest} verbs")
    return "".join(out)


def _verb(match: re.Match[str], value: V) -> str:
    verb = match["verb"]
    flags = match["flags"]
    width = int(match["width"]) if match["width"] and match["width"] != "*" else 0
    has_precision = "." in match.group().split("[")[0]
    precision = int(match["precision"] or 0) if has_precision and match["precision"] != "*" else None
    if width > 100_000 or (precision or 0) > 10_000:
        raise Wrong("the width is too large")
    if verb == "v":
        return _pad(_plain_verb(value, flags, precision), width, flags)
    if value.data is None:
        raise Wrong("an argument is null")
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
            raise Wrong(f"%{verb} takes a whole number")
        whole = number
        base = {"b": "b", "d": "d", "o": "o", "x": "x", "X": "X"}[verb]
        digits = format_number(abs(whole)) if verb == "d" else format(abs(whole), base)
        if "#" in flags and verb in "oxX":
            digits = {"o": "0", "x": "0x", "X": "0X"}[verb] + digits
        return _signed(digits, whole < 0, width, flags)
    if verb in "eEfgG":
        return _float_verb(convert(value, NUMBER).data, verb, precision, width, flags)
    raise Wrong(f"%{verb} is not a verb that format() knows")


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


@function("format", STRING, rest=DYNAMIC, returns=STRING, unknown="own", nullable=True)
def _format(context: Context, pattern: V, *values: V) -> Any:
    if pattern.data is None:
        raise Wrong("the format must not be null")
    if unknown_parts((pattern, *values)):
        if not isinstance(pattern.data, str):
            return merge(context.span, (pattern, *values), STRING)
        texts = pattern.data.split("%s")
        if len(texts) != len(values) + 1 or any("%" in text for text in texts):
            return merge(context.span, (pattern, *values), STRING, prefix=pattern.data.partition("%")[0])
        pieces: list[str | V] = [texts[0]]
        for value, text in zip(values, texts[1:], strict=True):
            if value.data is None:
                raise Wrong("an argument is null")
            found = convert(value, STRING)
            pieces.extend((found.data if isinstance(found.data, str) else found, text))
        return joined_text(context.span, (pattern, *values), pieces)
    return format_text(pattern.data, values)


@function("formatlist", STRING, rest=DYNAMIC, unknown="own", nullable=True)
def _formatlist(context: Context, pattern: V, *values: V) -> Any:
    span = context.span
    if pattern.data is None:
        raise Wrong("the format must not be null")
    lists: list[tuple[V, ...] | None] = []
    length: int | None = None
    unknown_length = False
    for value in values:
        data = value.data
        kind = value.type
        if isinstance(data, tuple) and _known_length(value) is None:
            unknown_length = True
            lists.append(None)
        elif isinstance(data, tuple):
            items = sort_set(data) if isinstance(kind, SetType) else data
            if length is not None and length != len(items):
                raise Wrong("the lists must have the same length")
            length = len(items)
            lists.append(items)
        else:
            unknown_length = unknown_length or (isinstance(data, Unknown) and not isinstance(kind, Prim))
            lists.append(None)
    if unknown_length or isinstance(pattern.data, Unknown):
        return merge(span, (pattern, *values), ListType(STRING))
    if length is None:
        length = 1
    context.env.scope.budget.spend(length, span)
    results: list[V] = []
    for at in range(length):
        row = [items[at] if items is not None else value for items, value in zip(lists, values, strict=True)]
        if unknown_parts(row):
            results.append(_format(context, pattern, *row))
        else:
            made = derive(span, row, format_text(pattern.data, row))
            made.trail = (
                next(value for items, value in zip(lists, row, strict=True) if items).trail if any(lists) else ()
            )
            results.append(made)
    return Value(tuple(results), span, (), pattern.refs, False, pattern.sensitive, ListType(STRING))


# -- JSON and other texts ----------------------------------------------------------------------------


def json_string(text: str, html: bool = True) -> str:
    """A text in JSON, with the escapes of Go's encoder."""
    import json

    result = json.dumps(text, ensure_ascii=False)
    if html:
        result = result.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    result = result.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return result.replace("\\b", "\\u0008").replace("\\f", "\\u000c") if "\\b" in result or "\\f" in result else result


def _json_scalar(data: Any) -> str:
    return "null" if data is None else ("true" if data else "false") if isinstance(data, bool) else format_number(data)


def _json_items(value: V) -> Sequence[V]:
    items: Sequence[V] = sort_set(value.data) if isinstance(value.type, SetType) else value.data
    return items


JSON_STYLE = JsonStyle(json_string, _json_scalar, lambda value: value.type is STRING, _json_items, sorted=True)
"""How jsonencode writes values: compact, members sorted by name."""


def json_text(value: V) -> str:
    """The JSON of a wholly known value."""
    return "".join(piece for piece in json_pieces(value, JSON_STYLE) if isinstance(piece, str))


@function("jsonencode", DYNAMIC, returns=STRING, unknown="own", nullable=True)
def _jsonencode(context: Context, value: V) -> Any:
    if unknown_parts((value,)):
        if isinstance(value.data, Unknown):
            return merge(context.span, (value,), STRING)
        text = joined_text(context.span, (value,), json_pieces(value, JSON_STYLE))
        text.data = replace(text.data, encoded=value)
        return text
    return Encoded(json_text(value), value)


@function("jsondecode", STRING)
def _jsondecode(context: Context, text: V) -> Any:
    import json

    try:
        found = json.loads(text.data, parse_float=Fraction, parse_int=int, parse_constant=_no_constant)
    except RecursionError:
        raise LimitError("the JSON text is nested too deeply", context.span) from None
    except ValueError:
        raise Wrong("the text is not JSON") from None
    return _from_plain(context, (text,), found)


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _from_plain(context: Context, operands: Sequence[V], data: Any) -> V:
    """Plain data of a decoded text as a value."""
    context.env.scope.budget.spend(1, context.span)
    sensitive = any(operand.sensitive for operand in operands)
    span = context.span

    def build(item: Any) -> V:
        if isinstance(item, list):
            return Value(tuple(build(part) for part in item), span, sensitive=sensitive)
        if isinstance(item, dict):
            return Value({syntax.normal(k): build(v) for k, v in item.items()}, span, sensitive=sensitive)
        if isinstance(item, str):
            return Value(syntax.normal(item), span, sensitive=sensitive)
        if is_number(item):
            return Value(rounded(exact(item)), span, sensitive=sensitive)
        return Value(item, span, sensitive=sensitive)

    result = build(data)
    result.refs = refs_of(operands)
    return result


@function("csvdecode", STRING)
def _csvdecode(context: Context, text: V) -> Any:
    import csv
    import io

    try:
        rows = list(csv.reader(io.StringIO(text.data, newline=""), strict=True))
    except csv.Error as error:
        raise Wrong(f"the text is not CSV: {error}") from None
    rows = [row for row in rows if row]
    if not rows:
        raise Wrong("the text has no header line")
    header = rows[0]
    if len(set(header)) != len(header):
        raise Wrong("two columns have the same name")
    span = context.span
    items: list[V] = []
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(header):
            raise Wrong(f"line {number} has {len(row)} columns instead of {len(header)}")
        cells = _values(context, row, _source(text))
        items.append(Value(dict(zip(header, cells, strict=True)), span))
    kind = ListType(ObjectType(dict.fromkeys(header, STRING)))
    return derive(span, (text,), tuple(items), kind)


@function("yamlencode", DYNAMIC, returns=STRING, nullable=True)
def _yamlencode(context: Context, value: V) -> Any:
    from iaclint.terraform import yamltext

    return yamltext.encode(value)


@function("yamldecode", STRING)
def _yamldecode(context: Context, text: V) -> Any:
    from iaclint.terraform import yamltext

    try:
        found = yamltext.decode(text.data)
    except yamltext.YamlError as error:
        raise Wrong(str(error)) from None
    except RecursionError:
        raise LimitError("the YAML text is nested too deeply", context.span) from None
    return _from_plain(context, (text,), found)


@function("base64encode", STRING, returns=STRING)
def _base64encode(context: Context, text: V) -> Any:
    import base64

    return base64.b64encode(text.data.encode("utf-8", "surrogatepass")).decode()


@function("base64decode", STRING, returns=STRING)
def _base64decode(context: Context, text: V) -> Any:
    return _utf8(_unbase64(text.data))


def _unbase64(text: str) -> bytes:
    import base64

    plain = text.replace("\n", "").replace("\r", "")
    try:
        return base64.b64decode(plain, validate=True)
    except ValueError:
        raise Wrong("the text is not base64") from None


def _utf8(data: bytes) -> str:
    try:
        return syntax.normal(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise Wrong("the bytes are not UTF-8 text") from None


@function("base64gzip", STRING, returns=STRING)
def _base64gzip(context: Context, text: V) -> Any:
    return _unsupported(context, (text,), "base64gzip() depends on the compressor", STRING)


def _unsupported(
    context: Context,
    operands: Sequence[V],
    detail: str,
    kind: Type | None,
    cause: UnknownCause = UnknownCause.UNSUPPORTED,
) -> V:
    return Value(
        Unknown(cause, detail, not_null=True),
        context.span,
        (),
        refs_of(operands),
        False,
        is_sensitive(operands),
        kind,
    )


_ENCODINGS = {
    "utf-16": "utf-16-be",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "cp936": "gb18030",
    "gbk": "gb18030",
}


def _codec(name: str) -> str:
    import codecs

    try:
        return codecs.lookup(_ENCODINGS.get(name.lower(), name)).name
    except LookupError:
        raise Wrong(f'"{name}" is not the name of an encoding') from None


@function("textencodebase64", STRING, STRING, returns=STRING)
def _textencodebase64(context: Context, text: V, encoding: V) -> Any:
    import base64

    try:
        return base64.b64encode(text.data.encode(_codec(encoding.data))).decode()
    except UnicodeEncodeError:
        raise Wrong(f"the text has characters that {encoding.data} lacks") from None


@function("textdecodebase64", STRING, STRING, returns=STRING)
def _textdecodebase64(context: Context, text: V, encoding: V) -> Any:
    try:
        return syntax.normal(_unbase64(text.data).decode(_codec(encoding.data)))
    except UnicodeDecodeError:
        raise Wrong(f"the bytes are not text in {encoding.data}") from None


@function("urlencode", STRING, returns=STRING)
def _urlencode(context: Context, text: V) -> Any:
    from urllib.parse import quote_plus

    return quote_plus(text.data, safe="~")


# -- collections -------------------------------------------------------------------------------------


def _elements(value: V, what: str = "a list") -> tuple[V, ...]:
    """The elements of a list, tuple or set."""
    if not isinstance(value.data, tuple):
        raise Wrong(f"{what} is required, not a {type_name(type_of(value))}")
    return sort_set(value.data) if isinstance(value.type, SetType) else value.data


def _kept(context: Context, operands: Sequence[V], data: Any, kind: Type | None = None) -> V:
    """A collection whose elements come from the arguments: they keep their own places and references."""
    refs = tuple(dict.fromkeys(ref for operand in operands for ref in operand.refs))
    sensitive = any(operand.sensitive for operand in operands)
    trail: tuple[Step, ...] = operands[0].trail if len(operands) == 1 else ()
    return Value(data, context.span, trail, refs, False, sensitive, kind)


def _known_length(value: V) -> int | None:
    """The number of elements, also of an unknown value whose type tells it."""
    data = value.data
    if isinstance(data, tuple):
        if isinstance(value.type, SetType) and unknown_parts(data) and len(data) > 1:
            return None
        return len(data)
    if isinstance(data, dict):
        return len(data)
    if isinstance(data, Unknown):
        if isinstance(value.type, TupleType):
            return len(value.type.elements)
        if isinstance(value.type, ObjectType):
            return len(value.type.attributes)
    return None


@function("length", DYNAMIC, returns=NUMBER, unknown="own")
def _length(context: Context, value: V) -> Any:
    data = value.data
    if isinstance(data, str):
        return len(graphemes(data))
    count = _known_length(value)
    if count is not None:
        # the references count too: what is counted decides the number
        return Value(count, context.span, (), value.refs, False, value.sensitive)
    if isinstance(data, (Unknown, tuple)):
        return merge(context.span, (value,), NUMBER)
    raise Wrong(f"a collection or text is required, not a {type_name(type_of(value))}")


@function("alltrue", ListType(BOOL), returns=BOOL, unknown="own")
def _alltrue(context: Context, values: V) -> Any:
    return _all_any(context, values, False)


@function("anytrue", ListType(BOOL), returns=BOOL, unknown="own")
def _anytrue(context: Context, values: V) -> Any:
    return _all_any(context, values, True)


def _all_any(context: Context, values: V, decides: bool) -> Any:
    if isinstance(values.data, Unknown):
        return merge(context.span, (values,), BOOL)
    undecided = False
    for item in values.data:
        if isinstance(item.data, Unknown):
            undecided = True
        elif item.data is None:
            if not decides:
                return False
        elif item.data is decides:
            return decides
    return merge(context.span, (values,), BOOL) if undecided else not decides


@function("chunklist", ListType(DYNAMIC), NUMBER, unknown="top")
def _chunklist(context: Context, items: V, size: V) -> Any:
    step = size.data
    if not isinstance(step, int) or step < 0:
        raise Wrong("the size must be a whole number, not negative")
    data = items.data
    chunks = [data[i : i + step] for i in range(0, len(data), step)] if step else [data] if data else []
    kind = items.type if isinstance(items.type, ListType) else ListType(DYNAMIC)
    return _kept(context, (items,), tuple(Value(chunk, context.span, type=kind) for chunk in chunks), ListType(kind))


@function("coalesce", rest=DYNAMIC, unknown="own", nullable=True)
def _coalesce(context: Context, *values: V) -> Any:
    kind = unify([type_of(value) for value in values if value.data is not None or value.type is not None])
    if kind is None:
        raise Wrong("all arguments must be of one type")
    for value in values:
        value = convert(value, kind)
        if isinstance(value.data, Unknown):
            return merge(context.span, values[values.index(value) if value in values else 0 :], kind)
        if value.data is None or (value.data == "" and isinstance(value.data, str)):
            continue
        return value
    raise Wrong("all arguments are null or empty")


@function("coalescelist", rest=DYNAMIC, unknown="own", nullable=True)
def _coalescelist(context: Context, *values: V) -> Any:
    if not values:
        raise Wrong("at least one argument is required")
    for value in values:
        if isinstance(value.data, Unknown):
            return merge(context.span, values)
        if value.data is None:
            continue
        if not isinstance(value.data, tuple):
            raise Wrong("all arguments must be lists")
        if value.data:
            return value
    raise Wrong("all lists are empty")


@function("compact", ListType(STRING), unknown="own")
def _compact(context: Context, items: V) -> Any:
    if isinstance(items.data, Unknown) or any(
        isinstance(item.data, Unknown) and not item.data.prefix for item in items.data
    ):
        return merge(context.span, (items,), ListType(STRING))
    kept = tuple(item for item in items.data if item.data is not None and item.data != "")
    return _kept(context, (items,), kept, ListType(STRING))


@function("concat", DYNAMIC, rest=DYNAMIC, unknown="own")
def _concat(context: Context, *values: V) -> Any:
    for value in values:
        if isinstance(value.data, Unknown):
            return merge(context.span, values, value.type if isinstance(value.type, ListType) else None)
    items: list[V] = []
    for value in values:
        if isinstance(value.type, SetType):
            raise Wrong(f"all arguments must be lists or tuples, not a {type_name(value.type)}")
        items.extend(_elements(value, "a list"))
    context.env.scope.budget.spend(len(items), context.span)
    kinds = [value.type for value in values]
    kind: Type | None = None
    if all(isinstance(k, ListType) for k in kinds):
        common = unify([k for k in kinds if k is not None])
        if isinstance(common, ListType):
            kind = common
            items = [convert(item, common.element) for item in items]
    return _kept(context, values, tuple(items), kind)


@function("contains", DYNAMIC, DYNAMIC, returns=BOOL, unknown="own")
def _contains(context: Context, items: V, wanted: V) -> Any:
    if isinstance(items.data, Unknown) or isinstance(wanted.data, Unknown):
        return merge(context.span, (items, wanted), BOOL)
    undecided = False
    for item in _elements(items):
        same = equals(item, wanted)
        if same:
            return Value(True, context.span, (), wanted.refs, False, is_sensitive((items, wanted)))
        undecided = undecided or same is None
    if undecided:
        return merge(context.span, (items, wanted), BOOL)
    return derive(context.span, (items, wanted), False)


def _loosely_equal(left: V, right: V) -> bool | None:
    """Equality after conversion to a common type."""
    kind = unify([type_of(left), type_of(right)])
    if kind is not None and kind is not DYNAMIC:
        try:
            return equals(convert(left, kind), convert(right, kind))
        except ConversionError:
            return False
    return equals(left, right)


@function("distinct", ListType(DYNAMIC), unknown="deep")
def _distinct(context: Context, items: V) -> Any:
    seen: dict[str, V] = {}
    for item in items.data:
        seen.setdefault(set_key(item), item)
    return _kept(context, (items,), tuple(seen.values()), items.type)


@function("element", DYNAMIC, NUMBER, unknown="own")
def _element(context: Context, items: V, index: V) -> Any:
    data = items.data
    if isinstance(data, Unknown):
        kind = items.type.element if isinstance(items.type, (ListType, SetType)) else None
        return merge(context.span, (items, index), kind, not_null=False)
    if isinstance(index.data, Unknown):
        from iaclint.terraform.evaluate import get_index

        _elements(items)
        return get_index(items, index, context.span)
    elements = _elements(items)
    if not isinstance(index.data, int):
        raise Wrong("the index must be a whole number")
    if not elements:
        raise Wrong("the list is empty")
    if math.fmod(index.data, len(elements)) < 0 and not isinstance(items.type, (ListType, SetType)):
        raise Wrong("the index must not be negative")
    return picked_from(items, elements[index.data % len(elements)], context.span)


@function("flatten", DYNAMIC, unknown="own")
def _flatten(context: Context, value: V) -> Any:
    found: list[V] = []
    undecided = False

    def visit(items: tuple[V, ...], depth: int) -> None:
        nonlocal undecided
        for item in items:
            if isinstance(item.data, tuple):
                if depth > 100:
                    raise LimitError("the list is nested too deeply", context.span)
                visit(_elements(item), depth + 1)
            elif isinstance(item.data, Unknown) and not isinstance(item.type, (MapType, ObjectType)):
                if isinstance(item.type, Prim) and item.type is not DYNAMIC:
                    found.append(item)
                else:
                    undecided = True
            elif item.data is None:
                found.append(item)
            else:
                found.append(item)

    if isinstance(value.data, Unknown):
        return merge(context.span, (value,))
    visit(_elements(value), 0)
    if undecided:
        return merge(context.span, (value,))
    context.env.scope.budget.spend(len(found), context.span)
    return _kept(context, (value,), tuple(found))


@function("index", DYNAMIC, DYNAMIC, returns=NUMBER)
def _index(context: Context, items: V, wanted: V) -> Any:
    for at, item in enumerate(_elements(items)):
        if equals(item, wanted):
            return at
    raise Wrong("the element is not in the list")


@function("keys", DYNAMIC, unknown="own")
def _keys(context: Context, value: V) -> Any:
    data = value.data
    if isinstance(data, Unknown):
        if isinstance(value.type, ObjectType):
            return _kept(context, (value,), tuple(Value(name, context.span) for name in sorted(value.type.attributes)))
        return merge(context.span, (value,), ListType(STRING))
    if not isinstance(data, dict):
        raise Wrong(f"a map or object is required, not a {type_name(type_of(value))}")
    names: tuple[V, ...] = tuple(Value(name, data[name].span) for name in sorted(data))
    return _kept(context, (value,), names, ListType(STRING) if isinstance(value.type, MapType) else None)


@function("values", DYNAMIC, unknown="top")
def _values_of(context: Context, value: V) -> Any:
    data = value.data
    if not isinstance(data, dict):
        raise Wrong(f"a map or object is required, not a {type_name(type_of(value))}")
    kind = ListType(value.type.element) if isinstance(value.type, MapType) else None
    return _kept(context, (value,), tuple(data[name] for name in sorted(data)), kind)


@function("lookup", DYNAMIC, STRING, DYNAMIC, optional=1, unknown="own", nullable=True)
def _lookup(context: Context, source: V, key: V, default: V | None = None) -> Any:
    operands = (source, key) if default is None else (source, key, default)
    if source.data is None or key.data is None:
        raise Wrong("the map and the key must not be null")
    kind = source.type.element if isinstance(source.type, MapType) else None
    if isinstance(source.data, Unknown) or isinstance(key.data, Unknown):
        if not isinstance(source.data, (dict, Unknown)):
            raise Wrong("a map is required")
        return merge(context.span, operands, kind, not_null=False)
    data = source.data
    if not isinstance(data, dict):
        raise Wrong(f"a map is required, not a {type_name(type_of(source))}")
    found = data.get(key.data)
    if found is not None:
        result = picked_from(source, found, context.span)
        result.sensitive = result.sensitive or key.sensitive
        return result
    if default is None:
        raise Wrong(f'there is no element "{key.data}"')
    if kind is not None:
        default = convert(default, kind)
    if source.refs:
        default = Value(default.data, default.span, default.trail, tuple(dict.fromkeys((*default.refs, *source.refs))),
                        False, default.sensitive, default.type)  # fmt: skip
    return default


@function("matchkeys", ListType(DYNAMIC), ListType(DYNAMIC), ListType(DYNAMIC), unknown="own")
def _matchkeys(context: Context, values: V, keys: V, wanted: V) -> Any:
    if isinstance(values.data, Unknown) or unknown_parts((keys, wanted)):
        return merge(context.span, (values, keys, wanted), values.type)
    if len(values.data) != len(keys.data):
        raise Wrong("both lists must have the same length")
    kept = tuple(
        value
        for value, key in zip(values.data, keys.data, strict=True)
        if any(_loosely_equal(key, candidate) for candidate in wanted.data)
    )
    return _kept(context, (values,), kept, values.type)


@function("merge", rest=DYNAMIC, unknown="own", nullable=True)
def _merge(context: Context, *values: V) -> Any:
    merged: dict[str, V] = {}
    undecided = False
    size = 0
    for value in values:
        if isinstance(value.data, Unknown):
            if isinstance(value.type, Prim) and value.type is not DYNAMIC:
                raise Wrong("only maps and objects can be merged")
            undecided = True
        elif isinstance(value.data, dict):
            merged.update(value.data)
            size += len(value.data)
        elif value.data is not None or (isinstance(value.type, Prim) and value.type is not DYNAMIC):
            raise Wrong("only maps and objects can be merged")
    context.env.scope.budget.spend(size // 8, context.span)
    if undecided:
        kinds = [value.type for value in values]
        common = kinds[0] if kinds and all(k == kinds[0] for k in kinds) and isinstance(kinds[0], MapType) else None
        return merge(context.span, values, common)
    kinds = [value.type for value in values if value.data is not None]
    kind: Type | None = None
    if kinds and all(isinstance(k, MapType) and k == kinds[0] for k in kinds):
        kind = kinds[0]
    return _kept(context, values, merged, kind)


@function("one", DYNAMIC, unknown="own")
def _one(context: Context, value: V) -> Any:
    if isinstance(value.data, Unknown):
        kind = value.type.element if isinstance(value.type, (ListType, SetType)) else None
        return merge(context.span, (value,), kind, not_null=False)
    items = _elements(value)
    if isinstance(value.type, SetType) and len(items) > 1 and unknown_parts(items):
        return merge(context.span, (value,), value.type.element, not_null=False)
    if len(items) > 1:
        raise Wrong(f"there are {len(items)} elements, where none or one is allowed")
    if items:
        return picked_from(value, items[0], context.span)
    return Value(None, context.span, value.trail, value.refs, type=None)


@function("range", NUMBER, NUMBER, NUMBER, optional=2)
def _range(context: Context, first: V, second: V | None = None, third: V | None = None) -> Any:
    start, limit = (0, first.data) if second is None else (first.data, second.data)
    step = third.data if third is not None else (1 if limit >= start else -1)
    if step == 0:
        raise Wrong("the step must not be zero")
    away = (limit < start and step > 0) or (limit > start and step < 0)
    if away and third is not None:
        raise Wrong("the step leads away from the limit")
    count = max(0, math.ceil(Fraction(limit - start) / Fraction(step)))
    if count > 1024:
        raise Wrong("the result would have more than 1024 elements, which Terraform refuses")
    numbers = [rounded(start + step * at) for at in range(count)]
    return derive(context.span, (first,), _values(context, numbers), ListType(NUMBER))


@function("reverse", DYNAMIC, unknown="top")
def _reverse(context: Context, value: V) -> Any:
    kind = value.type
    items = tuple(reversed(_elements(value)))
    if isinstance(kind, SetType):
        kind = ListType(kind.element)
    return _kept(context, (value,), items, kind if isinstance(kind, ListType) else None)


def _sets(context: Context, values: Sequence[V]) -> tuple[list[V], Type]:
    kinds: list[Type] = []
    for value in values:
        kind = type_of(value)
        if isinstance(kind, (ListType, SetType)):
            if not (kind.element is DYNAMIC and value.data == ()):
                kinds.append(kind.element)
        elif isinstance(kind, TupleType):
            kinds.extend(kind.elements)
        elif not isinstance(value.data, Unknown):
            raise Wrong("sets are required")
        else:
            kinds.append(DYNAMIC)
    common = unify(kinds)
    if common is None:
        raise Wrong("the sets must have elements of one type")
    return [convert(value, SetType(common)) for value in values], common


@function("setunion", DYNAMIC, rest=DYNAMIC, unknown="top")
def _setunion(context: Context, *values: V) -> Any:
    sets, kind = _sets(context, values)
    return _kept(context, values, distinct(item for value in sets for item in value.data), SetType(kind))


@function("setintersection", DYNAMIC, rest=DYNAMIC)
def _setintersection(context: Context, *values: V) -> Any:
    sets, kind = _sets(context, values)
    kept = sets[0].data
    for other in sets[1:]:
        keys = {set_key(item) for item in other.data}
        kept = tuple(item for item in kept if set_key(item) in keys)
    return _kept(context, values, distinct(kept), SetType(kind))


@function("setsubtract", DYNAMIC, DYNAMIC, unknown="own")
def _setsubtract(context: Context, left: V, right: V) -> Any:
    if unknown_parts((left, right)):
        if isinstance(left.data, tuple) and not left.data:
            return _kept(context, (left,), (), left.type)
        return merge(context.span, (left, right))
    sets, kind = _sets(context, (left, right))
    keys = {set_key(item) for item in sets[1].data}
    return _kept(context, (left,), tuple(i for i in sets[0].data if set_key(i) not in keys), SetType(kind))


@function("setproduct", DYNAMIC, rest=DYNAMIC, unknown="own")
def _setproduct(context: Context, *values: V) -> Any:
    if len(values) < 2:
        raise Wrong("at least two sets are required")
    as_set = all(isinstance(type_of(value), SetType) for value in values)
    if any(isinstance(value.data, tuple) and not value.data for value in values):
        return _kept(context, values, (), SetType(DYNAMIC) if as_set else ListType(DYNAMIC))
    if any(isinstance(value.data, Unknown) for value in values) or (as_set and unknown_parts(values)):
        return merge(context.span, values)
    groups: list[tuple[V, ...]] = []
    total = 1
    for value in values:
        items = _elements(value)
        common = unify([type_of(item) for item in items])
        if common is None:
            raise Wrong("all elements of a set must be of one type")
        groups.append(tuple(convert(item, common) for item in items))
        total *= len(items)
        if total > 500_000:
            raise LimitError("the product has too many elements", context.span)
    context.env.scope.budget.spend(total * len(groups), context.span)
    import itertools

    span = context.span
    rows: tuple[V, ...] = tuple(Value(row, span) for row in itertools.product(*groups))
    row_type = type_of(rows[0])
    return _kept(context, values, rows, SetType(row_type) if as_set else ListType(row_type))


MAX_UNKNOWN_SLICE = 64
"""Elements of a list that is unknown are told apart up to so many."""


@function("slice", DYNAMIC, NUMBER, NUMBER, unknown="own")
def _slice(context: Context, value: V, start: V, end: V) -> Any:
    if isinstance(value.type, SetType):
        raise Wrong("a set has no order; use tolist()")
    first, last = start.data, end.data
    if isinstance(first, Unknown) or isinstance(last, Unknown):
        return merge(context.span, (value, start, end))
    if isinstance(value.data, Unknown):
        whole = isinstance(first, int) and isinstance(last, int)
        if not whole or not 0 <= first <= last <= first + MAX_UNKNOWN_SLICE:
            return merge(context.span, (value, start, end))
        # it either fails or has this many elements
        kind = value.type.element if isinstance(value.type, ListType) else None
        item = merge(context.span, (value,), kind, not_null=False)
        return _kept(context, (value,), (item,) * (last - first), value.type if kind is not None else None)
    items = _elements(value)
    if not isinstance(first, int) or not isinstance(last, int) or not 0 <= first <= last <= len(items):
        raise Wrong(f"there is no slice from {first} to {last} of {len(items)} elements")
    return _kept(context, (value,), items[first:last], value.type if isinstance(value.type, ListType) else None)


@function("sort", ListType(STRING))
def _sort(context: Context, value: V) -> Any:
    if any(item.data is None for item in value.data):
        raise Wrong("an element is null")
    return _kept(context, (value,), tuple(sorted(value.data, key=lambda item: item.data)), ListType(STRING))


@function("sum", DYNAMIC, returns=NUMBER)
def _sum(context: Context, value: V) -> Any:
    items = _elements(value)
    if not items:
        raise Wrong("the list is empty")
    total: Any = 0
    for item in items:
        if item.data is None:
            raise Wrong("an element is null")
        total += exact(convert(item, NUMBER).data)
    return rounded(total)


@function("transpose", MapType(ListType(STRING)))
def _transpose(context: Context, value: V) -> Any:
    turned: dict[str, list[V]] = {}
    for name in sorted(value.data):
        for item in value.data[name].data or ():
            if item.data is None:
                raise Wrong("an element is null")
            turned.setdefault(item.data, []).append(Value(name, item.span))
    kind = ListType(STRING)
    data: dict[str, V] = {
        name: Value(tuple(sorted(items, key=lambda i: i.data)), context.span, type=kind)
        for name, items in turned.items()
    }
    return derive(context.span, (value,), data, MapType(kind))


@function("zipmap", ListType(STRING), DYNAMIC, unknown="own")
def _zipmap(context: Context, keys: V, values: V) -> Any:
    if unknown_parts((keys,)) or isinstance(values.data, Unknown):
        return merge(context.span, (keys, values))
    items = _elements(values)
    if len(keys.data) != len(items):
        raise Wrong(f"there are {len(keys.data)} keys and {len(items)} values")
    kind = MapType(values.type.element) if isinstance(values.type, (ListType, SetType)) else None
    data = {key.data: item for key, item in zip(keys.data, items, strict=True)}
    return _kept(context, (keys, values), data, kind)


# -- types -----------------------------------------------------------------------------------------


def _converter(name: str, kind: Type) -> None:
    @function(name, DYNAMIC, unknown="own", nullable=True)
    def run(context: Context, value: V) -> Any:
        if isinstance(value.data, Unknown) and value.type is not None and not isinstance(kind, Prim):
            have = value.type
            if isinstance(have, (ListType, SetType, MapType)):
                element = have.element
                if name == "tomap":
                    return convert(value, MapType(element))
                return convert(value, ListType(element) if name == "tolist" else SetType(element))
        return convert(value, kind)


_CONVERTERS: tuple[tuple[str, Type], ...] = (
    ("tostring", STRING),
    ("tonumber", NUMBER),
    ("tobool", BOOL),
    ("tolist", ListType(DYNAMIC)),
    ("toset", SetType(DYNAMIC)),
    ("tomap", MapType(DYNAMIC)),
)
for _name, _kind in _CONVERTERS:
    _converter(_name, _kind)


@function("sensitive", DYNAMIC, unknown="own", nullable=True)
def _sensitive(context: Context, value: V) -> Any:
    return Value(value.data, value.span, value.trail, value.refs, value.implicit, True, value.type)


@function("nonsensitive", DYNAMIC, unknown="own", nullable=True)
def _nonsensitive(context: Context, value: V) -> Any:
    return Value(value.data, value.span, value.trail, value.refs, value.implicit, False, value.type)


@function("ephemeralasnull", DYNAMIC, unknown="own", nullable=True)
def _ephemeralasnull(context: Context, value: V) -> Any:
    return value


@function("issensitive", DYNAMIC, returns=BOOL, unknown="own", nullable=True)
def _issensitive(context: Context, value: V) -> Any:
    if value.sensitive:
        return Value(True, context.span)
    if isinstance(value.data, Unknown):
        return merge(context.span, (value,), BOOL)
    return Value(False, context.span)


# -- files -----------------------------------------------------------------------------------------


def _content(context: Context, path: V) -> Any:
    """The bytes of a file, or the unknown that stands for one that may not be read."""
    return context.env.scope.read_file(path.data, context.span)


def _file_function(name: str, make: Callable[[bytes], str]) -> None:
    @function(name, STRING, returns=STRING)
    def run(context: Context, path: V) -> Any:
        content = _content(context, path)
        return content if isinstance(content, Value) else make(content)


def _digest(algorithm: str, base64: bool = False) -> Callable[[bytes], str]:
    def run(data: bytes) -> str:
        import hashlib

        digest = hashlib.new(algorithm, data, usedforsecurity=False)
        if base64:
            import base64 as codec

            return codec.b64encode(digest.digest()).decode()
        return digest.hexdigest()

    return run


def _b64(data: bytes) -> str:
    import base64

    return base64.b64encode(data).decode()


_file_function("file", lambda data: _utf8(data))
_file_function("filebase64", _b64)
for _name, _algorithm in (
    ("filemd5", "md5"),
    ("filesha1", "sha1"),
    ("filesha256", "sha256"),
    ("filesha512", "sha512"),
):
    _file_function(_name, _digest(_algorithm))
_file_function("filebase64sha256", _digest("sha256", base64=True))
_file_function("filebase64sha512", _digest("sha512", base64=True))


def _text_digest(name: str, make: Callable[[bytes], str]) -> None:
    @function(name, STRING, returns=STRING)
    def run(context: Context, text: V) -> Any:
        return make(text.data.encode("utf-8", "surrogatepass"))


for _name in ("md5", "sha1", "sha256", "sha512"):
    _text_digest(_name, _digest(_name))
_text_digest("base64sha256", _digest("sha256", base64=True))
_text_digest("base64sha512", _digest("sha512", base64=True))


@function("fileexists", STRING, returns=BOOL)
def _fileexists(context: Context, path: V) -> Any:
    return context.env.scope.file_exists(path.data, context.span)


@function("fileset", STRING, STRING)
def _fileset(context: Context, path: V, pattern: V) -> Any:
    found = context.env.scope.file_set(path.data, pattern.data, context.span)
    if isinstance(found, Value):
        return found
    return derive(context.span, (path, pattern), _values(context, sorted(found)), SetType(STRING))


@function("basename", STRING, returns=STRING)
def _basename(context: Context, path: V) -> Any:
    text = path.data.rstrip("/")
    if not text:
        return "/" if path.data else "."
    return text.rpartition("/")[2]


@function("dirname", STRING, returns=STRING)
def _dirname(context: Context, path: V) -> Any:
    import posixpath

    return posixpath.normpath(posixpath.dirname(path.data) or ".")


@function("abspath", STRING, returns=STRING)
def _abspath(context: Context, path: V) -> Any:
    import posixpath

    return posixpath.normpath(posixpath.join(context.env.scope.root_directory, path.data))


@function("pathexpand", STRING, returns=STRING)
def _pathexpand(context: Context, path: V) -> Any:
    if path.data == "~" or path.data.startswith("~/"):
        return _unsupported(context, (path,), "the home directory is not known", STRING, UnknownCause.EXTERNAL)
    return path.data


def _render(context: Context, template: syntax.Template | syntax.Literal, variables: V, what: str) -> Any:
    if not isinstance(variables.data, dict):
        raise Wrong("the variables must be a map or object")
    for name in variables.data:
        if not re.fullmatch(r"[^\W\d][\w-]*", name):
            raise Wrong(f'"{name}" is not a name that a template can use')
    scope = TemplateScope(context.env.scope, what)
    env = Env(scope, dict(variables.data))
    value = evaluate(template, env)
    result: V = Value(value.data, context.span, (), value.refs, False, value.sensitive, value.type)
    if variables.sensitive:
        result.sensitive = True
    return result


class TemplateScope:
    """Names within a template file: its variables only."""

    def __init__(self, outer: Any, what: str) -> None:
        self._outer = outer
        self._what = what
        self.depth = getattr(outer, "depth", 0) + 1

    def __getattr__(self, name: str) -> Any:
        return getattr(self._outer, name)

    def refer(self, root: str, _names: tuple[str, ...], span: Span, _env: Env) -> tuple[V, int]:
        raise EvaluationError(f'"{root}" is not among the variables given to {self._what}', span)


@function("templatefile", STRING, DYNAMIC, unknown="own")
def _templatefile(context: Context, path: V, variables: V) -> Any:
    if isinstance(path.data, Unknown) or isinstance(variables.data, Unknown):
        return merge(context.span, (path, variables), STRING)
    if getattr(context.env.scope, "depth", 0) > 8:
        raise LimitError("templates call each other too deeply", context.span)
    template = context.env.scope.read_template(path.data, context.span)
    if isinstance(template, Value):
        return template
    return _render(context, template, variables, "templatefile()")


@function("templatestring", DYNAMIC, DYNAMIC, unknown="own")
def _templatestring(context: Context, text: V, variables: V) -> Any:
    node = context.nodes[0]
    while isinstance(node, (syntax.Index, syntax.GetAttr)):
        node = node.source
    if not isinstance(node, syntax.Traversal):
        raise Wrong("the template must be a reference to a value, as in local.greeting")
    if isinstance(text.data, Unknown) or isinstance(variables.data, Unknown):
        return merge(context.span, (text, variables), STRING)
    source = convert(text, STRING)
    try:
        template = parser.template_in(context.span.file, source.data, 0, context.span, exact=False)
    except syntax.HclSyntaxError as error:
        raise Wrong(f"the template is wrong: {error.message}") from None
    return _render(context, template, variables, "templatestring()")


# -- things that change, dates, identities ---------------------------------------------------------------


def _changing(name: str, *parameters: Type, optional: int = 0) -> None:
    @function(name, *parameters, optional=optional, returns=STRING, unknown="own")
    def run(context: Context, *values: V) -> Any:
        return _unsupported(
            context, values, f"{name}() gives another value in every run", STRING, UnknownCause.AFTER_APPLY
        )


_changing("timestamp")
_changing("plantimestamp")
_changing("uuid")
_changing("bcrypt", STRING, NUMBER, optional=1)


@function("rsadecrypt", STRING, STRING, returns=STRING)
def _rsadecrypt(context: Context, text: V, key: V) -> Any:
    from iaclint.terraform import rsa

    try:
        plain = _utf8(rsa.decrypt(_unbase64(text.data), key.data))
    except rsa.RsaError as error:
        raise Wrong(str(error)) from None
    return plain


@function("uuidv5", STRING, STRING, returns=STRING)
def _uuidv5(context: Context, namespace: V, name: V) -> Any:
    import uuid

    spaces = {
        "dns": uuid.NAMESPACE_DNS,
        "url": uuid.NAMESPACE_URL,
        "oid": uuid.NAMESPACE_OID,
        "x500": uuid.NAMESPACE_X500,
    }
    try:
        space = spaces.get(namespace.data) or uuid.UUID(namespace.data)
    except ValueError:
        raise Wrong(f'"{namespace.data}" is not a namespace') from None
    return str(uuid.uuid5(space, name.data))


@function("formatdate", STRING, STRING, returns=STRING)
def _formatdate(context: Context, pattern: V, moment: V) -> Any:
    from iaclint.terraform import dates

    return _dated(lambda: dates.format_date(pattern.data, moment.data))


@function("timeadd", STRING, STRING, returns=STRING)
def _timeadd(context: Context, moment: V, duration: V) -> Any:
    from iaclint.terraform import dates

    return _dated(lambda: dates.add(moment.data, duration.data))


@function("timecmp", STRING, STRING, returns=NUMBER)
def _timecmp(context: Context, left: V, right: V) -> Any:
    from iaclint.terraform import dates

    return _dated(lambda: dates.compare(left.data, right.data))


def _dated(run: Callable[[], Any]) -> Any:
    from iaclint.terraform import dates

    try:
        return run()
    except dates.DateError as error:
        raise Wrong(str(error)) from None


# -- networks ----------------------------------------------------------------------------------------


def _network(text: str) -> tuple[int, int, int]:
    """Address, prefix length and size in bits of a CIDR block."""
    address, slash, length = text.partition("/")
    bits = 128 if ":" in address else 32
    if not slash or not length.isdigit() or int(length) > bits:
        raise Wrong(f'"{text}" is not a CIDR block')
    return _address(address, text), int(length), bits


def _address(text: str, whole: str) -> int:
    if ":" in text:
        import ipaddress

        try:
            return int(ipaddress.IPv6Address(text))
        except ValueError:
            raise Wrong(f'"{whole}" is not a CIDR block') from None
    parts = text.split(".")
    # leading zeros are decimal, as Terraform has always read them
    if len(parts) != 4 or not all(p.isascii() and p.isdigit() and len(p) <= 5 and int(p) < 256 for p in parts):
        raise Wrong(f'"{whole}" is not a CIDR block')
    total = 0
    for part in parts:
        total = total * 256 + int(part)
    return total


def _address_text(address: int, bits: int) -> str:
    if bits == 32:
        return ".".join(str(address >> shift & 255) for shift in (24, 16, 8, 0))
    import ipaddress

    found = ipaddress.IPv6Address(address)
    return str(found.ipv4_mapped or found)


def _block_text(address: int, length: int, bits: int) -> str:
    text = _address_text(address, bits)
    # an IPv4 address in IPv6 form is shown as what it is
    return f"{text}/{length - 96 if bits == 128 and ':' not in text and length >= 96 else length}"


def _subnet(address: int, length: int, bits: int, new: Any, number: Any) -> tuple[int, int]:
    if not isinstance(new, int) or not isinstance(number, int) or new < 0:
        raise Wrong("whole numbers are required")
    if length + new > bits:
        raise Wrong(f"a prefix of {length} bits cannot be extended by {new}")
    if number < 0 or number >= 1 << new:
        raise Wrong(f"{new} bits do not hold the network number {number}")
    mask = ((1 << length) - 1) << (bits - length)
    return (address & mask) | number << (bits - length - new), length + new


@function("cidrsubnet", STRING, NUMBER, NUMBER, returns=STRING)
def _cidrsubnet(context: Context, block: V, new: V, number: V) -> Any:
    address, length, bits = _network(block.data)
    found, size = _subnet(address, length, bits, new.data, number.data)
    return _block_text(found, size, bits)


@function("cidrsubnets", STRING, rest=NUMBER, unknown="own")
def _cidrsubnets(context: Context, block: V, *news: V) -> Any:
    operands = (block, *news)
    if unknown_parts(operands):
        # one block for each number, whatever they are
        context.env.scope.budget.spend(len(news), context.span)
        blocks = tuple(merge(context.span, operands, STRING) for _ in news)
        return derive(context.span, operands, blocks, ListType(STRING))
    address, length, bits = _network(block.data)
    mask = ((1 << length) - 1) << (bits - length)
    start = address & mask
    following = start
    end = start + (1 << (bits - length))
    found: list[str] = []
    for new in news:
        if not isinstance(new.data, int) or new.data < 1:
            raise Wrong("each prefix must be extended by at least one bit")
        size = length + new.data
        if size > bits:
            raise Wrong(f"a prefix of {length} bits cannot be extended by {new.data}")
        step = 1 << (bits - size)
        following = (following + step - 1) // step * step
        if following + step > end:
            raise Wrong("the block has not enough room")
        found.append(_block_text(following, size, bits))
        following += step
    return derive(context.span, (block, *news), _values(context, found), ListType(STRING))


@function("cidrhost", STRING, NUMBER, returns=STRING)
def _cidrhost(context: Context, block: V, number: V) -> Any:
    address, length, bits = _network(block.data)
    room = 1 << (bits - length)
    if not isinstance(number.data, int):
        raise Wrong("the host number must be whole")
    at = number.data if number.data >= 0 else room + number.data
    if not 0 <= at < room:
        raise Wrong(f"the block has no host number {number.data}")
    return _address_text((address & ~(room - 1)) | at, bits)


@function("cidrnetmask", STRING, returns=STRING)
def _cidrnetmask(context: Context, block: V) -> Any:
    _, length, bits = _network(block.data)
    if bits != 32:
        raise Wrong("an IPv6 block has no netmask")
    return _address_text(((1 << length) - 1) << (32 - length), 32)


__all__ = ["FUNCTIONS", "Function", "call", "format_number", "parse_number"]
