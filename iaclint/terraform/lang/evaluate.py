"""Expressions to values.

An expression is evaluated as Terraform would evaluate it in a plan. What cannot be known is an `Unknown` with
its cause. A mistake raises EvaluationError, which is caught for each attribute, so that the rest goes on.
Values keep their place, their trail, and the resources that they were built from.

Source of facts: the HCL native syntax specification and the Terraform language documentation.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeAlias

from msgspec.structs import replace

from iaclint.model.trails import chosen_by, through_name
from iaclint.model.unknowns import TooManyParts, choose, derive, merge, refs_of, unknown_parts, with_attribute
from iaclint.model.value import Unknown, UnknownCause, Value
from iaclint.source.files import Span
from iaclint.terraform.functions.call import call
from iaclint.terraform.lang.comparison import equals, sort_set
from iaclint.terraform.lang.conversion import ConversionError, convert
from iaclint.terraform.lang.elements import elements, get_attribute, get_index
from iaclint.terraform.lang.errors import EvaluationError, LimitError, too_large
from iaclint.terraform.lang.limits import MAX_TEXT
from iaclint.terraform.lang.numbers import rounded
from iaclint.terraform.lang.operators import arithmetic, boolean, equality, operand, unary
from iaclint.terraform.lang.resources import complete
from iaclint.terraform.lang.scope import Env
from iaclint.terraform.lang.texts import joined_text
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

V: TypeAlias = Value[Any]


def bounded(value: V) -> V:
    """Return the value itself. Raises LimitError if it has too many parts to look at."""
    if isinstance(value.data, (tuple, dict)):
        try:
            unknown_parts((value,))
        except TooManyParts as error:
            raise too_large(error) from None
    return value


def evaluate(node: Expression, env: Env) -> V:
    """Return the value of an expression. Raises EvaluationError."""
    try:
        return _EVALUATE[type(node)](node, env)
    except TooManyParts as error:
        raise too_large(error) from None


def _literal(node: syntax.Literal, env: Env) -> V:
    data = node.value
    if isinstance(data, Fraction):
        data = rounded(data)
    return Value(data, node.span)


def _parens(node: syntax.Parens, env: Env) -> V:
    return evaluate(node.inner, env)


def _item(node: syntax.Item, env: Env) -> V:
    assert env.names is not None
    return env.names["*"]


def _traversal(node: syntax.Traversal, env: Env) -> V:
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
        value = get_attribute(value, name, span)
    return value


def _get_attr(node: syntax.GetAttr, env: Env) -> V:
    source = node.source
    if isinstance(source, syntax.Index):
        inner = source.source
        one_call = isinstance(inner, syntax.Traversal) and inner.root == "module" and len(inner.names) == 1
        if one_call and isinstance(inner, syntax.Traversal) and env.scope.has_module(inner.names[0]):
            # only the named output is evaluated: another one may depend on this very value
            return env.scope.output_of(inner.names[0], evaluate(source.key, env), node.name, node.span)
    return get_attribute(evaluate(source, env), node.name, node.span)


def _index(node: syntax.Index, env: Env) -> V:
    return get_index(evaluate(node.source, env), evaluate(node.key, env), node.span)


def _splat(node: syntax.Splat, env: Env) -> V:
    source = evaluate(node.source, env)
    data = source.data
    span = node.span
    if data is None:
        return Value((), span, source.trail, source.refs, False, source.sensitive)
    if isinstance(data, Unknown):
        return _splat_unknown(node, source, env)
    is_plain = isinstance(node.each, syntax.Item)
    if not isinstance(data, tuple):
        one = source if is_plain else evaluate(node.each, env.bind({"*": source}))
        return Value((one,), span, source.trail, (), False, source.sensitive)
    if isinstance(source.type, SetType):
        data = sort_set(data)
    env.scope.budget.spend(len(data), span)
    items = data if is_plain else tuple(evaluate(node.each, env.bind({"*": item})) for item in data)
    kind: Type | None = None
    if isinstance(source.type, (ListType, SetType)):
        kinds = [type_of(item) for item in items]
        if not kinds:
            kind = ListType(DYNAMIC)
        elif all(other == kinds[0] for other in kinds):
            kind = ListType(kinds[0])
    return Value(items, span, source.trail, source.refs, False, source.sensitive, kind)


def _splat_unknown(node: syntax.Splat, source: V, env: Env) -> V:
    span, kind, each = node.span, source.type, node.each
    is_plain = isinstance(each, syntax.Item)
    if isinstance(kind, (Prim, MapType, ObjectType)) and kind is not DYNAMIC:
        # a single value is a list of one, or of none if it is null
        if not source.data.not_null:
            return merge(span, (source,))
        one = source if is_plain else evaluate(each, env.bind({"*": source}))
        return Value((one,), span, source.trail, source.refs, False, source.sensitive)
    refs = source.refs
    if isinstance(each, syntax.GetAttr) and isinstance(each.source, syntax.Item):
        refs = with_attribute(refs, each.name)
    unknown = replace(source.data.cause_only(), not_null=True)
    return Value(unknown, span, source.trail, refs, False, source.sensitive, kind if is_plain else None)


def _tuple(node: syntax.TupleExpr, env: Env) -> V:
    return Value(tuple([evaluate(item, env) for item in node.items]), node.span)


def _object(node: syntax.ObjectExpr, env: Env) -> V:
    items: dict[str, V] = {}
    unknown_keys: list[V] = []
    for key_node, value_node in node.items:
        if isinstance(key_node, syntax.Literal) and isinstance(key_node.value, str):
            name = key_node.value
        else:
            key = evaluate(key_node, env)
            if isinstance(key.data, Unknown):
                unknown_keys.append(key)
                unknown_keys.append(evaluate(value_node, env))
                continue
            name = _key_text(key, key.span, "an object key")
        items[name] = evaluate(value_node, env)
    if unknown_keys:
        return merge(node.span, (*unknown_keys, *items.values()))
    return Value(items, node.span)


# -- loops -----------------------------------------------------------------------------------------


def _for(node: syntax.For, env: Env) -> V:
    collection = evaluate(node.collection, env)
    data = collection.data
    if data is None:
        raise EvaluationError("a for expression cannot iterate over null", node.collection.span)
    if isinstance(data, Unknown):
        return _for_unknown(node, collection)
    loop = _Loop(node)
    for key, item in _iterate(collection, node.collection.span, node.span, env):
        names = {node.value: item}
        if node.key:
            names[node.key] = key
        loop.add(env.bind(names))
    return loop.value(collection)


def _for_unknown(node: syntax.For, collection: V) -> V:
    kind = collection.type
    if isinstance(kind, Prim) and kind is not DYNAMIC:
        raise EvaluationError(f"a {type_name(kind)} cannot be iterated over", node.collection.span)
    made = merge(node.span, (collection,))
    each = node.result
    if node.result_key is None and isinstance(each, syntax.Traversal) and each.root == node.value:
        # [for x in unknown : x.attribute] refers to the attribute of whatever the collection refers to
        return made.replace(refs=with_attribute(made.refs, each.names[0] if each.names else ""))
    return made


def _iterate(collection: V, collection_span: Span, span: Span, env: Env) -> list[tuple[V, V]]:
    """Return the keys and values of a known collection that a loop at `span` iterates over."""
    if isinstance(collection.type, ResourceType):
        collection = complete(collection, span)
    pairs = elements(collection)
    if pairs is None:
        raise EvaluationError(f"a {type_name(type_of(collection))} cannot be iterated over", collection_span)
    env.scope.budget.spend(len(pairs), span)
    return pairs


class _Loop:
    """The results of a `for` expression so far."""

    __slots__ = ("groups", "listed", "mapped", "node", "undecided")

    def __init__(self, node: syntax.For) -> None:
        self.node = node
        self.listed: list[V] = []
        self.mapped: dict[str, V] = {}
        self.groups: dict[str, list[V]] = {}
        self.undecided: list[V] = []

    def add(self, env: Env) -> None:
        """Add the result of one round, in which `env` has the loop's variables."""
        node = self.node
        if node.condition is not None:
            keep = boolean(evaluate(node.condition, env), node.condition.span)
            if isinstance(keep.data, Unknown):
                self.undecided.append(keep)
                return
            if not keep.data:
                return
        if node.result_key is None:
            self.listed.append(evaluate(node.result, env))
            return
        key = evaluate(node.result_key, env)
        if isinstance(key.data, Unknown):
            self.undecided += (key, evaluate(node.result, env))
            return
        name = _key_text(key, node.result_key.span, "the key of a for expression")
        if node.grouping:
            self.groups.setdefault(name, []).append(evaluate(node.result, env))
        elif name in self.mapped:
            raise EvaluationError(
                f'two elements have the key "{name}"; add ... after the value to group them', node.result_key.span
            )
        else:
            self.mapped[name] = evaluate(node.result, env)

    def value(self, collection: V) -> V:
        """Return the value of the whole expression."""
        span = self.node.span
        if self.undecided:
            return merge(span, (*self.undecided, collection, *self.listed, *self.mapped.values()))
        data: Any = self.mapped
        if self.node.result_key is None:
            data = tuple(self.listed)
        elif self.node.grouping:
            data = {name: Value(tuple(items), span) for name, items in self.groups.items()}
        return Value(data, span, (), collection.refs, False, collection.sensitive)


