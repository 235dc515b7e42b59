"""Both parsers give one tree, spans included; what is wrong is said with its place."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from iaclint.source.files import SourceFile, Span
from iaclint.terraform.syntax import hcl2, parser, treesitter
from iaclint.terraform.syntax import tree as syntax
from iaclint.terraform.syntax.building import SourceText
from iaclint.terraform.syntax.tree import Call, Conditional, HclSyntaxError, Literal, Template, Traversal
from tests.oracle import strategies
from tests.terraform.support import CASES

FILES = sorted(
    os.path.join(folder, name)
    for folder, _, names in os.walk(CASES)
    for name in names
    if name.endswith((".tf", ".tfvars"))
)

PIECES = [
    'a "b" c {\n  x = 1\n}\n',
    "x = a ? b : c ? d : e\n",
    "x = a || b && !c == d + -e * f.g[0] - 1 % 2\n",
    'x = foo.bar[0].baz.*.x.*.y["k"].0\n',
    "x = a[*].b[0][*].c\n",
    'x = "a${b}c%{ if d ~} e %{ else }f%{ endif }$${g}%%{h}\\n\\u00e9"\n',
    'x = "%{ for k, v in m }${k}=${v}%{ endfor }"\n',
    "x = <<EOT\nline ${a}\n  two\nEOT\n",
    "x = <<-EOT\n    a\n      ${b ~}\n    %{ if c }\n    d\n    %{ endif }\n  EOT\n",
    "x = [1, 2.5, 1.5e3, -4, true, false, null,]\n",
    'x = {\n  a = 1\n  b : 2, (c) = 3\n  "d e" = 4\n  "f${g}" = 5\n}\n',
    "x = [for v in m : v if !v]\n",
    "x = { for k, v in m : k => v... if v > 1 }\n",
    "x = f(1, g(), h...)\n",
    "x = ns::one::two(1)\n",
    "x = (\n  1 +\n  2\n)\n",
    "# hash\n// slashes\n/* block\n   comment */\nx = 1 # end\n",
    'é = "ü${ñ}😀" # ö\ny = ñ.é\n',
    "a {\n  b {\n    c = 1\n  }\n}\n",
    "a { x = 1 }\n",
    "",
]


def flat(node: Any) -> Any:
    """A tree as comparable data, spans as offsets."""
    if isinstance(node, Span):
        return (node.start, node.end)
    if isinstance(node, Struct):
        return (type(node).__name__, *(flat(getattr(node, name)) for name in node.__struct_fields__))
    if isinstance(node, tuple):
        return [flat(item) for item in node]
    return node


def both(text: str) -> tuple[Any, Any]:
    results = []
    for build in (treesitter.build, hcl2.build):
        source = SourceFile("/x.tf", text)
        try:
            results.append(flat(build(SourceText(source, text))))
        except treesitter.Unreliable:
            results.append(None)
        except HclSyntaxError as error:
            results.append(("error", error.message))
    return results[0], results[1]


@pytest.mark.parametrize("text", PIECES)
def test_both_parsers_give_one_tree(text: str) -> None:
    one, other = both(text)
    assert one is not None
    if "é = " not in text and "ns::one::two" not in text:  # python-hcl2 knows ASCII names only
        assert one == other


@pytest.mark.parametrize("path", FILES)
def test_both_parsers_agree_on_fixtures(path: str) -> None:
    with open(path, encoding="utf-8", newline="") as file:
        one, other = both(file.read())
    assert one == other


@settings(max_examples=150, deadline=None)
@given(st.lists(strategies.expressions, min_size=1, max_size=3), st.sampled_from(["\n", "\r\n"]))
def test_both_parsers_agree_on_random_hcl(expressions: list[str], newline: str) -> None:
    lines = [f"v{n} = {text}" for n, text in enumerate(expressions)]
    text = newline.join(["block {", *lines, "}", ""])
    one, other = both(text)
    # each of them refuses some valid texts; where both read one, they read the same
    if one is not None and other is not None and other[0] != "error":
        assert one == other


def test_where_the_parsers_differ() -> None:
    """Blanks behind the word that ends a heredoc: HCL trims the line, python-hcl2 reads on to the next such word."""
    one, other = both("a = <<T\nx\nT  \nb = <<T\ny\nT\n")
    assert len(one[0][2]) == 2 and len(other[0][2]) == 1
    assert [attribute.name for attribute in parse("a = <<T\nx\nT  \nb = <<T\ny\nT\n").attributes] == ["a", "b"]


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
