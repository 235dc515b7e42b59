"""Conditions against AWS's documentation, and with unknown keys and variables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iaclint.aws.reasoning.policy import Document
from iaclint.aws.reasoning.policy.context import ABSENT, PRESENT, UNKNOWN, Context
from tests.aws.reasoning.policy.samples import condition, outcome, statement, value_of

TABLE = json.loads(Path(__file__).with_name("decisions.json").read_text(encoding="utf-8"))


def cases() -> list[Any]:
    return [
        pytest.param(group, row, id=f"{index}-{number}-{group['topic']}")
        for index, group in enumerate(TABLE["groups"])
        for number, row in enumerate(group["decisions"])
    ]


@pytest.mark.parametrize("form", ["mapping", "text"])
@pytest.mark.parametrize("group, row", cases())
def test_decision_of_the_documentation(group: dict[str, Any], row: dict[str, Any], form: str) -> None:
    policies = [
        Document.parse(value_of(policy if form == "mapping" else json.dumps(policy, indent=2)))
        for policy in group["identity"]
    ]
    assert not any(policy.errors for policy in policies)
    context = Context(row.get("context", {}), ABSENT)
    assert outcome(policies, row["action"], row["resource"], context) == row["expected"], group["topic"]


def test_the_table_names_its_sources() -> None:
    assert sum(len(group["decisions"]) for group in TABLE["groups"]) >= 200
    assert all(group["source"].startswith("https://docs.aws.amazon.com/") for group in TABLE["groups"])


@pytest.mark.parametrize(
    ("written", "given", "holds"),
    [
        (5.0, "5", True),
        (5, 5.0, True),
        (5.5, "5.5", True),
        (True, "true", True),
        ("False", False, True),
        (1e20, 10**20, True),
    ],
)
def test_scalars_as_the_policy_language_reads_them(written: Any, given: Any, holds: bool) -> None:
    kind = "Bool" if "e" in str(written).lower() and not isinstance(written, float) else "StringEquals"
    assert condition(kind, "a:b", written).holds(Context({"a:b": given})).is_true is holds


@pytest.mark.parametrize(
    ("operator", "values", "truth"),
    [
        ("StringLike", "*", True),
        ("StringLike", ["a", "*"], True),
        ("StringLike", "**", True),
        ("StringLike", "a*", None),
        ("StringNotLike", "*", False),
        ("StringNotLike", "a*", None),
        ("ArnLike", "*", True),
        ("StringEquals", "*", None),
        ("StringNotEquals", "*", None),
        ("Null", "false", True),
        ("Null", "true", False),
    ],
)
def test_a_key_that_is_there_with_a_value_that_is_not_known(operator: str, values: Any, truth: bool | None) -> None:
    assert condition(operator, "aws:PrincipalTag/team", values).holds(Context({}, PRESENT)).value is truth
    absent = condition(operator, "aws:PrincipalTag/team", values).holds(Context({}, ABSENT)).value
    either = condition(operator, "aws:PrincipalTag/team", values).holds(Context({}, UNKNOWN)).value
    assert either is (truth if truth is absent else None)


@pytest.mark.parametrize(
    ("text", "team", "version", "matches"),
    [
        ("${*}", "*", "2012-10-17", True),
        ("${*}", "b", "2012-10-17", False),
        ("${?}${$}-${aws:username}-b", "?$-ana-b", "2012-10-17", True),
        ("${?}${$}-${aws:username}-b", "?$-bo-b", "2012-10-17", False),
        ("${?}${$}-${aws:username}-b", "x$-ana-b", "2012-10-17", False),
        ("${aws:username}", "ana", "2008-10-17", False),
        ("${aws:username}", "${aws:username}", "2008-10-17", True),
        ("${aws:userid, 'none'}", "none", "2012-10-17", True),
        ("${aws:userid}", "", "2012-10-17", False),
    ],
)
def test_variables_are_what_the_request_has(text: str, team: str, version: str, matches: bool) -> None:
    made = statement(Condition={"StringLike": {"aws:PrincipalTag/team": text}}, version=version)
    context = Context({"aws:username": "ana", "aws:PrincipalTag/team": team}, ABSENT)
    assert made.conditions_hold(context).is_true is matches


def test_a_variable_whose_value_is_not_known() -> None:
    made = condition("StringLike", "aws:PrincipalTag/team", "red-${aws:username}")
    for team, truth in (("red-ana", None), ("blue-ana", False)):
        assert made.holds(Context({"aws:PrincipalTag/team": team})).value is truth
