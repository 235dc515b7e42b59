"""The bodies of blocks, evaluated: attributes, nested blocks, `dynamic` blocks.

Source of facts: the Terraform language documentation (attributes as blocks, dynamic blocks, JSON syntax).
"""

from __future__ import annotations

from typing import Any, TypeAlias

from iaclint.model.value import Step, Unknown, UnknownCause, Value
from iaclint.terraform import schema
from iaclint.terraform.config.blocks import block_name, expression_of, first_block
from iaclint.terraform.config.evaluation import Evaluation
from iaclint.terraform.config.expand import MAX_INSTANCES
from iaclint.terraform.lang.conversion import ConversionError, convert, with_all_optional
from iaclint.terraform.lang.elements import elements
from iaclint.terraform.lang.errors import EvaluationError
from iaclint.terraform.lang.evaluate import bounded, evaluate
from iaclint.terraform.lang.resources import complete
from iaclint.terraform.lang.scope import Env
from iaclint.terraform.lang.types import ResourceType, Type
from iaclint.terraform.syntax import json as json_syntax
from iaclint.terraform.syntax import tree as syntax
from iaclint.terraform.syntax.tree import Attribute, Block, Body, Expression

V: TypeAlias = Value[Any]

RESOURCE_SETTINGS = frozenset(["count", "for_each", "depends_on", "provider"])
RESOURCE_BLOCKS = frozenset(["lifecycle", "provisioner", "connection"])
"""Settings and blocks within a resource block that the language itself takes: no attributes of the resource."""


