"""Values as JSON text, as Terraform's jsonencode writes it: compact, members sorted by name."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from iaclint.model.json_text import JsonStyle, json_pieces
from iaclint.model.value import Value
from iaclint.terraform.lang.comparison import sort_set
from iaclint.terraform.lang.numbers import format_number
from iaclint.terraform.lang.types import STRING, SetType


def json_string(text: str, html: bool = True) -> str:
    """Return a text as a JSON string with the escapes of Go's encoder; `html` also escapes <, > and &."""
    result = json.dumps(text, ensure_ascii=False)
    if html:
        result = result.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    result = result.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return result.replace("\\b", "\\u0008").replace("\\f", "\\u000c") if "\\b" in result or "\\f" in result else result


def _json_scalar(data: Any) -> str:
    if data is None:
        return "null"
    if isinstance(data, bool):
        return "true" if data else "false"
    return format_number(data)


def _json_items(value: Value[Any]) -> Sequence[Value[Any]]:
    items: Sequence[Value[Any]] = sort_set(value.data) if isinstance(value.type, SetType) else value.data
    return items


JSON_STYLE = JsonStyle(json_string, _json_scalar, lambda value: value.type is STRING, _json_items, sorted=True)
"""How jsonencode writes values."""


def json_text(value: Value[Any]) -> str:
    """Return the JSON of a value that is known in all its parts."""
    return "".join(piece for piece in json_pieces(value, JSON_STYLE) if isinstance(piece, str))
