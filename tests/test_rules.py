"""Every rule is held to its own examples, to its fixes, and to the promise that ignorance never flips a verdict."""

from __future__ import annotations

import pytest

from iaclint import Inventory, Outcome, Rule
from iaclint.linting.judge import judge
from iaclint.run.testing import Sample, complaints, deployment, examples, fix_complaints, ignorance_complaints
from tests.builtin_rules import ALL_RULES as RULES

EXAMPLES = examples(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.id)
def test_a_rule_is_right_about_its_examples(rule: Rule[object]) -> None:
    assert complaints(rule) == []


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_ignorance_never_flips(example: Sample) -> None:
    """With any one value unknown, a verdict may become UNKNOWN but never change sides."""
    assert ignorance_complaints(example) == []


@pytest.mark.parametrize("example", [e for e in EXAMPLES if e.kind == "bad"], ids=str)
def test_a_fix_puts_it_right(example: Sample) -> None:
    """After each fix its finding is gone, nothing else is worse, and the file still parses."""
    assert fix_complaints(example) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.id)
def test_a_rule_is_documented(rule: Rule[object]) -> None:
    assert rule.title and not rule.title.endswith(".")
    assert len(rule.doc) > 80
    assert rule.bad and rule.good
    assert rule.soc2 and all(c[0] in "CAPI" for c in rule.soc2)
    assert rule.family
    assert len(rule.name) <= 255


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_no_rule_breaks_on_the_examples_of_another(example: Sample) -> None:
    with deployment(example.text, example.language) as found:
        broken = [v for v in judge(Inventory((found,)), RULES) if v.outcome is Outcome.ERROR]
    assert not [f"{v.rule.id}: {v.message}" for v in broken]
