"""Attributes of resources that the configuration does not set, as far as the provider's schema tells them."""

from __future__ import annotations

from typing import Any, TypeAlias

from iaclint.model.value import Ref, Step, Unknown, UnknownCause, Value
from iaclint.source.files import Span
from iaclint.terraform import schema
from iaclint.terraform.lang.types import ResourceType

V: TypeAlias = Value[Any]


def missing_attribute(value: V, name: str) -> V:
    """Return an attribute of a resource that the configuration does not set: known after apply, at the resource."""
    kind = value.type
    assert isinstance(kind, ResourceType)
    full = ".".join((kind.address, *kind.path, name))
    if kind.kind.startswith(("data.", "ephemeral.")):
        cause, detail = UnknownCause.EXTERNAL, f"{full} is read from outside"
    else:
        cause, detail = UnknownCause.AFTER_APPLY, f"{full} is known only after deployment"
    return Value(Unknown(cause, detail), value.span, refs=(Ref(kind.address, kind.path[0] if kind.path else name),))


def attribute_of(value: V, name: str, span: Span) -> V:
    """Return an attribute that the configuration does not set, as used at `span`, with its type from the schema.

    A name that the schema lacks may exist in another version of the provider: it has no type.
    """
    kind = value.type
    assert isinstance(kind, ResourceType)
    missing = missing_attribute(value, name)
    known = _schema_of(kind)
    type_ = None
    if known is not None and name in known.blocks:
        type_ = schema.block_type(known.blocks[name])
    elif known is not None and name in known.attributes:
        type_ = known.attributes[name].type
    trail = (Step(span, f"{kind.address}.{name}"), *value.trail[1:])
    return missing.replace(type=type_, span=span, trail=trail)


def complete(value: V, span: Span) -> V:
    """Return a resource, used as an object at `span`, with all attributes and blocks that its schema lists."""
    kind = value.type
    assert isinstance(kind, ResourceType)
    known = _schema_of(kind)
    if known is None:
        unknown = missing_attribute(value, "")
        return Value(unknown.data, span, value.trail, (Ref(kind.address),), False, value.sensitive)
    data = dict(value.data)
    for name in (*known.attributes, *known.blocks):
        if name not in data:
            data[name] = attribute_of(value, name, span)
    return Value(data, value.span, value.trail, value.refs, False, value.sensitive)


def _schema_of(kind: ResourceType) -> schema.BlockSchema | None:
    """Return the schema of a resource, or of the nested block that a type means."""
    found = schema.resource(kind.kind)
    for name in kind.path:
        found = None if found is None else found.blocks.get(name)
    return found