class Bodies:
    """Evaluates bodies of one deployment. What is wrong is reported and becomes unknown."""

    def __init__(self, evaluation: Evaluation) -> None:
        self._evaluation = evaluation

    def resource(self, block: Block, env: Env, origin: ResourceType) -> dict[str, V]:
        """Return the attributes of a resource by name; nested blocks of one type are a list of objects."""
        body = block.body
        attributes = tuple(a for a in body.attributes if a.name not in RESOURCE_SETTINGS)
        blocks = tuple(b for b in body.blocks if b.type not in RESOURCE_BLOCKS)
        own = Body(body.span, attributes, blocks, body.json)
        return self.read(own, env, schema.resource(origin.kind), origin)

    def read(
        self, body: Body, env: Env, known: schema.BlockSchema | None = None, origin: ResourceType | None = None
    ) -> dict[str, V]:
        """Return the attributes and nested blocks of a body by name.

        known   its schema, for the types of attributes; origin: the resource or block of a resource that it is of
        """
        data: dict[str, V] = {}
        for attribute in body.attributes:
            name = attribute.name
            nested = known.blocks.get(name) if known is not None else None
            if nested is not None and body.json:
                data[name] = self._json_blocks(attribute, env, nested, origin)
                continue
            wanted = known.attributes.get(name) if known is not None else None
            value = self._attribute(attribute, env, wanted.type if wanted is not None else None)
            data[name] = self._as_blocks(name, value) if wanted is None and nested is not None else value
        groups: dict[str, _Group] = {}
        for block in body.blocks:
            name = block_name(block)
            if name:
                group = groups.setdefault(name, _Group(block))
                self._block(block, name, env, known, origin.within(name) if origin is not None else None, group)
        for name, group in groups.items():
            found = group.value(is_attribute=known is not None and name in known.attributes)
            if found is not None:
                data[name] = found
        return data

    def _block(
        self,
        block: Block,
        name: str,
        env: Env,
        known: schema.BlockSchema | None,
        origin: ResourceType | None,
        group: _Group,
    ) -> None:
        inner = known.blocks.get(name) if known is not None else None
        if inner is None and known is not None and name in known.attributes:
            inner = schema.element_schema(known.attributes[name].type)
        if block.type == "dynamic":
            self._dynamic(block, env, inner, origin, group)
        else:
            group.items.append(Value(self.read(block.body, env, inner, origin), block.span, type=origin))

    def _dynamic(
        self, block: Block, env: Env, inner: schema.BlockSchema | None, origin: ResourceType | None, group: _Group
    ) -> None:
        """Add the blocks that a `dynamic` block stands for."""
        report = self._evaluation.problem
        node = expression_of(block.body, "for_each")
        content = first_block(block.body, "content")
        if node is None or content is None:
            report(f'dynamic "{block_name(block)}" needs for_each and a content block', block.header)
            return
        value = self._collection(node, env)
        if isinstance(value.data, Unknown):
            data = Unknown(value.data.cause, value.data.detail, value.data.inputs)
            group.gap = Value(data, block.header, value.trail or (Step(node.span, "for_each"),), value.refs)
            return
        pairs = elements(value)
        if pairs is None:
            report("for_each of a dynamic block takes a list, set or map", node.span)
            return
        if len(group.items) + len(pairs) > MAX_INSTANCES:
            report(f"more than {MAX_INSTANCES:,} blocks are not made", node.span)
            pairs = pairs[: max(0, MAX_INSTANCES - len(group.items))]
        iterator = _iterator_name(block)
        for key, item in pairs:
            entry: V = Value({"key": key, "value": item}, item.span)
            fields = self.read(content.body, env.bind({iterator: entry}), inner, origin)
            group.items.append(Value(fields, block.span, type=origin))

    def _collection(self, node: Expression, env: Env) -> V:
        """Return the for_each of a dynamic block."""
        value = self._evaluated(node, env)
        if isinstance(value.type, ResourceType):
            value = complete(value, node.span)
        if value.data is None:
            self._evaluation.problem("for_each of a dynamic block must not be null", node.span)
            return Value(Unknown(UnknownCause.INVALID, "for_each is null"), node.span)
        return value

    def _evaluated(self, node: Expression, env: Env) -> V:
        try:
            return evaluate(node, env)
        except EvaluationError as error:
            return self._evaluation.invalid(error, node.span)

    def _attribute(self, attribute: Attribute, env: Env, kind: Type | None) -> V:
        """Return the value of an attribute, as the type that the schema gives it."""
        node = attribute.value
        try:
            value = bounded(evaluate(node, env))
        except EvaluationError as error:
            return self._evaluation.invalid(error, node.span, kind)
        if value.span != node.span:
            value = value.replace(span=node.span, trail=value.trail or (Step(value.span, "value"),))
        if kind is None:
            return value
        try:
            return convert(value, kind)
        except ConversionError as error:
            wrong = EvaluationError(f"{attribute.name}: {error}", node.span)
        try:
            # a list of objects in place of blocks may suit a version of the provider with fewer members
            value = convert(value, with_all_optional(kind))
        except ConversionError:
            return self._evaluation.invalid(wrong, node.span, kind)
        self._evaluation.problem(wrong.message, wrong.span)
        return value

    def _as_blocks(self, name: str, value: V) -> V:
        """Return a value in place of nested blocks. Accepts objects, as other versions of the provider do."""
        data = value.data
        if isinstance(data, dict):
            return Value((value,), value.span, value.trail, value.refs)
        if isinstance(data, Unknown):
            return value
        if isinstance(data, tuple) and all(isinstance(item.data, (dict, Unknown)) for item in data):
            return value
        return self._evaluation.invalid(EvaluationError(f"{name} is a block, and no value", value.span), value.span)

    def _json_blocks(self, attribute: Attribute, env: Env, inner: schema.BlockSchema, origin: ResourceType | None) -> V:
        """Nested blocks in JSON syntax: an object or a list of objects."""
        node = attribute.value
        place = origin.within(attribute.name) if origin is not None else None
        items: list[V] = []
        for item in node.items if isinstance(node, syntax.TupleExpr) else (node,):
            if isinstance(item, syntax.ObjectExpr):
                items.append(Value(self.read(json_syntax.as_body(item), env, inner, place), item.span, type=place))
            elif not isinstance(item, syntax.Literal) or item.value is not None:
                items.append(self._evaluated(item, env))
        return Value(tuple(items), node.span)


class _Group:
    """The nested blocks of one type: those that are known, and the unknown for those that are not."""

    def __init__(self, first: Block) -> None:
        self.header = first.header
        self.items: list[V] = []
        self.gap: V | None = None

    def value(self, is_attribute: bool) -> V | None:
        """Return the list of blocks. None leaves it to the provider: no block for an attribute that may be blocks."""
        if not self.items and self.gap is not None:
            return self.gap
        if not self.items and is_attribute:
            return None
        items = self.items if self.gap is None else [*self.items, self.gap]
        return Value(tuple(items), self.header)


def _iterator_name(block: Block) -> str:
    """Return the name of the variable of a dynamic block."""
    node = expression_of(block.body, "iterator")
    if isinstance(node, syntax.Traversal):
        return node.root
    return str(node.value) if isinstance(node, syntax.Literal) else block_name(block)
