"""Templates, put together from pieces in the same way for both builders."""

from __future__ import annotations

import re
from itertools import pairwise

from msgspec import Struct

from iaclint.source.files import Span
from iaclint.terraform.syntax.building import SourceText
from iaclint.terraform.syntax.tree import (
    Expression,
    HclSyntaxError,
    Interpolation,
    Literal,
    Part,
    Template,
    TemplateFor,
    TemplateIf,
    nfc,
)


class TemplatePiece(Struct, eq=False):
    """A stretch of a template: literal text, an interpolation, or one directive.

    kind        literal, interpolation, if, else, endif, for or endfor
    start, end  offsets in the text that is parsed
    expression  that of an interpolation, the condition of an if, the collection of a for
    names       key and value of a for; the key is empty if it is not named
    strip_left, strip_right  True if a strip marker (~) stands at its start, at its end
    value       the text of a literal, as far as it is worked out
    """

    kind: str
    start: int
    end: int
    expression: Expression | None = None
    names: tuple[str, str] = ("", "")
    strip_left: bool = False
    strip_right: bool = False
    value: str = ""


TEMPLATE_START = re.compile(r"(?<!\$)\$\{|(?<!%)%\{")
"""The start of an interpolation or directive that is not escaped."""


def assemble(
    text: SourceText, pieces: list[TemplatePiece], start: int, end: int, quoted: bool, indented: bool
) -> Literal | Template:
    """Return the template that pieces make, with strip markers, indentation and escapes applied.

    start, end  offsets of the template, marks included
    quoted      True for a text in quotes, False for a heredoc
    indented    True for a heredoc that begins with <<-: its common indentation is removed

    Raises HclSyntaxError for escapes that are not known, and for directives that do not match.
    """
    tokens = _tokens(text.text, pieces, quoted)
    _strip(tokens)
    if indented:
        # after the strip markers: a line that one of them has emptied is no start of a line any more
        _remove_indentation(tokens)
    for token in tokens:
        if token.kind == "literal":
            token.value = _unescape_quoted(text, token) if quoted else _unescape_heredoc(token.value)
    whole = text.span(start, end)
    if all(token.kind == "literal" for token in tokens):
        return Literal(whole, nfc("".join(token.value for token in tokens)))
    queue = list(reversed(tokens))
    parts = _nest(text, queue)
    if queue:
        stray = queue[-1]
        message = f"%{{ {stray.kind} }} has no directive that it belongs to"
        raise HclSyntaxError(message, text.span(stray.start, stray.end))
    return Template(whole, parts, wrap=len(parts) == 1 and isinstance(parts[0], Interpolation))


_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def _tokens(source: str, pieces: list[TemplatePiece], quoted: bool) -> list[TemplatePiece]:
    """Return the pieces with the values of literals; a heredoc has one literal for each line.

    The language reads text line by line: a strip marker reaches no further than its line.
    """
    tokens: list[TemplatePiece] = []
    for piece in pieces:
        if piece.kind != "literal":
            tokens.append(piece)
        elif quoted:
            tokens.append(TemplatePiece("literal", piece.start, piece.end, value=source[piece.start : piece.end]))
        else:
            for line in _LINE.finditer(source, piece.start, piece.end):
                tokens.append(TemplatePiece("literal", line.start(), line.end(), value=line.group()))
    return tokens


def _strip(tokens: list[TemplatePiece]) -> None:
    """Remove the white space that strip markers are next to."""
    for before, token in pairwise(tokens):
        if token.strip_left and before.kind == "literal":
            before.value = before.value.rstrip()
        if before.strip_right and token.kind == "literal":
            token.value = token.value.lstrip()


