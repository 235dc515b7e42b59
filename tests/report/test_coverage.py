"""What the lists of other tools' checks say agrees with the rules."""

from __future__ import annotations

from iaclint.report.coverage import FAMILIES, TOOLS, coverage, coverage_text, unanswered
from tests.builtin_rules import ALL_RULES as RULES


def test_a_check_has_an_answer_or_a_reason() -> None:
    for tool in TOOLS:
        rows = coverage(RULES, tool)
        assert rows, tool
        for check, found, why in rows:
            assert bool(found) != bool(why), f"{tool} {check}: answered by {found}, and {why!r}"


def test_every_tool_of_a_rule_is_listed() -> None:
    assert {tool for r in RULES if r.family in FAMILIES for tool in r.equivalents} <= set(TOOLS)
    assert set(unanswered()) <= set(TOOLS)


def test_the_text_counts() -> None:
    text = coverage_text(RULES, "checkov")
    assert "CKV_AWS_7" in text and "kms-key-not-rotated" in text
    assert text.splitlines()[-1].endswith("checks of checkov in these families have an answer")
