"""Parameters and pseudo parameters: what they are set to, and what is known of those that are not set.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from iaclint.cloudformation.session import Session
from iaclint.cloudformation.tree import Entry, MappingNode, Node, ScalarNode, SequenceNode, scalar_at, value_of
from iaclint.cloudformation.values import Kind, from_plain, text_of, used_at
from iaclint.model.inventory import Input
from iaclint.model.value import Step, Unknown, UnknownCause, Value
from iaclint.source.files import Span

PSEUDO = {
    "AWS::AccountId": "",
    "AWS::NotificationARNs": "",
    "AWS::Partition": "aws",
    "AWS::Region": "",
    "AWS::StackId": "arn:",
    "AWS::StackName": "",
    "AWS::URLSuffix": "",
}
"""Pseudo parameters, which depend on where the stack is deployed, and how their text starts in any case."""

PARTITIONS = ("aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc")

PARTITION_OF = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "eu-isoe-": "aws-iso-e",
    "us-isof-": "aws-iso-f",
    "eusc-": "aws-eusc",
}
"""The partition of the regions that start so; all other regions are in "aws"."""

_OF_THE_STACK = ("AWS::StackName", "AWS::StackId", "AWS::NotificationARNs")
"""Pseudo parameters that a nested stack does not share with its parent."""

_ALTERNATIVES = re.compile(r"\^?\(?(?:\?:)?([\w-]+(?:\|[\w-]+)*)\)?\$?")


class Parameters:
    """The parameters of one template, each evaluated once.

    section    their declarations by name
    prefix     what precedes the logical ids of the template: "" for a root
    arguments  what a parent stack passes in; None for a root
    """

    def __init__(
        self, session: Session, section: Mapping[str, Entry], prefix: str, arguments: Mapping[str, Value[Any]] | None
    ) -> None:
        self.session = session
        self.section = section
        self.prefix = prefix
        self.arguments = arguments
        self._values: dict[str, Value[Any]] = {}
        self._assumed: dict[str, str] = {}
        self._excluded: dict[str, set[str]] = {}

    def __contains__(self, name: object) -> bool:
        return name in self.section

    def value(self, name: str) -> Value[Any]:
        """Return the value of a declared parameter, placed at its declaration."""
        found = self._values.get(name)
        if found is None:
            self._values[name] = found = self._evaluated(name, self.section[name])
        return found

    def evaluate_all(self) -> None:
        """Evaluate all parameters in the order of their declarations, which is that of the session's inputs."""
        for name in self.section:
            self.value(name)

    # -- what conditions tell ----------------------------------------------------------------------------

    def assume(self, definitions: Mapping[str, Entry], prefix: str) -> None:
        """Note what the conditions with an assigned value tell of the parameters that they compare with a text."""
        for name, entry in definitions.items():
            is_assigned, truth = self.session.assigned(f"condition {prefix}{name}")
            if not is_assigned:
                continue
            node = entry.value
            while isinstance(node, MappingNode) and (inner := node.get("Fn::Not")) is not None:
                node = inner.items[0] if isinstance(inner, SequenceNode) and len(inner.items) == 1 else inner
                truth = not truth
            pair = node.get("Fn::Equals") if isinstance(node, MappingNode) else None
            if not isinstance(pair, SequenceNode) or len(pair.items) != 2:
                continue
            for one, other in (pair.items, pair.items[::-1]):
                self._assume_equal(one, other, bool(truth))

    def _assume_equal(self, reference: Node, other: Node, truth: bool) -> None:
        target = scalar_at(reference, "Ref")
        if not isinstance(target, str) or not (target in self or target in PSEUDO):
            return
        text = text_of(other.data) if isinstance(other, ScalarNode) else None
        if text is None:
            return
        if truth:
            self._assumed.setdefault(target, text)
        else:
            self._excluded.setdefault(target, set()).add(text)

    def excludes(self, name: str, text: str | None) -> bool:
        """Return True if a condition with an assigned value tells that a parameter is not this text."""
        return text in self._excluded.get(name, ())

    # -- values ------------------------------------------------------------------------------------------

    def _evaluated(self, name: str, entry: Entry) -> Value[Any]:
        body = entry.value
        kind = text_of(scalar_at(body, "Type")) or "String"
        declaration = Step(entry.key, f"parameter {name}")
        passed = self.arguments.get(name) if self.arguments is not None else None
        if passed is not None:
            argument = Step(passed.span, f"argument {name}")
            value = _typed(used_at(passed, entry.key, (declaration, argument)), kind)
        else:
            value = self._own_value(name, entry, kind, declaration)
        if kind.startswith("AWS::SSM::Parameter::Value") and value.known:
            where = text_of(value.data) or "the parameter store"
            value = value.with_data(
                Unknown(UnknownCause.EXTERNAL, f"parameter {name} is read from SSM parameter {where}", not_null=True)
            )
        if text_of(scalar_at(body, "NoEcho")) in ("true", "True"):
            value = value.replace(sensitive=True)
        if passed is None:
            qualified = self.prefix + name
            self.session.declared[qualified] = Input(qualified, value, _domain(body, kind))
        return value

    def _own_value(self, name: str, entry: Entry, kind: str, declaration: Step) -> Value[Any]:
        """Return the value of a parameter that no parent stack passes in."""
        body = entry.value
        is_assigned, data = self.session.assigned(self.prefix + name)
        if is_assigned:
            return _typed(from_plain(data, entry.key, (declaration,)), kind)
        setting = self.session.settings.get(name) if not self.prefix else None
        if setting is not None:
            return self._literal(name, entry, kind, setting.node, (declaration, Step(setting.node.span, setting.label)))
        default = body.get("Default") if isinstance(body, MappingNode) else None
        if default is not None:
            return self._literal(name, entry, kind, default, (declaration, Step(default.span, "default")))
        if name in self._assumed:
            return Value(self._assumed[name], entry.key, (declaration,))
        domain = _domain(body, kind)
        unknown = Unknown(
            UnknownCause.INPUT,
            f"parameter {name} has no default",
            (self.prefix + name,),
            tuple(option for option in domain if not self.excludes(name, option)),
            not_null=self.excludes(name, "") or _is_never_empty(body, kind, domain),
        )
        is_list = kind == "CommaDelimitedList" or "List<" in kind
        return Value(unknown, entry.key, (declaration,), type=None if is_list else Kind.TEXT)

    def _literal(self, name: str, entry: Entry, kind: str, node: Node, steps: tuple[Step, ...]) -> Value[Any]:
        """Return the value that a literal gives to a parameter, checked against the allowed values."""
        value = _typed(used_at(value_of(node), entry.key, steps), kind)
        text = text_of(value.data)
        domain = _domain(entry.value, kind)
        if domain and text is not None and text not in domain:
            self.session.problem(f"{text!r} is not among the allowed values of parameter {name}", node.span)
        return value

    def pseudo(self, name: str, span: Span) -> Value[Any]:
        """Return the value of a pseudo parameter, used at a place."""
        is_shared = not (name in _OF_THE_STACK and self.prefix)
        is_assigned, data = self.session.assigned(name)
        if is_assigned and is_shared:
            return from_plain(data, span, ())
        if name in self._assumed:
            return Value(self._assumed[name], span)
        setting = self.session.settings.get(name)
        if setting is not None and is_shared:
            return used_at(value_of(setting.node), span, (Step(setting.node.span, setting.label),))
        if name == "AWS::Partition":
            region = text_of(self.pseudo("AWS::Region", span).data)
            if region is not None:
                starts = (partition for start, partition in PARTITION_OF.items() if region.startswith(start))
                return Value(next(starts, "aws"), span)
        is_list = name == "AWS::NotificationARNs"
        unknown = Unknown(
            UnknownCause.INPUT,
            f"{name} depends on where it is deployed",
            (name,),
            PARTITIONS if name == "AWS::Partition" else (),
            PSEUDO[name],
            not_null=not is_list,
        )
        value: Value[Any] = Value(unknown, span, type=None if is_list else Kind.TEXT)
        self.session.declared.setdefault(name, Input(name, value))
        return value


