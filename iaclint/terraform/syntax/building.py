"""What the builders of the tree share: text with its place in a file, numbers, the steps behind a term, object keys."""

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

NO_LINE_BREAK = "a quoted string must end on its line; write \\n, or use a heredoc (<<EOT)"


class SourceText:
    """Text that is parsed, and how offsets in it become spans of the file."""

    __slots__ = ("file", "fixed", "shift", "text")

    def __init__(self, file: SourceFile, text: str, shift: int = 0, fixed: Span | None = None) -> None:
        self.file = file
        self.text = text
        self.shift = shift
        self.fixed = fixed

    def span(self, start: int, end: int) -> Span:
        if self.fixed is not None:
            return self.fixed
        shift = self.shift
        return Span(self.file, start + shift, end + shift)


def number_literal(text: str, span: Span) -> Literal:
    exponent = re.search(r"[eE]([+-]?\d+)$", text)
    if len(text) > 2048 or (exponent and abs(int(exponent.group(1))) > MAX_EXPONENT):
        raise HclSyntaxError("this number is too large to be read", span)
    try:
        if text.isdigit():
            return Literal(span, int(text))
        exact = Fraction(text)
    except ValueError:
        raise HclSyntaxError(f"{text} is not a number", span) from None
    return Literal(span, exact.numerator if exact.denominator == 1 else exact)


class TermStep(Struct, frozen=True):
    """What follows a term: attribute, index, legacy (`.0`), attr_splat or full_splat."""

    kind: str
    end: int
    name: str = ""
    key: Expression | None = None


def apply_steps(text: SourceText, source: Expression, start: int, steps: Sequence[TermStep]) -> Expression:
    """A term with the steps that follow it applied."""
    at = 0
    while at < len(steps):
        step = steps[at]
        at += 1
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
            last = at
            while last < len(steps) and (full or steps[last].kind in ("attribute", "legacy")):
                last += 1
            each = apply_steps(text, Item(span), start, steps[at:last])
            source = Splat(text.span(start, steps[last - 1].end), source, each, full)
            at = last
    return source


def object_key(expression: Expression) -> Expression:
    """An object key: a bare name stands for itself."""
    if isinstance(expression, Traversal) and not expression.names:
        return Literal(expression.span, expression.root)
    if isinstance(expression, Literal) and not isinstance(expression.value, str):
        word = {True: "true", False: "false", None: "null"}
        if expression.value is None or isinstance(expression.value, bool):
            return Literal(expression.span, word[expression.value])
    return expression


def comment_text(raw: str) -> str:
    """A comment's text without its marks."""
    if raw.startswith("/*"):
        return raw[2:-2].strip()
    return raw.lstrip("#/").strip()
