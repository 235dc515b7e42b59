"""Terraform's types, the types of values, and the type that several types have in common.

A `Value` carries its type if its data alone does not tell it: a list or set rather than a tuple, a map
rather than an object, the type of something unknown or null.

Source of facts: the go-cty documentation of types and conversions, and Terraform's type constraints.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from fractions import Fraction
from typing import Any, TypeAlias, cast

from msgspec import Struct, field

from iaclint.model.address import Address
from iaclint.model.value import LanguageType, Value


class Prim(LanguageType, Enum):
    """The primitive types; DYNAMIC stands for any type, or one that is not known."""

    STRING = "string"
    NUMBER = "number"
    BOOL = "bool"
    DYNAMIC = "any"


STRING, NUMBER, BOOL, DYNAMIC = Prim.STRING, Prim.NUMBER, Prim.BOOL, Prim.DYNAMIC


class ListType(Struct, LanguageType, frozen=True):
    """A list whose elements are all of one type."""

    element: Type


class SetType(Struct, LanguageType, frozen=True):
    """A set whose elements are all of one type."""

    element: Type


class MapType(Struct, LanguageType, frozen=True):
    """A map whose elements are all of one type."""

    element: Type


class TupleType(Struct, LanguageType, frozen=True):
    """A sequence with a type for each position."""

    elements: tuple[Type, ...]


class ObjectType(Struct, LanguageType, frozen=True, eq=False):
    """An object type. Two are equal if their attributes are; `optional` does not count.

    `optional` maps the attributes that may be left out to their defaults (None without one).
    """

    attributes: Mapping[str, Type]
    optional: Mapping[str, Value[Any] | None] = field(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        return self.attributes == other.attributes if isinstance(other, ObjectType) else NotImplemented

    def __hash__(self) -> int:
        return hash(frozenset(self.attributes.items()))


class ResourceType(Struct, LanguageType, frozen=True):
    """A resource instance, or a nested block of one. The provider may add attributes that the data lacks."""

    kind: str
    address: Address
    path: tuple[str, ...] = ()
    """The names of the nested blocks that lead to the block; empty for the resource itself."""

    def within(self, block: str) -> ResourceType:
        """Return the type of the nested blocks of this name."""
        return ResourceType(self.kind, self.address, (*self.path, block))


Type: TypeAlias = Prim | ListType | SetType | MapType | TupleType | ObjectType | ResourceType


def type_name(kind: Type) -> str:
    """Return the type as messages write it: "list of string"."""
    if isinstance(kind, Prim):
        return kind.value
    if isinstance(kind, ListType):
        return f"list of {type_name(kind.element)}"
    if isinstance(kind, SetType):
        return f"set of {type_name(kind.element)}"
    if isinstance(kind, MapType):
        return f"map of {type_name(kind.element)}"
    return "tuple" if isinstance(kind, TupleType) else "object"


def type_of(value: Value[Any]) -> Type:
    """Return the type of a value."""
    if value.type is not None:
        return cast(Type, value.type)  # Terraform's values have no other types
    data = value.data
    if isinstance(data, str):
        return STRING
    if isinstance(data, bool):
        return BOOL
    if isinstance(data, (int, Fraction, float)):
        return NUMBER
    if isinstance(data, tuple):
        return TupleType(tuple(type_of(item) for item in data))
    if isinstance(data, dict):
        return ObjectType({name: type_of(item) for name, item in data.items()})
    return DYNAMIC


def types_of(values: Iterable[Value[Any]]) -> list[Type]:
    """Return the types of the elements of a collection, without bare nulls, which fit any type."""
    return [type_of(value) for value in values if value.data is not None or value.type is not None]


def has_dynamic(kind: Type) -> bool:
    """Return True if `any` occurs somewhere in the type."""
    if kind is DYNAMIC:
        return True
    if isinstance(kind, (ListType, SetType, MapType)):
        return has_dynamic(kind.element)
    if isinstance(kind, TupleType):
        return any(map(has_dynamic, kind.elements))
    return isinstance(kind, ObjectType) and any(map(has_dynamic, kind.attributes.values()))


def has_open_list(kind: Type) -> bool:
    """Return True if `any` occurs somewhere in the elements of a list or set of the type."""
    if isinstance(kind, (ListType, SetType)):
        return has_dynamic(kind.element) or has_open_list(kind.element)
    if isinstance(kind, MapType):
        return has_open_list(kind.element)
    if isinstance(kind, TupleType):
        return any(map(has_open_list, kind.elements))
    return isinstance(kind, ObjectType) and any(map(has_open_list, kind.attributes.values()))


def unify(kinds: Sequence[Type]) -> Type | None:
    """Return the type that values of all these types can be converted to, or None if there is none.

    Source of facts: go-cty's convert.Unify.
    """
    if not kinds:
        return DYNAMIC
    if all(kind == kinds[0] for kind in kinds[1:]):
        return kinds[0]
    fixed = [kind for kind in kinds if kind is not DYNAMIC]
    is_open = len(fixed) < len(kinds)
    if any(isinstance(kind, ResourceType) for kind in fixed):
        return DYNAMIC
    if all(isinstance(kind, Prim) for kind in fixed):
        common = fixed[0] if len(set(fixed)) == 1 else STRING if STRING in fixed else None
        return DYNAMIC if common is None and is_open else common
    if is_open:
        return DYNAMIC
    if all(isinstance(kind, (MapType, ObjectType)) for kind in fixed):
        return _unify_mappings(fixed)
    if all(isinstance(kind, (ListType, SetType, TupleType)) for kind in fixed):
        return _unify_sequences(fixed)
    return None


def _unify_mappings(kinds: Sequence[Type]) -> Type | None:
    objects = [kind for kind in kinds if isinstance(kind, ObjectType)]
    if len(objects) < len(kinds) or any(kind.attributes.keys() != objects[0].attributes.keys() for kind in objects):
        return _unify_to_map(kinds)
    merged: dict[str, Type] = {}
    for name in objects[0].attributes:
        common = unify([kind.attributes[name] for kind in objects])
        if common is None:
            return None
        merged[name] = common
    return ObjectType(merged)


def _unify_to_map(kinds: Sequence[Type]) -> Type | None:
    elements: list[Type] = []
    for kind in kinds:
        if isinstance(kind, MapType):
            elements.append(kind.element)
        elif isinstance(kind, ObjectType):
            elements.extend(kind.attributes.values())
    common = unify(elements)
    return None if common is None else MapType(common)


def _unify_sequences(kinds: Sequence[Type]) -> Type | None:
    tuples = [kind for kind in kinds if isinstance(kind, TupleType)]
    if len(tuples) == len(kinds) and len({len(kind.elements) for kind in tuples}) == 1:
        parts = [unify([kind.elements[i] for kind in tuples]) for i in range(len(tuples[0].elements))]
        found = tuple(part for part in parts if part is not None)
        return TupleType(found) if len(found) == len(parts) else None
    elements: list[Type] = []
    for kind in kinds:
        if isinstance(kind, TupleType):
            elements.extend(kind.elements)
        elif isinstance(kind, (ListType, SetType)):
            elements.append(kind.element)
    common = unify(elements)
    if common is None:
        return None
    return SetType(common) if any(isinstance(kind, SetType) for kind in kinds) else ListType(common)


def same_type(left: Type, right: Type) -> bool:
    """Return True if the types are the same; `any` and the types of resources equal every type."""
    if left is right or left is DYNAMIC or right is DYNAMIC:
        return True
    if isinstance(left, ResourceType) or isinstance(right, ResourceType):
        return True
    if type(left) is not type(right):
        return False
    if isinstance(left, (ListType, SetType, MapType)):
        assert isinstance(right, (ListType, SetType, MapType))
        return same_type(left.element, right.element)
    if isinstance(left, TupleType):
        assert isinstance(right, TupleType)
        return len(left.elements) == len(right.elements) and all(map(same_type, left.elements, right.elements))
    if isinstance(left, ObjectType):
        assert isinstance(right, ObjectType)
        return left.attributes.keys() == right.attributes.keys() and all(
            same_type(kind, right.attributes[name]) for name, kind in left.attributes.items()
        )
    return left == right
