"""A template's tree to the common model, as CloudFormation would deploy it.

Parameters, conditions, mappings, intrinsic functions, loops and nested stacks. Nothing here raises on user
input: what cannot be known is an Unknown with its reason, what could not be seen is a Gap, what is wrong
is a Problem. Facts are those of the CloudFormation user guide's template reference.
"""

from __future__ import annotations

import base64
import ipaddress
import itertools
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from iaclint.cloudformation.combine import (
    ABSENT,
    JSON_STYLE,
    MAYBE_ABSENT,
    TEXT,
    between,
    blend,
    concat,
    dynamic,
    from_plain,
    inputs_of,
    one_of,
    options_of,
    respan,
    same_data,
    text_of,
)
from iaclint.cloudformation.exports import Export, qualify_refs
from iaclint.cloudformation.insertion_points import insertion_points_of
from iaclint.cloudformation.sniff import is_template
from iaclint.cloudformation.syntax import parse, parse_within
from iaclint.cloudformation.tree import (
    Document,
    Entry,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    ValueNode,
    name_in,
    scalar_at,
    size_of,
    value_of,
)
from iaclint.model.address import Address
from iaclint.model.inventory import Gap, Input, Inputs, Resource
from iaclint.model.json_text import json_pieces
from iaclint.model.truth import FALSE, TRUE, Reason, Truth, all_of, any_of, merge_reasons
from iaclint.model.value import Encoded, Ref, Step, Unknown, UnknownCause, Value
from iaclint.source.files import Problem, SourceFile, Span, Unreadable, Workspace

STACK = "AWS::CloudFormation::Stack"
STACK_SET = "AWS::CloudFormation::StackSet"
MAX_STACKS = 8
"""How deep stacks may nest (CloudFormation itself sets no limit below this that people reach)."""
MAX_RESOURCES = 20_000
"""Loops that make more than this are cut off; CloudFormation takes 500 resources a stack."""
MAX_NESTED = 2_000
"""So many nested stacks of one root are looked at."""
MAX_GAPS = 500
"""So many gaps are told apart."""
MAX_EXPANDED = 1_000_000
"""So many nodes are made by loops, included files and nested stacks together; few templates have 10,000."""

PSEUDO = {
    "AWS::AccountId": "",
    "AWS::NotificationARNs": "",
    "AWS::Partition": "aws",
    "AWS::Region": "",
    "AWS::StackId": "arn:",
    "AWS::StackName": "",
    "AWS::URLSuffix": "",
}
"""Pseudo parameters, which depend on where the stack is deployed, and how their text surely starts."""

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
"""How the regions of the other partitions start."""

META = ("Condition", "CreationPolicy", "DeletionPolicy", "DependsOn", "Metadata", "UpdatePolicy", "UpdateReplacePolicy")

_PLACEHOLDER = re.compile(r"\$\{([^{}]*)\}")
_UNDECIDED = re.compile(r"^condition \S+ is undecided: ")
_ALTERNATIVES = re.compile(r"\^?\(?(?:\?:)?([\w-]+(?:\|[\w-]+)*)\)?\$?")


class Setting(Struct, frozen=True):
    """A parameter's value from a parameter file: the node that holds it, and the file's name."""

    node: Node
    label: str


class Session(Struct, eq=False, dict=True):
    """What the evaluation of one root template shares with the stacks nested in it."""

    workspace: Workspace
    inputs: Inputs
    stack: str
    importable: Mapping[str, Export]
    settings: Mapping[str, Setting] = field(default_factory=dict)
    declared: dict[str, Input] = field(default_factory=dict)
    gaps: dict[tuple[str, str], Gap] = field(default_factory=dict)
    problems: dict[tuple[str, str], Problem] = field(default_factory=dict)
    files: dict[str, SourceFile] = field(default_factory=dict)
    exports: dict[str, Export] = field(default_factory=dict)
    imports: set[str] = field(default_factory=set)
    nested: int = 0
    expanded: int = 0

    def spend(self, size: int) -> bool:
        """Whether something of so many nodes may still be made."""
        self.expanded += size
        return self.expanded <= MAX_EXPANDED

    def problem(self, message: str, span: Span, *, fatal: bool = False) -> None:
        self.problems.setdefault((message, str(span)), Problem(message, span, span.file.path, fatal))

    def gap(self, why: str, span: Span | None, address: str = "", refs: tuple[Ref, ...] | None = None) -> None:
        if len(self.gaps) > MAX_GAPS:  # one for all the others, which may hide anything
            why, span, address, refs = "there is more that cannot be seen than is listed", None, "", None
        self.gaps.setdefault((why, str(span)), Gap(span, why, address, refs))

    def finite(self, name: str) -> bool:
        declared = self.declared.get(name)
        return declared is not None and bool(declared.domain)

    def given(self, name: str) -> tuple[bool, Any]:
        """Whether a world or the caller fixes this input, and to what."""
        return name in self.inputs.values, self.inputs.values.get(name)


def document_of(workspace: Workspace, path: str) -> Document:
    """The parsed file, read once a run. Raises Unreadable."""
    key = ("cloudformation", path)
    found = workspace.memo.get(key)
    if isinstance(found, Document):
        return found
    document = parse(workspace.read(path))
    workspace.memo[key] = document
    return document


