"""Regular expressions of RE2: what Terraform answers, bounds, and a platform without google-re2."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from iaclint.model.value import Unknown, UnknownCause
from iaclint.terraform.functions import regex
from tests.terraform.support import evaluated, load


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("a*", "baac", ["", "aa", ""]),
        ("(a)|(b)", "ab", [["a", None], [None, "b"]]),
        ("(?P<one>a)(?P<two>b)?", "aab", [{"one": "a", "two": None}, {"one": "a", "two": "b"}]),
        ("(?<one>é)", "aé", [{"one": "é"}]),
        ("(?i)[[:upper:]]+\\z", "aB", ["aB"]),
        ("\\pL\\b.", "ab-", ["b-"]),
        ("(?m)^.$", "a\nb", ["a", "b"]),
        ("a$", "a\n", []),
        (".", "\ud800", ["\ufffd"]),
    ],
)
def test_matches(pattern: str, text: str, found: list[regex.Captures]) -> None:
    assert regex.find_all(pattern, text) == found
    assert regex.find(pattern, text) == (found[0] if found else None)


@pytest.mark.parametrize(
    ("pattern", "replacement", "result"),
    [("(b)(?P<n>c)?", "<$1${n}$2x$$>", "a<b$>d"), ("", "-", "-a-b-d-"), ("(x)?b", "[$1$9]", "a[]d")],
)
def test_replacements(pattern: str, replacement: str, result: str) -> None:
    assert regex.substitute(pattern, replacement, "abd") == result


@pytest.mark.parametrize(
    "pattern", ["(a", "a)", "\\1", "(?=a)", "a**", "\\C", "\\Z", "(?P<a>x)(?P<a>y)", "a{2000}", "a\\"]
)
def test_what_is_no_pattern(pattern: str) -> None:
    with pytest.raises(regex.PatternError, match="the pattern is"):
        regex.find(pattern, "a")


def test_names_are_counted_outside_of_classes_only() -> None:
    assert regex.find("(?P<a>x)[(?P<a>y)]\\Q(?P<a>\\E", "xy(?P<a>") == {"a": "x"}


def test_work_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(regex.TooCostly):
        regex.find("(a?){500}a{500}", "a" * 1_000_000)
    monkeypatch.setattr(regex, "MAX_RESCANNED", 1_000)
    with pytest.raises(regex.TooCostly):
        regex.find_all("a", "a" * 100)


@pytest.mark.parametrize(
    "expression",
    ['regex("a", "a")', 'regexall("a", "a")', 'replace("a", "/a/", "b")', 'fileset(".", "*")'],
)
def test_without_the_package_the_result_is_unknown(
    expression: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "re2", None)
    found = load(tmp_path, f'output "x" {{\n  value = {expression}\n}}\n').outputs["x"].data
    assert isinstance(found, Unknown)
    assert found.cause is UnknownCause.UNSUPPORTED
    assert found.detail == f"{expression.partition('(')[0]}() needs the package google-re2, which is not installed"


def test_text_is_replaced_without_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "re2", None)
    assert evaluated(tmp_path, 'replace("a.b", ".", "-")') == "a-b"
