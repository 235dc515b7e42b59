"""count, for_each and enabled: the instances of a block.

Source of facts: the Terraform language documentation (meta-arguments).
"""

from __future__ import annotations

from typing import Any, Generic, Literal, NamedTuple, TypeAlias, TypeVar

from msgspec import Struct

from iaclint.model.address import Address
from iaclint.model.truth import Truth
from iaclint.model.unknowns import merge, unknown_parts
from iaclint.model.value import Unknown, UnknownCause, Value
from iaclint.terraform.config.blocks import expression_of, first_block
from iaclint.terraform.config.evaluation import Evaluation
from iaclint.terraform.lang.comparison import sort_set
from iaclint.terraform.lang.conversion import ConversionError, convert
from iaclint.terraform.lang.errors import EvaluationError
from iaclint.terraform.lang.evaluate import evaluate
from iaclint.terraform.lang.resources import complete
from iaclint.terraform.lang.scope import Env
from iaclint.terraform.lang.types import DYNAMIC, NUMBER, STRING, MapType, ResourceType, SetType, Type
from iaclint.terraform.syntax.tree import Block, Expression

V: TypeAlias = Value[Any]
T = TypeVar("T")

MAX_INSTANCES = 20_000
"""More instances of one block are not made."""


class Instance(NamedTuple):
    """One instance of a block: its key (None without count and for_each), the names in force, its address."""

    key: V | None
    env: Env
    address: Address


class Expansion(Struct, Generic[T], eq=False):
    """The instances of a block.

    mode    the kind of repetition; "unknown" if the number of instances is unknown: one instance stands for all of them
    reason  the value of count, for_each or enabled
    """

    mode: Literal["single", "count", "for_each", "unknown"]
    instances: list[T]
    reason: V | None = None

    def existence(self, outer: Truth) -> Truth:
        """Return whether the instances exist, if `outer` tells whether their module exists."""
        if self.mode != "unknown" or self.reason is None:
            return outer
        return outer & Truth(None, self.reason.reasons)


def expand(block: Block, base: Address, env: Env, evaluation: Evaluation) -> Expansion[Instance]:
    """Return the instances of a block with the address `base`. What is wrong in count or for_each is reported."""
    count = expression_of(block.body, "count")
    for_each = expression_of(block.body, "for_each")
    if count is not None and for_each is not None:
        evaluation.problem("count and for_each exclude each other", count.span)
    if count is not None:
        return _by_count(count, base, env, evaluation)
    if for_each is not None:
        return _by_for_each(for_each, base, env, evaluation)
    lifecycle = first_block(block.body, "lifecycle")
    enabled = expression_of(lifecycle.body, "enabled") if lifecycle is not None else None
    if enabled is not None:
        return _by_enabled(enabled, base, env, evaluation)
    return Expansion("single", [Instance(None, env, base)])


def _by_enabled(node: Expression, base: Address, env: Env, evaluation: Evaluation) -> Expansion[Instance]:
    """OpenTofu's `lifecycle { enabled = ... }`."""
    only = Instance(None, env, base)
    value = _setting(node, DYNAMIC, env, evaluation)
    if isinstance(value.data, Unknown):
        return Expansion("unknown", [only], value)
    return Expansion("single", [only] if value.data in (True, "true") else [])


def _by_count(node: Expression, base: Address, env: Env, evaluation: Evaluation) -> Expansion[Instance]:
    value = _setting(node, NUMBER, env, evaluation)
    number = value.data
    if not isinstance(number, Unknown) and (not isinstance(number, int) or number < 0):
        evaluation.problem("count must be a whole number, not negative", node.span)
        value = Value(Unknown(UnknownCause.INVALID, "count is not a whole number"), node.span)
    if isinstance(value.data, Unknown):
        index = Unknown(value.data.cause, value.data.detail, value.data.inputs, not_null=True)
        any_index: V = Value(index, node.span, type=NUMBER)
        return Expansion("unknown", [Instance(None, Env(env.scope, count=any_index), base.instance("*"))], value)
    if number > MAX_INSTANCES:
        message = f"count is {number:,}; only {MAX_INSTANCES:,} instances are looked at"
        evaluation.capped(message, node.span, base)
    keys: list[V] = [Value(i, node.span) for i in range(min(number, MAX_INSTANCES))]
    instances = [Instance(key, Env(env.scope, count=key), base.instance(str(key.data))) for key in keys]
    return Expansion("count", instances, value)


def _by_for_each(node: Expression, base: Address, env: Env, evaluation: Evaluation) -> Expansion[Instance]:
    value = _checked_for_each(_setting(node, DYNAMIC, env, evaluation), node, evaluation)
    data = value.data
    if isinstance(data, Unknown):
        return Expansion("unknown", [_any_of(value, node, base, env)], value)
    pairs: list[tuple[str, V, V]] = []
    if isinstance(data, dict):
        pairs = [(name, Value(name, data[name].span), data[name]) for name in sorted(data)]
    else:
        for item in sort_set(data):
            if isinstance(item.data, str):
                pairs.append((item.data, item, item))
            else:
                evaluation.problem("for_each takes a set of strings", node.span)
    if len(pairs) > MAX_INSTANCES:
        message = f"for_each has {len(pairs):,} elements; only {MAX_INSTANCES:,} are looked at"
        evaluation.capped(message, node.span, base)
    instances = [
        Instance(key, Env(env.scope, each=(key, item)), base.instance(_quoted(name)))
        for name, key, item in pairs[:MAX_INSTANCES]
    ]
    return Expansion("for_each", instances, value)


def _checked_for_each(value: V, node: Expression, evaluation: Evaluation) -> V:
    """Return the map or set of a for_each; unknown if it is neither, or if an element of the set is unknown."""
    if isinstance(value.type, ResourceType):
        value = complete(value, node.span)
    data = value.data
    if isinstance(data, tuple) and not isinstance(value.type, SetType):
        evaluation.problem("for_each takes a map or a set; convert a list with toset()", node.span)
        return Value(Unknown(UnknownCause.INVALID, "for_each is a list"), node.span)
    if not isinstance(data, (tuple, dict, Unknown)):
        evaluation.problem("for_each takes a map or a set of strings", node.span)
        return Value(Unknown(UnknownCause.INVALID, "for_each is neither a map nor a set"), node.span)
    if isinstance(data, tuple) and unknown_parts(data):
        return merge(node.span, (value,))
    return value


def _any_of(value: V, node: Expression, base: Address, env: Env) -> Instance:
    """Return the instance that stands for any instance of a for_each that is unknown."""
    data: Unknown = value.data
    is_set = isinstance(value.type, SetType)
    named = Unknown(data.cause, data.detail, data.inputs, not_null=True)
    key: V = Value(named, node.span, value.trail, value.refs if is_set else (), type=STRING)
    item = key
    if not is_set:
        kind = value.type.element if isinstance(value.type, MapType) else None
        unknown = Unknown(data.cause, data.detail, data.inputs)
        item = Value(unknown, node.span, value.trail, value.refs, type=kind)
    return Instance(None, Env(env.scope, each=(key, item)), base.instance("*"))


def _setting(node: Expression, kind: Type, env: Env, evaluation: Evaluation) -> V:
    try:
        return convert(evaluate(node, env), kind)
    except EvaluationError as error:
        return evaluation.invalid(error, node.span, kind)
    except ConversionError as error:
        return evaluation.invalid(EvaluationError(str(error), node.span), node.span, kind)


def _quoted(key: str) -> str:
    """Return an instance key as addresses spell it."""
    text = key.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return f'"{text}"'.replace("${", "$${").replace("%{", "%%{")
