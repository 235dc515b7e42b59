"""What statements are about, against a naive evaluator and with unknown parts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iaclint.aws.reasoning.policy import Document, mfa_enforcement
from iaclint.aws.reasoning.policy.context import ABSENT, PRESENT, UNKNOWN, Context
from iaclint.model.address import Address
from iaclint.model.truth import Truth
from iaclint.model.value import Ref
from tests.aws.reasoning.policy.samples import document, forgotten, only, outcome, statement, unknown_value

ACTIONS = ["s3:GetObject", "s3:PutObject", "s3:GetBucketPolicy", "iam:GetUser", "ec2:RunInstances"]
ACTION_PATTERNS = [*ACTIONS, "s3:*", "s3:Get*", "*", "*:Get*", "iam:???User", "S3:getobject"]
RESOURCES = ["arn:aws:s3:::a/x", "arn:aws:s3:::b/x", "arn:aws:iam::111122223333:user/ana"]
RESOURCE_PATTERNS = [*RESOURCES, "*", "arn:aws:s3:::a/*", "arn:aws:s3:::?/x", "arn:aws:iam::*:user/*"]
KEYS = ["aws:MultiFactorAuthPresent", "aws:PrincipalTag/team", "aws:TagKeys"]
WORDS = ["true", "false", "red", "r*", "5"]
OPERATORS = [
    *("StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase", "Bool"),
    *("NumericLessThan", "NumericNotEquals", "StringEqualsIfExists", "StringNotLikeIfExists", "BoolIfExists"),
    *("ForAllValues:StringEquals", "ForAnyValue:StringLike", "ForAnyValue:StringNotEquals", "Null"),
]


def some(options: list[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.sampled_from(options), st.lists(st.sampled_from(options), min_size=1, max_size=3))


conditions = st.dictionaries(
    st.sampled_from(OPERATORS), st.dictionaries(st.sampled_from(KEYS), some(WORDS), max_size=2), max_size=2
)


def statements(effects: tuple[str, ...] = ("Allow", "Deny")) -> st.SearchStrategy[Any]:
    def build(effect: str, action: Any, resource: Any, condition: Any, nots: Any) -> dict[str, Any]:
        made = {
            "Effect": effect,
            "NotAction" if nots[0] else "Action": action,
            "NotResource" if nots[1] else "Resource": resource,
        }
        return made | ({"Condition": condition} if condition else {})

    return st.builds(
        build,
        st.sampled_from(effects),
        some(ACTION_PATTERNS),
        some(RESOURCE_PATTERNS),
        conditions,
        st.tuples(st.sampled_from([False, False, True]), st.sampled_from([False, False, True])),
    )


policies = st.lists(statements(), max_size=4)
contexts = st.dictionaries(
    st.sampled_from(KEYS), st.one_of(st.sampled_from(WORDS), st.lists(st.sampled_from(WORDS), max_size=2))
)
calls = st.tuples(
    st.sampled_from(ACTIONS), st.sampled_from(RESOURCES), contexts.map(lambda facts: Context(facts, ABSENT))
)
Call = tuple[str, str, Context]


def glob(pattern: str, text: str, flags: int = 0) -> bool:
    expression = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.fullmatch(expression, text, flags | re.DOTALL) is not None


class Naive:
    """The rules of the documentation once more, with regular expressions and plain bools, for what is tested here."""

    def __init__(self, call: Call) -> None:
        self.action, self.resource, self.context = call

    @staticmethod
    def listed(data: Any) -> list[Any]:
        return data if isinstance(data, list) else [data]

    def applies(self, statement: dict[str, Any]) -> bool:
        action = any(
            glob(p, self.action, re.IGNORECASE)
            for p in self.listed(statement.get("Action", statement.get("NotAction")))
        )
        resource = any(
            glob(p, self.resource) for p in self.listed(statement.get("Resource", statement.get("NotResource")))
        )
        return (
            action == ("Action" in statement)
            and resource == ("Resource" in statement)
            and all(
                self.condition(operator, key, [str(v) for v in self.listed(values)])
                for operator, block in statement.get("Condition", {}).items()
                for key, values in block.items()
            )
        )

    def condition(self, operator: str, key: str, wanted: list[str]) -> bool:
        quantifier, _, name = operator.rpartition(":")
        fact = self.context.get(key)
        given = [] if fact is ABSENT else list(fact)  # type: ignore[arg-type]
        if quantifier:
            given = [one for one in given if one]
        if name == "Null":
            return ("false" if given else "true") in wanted
        if not given:
            if name.endswith("IfExists"):
                return True
            return quantifier == "ForAllValues" if quantifier else "Not" in name
        base = name.removesuffix("IfExists")

        def matches(one: str, value: str) -> bool:
            if "Numeric" in base:
                if not (one.isdigit() and value.isdigit()):
                    return False
                return int(one) < int(value) if "Less" in base else int(one) == int(value)
            if base == "Bool":
                return one in ("true", "false") and one == value
            if "Like" in base:
                return glob(value, one)
            return one.lower() == value.lower() if "IgnoreCase" in base else one == value

        hits = [any(matches(one, value) for value in wanted) for one in given]
        if "Not" in base:
            hits = [not hit for hit in hits]
            return any(hits) if quantifier == "ForAnyValue" else all(hits)
        return all(hits) if quantifier == "ForAllValues" else any(hits)

    def outcome(self, statements: list[Any]) -> str:
        mine = [s for s in statements if self.applies(s)]
        if any(s["Effect"] == "Deny" for s in mine):
            return "explicit deny"
        return "allow" if mine else "implicit deny"


def judged(call: Call, policy: list[Any]) -> str:
    return outcome([document(*policy)], *call)


@given(calls, policies)
def test_agrees_with_a_naive_evaluator(call: Call, policy: list[Any]) -> None:
    assert judged(call, policy) == Naive(call).outcome(policy)


@settings(max_examples=400)
@given(calls, policies, st.data())
def test_an_unknown_part_never_turns_an_outcome(call: Call, policy: list[Any], data: st.DataObject) -> None:
    partly = outcome([forgotten(policy, data.draw)], *call)
    assert partly in ("undecided", judged(call, policy))


@given(calls, policies, st.sets(st.sampled_from(KEYS)), st.booleans())
def test_an_unknown_key_of_a_request_never_turns_an_outcome(
    call: Call, policy: list[Any], hidden: set[str], mentioned: bool
) -> None:
    action, resource, context = call
    facts: dict[str, Any] = {key: context.get(key) for key in KEYS if key not in hidden}
    if mentioned:
        facts |= {key: UNKNOWN if context.get(key) is ABSENT else PRESENT for key in hidden}
    assert judged((action, resource, Context(facts)), policy) in ("undecided", judged(call, policy))


@settings(max_examples=300)
@given(policies, st.data())
def test_an_unknown_part_never_turns_what_rules_ask(policy: list[Any], data: st.DataObject) -> None:
    known, partly = document(*policy), forgotten(policy, data.draw)

    def agree(mine: Truth, truth: Truth) -> None:
        assert not mine.decided or mine == truth

    for ask in (
        lambda d: d.admin_statements().exists(),
        lambda d: d.public_statements().exists(),
        lambda d: d.allowing(lambda s: s.overlaps_action("s3:*")).exists(),
        lambda d: d.allowing(lambda s: s.overlaps_action("s3:*") & s.covers_resource("*")).exists(),
        lambda d: mfa_enforcement(d).enforced,
        lambda d: d.statements.all(lambda s: s.requires_mfa()),
        lambda d: d.statements.any(lambda s: s.restricts_caller()),
    ):
        agree(ask(partly), ask(known))


@pytest.mark.parametrize(
    ("resource", "pattern", "version", "covered", "touched"),
    [
        ("arn:aws:s3:::a/${aws:username}/*", "arn:aws:s3:::a/*", "2012-10-17", False, True),
        ("arn:aws:s3:::a/${aws:username}/*", "arn:aws:s3:::a/ana/x", "2012-10-17", False, True),
        ("arn:aws:s3:::a/${aws:username}/*", "arn:aws:s3:::a/ana/x", "2008-10-17", False, False),
        ("arn:aws:s3:::a/${*}", "arn:aws:s3:::a/b", "2012-10-17", False, False),
        ("arn:aws:s3:::a/${*}", "arn:aws:s3:::a/?", "2012-10-17", False, True),
        ("arn:aws:s3:::a/${?}", "arn:aws:s3:::a/b", "2012-10-17", False, False),
        ("arn:aws:s3:::a/*-${aws:username}-?", "arn:aws:s3:::a/x-ana-b", "2012-10-17", False, True),
        ("arn:aws:s3:::a/*", "arn:aws:s3:::a/*", "2012-10-17", True, True),
    ],
)
def test_a_variable_covers_nothing_and_may_overlap_all(
    resource: str, pattern: str, version: str, covered: bool, touched: bool
) -> None:
    made = statement(Resource=resource, version=version)
    assert made.covers_resource(pattern).is_true is covered
    assert made.overlaps_resource(pattern).is_true is touched
    inverse = statement(NotResource=resource, version=version)
    assert inverse.overlaps_resource(pattern).is_true is not covered
    assert inverse.covers_resource(pattern).is_true is not touched


@pytest.mark.parametrize("start", ["arn:aws:s3:::a/$", "arn:aws:s3:::a/${", "arn:aws:s3:::a/${aws:user"])
def test_a_start_that_ends_within_a_variable(start: str) -> None:
    made = statement(Resource=unknown_value(start))
    for asked, truth in (("arn:aws:s3:::a/b", None), ("arn:aws:s3:::b/b", False)):
        assert made.overlaps_resource(asked).value is truth


def public(condition: Any = None, principal: Any = "*", **elements: Any) -> Truth:
    statement = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"} | elements
    if principal is not None:
        statement["Principal"] = principal
    if condition:
        statement["Condition"] = condition
    return document(statement).public_statements().exists()


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": ["arn:aws:iam::111122223333:root", "*"]}])
def test_everyone_is_public(principal: Any) -> None:
    assert public(principal=principal).is_true


def test_who_is_not_everyone() -> None:
    assert public(principal={"AWS": "arn:aws:iam::111122223333:root"}).is_false
    assert public(principal={"Service": "*"}).is_false
    assert public(principal=None, NotPrincipal={"AWS": "arn:aws:iam::111122223333:root"}).is_true
    assert public(Effect="Deny").is_false
    assert public(principal={"AWS": unknown_value()}).value is None
    assert public(principal={"AWS": unknown_value("arn:aws:iam::")}).is_false
    assert public(principal=unknown_value()).value is None


@pytest.mark.parametrize("condition, restricted", [
    ({"StringEquals": {"kms:CallerAccount": "111122223333"}}, True),
    ({"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}, False),
    ({"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com", "kms:CallerAccount": "111122223333"}}, True),
    ({"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}, True),
    ({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-abc"}}, False),
    ({"StringNotEquals": {"aws:PrincipalOrgID": "o-abc"}}, False),
    ({"StringLike": {"aws:PrincipalOrgID": "*"}}, False),
    ({"StringLike": {"kms:CallerAccount": "1111*"}}, False),
    ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-abc/r-1/*"}}, True),
    ({"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-abc/r-1/*"}}, False),
    ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}, True),
    ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}}, False),
    ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::bucket*"}}, True),
    ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}}, False),
    ({"StringEquals": {"aws:SourceAccount": ["111122223333", "444455556666"]}}, True),
    ({"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}}, True),
    ({"StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalAccount}"}}, False),
    ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, True),
    ({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/0"]}}, False),
    ({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, False),
    ({"Bool": {"aws:SecureTransport": "true"}}, False),
    ({"Null": {"aws:SourceVpce": "false"}}, False),
    ({"StringEquals": {"aws:SourceVpce": "vpce-1"}}, True),
    ({"StringEquals": {"AWS:SOURCEACCOUNT": 111122223333}}, True),
])  # fmt: skip
def test_conditions_that_restrict_the_caller(condition: Any, restricted: bool) -> None:
    assert public(condition).is_true is not restricted


def test_restrictions_that_are_unknown() -> None:
    reference = unknown_value()
    reference = reference.replace(refs=(Ref(Address("data.aws_caller_identity.current"), "account_id"),))
    assert public({"StringEquals": {"aws:SourceAccount": reference}}).is_false
    assert public({"StringEquals": {"aws:SourceAccount": unknown_value()}}).value is None
    assert public({"ArnLike": {"aws:SourceArn": unknown_value("arn:aws:s3:::bucket")}}).is_false
    assert public({"ArnLike": {"aws:SourceArn": unknown_value("arn:aws:iam::")}}).value is None
    office = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    only_accounts = document({"Effect": "Allow", "Principal": "*", "Action": "*", "Condition": office})
    assert only(only_accounts).restricts_caller(["kms:CallerAccount"]).is_false


def test_administrators() -> None:
    def admin(**elements: Any) -> Truth:
        return document({"Effect": "Allow", "Action": "*", "Resource": "*"} | elements).admin_statements().exists()

    assert admin().is_true and admin(Action=["s3:Get*", "*:*"]).is_true and admin(Resource=["arn:x", "*"]).is_true
    assert admin(Action="s3:*").is_false and admin(Resource="arn:aws:s3:::*").is_false and admin(Effect="Deny").is_false
    assert admin(Action=unknown_value()).value is None and admin(Action=[unknown_value("s3:")]).is_false


def test_actions_that_are_allowed_widely() -> None:
    policy = document(
        {"Sid": "Key", "Effect": "Allow", "Action": ["kms:Schedule*", "kms:Encrypt"], "Resource": "*"},
        {"Sid": "Narrow", "Effect": "Allow", "Action": "cloudtrail:*", "Resource": "arn:aws:cloudtrail:*:*:trail/a"},
        {"Effect": "Deny", "Action": "*", "Resource": "*"},
    )

    def allowing(parsed: Document, action: str, resource: str | None = None) -> list[str]:
        found = parsed.allowing(lambda s: s.overlaps_action(action))
        return [s.sid for s in found if resource is None or s.covers_resource(resource)]

    assert allowing(policy, "kms:ScheduleKeyDeletion", "*") == ["Key"]
    assert allowing(policy, "cloudtrail:StopLogging") == ["Narrow"]
    assert allowing(policy, "cloudtrail:StopLogging", "*") == []
    assert [v.data for v in policy.statements.items[0].action_values("kms:ScheduleKeyDeletion")] == ["kms:Schedule*"]
    inverted = document({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})
    assert allowing(inverted, "kms:DisableKey", "*") == [""] and allowing(inverted, "iam:*") == []
