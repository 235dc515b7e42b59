"""Templates, put together from pieces in the same way for both builders."""

from __future__ import annotations

import re

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
    """A stretch of a template: literal text, an interpolation, or one directive."""

    kind: str  # literal, interpolation, if, else, endif, for, endfor
    start: int
    end: int
    expression: Expression | None = None
    names: tuple[str, str] = ("", "")
    strip_left: bool = False
    strip_right: bool = False
    value: str = ""


_QUOTED_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)|\$\$\{|%%\{", re.DOTALL)
_PLAIN_ESCAPE = re.compile(r"\$\$\{|%%\{")
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def assemble(
    text: SourceText, pieces: list[TemplatePiece], start: int, end: int, quoted: bool, flush: bool
) -> Literal | Template:
    """A template of its pieces, with strip markers, indentation and escapes applied."""
    tokens: list[TemplatePiece] = []
    source = text.text
    for piece in pieces:
        if piece.kind != "literal":
            tokens.append(piece)
        elif quoted:
            tokens.append(TemplatePiece("literal", piece.start, piece.end, value=source[piece.start : piece.end]))
        else:
            # the language reads text line by line: a strip marker reaches no further than its line
            for match in _LINE.finditer(source, piece.start, piece.end):
                tokens.append(TemplatePiece("literal", match.start(), match.end(), value=match.group()))
    for at, token in enumerate(tokens):
        if token.strip_left and at and tokens[at - 1].kind == "literal":
            tokens[at - 1].value = tokens[at - 1].value.rstrip()
        if token.strip_right and at + 1 < len(tokens) and tokens[at + 1].kind == "literal":
            tokens[at + 1].value = tokens[at + 1].value.lstrip()
    if flush:
        # after the strip markers: a line that one of them has emptied is no start of a line any more
        _flush(tokens)
    for token in tokens:
        if token.kind == "literal":
            token.value = _unescape(text, token, quoted)
    whole = text.span(start, end)
    if all(token.kind == "literal" for token in tokens):
        return Literal(whole, nfc("".join(token.value for token in tokens)))
    queue = list(reversed(tokens))
    parts = _nest(text, queue, ())
    if queue:
        stray = queue[-1]
        raise HclSyntaxError(
            f"%{{ {stray.kind} }} has no directive that it belongs to", text.span(stray.start, stray.end)
        )
    wrap = len(parts) == 1 and isinstance(parts[0], Interpolation)
    return Template(whole, parts, wrap)


def _flush(tokens: list[TemplatePiece]) -> None:
    """Take the common indentation of an indented heredoc away, as HCL counts it."""
    smallest: int | None = None
    adjust: list[TemplatePiece] = []
    newline = True
    for token in tokens:
        if newline:
            newline = False
            spaces: int | None = 0
            if token.kind == "literal":
                trimmed = token.value.lstrip()
                if not trimmed and token.value.endswith("\n"):
                    spaces = None
                else:
                    spaces = len(token.value) - len(trimmed)
                    adjust.append(token)
            if spaces is not None and (smallest is None or spaces < smallest):
                smallest = spaces
        if token.kind == "literal" and token.value.endswith("\n"):
            newline = True
    for token in adjust:
        token.value = token.value[smallest or 0 :]


def _unescape(text: SourceText, token: TemplatePiece, quoted: bool) -> str:
    value = token.value
    if quoted:
        if "\\" not in value and "$${" not in value and "%%{" not in value:
            return value

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
            at = token.start + match.start()
            raise HclSyntaxError(
                f'{found} is not an escape; write \\\\ for a backslash, or one of \\n \\r \\t \\" \\uNNNN',
                text.span(at, at + len(found)),
            )

        return _QUOTED_ESCAPE.sub(replace, value)
    if "$${" not in value and "%%{" not in value:
        return value
    return _PLAIN_ESCAPE.sub(lambda match: match.group()[1:], value)


def _nest(text: SourceText, queue: list[TemplatePiece], until: tuple[str, ...]) -> tuple[Part, ...]:
    """Parts up to a directive named in `until`, which stays in the queue."""
    parts: list[Part] = []
    while queue:
        piece = queue[-1]
        if piece.kind in until:
            break
        if piece.kind in ("else", "endif", "endfor"):
            break
        queue.pop()
        if piece.kind == "literal":
            if not piece.value:
                continue
            span = text.span(piece.start, piece.end)
            last = parts[-1] if parts else None
            if isinstance(last, Literal):
                span = last.span if text.fixed else Span(span.file, last.span.start, span.end)
                parts[-1] = Literal(span, nfc(f"{last.value}{piece.value}"))
            else:
                parts.append(Literal(span, nfc(piece.value)))
        elif piece.kind == "interpolation":
            assert piece.expression is not None
            parts.append(Interpolation(text.span(piece.start, piece.end), piece.expression))
        elif piece.kind == "if":
            then = _nest(text, queue, ("else", "endif"))
            otherwise: tuple[Part, ...] = ()
            if queue and queue[-1].kind == "else":
                queue.pop()
                otherwise = _nest(text, queue, ("endif",))
            end = _closing(text, queue, piece, "endif")
            assert piece.expression is not None
            parts.append(TemplateIf(text.span(piece.start, end), piece.expression, then, otherwise))
        else:
            body = _nest(text, queue, ("endfor",))
            end = _closing(text, queue, piece, "endfor")
            assert piece.expression is not None
            parts.append(
                TemplateFor(text.span(piece.start, end), piece.names[0], piece.names[1], piece.expression, body)
            )
    return tuple(parts)


def _closing(text: SourceText, queue: list[TemplatePiece], opening: TemplatePiece, kind: str) -> int:
    if not queue or queue[-1].kind != kind:
        raise HclSyntaxError(
            f"%{{ {opening.kind} }} is not closed; add %{{ {kind} }}", text.span(opening.start, opening.end)
        )
    return queue.pop().end
