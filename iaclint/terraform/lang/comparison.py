"""Equality of values, and the order and identity of set elements.

Source of facts: the documentation and source code of go-cty.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from iaclint.model.value import Unknown, Value
from iaclint.terraform.lang.numbers import exact, format_number, is_number
from iaclint.terraform.lang.types import ListType, MapType, ResourceType, SetType, same_type, type_of

V: TypeAlias = Value[Any]


def equals(left: V, right: V) -> bool | None:
    """Return whether two values are equal, None if that is not known. Values of different types are not equal."""
    a, b = left.data, right.data
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        return _equals_unknown(left, right)
    if a is None or b is None:
        return a is b
    if isinstance(a, (tuple, dict)) or isinstance(b, (tuple, dict)):
        return _equal_collections(left, right)
    if isinstance(a, bool) != isinstance(b, bool) or isinstance(a, str) != isinstance(b, str):
        return False
    return bool(a == b)


def _equal_collections(left: V, right: V) -> bool | None:
    a, b = left.data, right.data
    if type(a) is not type(b) or not same_type(type_of(left), type_of(right)):
        return False
    if isinstance(a, dict):
        if isinstance(left.type, ResourceType) or isinstance(right.type, ResourceType):
            return None
        return _all_equal((a[name], b[name]) for name in a) if a.keys() == b.keys() else False
    if isinstance(left.type, SetType):
        return _equal_sets(a, b)
    return _all_equal(zip(a, b, strict=True)) if len(a) == len(b) else False


def _all_equal(pairs: Iterable[tuple[V, V]]) -> bool | None:
    """True if the values of each pair are equal, False if some differ, else None."""
    result: bool | None = True
    for one, other in pairs:
        same = equals(one, other)
        if same is False:
            return False
        if same is None:
            result = None
    return result


def _equal_sets(a: tuple[V, ...], b: tuple[V, ...]) -> bool | None:
    if not all(item.wholly_known for item in (*a, *b)):
        return None
    return len(a) == len(b) and {set_key(item) for item in a} == {set_key(item) for item in b}


def _equals_unknown(left: V, right: V) -> bool | None:
    if not isinstance(left.data, Unknown):
        left, right = right, left
    unknown = left.data
    other = right.data
    if isinstance(other, Unknown):
        return None
    if other is None:
        return False if unknown.not_null else None
    if left.type is not None and not same_type(type_of(left), type_of(right)):
        return False if unknown.not_null else None
    if unknown.prefix and isinstance(other, str) and not other.startswith(unknown.prefix):
        return False
    return None


# -- sets ----------------------------------------------------------------------------------------


def set_key(value: V) -> str:
    """Return a text that is the same for equal values of one type. go-cty tells set elements apart by such texts."""
    data = value.data
    if isinstance(data, Unknown):
        return "?"
    if data is None:
        return "~"
    if isinstance(data, bool):
        return "1" if data else "0"
    if isinstance(data, str):
        return '"' + data.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(data, tuple):
        items = sort_set(data) if isinstance(value.type, SetType) else data
        inner = "".join(set_key(item) + ";" for item in items)
        return f"[{inner}]" if isinstance(value.type, (ListType, SetType)) else f"<{inner}>"
    if isinstance(data, dict):
        if isinstance(value.type, MapType):
            return "{" + "".join(f'"{name}":{set_key(data[name])};' for name in sorted(data)) + "}"
        return "<" + "".join(set_key(data[name]) + ";" for name in sorted(data)) + ">"
    number = exact(data)
    return str(number) if isinstance(number, int) and abs(number) < 10**10 else format_number(number)


def _order(value: V) -> tuple[int, Any]:
    data = value.data
    if isinstance(data, Unknown):
        return (9, "")
    if data is None:
        return (8, "")
    if isinstance(data, bool):
        return (1, int(data))
    if isinstance(data, str):
        return (2, data)
    if is_number(data):
        return (3, data)
    return (4, set_key(value).encode())


def sort_set(items: Iterable[V]) -> tuple[V, ...]:
    """Return set elements in the order in which Terraform iterates over them."""
    return tuple(sorted(items, key=_order))


def distinct(items: Iterable[V]) -> tuple[V, ...]:
    """Return the elements of a set in order: equal ones once; every one that is not wholly known."""
    kept: dict[str, V] = {}
    unknown: list[V] = []
    for item in items:
        if item.wholly_known:
            kept.setdefault(set_key(item), item)
        else:
            unknown.append(item)
    return (*sort_set(kept.values()), *unknown)
