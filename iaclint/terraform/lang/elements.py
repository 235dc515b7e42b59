"""Attributes and elements of values, picked by name or index, or visited one after the other."""

from __future__ import annotations

from typing import Any, TypeAlias

from iaclint.model.trails import picked_from, visited_in
from iaclint.model.unknowns import MAX_OPTIONS, choose, merge, pick, refs_of
from iaclint.model.value import Ref, Unknown, Value
from iaclint.source.files import Span
from iaclint.terraform.lang.comparison import sort_set
from iaclint.terraform.lang.conversion import ConversionError, convert
from iaclint.terraform.lang.errors import EvaluationError
from iaclint.terraform.lang.resources import attribute_of, missing_attribute
from iaclint.terraform.lang.types import (
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    ObjectType,
    Prim,
    ResourceType,
    SetType,
    Type,
    type_name,
    type_of,
)

V: TypeAlias = Value[Any]


def get_attribute(value: V, name: str, span: Span) -> V:
    """Return an attribute of an object, or an element of a map by its name. Raises EvaluationError."""
    data = value.data
    if isinstance(data, dict):
        found = data.get(name)
        kind = value.type
        if found is not None:
            picked = picked_from(value, found, span)
            if isinstance(kind, ResourceType) and not kind.path:
                # the text of an attribute still means the resource
                return picked.replace(refs=(*picked.refs, Ref(kind.address, name)))
            return picked
        if isinstance(kind, ResourceType):
            return attribute_of(value, name, span)
        if isinstance(value.type, MapType):
            raise EvaluationError(f'the map has no element "{name}"', span)
        raise EvaluationError(f'the object has no attribute "{name}"', span)
    if isinstance(data, Unknown):
        return _part_of_unknown(value, name, span)
    if data is None:
        raise EvaluationError(f'null has no attribute "{name}"', span)
    if isinstance(data, tuple):
        raise EvaluationError(f'a list has no attribute "{name}"; pick an element first, as in [0]', span)
    raise EvaluationError(f'a {type_name(type_of(value))} has no attribute "{name}"', span)


def _part_of_unknown(value: V, key: Any, span: Span) -> V:
    """Return an element or attribute of an unknown value, with the type that the type of the value gives it."""
    kind: Type | None = None
    have = value.type
    if isinstance(have, (ListType, MapType)):
        kind = have.element
    elif isinstance(have, ObjectType) and isinstance(key, str):
        if key not in have.attributes:
            raise EvaluationError(f'the object has no attribute "{key}"', span)
        kind = have.attributes[key]
    elif isinstance(have, Prim) and have is not DYNAMIC:
        raise EvaluationError(f"a {type_name(have)} has no attributes or elements", span)
    return pick(value, key if isinstance(key, str) else None, span, kind)


def get_index(value: V, key: V, span: Span) -> V:
    """Return an element of a list, map, tuple or object. Raises EvaluationError."""
    data = value.data
    if key.data is None:
        raise EvaluationError("an index must not be null", key.span)
    if isinstance(data, Unknown):
        part = _part_of_unknown(value, key.data, span)
        if any(ref.address.is_any_instance and not ref.attribute for ref in value.refs):
            return part.replace(refs=value.refs)  # the key of an instance is no attribute
        return part
    if data is None:
        raise EvaluationError("null has no elements", span)
    if not isinstance(data, (tuple, dict)):
        raise EvaluationError(f"a {type_name(type_of(value))} has no elements", span)
    if isinstance(key.data, Unknown):
        return _any_element(value, key, span)
    return _list_element(value, key, span) if isinstance(data, tuple) else _map_element(value, key, span)


def _any_element(value: V, key: V, span: Span) -> V:
    """Return an element whose index is not known."""
    items = value.data if isinstance(value.data, tuple) else tuple(value.data.values())
    kind = value.type.element if isinstance(value.type, (ListType, MapType)) else None
    refs = tuple(dict.fromkeys((*value.refs, *refs_of((key, *items[:MAX_OPTIONS])))))
    undecided = merge(span, (key,), kind, not_null=False)
    if not items or len(items) > MAX_OPTIONS:
        return undecided.replace(refs=refs)
    return choose(undecided, items, refs, kind)


def _list_element(value: V, key: V, span: Span) -> V:
    data = value.data
    if isinstance(value.type, SetType):
        raise EvaluationError("a set has no order, so an element cannot be picked; use tolist() or one()", span)
    try:
        number = convert(key, NUMBER).data
    except ConversionError:
        raise EvaluationError("the index of a list must be a whole number", key.span) from None
    if not isinstance(number, int):
        raise EvaluationError("the index of a list must be a whole number", key.span)
    if not 0 <= number < len(data):
        raise EvaluationError(f"index {number} is out of range: there are {len(data)} elements", span)
    return picked_from(value, data[number], span)


def _map_element(value: V, key: V, span: Span) -> V:
    try:
        name = convert(key, STRING).data
    except ConversionError:
        raise EvaluationError("the key must be a string", key.span) from None
    found = value.data.get(name)
    if found is not None:
        return picked_from(value, found, span)
    if isinstance(value.type, ResourceType):
        return missing_attribute(value, name)
    raise EvaluationError(f'there is no element "{name}"', span)


def elements(collection: V) -> list[tuple[V, V]] | None:
    """Return the keys and values of a known collection in the order of Terraform, or None if it is no collection.

    `for` expressions, `for` directives and the for_each of dynamic blocks all iterate in this way.
    """
    data = collection.data
    if isinstance(data, tuple):
        if isinstance(collection.type, SetType):
            return [(item, item) for item in (visited_in(collection, item) for item in sort_set(data))]
        return [(Value(i, item.span), visited_in(collection, item)) for i, item in enumerate(data)]
    if isinstance(data, dict):
        return [(Value(name, data[name].span), visited_in(collection, data[name])) for name in sorted(data)]
    return None
