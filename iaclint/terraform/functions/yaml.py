"""YAML as yamldecode and yamlencode read and write it. Sole importer of yaml in this package.

Source of facts: https://github.com/zclconf/go-cty-yaml, the library that Terraform uses.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from iaclint.model.value import Value
from iaclint.terraform.lang.comparison import sort_set
from iaclint.terraform.lang.numbers import format_number
from iaclint.terraform.lang.types import SetType

MAX_NODES = 200_000
"""Nodes of a document, with those of an alias counted each time that it is used."""


class YamlError(Exception):
    """A text is no YAML that Terraform reads; the message says why."""


def decode(text: str) -> Any:
    """Return the plain data of a document. Raises YamlError."""
    import yaml

    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise YamlError(f"the text is not YAML: {problem}{where}") from None
    except ValueError as error:
        raise YamlError(f"the text is not YAML: {error}") from None
    if node is None:
        return None
    return _NodeReader().read(node)


class _NodeReader:
    """Makes plain data of the nodes of a document, within bounds."""

    def __init__(self) -> None:
        self.count = 0
        self.open: set[int] = set()  # the collections around the current node, by identity

    def read(self, node: Any) -> Any:
        """Return the data of a node. Raises YamlError."""
        self.count += 1
        if self.count > MAX_NODES:
            raise YamlError("the document expands to too much")
        if id(node) in self.open:
            raise YamlError("an alias lies within its own anchor")
        kind = node.id
        if kind == "scalar":
            return _scalar(node)
        self.open.add(id(node))
        try:
            if kind == "sequence":
                return [self.read(item) for item in node.value]
            return self.mapping(node)
        finally:
            self.open.discard(id(node))

    def mapping(self, node: Any) -> dict[str, Any]:
        """Return the data of a mapping, with what << merges into it. Raises YamlError."""
        result: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if key_node.id != "scalar":
                raise YamlError("a key must be a scalar")
            if key_node.value == "<<" and key_node.tag == "tag:yaml.org,2002:merge":
                found = self.read(value_node)
                for part in found if isinstance(found, list) else [found]:
                    if not isinstance(part, dict):
                        raise YamlError("only a mapping can be merged with <<")
                    merged = {**part, **merged}
                continue
            key = _key(key_node)
            if key in result:
                raise YamlError(f'the key "{key}" occurs twice')
            result[key] = self.read(value_node)
        return {**merged, **result}


def _key(node: Any) -> str:
    """Return the text of a key. Raises YamlError."""
    key = _scalar(node)
    if key is None:
        raise YamlError("a key must not be null")
    if isinstance(key, bool):
        return "true" if key else "false"
    return key if isinstance(key, str) else format_number(key)


_TEXT_TAGS = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:binary", "!"}


def _scalar(node: Any) -> str | int | Fraction | bool | None:
    """Return the data of a scalar. Raises YamlError."""
    text: str = node.value
    tag: str = node.tag
    if tag.startswith("!") and len(tag) > 1:
        raise YamlError(f"the tag {tag} is not supported")
    is_plain = not node.style and (tag == "tag:yaml.org,2002:str" or tag not in _TEXT_TAGS)
    if not is_plain or tag == "tag:yaml.org,2002:timestamp":
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    return _number(text)


_CONSTANTS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INT = re.compile(r"(?P<sign>[-+]?)(?P<digits>[0-9][0-9_]*)\Z")
_BASES = ((re.compile(r"[-+]?0x[0-9a-fA-F_]+\Z"), 16), (re.compile(r"[-+]?0o[0-7_]+\Z"), 8),
          (re.compile(r"[-+]?0b[01_]+\Z"), 2))  # fmt: skip
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE](?P<exponent>[-+]?[0-9]+))?\Z")


def _number(text: str) -> int | Fraction | str:
    """Return the number that a scalar without quotes is, or its text. Raises YamlError."""
    match = _INT.match(text)
    if match is not None:
        digits = match["digits"].replace("_", "")
        if len(digits) > 1 and digits.startswith("0"):
            if re.fullmatch("[0-7]+", digits) is None:
                return text
            return int(match["sign"] + digits, 8)
        return int(match["sign"] + digits)
    for pattern, base in _BASES:
        if pattern.match(text):
            return int(text.replace("_", ""), base)
    match = _FLOAT.match(text) if len(text) < 400 else None
    if match is None:
        return text
    if abs(int(match["exponent"] or 0)) > 4096:
        raise YamlError("a number is out of range")
    number = Fraction(text)
    return number.numerator if number.denominator == 1 else number


def encode(value: Value[Any]) -> str:
    """Return a value as YAML, in the form that Terraform writes."""
    data = value.data
    if not isinstance(data, (tuple, dict)) or not data:
        text = _inline(value, "")
        if isinstance(data, str):
            return text + "\n"
        return text + "\n" if isinstance(data, (tuple, dict)) else f"{text}\n...\n"
    return "\n".join(_lines(value)) + "\n"


def _lines(value: Value[Any]) -> list[str]:
    """Return the lines of a list or mapping that is not empty."""
    data = value.data
    out: list[str] = []
    if isinstance(data, dict):
        for name in sorted(data):
            item = data[name]
            if isinstance(item.data, dict) and item.data:
                out.append(f"{_quoted(name)}:")
                out.extend("  " + line for line in _lines(item))
            elif isinstance(item.data, tuple) and item.data:
                out.append(f"{_quoted(name)}:")
                out.extend(_lines(item))
            else:
                out.append(f"{_quoted(name)}: {_inline(item, '  ')}")
        return out
    items = sort_set(data) if isinstance(value.type, SetType) else data
    for item in items:
        if isinstance(item.data, (dict, tuple)) and item.data:
            inner = _lines(item)
            out.append("- " + inner[0])
            out.extend("  " + line for line in inner[1:])
        else:
            out.append("- " + _inline(item, "  "))
    return out


def _inline(value: Value[Any], indent: str) -> str:
    """Return what follows "- " or "key: " for a scalar or an empty collection; `indent` is that of further lines."""
    data = value.data
    if data is None:
        return "null"
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, str):
        return _text(data, indent)
    if isinstance(data, tuple):
        return "[]"
    if isinstance(data, dict):
        return "{}"
    return format_number(data)


def _text(text: str, indent: str) -> str:
    """Return a text as a block of lines if it has line breaks and nothing that needs an escape, else in quotes."""
    is_block = "\n" in text and text.strip() and not text.startswith((" ", "\n"))
    if not is_block or not all(char.isprintable() or char == "\n" for char in text):
        return _quoted(text)
    mark = "|+" if text.endswith("\n\n") else "|" if text.endswith("\n") else "|-"
    lines = text.removesuffix("\n").split("\n")
    return "\n".join([mark, *[(indent or "  ") + line if line else "" for line in lines]])


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0", "\a": "\\a", "\b": "\\b",
            "\v": "\\v", "\f": "\\f", "\x1b": "\\e", "\x85": "\\N", "\xa0": "\\_"}  # fmt: skip


def _quoted(text: str) -> str:
    """Return a text in double quotes."""
    out: list[str] = []
    for char in text:
        if char in _ESCAPES:
            out.append(_ESCAPES[char])
        elif char.isprintable() or ord(char) > 0xFFFF:
            out.append(char)
        else:
            point = ord(char)
            out.append(f"\\x{point:02X}" if point < 256 else f"\\u{point:04X}")
    return '"' + "".join(out) + '"'
