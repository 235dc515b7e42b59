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

from iaclint.model.trails import chosen_by, picked_from, through_name, visited_in
from iaclint.model.unknowns import (
    MAX_OPTIONS,
    TooManyParts,
    choose,
    concat,
    derive,
    merge,
    pick,
    refs_of,
    unknown_parts,
    with_attribute,
)
from iaclint.model.value import Ref, Unknown, UnknownCause, Value
from iaclint.source.files import Span
from iaclint.terraform.lang.comparison import equals, sort_set
from iaclint.terraform.lang.conversion import ConversionError, convert, missing_attribute
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
    ResourceType,
    SetType,
    Type,
    has_open_list,
    type_name,
    type_of,
    unify,
)
from iaclint.terraform.syntax import tree as syntax
from iaclint.terraform.syntax.tree import Expression

MAX_ITERATIONS = 500_000
"""Rounds of `for` expressions and function results, over a whole deployment."""

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


# -- limits --------------------------------------------------------------------------------------


def parts_of_size(values: Iterable[Value[Any]]) -> list[Value[Any]]:
    """Return all unknown parts of values. Raises LimitError if there are too many parts to look at."""
    try:
        return unknown_parts(values)
    except TooManyParts as error:
        raise too_large(error) from None


def too_large(error: TooManyParts) -> LimitError:
    """Return the error of a language for a value with too many parts."""
    return LimitError("the value has too many parts to be evaluated", error.span)


def bounded(value: Value[Any]) -> Value[Any]:
    """Return the value itself. Raises LimitError if it has too many parts to look at."""
    if isinstance(value.data, (tuple, dict)):
        parts_of_size((value,))
    return value


# -- evaluation ------------------------------------------------------------------------------------


def evaluate(node: Expression, env: Env) -> Value[Any]:
    """Return the value of an expression. Raises EvaluationError."""
    try:
        return _EVALUATE[type(node)](node, env)
    except TooManyParts as error:
        raise too_large(error) from None


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
            return through_name(bound, span, root)
        value, used = through_name(bound, span, root), 0
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
            picked = picked_from(value, found, span)
            if isinstance(kind, ResourceType) and not kind.path:
                # the text of an attribute still means the resource
                return picked.replace(refs=(*picked.refs, Ref(kind.address, name)))
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
    """An element or attribute of an unknown value, with the type that the type of the value gives it."""
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


def _index(node: syntax.Index, env: Env) -> Value[Any]:
    return get_index(evaluate(node.source, env), evaluate(node.key, env), node.span)


def get_index(value: Value[Any], key: Value[Any], span: Span) -> Value[Any]:
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


def _any_element(value: Value[Any], key: Value[Any], span: Span) -> Value[Any]:
    """An element whose index is not known."""
    items = value.data if isinstance(value.data, tuple) else tuple(value.data.values())
    kind = value.type.element if isinstance(value.type, (ListType, MapType)) else None
    refs = tuple(dict.fromkeys((*value.refs, *refs_of((key, *items[:MAX_OPTIONS])))))
    undecided = merge(span, (key,), kind, not_null=False)
    if not items or len(items) > MAX_OPTIONS:
        return undecided.replace(refs=refs)
    return choose(undecided, items, refs, kind)


def _list_element(value: Value[Any], key: Value[Any], span: Span) -> Value[Any]:
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


def _map_element(value: Value[Any], key: Value[Any], span: Span) -> Value[Any]:
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
            return merge(span, (source,))
        refs = source.refs
        each = node.each
        if isinstance(each, syntax.GetAttr) and isinstance(each.source, syntax.Item):
            refs = with_attribute(refs, each.name)
        unknown = replace(data.cause_only(), not_null=True)
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
        return merge(node.span, (*unknown_keys, *items.values()))
    return Value(items, node.span)


