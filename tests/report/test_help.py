"""The documentation of rules."""

from __future__ import annotations

from textwrap import dedent

from hypothesis import given
from hypothesis import strategies as st

from iaclint.report.help import fenced


@given(st.text(" \t\nab", max_size=40))
def test_examples_lose_the_indentation_that_all_lines_share(code: str) -> None:
    shown = fenced(code, "hcl")
    assert shown == f"```hcl\n{dedent(code).strip(chr(10)).rstrip()}\n```"
