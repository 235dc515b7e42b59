"""References of a plan: which resources the configuration that it quotes refers to.

Source of facts: the documentation of Terraform's JSON output format (configuration representation).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, TypeAlias

from iaclint.model.address import Address
from iaclint.model.value import Ref, Value

V: TypeAlias = Value[Any]

MAX_DEPTH = 20
"""Longer chains of references through variables and outputs are not followed."""
MAX_TARGETS = 50
"""More instances that one reference may mean are not listed."""

_RESOURCE = re.compile(
    r"(?P<address>(?:data\.)?[A-Za-z_][\w-]*\.[A-Za-z_][\w-]*)(?P<key>\[(?:\d+|\"(?:[^\"\\]|\\.)*\")\])?(?:\.(?P<rest>[\w-]+))?"
)
_OUTPUT = re.compile(r"module\.([\w-]+)(\[(?:\d+|\"(?:[^\"\\]|\\.)*\")\])?(?:\.([\w-]+))?")
_NO_RESOURCES = ("local", "each", "count", "path", "self", "terraform")


class PlanReferences:
    """The references in the configuration of a plan.

    configuration   its `root_module`;  addresses: those of all resources of the plan
    """

    def __init__(self, configuration: dict[str, Any], addresses: Iterable[Address]) -> None:
        self._configuration = configuration
        self._by_config: dict[Address, list[Address]] = {}
        for address in addresses:
            self._by_config.setdefault(address.config, []).append(address)

    def block_of(self, address: Address) -> dict[str, Any] | None:
        """Return the block of a resource in the quoted configuration."""
        config, _ = self._module(address)
        return next((block for block in config.get("resources") or () if block.get("address") == address.block), None)

    def _module(self, address: Address) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the configuration of the module of an address, and the call of that module (empty for the root)."""
        config = self._configuration
        call: dict[str, Any] = {}
        for name in address.module_calls:
            call = (config.get("module_calls") or {}).get(name) or {}
            config = call.get("module") or {}
        return config, call

    def add_to(self, value: V, expression: Any, module: str) -> V:
        """Return a value with the references of the expression that gives it, each part with those of its part."""
        data = value.data
        if isinstance(expression, dict):
            references = expression.get("references")
            if isinstance(references, list):
                refs = self.refs_of(references, module)
                return value.replace(refs=tuple(dict.fromkeys((*value.refs, *refs)))) if refs else value
            if "constant_value" in expression:
                return value
            if isinstance(data, dict):
                parts = {n: self.add_to(data[n], inner, module) for n, inner in expression.items() if n in data}
                return value.with_data({**data, **parts})
            if isinstance(data, tuple) and len(data) == 1:
                return value.with_data((self.add_to(data[0], expression, module),))
        elif isinstance(expression, list) and isinstance(data, tuple):
            if len(expression) == 1:
                return value.with_data(tuple(self.add_to(item, expression[0], module) for item in data))
            if len(expression) == len(data):
                pairs = zip(data, expression, strict=True)
                return value.with_data(tuple(self.add_to(item, inner, module) for item, inner in pairs))
        return value

    def refs_of(self, references: list[Any], module: str, depth: int = 0) -> tuple[Ref, ...]:
        """Return the resources that references in a module mean, through variables and outputs.

        Terraform lists "a.b.c" and then "a.b" for one reference; only the longest is used.
        """
        texts = [text for text in references if isinstance(text, str)]
        longest = [t for t in texts if not any(o != t and o.startswith((t + ".", t + "[")) for o in texts)]
        return tuple(dict.fromkeys(ref for text in longest for ref in self._targets(text, module, depth)))

    def _targets(self, text: str, module: str, depth: int) -> tuple[Ref, ...]:
        if depth > MAX_DEPTH:
            return ()
        if text.startswith("var."):
            return self._through_variable(text, module, depth)
        if text.startswith("module."):
            return self._through_output(text, module, depth)
        match = _RESOURCE.match(text)
        if match is None or text.split(".")[0] in _NO_RESOURCES:
            return ()
        address = Address.in_module(module, match["address"] + (match["key"] or ""))
        return tuple(Ref(target, match["rest"] or "") for target in self._meant_by(address, module))

    def _through_variable(self, text: str, module: str, depth: int) -> tuple[Ref, ...]:
        """Return the references of the argument that the module call passes for a variable."""
        if not module:
            return ()
        address = Address(module)
        _, call = self._module(address)
        expression = (call.get("expressions") or {}).get(text.split(".")[1].split("[")[0])
        references = expression.get("references") if isinstance(expression, dict) else None
        return self.refs_of(references, address.caller, depth + 1) if isinstance(references, list) else ()

    def _through_output(self, text: str, module: str, depth: int) -> tuple[Ref, ...]:
        """Return the references of an output of a module."""
        match = _OUTPUT.match(text)
        if match is None or match[3] is None:
            return ()
        inner = Address.in_module(module, f"module.{match[1]}{match[2] or ''}")
        config, _ = self._module(inner)
        output = (config.get("outputs") or {}).get(match[3]) or {}
        references = (output.get("expression") or {}).get("references")
        return self.refs_of(references, inner, depth + 1) if isinstance(references, list) else ()

    def _meant_by(self, address: Address, module: str) -> list[Address]:
        """Return the resources of the plan that an address in a module may mean; if there is none, the address."""
        candidates = self._by_config.get(address.config, [])
        if address in candidates:
            return [address]
        named = [candidate for candidate in candidates if address.names(candidate)]
        in_module = [candidate for candidate in candidates if not module or candidate.module == module]
        return (named or in_module or candidates)[:MAX_TARGETS] or [address]
