"""The parts of policies by themselves: wildcards, variables, texts, principals and conditions."""

from __future__ import annotations

import re
from functools import cache
from itertools import product
from typing import Any

import pytest

from iaclint.aws.reasoning.policy import (
    ABSENT,
    ANONYMOUS,
    PRESENT,
    UNKNOWN,
    Condition,
    Context,
    Document,
    Outcome,
    Principal,
    PrincipalEntry,
    Request,
    Statement,
    covers,
    decide,
    intersects,
    mfa_enforcement,
)
from iaclint.model.address import Address
from iaclint.model.value import Ref, Unknown, UnknownCause, Value
from iaclint.source.files import SourceFile
from tests.aws.test_policy import document, unknown_value, value_of

SPAN = SourceFile("t.tf", "x").whole
USER = "arn:aws:iam::111122223333:user/ana"


ALLOW = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}


def unknown_of(*parts: Any, **fields: Any) -> Value[Any]:
    """A text of pieces; None is an unknown one."""
    pieces = tuple(unknown_value() if part is None else value_of(part) for part in parts)
    return Value(Unknown(UnknownCause.INPUT, "var.x has no value", ("var.x",), parts=pieces, **fields), SPAN)


def statement(**elements: Any) -> Statement:
    elements.setdefault("Effect", "Allow")
    if "NotAction" not in elements:
        elements.setdefault("Action", "*")
    version = elements.pop("version", "2012-10-17")
    [made] = document(elements, version=version).statements.items
    return made


def condition(operator: str, key: str, values: Any) -> Condition:
    [made] = statement(Condition={operator: {key: values}}).conditions.items
    return made


# -- wildcards -------------------------------------------------------------------------------------------

SMALL = ["".join(letters) for length in range(5) for letters in product("ab*?", repeat=length)]
TEXTS = ["".join(letters) for length in range(6) for letters in product("ab", repeat=length)]


@cache
def language(pattern: str) -> frozenset[str]:
    """What a pattern matches, of all texts of two letters that are long enough to tell such patterns apart."""
    expression = re.compile("".join({"*": ".*", "?": "."}.get(c, c) for c in pattern))
    return frozenset(text for text in TEXTS if expression.fullmatch(text))


def test_patterns_against_all_texts() -> None:
    """Whether two have a text in common is exact; what is said to be covered is, and without ? nothing else."""
    for mine, other in product(SMALL[: 4 + 16 + 64], SMALL):
        assert intersects(mine, other) == bool(language(mine) & language(other)), (mine, other)
        assert intersects(other, mine) == intersects(mine, other)
        if covers(mine, other):
            assert language(other) <= language(mine), (mine, other)
        elif "?" not in mine + other:
            assert not language(other) <= language(mine), (mine, other)


@pytest.mark.parametrize(
    ("mine", "other", "covered"),
    [
        ("arn:aws:s3:::A", "arn:aws:s3:::a", False),
        ("arn:aws:s3:::a*", "arn:aws:s3:::a/*", True),
        ("arn:aws:s3:::a?", "arn:aws:s3:::ab*", False),
        ("arn:aws:s3:::?b*", "arn:aws:s3:::ab*", True),
        ("arn:aws:s3", "arn:aws:s3:::a", True),
        ("s3", "s3:::a", False),
    ],
)
def test_resources_have_cases_and_actions_have_none(mine: str, other: str, covered: bool) -> None:
    assert covers(mine, other, arn=True) is covered
    assert covers("S3:get*", "s3:GetObject")


# -- variables -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource", "asked", "version", "matches"),
    [
        ("arn:aws:s3:::a/${*}", "arn:aws:s3:::a/*", "2012-10-17", True),
        ("arn:aws:s3:::a/${*}", "arn:aws:s3:::a/b", "2012-10-17", False),
        ("arn:aws:s3:::a/${?}${$}/${aws:username}/b", "arn:aws:s3:::a/?$/ana/b", "2012-10-17", True),
        ("arn:aws:s3:::a/${?}${$}/${aws:username}/b", "arn:aws:s3:::a/?$/bo/b", "2012-10-17", False),
        ("arn:aws:s3:::a/${?}${$}/${aws:username}/b", "arn:aws:s3:::a/x$/ana/b", "2012-10-17", False),
        ("arn:aws:s3:::a/${aws:username}", "arn:aws:s3:::a/ana", "2008-10-17", False),
        ("arn:aws:s3:::a/${aws:username}", "arn:aws:s3:::a/${aws:username}", "2008-10-17", True),
        ("arn:aws:s3:::a/${aws:userid, 'none'}", "arn:aws:s3:::a/none", "2012-10-17", True),
        ("arn:aws:s3:::a/${aws:userid}", "arn:aws:s3:::a/", "2012-10-17", False),
    ],
)
def test_variables_are_what_the_request_has(resource: str, asked: str, version: str, matches: bool) -> None:
    made = statement(Resource=resource, version=version)
    context = Context({"aws:username": "ana"}, ABSENT)
    assert made.applies(Request("s3:GetObject", asked, Principal(USER), context)).is_true is matches


