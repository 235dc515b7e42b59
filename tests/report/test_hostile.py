"""Whatever names, messages and files hold, every format is well-formed, and nothing in it is obeyed."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iaclint.report import FORMATS, SARIF_INCLUDES, Options, render
from iaclint.report.common import clean
from tests.report.builder import MAIN, everything
from tests.report.test_formats import SCHEMA

NAMES = [
    "file",
    "address",
    "message",
    "what",
    "reason",
    "detail",
    "problem",
    "why",
    "environment",
    "title",
    "inserted",
    "text",
    "path",
]
HOSTILE = [
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "\x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\",
    "\x9b31m",
    "\x1b[",
    "\r\n::error::pwned",
    "::error file=x::y",
    "<script>alert(1)</script>",
    "]]>--><!--",
    "a|b\\|c",
    "`code` ``more``",
    "[text](https://example.com) ![i](x) @user #1",
    "[a](1) {0} '{1}'",
    "line\nline\r\nline\u2028line\x85line",
    "\ud800 lone \udfff",
    "\u202eesrever\u2066",
    "\x00\x08\x0b\x7f\ufffe\uffff",
    '"quoted" \\back\\slash\\',
    "../../etc/passwd",
    "%0A::error::%25",
    "漢字😀e\u0301\u200b",
    "",
    " ",
    "x" * 3000,
]
DIRECTIONS = "[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"


def survive(names: dict[str, str]) -> None:
    report = everything(names)
    options = Options(show_unknown=True, sarif_include=frozenset(SARIF_INCLUDES))
    for name in FORMATS:
        text = render(name, report, options)
        text.encode("utf-8")  # nothing that cannot be written
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", text), name
        if name != "json":  # which escapes all of these, and keeps them
            assert not re.search(DIRECTIONS, text), name
        if name == "json":
            assert text.isascii()
            jsonschema.validate(json.loads(text), SCHEMA)
        elif name in ("sarif", "gitlab"):
            json.loads(text)
        elif name == "junit":
            top = ET.fromstring(text)
            assert len(top) >= 3
        elif name == "github":
            commands = [line for line in text.splitlines() if line.startswith("::")]
            assert len(commands) == 9
            assert all(re.match("::(error|warning|notice) [^:]*::", line) for line in commands)
        elif name == "markdown":
            outside = re.sub(r"\\`|(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
            assert not re.search(r"<(?!br>|/?details>|/?summary>)", outside)
        elif name == "text":
            findings = re.findall(r"(?m)^(?:critical|high|medium|low)\[", text)
            assert len(findings) == 6


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text(hostile: str) -> None:
    survive(dict.fromkeys(NAMES, hostile) | {"file": f"{hostile}.tf"})


@pytest.mark.parametrize("name", NAMES)
def test_hostile_text_in_one_place(name: str) -> None:
    survive({name: "".join(HOSTILE) + ".tf"})


TEXT = st.text(st.characters(), max_size=40) | st.text(
    st.sampled_from("\x1b[]m:;`|<>&@#\n\r\t\\%{}'\" ax."), max_size=40
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from([name for name in NAMES if name != "file"]), TEXT), TEXT)
def test_any_text(names: dict[str, str], file: str) -> None:
    survive({**names, "file": f"{file}.tf"})


@settings(max_examples=200, deadline=None)
@given(TEXT)
def test_clean(text: str) -> None:
    shown = clean(text)
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", shown)
    assert not re.search(DIRECTIONS, shown)
    assert clean(shown) == shown


def test_clean_removes_whole_sequences() -> None:
    assert clean("\x1b[31;1mred\x1b[0m") == "red"
    assert clean("\x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\") == "link"
    assert clean("a\r\n\tb") == "a b"
    assert clean("\u202ea") == "\ufffda"


def test_no_machine_path_in_any_format() -> None:
    report = everything({"problem": "/repo/main.tf is wrong", "path": "/repo/broken.tf"})
    for name in FORMATS:
        if name in ("text", "concise"):  # these name files as the front-ends do
            continue
        assert "/repo" not in render(name, report, Options(show_unknown=True)), name


def test_sensitive_values_in_no_format() -> None:
    for name in FORMATS:
        text = render(name, everything(), Options(show_unknown=True))
        assert "secret" not in text.replace("leaked secret", ""), name
    assert "secret" in MAIN
