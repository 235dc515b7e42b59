"""Functions that encode and decode: JSON, YAML, CSV, base64, URLs, character sets."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NoReturn

from msgspec.structs import replace

from iaclint.model.json_text import json_pieces
from iaclint.model.unknowns import derive, merge, refs_of, unknown_parts
from iaclint.model.value import Encoded, Unknown, Value
from iaclint.terraform.functions.json_text import JSON_STYLE, json_text
from iaclint.terraform.functions.registry import Context, FunctionError, Functions, Result, V
from iaclint.terraform.functions.values import (
    base64_text,
    bytes_from_base64,
    new_elements,
    source_trail,
    text_from_utf8,
    unsupported,
)
from iaclint.terraform.lang.errors import LimitError
from iaclint.terraform.lang.numbers import exact, is_number, rounded
from iaclint.terraform.lang.texts import joined_text
from iaclint.terraform.lang.types import DYNAMIC, STRING, ListType, ObjectType
from iaclint.terraform.syntax import tree as syntax

FUNCTIONS = Functions()


@FUNCTIONS.define("jsonencode", DYNAMIC, returns=STRING, unknown="own", nullable=True)
def _jsonencode(context: Context, value: V) -> Result:
    if unknown_parts((value,)):
        if isinstance(value.data, Unknown):
            return merge(context.span, (value,), STRING)
        text = joined_text(context.span, (value,), json_pieces(value, JSON_STYLE))
        return text.replace(data=replace(text.data, encoded=value))
    return Encoded(json_text(value), value)


@FUNCTIONS.define("jsondecode", STRING)
def _jsondecode(context: Context, text: V) -> Result:
    import json

    try:
        found = json.loads(text.data, parse_float=Fraction, parse_int=int, parse_constant=_no_constant)
    except RecursionError:
        raise LimitError("the JSON text is nested too deeply", context.span) from None
    except ValueError:
        raise FunctionError("the text is not JSON") from None
    return _from_plain(context, (text,), found)


def _no_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python takes for JSON."""
    raise ValueError(name)


def _from_plain(context: Context, operands: Sequence[V], data: Any) -> V:
    """Return the plain data of a decoded text as a value, which depends on the operands."""
    context.env.scope.budget.spend(1, context.span)
    sensitive = any(operand.sensitive for operand in operands)
    span = context.span

    def build(item: Any) -> V:
        if isinstance(item, list):
            return Value(tuple(build(part) for part in item), span, sensitive=sensitive)
        if isinstance(item, dict):
            return Value({syntax.nfc(k): build(v) for k, v in item.items()}, span, sensitive=sensitive)
        if isinstance(item, str):
            return Value(syntax.nfc(item), span, sensitive=sensitive)
        if is_number(item):
            return Value(rounded(exact(item)), span, sensitive=sensitive)
        return Value(item, span, sensitive=sensitive)

    return build(data).replace(refs=refs_of(operands))


@FUNCTIONS.define("csvdecode", STRING)
def _csvdecode(context: Context, text: V) -> Result:
    import csv
    import io

    try:
        rows = list(csv.reader(io.StringIO(text.data, newline=""), strict=True))
    except csv.Error as error:
        raise FunctionError(f"the text is not CSV: {error}") from None
    rows = [row for row in rows if row]
    if not rows:
        raise FunctionError("the text has no header line")
    header = rows[0]
    if len(set(header)) != len(header):
        raise FunctionError("two columns have the same name")
    span = context.span
    items: list[V] = []
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(header):
            raise FunctionError(f"line {number} has {len(row)} columns instead of {len(header)}")
        cells = new_elements(context, row, source_trail(text))
        items.append(Value(dict(zip(header, cells, strict=True)), span))
    kind = ListType(ObjectType(dict.fromkeys(header, STRING)))
    return derive(span, (text,), tuple(items), kind)


@FUNCTIONS.define("yamlencode", DYNAMIC, returns=STRING, nullable=True)
def _yamlencode(context: Context, value: V) -> Result:
    from iaclint.terraform.functions import yaml

    return yaml.encode(value)


@FUNCTIONS.define("yamldecode", STRING)
def _yamldecode(context: Context, text: V) -> Result:
    from iaclint.terraform.functions import yaml

    try:
        found = yaml.decode(text.data)
    except yaml.YamlError as error:
        raise FunctionError(str(error)) from None
    except RecursionError:
        raise LimitError("the YAML text is nested too deeply", context.span) from None
    return _from_plain(context, (text,), found)


@FUNCTIONS.define("base64encode", STRING, returns=STRING)
def _base64encode(context: Context, text: V) -> Result:
    return base64_text(text.data.encode("utf-8", "surrogatepass"))


@FUNCTIONS.define("base64decode", STRING, returns=STRING)
def _base64decode(context: Context, text: V) -> Result:
    return text_from_utf8(bytes_from_base64(text.data))


@FUNCTIONS.define("base64gzip", STRING, returns=STRING)
def _base64gzip(context: Context, text: V) -> Result:
    return unsupported(context, (text,), "base64gzip() depends on the compressor", STRING)


_ENCODINGS = {
    "utf-16": "utf-16-be",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "cp936": "gb18030",
    "gbk": "gb18030",
}


def _codec(name: str) -> str:
    """Return Python's name of an encoding, which Terraform calls by its name at IANA. Raises FunctionError."""
    import codecs

    try:
        return codecs.lookup(_ENCODINGS.get(name.lower(), name)).name
    except LookupError:
        raise FunctionError(f'"{name}" is not the name of an encoding') from None


@FUNCTIONS.define("textencodebase64", STRING, STRING, returns=STRING)
def _textencodebase64(context: Context, text: V, encoding: V) -> Result:
    try:
        return base64_text(text.data.encode(_codec(encoding.data)))
    except UnicodeEncodeError:
        raise FunctionError(f"the text has characters that {encoding.data} lacks") from None


@FUNCTIONS.define("textdecodebase64", STRING, STRING, returns=STRING)
def _textdecodebase64(context: Context, text: V, encoding: V) -> Result:
    try:
        return syntax.nfc(bytes_from_base64(text.data).decode(_codec(encoding.data)))
    except UnicodeDecodeError:
        raise FunctionError(f"the bytes are not text in {encoding.data}") from None


@FUNCTIONS.define("urlencode", STRING, returns=STRING)
def _urlencode(context: Context, text: V) -> Result:
    from urllib.parse import quote_plus

    return quote_plus(text.data, safe="~")