def elements(collection: Value[Any]) -> list[tuple[Value[Any], Value[Any]]] | None:
    """The keys and values of a known collection in the order Terraform visits them; None where it has none.

    A `for` expression, a `for` directive and a dynamic block's `for_each` all go through one the same way.
    """
    data = collection.data
    if isinstance(data, tuple):
        if isinstance(collection.type, SetType):
            return [(item, item) for item in (visited_in(collection, item) for item in sort_set(data))]
        return [(Value(i, item.span), visited_in(collection, item)) for i, item in enumerate(data)]
    if isinstance(data, dict):
        return [(Value(name, data[name].span), visited_in(collection, data[name])) for name in sorted(data)]
    return None


def _for(node: syntax.For, env: Env) -> Value[Any]:
    collection = evaluate(node.collection, env)
    span = node.span
    data = collection.data
    if data is None:
        raise EvaluationError("a for expression cannot iterate over null", node.collection.span)
    if isinstance(data, Unknown):
        if isinstance(collection.type, Prim) and collection.type is not DYNAMIC:
            raise EvaluationError(f"a {type_name(collection.type)} cannot be iterated over", node.collection.span)
        made, each = merge(span, (collection,)), node.result
        if node.result_key is None and isinstance(each, syntax.Traversal) and each.root == node.value:
            attribute = each.names[0] if each.names else ""
            return made.replace(refs=with_attribute(made.refs, attribute))
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
        return merge(span, (*undecided, *operands, *listed, *mapped.values()))
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
        return merge(node.span, (value,), kind)
    return derive(node.span, (value,), (not value.data) if kind is BOOL else -value.data)


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
            return merge(span, both, BOOL)
        return derive(span, both, same if operator == "==" else not same)
    left = _operand(left, NUMBER, node.left.span)
    right = _operand(right, NUMBER, node.right.span)
    both = (left, right)
    compare = _COMPARE.get(operator)
    if isinstance(left.data, Unknown) or isinstance(right.data, Unknown):
        return merge(span, both, BOOL if compare else NUMBER)
    a, b = exact(left.data), exact(right.data)
    if compare:
        return derive(span, both, compare(a, b))
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
    return derive(span, both, number)


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
            return derive(node.span, (left,), decides)
        if not _of_any_type(right):
            return derive(node.span, (left,), decides)
        return merge(node.span, (left, right), BOOL)
    right = _operand(evaluate(node.right, env), BOOL, node.right.span)
    both = (left, right)
    if right.data is decides and not any_input:
        return derive(node.span, both, decides)
    if isinstance(left.data, Unknown) or isinstance(right.data, Unknown):
        return merge(node.span, both, BOOL)
    return derive(node.span, both, not decides)


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
    result = chosen_by(chosen, node.span, "condition")
    if condition.sensitive and not result.sensitive:
        return result.replace(sensitive=True)
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
    wrong: list[Value[Any]] = []
    for branch in (node.then, node.otherwise):
        try:
            branches.append(evaluate(branch, env))
        except LimitError:
            raise
        except EvaluationError as error:
            wrong.append(Value(Unknown(UnknownCause.INVALID, error.message), branch.span))
    kind: Type | None = None
    if not wrong:
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
    refs = refs_of((condition, *branches))
    return choose(merge(node.span, (condition,)), (*branches, *wrong), refs, None if kind is DYNAMIC else kind)


# -- templates -------------------------------------------------------------------------------------


def _template(node: syntax.Template, env: Env) -> Value[Any]:
    if node.wrap:
        part = node.parts[0]
        assert isinstance(part, syntax.Interpolation)
        return chosen_by(evaluate(part.expression, env), node.span, "interpolation")
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
            return joined_text(self.span, self.operands, self.pieces)
        return derive(self.span, self.operands, syntax.normal("".join(str(piece) for piece in self.pieces)))


def joined_text(span: Span, operands: Sequence[Value[Any]], pieces: Iterable[str | Value[Any]]) -> Value[Any]:
    """Return the text that known and unknown pieces make together."""
    return concat(span, pieces, operands, STRING, normal=syntax.normal, listed=False)


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
    from iaclint.terraform.functions.call import call

    return call(node, env, evaluate)


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
