"""Places of planned values in the configuration that the plan was made from."""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec.structs import replace

from iaclint.model.address import Address
from iaclint.model.inventory import Deployment, Inputs, Resource
from iaclint.model.value import Unknown, Value
from iaclint.source.files import Span, Workspace
from iaclint.terraform import to_model

V: TypeAlias = Value[Any]


def place_in_source(workspace: Workspace, deployment: Deployment, root: str, inputs: Inputs) -> Deployment:
    """Return the deployment with the places of the configuration that the plan was made from."""
    source = to_model.load(workspace, root, inputs)
    exact = source.by_address
    by_config: dict[Address, Resource] = {}
    for resource in source.resources:
        by_config.setdefault(resource.address.config, resource)
    placed = []
    for resource in deployment.resources:
        found = exact.get(resource.address) or by_config.get(resource.address.config)
        placed.append(resource if found is None else _resource_at(resource, found))
    if not source.files:
        return replace(deployment, resources=tuple(placed))
    files = (*deployment.files, *source.files)
    return replace(deployment, resources=tuple(placed), files=files, header=source.header)


def _resource_at(resource: Resource, source: Resource) -> Resource:
    """Return a planned resource at the place of the block that declares it."""
    data = resource.body.data
    fields = {name: _placed(value, source.body.data.get(name), source.header) for name, value in data.items()}
    return replace(
        resource,
        body=Value(fields, source.span),
        span=source.span,
        header=source.header,
        meta={**source.meta, **resource.meta},
        insertion_points=source.insertion_points,
        calls=source.calls,
    )


def _placed(value: V, source: V | None, header: Span) -> V:
    """Return a planned value at the place of its expression; a value without one is the provider's default."""
    if source is None:
        return _as_default(value, header)
    data = value.data
    theirs = source.data
    if isinstance(data, dict):
        inner = theirs if isinstance(theirs, dict) else {}
        data = {name: _placed(item, inner.get(name), source.span) for name, item in data.items()}
    elif isinstance(data, tuple):
        same = isinstance(theirs, tuple) and len(theirs) == len(data)
        matched = _matching(data, theirs) if same else (None,) * len(data)
        data = tuple(_placed(item, other, source.span) for item, other in zip(data, matched, strict=True))
    refs = tuple(dict.fromkeys((*value.refs, *source.refs)))
    return Value(data, source.span, source.trail, refs, False, value.sensitive or source.sensitive)


def _matching(data: tuple[V, ...], theirs: tuple[V, ...]) -> tuple[V | None, ...]:
    """For each planned element the element of the code that is most like it: sets come in another order."""
    rest = list(theirs)
    found: list[V | None] = []
    for item in data:
        best = max(rest, key=lambda other: _likeness(item, other))
        rest.remove(best)
        found.append(best)
    return tuple(found)


def _likeness(item: V, other: V) -> int:
    """The number of members that two objects share; for other values 1 if they are equal."""
    if isinstance(item.data, dict) and isinstance(other.data, dict):
        return sum(1 for name, part in item.data.items() if name in other.data and _likeness(part, other.data[name]))
    if isinstance(other.data, Unknown):
        return 0
    return int(item.plain() == other.plain())


def _as_default(value: V, span: Span) -> V:
    """Return a value that the provider set, at the header of its resource."""
    data = value.data
    if isinstance(data, dict):
        data = {name: _as_default(item, span) for name, item in data.items()}
    elif isinstance(data, tuple):
        data = tuple(_as_default(item, span) for item in data)
    return Value(data, span, value.trail, value.refs, True, value.sensitive)
