"""Resources and data sources of a module instance: their instances, and their values in expressions."""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import Struct, field

from iaclint.model.address import Address
from iaclint.model.truth import TRUE, Truth
from iaclint.model.unknowns import merge
from iaclint.model.value import Ref, Value
from iaclint.source.files import Span
from iaclint.terraform.config.blocks import first_block, reference_text
from iaclint.terraform.config.bodies import Bodies
from iaclint.terraform.config.directory import DUPLICATE_MARK, ModuleConfig
from iaclint.terraform.config.evaluation import Evaluation, Lazy
from iaclint.terraform.config.expand import Expansion, Instance, expand
from iaclint.terraform.config.provider import Providers
from iaclint.terraform.data_sources import Declaration, derived_attributes
from iaclint.terraform.lang.errors import EvaluationError
from iaclint.terraform.lang.evaluate import evaluate
from iaclint.terraform.lang.scope import Env
from iaclint.terraform.lang.types import ResourceType
from iaclint.terraform.syntax import tree as syntax
from iaclint.terraform.syntax.tree import Block, Expression

V: TypeAlias = Value[Any]

MAX_RESOURCES = 200_000
"""More instances of resources are not made in one deployment."""


class ResourceInstance(Struct, frozen=True):
    """One instance of a resource, evaluated. `key` is None without count and for_each."""

    address: Address
    key: V | None
    body: V
    exists: Truth = TRUE
    meta: dict[str, V] = field(default_factory=dict)


class Resources:
    """The resources of one module instance, by kind ("aws_vpc", "data.aws_vpc") and name.

    address   of the module instance, "" for the root;  exists: whether the module instance exists
    """

    def __init__(
        self,
        evaluation: Evaluation,
        config: ModuleConfig,
        address: str,
        env: Env,
        bodies: Bodies,
        providers: Providers,
        exists: Truth,
    ) -> None:
        self._evaluation = evaluation
        self._config = config
        self._address = address
        self._env = env
        self._bodies = bodies
        self._providers = providers
        self._exists = exists
        self._expansions: Lazy[tuple[str, str], Expansion[ResourceInstance]] = Lazy(evaluation, address)
        self._values: dict[tuple[str, str], V] = {}

    def address_of(self, kind: str, name: str) -> Address:
        """Return the address of a resource without an instance key."""
        return Address.in_module(self._address, f"{kind}.{name.partition(DUPLICATE_MARK)[0]}")

    def instances(self, kind: str, name: str, span: Span) -> Expansion[ResourceInstance]:
        """Return the instances of a declared resource, which `span` asks for. Raises EvaluationError."""
        return self._expansions.get((kind, name), f"{kind}.{name}", span, lambda: self._expand(kind, name))

    def _expand(self, kind: str, name: str) -> Expansion[ResourceInstance]:
        evaluation = self._evaluation
        block = self._config.resources[kind, name]
        base = self.address_of(kind, name)
        expansion = expand(block, base, self._env, evaluation)
        was_full = evaluation.resources > MAX_RESOURCES
        evaluation.resources += len(expansion.instances)
        if evaluation.resources > MAX_RESOURCES:
            if not was_full:
                message = f"there are more than {MAX_RESOURCES:,} resources; the rest is not looked at"
                evaluation.capped(message, block.header, base)
            return Expansion(expansion.mode, [], expansion.reason)
        exists = expansion.existence(self._exists)
        meta = self._meta(block, expansion)
        made = [self._instance(kind, block, instance, exists, meta) for instance in expansion.instances]
        return Expansion(expansion.mode, made, expansion.reason)

    def _instance(
        self, kind: str, block: Block, instance: Instance, exists: Truth, meta: dict[str, V]
    ) -> ResourceInstance:
        address = instance.address
        data = self._bodies.resource(block, instance.env, ResourceType(kind, address))
        declaration = Declaration(kind, address, data, meta, block, instance.env, self._evaluation.problem)
        data |= derived_attributes(declaration)
        return ResourceInstance(address, instance.key, Value(data, block.span), exists, meta)

    # -- values ------------------------------------------------------------------------------------------

    def value(self, kind: str, name: str, span: Span) -> V:
        """Return a resource as expressions see it: an object, or a list or map of objects. Raises EvaluationError."""
        expansion = self.instances(kind, name, span)
        key = (kind, name)
        if key not in self._values:
            self._values[key] = self._value(kind, expansion, self._config.resources[key], self.address_of(kind, name))
        return self._values[key]

    @staticmethod
    def _value(kind: str, expansion: Expansion[ResourceInstance], block: Block, base: Address) -> V:
        if expansion.mode == "unknown":
            assert expansion.reason is not None
            return merge(block.header, (expansion.reason,)).replace(refs=(Ref(base.instance("*")),))
        objects = [(instance.key, _object(kind, instance)) for instance in expansion.instances]
        if expansion.mode == "single":
            return objects[0][1] if objects else Value(None, block.header)
        if expansion.mode == "count":
            return Value(tuple(value for _, value in objects), block.header)
        return Value({key.data: value for key, value in objects if key is not None}, block.header)

    # -- meta-arguments ----------------------------------------------------------------------------------

    def _meta(self, block: Block, expansion: Expansion[Instance]) -> dict[str, V]:
        """Return the settings of the language itself in a resource block: count, provider, depends_on, lifecycle ..."""
        meta: dict[str, V] = {}
        for attribute in block.body.attributes:
            if attribute.name in ("count", "for_each"):
                if expansion.reason is not None:
                    meta[attribute.name] = expansion.reason
            elif attribute.name == "depends_on":
                meta["depends_on"] = self._dependencies(attribute.value)
            elif attribute.name == "provider":
                meta["provider"] = self._providers.get(reference_text(attribute.value))
        if "provider" not in meta:
            meta["provider"] = self._providers.get(block.labels[0].split("_")[0])
        lifecycle = first_block(block.body, "lifecycle")
        if lifecycle is not None:
            meta["lifecycle"] = self._lifecycle(lifecycle)
        return meta

    def _dependencies(self, node: Expression) -> V:
        """Return the references of depends_on, as texts that carry what they refer to."""
        items: list[V] = []
        for item in node.items if isinstance(node, syntax.TupleExpr) else (node,):
            text = reference_text(item)
            refs: tuple[Ref, ...] = ()
            if not text.startswith(("module.", "var.", "local.")):
                refs = (Ref(Address.in_module(self._address, text)),)
            items.append(Value(text, item.span, refs=refs))
        return Value(tuple(items), node.span)

    def _lifecycle(self, block: Block) -> V:
        data: dict[str, V] = {}
        for attribute in block.body.attributes:
            node = attribute.value
            if isinstance(node, syntax.TupleExpr):
                texts: tuple[V, ...] = tuple(Value(reference_text(item), item.span) for item in node.items)
                data[attribute.name] = Value(texts, node.span)
                continue
            try:
                data[attribute.name] = evaluate(node, self._env)
            except EvaluationError:
                data[attribute.name] = Value(reference_text(node), node.span)
        return Value(data, block.header)


def _object(kind: str, instance: ResourceInstance) -> V:
    """Return an instance as expressions see it. A null attribute has the provider's default, if there is one."""
    body = instance.body
    data = {name: value for name, value in body.data.items() if value.data is not None}
    return Value(data, body.span, (), (Ref(instance.address),), type=ResourceType(kind, instance.address))
