"""YAML as Terraform's functions read and write it. Sole importer of yaml in this package."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from iaclint.model.value import Value
from iaclint.terraform.lang.comparison import sort_set
from iaclint.terraform.lang.numbers import format_number
from iaclint.terraform.lang.types import SetType

MAX_NODES = 200_000


class YamlError(Exception):
    """A text that is no YAML that Terraform reads."""


_INT = re.compile(r"[-+]?[0-9][0-9_]*\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_NULL = frozenset(["", "~", "null", "Null", "NULL"])
_TRUE = frozenset(["true", "True", "TRUE"])
_FALSE = frozenset(["false", "False", "FALSE"])


def decode(text: str) -> Any:
    """Plain data of a document. Raises YamlError."""
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
    return _Reader().read(node)


class _Reader:
    def __init__(self) -> None:
        self.count = 0
        self.open: set[int] = set()

    def read(self, node: Any) -> Any:
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
            key = _scalar(key_node)
            if key is None:
                raise YamlError("a key must not be null")
            if isinstance(key, bool):
                key = "true" if key else "false"
            elif not isinstance(key, str):
                key = format_number(key)
            if key in result:
                raise YamlError(f'the key "{key}" occurs twice')
            result[key] = self.read(value_node)
        return {**merged, **result}


_TAGS = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:binary", "!"}


def _scalar(node: Any) -> Any:
    text: str = node.value
    tag: str = node.tag
    if node.style in ("'", '"', "|", ">") or tag in _TAGS:
        if tag.startswith("!") and len(tag) > 1:
            raise YamlError(f"the tag {tag} is not supported")
        plain = not node.style and tag == "tag:yaml.org,2002:str"
        if not plain:
            return text
    elif tag.startswith("!"):
        raise YamlError(f"the tag {tag} is not supported")
    if text in _NULL:
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    if tag == "tag:yaml.org,2002:timestamp":
        return text
    if _INT.match(text):
        digits = text.replace("_", "")
        if len(digits) > 1 and digits.lstrip("+-").startswith("0") and len(digits.lstrip("+-")) > 1:
            octal = digits.lstrip("+-")
            return int(octal, 8) * (-1 if digits.startswith("-") else 1) if re.fullmatch("[0-7]+", octal) else text
        return int(digits)
    if re.fullmatch(r"[-+]?0x[0-9a-fA-F_]+", text):
        return int(text.replace("_", ""), 16)
    if re.fullmatch(r"[-+]?0o[0-7_]+", text):
        return int(text.replace("_", ""), 8)
    if re.fullmatch(r"[-+]?0b[01_]+", text):
        return int(text.replace("_", ""), 2)
    if _FLOAT.match(text) and len(text) < 400:
        exponent = re.search(r"[eE]([-+]?\d+)", text)
        if exponent and abs(int(exponent[1])) > 4096:
            raise YamlError("a number is out of range")
        number = Fraction(text)
        return number.numerator if number.denominator == 1 else number
    return text


def encode(value: Value[Any]) -> str:
    """A value as YAML, in the form that Terraform writes."""
    data = value.data
    if not isinstance(data, (tuple, dict)) or not data:
        text = _inline(value, "")
        if isinstance(data, str):
            return text + "\n"
        return text + "\n" if isinstance(data, (tuple, dict)) else f"{text}\n...\n"
    return "\n".join(_lines(value)) + "\n"


def _lines(value: Value[Any]) -> list[str]:
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
    if "\n" in text and text.strip() and not text.startswith((" ", "\n")) and text.isprintable() is False:
        body = text
        mark = "|-"
        if body.endswith("\n"):
            mark = "|+" if body.endswith("\n\n") else "|"
        plain = all(char.isprintable() or char == "\n" for char in body)
        if plain:
            lines = body.split("\n")
            if lines[-1] == "":
                lines.pop()
            return "\n".join([mark, *[(indent or "  ") + line if line else "" for line in lines]])
    return _quoted(text)


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0", "\a": "\\a", "\b": "\\b",
            "\v": "\\v", "\f": "\\f", "\x1b": "\\e", "\x85": "\\N", "\xa0": "\\_"}  # fmt: skip


def _quoted(text: str) -> str:
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
