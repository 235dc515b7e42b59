"""The intrinsic functions: from the argument of a function to its value.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

from __future__ import annotations

import base64
import ipaddress
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec.structs import replace

from iaclint.cloudformation.tree import Entry, MappingNode, Node, ScalarNode, SequenceNode, is_null, name_in
from iaclint.cloudformation.values import (
    ABSENT,
    JSON_STYLE,
    Kind,
    choose,
    concat,
    merge_unknown,
    options_of,
    text_of,
    used_at,
)
from iaclint.model.json_text import json_pieces
from iaclint.model.truth import Truth
from iaclint.model.unknowns import inputs_of
from iaclint.model.value import Encoded, Step, Unknown, UnknownCause, Value

if TYPE_CHECKING:
    from iaclint.cloudformation.scope import Scope

Function: TypeAlias = Callable[["Scope", Node, MappingNode], Value[Any]]
"""A function: from the scope, the argument and the whole node to the value."""

MAX_LOOKUPS = 1_000
"""How many entries of mappings an Fn::FindInMap with unknown keys may mean; further ones are left out."""

_PLACEHOLDER = re.compile(r"\$\{([^{}]*)\}")


# -- references and texts --------------------------------------------------------------------------------


def _ref(scope: Scope, argument: Node, node: MappingNode) -> Value[Any]:
    name = argument.data if isinstance(argument, ScalarNode) else scope.evaluate(argument)
    if isinstance(name, Value):
        if not name.known:
            return merge_unknown(node.span, [name])
        name = name.data
    if not isinstance(name, str):
        return scope.wrong(node, "Ref needs the name of a parameter or resource")
    return scope.reference(name, node.span)


def _get_att(scope: Scope, argument: Node, node: MappingNode) -> Value[Any]:
    parts = [scope.evaluate(item) for item in (argument.items if isinstance(argument, SequenceNode) else [argument])]
    if not all(part.known for part in parts):
        return merge_unknown(node.span, parts)
    texts = [text_of(part.data) for part in parts]
    name, _, attribute = ".".join(t for t in texts if t is not None).partition(".")
    if None in texts or not attribute:
        return scope.wrong(node, "Fn::GetAtt needs a logical id and an attribute")
    return scope.attribute(name, attribute, node.span)


def _sub(scope: Scope, argument: Node, node: MappingNode) -> Value[Any]:
    parts = argument.items if isinstance(argument, SequenceNode) else [argument]
    given = parts[1] if len(parts) == 2 else MappingNode({}, node.span)
    if not 1 <= len(parts) <= 2 or not isinstance(given, MappingNode):
        return scope.wrong(node, "Fn::Sub needs a text and a mapping of variables")
    for variable in given:
        if is_null(variable.value):
            scope.session.problem(f"the variable {variable.name} of Fn::Sub has no value", variable.value.span)
    template = parts[0]
    if isinstance(template, ScalarNode):
        text = text_of(template.data)
    else:
        literal = scope.evaluate(template)
        if not literal.known:
            return merge_unknown(node.span, [literal])
        text = text_of(literal.data)
    if text is None:
        return scope.wrong(node, "Fn::Sub needs a text")
    pieces = list(_substituted(scope, text, given, node))
    return concat([piece for piece in pieces if piece.data is not ABSENT], node.span)


def _substituted(scope: Scope, text: str, variables: MappingNode, node: MappingNode) -> Iterator[Value[Any]]:
    """Yield the pieces of a text with the values of its placeholders."""
    span = node.span
    at = 0
    for placeholder in _PLACEHOLDER.finditer(text):
        if placeholder.start() > at:
            yield Value(text[at : placeholder.start()], span)
        at = placeholder.end()
        name = placeholder[1].strip()
        variable = variables.get(name)
        if name.startswith("!"):
            yield Value("${" + name[1:] + "}", span)
        elif variable is not None:
            yield scope.evaluate(variable)
        elif name in scope.loops or name in scope.parameters or "." not in name:
            yield scope.reference(name, span)
        else:
            logical, _, attribute = name.partition(".")
            yield scope.attribute(logical, attribute, span)
    if at < len(text) or at == 0:
        yield Value(text[at:], span)


def _join(scope: Scope, argument: Node, node: MappingNode) -> Value[Any]:
    pair = scope.arguments_of(argument, 2, 2)
    if pair is None:
        return scope.wrong(node, "Fn::Join needs a delimiter and a list")
    delimiter, items = scope.evaluate(pair[0]), scope.evaluate(pair[1])
    if isinstance(items.data, Unknown):
        return merge_unknown(node.span, [items, delimiter])
    if not isinstance(items.data, tuple):
        return scope.wrong(node, "Fn::Join needs a list", pair[1].span)
    if not delimiter.known:
        return merge_unknown(node.span, [delimiter, items])
    parts: list[Value[Any]] = []
    for item in items.data:
        if item.type is Kind.MAYBE_ABSENT:
            return merge_unknown(node.span, [item, items])
        if isinstance(item.data, tuple):  # a list in the list: its items count
            parts += _separated(item.data, delimiter)
        else:
            parts.append(item)
    if any(isinstance(part.data, dict) for part in parts):
        return scope.wrong(node, "Fn::Join can only join texts", pair[1].span)
    value = concat(_separated(parts, delimiter), node.span)
    return value if value.trail else value.replace(trail=items.trail)


def _separated(parts: Iterable[Value[Any]], delimiter: Value[Any]) -> list[Value[Any]]:
    """Return the parts with the delimiter between them."""
    return [piece for part in parts for piece in (delimiter, part)][1:]


def _split(scope: Scope, argument: Node, node: MappingNode) -> Value[Any]:
    pair = scope.arguments_of(argument, 2, 2)
    if pair is None:
        return scope.wrong(node, "Fn::Split needs a delimiter and a text")
    delimiter, source = scope.evaluate(pair[0]), scope.evaluate(pair[1])
    if not (delimiter.known and source.known):
        return merge_unknown(node.span, [delimiter, source])
    mark, text = text_of(delimiter.data), text_of(source.data)
    if not mark or text is None:
        return scope.wrong(node, "Fn::Split needs a delimiter and a text")
    items: tuple[Value[Any], ...] = tuple(
        Value(piece, node.span, source.trail, source.refs, sensitive=source.sensitive) for piece in text.split(mark)
    )
    return Value(items, node.span, source.trail, source.refs)


# -- choices ---------------------------------------------------------------------------------------------


def _if(scope: Scope, argument: Node, node: MappingNode) -> Value[Any]:
    found = scope.arguments_of(argument, 3, 3)
    if found is None:
        return scope.wrong(node, "Fn::If needs a condition and two values")
    name = name_in(found[0])
    if name is not None:
        truth = scope.conditions.condition(name, found[0].span)
    elif isinstance(found[0], MappingNode):
        truth = scope.conditions.truth(found[0])
    else:
        return scope.wrong(node, "Fn::If needs the name of a condition", found[0].span)
    if truth.decided:
        return scope.evaluate(found[1] if truth.is_true else found[2])
    values = [scope.evaluate(found[1]), scope.evaluate(found[2])]
    if all(value.data is ABSENT for value in values):
        return values[0]
    unknown = _undecided(truth)
    trail = tuple(Step(reason.span, "condition") for reason in truth.reasons[:1] if reason.span is not None)
    if any(value.data is ABSENT or value.type is Kind.MAYBE_ABSENT for value in values):
        inputs = tuple(dict.fromkeys([*unknown.inputs, *inputs_of(values)]))
        is_sensitive = any(value.sensitive for value in values)
        return Value(replace(unknown, inputs=inputs), node.span, trail, sensitive=is_sensitive, type=Kind.MAYBE_ABSENT)
    return choose(values, Value(unknown, node.span, trail))


def _undecided(truth: Truth) -> Unknown:
    """Return the unknown that an undecided truth makes."""
    inputs = tuple(dict.fromkeys(name for reason in truth.reasons for name in reason.inputs))
    detail = "; ".join(dict.fromkeys(reason.detail for reason in truth.reasons)) or "an undecided condition"
    return Unknown(UnknownCause.INPUT, detail, inputs)


def _boolean(scope: Scope, _: Node, node: MappingNode) -> Value[Any]:
    truth = scope.conditions.truth(node)
    if truth.decided:
        return Value("true" if truth.is_true else "false", node.span)
    return Value(replace(_undecided(truth), one_of=("true", "false")), node.span)


def _select(scope: Scope, argument: Node, node: MappingNode) -> Value[Any]:
    pair = scope.arguments_of(argument, 2, 2)
    if pair is None:
        return scope.wrong(node, "Fn::Select needs an index and a list")
    index, items = scope.evaluate(pair[0]), scope.evaluate(pair[1])
    if isinstance(items.data, Unknown):
        return merge_unknown(node.span, [index, items])
    if isinstance(index.data, Unknown):
        options = items.data if isinstance(items.data, tuple) else ()
        return choose(options, merge_unknown(node.span, [index], refs=False))
    if isinstance(items.data, tuple):
        text = text_of(index.data) or ""
        if text.isdecimal() and len(text) < 10 and int(text) < len(items.data):
            item: Value[Any] = items.data[int(text)]
            if items.span in node.span and item.span in node.span:
                return item
            return used_at(item, node.span, ())
        if text.isdecimal():
            return scope.wrong(node, f"Fn::Select: there is no item {text} in a list of {len(items.data)}")
    return scope.wrong(node, "Fn::Select needs an index and a list")


# -- Fn::FindInMap ---------------------------------------------------------------------------------------


def _find_in_map(scope: Scope, argument: Node, node: MappingNode) -> Value[Any]:
    found = scope.arguments_of(argument, 3, 4)
    if found is None:
        return scope.wrong(node, "Fn::FindInMap needs a mapping and two keys")
    default: Node | None = None
    if len(found) == 4:
        default = found[3].get("DefaultValue") if isinstance(found[3], MappingNode) else None
        if default is None:
            return scope.wrong(node, "Fn::FindInMap takes DefaultValue as its fourth argument", found[3].span)
    keys = [_key(scope, item) for item in found[:3]]
    if any(key.known and text_of(key.data) is None for key in keys):
        return scope.wrong(node, "Fn::FindInMap needs a mapping and two keys")
    if keys[0].known and text_of(keys[0].data) not in scope.mappings and default is None:
        return scope.wrong(node, f"there is no mapping {text_of(keys[0].data)}")
    if default is not None and any(key.refs and not key.known for key in keys):
        # looked up before anything is deployed: a key that only deployment tells is never found
        return scope.evaluate(default)
    return _looked_up(scope, keys, default, node)


def _looked_up(scope: Scope, keys: list[Value[Any]], default: Node | None, node: MappingNode) -> Value[Any]:
    """Return the entry that the keys mean, the default, or an unknown that may be any entry that they may mean."""
    lookups = list(itertools.islice(_lookups(scope, keys), MAX_LOOKUPS))
    way = _first_trail(keys)
    values = [
        used_at(scope.evaluate(hit), node.span, (*way, Step(hit.span, f"mapping {name}")))
        for name, hit in lookups
        if hit is not None
    ]
    if all(key.known for key in keys):
        if values:
            return values[0]
        if default is not None:
            return scope.evaluate(default)
        return scope.wrong(node, f"Fn::FindInMap: there is no entry {', '.join(text_of(k.data) or '' for k in keys)}")
    if default is not None and (not values or any(hit is None for _, hit in lookups)):
        values.append(scope.evaluate(default))
    return choose(values, merge_unknown(node.span, keys, refs=False))


def _lookups(scope: Scope, keys: list[Value[Any]]) -> Iterator[tuple[str, Node | None]]:
    """Yield the name of the mapping and the entry for each choice of keys; None if the last key is absent."""
    for name in _possible_keys(keys[0], scope.mappings):
        firsts = _entries_of(scope.mappings.get(name))
        for first in _possible_keys(keys[1], firsts):
            seconds = _entries_of(firsts.get(first))
            for second in _possible_keys(keys[2], seconds):
                yield name, seconds[second].value if second in seconds else None


def _entries_of(entry: Entry | None) -> Mapping[str, Entry]:
    return entry.value.entries if entry is not None and isinstance(entry.value, MappingNode) else {}


def _key(scope: Scope, node: Node) -> Value[Any]:
    """Return a key of a mapping. A plain one counts as it is written, as the mapping's own keys do."""
    return Value(name_in(node), node.span) if isinstance(node, ScalarNode) else scope.evaluate(node)


