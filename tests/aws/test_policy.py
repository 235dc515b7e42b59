"""IAM documents: reading, the evaluator against AWS's documentation, and what rules ask."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iaclint.aws.policy import (
    ABSENT,
    ANONYMOUS,
    Context,
    Document,
    Principal,
    Request,
    decide,
)
from iaclint.source import SourceFile
from iaclint.value import Value

TABLE = json.loads(Path(__file__).with_name("iam_decisions.json").read_text(encoding="utf-8"))


def value_of(data: Any) -> Value[Any]:
    """A Value of plain data, mappings and lists included, as a CloudFormation template gives it."""
    span = SourceFile("t.yaml", "x").whole
    if isinstance(data, Value):
        return data
    if isinstance(data, dict):
        return Value({name: value_of(item) for name, item in data.items()}, span)
    if isinstance(data, (list, tuple)):
        return Value(tuple(value_of(item) for item in data), span)
    return Value(data, span)


def document(*statements: Any, version: str = "2012-10-17") -> Document:
    parsed = Document.parse(value_of({"Version": version, "Statement": list(statements)}))
    assert not parsed.errors
    return parsed


def principal_of(text: str) -> Principal:
    if text == "!anonymous":
        return ANONYMOUS
    if text.startswith("!service:"):
        return Principal(text.removeprefix("!service:"), "Service")
    return Principal(text)


def cases() -> list[Any]:
    return [
        pytest.param(group, row, id=f"{index}-{number}-{group['topic']}")
        for index, group in enumerate(TABLE["groups"])
        for number, row in enumerate(group["decisions"])
    ]


@pytest.mark.parametrize("form", ["mapping", "text"])
@pytest.mark.parametrize("group, row", cases())
def test_decision_of_the_documentation(group: dict[str, Any], row: dict[str, Any], form: str) -> None:
    def parse(policy: Any) -> Document:
        parsed = Document.parse(value_of(policy if form == "mapping" else json.dumps(policy, indent=2)))
        assert not parsed.errors
        return parsed

    context = Context(row.get("context", {}), ABSENT)
    owner = row.get("owner", "")
    request = Request(row["action"], row["resource"], principal_of(row["principal"]), context, owner)
    decision = decide(
        request,
        [parse(p) for p in group.get("identity", ())],
        [parse(p) for p in group.get("resource", ())],
        boundary=parse(group["boundary"]) if "boundary" in group else None,
        session=[parse(p) for p in group.get("session", ())],
        scps=[[parse(p) for p in level] for level in group.get("scps", ())],
    )
    assert decision.outcome.value == row["expected"], group["topic"]
    if row["expected"] == "explicit deny":
        assert decision.statement is not None and decision.statement.denies.is_true
    if row["expected"] == "allow" and not row["principal"].endswith(":root"):
        assert decision.statement is not None and decision.statement.allows.is_true


def test_the_table_names_its_sources() -> None:
    assert sum(len(group["decisions"]) for group in TABLE["groups"]) >= 200
    assert all(group["source"].startswith("https://docs.aws.amazon.com/") for group in TABLE["groups"])
