"""Principals, known and unknown."""

from __future__ import annotations

from typing import Any

import pytest

from iaclint.aws.reasoning.policy import PrincipalEntry
from iaclint.model.address import Address
from iaclint.model.value import Ref, Unknown, UnknownCause, Value
from tests.aws.reasoning.policy.samples import SPAN, USER, unknown_of, unknown_value, value_of


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
    assert (made.is_account.value, made.is_entity("user").value, made.is_entity("role").value) == (account, user, role)
    if isinstance(value, str) or made.account:
        assert made.account == named


def test_only_an_aws_principal_is_an_account_or_an_entity() -> None:
    for kind in ("Service", "Federated", "CanonicalUser"):
        for value in ("root", "111122223333", USER, "*", unknown_value()):
            made = entry(value, kind)
            assert made.is_account.is_false and made.is_entity("user").is_false and made.is_everyone.is_false


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
    assert entry(value).is_entity("user").value is (False if account else None)