def _possible_keys(key: Value[Any], level: Mapping[str, Entry]) -> Iterable[str]:
    """Return the keys that may be meant: the one, those that it may be, or all that are there."""
    options = options_of(key)
    return options if options is not None else list(level)


def _first_trail(values: Iterable[Value[Any]]) -> tuple[Step, ...]:
    return next((value.trail for value in values if value.trail), ())


# -- the other functions ---------------------------------------------------------------------------------


def _base64(scope: Scope, argument: Node, node: MappingNode) -> Value[Any]:
    value = scope.evaluate(argument)
    if not value.known:
        return merge_unknown(node.span, [value])
    text = text_of(value.data)
    if text is None:
        return scope.wrong(node, "Fn::Base64 needs a text")
    encoded = base64.b64encode(text.encode("utf-8", "surrogatepass")).decode("ascii")
    return Value(encoded, node.span, value.trail, value.refs, sensitive=value.sensitive)


def _cidr(scope: Scope, argument: Node, node: MappingNode) -> Value[Any]:
    found = scope.arguments_of(argument, 2, 3)
    if found is None:
        return scope.wrong(node, "Fn::Cidr needs a block, a count and the bits of a subnet")
    values = [scope.evaluate(item) for item in found]
    if not all(value.known for value in values) or len(values) == 2:
        return merge_unknown(node.span, values, "" if len(values) == 3 else "Fn::Cidr without the bits of a subnet")
    block, count, bits = (text_of(value.data) or "" for value in values)
    try:
        subnets = _subnets(block, int(count), int(bits))
    except ValueError:
        return scope.wrong(node, f"Fn::Cidr cannot cut {count} subnets of {bits} bits from {block}")
    trail = _first_trail(values)
    return Value(tuple(Value(subnet, node.span, trail) for subnet in subnets), node.span, trail)


