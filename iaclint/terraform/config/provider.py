"""The configurations of providers that resources use."""

from __future__ import annotations

from typing import Any, TypeAlias

from iaclint.model.value import Value
from iaclint.terraform.config.blocks import expression_of, provider_alias, reference_text
from iaclint.terraform.config.bodies import Bodies
from iaclint.terraform.config.directory import ModuleConfig
from iaclint.terraform.lang.scope import Env
from iaclint.terraform.syntax import tree as syntax
from iaclint.terraform.syntax.tree import Block, Body

V: TypeAlias = Value[Any]

NOT_CONFIGURATION = frozenset(["alias", "version"])


class Providers:
    """The provider configurations of one module instance.

    passed   what the module call passes on under `providers`; None if it does not say
    outer    those of the calling module, whose default configurations hold in the module too
    """

    def __init__(
        self,
        config: ModuleConfig,
        bodies: Bodies,
        env: Env,
        passed: dict[str, V] | None = None,
        outer: Providers | None = None,
    ) -> None:
        self._config = config
        self._bodies = bodies
        self._env = env
        self._passed = passed or {}
        self._outer = outer
        self._found: dict[str, V] = {}

    def get(self, reference: str) -> V:
        """Return the configuration of a provider ("aws", "aws.west"): its settings, `name` and `alias`.

        It is implicit and has only a name if no block configures the provider.
        """
        for known in (self._found, self._passed):
            if reference in known:
                return known[reference]
        name, _, alias = reference.partition(".")
        for block in self._config.providers:
            if block.labels[0] == name and provider_alias(block) == alias:
                # a setting that depends on the provider itself finds it empty
                self._found[reference] = Value({}, block.header)
                self._found[reference] = self._configuration(block, name, alias)
                return self._found[reference]
        if self._outer is not None and not alias:
            return self._outer.get(reference)
        config = self._config
        header = config.first.header if config.first else config.files[0].span(0, 0)
        return Value({"name": Value(name, header)}, header, implicit=True)

    def _configuration(self, block: Block, name: str, alias: str) -> V:
        body = block.body
        attributes = tuple(a for a in body.attributes if a.name not in NOT_CONFIGURATION)
        data = self._bodies.read(Body(body.span, attributes, body.blocks, body.json), self._env)
        data["name"] = Value(name, block.header)
        if alias:
            data["alias"] = Value(alias, block.header)
        return Value(data, block.header)

    def passed_on(self, call: Block) -> dict[str, V] | None:
        """Return the configurations that a module call passes on, None if it has no `providers`."""
        node = expression_of(call.body, "providers")
        if not isinstance(node, syntax.ObjectExpr):
            return None
        return {reference_text(key): self.get(reference_text(value)) for key, value in node.items}
