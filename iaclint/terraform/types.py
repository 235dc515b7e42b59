"""Terraform's types, and how values are converted, unified and compared.

A `Value` carries its type where its data alone does not tell it: a list or set rather than a tuple, a map
rather than an object, the type of something unknown or null. Numbers are ints, or Fractions rounded to
the 512 bits of precision that Terraform keeps.

Source of facts: the go-cty documentation of types and conversions, and Terraform's type constraints.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from fractions import Fraction
from typing import Any, TypeAlias

from msgspec import Struct, field
from msgspec.structs import replace

from iaclint.model.value import LanguageType, Ref, Unknown, UnknownCause, Value

Number: TypeAlias = int | Fraction
PRECISION = 512


class Prim(LanguageType, Enum):
    """The primitive types; DYNAMIC stands for any type, or one that is not known."""

    STRING = "string"
    NUMBER = "number"
    BOOL = "bool"
    DYNAMIC = "any"


STRING, NUMBER, BOOL, DYNAMIC = Prim.STRING, Prim.NUMBER, Prim.BOOL, Prim.DYNAMIC


class ListType(Struct, LanguageType, frozen=True):
    element: Type


class SetType(Struct, LanguageType, frozen=True):
    element: Type


class MapType(Struct, LanguageType, frozen=True):
    element: Type


class TupleType(Struct, LanguageType, frozen=True):
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
    """A resource instance: attributes that are not in the data may exist nevertheless."""

    kind: str
    address: str
    path: tuple[str, ...] = ()
    """The nested blocks that lead to it, where it is one of them."""

    def within(self, block: str) -> ResourceType:
        return ResourceType(self.kind, self.address, (*self.path, block))


Type: TypeAlias = Prim | ListType | SetType | MapType | TupleType | ObjectType | ResourceType


class ConversionError(Exception):
    """A value that does not fit a type; says what is required."""


def type_name(kind: Type) -> str:
    """The type as people write it."""
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
    """The type of a value."""
    kind = value.type
    if kind is not None:
        found: Type = kind
        return found
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
    """The types that values bring to a collection; a bare null fits any."""
    return [type_of(value) for value in values if value.data is not None or value.type is not None]


def is_number(data: Any) -> bool:
    """Whether the data is a number; a bool is none."""
    return isinstance(data, (int, Fraction, float)) and not isinstance(data, bool)


# -- numbers -------------------------------------------------------------------------------------


def rounded(number: Number) -> Number:
    """The nearest number of 512 bits, an int where it is whole."""
    if isinstance(number, int):
        size = number.bit_length()
        if size <= PRECISION:
            return number
        shift = size - PRECISION
        return round(Fraction(number, 1 << shift)) << shift
    if number.denominator == 1:
        return rounded(number.numerator)
    num, den = abs(number.numerator), number.denominator
    if den & (den - 1) == 0 and num.bit_length() <= PRECISION:
        return number
    shift = PRECISION - (num.bit_length() - den.bit_length())
    scale = Fraction(1 << shift) if shift >= 0 else Fraction(1, 1 << -shift)
    mantissa = round(number * scale)
    if abs(mantissa).bit_length() > PRECISION:
        scale /= 2
        mantissa = round(number * scale)
    result = Fraction(mantissa) / scale
    return result.numerator if result.denominator == 1 else result


_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d+))?\Z")


def parse_number(text: str) -> Number | None:
    """The number that a text is, None where it is none."""
    match = _NUMBER.match(text) if text.isascii() and len(text) < 2048 else None
    if match is None or (match.group(1) and abs(int(match.group(1))) > 4096):
        return None
    if text.isdigit():
        return rounded(int(text))
    return rounded(Fraction(text))


def exact(data: Any) -> Number:
    """A number as int or Fraction."""
    if isinstance(data, float):
        number = Fraction(str(data))
        return number.numerator if number.denominator == 1 else number
    result: Number = data
    return result


def format_number(number: Any) -> str:
    """The shortest decimal text that reads back as the number, without an exponent."""
    number = exact(number)
    if isinstance(number, int):
        return _int_text(number)
    sign = "-" if number < 0 else ""
    size = abs(number)
    # the decimal exponent of the first digit
    magnitude = len(_int_text(size.numerator)) - len(_int_text(size.denominator))
    if Fraction(10) ** magnitude > size:
        magnitude -= 1
    low, high = 1, 160
    target = rounded(number)
    while low < high:
        middle = (low + high) // 2
        if rounded(_digits(size, magnitude, middle) * (-1 if sign else 1)) == target:
            high = middle
        else:
            low = middle + 1
    value = _digits(size, magnitude, low)
    places = max(0, low - 1 - magnitude)
    scaled = _int_text(int(value * 10**places)).rjust(places + 1, "0")
    text = scaled if not places else f"{scaled[:-places]}.{scaled[-places:]}".rstrip("0").rstrip(".")
    return sign + text


def _int_text(number: int) -> str:
    """An int as text, however long (Python itself refuses above 4,300 digits)."""
    try:
        return str(number)
    except ValueError:
        high, low = divmod(number, 10**4000)
        return _int_text(high) + str(low).rjust(4000, "0")


def _digits(size: Fraction, magnitude: int, count: int) -> Fraction:
    scale = Fraction(10) ** (count - 1 - magnitude)
    return Fraction(round(size * scale)) / scale


# -- conversion ----------------------------------------------------------------------------------


def convert(value: Value[Any], want: Type, where: str = "") -> Value[Any]:
    """The value as the wanted type, with its places and trail. Raises ConversionError.

    Source of facts: the conversion tables of go-cty.
    """
    data = value.data
    if want is DYNAMIC:
        return value
    if isinstance(data, Unknown):
        if value.type == want:
            return value
        have = value.type
        if isinstance(have, Prim) and have is not DYNAMIC and not isinstance(want, Prim):
            raise ConversionError(_required(want, where))
        if (
            want is not STRING
            and want is not BOOL
            and want is not NUMBER
            and (data.one_of or data.prefix or data.parts)
        ):
            data = replace(data, one_of=(), prefix="", parts=())
        if data.one_of:
            options = []
            for option in data.one_of:
                try:
                    options.append(convert(Value(option, value.span), want, where).data)
                except ConversionError:
                    options = []
                    break
            data = replace(data, one_of=tuple(options))
        return _with(value, data, want)
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
    items = tuple(convert(item, element, _at(where, at)) for at, item in enumerate(data))
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
        convert(item, kind, _at(where, at)) for at, (item, kind) in enumerate(zip(data, want.elements, strict=True))
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
    """The type with objects that may leave out any of their attributes."""
    if isinstance(kind, (ListType, SetType, MapType)):
        return type(kind)(with_all_optional(kind.element))
    if isinstance(kind, ObjectType):
        attributes = {name: with_all_optional(inner) for name, inner in kind.attributes.items()}
        return ObjectType(attributes, dict.fromkeys(attributes))
    return kind


def missing_attribute(value: Value[Any], name: str) -> Value[Any]:
    """An attribute of a resource that nobody wrote: known after deployment."""
    kind = value.type
    assert isinstance(kind, ResourceType)
    full = ".".join((kind.address, *kind.path, name))
    if kind.kind.startswith(("data.", "ephemeral.")):
        why, detail = UnknownCause.EXTERNAL, f"{full} is read from outside"
    else:
        why, detail = UnknownCause.AFTER_APPLY, f"{full} is known only after deployment"
    return Value(Unknown(why, detail), value.span, refs=(Ref(kind.address, kind.path[0] if kind.path else name),))


def has_dynamic(kind: Type) -> bool:
    """Whether a type constraint leaves something open."""
    if kind is DYNAMIC:
        return True
    if isinstance(kind, (ListType, SetType, MapType)):
        return has_dynamic(kind.element)
    if isinstance(kind, TupleType):
        return any(map(has_dynamic, kind.elements))
    return isinstance(kind, ObjectType) and any(map(has_dynamic, kind.attributes.values()))


# -- unification ---------------------------------------------------------------------------------


def has_open_list(kind: Type) -> bool:
    """Whether somewhere in a type the elements of a list or set may be of any type."""
    if isinstance(kind, (ListType, SetType)):
        return has_dynamic(kind.element) or has_open_list(kind.element)
    if isinstance(kind, MapType):
        return has_open_list(kind.element)
    if isinstance(kind, TupleType):
        return any(map(has_open_list, kind.elements))
    return isinstance(kind, ObjectType) and any(map(has_open_list, kind.attributes.values()))


def unify(kinds: Sequence[Type]) -> Type | None:
    """The type that values of all these types can be converted to; None where there is none.

    Source of facts: go-cty's convert.Unify.
    """
    if not kinds:
        return DYNAMIC
    first = kinds[0]
    if all(kind == first for kind in kinds[1:]):
        return first
    fixed = [kind for kind in kinds if kind is not DYNAMIC]
    open_ones = len(fixed) < len(kinds)
    if any(isinstance(kind, ResourceType) for kind in fixed):
        return DYNAMIC
    if all(isinstance(kind, (MapType, ObjectType)) for kind in fixed):
        if any(isinstance(kind, MapType) for kind in fixed):
            return DYNAMIC if open_ones else _unify_to_map(fixed)
        if open_ones:
            return DYNAMIC
        objects = [kind for kind in fixed if isinstance(kind, ObjectType)]
        names = list(objects[0].attributes)
        if all(set(kind.attributes) == set(names) for kind in objects):
            merged: dict[str, Type] = {}
            for name in names:
                common = unify([kind.attributes[name] for kind in objects])
                if common is None:
                    return None
                merged[name] = common
            return ObjectType(merged)
        return _unify_to_map(fixed)
    if all(isinstance(kind, (ListType, SetType, TupleType)) for kind in fixed):
        if open_ones:
            return DYNAMIC
        if all(isinstance(kind, TupleType) for kind in fixed):
            tuples = [kind for kind in fixed if isinstance(kind, TupleType)]
            if len({len(kind.elements) for kind in tuples}) == 1:
                parts = [unify([kind.elements[at] for kind in tuples]) for at in range(len(tuples[0].elements))]
                found = tuple(part for part in parts if part is not None)
                return TupleType(found) if len(found) == len(parts) else None
        elements: list[Type] = []
        for kind in fixed:
            if isinstance(kind, TupleType):
                elements.extend(kind.elements)
            elif isinstance(kind, (ListType, SetType)):
                elements.append(kind.element)
        common = unify(elements)
        if common is None:
            return None
        if any(isinstance(kind, SetType) for kind in fixed):
            return SetType(common)
        return ListType(common)
    if all(isinstance(kind, Prim) for kind in fixed):
        names_of = set(fixed)
        common = fixed[0] if len(names_of) == 1 else STRING if STRING in names_of else None
        return DYNAMIC if common is None and open_ones else common
    return DYNAMIC if open_ones else None


def _unify_to_map(kinds: Sequence[Type]) -> Type | None:
    elements: list[Type] = []
    for kind in kinds:
        if isinstance(kind, MapType):
            elements.append(kind.element)
        elif isinstance(kind, ObjectType):
            elements.extend(kind.attributes.values())
    common = unify(elements)
    return None if common is None else MapType(common)


# -- comparison ----------------------------------------------------------------------------------


def same_type(left: Type, right: Type) -> bool:
    """Whether two types are one, where an open type fits any."""
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


def equals(left: Value[Any], right: Value[Any]) -> bool | None:
    """Whether two values are equal; None where that is not known. Values of different types are not equal."""
    a, b = left.data, right.data
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        return _equals_unknown(left, right)
    if a is None or b is None:
        return a is b
    if isinstance(a, tuple) or isinstance(b, tuple):
        if not (isinstance(a, tuple) and isinstance(b, tuple)) or not same_type(type_of(left), type_of(right)):
            return False
        if isinstance(left.type, SetType):
            return _equal_sets(a, b)
        if len(a) != len(b):
            return False
        return _all_equal(zip(a, b, strict=True))
    if isinstance(a, dict) or isinstance(b, dict):
        if not (isinstance(a, dict) and isinstance(b, dict)) or not same_type(type_of(left), type_of(right)):
            return False
        if isinstance(left.type, ResourceType) or isinstance(right.type, ResourceType):
            return None
        if a.keys() != b.keys():
            return False
        return _all_equal((a[name], b[name]) for name in a)
    if isinstance(a, bool) != isinstance(b, bool) or isinstance(a, str) != isinstance(b, str):
        return False
    return bool(a == b)


def _all_equal(pairs: Iterable[tuple[Value[Any], Value[Any]]]) -> bool | None:
    result: bool | None = True
    for one, other in pairs:
        same = equals(one, other)
        if same is False:
            return False
        if same is None:
            result = None
    return result


def _equal_sets(a: tuple[Value[Any], ...], b: tuple[Value[Any], ...]) -> bool | None:
    if not all(item.wholly_known for item in (*a, *b)):
        return None
    return len(a) == len(b) and {set_key(item) for item in a} == {set_key(item) for item in b}


def _equals_unknown(left: Value[Any], right: Value[Any]) -> bool | None:
    if not isinstance(left.data, Unknown):
        left, right = right, left
    unknown = left.data
    other = right.data
    if isinstance(other, Unknown):
        return None
    if other is None:
        return False if unknown.not_null else None
    kind = left.type
    if kind is not None and not same_type(kind, type_of(right)):
        return False if unknown.not_null else None
    if unknown.prefix and isinstance(other, str) and not other.startswith(unknown.prefix):
        return False
    return None


# -- sets ----------------------------------------------------------------------------------------


def set_key(value: Value[Any]) -> str:
    """A text that is the same for equal values of one type, as go-cty makes it to tell set elements apart."""
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


def _order(value: Value[Any]) -> tuple[int, Any]:
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


def sort_set(items: Iterable[Value[Any]]) -> tuple[Value[Any], ...]:
    """Set elements in the order in which Terraform visits them."""
    return tuple(sorted(items, key=_order))


def distinct(items: Iterable[Value[Any]]) -> tuple[Value[Any], ...]:
    """The elements of a set: equal ones once, in order; unknown ones are all kept."""
    kept: dict[str, Value[Any]] = {}
    unknown: list[Value[Any]] = []
    for item in items:
        if item.wholly_known:
            kept.setdefault(set_key(item), item)
        else:
            unknown.append(item)
    return (*sort_set(kept.values()), *unknown)