class Template:
    """One template with its parameters: evaluates on demand, each thing once.

    prefix     what stands before its logical ids ("" for a root, "Network/" for a nested stack)
    arguments  what a parent stack passes in; None for a root
    opaque     what may add or change anything in it (a macro), in words; then nothing missing is an error
    """

    def __init__(
        self,
        session: Session,
        root: MappingNode,
        source: SourceFile,
        *,
        language: str = "yaml",
        prefix: str = "",
        arguments: Mapping[str, Value[Any]] | None = None,
        calls: tuple[Step, ...] = (),
        exists: Truth = TRUE,
        chain: tuple[str, ...] = (),
        opaque: str = "",
    ) -> None:
        self.session = session
        self.root = root
        self.source = source
        self.language = language
        self.prefix = prefix
        self.arguments = arguments
        self.calls = calls
        self.exists = exists
        self.chain = chain or (source.path,)
        self.opaque = opaque
        self.loops: dict[str, Value[Any]] = {}
        self._parameters: dict[str, Value[Any]] = {}
        self._conditions: dict[str, Truth | None] = {}
        self._children: dict[str, Template | None] = {}
        self._outputs: dict[str, Value[Any]] | None = None
        self.assumed: dict[str, str] = {}
        self.excluded: dict[str, set[str]] = {}
        self.parameters = self._section("Parameters")
        # as they are written, until their loops and includes can be run, which may need each other
        self.declarations = self._section("Resources")
        self.definitions = self._section("Conditions")
        self.mappings = self._section("Mappings")
        self.mappings = self._expanded("Mappings")
        self.definitions = self._expanded("Conditions")
        self._assume()
        for name in self.parameters:
            self.parameter(name)
        for name in self._conditions_in_order():
            self.condition(name)
        self.declarations = self._expanded("Resources")
        for name, entry in self.declarations.items():
            if str(scalar_at(entry.value, "Type")).endswith("::MODULE"):
                self.session.gap(f"module {name} is not here: it may hold resources", entry.key, self.prefix + name)
                self.opaque = self.opaque or f"module {name}"

    # -- sections ------------------------------------------------------------------------------

    def _section(self, name: str) -> dict[str, Entry]:
        node = self.root.get(name)
        if isinstance(node, MappingNode):
            return node.entries
        if node is not None and not (isinstance(node, ScalarNode) and node.data is None):
            self.session.problem(f"{name} must be a mapping", node.span)
        return {}

    def _expanded(self, name: str) -> dict[str, Entry]:
        node = self.root.get(name)
        if isinstance(node, MappingNode):
            return {entry.name: entry for entry in self.entries(node, name)}
        return self._section(name)

    # -- parameters ----------------------------------------------------------------------------

    def parameter(self, name: str) -> Value[Any]:
        """The value of a parameter, placed at its declaration."""
        found = self._parameters.get(name)
        if found is None:
            self._parameters[name] = found = self._parameter(name)
        return found

    def _parameter(self, name: str) -> Value[Any]:
        entry = self.parameters[name]
        body = entry.value
        qualified = self.prefix + name
        declaration = Step(entry.key, f"parameter {name}")
        kind = text_of(scalar_at(body, "Type")) or "String"
        no_echo = text_of(scalar_at(body, "NoEcho")) in ("true", "True")
        domain = _domain(body, kind)
        passed = self.arguments.get(name) if self.arguments is not None else None
        fixed, data = self.session.given(qualified)
        if passed is not None:
            argument = Step(passed.span, f"argument {name}")
            value = _typed(respan(passed, entry.key, (declaration, argument)), kind)
        else:
            if fixed:
                value = _typed(from_plain(data, entry.key, (declaration,)), kind)
            elif name in self.session.settings and not self.prefix:
                setting = self.session.settings[name]
                literal = value_of(setting.node)
                value = _typed(respan(literal, entry.key, (declaration, Step(setting.node.span, setting.label))), kind)
                self._check_allowed(name, value, domain, setting.node.span)
            elif isinstance(body, MappingNode) and (default := body.get("Default")) is not None:
                literal = value_of(default)
                value = _typed(respan(literal, entry.key, (declaration, Step(default.span, "default"))), kind)
                self._check_allowed(name, value, domain, default.span)
            elif name in self.assumed:
                value = Value(self.assumed[name], entry.key, (declaration,))
            else:
                excluded = self.excluded.get(name, set())
                data = Unknown(
                    UnknownCause.INPUT,
                    f"parameter {name} has no default",
                    (qualified,),
                    tuple(option for option in domain if option not in excluded),
                    not_null="" in excluded or _never_empty(body, kind, domain),
                )
                text = not (kind == "CommaDelimitedList" or "List<" in kind)
                value = Value(data, entry.key, (declaration,), type=TEXT if text else None)
        if kind.startswith("AWS::SSM::Parameter::Value") and not (isinstance(value.data, Unknown)):
            where = text_of(value.data) or "the parameter store"
            detail = f"parameter {name} is read from SSM parameter {where}"
            value = value.replace(data=Unknown(UnknownCause.EXTERNAL, detail, not_null=True))
        if no_echo:
            value = value.replace(sensitive=True)
        if passed is None:
            self.session.declared[qualified] = Input(qualified, value, domain)
        return value

    def _check_allowed(self, name: str, value: Value[Any], domain: tuple[str, ...], span: Span) -> None:
        text = text_of(value.data)
        if domain and text is not None and text not in domain:
            self.session.problem(f"{text!r} is not among the allowed values of parameter {name}", span)

    def _assume(self) -> None:
        """What the conditions that a world fixes say of the parameters they compare."""
        for name, entry in self.definitions.items():
            fixed, truth = self.session.given(f"condition {self.prefix}{name}")
            if not fixed:
                continue
            node = entry.value
            while isinstance(node, MappingNode) and (inner := node.get("Fn::Not")) is not None:
                node = inner.items[0] if isinstance(inner, SequenceNode) and len(inner.items) == 1 else inner
                truth = not truth
            pair = node.get("Fn::Equals") if isinstance(node, MappingNode) else None
            if not isinstance(pair, SequenceNode) or len(pair.items) != 2:
                continue
            for one, other in (pair.items, pair.items[::-1]):
                target = one.get("Ref") if isinstance(one, MappingNode) else None
                if isinstance(target, ScalarNode) and isinstance(other, ScalarNode) and isinstance(target.data, str):
                    text = text_of(other.data)
                    if text is None or not (target.data in self.parameters or target.data in PSEUDO):
                        continue
                    if truth:
                        self.assumed.setdefault(target.data, text)
                    else:
                        self.excluded.setdefault(target.data, set()).add(text)

    # -- conditions ----------------------------------------------------------------------------

    def _conditions_in_order(self) -> list[str]:
        """The conditions, each after those that it names, so that long chains of them need no deep recursion."""
        named: dict[str, list[str]] = {}
        for name, entry in self.definitions.items():
            found: list[str] = []
            todo: list[Node] = [entry.value]
            while todo:
                node = todo.pop()
                if isinstance(node, SequenceNode):
                    todo += node.items
                elif isinstance(node, MappingNode):
                    other = node.get("Condition")
                    if other is not None and (text := name_in(other)) in self.definitions:
                        found.append(text or "")
                    todo += [inner.value for inner in node]
            named[name] = found
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

    def condition(self, name: str, at: Span | None = None) -> Truth:
        """Whether a condition of the template holds."""
        if name in self._conditions:
            found = self._conditions[name]
            if found is None:
                entry = self.definitions[name]
                self.session.problem(f"condition {name} depends on itself", entry.key)
                return Truth.undecided(Reason(f"condition {name} depends on itself", entry.key))
            return found
        entry_or_none = self.definitions.get(name)
        if entry_or_none is None:
            if not self.opaque:
                self.session.problem(f"there is no condition {name}", at or self.root.span)
            return Truth.undecided(Reason(f"there is no condition {name}", at))
        self._conditions[name] = None
        truth = self._conditions[name] = self._condition(name, entry_or_none)
        return truth

    def _condition(self, name: str, entry: Entry) -> Truth:
        truth = self.truth(entry.value)
        if truth.decided:
            return truth
        qualified = f"condition {self.prefix}{name}"
        fixed, assigned = self.session.given(qualified)
        if fixed:
            return Truth.of(bool(assigned))
        inputs = tuple(dict.fromkeys(i for reason in truth.reasons for i in reason.inputs))
        finite = tuple(i for i in inputs if self.session.finite(i))
        why = "; ".join(dict.fromkeys(_UNDECIDED.sub("", reason.detail) for reason in truth.reasons))
        span = truth.reasons[0].span if truth.reasons else entry.key
        if any(not reason.inputs or set(reason.inputs) - set(finite) for reason in truth.reasons):
            finite = (*finite, qualified)
            undecided: Value[Any] = Value(Unknown(UnknownCause.INPUT, why, (qualified,), (True, False)), entry.key)
            self.session.declared[qualified] = Input(qualified, undecided, (True, False))
        return Truth.undecided(Reason(f"condition {name} is undecided: {why}", span, finite))

    def truth(self, node: Node) -> Truth:
        """What a condition expression says."""
        if isinstance(node, MappingNode) and len(node.entries) == 1:
            entry = next(iter(node))
            argument = entry.value
            if entry.name == "Condition":
                name = name_in(argument)
                if name is not None:
                    return self.condition(name, argument.span)
            elif entry.name in ("Fn::And", "Fn::Or", "Fn::Not") and isinstance(argument, SequenceNode):
                parts = [self.truth(item) for item in argument.items]
                if entry.name == "Fn::Not" and len(parts) == 1:
                    return ~parts[0]
                if entry.name != "Fn::Not":
                    return all_of(parts) if entry.name == "Fn::And" else any_of(parts)
            elif entry.name == "Fn::Equals" and isinstance(argument, SequenceNode) and len(argument.items) == 2:
                return self._equal(argument.items[0], argument.items[1])
            elif entry.name in ("Fn::Contains", "Fn::EachMemberEquals", "Fn::EachMemberIn"):
                return self._membership(entry.name, argument)
            elif entry.name not in ("Fn::And", "Fn::Or", "Fn::Not", "Fn::Equals"):
                return self._as_truth(self.evaluate(node))
            self.session.problem(f"{entry.name} is not written as it must be", entry.key)
            return Truth.undecided(Reason(f"{entry.name} is not written as it must be", entry.key))
        return self._as_truth(self.evaluate(node))

    def _membership(self, function: str, argument: Node) -> Truth:
        """The functions of the Rules section: is a value in a list, are all members of a list something."""
        pair = self.arguments_of(argument, 2, 2)
        if pair is None:
            return Truth.undecided(Reason(f"{function} is not written as it must be", argument.span))
        left, right = self.evaluate(pair[0]), self.evaluate(pair[1])
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

    def forbidden(self) -> bool:
        """Whether the Rules section certainly refuses these parameters: then nothing is deployed."""
        for entry in self._section("Rules").values():
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

    def _as_truth(self, value: Value[Any]) -> Truth:
        text = text_of(value.data)
        if text is not None and text.lower() in ("true", "false"):
            return Truth.of(text.lower() == "true")
        options = options_of(value)
        if options is not None and {option.lower() for option in options} in ({"true"}, {"false"}):
            return Truth.of(options[0].lower() == "true")
        return Truth.undecided(*(value.reasons or (Reason("not a condition", value.span),)))

    def _equal(self, left_node: Node, right_node: Node) -> Truth:
        left, right = self.evaluate(left_node), self.evaluate(right_node)
        if left.wholly_known and right.wholly_known:
            return Truth.of(same_data(left, right))
        for node, other in ((left_node, right), (right_node, left)):
            target = node.get("Ref") if isinstance(node, MappingNode) else None
            if isinstance(target, ScalarNode) and text_of(other.data) in self.excluded.get(str(target.data), ()):
                return FALSE
        one, two = options_of(left), options_of(right)
        if one is not None and two is not None:
            if not set(one) & set(two):
                return FALSE
            if len(set(one) | set(two)) == 1:
                return TRUE
        for value, other in ((left, right), (right, left)):
            if isinstance(value.data, Unknown) and value.data.prefix:
                text = text_of(other.data)
                if text is not None and not text.startswith(value.data.prefix):
                    return FALSE
        return Truth.undecided(*merge_reasons(left.reasons, right.reasons))

    # -- values --------------------------------------------------------------------------------

    def evaluate(self, node: Node) -> Value[Any]:
        """The value of a node; its data is ABSENT for AWS::NoValue."""
        if isinstance(node, ScalarNode):
            trail = (Step(node.origin, "anchor"),) if node.origin is not None else ()
            value: Value[Any] = Value(node.data, node.span, trail)
            return dynamic(value) if isinstance(node.data, str) and "{{" in node.data else value
        if isinstance(node, SequenceNode):
            return self._list(node.items, node.span)
        if isinstance(node, ValueNode):
            found: Value[Any] = node.value
            return found
        if len(node.entries) == 1:
            entry = next(iter(node))
            name = entry.name
            if name == "Ref":
                return self._ref(entry.value, node)
            if name.startswith(("Rain::", "Fn::Rain::")):
                return Value(Unknown(UnknownCause.UNSUPPORTED, f"{name} is not run", not_null=True), node.span)
            if name.startswith("Fn::") and not name.startswith("Fn::ForEach::") and name != "Fn::Transform":
                function = _FUNCTIONS.get(name)
                if function is None and self.opaque:
                    return Value(
                        Unknown(UnknownCause.UNSUPPORTED, f"{name}, of {self.opaque}", not_null=True), node.span
                    )
                if function is None:
                    self.session.problem(f"{name} is not a function of CloudFormation", entry.key)
                    return Value(Unknown(UnknownCause.UNSUPPORTED, f"unknown function {name}"), node.span)
                return function(self, entry.value, node)
        data: dict[str, Value[Any]] = {}
        for entry in self.entries(node, ""):
            value = self.evaluate(entry.value)
            if entry.name == "Fn::Transform" or entry.name.startswith("Fn::ForEach"):
                return Value(value.data, node.span, refs=value.refs)
            if value.data is not ABSENT:
                data[entry.name] = value
        return Value(data, node.span)

    def _list(self, nodes: list[Node], span: Span) -> Value[Any]:
        items: list[Value[Any]] = []
        for node in nodes:
            value = self.evaluate(node)
            if value.data is ABSENT:
                continue
            if value.type == MAYBE_ABSENT:
                return blend(span, [value], refs=False)
            items.append(value)
        return Value(tuple(items), span)

    def wrong(self, node: MappingNode, message: str, span: Span | None = None) -> Value[Any]:
        """A function that is not written as it must be: a Problem, and a value that nobody knows."""
        if not self.opaque:
            self.session.problem(message, span or node.span)
        return Value(Unknown(UnknownCause.INVALID, message), node.span)

    def arguments_of(self, node: Node, least: int, most: int) -> list[Node] | None:
        """The arguments of a function that takes a list."""
        if isinstance(node, SequenceNode) and least <= len(node.items) <= most:
            return node.items
        return None

    # -- Ref, GetAtt, Sub, Join ----------------------------------------------------------------

    def _ref(self, argument: Node, node: MappingNode) -> Value[Any]:
        name = argument.data if isinstance(argument, ScalarNode) else self.evaluate(argument)
        if isinstance(name, Value):
            if not name.known:
                return blend(node.span, [name])
            name = name.data
        if not isinstance(name, str):
            return self.wrong(node, "Ref needs the name of a parameter or resource")
        return self.reference(name, node.span)

    def reference(self, name: str, span: Span) -> Value[Any]:
        """What `Ref: name` gives at a place."""
        if name == "AWS::NoValue":
            return Value(ABSENT, span)
        if name in PSEUDO:
            return self._pseudo(name, span)
        if name in self.loops:
            return respan(self.loops[name], span, ())
        if name in self.parameters:
            value = self.parameter(name)
            step = Step(value.span, f"parameter {name}")
            if value.trail and value.trail[0].span == value.span:
                return respan(value, span, ())
            return respan(value, span, (step,))
        if name in self.declarations or self.opaque:
            return Value(
                Unknown(UnknownCause.AFTER_APPLY, f"the id of {name} is known after deployment", not_null=True),
                span,
                refs=(Ref(Address(self.prefix + name)),),
                type=TEXT,
            )
        message = f"there is no parameter or resource {name}{_meant(name, self.parameters, self.declarations)}"
        self.session.problem(message, span)
        return Value(Unknown(UnknownCause.INVALID, message, not_null=True), span)

    def _pseudo(self, name: str, span: Span) -> Value[Any]:
        own = name in ("AWS::StackName", "AWS::StackId", "AWS::NotificationARNs")
        fixed, data = self.session.given(name)
        if fixed and not (own and self.prefix):  # a nested stack has a name of its own
            return from_plain(data, span, ())
        if name in self.assumed:
            return Value(self.assumed[name], span)
        setting = self.session.settings.get(name)
        if setting is not None and not (own and self.prefix):
            return respan(value_of(setting.node), span, (Step(setting.node.span, setting.label),))
        if name == "AWS::Partition":
            region = text_of(self._pseudo("AWS::Region", span).data)
            if region is not None:
                starts = (partition for start, partition in PARTITION_OF.items() if region.startswith(start))
                return Value(next(starts, "aws"), span)
        unknown = Unknown(
            UnknownCause.INPUT,
            f"{name} depends on where it is deployed",
            (name,),
            PARTITIONS if name == "AWS::Partition" else (),
            PSEUDO[name],
            not_null=name != "AWS::NotificationARNs",
        )
        value: Value[Any] = Value(unknown, span, type=None if name == "AWS::NotificationARNs" else TEXT)
        self.session.declared.setdefault(name, Input(name, value))
        return value

    def _get_att(self, argument: Node, node: MappingNode) -> Value[Any]:
        parts: list[Value[Any]]
        if isinstance(argument, SequenceNode):
            parts = [self.evaluate(item) for item in argument.items]
        else:
            parts = [self.evaluate(argument)]
        texts = [text_of(part.data) for part in parts]
        if not all(part.known for part in parts):
            return blend(node.span, parts)
        if None in texts or not texts:
            return self.wrong(node, "Fn::GetAtt needs a logical id and an attribute")
        name, _, attribute = ".".join(t for t in texts if t is not None).partition(".")
        if not attribute:
            return self.wrong(node, "Fn::GetAtt needs a logical id and an attribute")
        return self.attribute(name, attribute, node.span)

    def attribute(self, name: str, attribute: str, span: Span) -> Value[Any]:
        """What `Fn::GetAtt: [name, attribute]` gives at a place."""
        ref = Ref(Address(self.prefix + name), attribute)
        declared = self.declarations.get(name)
        if declared is None and not self.opaque:
            message = f"there is no resource {name}{_meant(name, self.declarations)}"
            self.session.problem(message, span)
            return Value(Unknown(UnknownCause.INVALID, message, not_null=True), span)
        kind = text_of(scalar_at(declared.value, "Type")) if declared is not None else ""
        if kind == STACK and attribute.startswith("Outputs."):
            child = self.child(name)
            if child is not None:
                output = child.outputs().get(attribute.removeprefix("Outputs."))
                if output is not None:
                    step = Step(output.span, f"output {attribute.removeprefix('Outputs.')} of {name}")
                    return respan(output, span, (step,))
                if not child.opaque:
                    self.session.problem(f"stack {name} has no output {attribute.removeprefix('Outputs.')}", span)
                    return Value(Unknown(UnknownCause.INVALID, f"stack {name} has no such output"), span, refs=(ref,))
            return Value(
                Unknown(UnknownCause.EXTERNAL, f"output of stack {name}, which is not here"), span, refs=(ref,)
            )
        own = kind is not None and not kind.startswith("Custom::") and kind != "AWS::CloudFormation::CustomResource"
        unknown = Unknown(
            UnknownCause.AFTER_APPLY,
            f"{attribute} of {name} is known after deployment",
            prefix="arn:" if attribute == "Arn" and own and not self.opaque else "",
            not_null=True,
        )
        return Value(unknown, span, refs=(ref,))

    def _sub(self, argument: Node, node: MappingNode) -> Value[Any]:
        variables: dict[str, Node] = {}
        template = argument
        if isinstance(argument, SequenceNode):
            if not 1 <= len(argument.items) <= 2:
                return self.wrong(node, "Fn::Sub needs a text and a mapping of variables")
            template = argument.items[0]
            if len(argument.items) == 2:
                given = argument.items[1]
                if not isinstance(given, MappingNode):
                    return self.wrong(node, "Fn::Sub needs a text and a mapping of variables")
                variables = {entry.name: entry.value for entry in given}
                for variable, value in variables.items():
                    if isinstance(value, ScalarNode) and value.data is None:
                        self.session.problem(f"the variable {variable} of Fn::Sub has no value", value.span)
        literal = self.evaluate(template)
        if isinstance(literal.data, Unknown) and not isinstance(template, ScalarNode):
            return blend(node.span, [literal])
        text = template.data if isinstance(template, ScalarNode) else literal.data
        if not isinstance(text, str):
            spelt = text_of(text)
            if spelt is None:
                return self.wrong(node, "Fn::Sub needs a text")
            text = spelt
        span = node.span
        parts: list[Value[Any]] = []
        at = 0
        for hole in _PLACEHOLDER.finditer(text):
            if hole.start() > at:
                parts.append(Value(text[at : hole.start()], span))
            at = hole.end()
            name = hole[1].strip()
            if name.startswith("!"):
                parts.append(Value("${" + name[1:] + "}", span))
            elif name in variables:
                parts.append(self.evaluate(variables[name]))
            elif name in self.loops or name in self.parameters or "." not in name:
                parts.append(self.reference(name, span))
            else:
                logical, _, attribute = name.partition(".")
                parts.append(self.attribute(logical, attribute, span))
        if at < len(text) or not parts:
            parts.append(Value(text[at:], span))
        return concat([part for part in parts if part.data is not ABSENT], span)

    def _join(self, argument: Node, node: MappingNode) -> Value[Any]:
        pair = self.arguments_of(argument, 2, 2)
        if pair is None:
            return self.wrong(node, "Fn::Join needs a delimiter and a list")
        delimiter, items = self.evaluate(pair[0]), self.evaluate(pair[1])
        if not isinstance(items.data, tuple):
            if isinstance(items.data, Unknown):
                return blend(node.span, [items, delimiter])
            return self.wrong(node, "Fn::Join needs a list", pair[1].span)
        if not delimiter.known:
            return blend(node.span, [delimiter, items])
        parts: list[Value[Any]] = []
        for item in items.data:
            if item.type == MAYBE_ABSENT:
                return blend(node.span, [item, items])
            if isinstance(item.data, tuple):  # a list in the list: its items count
                parts += between(list(item.data), delimiter)
                continue
            parts.append(item)
        if any(isinstance(part.data, dict) for part in parts):
            return self.wrong(node, "Fn::Join can only join texts", pair[1].span)
        value = concat(between(parts, delimiter), node.span)
        if items.trail and not value.trail:
            return value.replace(trail=items.trail)
        return value

    # -- Select, Split, FindInMap, If ----------------------------------------------------------

    def _select(self, argument: Node, node: MappingNode) -> Value[Any]:
        pair = self.arguments_of(argument, 2, 2)
        if pair is None:
            return self.wrong(node, "Fn::Select needs an index and a list")
        index, items = self.evaluate(pair[0]), self.evaluate(pair[1])
        if isinstance(items.data, Unknown):
            return blend(node.span, [index, items])
        if isinstance(index.data, Unknown):
            options = list(items.data) if isinstance(items.data, tuple) else []
            return one_of(options, blend(node.span, [index], refs=False), node.span)
        if isinstance(items.data, tuple):
            text = text_of(index.data) or ""
            if text.isdecimal() and len(text) < 10 and int(text) < len(items.data):
                item: Value[Any] = items.data[int(text)]
                if items.span in node.span and item.span in node.span:
                    return item
                return respan(item, node.span, ())
            if text.isdecimal():
                return self.wrong(node, f"Fn::Select: there is no item {text} in a list of {len(items.data)}")
        return self.wrong(node, "Fn::Select needs an index and a list")

    def _split(self, argument: Node, node: MappingNode) -> Value[Any]:
        pair = self.arguments_of(argument, 2, 2)
        if pair is None:
            return self.wrong(node, "Fn::Split needs a delimiter and a text")
        delimiter, source = self.evaluate(pair[0]), self.evaluate(pair[1])
        if not (delimiter.known and source.known):
            return blend(node.span, [delimiter, source])
        mark, text = text_of(delimiter.data), text_of(source.data)
        if not mark or text is None:
            return self.wrong(node, "Fn::Split needs a delimiter and a text")
        items: tuple[Value[Any], ...] = tuple(
            Value(piece, node.span, source.trail, source.refs, sensitive=source.sensitive) for piece in text.split(mark)
        )
        return Value(items, node.span, source.trail, source.refs)

    def _find_in_map(self, argument: Node, node: MappingNode) -> Value[Any]:
        found = self.arguments_of(argument, 3, 4)
        if found is None:
            return self.wrong(node, "Fn::FindInMap needs a mapping and two keys")
        default: Node | None = None
        if len(found) == 4:
            options = found[3]
            default = options.get("DefaultValue") if isinstance(options, MappingNode) else None
            if default is None:
                return self.wrong(node, "Fn::FindInMap takes DefaultValue as its fourth argument", options.span)
        keys = [self._key(item) for item in found[:3]]
        if any(key.known and text_of(key.data) is None for key in keys):
            return self.wrong(node, "Fn::FindInMap needs a mapping and two keys")
        if keys[0].known and text_of(keys[0].data) not in self.mappings and default is None:
            return self.wrong(node, f"there is no mapping {text_of(keys[0].data)}")
        hits: list[tuple[str, Node]] = []
        missing = False
        for name in self._keys(keys[0], self.mappings):
            level = self.mappings[name].value if name in self.mappings else None
            firsts = level.entries if isinstance(level, MappingNode) else {}
            for first in self._keys(keys[1], firsts):
                inner = firsts[first].value if first in firsts else None
                seconds = inner.entries if isinstance(inner, MappingNode) else {}
                for second in self._keys(keys[2], seconds):
                    if second in seconds:
                        hits.append((name, seconds[second].value))
                    else:
                        missing = True
        decided = all(key.known for key in keys)
        if default is not None and any(key.refs and not key.known for key in keys):
            # looked up before anything is deployed: a key that only deployment tells is never found
            return self.evaluate(default)
        values = [
            respan(self.evaluate(hit), node.span, (*self._way(keys), Step(hit.span, f"mapping {name}")))
            for name, hit in hits[:1000]
        ]
        if decided:
            if values:
                return values[0]
            if default is not None:
                return self.evaluate(default)
            where = ", ".join(text_of(key.data) or "" for key in keys)
            return self.wrong(node, f"Fn::FindInMap: there is no entry {where}")
        if default is not None and (missing or not hits):
            values.append(self.evaluate(default))
        return one_of(values, blend(node.span, keys, refs=False), node.span)

    def _key(self, node: Node) -> Value[Any]:
        """A key of a mapping; a plain one counts as it is written, as the mapping's own keys do."""
        return Value(name_in(node), node.span) if isinstance(node, ScalarNode) else self.evaluate(node)

    @staticmethod
    def _keys(key: Value[Any], level: Mapping[str, Entry]) -> Iterable[str]:
        """The keys that may be meant: the one, those it may be, or all that are there."""
        options = options_of(key)
        return options if options is not None else list(level)

    @staticmethod
    def _way(keys: list[Value[Any]]) -> tuple[Step, ...]:
        return next((key.trail for key in keys if key.trail), ())

    def _if(self, argument: Node, node: MappingNode) -> Value[Any]:
        found = self.arguments_of(argument, 3, 3)
        if found is None:
            return self.wrong(node, "Fn::If needs a condition and two values")
        name = name_in(found[0])
        if name is not None:
            truth = self.condition(name, found[0].span)
        elif isinstance(found[0], MappingNode):
            truth = self.truth(found[0])
        else:
            return self.wrong(node, "Fn::If needs the name of a condition", found[0].span)
        if truth.decided:
            return self.evaluate(found[1] if truth.is_true else found[2])
        values = [self.evaluate(found[1]), self.evaluate(found[2])]
        absent = [value.data is ABSENT or value.type == MAYBE_ABSENT for value in values]
        if all(value.data is ABSENT for value in values):
            return values[0]
        inputs = tuple(dict.fromkeys(i for reason in truth.reasons for i in reason.inputs))
        detail = "; ".join(dict.fromkeys(reason.detail for reason in truth.reasons)) or "an undecided condition"
        trail = tuple(Step(reason.span, "condition") for reason in truth.reasons[:1] if reason.span is not None)
        undecided: Value[Any] = Value(Unknown(UnknownCause.INPUT, detail, inputs), node.span, trail)
        if any(absent):
            inputs = tuple(dict.fromkeys([*inputs, *inputs_of(values)]))
            return undecided.replace(
                type=MAYBE_ABSENT,
                sensitive=any(value.sensitive for value in values),
                data=Unknown(UnknownCause.INPUT, detail, inputs),
            )
        return one_of(values, undecided, node.span)

    # -- the other functions -------------------------------------------------------------------

    def _base64(self, argument: Node, node: MappingNode) -> Value[Any]:
        value = self.evaluate(argument)
        if not value.known:
            return blend(node.span, [value])
        text = text_of(value.data)
        if text is None:
            return self.wrong(node, "Fn::Base64 needs a text")
        encoded = base64.b64encode(text.encode("utf-8", "surrogatepass")).decode("ascii")
        return Value(encoded, node.span, value.trail, value.refs, sensitive=value.sensitive)

    def _cidr(self, argument: Node, node: MappingNode) -> Value[Any]:
        found = self.arguments_of(argument, 2, 3)
        if found is None:
            return self.wrong(node, "Fn::Cidr needs a block, a count and the bits of a subnet")
        values = [self.evaluate(item) for item in found]
        if not all(value.known for value in values) or len(values) == 2:
            return blend(node.span, values, "" if len(values) == 3 else "Fn::Cidr without the bits of a subnet")
        texts = [text_of(value.data) or "" for value in values]
        try:
            network = ipaddress.ip_network(texts[0], strict=False)
            count, bits = int(texts[1]), int(texts[2])
            length = network.max_prefixlen - bits
            if not 1 <= count <= 256 or length < network.prefixlen or bits < 0:
                raise ValueError
            blocks = [str(block) for block in itertools.islice(network.subnets(new_prefix=length), count)]
            if len(blocks) < count:
                raise ValueError
        except ValueError:
            return self.wrong(node, f"Fn::Cidr cannot cut {texts[1]} subnets of {texts[2]} bits from {texts[0]}")
        trail = self._way(values)
        return Value(tuple(Value(block, node.span, trail) for block in blocks), node.span, trail)

    def _get_azs(self, argument: Node, node: MappingNode) -> Value[Any]:
        region = self.evaluate(argument)
        return blend(
            node.span,
            [region],
            "the availability zones of a region are known at deployment",
            cause=UnknownCause.EXTERNAL,
        )

    def _import_value(self, argument: Node, node: MappingNode) -> Value[Any]:
        name = self.evaluate(argument)
        text = text_of(name.data)
        if text is None:
            return blend(node.span, [name], cause=UnknownCause.EXTERNAL, refs=False)
        self.session.imports.add(text)
        export = self.session.importable.get(text)
        if export is None:
            return Value(Unknown(UnknownCause.EXTERNAL, f"export {text} of another stack", not_null=True), node.span)
        step = Step(export.value.span, f"export {text} of {export.stack}")
        return respan(export.value, node.span, (step,))

    def _stack_output(self, argument: Node, node: MappingNode) -> Value[Any]:
        value = self.evaluate(argument)
        return blend(node.span, [value], "an output of another stack", cause=UnknownCause.EXTERNAL, refs=False)

    def _length(self, argument: Node, node: MappingNode) -> Value[Any]:
        value = self.evaluate(argument)
        if isinstance(value.data, tuple):
            return Value(len(value.data), node.span, value.trail)
        if not value.known:
            return blend(node.span, [value], refs=False)
        return self.wrong(node, "Fn::Length needs a list")

    def _to_json(self, argument: Node, node: MappingNode) -> Value[Any]:
        value = self.evaluate(argument)
        if isinstance(value.data, Unknown):
            return blend(node.span, [value])
        if isinstance(value.data, (dict, tuple)):
            pieces: list[Value[Any]] = []
            for text, group in itertools.groupby(json_pieces(value, JSON_STYLE), lambda piece: isinstance(piece, str)):
                if text:
                    pieces.append(Value("".join(piece for piece in group if isinstance(piece, str)), node.span))
                else:
                    pieces += [piece for piece in group if isinstance(piece, Value)]
            result = concat(pieces, node.span)
            result = result.replace(refs=value.all_refs())
            if isinstance(result.data, str):
                return result.replace(data=Encoded(result.data, value))
            if result.type is None:
                return result.replace(data=replace(result.data, encoded=value))
            return result
        return self.wrong(node, "Fn::ToJsonString needs a mapping or a list")

    def _boolean(self, _: Node, node: MappingNode) -> Value[Any]:
        truth = self.truth(node)
        if truth.decided:
            return Value("true" if truth.is_true else "false", node.span)
        inputs = tuple(dict.fromkeys(i for reason in truth.reasons for i in reason.inputs))
        detail = "; ".join(dict.fromkeys(reason.detail for reason in truth.reasons))
        return Value(Unknown(UnknownCause.INPUT, detail, inputs, ("true", "false")), node.span)

    def _rule_function(self, argument: Node, node: MappingNode) -> Value[Any]:
        value = self.evaluate(argument)
        return blend(node.span, [value], "a function of the Rules section", refs=False)

    # -- loops and includes --------------------------------------------------------------------

    def entries(self, node: MappingNode, section: str) -> Iterator[Entry]:
        """The entries of a mapping with its loops run and its included files put in."""
        if not any(name.startswith(("Fn::ForEach::", "Fn::Transform")) for name in node.entries):
            yield from node
            return
        taken = set(node.entries)
        for entry in node:
            if entry.name.startswith("Fn::ForEach::"):
                for made in self._loop(entry, section):
                    if made.name in taken:
                        self.session.problem(f"Fn::ForEach makes {made.name}, which is there already", entry.key)
                    taken.add(made.name)
                    if len(taken) > MAX_RESOURCES:
                        self.session.gap("Fn::ForEach makes more than can be looked at", entry.key)
                        return
                    yield made
            elif entry.name == "Fn::Transform":
                yield from self._transform(entry, section)
            else:
                yield entry

    def _loop(self, entry: Entry, section: str) -> Iterator[Entry]:
        found = self.arguments_of(entry.value, 3, 3)
        if found is None or not isinstance(found[2], MappingNode):
            self.session.problem("Fn::ForEach needs an identifier, a collection and what to repeat", entry.key)
            return
        identifier = found[0].data if isinstance(found[0], ScalarNode) else None
        if not isinstance(identifier, str) or not identifier:
            self.session.problem("Fn::ForEach needs the name of its identifier", found[0].span)
            return
        body = found[2]
        loop = entry.name.removeprefix("Fn::ForEach::")
        if loop in self.parameters or identifier in self.parameters:
            name = loop if loop in self.parameters else identifier
            self.session.problem(f"Fn::ForEach: {name} is the name of a parameter already", entry.key)
        collection = self.evaluate(found[1])
        if collection.sensitive:
            self.session.problem("Fn::ForEach cannot repeat over a parameter with NoEcho", found[1].span)
        items: tuple[Value[Any], ...] | None = None
        if isinstance(collection.data, tuple):
            flat: list[Value[Any]] = []
            for item in collection.data:
                flat.extend(item.data if isinstance(item.data, tuple) else (item,))
            items = tuple(flat)
        elif collection.known:
            self.session.problem("Fn::ForEach needs a list as its collection", found[1].span)
            return
        if items is None or any(text_of(item.data) is None for item in items):
            # which items there are is not known: the body once, for any of them
            unknown = blend(found[1].span, [collection], refs=False)
            data: Unknown = unknown.data
            if section == "Resources":
                self.session.gap(
                    f"{entry.name} repeats over a collection that is not known: {data.detail}", found[1].span
                )
            self.loops[identifier] = unknown
            try:
                made = substitute(body, identifier, "*", keys_only=True)
                assert isinstance(made, MappingNode)
                yield from list(self.entries(made, section))
            finally:
                if section == "":
                    self.loops.pop(identifier, None)
            return
        size = size_of(body)
        for item in items:
            if not self.session.spend(size):
                yield from self._cut(entry, "Fn::ForEach makes more than can be looked at", section)
                return
            made = substitute(body, identifier, text_of(item.data) or "")
            assert isinstance(made, MappingNode)
            yield from self.entries(made, section)

    def _cut(self, entry: Entry, why: str, section: str) -> Iterator[Entry]:
        """What stands for entries that are not made: a gap, and within a property something that may change it."""
        self.session.gap(why, entry.key)
        if not section:
            yield Entry(
                "Fn::Transform",
                entry.key,
                ValueNode(Value(Unknown(UnknownCause.UNSUPPORTED, why), entry.key), entry.key),
            )

    def _transform(self, entry: Entry, section: str) -> Iterator[Entry]:
        """Fn::Transform beside other keys: the entries of a local file, else something that cannot be seen.

        A macro sees and changes what stands beside it and no more: only in a section can it add what would be missed.
        """
        node = entry.value
        name = text_of(scalar_at(node, "Name")) or "a macro"
        parameters = node.get("Parameters") if isinstance(node, MappingNode) else None
        location = parameters.get("Location") if isinstance(parameters, MappingNode) else None
        why = f"{name} is not run"
        if name == "AWS::Include" and location is not None:
            included = self.include(self.evaluate(location))
            if isinstance(included, MappingNode):
                if self.session.spend(size_of(included)):
                    yield from self.entries(included, section)
                else:
                    yield from self._cut(entry, "AWS::Include adds more than can be looked at", section)
                return
            why = included
        if section:
            self.opaque = self.opaque or name
            if section == "Resources":
                self.session.gap(f"{why}: what it adds here is not seen", entry.key)
        else:
            data = Unknown(UnknownCause.UNSUPPORTED, f"{why}: it may change this")
            yield Entry("Fn::Transform", entry.key, ValueNode(Value(data, node.span), node.span))

    def include(self, location: Value[Any]) -> MappingNode | str:
        """The mapping in a local file that AWS::Include names, or why it is not here."""
        text = text_of(location.data)
        if text is None or "://" in text:
            return f"AWS::Include of {text or 'a file that is not known'} is not run"
        path = self.local(text)
        try:
            document = document_of(self.session.workspace, path)
        except Unreadable as error:
            return f"AWS::Include: {error}"
        self.session.files[path] = document.source
        for problem in document.problems:
            self.session.problems.setdefault((problem.message, str(problem.span)), problem)
        root = document.roots[0] if document.roots else None
        return root if isinstance(root, MappingNode) else f"AWS::Include: {document.source.name} holds no mapping"

    def local(self, relative: str) -> str:
        """The path of a file that the template names."""
        return os.path.normpath(os.path.join(os.path.dirname(self.source.path), relative))

    # -- resources -----------------------------------------------------------------------------

    def resources(self) -> list[Resource]:
        """The resources of the stack and of the stacks nested in it; those that cannot exist are left out."""
        found: list[Resource] = []
        for name, entry in self.declarations.items():
            resource = self.resource(name, entry)
            if resource is None:
                continue
            found.append(resource)
            if resource.kind in (STACK, STACK_SET):
                child = self.child(name)
                if child is not None:
                    found += child.resources()
        return found

    def resource(self, name: str, entry: Entry) -> Resource | None:
        """One resource; None where a condition rules it out or where it is none."""
        body = entry.value
        if not isinstance(body, MappingNode):
            self.session.problem(f"resource {name} must be a mapping", entry.key)
            return None
        exists = self.existence(body)
        if exists.is_false:
            return None
        kind_node = body.get("Type")
        kind = text_of(self.evaluate(kind_node).data) if kind_node is not None else None
        if kind is None:
            if self.opaque:
                self.session.gap(f"resource {name} is made by {self.opaque}", entry.key, self.prefix + name)
            else:
                self.session.problem(f"resource {name} has no Type", entry.key)
            return None
        properties = body.get("Properties")
        header = entry.key
        value = Value({}, header) if properties is None else self.evaluate(properties)
        if value.data is ABSENT or value.data is None:
            value = Value({}, header)
        elif not isinstance(value.data, (dict, Unknown)):
            self.session.problem(f"Properties of {name} must be a mapping", value.span)
            value = Value(Unknown(UnknownCause.INVALID, "not a mapping"), value.span)
        meta: dict[str, Value[Any]] = {}
        for key in META:
            node = body.get(key)
            if node is not None and not (isinstance(node, ScalarNode) and node.data is None):
                part = self.evaluate(node)
                if part.data is not ABSENT:
                    meta[key] = part
        for key in ("DeletionPolicy", "UpdateReplacePolicy"):
            if key in meta and not isinstance(meta[key].data, (str, Unknown)):
                self.session.problem(f"{key} of {name} must be a text", meta[key].span)
        if "DependsOn" in meta:
            meta["DependsOn"] = self._dependencies(meta["DependsOn"])
        return Resource(
            "cloudformation",
            kind,
            Address(self.prefix + name),
            value,
            entry.key.file.span(entry.key.start, max(entry.key.end, body.span.end))
            if body.span.file is entry.key.file
            else entry.key,
            header,
            exists,
            meta,
            insertion_points_of(body, self.source, self.language),
            self.calls,
        )

    def _dependencies(self, names: Value[Any]) -> Value[Any]:
        """The logical ids of DependsOn, which refer to the resources of these names."""
        if isinstance(names.data, str):
            return names.replace(refs=(Ref(Address(self.prefix + names.data)),))
        if isinstance(names.data, tuple):
            return names.with_data(tuple(self._dependencies(name) for name in names.data))
        return names

    def existence(self, body: MappingNode) -> Truth:
        """Whether a resource or output exists, by its Condition and by its stack's."""
        node = body.get("Condition")
        if node is not None and (name := name_in(node)) is not None:
            return self.exists & self.condition(name, node.span)
        if isinstance(node, ValueNode) and isinstance(node.value.data, str):
            return self.exists & self.condition(node.value.data, node.span)
        if isinstance(node, MappingNode):
            return self.exists & self.truth(node)
        return self.exists

    # -- nested stacks -------------------------------------------------------------------------

    def child(self, name: str) -> Template | None:
        """The template of a nested stack, evaluated with what this stack passes in; None where it is not here."""
        if name not in self._children:
            self._children[name] = None  # while it is being worked out: outputs that need themselves are unknown
            self._children[name] = self._child(name, self.declarations[name])
        return self._children[name]

    def _child(self, name: str, entry: Entry) -> Template | None:
        body = entry.value
        if not isinstance(body, MappingNode):
            return None
        exists = self.existence(body)
        if exists.is_false:
            return None
        address = self.prefix + name
        given = body.get("Properties")
        properties = given if isinstance(given, MappingNode) else MappingNode({}, body.span)
        found = self._nested_document(address, body, properties, entry.key)
        if found is None:
            return None
        document, chain = found
        self.session.nested += 1
        size = sum(map(size_of, document.roots))
        if self.session.nested > MAX_NESTED or not self.session.spend(size):
            self.session.gap("there are more nested stacks than can be looked at", None)
            return None
        arguments, opaque = self._passed(properties.get("Parameters"))
        children = templates(
            self.session,
            document,
            prefix=address + "/",
            arguments=arguments,
            calls=(*self.calls, Step(entry.key, f"stack {name}")),
            exists=exists,
            chain=chain,
            opaque=opaque,
        )
        if not children:
            self.session.gap(f"the template of stack {address} cannot be read", entry.key, address)
            return None
        return children[0]

    def _nested_document(
        self, address: str, body: MappingNode, properties: MappingNode, header: Span
    ) -> tuple[Document, tuple[str, ...]] | None:
        """The document of a nested stack, and the way to it; a Gap where it cannot be seen."""
        inline = properties.get("TemplateBody")
        url = properties.get("TemplateURL")
        node = inline or url
        at = node.span if node is not None else header
        hint = ""
        if isinstance(inline, ScalarNode):
            document = parse_within(inline.span.file, inline)
            if document is not None:
                return document, (*self.chain, f"{self.source.path}#{address}")
        where = nested_path(self, body) if inline is None else None
        if where is None:
            text = text_of(self.evaluate(url).data) if url is not None else None
            hint = f": {text}" if text else ""
        elif where in self.chain or len(self.chain) > MAX_STACKS:
            why = "contains itself" if where in self.chain else f"is nested more than {MAX_STACKS} deep"
            self.session.problem(f"stack {address} {why}", at)
            self.session.gap(f"stack {address} {why}", at, address)
            return None
        else:
            try:
                return document_of(self.session.workspace, where), (*self.chain, where)
            except Unreadable as error:
                hint = f": {error}"
        handed = self.evaluate(properties).all_refs()
        self.session.gap(f"the template of stack {address} is not here{hint}", at, address, handed)
        return None

    def _passed(self, node: Node | None) -> tuple[dict[str, Value[Any]], str]:
        """What a stack passes in, by parameter: a mapping, or a stack set's list; and why it cannot be known."""
        if node is None:
            return {}, ""
        given = self.evaluate(node)
        if isinstance(given.data, dict):
            return dict(given.data), ""
        if isinstance(given.data, tuple):
            pairs = [(text_of(item.key("ParameterKey").data), item.key("ParameterValue")) for item in given.data]
            return {name: value for name, value in pairs if name is not None and not value.implicit}, ""
        return {}, "" if given.data is ABSENT else "parameters that are not known"

    def outputs(self) -> dict[str, Value[Any]]:
        """The outputs by name, placed where they are written; also notes what is exported."""
        if self._outputs is not None:
            return self._outputs
        self._outputs = {}
        for name, entry in self._expanded("Outputs").items():
            body = entry.value
            if not isinstance(body, MappingNode):
                continue
            exists = self.existence(body)
            node = body.get("Value")
            if exists.is_false or node is None:
                continue
            value = self.evaluate(node)
            if value.data is ABSENT:
                continue
            self._outputs[name] = value
            export = body.get("Export")
            export_name = export.get("Name") if isinstance(export, MappingNode) else None
            if export_name is not None:
                text = text_of(self.evaluate(export_name).data)
                if text is not None:
                    stack = self.session.stack
                    self.session.exports.setdefault(text, Export(qualify_refs(value, stack), stack))
        return self._outputs