def _key_text(key: V, span: Span, what: str) -> str:
    """Return a known key as text. `what` names it in messages."""
    if key.data is None:
        raise EvaluationError(f"{what} must not be null", span)
    try:
        name: str = convert(key, STRING).data
    except ConversionError:
        raise EvaluationError(f"{what} must be a string", span) from None
    return name


# -- operators -------------------------------------------------------------------------------------


def _unary(node: syntax.Unary, env: Env) -> V:
    return unary(node.operator, evaluate(node.operand, env), node.span, node.operand.span)


def _binary(node: syntax.Binary, env: Env) -> V:
    operator = node.operator
    left = evaluate(node.left, env)
    if operator in ("&&", "||"):
        return _logical(node, left, env)
    right = evaluate(node.right, env)
    if operator in ("==", "!="):
        return equality(operator, left, right, node.span)
    left = operand(left, NUMBER, node.left.span)
    right = operand(right, NUMBER, node.right.span)
    return arithmetic(operator, left, right, node.span)


def _logical(node: syntax.Binary, left: V, env: Env) -> V:
    decides = node.operator == "||"
    any_input = _of_any_type(left)
    left = operand(left, BOOL, node.left.span)
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
    right = operand(evaluate(node.right, env), BOOL, node.right.span)
    both = (left, right)
    if right.data is decides and not any_input:
        return derive(node.span, both, decides)
    if isinstance(left.data, Unknown) or isinstance(right.data, Unknown):
        return merge(node.span, both, BOOL)
    return derive(node.span, both, not decides)


