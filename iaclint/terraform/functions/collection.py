"""Functions of lists, sets, maps and objects."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from iaclint.model.trails import picked_from
from iaclint.model.unknowns import derive, is_sensitive, merge, unknown_parts
from iaclint.model.value import Unknown, Value
from iaclint.terraform.functions.registry import Context, FunctionError, Functions, Result, V
from iaclint.terraform.functions.values import elements_of, graphemes, known_length, new_collection, new_elements
from iaclint.terraform.lang.comparison import distinct, equals, set_key
from iaclint.terraform.lang.conversion import ConversionError, convert
from iaclint.terraform.lang.elements import get_index
from iaclint.terraform.lang.errors import LimitError
from iaclint.terraform.lang.numbers import exact, rounded
from iaclint.terraform.lang.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    ObjectType,
    Prim,
    SetType,
    TupleType,
    Type,
    type_name,
    type_of,
    unify,
)

FUNCTIONS = Functions()

MAX_UNKNOWN_SLICE = 64
"""Elements that a slice of an unknown list has at most; a larger one is unknown as a whole."""

MAX_FLATTENED = 101
"""Lists within each other that flatten looks into."""

MAX_PRODUCT = 500_000
"""Elements of the result of setproduct."""

MAX_RANGE = 1024
"""Elements of the result of range: Terraform refuses more."""


@FUNCTIONS.define("length", DYNAMIC, returns=NUMBER, unknown="own")
def _length(context: Context, value: V) -> Result:
    data = value.data
    if isinstance(data, str):
        return len(graphemes(data))
    count = known_length(value)
    if count is not None:
        # the references count too: what is counted decides the number
        return Value(count, context.span, (), value.refs, False, value.sensitive)
    if isinstance(data, (Unknown, tuple)):
        return merge(context.span, (value,), NUMBER)
    raise FunctionError(f"a collection or text is required, not a {type_name(type_of(value))}")


@FUNCTIONS.define("alltrue", ListType(BOOL), returns=BOOL, unknown="own")
def _alltrue(context: Context, values: V) -> Result:
    return _all_any(context, values, False)


@FUNCTIONS.define("anytrue", ListType(BOOL), returns=BOOL, unknown="own")
def _anytrue(context: Context, values: V) -> Result:
    return _all_any(context, values, True)


def _all_any(context: Context, values: V, decides: bool) -> Result:
    """Return the result of alltrue, which False decides, or of anytrue, which True decides."""
    if isinstance(values.data, Unknown):
        return merge(context.span, (values,), BOOL)
    undecided = False
    for item in values.data:
        if isinstance(item.data, Unknown):
            undecided = True
        elif item.data is None:
            if not decides:
                return False
        elif item.data is decides:
            return decides
    return merge(context.span, (values,), BOOL) if undecided else not decides


@FUNCTIONS.define("chunklist", ListType(DYNAMIC), NUMBER, unknown="top")
def _chunklist(context: Context, items: V, size: V) -> Result:
    step = size.data
    if not isinstance(step, int) or step < 0:
        raise FunctionError("the size must be a whole number, not negative")
    data = items.data
    chunks = [data[i : i + step] for i in range(0, len(data), step)] if step else [data] if data else []
    kind = items.type if isinstance(items.type, ListType) else ListType(DYNAMIC)
    return new_collection(
        context, (items,), tuple(Value(chunk, context.span, type=kind) for chunk in chunks), ListType(kind)
    )


@FUNCTIONS.define("coalesce", rest=DYNAMIC, unknown="own", nullable=True)
def _coalesce(context: Context, *values: V) -> Result:
    kind = unify([type_of(value) for value in values if value.data is not None or value.type is not None])
    if kind is None:
        raise FunctionError("all arguments must be of one type")
    for value in values:
        value = convert(value, kind)
        if isinstance(value.data, Unknown):
            return merge(context.span, values[values.index(value) if value in values else 0 :], kind)
        if value.data is None or (value.data == "" and isinstance(value.data, str)):
            continue
        return value
    raise FunctionError("all arguments are null or empty")


@FUNCTIONS.define("coalescelist", rest=DYNAMIC, unknown="own", nullable=True)
def _coalescelist(context: Context, *values: V) -> Result:
    if not values:
        raise FunctionError("at least one argument is required")
    for value in values:
        if isinstance(value.data, Unknown):
            return merge(context.span, values)
        if value.data is None:
            continue
        if not isinstance(value.data, tuple):
            raise FunctionError("all arguments must be lists")
        if value.data:
            return value
    raise FunctionError("all lists are empty")


@FUNCTIONS.define("compact", ListType(STRING), unknown="own")
def _compact(context: Context, items: V) -> Result:
    if isinstance(items.data, Unknown) or any(
        isinstance(item.data, Unknown) and not item.data.prefix for item in items.data
    ):
        return merge(context.span, (items,), ListType(STRING))
    kept = tuple(item for item in items.data if item.data is not None and item.data != "")
    return new_collection(context, (items,), kept, ListType(STRING))


@FUNCTIONS.define("concat", DYNAMIC, rest=DYNAMIC, unknown="own")
def _concat(context: Context, *values: V) -> Result:
    for value in values:
        if isinstance(value.data, Unknown):
            return merge(context.span, values, value.type if isinstance(value.type, ListType) else None)
    items: list[V] = []
    for value in values:
        if isinstance(value.type, SetType):
            raise FunctionError(f"all arguments must be lists or tuples, not a {type_name(value.type)}")
        items.extend(elements_of(value, "a list"))
    context.env.scope.budget.spend(len(items), context.span)
    kinds = [value.type for value in values]
    kind: Type | None = None
    if all(isinstance(k, ListType) for k in kinds):
        common = unify([k for k in kinds if isinstance(k, ListType)])
        if isinstance(common, ListType):
            kind = common
            items = [convert(item, common.element) for item in items]
    return new_collection(context, values, tuple(items), kind)


@FUNCTIONS.define("contains", DYNAMIC, DYNAMIC, returns=BOOL, unknown="own")
def _contains(context: Context, items: V, wanted: V) -> Result:
    if isinstance(items.data, Unknown) or isinstance(wanted.data, Unknown):
        return merge(context.span, (items, wanted), BOOL)
    undecided = False
    for item in elements_of(items):
        same = equals(item, wanted)
        if same:
            return Value(True, context.span, (), wanted.refs, False, is_sensitive((items, wanted)))
        undecided = undecided or same is None
    if undecided:
        return merge(context.span, (items, wanted), BOOL)
    return derive(context.span, (items, wanted), False)


def _loosely_equal(left: V, right: V) -> bool | None:
    """Return True if two values are equal after conversion to a common type; None if it is unknown."""
    kind = unify([type_of(left), type_of(right)])
    if kind is not None and kind is not DYNAMIC:
        try:
            return equals(convert(left, kind), convert(right, kind))
        except ConversionError:
            return False
    return equals(left, right)


@FUNCTIONS.define("distinct", ListType(DYNAMIC), unknown="deep")
def _distinct(context: Context, items: V) -> Result:
    seen: dict[str, V] = {}
    for item in items.data:
        seen.setdefault(set_key(item), item)
    return new_collection(context, (items,), tuple(seen.values()), items.type)


@FUNCTIONS.define("element", DYNAMIC, NUMBER, unknown="own")
def _element(context: Context, items: V, index: V) -> Result:
    data = items.data
    if isinstance(data, Unknown):
        kind = items.type.element if isinstance(items.type, (ListType, SetType)) else None
        return merge(context.span, (items, index), kind, not_null=False)
    if isinstance(index.data, Unknown):
        elements_of(items)
        return get_index(items, index, context.span)
    elements = elements_of(items)
    if not isinstance(index.data, int):
        raise FunctionError("the index must be a whole number")
    if not elements:
        raise FunctionError("the list is empty")
    if math.fmod(index.data, len(elements)) < 0 and not isinstance(items.type, (ListType, SetType)):
        raise FunctionError("the index must not be negative")
    return picked_from(items, elements[index.data % len(elements)], context.span)


@FUNCTIONS.define("flatten", DYNAMIC, unknown="own")
def _flatten(context: Context, value: V) -> Result:
    if isinstance(value.data, Unknown):
        return merge(context.span, (value,))
    found = list(_leaves(context, value, 0))
    if any(map(_may_be_a_list, found)):
        return merge(context.span, (value,))
    context.env.scope.budget.spend(len(found), context.span)
    return new_collection(context, (value,), tuple(found))


def _leaves(context: Context, value: V, depth: int) -> Iterator[V]:
    """Yield the elements of a list, and in the place of one that is a list, its own. Raises LimitError."""
    if depth > MAX_FLATTENED:
        raise LimitError("the list is nested too deeply", context.span)
    for item in elements_of(value):
        if isinstance(item.data, tuple):
            yield from _leaves(context, item, depth + 1)
        else:
            yield item


def _may_be_a_list(value: V) -> bool:
    """Return True if a value is unknown, and so is whether it is a list."""
    if not isinstance(value.data, Unknown) or isinstance(value.type, (MapType, ObjectType)):
        return False
    return value.type is DYNAMIC or not isinstance(value.type, Prim)


@FUNCTIONS.define("index", DYNAMIC, DYNAMIC, returns=NUMBER)
def _index(context: Context, items: V, wanted: V) -> Result:
    for i, item in enumerate(elements_of(items)):
        if equals(item, wanted):
            return i
    raise FunctionError("the element is not in the list")


@FUNCTIONS.define("keys", DYNAMIC, unknown="own")
def _keys(context: Context, value: V) -> Result:
    data = value.data
    if isinstance(data, Unknown):
        if isinstance(value.type, ObjectType):
            return new_collection(
                context, (value,), tuple(Value(name, context.span) for name in sorted(value.type.attributes))
            )
        return merge(context.span, (value,), ListType(STRING))
    if not isinstance(data, dict):
        raise FunctionError(f"a map or object is required, not a {type_name(type_of(value))}")
    names: tuple[V, ...] = tuple(Value(name, data[name].span) for name in sorted(data))
    return new_collection(context, (value,), names, ListType(STRING) if isinstance(value.type, MapType) else None)


@FUNCTIONS.define("values", DYNAMIC, unknown="top")
def _values_of(context: Context, value: V) -> Result:
    data = value.data
    if not isinstance(data, dict):
        raise FunctionError(f"a map or object is required, not a {type_name(type_of(value))}")
    kind = ListType(value.type.element) if isinstance(value.type, MapType) else None
    return new_collection(context, (value,), tuple(data[name] for name in sorted(data)), kind)


@FUNCTIONS.define("lookup", DYNAMIC, STRING, DYNAMIC, optional=1, unknown="own", nullable=True)
def _lookup(context: Context, source: V, key: V, default: V | None = None) -> Result:
    operands = (source, key) if default is None else (source, key, default)
    if source.data is None or key.data is None:
        raise FunctionError("the map and the key must not be null")
    kind = source.type.element if isinstance(source.type, MapType) else None
    if isinstance(source.data, Unknown) or isinstance(key.data, Unknown):
        if not isinstance(source.data, (dict, Unknown)):
            raise FunctionError("a map is required")
        return merge(context.span, operands, kind, not_null=False)
    data = source.data
    if not isinstance(data, dict):
        raise FunctionError(f"a map is required, not a {type_name(type_of(source))}")
    found = data.get(key.data)
    if found is not None:
        result = picked_from(source, found, context.span)
        return result.replace(sensitive=True) if key.sensitive else result
    if default is None:
        raise FunctionError(f'there is no element "{key.data}"')
    if kind is not None:
        default = convert(default, kind)
    if source.refs:
        return default.replace(refs=tuple(dict.fromkeys((*default.refs, *source.refs))), implicit=False)
    return default


@FUNCTIONS.define("matchkeys", ListType(DYNAMIC), ListType(DYNAMIC), ListType(DYNAMIC), unknown="own")
def _matchkeys(context: Context, values: V, keys: V, wanted: V) -> Result:
    if isinstance(values.data, Unknown) or unknown_parts((keys, wanted)):
        return merge(context.span, (values, keys, wanted), values.type)
    if len(values.data) != len(keys.data):
        raise FunctionError("both lists must have the same length")
    kept = tuple(
        value
        for value, key in zip(values.data, keys.data, strict=True)
        if any(_loosely_equal(key, candidate) for candidate in wanted.data)
    )
    return new_collection(context, (values,), kept, values.type)


@FUNCTIONS.define("merge", rest=DYNAMIC, unknown="own", nullable=True)
def _merge(context: Context, *values: V) -> Result:
    for value in values:
        is_other = isinstance(value.type, Prim) and value.type is not DYNAMIC
        is_missing = value.data is None or isinstance(value.data, Unknown)
        if is_other if is_missing else not isinstance(value.data, dict):
            raise FunctionError("only maps and objects can be merged")
    known = [value.data for value in values if isinstance(value.data, dict)]
    context.env.scope.budget.spend(sum(map(len, known)) // 8, context.span)
    if any(isinstance(value.data, Unknown) for value in values):
        return merge(context.span, values, _common_map_type(values))
    merged = {name: item for data in known for name, item in data.items()}
    return new_collection(context, values, merged, _common_map_type([v for v in values if v.data is not None]))


def _common_map_type(values: Sequence[V]) -> Type | None:
    """Return the type of values that are all maps of one type; None for others."""
    kinds = [value.type for value in values]
    if kinds and isinstance(kinds[0], MapType) and all(kind == kinds[0] for kind in kinds):
        return kinds[0]
    return None


@FUNCTIONS.define("one", DYNAMIC, unknown="own")
def _one(context: Context, value: V) -> Result:
    if isinstance(value.data, Unknown):
        kind = value.type.element if isinstance(value.type, (ListType, SetType)) else None
        return merge(context.span, (value,), kind, not_null=False)
    items = elements_of(value)
    if isinstance(value.type, SetType) and len(items) > 1 and unknown_parts(items):
        return merge(context.span, (value,), value.type.element, not_null=False)
    if len(items) > 1:
        raise FunctionError(f"there are {len(items)} elements, where none or one is allowed")
    if items:
        return picked_from(value, items[0], context.span)
    return Value(None, context.span, value.trail, value.refs, type=None)


@FUNCTIONS.define("range", NUMBER, NUMBER, NUMBER, optional=2)
def _range(context: Context, first: V, second: V | None = None, third: V | None = None) -> Result:
    start, limit = (0, first.data) if second is None else (first.data, second.data)
    step = third.data if third is not None else (1 if limit >= start else -1)
    if step == 0:
        raise FunctionError("the step must not be zero")
    away = (limit < start and step > 0) or (limit > start and step < 0)
    if away and third is not None:
        raise FunctionError("the step leads away from the limit")
    count = max(0, math.ceil(Fraction(limit - start) / Fraction(step)))
    if count > MAX_RANGE:
        raise FunctionError("the result would have more than 1024 elements, which Terraform refuses")
    numbers = [rounded(start + step * i) for i in range(count)]
    return derive(context.span, (first,), new_elements(context, numbers), ListType(NUMBER))


@FUNCTIONS.define("reverse", DYNAMIC, unknown="top")
def _reverse(context: Context, value: V) -> Result:
    kind = value.type
    items = tuple(reversed(elements_of(value)))
    if isinstance(kind, SetType):
        kind = ListType(kind.element)
    return new_collection(context, (value,), items, kind if isinstance(kind, ListType) else None)


def _sets(context: Context, values: Sequence[V]) -> tuple[list[V], Type]:
    """Return values as sets of one type, and the type of their elements. Raises FunctionError."""
    kinds: list[Type] = []
    for value in values:
        kind = type_of(value)
        if isinstance(kind, (ListType, SetType)):
            if not (kind.element is DYNAMIC and value.data == ()):
                kinds.append(kind.element)
        elif isinstance(kind, TupleType):
            kinds.extend(kind.elements)
        elif not isinstance(value.data, Unknown):
            raise FunctionError("sets are required")
        else:
            kinds.append(DYNAMIC)
    common = unify(kinds)
    if common is None:
        raise FunctionError("the sets must have elements of one type")
    return [convert(value, SetType(common)) for value in values], common


@FUNCTIONS.define("setunion", DYNAMIC, rest=DYNAMIC, unknown="top")
def _setunion(context: Context, *values: V) -> Result:
    sets, kind = _sets(context, values)
    return new_collection(context, values, distinct(item for value in sets for item in value.data), SetType(kind))


@FUNCTIONS.define("setintersection", DYNAMIC, rest=DYNAMIC)
def _setintersection(context: Context, *values: V) -> Result:
    sets, kind = _sets(context, values)
    kept = sets[0].data
    for other in sets[1:]:
        keys = {set_key(item) for item in other.data}
        kept = tuple(item for item in kept if set_key(item) in keys)
    return new_collection(context, values, distinct(kept), SetType(kind))


@FUNCTIONS.define("setsubtract", DYNAMIC, DYNAMIC, unknown="own")
def _setsubtract(context: Context, left: V, right: V) -> Result:
    if unknown_parts((left, right)):
        if isinstance(left.data, tuple) and not left.data:
            return new_collection(context, (left,), (), left.type)
        return merge(context.span, (left, right))
    sets, kind = _sets(context, (left, right))
    keys = {set_key(item) for item in sets[1].data}
    return new_collection(context, (left,), tuple(i for i in sets[0].data if set_key(i) not in keys), SetType(kind))


@FUNCTIONS.define("setproduct", DYNAMIC, rest=DYNAMIC, unknown="own")
def _setproduct(context: Context, *values: V) -> Result:
    if len(values) < 2:
        raise FunctionError("at least two sets are required")
    as_set = all(isinstance(type_of(value), SetType) for value in values)
    if any(isinstance(value.data, tuple) and not value.data for value in values):
        return new_collection(context, values, (), SetType(DYNAMIC) if as_set else ListType(DYNAMIC))
    if any(isinstance(value.data, Unknown) for value in values) or (as_set and unknown_parts(values)):
        return merge(context.span, values)
    groups: list[tuple[V, ...]] = []
    total = 1
    for value in values:
        items = elements_of(value)
        common = unify([type_of(item) for item in items])
        if common is None:
            raise FunctionError("all elements of a set must be of one type")
        groups.append(tuple(convert(item, common) for item in items))
        total *= len(items)
        if total > MAX_PRODUCT:
            raise LimitError("the product has too many elements", context.span)
    context.env.scope.budget.spend(total * len(groups), context.span)
    span = context.span
    rows: tuple[V, ...] = tuple(Value(row, span) for row in itertools.product(*groups))
    row_type = type_of(rows[0])
    return new_collection(context, values, rows, SetType(row_type) if as_set else ListType(row_type))


@FUNCTIONS.define("slice", DYNAMIC, NUMBER, NUMBER, unknown="own")
def _slice(context: Context, value: V, start: V, end: V) -> Result:
    if isinstance(value.type, SetType):
        raise FunctionError("a set has no order; use tolist()")
    first, last = start.data, end.data
    if isinstance(first, Unknown) or isinstance(last, Unknown):
        return merge(context.span, (value, start, end))
    if isinstance(value.data, Unknown):
        whole = isinstance(first, int) and isinstance(last, int)
        if not whole or not 0 <= first <= last <= first + MAX_UNKNOWN_SLICE:
            return merge(context.span, (value, start, end))
        # it either fails or has this many elements
        kind = value.type.element if isinstance(value.type, ListType) else None
        item = merge(context.span, (value,), kind, not_null=False)
        return new_collection(context, (value,), (item,) * (last - first), value.type if kind is not None else None)
    items = elements_of(value)
    if not isinstance(first, int) or not isinstance(last, int) or not 0 <= first <= last <= len(items):
        raise FunctionError(f"there is no slice from {first} to {last} of {len(items)} elements")
    return new_collection(
        context, (value,), items[first:last], value.type if isinstance(value.type, ListType) else None
    )


@FUNCTIONS.define("sort", ListType(STRING))
def _sort(context: Context, value: V) -> Result:
    if any(item.data is None for item in value.data):
        raise FunctionError("an element is null")
    return new_collection(context, (value,), tuple(sorted(value.data, key=lambda item: item.data)), ListType(STRING))


@FUNCTIONS.define("sum", DYNAMIC, returns=NUMBER)
def _sum(context: Context, value: V) -> Result:
    items = elements_of(value)
    if not items:
        raise FunctionError("the list is empty")
    total: Any = 0
    for item in items:
        if item.data is None:
            raise FunctionError("an element is null")
        total += exact(convert(item, NUMBER).data)
    return rounded(total)


@FUNCTIONS.define("transpose", MapType(ListType(STRING)))
def _transpose(context: Context, value: V) -> Result:
    turned: dict[str, list[V]] = {}
    for name in sorted(value.data):
        for item in value.data[name].data or ():
            if item.data is None:
                raise FunctionError("an element is null")
            turned.setdefault(item.data, []).append(Value(name, item.span))
    kind = ListType(STRING)
    data: dict[str, V] = {
        name: Value(tuple(sorted(items, key=lambda i: i.data)), context.span, type=kind)
        for name, items in turned.items()
    }
    return derive(context.span, (value,), data, MapType(kind))


@FUNCTIONS.define("zipmap", ListType(STRING), DYNAMIC, unknown="own")
def _zipmap(context: Context, keys: V, values: V) -> Result:
    if unknown_parts((keys,)) or isinstance(values.data, Unknown):
        return merge(context.span, (keys, values))
    items = elements_of(values)
    if len(keys.data) != len(items):
        raise FunctionError(f"there are {len(keys.data)} keys and {len(items)} values")
    kind = MapType(values.type.element) if isinstance(values.type, (ListType, SetType)) else None
    data = {key.data: item for key, item in zip(keys.data, items, strict=True)}
    return new_collection(context, (keys, values), data, kind)