def templates(session: Session, document: Document, **options: Any) -> list[Template]:
    """The templates of a file, transforms applied, problems noted; empty where it holds none."""
    from iaclint.cloudformation.sam import transformed

    session.files[document.source.path] = document.source
    for problem in document.problems:
        session.problems.setdefault((problem.message, str(problem.span)), problem)
    found: list[Template] = []
    for root in document.roots:
        if not is_template(root):
            continue
        prefix = options.get("prefix", "")
        if found:  # CloudFormation takes one document a file; others are kept apart by a number
            options = options | {"prefix": f"{prefix}document {len(found) + 1}/"}
        assert isinstance(root, MappingNode)
        tree, opaque = transformed(session, root, document)
        resources = tree.get("Resources")
        if not opaque and (resources is None or (isinstance(resources, ScalarNode) and resources.data is None)):
            session.problem("there are no Resources", next(iter(root)).key)
        settings = options | {"opaque": opaque or options.get("opaque", "")}
        found.append(Template(session, tree, document.source, language=document.language, **settings))
        options = options | {"prefix": prefix}
    return found


def nested_path(template: Template, body: MappingNode) -> str | None:
    """The local file of a nested stack's template, by the CDK's note or by its TemplateURL; None for a URL."""
    metadata = body.get("Metadata")
    asset = text_of(scalar_at(metadata, "aws:asset:path")) if metadata is not None else None
    if asset:
        return template.local(asset)
    properties = body.get("Properties")
    url = properties.get("TemplateURL") if isinstance(properties, MappingNode) else None
    text = text_of(template.evaluate(url).data) if url is not None else None
    if not text or "://" in text or text.startswith("{{"):
        return None
    return template.local(text)


