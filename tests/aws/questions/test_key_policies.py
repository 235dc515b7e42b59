"""Which statements of a key policy hand the key to another account."""

from __future__ import annotations

import json

import pytest

from iaclint.aws.questions.key_policies import shares
from iaclint.aws.reasoning.policy import Document
from iaclint.model.value import Unknown, UnknownCause, Value
from iaclint.source.files import SourceFile, Span

SPAN = Span(SourceFile("main.tf", ""), 0, 0)
OWN, OTHER, THIRD = "111122223333", "444455556666", "777788889999"


def allow(principal: object, action: str = "kms:Decrypt", **condition: object) -> dict[str, object]:
    return {
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": action,
        "Resource": "*",
        **({"Condition": condition} if condition else {}),
    }


def document(*statements: object) -> Document:
    return Document.parse(Value(json.dumps({"Version": "2012-10-17", "Statement": statements}), SPAN))


def root(account: str) -> str:
    return f"arn:aws:iam::{account}:root"


@pytest.mark.parametrize(
    ("statements", "trusted", "accounts"),
    [
        ([allow(root(OWN), "kms:*"), allow(root(OTHER))], (), [OTHER]),
        ([allow(root(OWN), "kms:*"), allow(OTHER, "kms:*Grant")], (), [OTHER]),
        ([allow(root(OWN), "kms:*"), allow([root(OWN), root(OTHER)])], (OTHER,), []),
        ([allow(root(OWN), "kms:*"), allow(root(OTHER), "kms:Encrypt")], (), []),
        ([allow(root(OWN), "kms:*"), allow(root(OTHER), Bool={"kms:GrantIsForAWSResource": "true"})], (), []),
        ([allow(root(OWN), "kms:*"), allow(root(OTHER), StringEquals={"aws:PrincipalOrgID": "o-1"})], (), []),
        ([allow(root(OWN), "kms:*"), allow(root(OTHER), StringEquals={"aws:PrincipalTag/a": "b"})], (), [OTHER]),
        ([allow(f"arn:aws:iam::{OWN}:role/app")], (), []),
        ([allow(root(OWN), "kms:*"), allow("*")], (), []),
    ],
)
def test_another_account_without_limits(
    statements: list[object], trusted: tuple[str, ...], accounts: list[str]
) -> None:
    found = shares(document(*statements), trusted)
    assert [share.account for share in found.items] == accounts
    assert not found.gaps


def test_where_the_own_account_does_not_show_nothing_is_said() -> None:
    found = shares(document(allow(root(OTHER)), allow(root(THIRD))))
    assert not found.items
    assert found.gaps


def test_an_unknown_account_may_be_the_own_one() -> None:
    unknown: Value[object] = Value(
        Unknown(UnknownCause.INPUT, "var.account has no value", prefix="arn:aws:iam::"), SPAN
    )
    text = {"Version": "2012-10-17", "Statement": [allow(root(OTHER), "kms:*")]}
    parsed = Document.parse(Value(json.dumps(text), SPAN))
    assert not shares(parsed).items

    def value(data: object) -> Value[object]:
        if isinstance(data, Value):
            return data
        if isinstance(data, dict):
            return Value({name: value(item) for name, item in data.items()}, SPAN)
        return Value(tuple(map(value, data)) if isinstance(data, list) else data, SPAN)

    both = Document.parse(value({"Statement": [allow(unknown, "kms:*"), allow(root(OTHER), "kms:*")]}))
    assert not shares(both).items
    assert shares(both).gaps
