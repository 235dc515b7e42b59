"""The scope of a template: what its names mean and what its nodes evaluate to.

Parameters, conditions, mappings and functions refer to each other in any order, so everything is evaluated on demand.
Nothing here raises on user input: what cannot be known is an Unknown with its cause, what is wrong is a Problem.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from iaclint.cloudformation.conditions import Conditions
from iaclint.cloudformation.foreach import LOOP, TRANSFORM, expanded
from iaclint.cloudformation.intrinsics import FUNCTIONS
from iaclint.cloudformation.parameters import PSEUDO, Parameters
from iaclint.cloudformation.session import Session
from iaclint.cloudformation.tree import (
    Entry,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    ValueNode,
    is_null,
    scalar_at,
)
from iaclint.cloudformation.values import ABSENT, Kind, dynamic, merge_unknown, text_of, used_at
from iaclint.model.address import Address
from iaclint.model.unknowns import TooManyParts
from iaclint.model.value import Ref, Step, Unknown, UnknownCause, Value
from iaclint.source.files import SourceFile, Span
from iaclint.source.suggest import closest

STACK = "AWS::CloudFormation::Stack"
_CUSTOM_RESOURCE = "AWS::CloudFormation::CustomResource"


class NestedStack(Protocol):
    """What Fn::GetAtt asks of a nested stack."""

    @property
    def opaque(self) -> str:
        """What may add or change anything in the stack, as a noun; "" if nothing may."""

    def outputs(self) -> Mapping[str, Value[Any]]:
        """Return the outputs by name."""


class Scope:
    """What the names of one template mean.

    prefix        what precedes its logical ids: "" for a root, "Network/" for a nested stack
    opaque        what may add or change anything in it, such as a macro, as a noun; then a missing name is no error
    nested        the nested stack of a logical id; None if its template cannot be seen
    declarations  the Resources as they are written: loops and included files are not run
    mappings      the Mappings by name
    loops         the values of the identifiers of loops that are being run
    """

    def __init__(
        self,
        session: Session,
        root: MappingNode,
        source: SourceFile,
        *,
        prefix: str = "",
        arguments: Mapping[str, Value[Any]] | None = None,
        opaque: str = "",
        nested: Callable[[str], NestedStack | None] = lambda _: None,
    ) -> None:
        self.session = session
        self.root = root
        self.source = source
        self.prefix = prefix
        self.opaque = opaque
        self.nested = nested
        self.loops: dict[str, Value[Any]] = {}
        self.parameters = Parameters(session, self.section("Parameters"), prefix, arguments)
        self.declarations: Mapping[str, Entry] = self.section("Resources")
        self.conditions = Conditions(self, self.section("Conditions"))
        self.mappings: Mapping[str, Entry] = self.section("Mappings")

    def prepare(self) -> Scope:
        """Run the loops of Mappings and Conditions, and evaluate the parameters. Return the scope itself."""
        self.mappings = self.expanded("Mappings")
        self.conditions.definitions = self.expanded("Conditions")
        self.parameters.assume(self.conditions.definitions, self.prefix)
        self.parameters.evaluate_all()
        return self

    # -- sections ----------------------------------------------------------------------------------------

    def section(self, name: str) -> Mapping[str, Entry]:
        """Return a section of the template as it is written; a problem if it is no mapping."""
        node = self.root.get(name)
        if isinstance(node, MappingNode):
            return node.entries
        if node is not None and not is_null(node):
            self.session.problem(f"{name} must be a mapping", node.span)
        return {}

    def expanded(self, name: str) -> Mapping[str, Entry]:
        """Return a section with its loops run and its included files put in."""
        node = self.root.get(name)
        if isinstance(node, MappingNode):
            return {entry.name: entry for entry in expanded(self, node, name)}
        return self.section(name)

    # -- nodes -------------------------------------------------------------------------------------------

    def evaluate(self, node: Node) -> Value[Any]:
        """Return the value of a node; its data is ABSENT for AWS::NoValue."""
        if isinstance(node, ScalarNode):
            trail = (Step(node.origin, "anchor"),) if node.origin is not None else ()
            value: Value[Any] = Value(node.data, node.span, trail)
            return dynamic(value) if isinstance(node.data, str) and "{{" in node.data else value
        if isinstance(node, SequenceNode):
            return self._list(node)
        if isinstance(node, ValueNode):
            return node.value
        if len(node.entries) == 1:
            entry = next(iter(node))
            if entry.name == "Ref" or entry.name.startswith(("Fn::", "Rain::")):
                called = self._called(entry, node)
                if called is not None:
                    return called
        return self._mapping(node)

    def _list(self, node: SequenceNode) -> Value[Any]:
        items: list[Value[Any]] = []
        for item in node.items:
            value = self.evaluate(item)
            if value.data is ABSENT:
                continue
            if value.type is Kind.MAYBE_ABSENT:
                return merge_unknown(node.span, [value], refs=False)
            items.append(value)
        return Value(tuple(items), node.span)

    def _mapping(self, node: MappingNode) -> Value[Any]:
        data: dict[str, Value[Any]] = {}
        for name, entry in node.entries.items():
            if name.startswith("Fn::"):
                return self._mapping_with_loops(node)
            value = self.evaluate(entry.value)
            if value.data is not ABSENT:
                data[name] = value
        return Value(data, node.span)

    def _mapping_with_loops(self, node: MappingNode) -> Value[Any]:
        """Return the value of a mapping that may hold loops or a transform, which may make all of it unknown."""
        data: dict[str, Value[Any]] = {}
        for entry in expanded(self, node, ""):
            value = self.evaluate(entry.value)
            if entry.name == TRANSFORM or entry.name.startswith("Fn::ForEach"):
                return Value(value.data, node.span, refs=value.refs)
            if value.data is not ABSENT:
                data[entry.name] = value
        return Value(data, node.span)

    def _called(self, entry: Entry, node: MappingNode) -> Value[Any] | None:
        """Return the value of a call of a function; None if the entry is a loop or a transform."""
        name = entry.name
        if name.startswith(("Rain::", "Fn::Rain::")):
            return Value(Unknown(UnknownCause.UNSUPPORTED, f"{name} is not run", not_null=True), node.span)
        if name.startswith(LOOP) or name == TRANSFORM:
            return None
        function = FUNCTIONS.get(name)
        if function is not None:
            try:
                return function(self, entry.value, node)
            except TooManyParts as error:
                return Value(Unknown(UnknownCause.UNSUPPORTED, str(error)), node.span)
        if self.opaque:
            return Value(Unknown(UnknownCause.UNSUPPORTED, f"{name}, of {self.opaque}", not_null=True), node.span)
        self.session.problem(f"{name} is not a function of CloudFormation", entry.key)
        return Value(Unknown(UnknownCause.UNSUPPORTED, f"unknown function {name}"), node.span)

    def arguments_of(self, node: Node, least: int, most: int) -> list[Node] | None:
        """Return the arguments of a function that takes a list; None if they are fewer or more."""
        if isinstance(node, SequenceNode) and least <= len(node.items) <= most:
            return node.items
        return None

    def wrong(self, node: MappingNode, message: str, span: Span | None = None) -> Value[Any]:
        """Note that a function is not written as it must be, and return an unknown value."""
        if not self.opaque:
            self.session.problem(message, span or node.span)
        return Value(Unknown(UnknownCause.INVALID, message), node.span)

    # -- names -------------------------------------------------------------------------------------------

    def reference(self, name: str, span: Span) -> Value[Any]:
        """Return what `Ref: name` gives at a place."""
        if name == "AWS::NoValue":
            return Value(ABSENT, span)
        if name in PSEUDO:
            return self.parameters.pseudo(name, span)
        if name in self.loops:
            return used_at(self.loops[name], span, ())
        if name in self.parameters:
            value = self.parameters.value(name)
            is_declaration = bool(value.trail) and value.trail[0].span == value.span
            return used_at(value, span, () if is_declaration else (Step(value.span, f"parameter {name}"),))
        if name in self.declarations or self.opaque:
            return Value(
                Unknown(UnknownCause.AFTER_APPLY, f"the id of {name} is known after deployment", not_null=True),
                span,
                refs=(Ref(Address(self.prefix + name)),),
                type=Kind.TEXT,
            )
        hint = _hint(name, self.parameters.section, self.declarations)
        return self._missing(f"there is no parameter or resource {name}{hint}", span)

    def attribute(self, name: str, attribute: str, span: Span) -> Value[Any]:
        """Return what `Fn::GetAtt: [name, attribute]` gives at a place."""
        declared = self.declarations.get(name)
        if declared is None and not self.opaque:
            return self._missing(f"there is no resource {name}{_hint(name, self.declarations)}", span)
        ref = Ref(Address(self.prefix + name), attribute)
        kind = text_of(scalar_at(declared.value, "Type")) if declared is not None else ""
        if kind == STACK and attribute.startswith("Outputs."):
            return self._output(name, attribute.removeprefix("Outputs."), span, ref)
        is_custom = kind is None or kind.startswith("Custom::") or kind == _CUSTOM_RESOURCE
        unknown = Unknown(
            UnknownCause.AFTER_APPLY,
            f"{attribute} of {name} is known after deployment",
            prefix="arn:" if attribute == "Arn" and not is_custom and not self.opaque else "",
            not_null=True,
        )
        return Value(unknown, span, refs=(ref,))

    def _output(self, stack: str, name: str, span: Span, ref: Ref) -> Value[Any]:
        """Return an output of a nested stack."""
        child = self.nested(stack)
        if child is not None:
            output = child.outputs().get(name)
            if output is not None:
                return used_at(output, span, (Step(output.span, f"output {name} of {stack}"),))
            if not child.opaque:
                self.session.problem(f"stack {stack} has no output {name}", span)
                return Value(Unknown(UnknownCause.INVALID, f"stack {stack} has no such output"), span, refs=(ref,))
        return Value(Unknown(UnknownCause.EXTERNAL, f"output of stack {stack}, which is not here"), span, refs=(ref,))

    def _missing(self, message: str, span: Span) -> Value[Any]:
        self.session.problem(message, span)
        return Value(Unknown(UnknownCause.INVALID, message, not_null=True), span)


def _hint(name: str, *known: Iterable[str]) -> str:
    """Return the end of a message about an unknown name: the name that was perhaps meant."""
    close = closest(name, itertools.chain(*known), 0.75)
    return f"; is {close} meant?" if close else ""
