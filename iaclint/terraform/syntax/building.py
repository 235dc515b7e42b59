"""Parts of both builders of the tree: text with its place in a file, numbers, steps of a term, object keys."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from msgspec import Struct

from iaclint.source.files import SourceFile, Span
from iaclint.terraform.syntax.tree import Expression, GetAttr, HclSyntaxError, Index, Item, Literal, Splat, Traversal

MAX_DEPTH = 200
"""Expressions and blocks nested deeper are refused."""

MAX_EXPONENT = 4096
"""Numbers with a larger exponent of ten are refused."""

MAX_DIGITS = 2048
"""Numbers that are longer are refused."""

UNCLOSED_LINE = "a quoted string must end on its line; write \\n, or use a heredoc (<<EOT)"


class SourceText:
    """A text that is parsed, and the conversion of its offsets to spans of the file.

    file   the file that spans belong to
    text   what is parsed: the file, or a part of it with something around it
    shift  added to an offset in the text, gives the offset in the file
    fixed  the span of all nodes if offsets have no meaning in the file, as within a string with escapes
    """

    __slots__ = ("file", "fixed", "shift", "text")

    def __init__(self, file: SourceFile, text: str, shift: int = 0, fixed: Span | None = None) -> None:
        self.file = file
        self.text = text
        self.shift = shift
        self.fixed = fixed

    def span(self, start: int, end: int) -> Span:
        """Return the span in the file between two offsets of the text."""
        if self.fixed is not None:
            return self.fixed
        shift = self.shift
        return Span(self.file, start + shift, end + shift)


def number_literal(text: str, span: Span) -> Literal:
    """Return the literal of an unsigned number; it is exact. Raises HclSyntaxError if it is too large to be read."""
    exponent = re.search(r"[eE]([+-]?\d+)$", text)
    if len(text) > MAX_DIGITS or (exponent and abs(int(exponent.group(1))) > MAX_EXPONENT):
        raise HclSyntaxError("this number is too large to be read", span)
    try:
        if text.isdigit():
            return Literal(span, int(text))
        exact = Fraction(text)
    except ValueError:
        raise HclSyntaxError(f"{text} is not a number", span) from None
    return Literal(span, exact.numerator if exact.denominator == 1 else exact)


class TermStep(Struct, frozen=True):
    """An attribute, index or splat after a term.

    kind  attribute (`.name`), index (`[key]`), legacy (`.0`), attr_splat (`.*`) or full_splat (`[*]`)
    end   the offset of its end in the text
    """

    kind: str
    end: int
    name: str = ""
    key: Expression | None = None


def apply_steps(text: SourceText, source: Expression, start: int, steps: Sequence[TermStep]) -> Expression:
    """Return the expression of a term, which starts at offset `start`, and the steps that follow it."""
    done = 0
    while done < len(steps):
        step = steps[done]
        done += 1
        span = text.span(start, step.end)
        if step.kind == "attribute":
            if isinstance(source, Traversal):
                source = Traversal(span, source.root, (*source.names, step.name))
            else:
                source = GetAttr(span, source, step.name)
        elif step.kind in ("index", "legacy"):
            assert step.key is not None
            source = Index(span, source, step.key)
        else:
            full = step.kind == "full_splat"
            last = done
            while last < len(steps) and (full or steps[last].kind in ("attribute", "legacy")):
                last += 1
            each = apply_steps(text, Item(span), start, steps[done:last])
            source = Splat(text.span(start, steps[last - 1].end), source, each, full)
            done = last
    return source


def object_key(expression: Expression) -> Expression:
    """Return the expression for the key of an object: a bare name, true, false or null stand for their text."""
    if isinstance(expression, Traversal) and not expression.names:
        return Literal(expression.span, expression.root)
    if isinstance(expression, Literal) and not isinstance(expression.value, str):
        word = {True: "true", False: "false", None: "null"}
        if expression.value is None or isinstance(expression.value, bool):
            return Literal(expression.span, word[expression.value])
    return expression


def comment_text(raw: str) -> str:
    """Return the text of a comment without its marks."""
    if raw.startswith("/*"):
        return raw[2:-2].strip()
    return raw.lstrip("#/").strip()