def _of_any_type(value: V) -> bool:
    """Return True if a value is an input that may turn out to be no bool at all."""
    data = value.data
    return isinstance(data, Unknown) and value.type is None and data.cause is UnknownCause.INPUT


def _conditional(node: syntax.Conditional, env: Env) -> V:
    condition = boolean(evaluate(node.condition, env), node.condition.span)
    if isinstance(condition.data, Unknown):
        return _undecided(node, condition, env)
    chosen_node, other_node = (node.then, node.otherwise) if condition.data else (node.otherwise, node.then)
    chosen = evaluate(chosen_node, env)
    try:
        other: V | None = evaluate(other_node, env)
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


def _unified(node: syntax.Conditional, chosen: V, other: V) -> V:
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


def _undecided(node: syntax.Conditional, condition: V, env: Env) -> V:
    branches: list[V] = []
    wrong: list[V] = []
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


def _template(node: syntax.Template, env: Env) -> V:
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
        self.pieces: list[str | V] = []
        self.size = 0
        self.operands: list[V] = []
        self.unknown = False

    def add(self, text: str) -> None:
        self.size += len(text)
        if self.size > MAX_TEXT:
            raise LimitError("the text becomes too long to be built", self.span)
        self.pieces.append(text)

    def add_unknown(self, piece: V) -> None:
        self.unknown = True
        self.pieces.append(piece)

    def value(self) -> V:
        if self.unknown:
            return joined_text(self.span, self.operands, self.pieces)
        return derive(self.span, self.operands, syntax.nfc("".join(str(piece) for piece in self.pieces)))


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
    if collection.data is None:
        raise EvaluationError("a for directive cannot iterate over null", part.collection.span)
    if isinstance(collection.data, Unknown):
        out.add_unknown(collection)
        return
    for key, item in _iterate(collection, part.collection.span, part.span, env):
        names = {part.value: item}
        if part.key:
            names[part.key] = key
        _parts(part.body, env.bind(names), out)


# -- calls -------------------------------------------------------------------------------------------


def _call(node: syntax.Call, env: Env) -> V:
    return call(node, env, evaluate)


_EVALUATE: dict[type, Callable[[Any, Env], V]] = {
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
