"""Interpolations and directives in the text of a heredoc, which python-hcl2 gives as one token."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from iaclint.terraform.syntax.building import SourceText
from iaclint.terraform.syntax.templates import TemplatePiece
from iaclint.terraform.syntax.tree import Expression, HclSyntaxError

ParsePart: TypeAlias = Callable[[int, int], Expression | None]
"""Returns the expression between two offsets of the text; None if there is anything but one. Raises HclSyntaxError."""


def heredoc_pieces(text: SourceText, start: int, end: int, parse: ParsePart) -> list[TemplatePiece]:
    """Return the pieces of the heredoc whose content lies between two offsets. Raises HclSyntaxError."""
    source = text.text
    pieces: list[TemplatePiece] = []
    offset = literal = start
    while offset < end:
        if source.startswith(("$${", "%%{"), offset):
            offset += 3
            continue
        mark = source[offset : offset + 2]
        if mark not in ("${", "%{"):
            offset += 1
            continue
        close = _closing_brace(source, offset + 2, end)
        if close < 0:
            raise HclSyntaxError(f"{mark} is not closed; add a }}", text.span(offset, offset + 2))
        if offset > literal:
            pieces.append(TemplatePiece("literal", literal, offset))
        pieces.append(_marked_piece(text, offset, close + 1, parse))
        offset = literal = close + 1
    if literal < end:
        pieces.append(TemplatePiece("literal", literal, end))
    return pieces


_DIRECTIVE = re.compile(
    r"\s*(?:(?P<kind>if|else|endif|endfor|for)\b)"
    r"(?:(?<=for)\s+(?P<one>[^\W\d][\w-]*)\s*(?:,\s*(?P<two>[^\W\d][\w-]*)\s*)?\bin\b)?"
)


def _marked_piece(text: SourceText, start: int, end: int, parse: ParsePart) -> TemplatePiece:
    """Return the interpolation or directive between two offsets, braces included. Raises HclSyntaxError."""
    source = text.text
    found = TemplatePiece("interpolation", start, end)
    first, last = start + 2, end - 1
    if source.startswith("~", first):
        found.strip_left = True
        first += 1
    if source.startswith("~", last - 1) and last - 1 >= first:
        found.strip_right = True
        last -= 1
    if source[start] == "%":
        match = _DIRECTIVE.match(source, first, last)
        if match is None:
            raise HclSyntaxError("this directive is not known; there are if and for", text.span(start, end))
        found.kind = match["kind"]
        if found.kind not in ("if", "for"):
            return found
        if found.kind == "for":
            found.names = ("", match["one"]) if match["two"] is None else (match["one"], match["two"])
        first = match.end()
    found.expression = parse(first, last)
    if found.expression is None:
        raise HclSyntaxError("one expression is expected here", text.span(start, end))
    return found


def _closing_brace(source: str, offset: int, end: int) -> int:
    """Return the offset of the brace that closes the one directly before `offset`; -1 if it is not closed."""
    depth = 0
    while offset < end:
        char = source[offset]
        if char == '"':
            offset = _closing_quote(source, offset + 1, end)
            if offset < 0:
                return -1
        elif char == "{":
            depth += 1
        elif char == "}":
            if depth == 0:
                return offset
            depth -= 1
        offset += 1
    return -1


def _closing_quote(source: str, offset: int, end: int) -> int:
    """Return the offset of the quote that closes the one directly before `offset`; -1 if it is not closed."""
    while offset < end:
        char = source[offset]
        if char == "\\":
            offset += 1
        elif char == '"':
            return offset
        elif source.startswith(("$${", "%%{"), offset):
            offset += 2
        elif source.startswith(("${", "%{"), offset):
            offset = _closing_brace(source, offset + 2, end)
            if offset < 0:
                return -1
        offset += 1
    return -1