def _subnets(block: str, count: int, bits: int) -> list[str]:
    """Return the first subnets of a CIDR block that leave so many bits for hosts. Raises ValueError if they do not fit.

    CloudFormation makes 256 at most.
    """
    network = ipaddress.ip_network(block, strict=False)
    length = network.max_prefixlen - bits
    if not 1 <= count <= 256 or length < network.prefixlen or bits < 0:
        raise ValueError
    subnets = [str(subnet) for subnet in itertools.islice(network.subnets(new_prefix=length), count)]
    if len(subnets) < count:
        raise ValueError
    return subnets


def _get_azs(scope: Scope, argument: Node, node: MappingNode) -> Value[Any]:
    detail = "the availability zones of a region are known at deployment"
    return merge_unknown(node.span, [scope.evaluate(argument)], detail, cause=UnknownCause.EXTERNAL)


def _import_value(scope: Scope, argument: Node, node: MappingNode) -> Value[Any]:
    name = scope.evaluate(argument)
    text = text_of(name.data)
    if text is None:
        return merge_unknown(node.span, [name], cause=UnknownCause.EXTERNAL, refs=False)
    scope.session.imports.add(text)
    export = scope.session.importable.get(text)
    if export is None:
        return Value(Unknown(UnknownCause.EXTERNAL, f"export {text} of another stack", not_null=True), node.span)
    return used_at(export.value, node.span, (Step(export.value.span, f"export {text} of {export.stack}"),))