def test_a_variable_whose_value_is_not_known() -> None:
    made = statement(Resource="arn:aws:s3:::a/${aws:username}")
    for asked, truth in (("arn:aws:s3:::a/ana", None), ("arn:aws:s3:::b/ana", False)):
        assert made.applies(Request("s3:GetObject", asked, context=Context())).value is truth


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
def test_a_variable_covers_nothing_and_may_touch_all(
    resource: str, pattern: str, version: str, covered: bool, touched: bool
) -> None:
    made = statement(Resource=resource, version=version)
    assert made.covers_resource(pattern).is_true is covered
    assert made.touches_resource(pattern).is_true is touched
    inverse = statement(NotResource=resource, version=version)
    assert inverse.touches_resource(pattern).is_true is not covered
    assert inverse.covers_resource(pattern).is_true is not touched


@pytest.mark.parametrize("start", ["arn:aws:s3:::a/$", "arn:aws:s3:::a/${", "arn:aws:s3:::a/${aws:user"])
def test_a_start_that_ends_within_a_variable(start: str) -> None:
    made = statement(Resource=unknown_value(start))
    for asked, truth in (("arn:aws:s3:::a/b", None), ("arn:aws:s3:::b/b", False)):
        assert made.touches_resource(asked).value is truth
        assert made.applies(Request("s3:GetObject", asked, context=Context({}, ABSENT))).value is truth


@pytest.mark.parametrize(
    ("resource", "outcome"),
    [
        ("*", Outcome.ALLOW),
        ("arn:aws:s3:::a/*", Outcome.UNDECIDED),
        (["arn:aws:s3:::a/*", "*"], Outcome.ALLOW),
        ([], Outcome.IMPLICIT_DENY),
        (unknown_value(), Outcome.UNDECIDED),
    ],
)
def test_a_request_whose_resource_is_not_given(resource: Any, outcome: Outcome) -> None:
    policy = document({**ALLOW, "Resource": resource})
    assert decide(Request("s3:GetObject", UNKNOWN, Principal(USER), Context({}, ABSENT)), [policy]).outcome is outcome


# -- texts -----------------------------------------------------------------------------------------------


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


def test_the_version_of_a_document() -> None:
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    assert document(allow).version == "2012-10-17"
    assert Document.parse(value_of({"Statement": [allow]})).version == "2008-10-17"


@pytest.mark.parametrize(
    ("elements", "message"),
    [
        ({"Effect": None}, "a statement has no Effect"),
        ({"Effect": "allow"}, "Effect is 'allow', and has to be Allow or Deny"),
        ({"Effect": "Permit"}, "Effect is 'Permit', and has to be Allow or Deny"),
        ({"Action": None}, "a statement has neither Action nor NotAction"),
        ({"NotAction": "a:b"}, "a statement has both Action and NotAction"),
        ({"NotResource": "a"}, "a statement has both Resource and NotResource"),
        ({"Ressource": "a"}, "Ressource is no element of the policy language"),
        ({"sid": "a"}, "AWS spells sid as Sid"),
        ({"Resource": [["a"]]}, "a text is expected here"),
        ({"Principal": "ana"}, "a principal is 'ana': it needs AWS, Service or Federated before it"),
        ({"Principal": {"User": "a"}}, "User is no kind of principal"),
        ({"Condition": "a"}, "Condition is not an object"),
        ({"Condition": {"Bool": "a"}}, "Bool holds no condition keys"),
        ({"Condition": {"Boolean": {"a:b": "c"}}}, "Boolean is no condition operator"),
    ],
)
def test_what_is_wrong_is_said(elements: dict[str, Any], message: str) -> None:
    parsed = Document.parse(value_of({"Version": "2012-10-17", "Statement": [{**ALLOW, **elements}]}))
    assert [problem.message for problem in parsed.errors] == [f"policy: {message}"]


def test_what_is_null_is_not_there() -> None:
    made = statement(Resource="*", Sid=None, Condition={"Bool": None, "StringEquals": {"a:b": None, "c:d": "e"}})
    assert [(c.operator, c.key) for c in made.conditions.items] == [("StringEquals", "c:d")]
    assert not made.conditions.gaps


def test_an_unknown_name_of_an_element_or_a_key_is_a_gap() -> None:
    start = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"'
    pieces = (start, None, '":"true"}}}],"', None, '":1}')
    parsed = Document.parse(unknown_of(*pieces))
    [made] = parsed.statements.items
    assert [reason.detail for reason in made.conditions.gaps] == ["the key of a condition is not known"]
    assert not parsed.errors


