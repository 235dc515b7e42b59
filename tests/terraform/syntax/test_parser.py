"""HCL as a tree: spans, texts, comments; what is wrong is said with its place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iaclint.source.files import SourceFile
from iaclint.terraform.syntax import parser
from iaclint.terraform.syntax import tree as syntax
from iaclint.terraform.syntax.tree import Call, Conditional, HclSyntaxError, Literal, Template, Traversal


def parse(text: str) -> syntax.Body:
    return parser.parse(SourceFile("/x.tf", text))


def value(text: str) -> syntax.Expression:
    return parse(f"x = {text}\n").attributes[0].value


def test_spans_count_code_points() -> None:
    source = SourceFile("/x.tf", 'x = "ü😀${a.b}"\ny = f(1)\n')
    body = parser.parse(source)
    template = body.attributes[0].value
    assert isinstance(template, Template)
    part = template.parts[1]
    assert isinstance(part, syntax.Interpolation)
    assert part.span.text == "${a.b}"
    assert isinstance(part.expression, Traversal)
    assert part.expression.span.text == "a.b"
    assert isinstance(body.attributes[1].value, Call)
    assert body.attributes[1].value.span.text == "f(1)"
    assert body.attributes[1].name_span.line == 2


def test_conditionals_group_from_the_right() -> None:
    found = value("a ? b : c ? d : e")
    assert isinstance(found, Conditional)
    assert isinstance(found.otherwise, Conditional)
    assert found.otherwise.span.text == "c ? d : e"


def test_headers_and_bodies() -> None:
    block = parse('resource "a" "b" {\n  x = 1\n}\n').blocks[0]
    assert block.header.text == 'resource "a" "b"'
    assert block.body.span.text == "\n  x = 1\n"
    assert block.labels == ("a", "b")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("<<-EOT\n    a\n      b\n\n    c\n  EOT", "a\n  b\n\nc\n"),
        ("<<EOT\n  a\nEOT", "  a\n"),
        ("<<EOT\nEOT", ""),
        ('"a\\tb\\"\\\\ \\u00e9$${x}%%{y}"', 'a\tb"\\ é${x}%{y}'),
        ('"e\u0301"', "é"),
        ("<<EOT\na\\n$${x}\nEOT", "a\\n${x}\n"),
    ],
)
def test_texts(text: str, wanted: str) -> None:
    found = value(text)
    assert isinstance(found, Literal)
    assert found.value == wanted


def test_line_ends_of_windows() -> None:
    body = parse("a {\r\n  x = <<EOT\r\none\r\nEOT\r\n  y = 2\r\n}\r\n")
    found = body.blocks[0].body.attributes
    assert [attribute.name for attribute in found] == ["x", "y"]
    assert isinstance(found[0].value, Literal)
    assert found[0].value.value == "one\r\n"


def test_comments_are_kept() -> None:
    source = SourceFile("/x.tf", "# one\nx = 1 // two\n/* three */\ny = [\n  1, # four\n]\n")
    parser.parse(source)
    assert [comment.text for comment in source.comments] == ["one", "two", "three", "four"]
    assert [comment.span.line for comment in source.comments] == [1, 2, 3, 5]


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ('a "b" {\n  x = 1\n', 3, "closed"),
        ("x = {\n  a = 1 b = 2\n}\n", 2, ""),
        ("x = 1\nx = 2\n", 2, "twice"),
        ("x = 1 y = 2\n", 1, "new line"),
        ("x = a ?\n  b : c\n", 2, "breaks its line"),
        ("x = 1 +\n  2\n", 2, "breaks its line"),
        ("x = ]\n", 1, "not expected"),
        ('x = "%{ if a }b"\n', 1, ""),
        ("x = 1e99999\n", 1, "too large"),
        ("x = " + "[" * 10_000 + "]" * 10_000 + "\n", 1, "nested"),
        ("a {\n" * 3_000 + "}\n" * 3_000, 1, "nested"),
        ("x = " + "!" * 3_000 + "true\n", 1, ""),
    ],
)
def test_wrong_texts(text: str, line: int, part: str) -> None:
    with pytest.raises(HclSyntaxError) as caught:
        parse(text)
    assert part in caught.value.message
    assert caught.value.span.line == line


@given(st.text('ax1= \n{}[]()"$%<-~?:.,*#/\\E', max_size=40))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse(text)
    except HclSyntaxError as error:
        assert error.message
