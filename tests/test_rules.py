"""Every rule is held to its own examples, to its fixes, and to the promise that ignorance never flips a verdict."""

from __future__ import annotations

import pytest

from iaclint import Inventory, Outcome, Rule
from iaclint.linting import pack
from iaclint.linting.judge import judge
from iaclint.run.testing import Sample, complaints, deployment, examples, fixed, ignorant, load, verdicts

RULES: tuple[Rule[object], ...] = pack.load(pack.builtin_directory())
EXAMPLES = examples(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.id)
def test_a_rule_is_right_about_its_examples(rule: Rule[object]) -> None:
    assert complaints(rule) == []


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_ignorance_never_flips(example: Sample) -> None:
    """With any one value unknown, a verdict may become UNKNOWN but never change sides."""
    with deployment(example.text, example.language) as known:
        before = {v.address: v.outcome for v in verdicts(example.rule, known)}
        whole = Outcome.FAIL in before.values()
        for path, changed in ignorant(known):
            judged = verdicts(example.rule, changed)
            assert not [v.message for v in judged if v.outcome is Outcome.ERROR], path
            after = {v.outcome for v in judged}
            if whole:
                assert after & {Outcome.FAIL, Outcome.UNKNOWN}, f"{path}: a failure became a pass"
            else:
                assert Outcome.FAIL not in after, f"{path}: a pass became a failure"


@pytest.mark.parametrize("example", [e for e in EXAMPLES if e.kind == "bad"], ids=str)
def test_a_fix_puts_it_right(example: Sample) -> None:
    """After each fix its finding is gone, nothing else is worse, and the file still parses."""
    with deployment(example.text, example.language) as found:
        before = verdicts(example.rule, found)
        failing = [v for v in before if v.outcome is Outcome.FAIL]
        for verdict in failing:
            if verdict.fix is None:
                continue
            for path, text in fixed(verdict.fix).items():
                original = found.files[0].text
                with open(path, "w", encoding="utf-8", newline="") as stream:
                    stream.write(text)
                again = load(path, example.language)
                assert not again.problems
                left = [v for v in verdicts(example.rule, again) if v.outcome is Outcome.FAIL]
                assert len(left) < len(failing)
                assert {v.message for v in left} <= {v.message for v in failing}
                assert len(again.resources) == len(found.resources)
                with open(path, "w", encoding="utf-8", newline="") as stream:
                    stream.write(original)


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