def _typed(value: Value[Any], kind: str) -> Value[Any]:
    """Return a parameter's value as its type makes it: lists are given as comma-separated text."""
    if not (kind == "CommaDelimitedList" or kind.startswith("List<")):
        return value
    text = text_of(value.data)
    if text is None:
        return value
    items: tuple[Value[Any], ...] = tuple(
        Value(piece.strip(), value.span, value.trail, value.refs, sensitive=value.sensitive)
        for piece in (text.split(",") if text else [])
    )
    return Value(items, value.span, value.trail, value.refs, sensitive=value.sensitive)


def _is_never_empty(body: Node, kind: str, domain: tuple[str, ...]) -> bool:
    """Return True if CloudFormation refuses an empty value. It looks up what the types of AWS name."""
    if kind == "Number" or kind.startswith(("AWS::", "List<AWS::")) or (domain and "" not in domain):
        return True
    least = text_of(scalar_at(body, "MinLength")) or "0"
    return least.isdecimal() and least != "0"


def _domain(body: Node, kind: str) -> tuple[str, ...]:
    """Return the possible values of a parameter as texts; empty if they are not finitely many."""
    if not isinstance(body, MappingNode) or kind == "CommaDelimitedList" or "List<" in kind or "::SSM::" in kind:
        return ()
    allowed = body.get("AllowedValues")
    if isinstance(allowed, SequenceNode):
        texts = [text_of(item.data) if isinstance(item, ScalarNode) else None for item in allowed.items]
        return tuple(dict.fromkeys("" if t is None else t for t in texts))
    pattern = scalar_at(body, "AllowedPattern")
    if isinstance(pattern, str) and (found := _ALTERNATIVES.fullmatch(pattern)) is not None:
        return tuple(dict.fromkeys(found[1].split("|")))
    return ()
