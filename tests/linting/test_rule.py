"""How a rule is declared: what it may say, what it must, and what its examples share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from iaclint import FALSE, TRUE, Example, Finding, Outcome, Reason, Truth, Undecided, aws, rule
from iaclint.linting.rule import RuleError
from iaclint.run.testing import deployment, outcome, verdicts

KEY = 'resource "aws_kms_key" "k" {}\n'
SCENERY = Example(
    terraform="""
        variable "days" {}
    """,
    cloudformation="""
        Parameters:
          Days: {Type: Number}
        Resources:
          Topic:
            Type: AWS::SNS::Topic
    """,
)
OWN = Example(
    terraform="""
            resource "aws_kms_key" "k" {
              deletion_window_in_days = var.days
            }
    """,
    cloudformation="""
            Resources:
              Key:
                Type: AWS::KMS::Key
                Properties:
                  Description: |
                    first

                    third
                  PendingWindowInDays: !Ref Days
    """,
)


def declared(**changes: Any) -> Any:
    """A rule with the docstring of this file, and with some arguments changed."""

    def some_rule(key: aws.kms.Key) -> Iterator[Finding]:
        yield Finding("wrong", at=key)

    check = changes.pop("check", some_rule)
    arguments: dict[str, Any] = {"on": aws.kms.Key, "severity": "low", "soc2": ["CC6.1"], "bad": [], "good": []}
    return rule(**(arguments | changes))(check)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"severity": "hgih"}, ("hgih", "did you mean high?", "critical, high, low, medium")),
        ({"soc2": ["CC6.1", "CC99.1"]}, ("CC99.1",)),
        ({"soc2": ["CC6"]}, ("CC6", "did you mean CC6.")),
    ],
)
def test_what_is_declared_wrongly_is_said_with_the_choices(changes: dict[str, Any], words: tuple[str, ...]) -> None:
    with pytest.raises(RuleError) as caught:
        declared(**changes)
    assert all(word in str(caught.value) for word in words)


def test_a_rule_without_documentation_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.linting.test_rule.__doc__", None)
    with pytest.raises(RuleError, match="docstring"):
        declared()


def test_a_finding_that_is_returned_is_an_error_that_says_what_to_write() -> None:
    def some_rule(key: aws.kms.Key) -> Any:
        return Finding("wrong", at=key)

    with deployment(KEY, "terraform") as found:
        [verdict] = verdicts(declared(check=some_rule), found)
    assert verdict.outcome is Outcome.ERROR
    assert "write `yield` instead of `return`" in verdict.message


@pytest.mark.parametrize(
    ("truth", "wanted"),
    [
        (Truth.undecided(Reason("the reason")), Outcome.UNKNOWN),
        (TRUE, Outcome.PASS),
        (FALSE, Outcome.PASS),
    ],
)
def test_a_rule_that_cannot_tell_yields_so(truth: Truth, wanted: Outcome) -> None:
    def some_rule(key: aws.kms.Key) -> Iterator[Finding | Undecided]:
        yield Undecided(truth)

    assert outcome(declared(check=some_rule), KEY, "terraform") is wanted


def test_what_is_certain_wins_over_what_cannot_be_told() -> None:
    def some_rule(key: aws.kms.Key) -> Iterator[Finding | Undecided]:
        yield Undecided(Truth.undecided(Reason("the reason")))
        yield Finding("wrong", at=key)

    assert outcome(declared(check=some_rule), KEY, "terraform") is Outcome.FAIL


def test_each_example_stands_in_the_scenery() -> None:
    [whole, alone] = declared(scenery=SCENERY, bad=[OWN, Example(KEY, only="no template", alone=True)]).bad
    assert alone.terraform == KEY and alone.cloudformation is None
    with deployment(whole.terraform, "terraform") as found:
        assert (not found.problems, list(found.inputs), len(found.resources)) == (True, ["days"], 1)
    with deployment(whole.cloudformation, "cloudformation") as found:
        assert (not found.problems, "Days" in found.inputs) == (True, True)
        assert [resource.attribute("Description").data for resource in found.resources] == [None, "first\n\nthird\n"]


def test_a_side_that_an_example_lacks_stays_away_with_a_scenery() -> None:
    [example] = declared(scenery=SCENERY, bad=[Example(OWN.terraform, only="no template")]).bad
    assert example.cloudformation is None and "variable" in example.terraform
