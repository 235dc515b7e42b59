"""Expressions to values.

An expression is evaluated as Terraform would evaluate it in a plan. What cannot be known is an `Unknown` with
its reason; what is wrong raises EvaluationError, which is caught where the expression belongs to an
attribute, so that the rest goes on. Values keep where they are written, where they come from, and which
resources they were built from.

Source of facts: the HCL native syntax specification and the Terraform language documentation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any, Protocol

from msgspec.structs import replace

from iaclint.model.value import Ref, Step, Unknown, UnknownCause, Value
from iaclint.source.files import Span
from iaclint.terraform import syntax
from iaclint.terraform.syntax import Expression
from iaclint.terraform.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ConversionError,
    ListType,
    MapType,
    ObjectType,
    Prim,
    ResourceType,
    SetType,
    TupleType,
    Type,
    convert,
    equals,
    exact,
    has_open_list,
    is_number,
    rounded,
    sort_set,
    type_name,
    type_of,
    unify,
)

MAX_ITERATIONS = 500_000
"""Rounds of `for` expressions and function results, over a whole deployment."""

MAX_PARTS = 250_000
"""Values with more parts are not built. Parts count each time they occur: lists of lists of one list add up."""

MAX_PIECES = 2_000
"""An unknown text of more pieces does not keep them."""

MAX_BITS = 1 << 16
"""Numbers beyond this many binary digits, before or behind the point, are not worked out."""
MAX_TEXT = 4 * 1024 * 1024
"""Longer texts are not built."""


class EvaluationError(Exception):
    """An expression that is wrong, and where; `refs` is the resource that it names where there is no such one."""

    def __init__(self, message: str, span: Span, refs: tuple[Ref, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.refs = refs


class LimitError(EvaluationError):
    """An expression that would become too large to evaluate; `try` does not catch it."""


class Budget:
    """What may still be spent on one deployment."""

    __slots__ = ("iterations",)

    def __init__(self) -> None:
        self.iterations = MAX_ITERATIONS

    def spend(self, count: int, span: Span) -> None:
        self.iterations -= count
        if self.iterations < 0:
            raise LimitError("evaluation stops here: the configuration expands to too many elements", span)


class Scope(Protocol):
    """What names mean: one module instance."""

    directory: str
    depth: int

    @property
    def budget(self) -> Budget: ...

    @property
    def root_directory(self) -> str: ...

    def refer(self, root: str, names: tuple[str, ...], span: Span, env: Env) -> tuple[Value[Any], int]:
        """The value of a reference, and how many of the names it used."""

    def output_of(self, module: str, key: Value[Any], name: str, span: Span) -> Value[Any]:
        """An output of one instance of a module call."""

    def has_module(self, name: str) -> bool: ...

    def attribute_of(self, value: Value[Any], name: str, span: Span) -> Value[Any]:
        """An attribute of a resource that is not in its data."""

    def complete(self, value: Value[Any], span: Span) -> Value[Any]:
        """A resource with all its attributes, for use as a plain object."""

    def read_file(self, path: str, span: Span) -> bytes | Value[Any]:
        """The bytes of a file of the configuration, or the unknown that stands for them."""

    def file_exists(self, path: str, span: Span) -> bool | Value[Any]: ...

    def file_set(self, path: str, pattern: str, span: Span) -> list[str] | Value[Any]: ...

    def read_template(self, path: str, span: Span) -> syntax.Template | syntax.Literal | Value[Any]: ...


class Env:
    """The names in force where an expression stands."""

    __slots__ = ("count", "each", "names", "scope", "self_value")

    def __init__(
        self,
        scope: Scope,
        names: dict[str, Value[Any]] | None = None,
        each: tuple[Value[Any], Value[Any]] | None = None,
        count: Value[Any] | None = None,
        self_value: Value[Any] | None = None,
    ) -> None:
        self.scope = scope
        self.names = names
        self.each = each
        self.count = count
        self.self_value = self_value

    def bind(self, names: dict[str, Value[Any]]) -> Env:
        """The same with more names."""
        return Env(self.scope, {**self.names, **names} if self.names else names, self.each, self.count, self.self_value)


# -- building values -----------------------------------------------------------------------------


def named(value: Value[Any], span: Span, what: str) -> Value[Any]:
    """A value as seen through a name: the trail leads from the use to where it is decided."""
    trail = value.trail or (Step(value.span, what),)
    return Value(value.data, span, (Step(span, what), *trail), value.refs, False, value.sensitive, value.type)


def at(value: Value[Any], span: Span, what: str) -> Value[Any]:
    """A value that was chosen within an expression, as the value of the whole expression."""
    if value.span == span:
        return value
    trail = value.trail
    if not trail or trail[0].span != value.span:
        trail = (Step(value.span, what), *trail)
    return Value(value.data, span, trail, value.refs, False, value.sensitive, value.type)


def deep_refs(values: Iterable[Value[Any]]) -> tuple[Ref, ...]:
    """The references of values and of all their parts."""
    found: dict[Ref, None] = {}
    for value in values:
        data = value.data
        for ref in value.refs:
            found[ref] = None
        if isinstance(data, tuple):
            for ref in deep_refs(data):
                found[ref] = None
        elif isinstance(data, dict):
            for ref in deep_refs(data.values()):
                found[ref] = None
    return tuple(found)


def deep_sensitive(values: Iterable[Value[Any]]) -> bool:
    """Whether any part is sensitive."""
    for value in values:
        if value.sensitive:
            return True
        data = value.data
        if isinstance(data, tuple):
            if deep_sensitive(data):
                return True
        elif isinstance(data, dict) and deep_sensitive(data.values()):
            return True
    return False


def unknowns(values: Iterable[Value[Any]]) -> list[Value[Any]]:
    """All unknown parts. Raises LimitError where there are too many parts to look at."""
    found: list[Value[Any]] = []
    stack = list(values)
    stack.reverse()
    left = MAX_PARTS
    while stack:
        value = stack.pop()
        data = value.data
        if isinstance(data, Unknown):
            found.append(value)
        elif isinstance(data, (tuple, dict)):
            left -= len(data)
            if left < 0:
                raise LimitError("the value has too many parts to be evaluated", value.span)
            stack.extend(reversed(data if isinstance(data, tuple) else tuple(data.values())))
    return found


def bounded(value: Value[Any]) -> Value[Any]:
    """The value itself. Raises LimitError where it has too many parts to look at."""
    if isinstance(value.data, (tuple, dict)):
        unknowns((value,))
    return value


def computed(span: Span, operands: Sequence[Value[Any]], data: Any, kind: Type | None = None) -> Value[Any]:
    """A value made from others, by an operator or function."""
    refs: tuple[Ref, ...] = ()
    sensitive = False
    for operand in operands:
        if operand.refs or isinstance(operand.data, (tuple, dict)):
            refs = deep_refs(operands)
            break
    for operand in operands:
        if operand.sensitive or isinstance(operand.data, (tuple, dict)):
            sensitive = deep_sensitive(operands)
            break
    return Value(data, span, (), refs, False, sensitive, kind)


def unknown_from(
    span: Span,
    operands: Sequence[Value[Any]],
    kind: Type | None = None,
    *,
    prefix: str = "",
    not_null: bool = True,
    one_of: tuple[Any, ...] = (),
) -> Value[Any]:
    """An unknown value because of the unknown parts of others."""
    causes = unknowns(operands)
    result = computed(span, operands, None, kind)
    if not causes:
        result.data = Unknown(UnknownCause.UNSUPPORTED, "this is not evaluated", (), one_of, prefix, not_null)
        return result
    first: Unknown = causes[0].data
    inputs: tuple[str, ...] = first.inputs
    if len(causes) > 1:
        inputs = tuple(dict.fromkeys(name for cause in causes for name in cause.data.inputs))
    # an input that is missing can be supplied: it is the most useful reason
    lead = next((cause for cause in causes if cause.data.cause is UnknownCause.INPUT), causes[0])
    data: Unknown = lead.data
    result.data = Unknown(data.cause, data.detail, inputs, one_of, prefix, not_null)
    result.trail = lead.trail or (Step(lead.span, "unknown"),) if lead.span != span else lead.trail
    return result


def opaque(unknown: Unknown) -> Unknown:
    """The same reason for something of which nothing more is known."""
    return replace(unknown, one_of=(), prefix="", not_null=False, parts=(), encoded=None)


def member(source: Value[Any], item: Value[Any], span: Span) -> Value[Any]:
    """An element of a collection as the value of the expression that picks it."""
    trail = source.trail
    if trail:
        tail = item.trail or (Step(item.span, trail[-1].what),)
        trail = (*trail[:-1], *tail)
    else:
        trail = item.trail or (Step(item.span, "element"),)
    return Value(item.data, span, trail, item.refs, item.implicit, item.sensitive or source.sensitive, item.type)


# -- evaluation ------------------------------------------------------------------------------------


def evaluate(node: Expression, env: Env) -> Value[Any]:
    """The value of an expression. Raises EvaluationError."""
    return _EVALUATE[type(node)](node, env)


def _literal(node: syntax.Literal, env: Env) -> Value[Any]:
    data = node.value
    if isinstance(data, Fraction):
        data = rounded(data)
    return Value(data, node.span)


def _parens(node: syntax.Parens, env: Env) -> Value[Any]:
    return evaluate(node.inner, env)


def _item(node: syntax.Item, env: Env) -> Value[Any]:
    assert env.names is not None
    return env.names["*"]


def _traversal(node: syntax.Traversal, env: Env) -> Value[Any]:
    root = node.root
    span = node.span
    bound = env.names.get(root) if env.names else None
    if bound is not None:
        if not node.names:
            return named(bound, span, root)
        value, used = named(bound, span, root), 0
    else:
        value, used = env.scope.refer(root, node.names, span, env)
    for name in node.names[used:]:
        value = get_attribute(value, name, span, env)
    return value


def _get_attr(node: syntax.GetAttr, env: Env) -> Value[Any]:
    source = node.source
    if isinstance(source, syntax.Index):
        inner = source.source
        one_call = isinstance(inner, syntax.Traversal) and inner.root == "module" and len(inner.names) == 1
        if one_call and isinstance(inner, syntax.Traversal) and env.scope.has_module(inner.names[0]):
            # only the named output is evaluated: another one may depend on this very value
            return env.scope.output_of(inner.names[0], evaluate(source.key, env), node.name, node.span)
    return get_attribute(evaluate(source, env), node.name, node.span, env)


def get_attribute(value: Value[Any], name: str, span: Span, env: Env) -> Value[Any]:
    """An attribute of an object or element of a map."""
    data = value.data
    if isinstance(data, dict):
        found = data.get(name)
        kind = value.type
        if found is not None:
            picked = member(value, found, span)
            if isinstance(kind, ResourceType) and not kind.path:
                # whoever is given the text of an attribute still means the resource
                picked.refs = (*picked.refs, Ref(kind.address, name))
            return picked
        if isinstance(kind, ResourceType):
            return env.scope.attribute_of(value, name, span)
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


def _part_of_unknown(value: Value[Any], key: Any, span: Span) -> Value[Any]:
    unknown: Unknown = value.data
    refs = value.refs
    if isinstance(key, str) and any(not ref.attribute for ref in refs):
        refs = tuple(Ref(ref.address, key) if not ref.attribute else ref for ref in refs)
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
    return Value(opaque(unknown), span, value.trail, refs, False, value.sensitive, kind)


def _index(node: syntax.Index, env: Env) -> Value[Any]:
    return get_index(evaluate(node.source, env), evaluate(node.key, env), node.span)


def get_index(value: Value[Any], key: Value[Any], span: Span) -> Value[Any]:
    """An element of a list, map, tuple or object."""
    data = value.data
    if key.data is None:
        raise EvaluationError("an index must not be null", key.span)
    if isinstance(data, Unknown):
        part = _part_of_unknown(value, key.data, span)
        if any(ref.address.endswith("[*]") and not ref.attribute for ref in value.refs):
            part.refs = value.refs  # the key of an instance is no attribute
        return part
    if data is None:
        raise EvaluationError("null has no elements", span)
    if isinstance(key.data, Unknown):
        if isinstance(data, (tuple, dict)):
            refs = value.refs
            result = unknown_from(span, (key,), not_null=False)
            if isinstance(value.type, (ListType, MapType)):
                result.type = value.type.element
            items = data if isinstance(data, tuple) else tuple(data.values())
            scalars = tuple(item.data for item in items if isinstance(item.data, (str, int, Fraction)))
            if len(scalars) == len(items) <= 16:
                result.data = replace(result.data, one_of=tuple(dict.fromkeys(scalars)))
            result.refs = tuple(dict.fromkeys((*refs, *result.refs, *deep_refs(items[:64]))))
            return result
        raise EvaluationError(f"a {type_name(type_of(value))} has no elements", span)
    if isinstance(data, tuple):
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
        return member(value, data[number], span)
    if isinstance(data, dict):
        try:
            name = convert(key, STRING).data
        except ConversionError:
            raise EvaluationError("the key must be a string", key.span) from None
        found = data.get(name)
        if found is None:
            if isinstance(value.type, ResourceType):
                from iaclint.terraform.types import missing_attribute

                return missing_attribute(value, name)
            raise EvaluationError(f'there is no element "{name}"', span)
        return member(value, found, span)
    raise EvaluationError(f"a {type_name(type_of(value))} has no elements", span)


def _splat(node: syntax.Splat, env: Env) -> Value[Any]:
    source = evaluate(node.source, env)
    data = source.data
    span = node.span
    if data is None:
        return Value((), span, source.trail, source.refs, False, source.sensitive)
    plain = isinstance(node.each, syntax.Item)
    if isinstance(data, Unknown):
        kind = source.type
        if isinstance(kind, (Prim, MapType, ObjectType)) and kind is not DYNAMIC:
            # a single value is a list of one, or of none where it is null
            if data.not_null:
                one = source if plain else evaluate(node.each, env.bind({"*": source}))
                return Value((one,), span, source.trail, source.refs, False, source.sensitive)
            return unknown_from(span, (source,))
        refs = source.refs
        each = node.each
        if isinstance(each, syntax.GetAttr) and isinstance(each.source, syntax.Item):
            refs = tuple(Ref(ref.address, each.name) if not ref.attribute else ref for ref in refs)
        unknown = replace(opaque(data), not_null=True)
        return Value(unknown, span, source.trail, refs, False, source.sensitive, kind if plain else None)
    if not isinstance(data, tuple):
        one = source if plain else evaluate(node.each, env.bind({"*": source}))
        return Value((one,), span, source.trail, (), False, source.sensitive)
    if isinstance(source.type, SetType):
        data = sort_set(data)
    env.scope.budget.spend(len(data), span)
    if plain:
        items = data
    else:
        items = tuple(evaluate(node.each, env.bind({"*": item})) for item in data)
    kind_of: Type | None = None
    if isinstance(source.type, (ListType, SetType)):
        kinds = [type_of(item) for item in items]
        if kinds and all(kind == kinds[0] for kind in kinds):
            kind_of = ListType(kinds[0])
        elif not kinds:
            kind_of = ListType(DYNAMIC)
    return Value(items, span, source.trail, source.refs, False, source.sensitive, kind_of)


def _tuple(node: syntax.TupleExpr, env: Env) -> Value[Any]:
    return Value(tuple([evaluate(item, env) for item in node.items]), node.span)


def _object(node: syntax.ObjectExpr, env: Env) -> Value[Any]:
    items: dict[str, Value[Any]] = {}
    unknown_keys: list[Value[Any]] = []
    for key_node, value_node in node.items:
        if isinstance(key_node, syntax.Literal) and isinstance(key_node.value, str):
            name = key_node.value
        else:
            key = evaluate(key_node, env)
            if isinstance(key.data, Unknown):
                unknown_keys.append(key)
                unknown_keys.append(evaluate(value_node, env))
                continue
            if key.data is None:
                raise EvaluationError("an object key must not be null", key.span)
            try:
                name = convert(key, STRING).data
            except ConversionError:
                raise EvaluationError("an object key must be a string", key.span) from None
        items[name] = evaluate(value_node, env)
    if unknown_keys:
        return unknown_from(node.span, (*unknown_keys, *items.values()))
    return Value(items, node.span)


def elements(collection: Value[Any]) -> list[tuple[Value[Any], Value[Any]]] | None:
    """The keys and values of a known collection in the order Terraform visits them; None where it has none.

    A `for` expression, a `for` directive and a dynamic block's `for_each` all go through one the same way.
    """
    data = collection.data
    if isinstance(data, tuple):
        if isinstance(collection.type, SetType):
            return [(item, item) for item in (_visited(collection, item) for item in sort_set(data))]
        return [(Value(i, item.span), _visited(collection, item)) for i, item in enumerate(data)]
    if isinstance(data, dict):
        return [(Value(name, data[name].span), _visited(collection, data[name])) for name in sorted(data)]
    return None


def _visited(collection: Value[Any], item: Value[Any]) -> Value[Any]:
    """An element at its own place, with the names through which its collection was found."""
    if not collection.trail:
        return item
    tail = item.trail or (Step(item.span, collection.trail[-1].what),)
    trail = (*collection.trail[:-1], *tail)
    return Value(item.data, item.span, trail, item.refs, item.implicit, item.sensitive, item.type)


def _for(node: syntax.For, env: Env) -> Value[Any]:
    collection = evaluate(node.collection, env)
    span = node.span
    data = collection.data
    if data is None:
        raise EvaluationError("a for expression cannot iterate over null", node.collection.span)
    if isinstance(data, Unknown):
        if isinstance(collection.type, Prim) and collection.type is not DYNAMIC:
            raise EvaluationError(f"a {type_name(collection.type)} cannot be iterated over", node.collection.span)
        made, each = unknown_from(span, (collection,)), node.result
        if node.result_key is None and isinstance(each, syntax.Traversal) and each.root == node.value:
            attribute = each.names[0] if each.names else ""
            made.refs = tuple(Ref(ref.address, attribute) if not ref.attribute else ref for ref in made.refs)
        return made
    if isinstance(collection.type, ResourceType):
        collection = env.scope.complete(collection, span)
    pairs = elements(collection)
    if pairs is None:
        raise EvaluationError(f"a {type_name(type_of(collection))} cannot be iterated over", node.collection.span)
    env.scope.budget.spend(len(pairs), span)
    operands = (collection,)
    listed: list[Value[Any]] = []
    mapped: dict[str, Value[Any]] = {}
    groups: dict[str, list[Value[Any]]] = {}
    undecided: list[Value[Any]] = []
    for key, item in pairs:
        names = {node.value: item}
        if node.key:
            names[node.key] = key
        inner = env.bind(names)
        if node.condition is not None:
            keep = boolean(evaluate(node.condition, inner), node.condition.span)
            if isinstance(keep.data, Unknown):
                undecided.append(keep)
                continue
            if not keep.data:
                continue
        if node.result_key is None:
            listed.append(evaluate(node.result, inner))
            continue
        result_key = evaluate(node.result_key, inner)
        if isinstance(result_key.data, Unknown):
            undecided.append(result_key)
            undecided.append(evaluate(node.result, inner))
            continue
        if result_key.data is None:
            raise EvaluationError("the key of a for expression must not be null", node.result_key.span)
        try:
            name = convert(result_key, STRING).data
        except ConversionError:
            raise EvaluationError("the key of a for expression must be a string", node.result_key.span) from None
        if node.grouping:
            groups.setdefault(name, []).append(evaluate(node.result, inner))
        elif name in mapped:
            raise EvaluationError(
                f'two elements have the key "{name}"; add ... after the value to group them', node.result_key.span
            )
        else:
            mapped[name] = evaluate(node.result, inner)
    sensitive = collection.sensitive
    if undecided:
        result = unknown_from(span, (*undecided, *operands, *listed, *mapped.values()))
        result.sensitive = result.sensitive or sensitive
        return result
    if node.result_key is None:
        return Value(tuple(listed), span, (), collection.refs, False, sensitive)
    if node.grouping:
        mapped = {name: Value(tuple(items), span) for name, items in groups.items()}
    return Value(mapped, span, (), collection.refs, False, sensitive)


# -- operators -------------------------------------------------------------------------------------


def boolean(value: Value[Any], span: Span) -> Value[Any]:
    """A value as a condition. Raises EvaluationError where it is null or no bool."""
    if value.data is None:
        raise EvaluationError("a condition must not be null", span)
    try:
        return convert(value, BOOL)
    except ConversionError:
        raise EvaluationError("true or false is required here", span) from None


def _operand(value: Value[Any], kind: Prim, span: Span) -> Value[Any]:
    if value.data is None:
        raise EvaluationError("an operand must not be null", span)
    try:
        return convert(value, kind)
    except ConversionError as error:
        raise EvaluationError(str(error), span) from None


def _unary(node: syntax.Unary, env: Env) -> Value[Any]:
    value = evaluate(node.operand, env)
    kind = BOOL if node.operator == "!" else NUMBER
    value = _operand(value, kind, node.operand.span)
    if isinstance(value.data, Unknown):
        return unknown_from(node.span, (value,), kind)
    return computed(node.span, (value,), (not value.data) if kind is BOOL else -value.data)


def _binary(node: syntax.Binary, env: Env) -> Value[Any]:
    operator = node.operator
    left = evaluate(node.left, env)
    span = node.span
    if operator in ("&&", "||"):
        return _logical(node, left, env)
    right = evaluate(node.right, env)
    both = (left, right)
    if operator in ("==", "!="):
        same = equals(left, right)
        if same is None:
            return unknown_from(span, both, BOOL)
        return computed(span, both, same if operator == "==" else not same)
    left = _operand(left, NUMBER, node.left.span)
    right = _operand(right, NUMBER, node.right.span)
    both = (left, right)
    compare = _COMPARE.get(operator)
    if isinstance(left.data, Unknown) or isinstance(right.data, Unknown):
        return unknown_from(span, both, BOOL if compare else NUMBER)
    a, b = exact(left.data), exact(right.data)
    if compare:
        return computed(span, both, compare(a, b))
    if operator == "+":
        number: int | Fraction = a + b
    elif operator == "-":
        number = a - b
    elif operator == "*":
        number = a * b
    elif operator == "/":
        if b == 0:
            raise EvaluationError("division by zero", span)
        number = Fraction(a) / b
    else:
        if b == 0:
            number = a
        else:
            quotient = rounded(Fraction(a) / b)
            number = a - b * int(quotient)
    number = rounded(number)
    if max(number.numerator.bit_length(), number.denominator.bit_length()) > MAX_BITS:
        raise LimitError("the number becomes too large or too small to be worked out", span)
    return computed(span, both, number)


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


def _logical(node: syntax.Binary, left: Value[Any], env: Env) -> Value[Any]:
    decides = node.operator == "||"
    any_input = _of_any_type(left)
    left = _operand(left, BOOL, node.left.span)
    if left.data is decides:
        try:
            right = evaluate(node.right, env)
        except LimitError:
            raise
        except EvaluationError:
            # newer versions of Terraform stop here, older ones complain: either way nothing is hidden
            return computed(node.span, (left,), decides)
        if not _of_any_type(right):
            return computed(node.span, (left,), decides)
        return unknown_from(node.span, (left, right), BOOL)
    right = _operand(evaluate(node.right, env), BOOL, node.right.span)
    both = (left, right)
    if right.data is decides and not any_input:
        return computed(node.span, both, decides)
    if isinstance(left.data, Unknown) or isinstance(right.data, Unknown):
        return unknown_from(node.span, both, BOOL)
    return computed(node.span, both, not decides)


def _of_any_type(value: Value[Any]) -> bool:
    """Whether a value is an input that may turn out to be no bool at all."""
    data = value.data
    return isinstance(data, Unknown) and value.type is None and data.cause is UnknownCause.INPUT


def _conditional(node: syntax.Conditional, env: Env) -> Value[Any]:
    condition = boolean(evaluate(node.condition, env), node.condition.span)
    if isinstance(condition.data, Unknown):
        return _undecided(node, condition, env)
    chosen_node, other_node = (node.then, node.otherwise) if condition.data else (node.otherwise, node.then)
    chosen = evaluate(chosen_node, env)
    try:
        other: Value[Any] | None = evaluate(other_node, env)
    except LimitError:
        raise
    except EvaluationError:
        other = None
    if other is not None:
        chosen = _unified(node, chosen, other)
    result = at(chosen, node.span, "condition")
    if condition.sensitive and not result.sensitive:
        result = Value(result.data, result.span, result.trail, result.refs, False, True, result.type)
    return result


def _unified(node: syntax.Conditional, chosen: Value[Any], other: Value[Any]) -> Value[Any]:
    bounded(chosen)
    bounded(other)
    mine, theirs = type_of(chosen), type_of(other)
    if mine == theirs:
        return chosen
    if isinstance(mine, ResourceType) or isinstance(theirs, ResourceType):
        return chosen
    if other.data is None and theirs is DYNAMIC:
        return chosen
    if chosen.data is None and mine is DYNAMIC:
        return Value(None, chosen.span, chosen.trail, chosen.refs, chosen.implicit, chosen.sensitive, theirs)
    common = unify([mine, theirs])
    for one, another in ((mine, theirs), (theirs, mine)):
        if isinstance(one, ObjectType) and another == MapType(DYNAMIC) and not unify(tuple(one.attributes.values())):
            common = one  # an empty map would have to become an object, as no map can hold what that one has
    if common is None:
        raise EvaluationError(
            f"the two results of the condition have different types: {type_name(mine)} and {type_name(theirs)}",
            node.span,
        )
    try:
        if has_open_list(common):
            # a tuple becomes a list by its type alone, so the branch that is not taken has to fit as well
            convert(other, common)
        return convert(chosen, common)
    except ConversionError as error:
        raise EvaluationError(f"the results of the condition do not agree: {error}", node.span) from None


def _undecided(node: syntax.Conditional, condition: Value[Any], env: Env) -> Value[Any]:
    branches: list[Value[Any]] = []
    for branch_node in (node.then, node.otherwise):
        try:
            branches.append(evaluate(branch_node, env))
        except LimitError:
            raise
        except EvaluationError:
            continue
    result = unknown_from(node.span, (condition,), not_null=bool(branches))
    kind: Type | None = None
    if len(branches) == 2:
        kind = unify([type_of(branch) for branch in branches])
        if kind is not None and kind is not DYNAMIC:
            try:
                branches = [convert(branch, kind) for branch in branches]
            except ConversionError:
                kind = None
        first, second = branches
        if equals(first, second) is True:
            # whatever the condition turns out to be
            return Value(first.data, node.span, first.trail, first.refs, False, condition.sensitive, first.type)
        options: list[Any] = []
        for branch in branches:
            data = branch.data
            if isinstance(data, Unknown):
                options.extend(data.one_of or (branch,))
            else:
                options.append(data)
        if all(isinstance(option, (str, int, Fraction)) or option is None for option in options):
            result.data = replace(result.data, one_of=tuple(dict.fromkeys(options)))
    result.data = replace(
        result.data,
        inputs=tuple(dict.fromkeys((*result.data.inputs, *(n for u in unknowns(branches) for n in u.data.inputs)))),
        not_null=len(branches) == 2
        and all(
            branch.data is not None and (not isinstance(branch.data, Unknown) or branch.data.not_null)
            for branch in branches
        ),
    )
    if kind is not None and kind is not DYNAMIC:
        result.type = kind
    result.refs = tuple(dict.fromkeys((*result.refs, *deep_refs(branches))))
    result.sensitive = result.sensitive or deep_sensitive(branches)
    return result


# -- templates -------------------------------------------------------------------------------------


def _template(node: syntax.Template, env: Env) -> Value[Any]:
    if node.wrap:
        part = node.parts[0]
        assert isinstance(part, syntax.Interpolation)
        return at(evaluate(part.expression, env), node.span, "interpolation")
    out = _Text(node.span)
    _parts(node.parts, env, out)
    return out.value()


class _Text:
    """Text that grows; known up to the first unknown part."""

    __slots__ = ("operands", "pieces", "size", "span", "unknown")

    def __init__(self, span: Span) -> None:
        self.span = span
        self.pieces: list[str | Value[Any]] = []
        self.size = 0
        self.operands: list[Value[Any]] = []
        self.unknown = False

    def add(self, text: str) -> None:
        self.size += len(text)
        if self.size > MAX_TEXT:
            raise LimitError("the text becomes too long to be built", self.span)
        self.pieces.append(text)

    def add_unknown(self, piece: Value[Any]) -> None:
        self.unknown = True
        self.pieces.append(piece)

    def value(self) -> Value[Any]:
        if self.unknown:
            return text_of(self.span, self.operands, self.pieces)
        return computed(self.span, self.operands, syntax.normal("".join(str(piece) for piece in self.pieces)))


def text_of(span: Span, operands: Sequence[Value[Any]], pieces: Iterable[str | Value[Any]]) -> Value[Any]:
    """An unknown text that is put together from known and unknown pieces."""
    flat: list[str | Value[Any]] = []
    for piece in pieces:
        inner: tuple[str | Value[Any], ...] = (piece,)
        if isinstance(piece, Value) and isinstance(piece.data, Unknown) and piece.data.parts:
            inner = tuple(part.data if isinstance(part.data, str) else part for part in piece.data.parts)
        for part in inner:
            if isinstance(part, str) and flat and isinstance(flat[-1], str):
                flat[-1] += part
            elif part != "":
                flat.append(part)
    prefix = flat[0] if flat and isinstance(flat[0], str) else ""
    second = flat[1 if prefix else 0] if len(flat) > (1 if prefix else 0) else None
    if isinstance(second, Value) and isinstance(second.data, Unknown):
        prefix += second.data.prefix
    result = unknown_from(span, operands, STRING, prefix=syntax.normal(prefix))
    if len(flat) <= MAX_PIECES:
        parts = tuple(Value(syntax.normal(part), span) if isinstance(part, str) else part for part in flat)
        result.data = replace(result.data, parts=parts)
    return result


def _parts(parts: tuple[syntax.Part, ...], env: Env, out: _Text) -> None:
    for part in parts:
        if isinstance(part, syntax.Literal):
            out.add(str(part.value))
        elif isinstance(part, syntax.Interpolation):
            _interpolate(part, env, out)
        elif isinstance(part, syntax.TemplateIf):
            condition = boolean(evaluate(part.condition, env), part.condition.span)
            out.operands.append(condition)
            if isinstance(condition.data, Unknown):
                out.add_unknown(condition)
            else:
                _parts(part.then if condition.data else part.otherwise, env, out)
        else:
            _repeat(part, env, out)


def _interpolate(part: syntax.Interpolation, env: Env, out: _Text) -> None:
    value = evaluate(part.expression, env)
    if value.data is None:
        raise EvaluationError("null cannot be put into a text", part.expression.span)
    try:
        value = convert(value, STRING)
    except ConversionError:
        raise EvaluationError(
            f"a {type_name(type_of(value))} cannot be put into a text; use join() or jsonencode()", part.expression.span
        ) from None
    out.operands.append(value)
    if isinstance(value.data, Unknown):
        out.add_unknown(value)
    else:
        out.add(value.data)


def _repeat(part: syntax.TemplateFor, env: Env, out: _Text) -> None:
    collection = evaluate(part.collection, env)
    out.operands.append(collection)
    data = collection.data
    if data is None:
        raise EvaluationError("a for directive cannot iterate over null", part.collection.span)
    if isinstance(data, Unknown):
        out.add_unknown(collection)
        return
    if isinstance(collection.type, ResourceType):
        collection = env.scope.complete(collection, part.span)
    pairs = elements(collection)
    if pairs is None:
        raise EvaluationError(f"a {type_name(type_of(collection))} cannot be iterated over", part.collection.span)
    env.scope.budget.spend(len(pairs), part.span)
    for key, item in pairs:
        names = {part.value: item}
        if part.key:
            names[part.key] = key
        _parts(part.body, env.bind(names), out)


# -- calls -------------------------------------------------------------------------------------------


def _call(node: syntax.Call, env: Env) -> Value[Any]:
    from iaclint.terraform import functions

    return functions.call(node, env)


_EVALUATE: dict[type, Callable[[Any, Env], Value[Any]]] = {
    syntax.Literal: _literal,
    syntax.Template: _template,
    syntax.Traversal: _traversal,
    syntax.GetAttr: _get_attr,
    syntax.Index: _index,
    syntax.Item: _item,
    syntax.Splat: _splat,
    syntax.Call: _call,
    syntax.Unary: _unary,
    syntax.Binary: _binary,
    syntax.Conditional: _conditional,
    syntax.For: _for,
    syntax.TupleExpr: _tuple,
    syntax.ObjectExpr: _object,
    syntax.Parens: _parens,
}

__all__ = [
    "Budget",
    "Env",
    "EvaluationError",
    "LimitError",
    "Scope",
    "TupleType",
    "at",
    "computed",
    "evaluate",
    "is_number",
    "named",
    "unknown_from",
    "unknowns",
]
