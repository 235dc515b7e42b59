"""Whether policies enforce MFA, how callers get past them, and what they exempt."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iaclint.aws.reasoning.policy import Bypass, Document, MfaEnforcement, mfa_enforcement
from iaclint.aws.reasoning.policy.context import ABSENT, Context
from iaclint.model.partial import Partial
from tests.aws.reasoning.policy.samples import ALLOW, document, forgotten, only, outcome, unknown_value

MFA, AGE = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"


def enforcement(*statements: Any) -> MfaEnforcement:
    return mfa_enforcement(document(*statements))


def deny(condition: Any, **elements: Any) -> dict[str, Any]:
    elements = elements or {"NotAction": ["iam:EnableMFADevice", "sts:GetSessionToken"]}
    return {"Effect": "Deny", "Resource": "*", "Condition": condition} | elements


@pytest.mark.parametrize("condition", [
    {"BoolIfExists": {MFA: "false"}},
    {"BoolIfExists": {MFA: False}},
    {"boolifexists": {"AWS:multifactorauthpresent": ["false"]}},
    {"StringEqualsIfExists": {MFA: "false"}},
    {"StringNotEquals": {MFA: "true"}},
    {"StringNotLikeIfExists": {MFA: "true"}},
    {"NumericGreaterThanIfExists": {AGE: "3600"}},
    {"Null": {AGE: "true"}},
    {"BoolIfExists": {MFA: "false", "aws:ViaAWSService": "false"}},
    {"BoolIfExists": {MFA: "false"}, "StringNotEquals": {"aws:username": ["break-glass"]}},
    {"BoolIfExists": {MFA: "false"}, "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/robot"}},
    {"BoolIfExists": {MFA: "false"}, "Bool": {"aws:PrincipalIsAWSService": "false"}},
])  # fmt: skip
@pytest.mark.parametrize("scope", [{}, {"Action": "*"}, {"Action": ["x:Y", "*:*"]}, {"NotAction": "iam:GetUser"}])
def test_enforced(condition: Any, scope: Any) -> None:
    result = enforcement(deny(condition, **scope))
    assert result.enforced.is_true and result.weaknesses == Partial(())


@pytest.mark.parametrize("condition, bypass, operator", [
    ({"Bool": {MFA: "false"}}, Bypass.DENY_MISSES_ABSENT_KEY, "BoolIfExists"),
    ({"StringEquals": {MFA: "false"}}, Bypass.DENY_MISSES_ABSENT_KEY, "StringEqualsIfExists"),
    ({"StringLike": {MFA: "f*"}}, Bypass.DENY_MISSES_ABSENT_KEY, "StringLikeIfExists"),
    ({"Bool": {MFA: "false"}, "Null": {MFA: "false"}}, Bypass.DENY_MISSES_ABSENT_KEY, ""),
    ({"Null": {MFA: "true"}}, Bypass.DENY_MISSES_FALSE, ""),
    ({"Bool": {MFA: "false"}, "Null": {MFA: "true"}}, Bypass.DENY_NEVER_APPLIES, ""),
    ({"NumericGreaterThan": {AGE: "3600"}}, Bypass.DENY_MISSES_ABSENT_KEY, "NumericGreaterThanIfExists"),
])  # fmt: skip
def test_denies_that_can_be_walked_around(condition: Any, bypass: Bypass, operator: str) -> None:
    result = enforcement(deny(condition))
    assert result.enforced.is_false
    assert [(w.bypass, w.operator) for w in result.weaknesses] == [(bypass, operator)]
    assert result.weaknesses.items[0].condition.key in (MFA, AGE)


def test_two_denies_together() -> None:
    result = enforcement(deny({"Bool": {MFA: "false"}}), deny({"Null": {MFA: "true"}}))
    assert result.enforced.is_true and result.weaknesses == Partial(())
    aged = enforcement(deny({"BoolIfExists": {MFA: "false"}}), deny({"NumericGreaterThan": {AGE: "3600"}}))
    assert aged.enforced.is_true and aged.weaknesses == Partial(())
    two = mfa_enforcement(document(deny({"Bool": {MFA: "false"}})), document(deny({"Null": {MFA: "true"}})))
    assert two.enforced.is_true and two.weaknesses == Partial(())


@pytest.mark.parametrize("condition", [
    {"BoolIfExists": {MFA: "false"}, "IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
    {"BoolIfExists": {MFA: "false"}, "StringEquals": {"aws:username": "bo"}},
    {"BoolIfExists": {MFA: "true"}},
    {"Bool": {"aws:SecureTransport": "false"}},
])  # fmt: skip
def test_not_enforced(condition: Any) -> None:
    assert enforcement(deny(condition)).enforced.is_false


def test_a_deny_of_some_actions_is_no_enforcement_of_all() -> None:
    some_actions = enforcement(deny({"BoolIfExists": {MFA: "false"}}, Action=["iam:*", "s3:*"]))
    assert some_actions.enforced.is_false
    assert [(e.pattern, e.value.plain()) for e in some_actions.exemptions] == [("*", ["iam:*", "s3:*"])]
    one_bucket = enforcement(deny({"BoolIfExists": {MFA: "false"}}, Action="*", Resource="arn:aws:s3:::b"))
    assert one_bucket.enforced.is_false
    assert [e.value.plain() for e in one_bucket.exemptions] == ["arn:aws:s3:::b"]
    nothing = enforcement(deny({"BoolIfExists": {MFA: "false"}}, NotAction="*"))
    assert nothing.enforced.is_false


def test_what_an_effective_deny_leaves_open() -> None:
    exempt = [
        "iam:EnableMFADevice",
        "IAM:getuser",
        "s3:*",
        "iam:DeactivateMFADevice",
        "iam:*MFADevice",
        "sts:GetSessionToken",
    ]
    result = enforcement(deny({"BoolIfExists": {MFA: "false"}}, NotAction=exempt))
    assert [(e.pattern, e.removes_mfa) for e in result.exemptions] == [
        ("s3:*", False), ("iam:DeactivateMFADevice", True), ("iam:*MFADevice", True),
    ]  # fmt: skip
    assert not list(enforcement(deny({"BoolIfExists": {MFA: "false"}})).exemptions)
    closed = enforcement(
        deny({"BoolIfExists": {MFA: "false"}}, NotAction=["s3:*", "iam:GetUser"]),
        deny({"BoolIfExists": {MFA: "false"}}, Action="s3:*"),
    )
    assert not list(closed.exemptions)


def test_unknown_parts_of_enforcement() -> None:
    value = enforcement(deny({"BoolIfExists": {MFA: unknown_value()}}))
    assert value.enforced.value is None
    exempt = enforcement(deny({"BoolIfExists": {MFA: "false"}}, NotAction=["iam:GetUser", unknown_value()]))
    assert exempt.enforced.value is None and exempt.exemptions.gaps
    more = mfa_enforcement(document(deny({"BoolIfExists": {MFA: "false"}})), Document.parse(unknown_value()))
    assert more.enforced.is_true
    assert mfa_enforcement(Document.parse(unknown_value())).enforced.value is None


@pytest.mark.parametrize("condition, weak, required, operator", [
    ({"Bool": {MFA: "true"}}, False, True, ""),
    ({"BoolIfExists": {MFA: "true"}}, True, False, "Bool"),
    ({"StringEqualsIfExists": {MFA: "true"}}, True, False, "StringEquals"),
    ({"Null": {MFA: "false"}}, False, False, ""),
    ({"Null": {MFA: ["true", "false"]}}, True, False, ""),
    ({"NumericLessThan": {AGE: "3600"}}, False, True, ""),
    ({"NumericLessThanIfExists": {AGE: "3600"}}, True, False, "NumericLessThan"),
    ({"NumericLessThanIfExists": {AGE: "3600"}, "Bool": {MFA: "true"}}, False, True, ""),
    ({"BoolIfExists": {MFA: "true"}, "IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, True, False, "Bool"),
    ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, False, False, ""),
])  # fmt: skip
def test_allows_with_mfa(condition: Any, weak: bool, required: bool, operator: str) -> None:
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
    result = enforcement(allow)
    assert [w.operator for w in result.weaknesses] == ([operator] if weak else [])
    assert only(document(allow)).requires_mfa().value is required


def test_an_allow_for_self_service_without_mfa_is_no_weakness() -> None:
    allow = {"Effect": "Allow", "Action": ["iam:EnableMFADevice"], "Resource": "*"}
    result = enforcement(allow | {"Condition": {"BoolIfExists": {MFA: "true"}}})
    assert result.weaknesses.exists().is_false


def test_a_deny_that_stops_what_an_allow_lets_in() -> None:
    allow = {
        "Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"BoolIfExists": {MFA: "true"}},
    }  # fmt: skip
    assert enforcement(allow).weaknesses.exists().is_true
    assert enforcement(allow, deny({"BoolIfExists": {MFA: "false"}})).weaknesses.exists().is_false
    spared = deny({"BoolIfExists": {MFA: "false"}}, NotAction="s3:*")
    assert enforcement(allow, spared).weaknesses.exists().is_true
    hidden = Document.parse(unknown_value())
    assert mfa_enforcement(document(allow), hidden).weaknesses.exists().value is None


mfa_conditions = st.builds(
    lambda operator, key, word, more: {operator: {key: word}} | more,
    st.sampled_from([
        "Bool", "BoolIfExists", "StringNotEquals", "Null", "NumericGreaterThan", "NumericLessThanIfExists",
    ]),
    st.sampled_from([MFA, MFA, AGE]),
    st.sampled_from(["true", "false", "3600"]),
    st.sampled_from([
        {}, {}, {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, {"StringNotEqualsIfExists": {"aws:username": "bo"}},
    ]),
)  # fmt: skip
mfa_statements = st.builds(
    lambda effect, scope, resource, condition: {"Effect": effect, "Resource": resource, "Condition": condition} | scope,
    st.sampled_from(["Deny", "Deny", "Allow"]),
    st.sampled_from([
        {"Action": "*"}, {"Action": ["s3:*", "iam:*"]}, {"NotAction": ["iam:GetUser"]}, {"NotAction": ["s3:*"]},
        {"Action": "iam:EnableMFADevice"}, {"NotAction": ["iam:GetUser", "iam:CreateAccessKey"]},
    ]),
    st.sampled_from(["*", "*", "arn:aws:s3:::b"]),
    mfa_conditions,
)  # fmt: skip


@settings(max_examples=400)
@given(st.lists(mfa_statements, min_size=1, max_size=3), st.data())
def test_an_unknown_part_never_turns_what_is_said_of_mfa(policy: list[Any], data: st.DataObject) -> None:
    known = enforcement(*policy)
    partly = mfa_enforcement(forgotten(policy, data.draw))
    for mine, truth in (
        (partly.enforced, known.enforced),
        (partly.weaknesses.exists(), known.weaknesses.exists()),
        (partly.exemptions.exists(), known.exemptions.exists()),
    ):
        assert not mine.decided or mine == truth
        assert mine.decided or mine.reasons


@given(st.lists(mfa_statements, min_size=1, max_size=3))
def test_enforcement_is_what_the_evaluator_says(policy: list[Any]) -> None:
    """Enforced means that somebody without MFA is denied an action that no policy names."""
    known = enforcement(*policy)
    parsed = document({"Effect": "Allow", "Action": "*", "Resource": "*"}, *policy)
    for facts in ({}, {MFA: "false"}):
        context = Context({**facts, "aws:SourceIp": "198.51.100.1"}, ABSENT)
        answer = outcome([parsed], "sqs:SendMessage", "arn:aws:sqs:::q", context)
        if known.enforced.is_true:
            assert answer == "explicit deny"
        if answer == "allow":
            assert known.enforced.is_false


def test_a_deny_of_everything_but_everything_enforces_nothing() -> None:
    without = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    for but, truth in (("*", False), ("iam:*", None), ("sts:GetSessionToken", True)):
        policy = document({"Effect": "Deny", "NotAction": but, "Resource": "*", "Condition": without})
        said = mfa_enforcement(policy).enforced
        assert said.is_true is (truth is not False), but


def test_an_allow_that_depends_on_something_else_is_not_weak() -> None:
    policy = document({**ALLOW, "Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}})
    assert not mfa_enforcement(policy).weaknesses.items
