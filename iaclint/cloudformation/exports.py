"""Exports: what stacks hand to each other by `Export` and `Fn::ImportValue`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct, field

from iaclint.model.address import Address
from iaclint.model.inventory import Resource
from iaclint.model.value import Ref, Value


class Export(Struct, frozen=True):
    """What a stack exports under a name.

    value  its references carry the name of the stack, as other stacks know them
    stack  the name of the root template, as shown to people
    """

    value: Value[Any]
    stack: str


class Exports(Struct, frozen=True):
    """What all stacks of an inventory export: an argument of the evaluation of a stack that imports.

    tables     the exports by name, for each environment
    resources  the resources of the exporting stacks by qualified address, for each environment
    """

    tables: Mapping[str, Mapping[str, Export]] = field(default_factory=dict)
    resources: Mapping[str, Mapping[Address, Resource]] = field(default_factory=dict)

    def named(self, environment: str) -> Mapping[str, Export]:
        """Return the exports of an environment by name."""
        return self.tables.get(environment, {})

    def resource(self, environment: str, address: Address) -> Resource | None:
        """Return the resource of an exporting stack by its qualified address."""
        return self.resources.get(environment, {}).get(address)

    def changed_since(self, earlier: Exports) -> set[tuple[str, str]]:
        """Return the environment and name of each export whose value was not the same earlier."""
        return {
            (environment, name)
            for environment in {*self.tables, *earlier.tables}
            for name in {*self.named(environment), *earlier.named(environment)}
            if _outline(self.named(environment).get(name)) != _outline(earlier.named(environment).get(name))
        }


def _outline(export: Export | None) -> str:
    return repr(export.value.plain()) if export is not None else ""


def qualify_refs(value: Value[Any], stack: str) -> Value[Any]:
    """Return the value as other stacks know it: its references to resources of `stack` carry the stack's name."""
    data = value.data
    if isinstance(data, tuple):
        data = tuple(qualify_refs(item, stack) for item in data)
    elif isinstance(data, dict):
        data = {name: qualify_refs(item, stack) for name, item in data.items()}
    return value.replace(data=data, refs=_qualified(value.refs, stack))


def _qualified(refs: Iterable[Ref], stack: str) -> tuple[Ref, ...]:
    return tuple(ref if ref.address.is_qualified else Ref(ref.address.qualified(stack), ref.attribute) for ref in refs)
