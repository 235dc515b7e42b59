"""Writes objects of sarif-om as JSON.

The library's own way has faults: it leaves out a value that equals its class's default, so that a warning of a rule
whose default is error would be read as an error, and it writes `state` for what the standard calls `status`.
"""

from __future__ import annotations

import re
from functools import cache
from json import dumps
from typing import Any

import attr

from iaclint.report.sarif import om

_ALWAYS = {
    (om.Result, "level"),
    (om.Result, "kind"),
    (om.ReportingConfiguration, "level"),
    (om.Notification, "level"),
}
"""Written even if they equal the default of the class: a reader would take the default of the rule instead."""
_RENAMED = {(om.Suppression, "state"): "status"}
_OBEYED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]")
_PLAIN = frozenset((str, int, float, bool))


def serialise(thing: Any) -> Any:
    """Return an object of sarif-om, or lists and dicts of them, as JSON data."""
    if thing is None or isinstance(thing, (str, int, float)):
        return thing
    if isinstance(thing, list):
        return [serialise(item) for item in thing]
    if isinstance(thing, dict):
        return {name: serialise(item) for name, item in thing.items()}
    kind: Any = type(thing)
    found: dict[str, Any] = {}
    for name, member, default, always in _fields(kind):
        value = getattr(thing, name)
        if value is not None and (always or default is None or value != default):
            found[member] = value if type(value) in _PLAIN else serialise(value)
    return found


@cache
def _fields(kind: type) -> list[tuple[str, str, Any, bool]]:
    """Return, for each field of a class, its name, its name in JSON, its default, and whether it is always written."""
    found: list[tuple[str, str, Any, bool]] = []
    for field in attr.fields(kind):
        default: Any = field.default
        if isinstance(default, attr.Factory):  # type: ignore[arg-type]
            default = default.factory()
        member = _RENAMED.get((kind, field.name), field.metadata["schema_property_name"])
        found.append((field.name, member, default, (kind, field.name) in _ALWAYS))
    return found


def write(log: Any, *, pretty: bool = False) -> str:
    """Return the log as JSON text: compact, or indented for people."""
    data = serialise(log)
    first = ("$schema", "version")  # what tells a reader how to read the rest
    data = {name: data[name] for name in (*first, *(n for n in data if n not in first))}
    text = dumps(data, ensure_ascii=False, **({"indent": 2} if pretty else {"separators": (",", ":")}))
    # the text of a fix is exact; what a terminal would obey in it is escaped as JSON allows
    return _OBEYED.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n"