# -- small helpers -----------------------------------------------------------------------------


def _meant(name: str, *known: Iterable[str]) -> str:
    """A hint at the name that was perhaps meant."""
    import difflib

    close = difflib.get_close_matches(name, itertools.chain(*known), 1, 0.75)
    return f"; is {close[0]} meant?" if close else ""


def _typed(value: Value[Any], kind: str) -> Value[Any]:
    """A parameter's value as its type makes it: lists are given as comma-separated text."""
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


def _never_empty(body: Node, kind: str, domain: tuple[str, ...]) -> bool:
    """Whether CloudFormation refuses an empty value: it looks up what the AWS types name."""
    if kind == "Number" or kind.startswith(("AWS::", "List<AWS::")) or (domain and "" not in domain):
        return True
    least = text_of(scalar_at(body, "MinLength")) or "0"
    return least.isdecimal() and least != "0"


def _domain(body: Node, kind: str) -> tuple[str, ...]:
    """The finitely many values a parameter may have, as text; empty where there is no such bound."""
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


def substitute(node: Node, identifier: str, text: str, *, keys_only: bool = False) -> Node:
    """A loop's body for one item: `${Id}` and `&{Id}` in every text, and `Ref: Id`, replaced.

    `&{Id}` leaves out what is not alphanumeric. With `keys_only` just the keys are written out, for a loop whose
    items are not known.
    """
    alphanumeric = text if keys_only else re.sub(r"[^A-Za-z0-9]", "", text)
    marks = {"${" + identifier + "}": text, "&{" + identifier + "}": alphanumeric}

    def swap(written: str) -> str:
        if "{" not in written:
            return written
        for mark, replacement in marks.items():
            written = written.replace(mark, replacement)
        return written

    def walk(current: Node) -> Node:
        if isinstance(current, ScalarNode):
            if keys_only or not isinstance(current.data, str):
                return current
            swapped = swap(current.data)
            return current if swapped == current.data else ScalarNode(swapped, current.span, current.origin)
        if isinstance(current, SequenceNode):
            items = [walk(item) for item in current.items]
            if all(new is old for new, old in zip(items, current.items, strict=True)):
                return current
            return SequenceNode(items, current.span, current.origin, current.flow)
        if isinstance(current, ValueNode):
            return current
        if not keys_only and len(current.entries) == 1:
            target = current.get("Ref")
            if isinstance(target, ScalarNode) and target.data == identifier:
                return ScalarNode(text, current.span)
        entries: dict[str, Entry] = {}
        changed = False
        for entry in current:
            name, value = swap(entry.name), walk(entry.value)
            changed = changed or name != entry.name or value is not entry.value
            entries[name] = Entry(name, entry.key, value)
        return MappingNode(entries, current.span, current.origin, current.flow, current.short) if changed else current

    return walk(node)


_Function = Callable[[Template, Node, MappingNode], Value[Any]]

_FUNCTIONS: dict[str, _Function] = {
    "Fn::And": Template._boolean,
    "Fn::Base64": Template._base64,
    "Fn::Cidr": Template._cidr,
    "Fn::Contains": Template._rule_function,
    "Fn::EachMemberEquals": Template._rule_function,
    "Fn::EachMemberIn": Template._rule_function,
    "Fn::Equals": Template._boolean,
    "Fn::FindInMap": Template._find_in_map,
    "Fn::GetAZs": Template._get_azs,
    "Fn::GetAtt": Template._get_att,
    "Fn::GetStackOutput": Template._stack_output,
    "Fn::If": Template._if,
    "Fn::ImportValue": Template._import_value,
    "Fn::Join": Template._join,
    "Fn::Length": Template._length,
    "Fn::Not": Template._boolean,
    "Fn::Or": Template._boolean,
    "Fn::RefAll": Template._rule_function,
    "Fn::Select": Template._select,
    "Fn::Split": Template._split,
    "Fn::Sub": Template._sub,
    "Fn::ToJsonString": Template._to_json,
    "Fn::ValueOf": Template._rule_function,
    "Fn::ValueOfAll": Template._rule_function,
}
