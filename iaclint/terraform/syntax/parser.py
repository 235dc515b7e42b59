"""Text of HCL to its tree: files, templates, expressions within other texts.

Nothing outside this package knows which parser ran. tree-sitter-hcl comes first because it is fast. If it finds an
error, python-hcl2 decides: it gives the tree, or the message. Both builders give the same tree. The rules of the
language that neither grammar enforces are checked on the tree.

Grammar: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

from __future__ import annotations

import re

from iaclint.source.files import Comment, SourceFile, Span
from iaclint.terraform.syntax import treesitter
from iaclint.terraform.syntax.building import MAX_DEPTH, SourceText
from iaclint.terraform.syntax.checks import check_body
from iaclint.terraform.syntax.tree import Body, Expression, HclSyntaxError, Interpolation, Literal, Template


def parse(source: SourceFile) -> Body:
    """Return the tree of a .tf or .tfvars file, and set the comments of the file. Raises HclSyntaxError."""
    text = SourceText(source, source.text)
    body, comments = _build(text)
    source.comments = comments
    check_body(body)
    return body


def parse_template(source: SourceFile) -> Template | Literal:
    """Return a file as a template, as `templatefile` reads it. Raises HclSyntaxError."""
    return _read_template(source, source.text, 0, None)


def template_in(source: SourceFile, value: str, start: int, whole: Span, exact: bool) -> Template | Literal:
    """Return the template that a string within a file is. Raises HclSyntaxError.

    source  the file
    value   the string, without escapes of the language around it
    start   the offset in the file where its first character stands
    whole   the place of the string, quotes included
    exact   True if the file has the string letter by letter, so that parts of it have places of their own
    """
    if "${" not in value and "%{" not in value:
        return Literal(whole, value)
    found = _read_template(source, value, start, None if exact else whole)
    if isinstance(found, Template):
        return Template(whole, found.parts, found.wrap)
    return Literal(whole, found.value)


def parse_expression(source: SourceFile, text: str, whole: Span) -> Expression:
    """Return an expression that is the text of a string, such as a reference in JSON. Raises HclSyntaxError."""
    body, _ = _build(SourceText(source, f"x = {text}\n", fixed=whole))
    if len(body.attributes) != 1 or body.blocks:
        raise HclSyntaxError("this is not a single expression", whole)
    return body.attributes[0].value


_MARK = "IACLINT_END_OF_TEMPLATE"


def _read_template(source: SourceFile, value: str, start: int, fixed: Span | None) -> Template | Literal:
    """Return a text as the template of a heredoc, which has no escapes but those of templates."""
    prefix = f"x = <<{_MARK}\n"
    body, _ = _build(SourceText(source, f"{prefix}{value}\n{_MARK}\n", shift=start - len(prefix), fixed=fixed))
    if len(body.attributes) != 1 or body.blocks:
        raise HclSyntaxError("this is not a template", fixed or source.span(start, start))
    found = body.attributes[0].value
    whole = fixed or source.span(start, start + len(value))
    # the line end before the closing mark is not part of the text
    if isinstance(found, Literal):
        return Literal(whole, str(found.value)[:-1])
    assert isinstance(found, Template)
    parts = list(found.parts)
    last = parts[-1]
    if isinstance(last, Literal) and str(last.value).endswith("\n"):
        cut = str(last.value)[:-1]
        parts[-1:] = [Literal(last.span, cut)] if cut else []
    wrap = len(parts) == 1 and isinstance(parts[0], Interpolation)
    return Template(whole, tuple(parts), wrap)


def _build(text: SourceText) -> tuple[Body, tuple[Comment, ...]]:
    """Return the tree of a text and its comments. Raises HclSyntaxError."""
    depth = bracket_depth(text.text)
    if depth > MAX_DEPTH * 4:
        raise HclSyntaxError(
            f"brackets are nested {depth:,} deep here, which is not read", text.span(0, min(1, len(text.text)))
        )
    try:
        return treesitter.build(text)
    except treesitter.Unreliable:
        from iaclint.terraform.syntax import hcl2

        return hcl2.build(text)


_BRACKETS = re.compile(r"[\[\](){}]")


def bracket_depth(text: str) -> int:
    """Return how deep the brackets of a text are nested at most; those within strings count too."""
    depth = deepest = 0
    for mark in _BRACKETS.findall(text):
        if mark in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif depth:
            depth -= 1
    return deepest