def _stack_output(scope: Scope, argument: Node, node: MappingNode) -> Value[Any]:
    detail = "an output of another stack"
    return merge_unknown(node.span, [scope.evaluate(argument)], detail, cause=UnknownCause.EXTERNAL, refs=False)


def _length(scope: Scope, argument: Node, node: MappingNode) -> Value[Any]:
    value = scope.evaluate(argument)
    if isinstance(value.data, tuple):
        return Value(len(value.data), node.span, value.trail)
    if not value.known:
        return merge_unknown(node.span, [value], refs=False)
    return scope.wrong(node, "Fn::Length needs a list")


def _to_json(scope: Scope, argument: Node, node: MappingNode) -> Value[Any]:
    value = scope.evaluate(argument)
    if isinstance(value.data, Unknown):
        return merge_unknown(node.span, [value])
    if not isinstance(value.data, (dict, tuple)):
        return scope.wrong(node, "Fn::ToJsonString needs a mapping or a list")
    pieces: list[Value[Any]] = []
    for is_known, group in itertools.groupby(json_pieces(value, JSON_STYLE), lambda piece: isinstance(piece, str)):
        if is_known:
            pieces.append(Value("".join(piece for piece in group if isinstance(piece, str)), node.span))
        else:
            pieces += [piece for piece in group if isinstance(piece, Value)]
    text = concat(pieces, node.span)
    data = text.data
    if isinstance(data, str):
        data = Encoded(data, value)
    elif text.type is None:
        data = replace(data, encoded=value)
    return text.replace(data=data, refs=value.all_refs())


def _rule_function(scope: Scope, argument: Node, node: MappingNode) -> Value[Any]:
    return merge_unknown(node.span, [scope.evaluate(argument)], "a function of the Rules section", refs=False)


FUNCTIONS: Mapping[str, Function] = {
    "Ref": _ref,
    "Fn::And": _boolean,
    "Fn::Base64": _base64,
    "Fn::Cidr": _cidr,
    "Fn::Contains": _rule_function,
    "Fn::EachMemberEquals": _rule_function,
    "Fn::EachMemberIn": _rule_function,
    "Fn::Equals": _boolean,
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAZs": _get_azs,
    "Fn::GetAtt": _get_att,
    "Fn::GetStackOutput": _stack_output,
    "Fn::If": _if,
    "Fn::ImportValue": _import_value,
    "Fn::Join": _join,
    "Fn::Length": _length,
    "Fn::Not": _boolean,
    "Fn::Or": _boolean,
    "Fn::RefAll": _rule_function,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
    "Fn::ToJsonString": _to_json,
    "Fn::ValueOf": _rule_function,
    "Fn::ValueOfAll": _rule_function,
}
"""The functions by the key that calls them."""
