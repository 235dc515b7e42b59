"""Conditions: what is known of the Conditions and Rules of a template.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-conditions.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from iaclint.cloudformation.tree import Entry, MappingNode, Node, SequenceNode, name_in, scalar_at
from iaclint.cloudformation.values import options_of, same_data, text_of
from iaclint.model.inventory import Input
from iaclint.model.truth import FALSE, TRUE, Reason, Truth, all_of, any_of, merge_reasons
from iaclint.model.value import Unknown, UnknownCause, Value
from iaclint.source.files import Span

if TYPE_CHECKING:
    from iaclint.cloudformation.scope import Scope

_UNDECIDED = re.compile(r"^condition \S+ is undecided: ")

_BOOLEAN = ("Fn::And", "Fn::Or", "Fn::Not", "Fn::Equals")
_MEMBERSHIP = ("Fn::Contains", "Fn::EachMemberEquals", "Fn::EachMemberIn")


class Conditions:
    """The conditions of one template, each evaluated once. `definitions` are their entries by name."""

    def __init__(self, scope: Scope, definitions: Mapping[str, Entry]) -> None:
        self.scope = scope
        self.session = scope.session
        self.definitions = definitions
        self._truths: dict[str, Truth | None] = {}

    def evaluate_all(self) -> None:
        """Evaluate all conditions, each after those that it names, so that long chains need no deep recursion."""
        for name in _in_order(self.definitions):
            self.condition(name)

    def condition(self, name: str, at: Span | None = None) -> Truth:
        """Return whether a condition of the template holds; `at` is the place that names it."""
        if name in self._truths:
            found = self._truths[name]
            if found is None:
                return self._depends_on_itself(name)
            return found
        entry = self.definitions.get(name)
        if entry is None:
            if not self.scope.opaque:
                self.session.problem(f"there is no condition {name}", at or self.scope.root.span)
            return Truth.undecided(Reason(f"there is no condition {name}", at))
        self._truths[name] = None  # while it is being evaluated
        truth = self._truths[name] = self._evaluated(name, entry)
        return truth

    def _depends_on_itself(self, name: str) -> Truth:
        message = f"condition {name} depends on itself"
        place = self.definitions[name].key
        self.session.problem(message, place)
        return Truth.undecided(Reason(message, place))

    def _evaluated(self, name: str, entry: Entry) -> Truth:
        truth = self.truth(entry.value)
        if truth.decided:
            return truth
        qualified = f"condition {self.scope.prefix}{name}"
        is_assigned, assigned = self.session.assigned(qualified)
        if is_assigned:
            return Truth.of(bool(assigned))
        inputs = tuple(dict.fromkeys(i for reason in truth.reasons for i in reason.inputs))
        finite = tuple(i for i in inputs if self.session.has_domain(i))
        why = "; ".join(dict.fromkeys(_UNDECIDED.sub("", reason.detail) for reason in truth.reasons))
        span = truth.reasons[0].span if truth.reasons else entry.key
        if any(not reason.inputs or set(reason.inputs) - set(finite) for reason in truth.reasons):
            finite = (*finite, qualified)
            undecided: Value[Any] = Value(Unknown(UnknownCause.INPUT, why, (qualified,), (True, False)), entry.key)
            self.session.declared[qualified] = Input(qualified, undecided, (True, False))
        return Truth.undecided(Reason(f"condition {name} is undecided: {why}", span, finite))

    def truth(self, node: Node) -> Truth:
        """Return the truth of a condition expression."""
        if not isinstance(node, MappingNode) or len(node.entries) != 1:
            return _as_truth(self.scope.evaluate(node))
        entry = next(iter(node))
        argument = entry.value
        if entry.name == "Condition" and (name := name_in(argument)) is not None:
            return self.condition(name, argument.span)
        if entry.name in _MEMBERSHIP:
            return self._membership(entry.name, argument)
        if entry.name not in ("Condition", *_BOOLEAN):
            return _as_truth(self.scope.evaluate(node))
        truth = None
        if isinstance(argument, SequenceNode) and entry.name in _BOOLEAN:
            truth = self._boolean(entry.name, argument.items)
        if truth is None:
            message = f"{entry.name} is not written as it must be"
            self.session.problem(message, entry.key)
            return Truth.undecided(Reason(message, entry.key))
        return truth

    def _boolean(self, function: str, items: list[Node]) -> Truth | None:
        """Return the truth of And, Or, Not or Equals; None if it has the wrong number of arguments."""
        if function == "Fn::Equals":
            return self._equal(*items) if len(items) == 2 else None
        if function == "Fn::Not":
            return ~self.truth(items[0]) if len(items) == 1 else None
        parts = [self.truth(item) for item in items]
        return all_of(parts) if function == "Fn::And" else any_of(parts)

    def _equal(self, left_node: Node, right_node: Node) -> Truth:
        left, right = self.scope.evaluate(left_node), self.scope.evaluate(right_node)
        if left.wholly_known and right.wholly_known:
            return Truth.of(same_data(left, right))
        for node, other in ((left_node, right), (right_node, left)):
            target = scalar_at(node, "Ref")
            if target is not None and self.scope.parameters.excludes(str(target), text_of(other.data)):
                return FALSE
        one, two = options_of(left), options_of(right)
        if one is not None and two is not None:
            if not set(one) & set(two):
                return FALSE
            if len(set(one) | set(two)) == 1:
                return TRUE
        for value, other in ((left, right), (right, left)):
            text = text_of(other.data)
            if isinstance(value.data, Unknown) and text is not None and not text.startswith(value.data.prefix):
                return FALSE
        return Truth.undecided(*merge_reasons(left.reasons, right.reasons))

    def _membership(self, function: str, argument: Node) -> Truth:
        """Return the truth of a function of the Rules section: is a value in a list, are all members something."""
        pair = self.scope.arguments_of(argument, 2, 2)
        if pair is None:
            return Truth.undecided(Reason(f"{function} is not written as it must be", argument.span))
        left, right = self.scope.evaluate(pair[0]), self.scope.evaluate(pair[1])
        wanted, members = (left, (right,)) if function == "Fn::Contains" else (right, left.data)
        choices = wanted.data if isinstance(wanted.data, tuple) else (wanted,)
        allowed = [options_of(choice) for choice in choices]
        if isinstance(members, tuple) and all(texts is not None and len(texts) == 1 for texts in allowed):
            certain = {texts[0] for texts in allowed if texts is not None}
            found = [options_of(member) for member in members]
            if all(options is not None and set(options) <= certain for options in found):
                return TRUE
            if any(options is not None and not set(options) & certain for options in found):
                return FALSE
        return Truth.undecided(*merge_reasons(left.reasons, right.reasons, (Reason(function, argument.span),)))

    def forbid(self, rules: Mapping[str, Entry]) -> bool:
        """Return True if the Rules section refuses these parameters in any case: then nothing is deployed."""
        for entry in rules.values():
            rule = entry.value
            when = rule.get("RuleCondition") if isinstance(rule, MappingNode) else None
            assertions = rule.get("Assertions") if isinstance(rule, MappingNode) else None
            if when is not None and not self.truth(when).is_true:
                continue
            for item in assertions.items if isinstance(assertions, SequenceNode) else ():
                claim = item.get("Assert") if isinstance(item, MappingNode) else None
                if claim is not None and self.truth(claim).is_false:
                    return True
        return False


def _as_truth(value: Value[Any]) -> Truth:
    """Return the truth that a value stands for: the texts true and false, in any case."""
    text = text_of(value.data)
    if text is not None and text.lower() in ("true", "false"):
        return Truth.of(text.lower() == "true")
    options = options_of(value)
    if options is not None and {option.lower() for option in options} in ({"true"}, {"false"}):
        return Truth.of(options[0].lower() == "true")
    return Truth.undecided(*(value.reasons or (Reason("not a condition", value.span),)))


def _in_order(definitions: Mapping[str, Entry]) -> list[str]:
    """Return the names of the conditions, each after those that its definition names."""
    named = {name: _named_in(entry.value, definitions) for name, entry in definitions.items()}
    order: dict[str, None] = {}
    for name in named:
        stack, entered = [name], set[str]()
        while stack:
            current = stack[-1]
            if current in order or current in entered:
                order.setdefault(stack.pop())
                continue
            entered.add(current)
            stack += [other for other in named[current] if other not in order and other not in entered]
    return list(order)


def _named_in(definition: Node, definitions: Mapping[str, Entry]) -> list[str]:
    """Return the names of the conditions that a definition names."""
    found: list[str] = []
    todo: list[Node] = [definition]
    while todo:
        node = todo.pop()
        if isinstance(node, SequenceNode):
            todo += node.items
        elif isinstance(node, MappingNode):
            other = node.get("Condition")
            name = name_in(other) if other is not None else None
            if name is not None and name in definitions:
                found.append(name)
            todo += [inner.value for inner in node]
    return found