def test_more_unknown_pieces_than_can_be_told_apart() -> None:
    for number, read in ((4096, True), (4097, False)):
        pieces = ["["] + [None, ","] * (number - 1) + [None, "]"]
        parsed = Document.parse(value_of({"Version": "2012-10-17", "Statement": unknown_of(*pieces)}))
        assert parsed.statements.gaps
        whole = Document.parse(unknown_of('{"Statement":', *pieces, "}"))
        assert (len(whole.errors) == 0) and bool(whole.statements.gaps)
        assert (len({reason.detail for reason in whole.statements.gaps}) == 1) or not read


# -- principals ------------------------------------------------------------------------------------------


def entry(value: Any, kind: str = "AWS") -> PrincipalEntry:
    return PrincipalEntry(kind, value_of(value))


@pytest.mark.parametrize(
    ("value", "account", "user", "role", "named"),
    [
        ("111122223333", True, False, False, "111122223333"),
        ("arn:aws:iam::111122223333:root", True, False, False, "111122223333"),
        (USER, False, True, False, "111122223333"),
        ("arn:aws:iam::111122223333:role/a/b", False, False, True, "111122223333"),
        ("AIDA1234", False, False, False, ""),
        ("arn:aws:iam::aws:user/ana", False, True, False, ""),
        ("arn:aws:iam::1111222233334:user/ana", False, True, False, ""),
        (unknown_of("arn:", None, ":iam::111122223333:root"), True, False, False, ""),
        (unknown_of("arn:aws:iam::", None, ":root"), True, False, False, ""),
        (unknown_of("arn:aws:iam::", None, ":user/a:b"), False, True, False, ""),
        (unknown_of("arn:aws:iam::", None, ":role/", None), False, False, True, ""),
        (unknown_of("arn:aws:iam::111122223333:", None), None, None, None, ""),
        (unknown_of("x:", None, ":iam::111122223333:root"), None, None, None, ""),
        (unknown_value("arn:aws:iam::111122223333:user/"), False, True, False, "111122223333"),
        (unknown_value("arn:aws:iam::111122223333:us"), None, None, None, "111122223333"),
        (unknown_value(), None, None, None, ""),
        (unknown_value(one_of=("111122223333", "444455556666")), True, False, False, ""),
    ],
)
def test_what_a_principal_is(value: Any, account: Any, user: Any, role: Any, named: str) -> None:
    made = entry(value)
    assert (made.is_account.value, made.entity("user").value, made.entity("role").value) == (account, user, role)
    if isinstance(value, str) or made.account:
        assert made.account == named


def test_only_an_aws_principal_is_an_account_or_an_entity() -> None:
    for kind in ("Service", "Federated", "CanonicalUser"):
        for value in ("root", "111122223333", USER, "*", unknown_value()):
            made = entry(value, kind)
            assert made.is_account.is_false and made.entity("user").is_false and made.everyone.is_false


@pytest.mark.parametrize(
    ("refs", "inputs", "account"),
    [
        ([("data.aws_caller_identity.me", "account_id")], (), True),
        ([("module.m.data.aws_caller_identity.me", "account_id")], (), True),
        ([("data.aws_caller_identity.me", "arn")], (), None),
        ([("data.aws_caller_identity.me", "account_id"), ("aws_iam_role.r", "arn")], (), None),
        ([("aws_organizations_account.a", "account_id")], (), None),
        ([], ("AWS::AccountId",), True),
        ([], ("var.x",), None),
        ([], (), None),
    ],
)
def test_the_number_of_the_account_though_unknown(
    refs: list[tuple[str, str]], inputs: tuple[str, ...], account: bool | None
) -> None:
    found = tuple(Ref(Address(address), name) for address, name in refs)
    value: Value[Any] = Value(Unknown(UnknownCause.AFTER_APPLY, "known later", inputs), SPAN, refs=found)
    assert entry(value).is_account.value is account
    assert entry(value).entity("user").value is (False if account else None)


def decided(principal: Any, caller: Principal | None, **more: Any) -> Outcome:
    policy = document({"Effect": "Allow", "Principal": principal, "Action": "s3:*", "Resource": "*"})
    request = Request("s3:GetObject", "arn:aws:s3:::a/x", caller, Context({}, ABSENT), "111122223333")
    return decide(request, [], [policy], **more).outcome


ANA = Principal(USER)
SESSION = Principal("arn:aws:sts::111122223333:federated-user/ana")


