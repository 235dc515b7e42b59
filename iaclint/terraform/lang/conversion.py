"""Conversion of values to types.

Source of facts: the conversion tables of go-cty.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from iaclint.model.value import Unknown, Value
from iaclint.terraform.lang.comparison import distinct, sort_set
from iaclint.terraform.lang.numbers import format_number, is_number, parse_number
from iaclint.terraform.lang.resources import missing_attribute
from iaclint.terraform.lang.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    ObjectType,
    Prim,
    ResourceType,
    SetType,
    TupleType,
    Type,
    has_dynamic,
    type_name,
    type_of,
    types_of,
    unify,
)


class ConversionError(Exception):
    """A value does not fit a type; the message names the path and what is required there."""


def convert(value: Value[Any], want: Type, where: str = "") -> Value[Any]:
    """Return the value as the wanted type, with its places and trail. Raises ConversionError.

    `where` is the path of the value within what is converted, for the message: `var.rules[0].port`.
    """
    data = value.data
    if want is DYNAMIC:
        return value
    if isinstance(data, Unknown):
        return _unknown(value, data, want, where)
    if data is None:
        return _with(value, None, want)
    if isinstance(want, Prim):
        return _primitive(value, want, where)
    if isinstance(want, (ListType, SetType)):
        return _sequence(value, want, where)
    if isinstance(want, MapType):
        return _map(value, want, where)
    if isinstance(want, TupleType):
        return _tuple(value, want, where)
    if isinstance(want, ObjectType):
        return _object(value, want, where)
    return value


def _unknown(value: Value[Any], data: Unknown, want: Type, where: str) -> Value[Any]:
    have = value.type
    if have == want:
        return value
    if isinstance(have, Prim) and have is not DYNAMIC and not isinstance(want, Prim):
        raise ConversionError(_required(want, where))
    if not isinstance(want, Prim) and (data.one_of or data.prefix or data.parts):
        data = replace(data, one_of=(), prefix="", parts=())
    if data.one_of:
        try:
            options = tuple(convert(Value(option, value.span), want, where).data for option in data.one_of)
        except ConversionError:
            options = ()
        data = replace(data, one_of=options)
    return _with(value, data, want)


def _with(value: Value[Any], data: Any, kind: Any) -> Value[Any]:
    return Value(data, value.span, value.trail, value.refs, value.implicit, value.sensitive, kind)


def _required(want: Type, where: str) -> str:
    article = {STRING: "a string", NUMBER: "a number", BOOL: "true or false"}
    what = article.get(want, f"{type_name(want)}") if isinstance(want, Prim) else f"a {type_name(want)}"
    return f"{where}: {what} is required" if where else f"{what} is required"


def _primitive(value: Value[Any], want: Prim, where: str) -> Value[Any]:
    data = value.data
    if isinstance(data, bool):
        if want is BOOL:
            return value
        if want is STRING:
            return _with(value, "true" if data else "false", None)
    elif isinstance(data, str):
        if want is STRING:
            return value
        if want is NUMBER:
            number = parse_number(data)
            if number is not None:
                return _with(value, number, None)
            raise ConversionError(_required(want, where))
        if data in ("true", "1"):
            return _with(value, True, None)
        if data in ("false", "0"):
            return _with(value, False, None)
    elif is_number(data):
        if want is NUMBER:
            return value
        if want is STRING:
            return _with(value, format_number(data), None)
    raise ConversionError(_required(want, where))


def _at(where: str, key: Any) -> str:
    return f"{where}[{key!r}]" if isinstance(key, str) else f"{where}[{key}]"


def _sequence(value: Value[Any], want: ListType | SetType, where: str) -> Value[Any]:
    data = value.data
    if value.type == want and want.element is not DYNAMIC:
        return value
    if not isinstance(data, tuple):
        raise ConversionError(_required(want, where))
    if isinstance(value.type, SetType):
        data = sort_set(data)
    element = want.element
    items = tuple(convert(item, element, _at(where, i)) for i, item in enumerate(data))
    if element is DYNAMIC and not items and isinstance(value.type, (ListType, SetType)):
        element = value.type.element  # what it would hold is known though it holds nothing
    elif has_dynamic(element):
        common = unify(types_of(items))
        if common is None:
            raise ConversionError(f"{where or 'the value'}: all elements must be of one type")
        element = common
        items = tuple(convert(item, element, where) for item in items)
    if isinstance(want, SetType):
        return _with(value, distinct(items), SetType(element))
    return _with(value, items, ListType(element))


def _map(value: Value[Any], want: MapType, where: str) -> Value[Any]:
    data = value.data
    if value.type == want and want.element is not DYNAMIC:
        return value
    if not isinstance(data, dict):
        raise ConversionError(_required(want, where))
    element = want.element
    items = {name: convert(item, element, _at(where, name)) for name, item in data.items()}
    if element is DYNAMIC and not items and isinstance(value.type, MapType):
        element = value.type.element
    elif has_dynamic(element):
        common = unify(types_of(items.values()))
        if common is None:
            raise ConversionError(f"{where or 'the value'}: all elements must be of one type")
        element = common
        items = {name: convert(item, element, where) for name, item in items.items()}
    return _with(value, items, MapType(element))


def _tuple(value: Value[Any], want: TupleType, where: str) -> Value[Any]:
    data = value.data
    if not isinstance(data, tuple) or len(data) != len(want.elements) or isinstance(value.type, SetType):
        raise ConversionError(_required(want, where))
    items = tuple(
        convert(item, kind, _at(where, i)) for i, (item, kind) in enumerate(zip(data, want.elements, strict=True))
    )
    return _with(value, items, TupleType(tuple(type_of(item) for item in items)))


def _object(value: Value[Any], want: ObjectType, where: str) -> Value[Any]:
    data = value.data
    if not isinstance(data, dict):
        raise ConversionError(_required(want, where))
    items: dict[str, Value[Any]] = {}
    for name, kind in want.attributes.items():
        path = f"{where}.{name}" if where else name
        found = data.get(name)
        if found is None and isinstance(value.type, ResourceType):
            found = missing_attribute(value, name)
        if found is None:
            if name not in want.optional:
                raise ConversionError(f'{where or "the value"}: attribute "{name}" is required')
            default = want.optional[name]
            items[name] = Value(None, value.span, value.trail, implicit=True, type=kind) if default is None else default
        elif found.data is None and want.optional.get(name) is not None:
            default = want.optional[name]
            assert default is not None
            items[name] = default
        else:
            items[name] = convert(found, kind, path)
    return _with(value, items, ObjectType({name: type_of(item) for name, item in items.items()}))


def with_all_optional(kind: Type) -> Type:
    """Return the type with every attribute of its objects optional."""
    if isinstance(kind, (ListType, SetType, MapType)):
        return type(kind)(with_all_optional(kind.element))
    if isinstance(kind, ObjectType):
        attributes = {name: with_all_optional(inner) for name, inner in kind.attributes.items()}
        return ObjectType(attributes, dict.fromkeys(attributes))
    return kind
