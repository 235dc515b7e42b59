"""Values, policies and questions that the tests of policies share."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from iaclint.aws.reasoning.policy import Condition, Document, Statement
from iaclint.aws.reasoning.policy.context import Context
from iaclint.model.truth import Truth, any_of
from iaclint.model.value import Unknown, UnknownCause, Value
from iaclint.source.files import SourceFile

# what an example costs depends on who else uses the machine
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")

SPAN = SourceFile("t.tf", "x").whole
USER = "arn:aws:iam::111122223333:user/ana"
ALLOW = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}


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


def unknown_value(prefix: str = "", one_of: tuple[Any, ...] = ()) -> Value[Any]:
    return Value(Unknown(UnknownCause.INPUT, "var.x has no value", ("var.x",), one_of, prefix), SPAN)


def unknown_of(*parts: Any, **fields: Any) -> Value[Any]:
    """A text of pieces; None is an unknown one."""
    pieces = tuple(unknown_value() if part is None else value_of(part) for part in parts)
    return Value(Unknown(UnknownCause.INPUT, "var.x has no value", ("var.x",), parts=pieces, **fields), SPAN)


def forget(data: Any, draw: Any, chance: int = 8) -> Any:
    """The data with some parts unknown: whole containers, or texts of which the start or the options stay known."""
    if draw(st.integers(0, chance)) == 0:
        if isinstance(data, str):
            how = draw(st.sampled_from(["wholly", "start", "options"]))
            if how == "start":
                return unknown_value(data[: draw(st.integers(0, len(data)))])
            if how == "options":
                return unknown_value(one_of=(data, draw(st.sampled_from([data, "*", "other"]))))
        return unknown_value()
    if isinstance(data, dict):
        return {name: forget(item, draw, chance) for name, item in data.items()}
    if isinstance(data, list):
        return [forget(item, draw, chance) for item in data]
    return data


def forgotten(statements: list[Any], draw: Any) -> Document:
    """The document of some statements with some parts unknown."""
    return Document.parse(value_of(forget({"Version": "2012-10-17", "Statement": statements}, draw)))


def document(*statements: Any, version: str = "2012-10-17") -> Document:
    parsed = Document.parse(value_of({"Version": version, "Statement": list(statements)}))
    assert not parsed.errors
    return parsed


def only(parsed: Document) -> Statement:
    assert len(parsed.statements.items) == 1
    return parsed.statements.items[0]


def statement(**elements: Any) -> Statement:
    elements.setdefault("Effect", "Allow")
    if "NotAction" not in elements:
        elements.setdefault("Action", "*")
    version = elements.pop("version", "2012-10-17")
    return only(document(elements, version=version))


def condition(operator: str, key: str, values: Any) -> Condition:
    [made] = statement(Condition={operator: {key: values}}).conditions.items
    return made


def applies(statement: Statement, action: str, resource: str, context: Context) -> Truth:
    """Whether a statement is about a call: an action and a resource without wildcards, which are sets of one."""
    matched = statement.covers_action(action) & statement.covers_resource(resource)
    return matched & statement.conditions_hold(context)


def outcome(documents: list[Document], action: str, resource: str, context: Context) -> str:
    """What AWS answers to a call that identity-based policies decide."""
    denied = any_of(d.statements.any(lambda s: s.denies & applies(s, action, resource, context)) for d in documents)
    allowed = any_of(d.statements.any(lambda s: s.allows & applies(s, action, resource, context)) for d in documents)
    if denied.is_true:
        return "explicit deny"
    if denied.is_false and allowed.decided:
        return "allow" if allowed.is_true else "implicit deny"
    return "undecided"
