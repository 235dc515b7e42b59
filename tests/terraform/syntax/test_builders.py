"""Both parsers give one tree, spans included."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from iaclint.source.files import SourceFile, Span
from iaclint.terraform.syntax import hcl2, parser, treesitter
from iaclint.terraform.syntax.building import SourceText
from iaclint.terraform.syntax.tree import HclSyntaxError
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
    text = "a = <<T\nx\nT  \nb = <<T\ny\nT\n"
    one, other = both(text)
    assert len(one[0][2]) == 2 and len(other[0][2]) == 1
    assert [attribute.name for attribute in parser.parse(SourceFile("/x.tf", text)).attributes] == ["a", "b"]