def _remove_indentation(tokens: list[TemplatePiece]) -> None:
    """Remove the common indentation of the lines of a heredoc; lines of white space alone do not count."""
    indentations: list[int] = []
    indented: list[TemplatePiece] = []
    starts_line = True
    for token in tokens:
        is_literal = token.kind == "literal"
        if starts_line:
            trimmed = token.value.lstrip() if is_literal else ""
            if not is_literal:
                indentations.append(0)
            elif trimmed or not token.value.endswith("\n"):
                indentations.append(len(token.value) - len(trimmed))
                indented.append(token)
        starts_line = is_literal and token.value.endswith("\n")
    smallest = min(indentations, default=0)
    for token in indented:
        token.value = token.value[smallest:]


_QUOTED_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)|\$\$\{|%%\{", re.DOTALL)
_HEREDOC_ESCAPE = re.compile(r"\$\$\{|%%\{")
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def _unescape_quoted(text: SourceText, token: TemplatePiece) -> str:
    """Return the text that a literal within quotes stands for. Raises HclSyntaxError."""
    if "\\" not in token.value:
        return _unescape_heredoc(token.value)

    def replace(match: re.Match[str]) -> str:
        found = match.group()
        if found[0] != "\\":
            return found[1:]
        code = found[1]
        if code in _SIMPLE:
            return _SIMPLE[code]
        if code in "uU" and len(found) > 2:
            point = int(found[2:], 16)
            if point < 0x110000:
                return chr(point) if not 0xD800 <= point < 0xE000 else "\ufffd"
        start = token.start + match.start()
        raise HclSyntaxError(
            f'{found} is not an escape; write \\\\ for a backslash, or one of \\n \\r \\t \\" \\uNNNN',
            text.span(start, start + len(found)),
        )

    return _QUOTED_ESCAPE.sub(replace, token.value)


def _unescape_heredoc(value: str) -> str:
    """Return the text that a literal of a heredoc stands for."""
    if "$${" not in value and "%%{" not in value:
        return value
    return _HEREDOC_ESCAPE.sub(lambda match: match.group()[1:], value)


def _nest(text: SourceText, queue: list[TemplatePiece]) -> tuple[Part, ...]:
    """Take pieces from the end of the queue, and return the parts that they make.

    An else, endif or endfor that belongs to a directive of before stays in the queue, and ends the parts.
    """
    parts: list[Part] = []
    while queue and queue[-1].kind not in ("else", "endif", "endfor"):
        piece = queue.pop()
        if piece.kind == "literal":
            _append_text(text, parts, piece)
            continue
        assert piece.expression is not None
        if piece.kind == "interpolation":
            parts.append(Interpolation(text.span(piece.start, piece.end), piece.expression))
        elif piece.kind == "if":
            then = _nest(text, queue)
            otherwise: tuple[Part, ...] = ()
            if queue and queue[-1].kind == "else":
                queue.pop()
                otherwise = _nest(text, queue)
            end = _closing(text, queue, piece, "endif")
            parts.append(TemplateIf(text.span(piece.start, end), piece.expression, then, otherwise))
        else:
            body = _nest(text, queue)
            end = _closing(text, queue, piece, "endfor")
            key, value = piece.names
            parts.append(TemplateFor(text.span(piece.start, end), key, value, piece.expression, body))
    return tuple(parts)


def _append_text(text: SourceText, parts: list[Part], piece: TemplatePiece) -> None:
    """Add a literal to parts, joined with one directly before it."""
    if not piece.value:
        return
    span = text.span(piece.start, piece.end)
    last = parts[-1] if parts else None
    if isinstance(last, Literal):
        span = last.span if text.fixed else Span(span.file, last.span.start, span.end)
        parts[-1] = Literal(span, nfc(f"{last.value}{piece.value}"))
    else:
        parts.append(Literal(span, nfc(piece.value)))


def _closing(text: SourceText, queue: list[TemplatePiece], opening: TemplatePiece, kind: str) -> int:
    """Take the directive that closes `opening` from the queue, and return its end. Raises HclSyntaxError."""
    if not queue or queue[-1].kind != kind:
        message = f"%{{ {opening.kind} }} is not closed; add %{{ {kind} }}"
        raise HclSyntaxError(message, text.span(opening.start, opening.end))
    return queue.pop().end