@pytest.mark.parametrize(
    ("principal", "caller", "outcome"),
    [
        ({"AWS": unknown_value()}, ANA, Outcome.UNDECIDED),
        ({"AWS": [unknown_value(), USER]}, ANA, Outcome.ALLOW),
        ({"AWS": unknown_value("arn:aws:iam::111122223333:user/")}, ANA, Outcome.UNDECIDED),
        ({"AWS": unknown_value("arn:aws:iam::111122223333:user/zoe")}, ANA, Outcome.IMPLICIT_DENY),
        ({"AWS": unknown_value("arn:aws:iam::111122223333:role/")}, ANA, Outcome.IMPLICIT_DENY),
        ({"AWS": unknown_value("arn:aws:iam::444455556666:")}, ANA, Outcome.IMPLICIT_DENY),
        ({"AWS": unknown_value("arn:aws:iam::444455556666:")}, ANONYMOUS, Outcome.IMPLICIT_DENY),
        ({"AWS": unknown_value()}, ANONYMOUS, Outcome.UNDECIDED),
        ({"Service": unknown_value()}, ANA, Outcome.IMPLICIT_DENY),
        (unknown_value(), ANA, Outcome.UNDECIDED),
        ({"AWS": unknown_value(one_of=((), None))}, ANA, Outcome.UNDECIDED),
        ({"AWS": USER}, SESSION, Outcome.ALLOW),
        ({"AWS": "arn:aws:iam::111122223333:user/bo"}, SESSION, Outcome.IMPLICIT_DENY),
    ],
)
def test_whom_a_statement_names(principal: Any, caller: Principal, outcome: Outcome) -> None:
    assert decided(principal, caller) is outcome


def test_a_session_of_a_federated_user_is_limited_where_the_user_is_named() -> None:
    nothing = document({"Effect": "Allow", "Action": "ec2:*", "Resource": "*"})
    assert decided({"AWS": USER}, SESSION, session=[nothing]) is Outcome.IMPLICIT_DENY
    assert decided({"AWS": SESSION.id}, SESSION, session=[nothing]) is Outcome.ALLOW


def test_the_policies_of_an_organization_hold_for_callers_that_are_not_given() -> None:
    allow, deny = document(ALLOW), document({**ALLOW, "Effect": "Deny"})
    for caller in (None, ANA):
        request = Request("s3:GetObject", "arn:aws:s3:::a/x", caller, Context({}, ABSENT))
        assert decide(request, [allow], scps=[[deny]]).outcome is Outcome.EXPLICIT_DENY
    service = Principal("s3.amazonaws.com", "Service")
    assert decided({"Service": service.id}, service, scps=[[deny]]) is Outcome.ALLOW


# -- conditions ------------------------------------------------------------------------------------------


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


def test_the_operator_that_is_meant_is_the_last_one_before_the_keys() -> None:
    text = '{"Version":"2012-10-17","Statement":[{"Sid":"Bool","Effect":"Allow","Action":"*","Resource":"*",' + (
        '"Condition":{"BoolIfExists":{"a:b":"true"},"Bool":{"c:d":"true"}}}]}'
    )
    file = SourceFile("p.json", text)
    [made] = Document.parse(Value(text, file.whole)).statements.items
    spans = {c.operator: c.operator_span for c in made.conditions.items}
    for operator, at in (
        ("BoolIfExists", text.index("BoolIfExists")),
        ("Bool", text.index("Bool", text.index("c:d") - 8)),
    ):
        span = spans[operator]
        assert span is not None and (span.start, span.text) == (at, operator)
    one = made.conditions.items[0]
    elsewhere: Value[Any] = Value({}, SourceFile("q.json", text).whole)
    assert Condition(one.operator, one.key, one.values, one.value, elsewhere, one.statement).operator_span is None


# -- MFA -------------------------------------------------------------------------------------------------


def test_a_deny_of_everything_but_everything_enforces_nothing() -> None:
    without = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    for but, truth in (("*", False), ("iam:*", None), ("sts:GetSessionToken", True)):
        policy = document({"Effect": "Deny", "NotAction": but, "Resource": "*", "Condition": without})
        said = mfa_enforcement(policy).enforced
        assert said.is_true is (truth is not False), but


def test_an_allow_that_hangs_on_something_else_is_not_weak() -> None:
    policy = document({**ALLOW, "Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}})
    assert not mfa_enforcement(policy).weaknesses.items


def test_the_statement_that_decides() -> None:
    """What a resource's policy grants to the caller itself stands before what the caller's own policies grant."""
    mine, theirs = document(ALLOW), document({**ALLOW, "Principal": {"AWS": USER}})
    whole = document({**ALLOW, "Principal": {"AWS": "111122223333"}})
    request = Request("s3:GetObject", "arn:aws:s3:::a/x", Principal(USER), Context({}, ABSENT))
    for identity, resource, statement in (
        ([mine], [], mine),
        ([], [theirs], theirs),
        ([mine], [theirs], theirs),
        ([mine], [whole], mine),
    ):
        decision = decide(request, identity, resource)
        assert decision.outcome is Outcome.ALLOW
        assert decision.statement is statement.statements.items[0]
