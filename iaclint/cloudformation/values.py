"""Values as CloudFormation has them: scalars are texts, a value may be absent, a text may be read at deployment.

An unknown part makes an unknown whole that keeps what is certain: the inputs it depends on, the possible texts, the
start, the pieces, the references.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Sequence
from enum import Enum
from functools import partial
from typing import Any

from iaclint.model.json_text import JsonStyle
from iaclint.model.unknowns import inputs_of
from iaclint.model.value import LanguageType, Ref, Step, Unknown, UnknownCause, Value
from iaclint.source.files import Span

ABSENT = Unknown(UnknownCause.INVALID, "AWS::NoValue")
"""The data of AWS::NoValue: containers leave such a part out. Compared by identity."""


class Kind(LanguageType, Enum):
    """What is known of an unknown value besides its data: the `type` of its Value."""

    TEXT = "text"
    """It can only be a text."""
    MAYBE_ABSENT = "maybe absent"
    """It may turn out to be AWS::NoValue."""


MAX_OPTIONS = 64
"""How many possible values of an unknown are listed."""
_DYNAMIC = re.compile(r"\{\{\s*resolve:\s*([a-z-]+)")


def text_of(data: Any) -> str | None:
    """Return a scalar as CloudFormation spells it; None for anything else."""
    if isinstance(data, str):
        return data
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, (int, float)):
        return repr(data)
    return None


def options_of(value: Value[Any]) -> tuple[str, ...] | None:
    """Return the texts that a scalar may turn out to be; None if they cannot be listed."""
    data = value.data
    if isinstance(data, Unknown):
        texts = [text_of(option) for option in data.one_of]
        return tuple(t for t in texts if t is not None) if texts and None not in texts else None
    text = text_of(data)
    return None if text is None else (text,)


def is_text(value: Value[Any]) -> bool:
    """Return True if an unknown value can only be a text: not a list, a mapping or AWS::NoValue."""
    data = value.data
    if not isinstance(data, Unknown) or value.type is Kind.MAYBE_ABSENT:
        return False
    if data.one_of:
        return all(isinstance(option, str) for option in data.one_of)
    return bool(data.prefix or data.parts) or value.type is Kind.TEXT


JSON_STYLE = JsonStyle(partial(json.dumps, ensure_ascii=False), partial(json.dumps, ensure_ascii=False), is_text)
"""How Fn::ToJsonString writes values: compact, members in the order of the template."""


def from_plain(data: Any, span: Span, trail: tuple[Step, ...]) -> Value[Any]:
    """Return plain Python data as a Value."""
    if isinstance(data, (list, tuple)):
        return Value(tuple(from_plain(item, span, trail) for item in data), span, trail)
    if isinstance(data, dict):
        return Value({str(name): from_plain(item, span, trail) for name, item in data.items()}, span, trail)
    return Value(data, span, trail)


def used_at(value: Value[Any], span: Span, steps: tuple[Step, ...]) -> Value[Any]:
    """Return a value that is used elsewhere: with the place of the use, and the way from there to its own place.

    `steps` lead from the use to the value's own place. Parts of a container get the same steps and their own place.
    """
    data = value.data
    what = steps[-1].what if steps else ""

    def part(item: Value[Any]) -> Value[Any]:
        return used_at(item, span, (*steps, Step(item.span, what)) if item.span != span else steps)

    if isinstance(data, tuple):
        data = tuple(part(item) for item in data)
    elif isinstance(data, dict):
        data = {name: part(item) for name, item in data.items()}
    return Value(data, span, steps + value.trail, value.refs, value.implicit, value.sensitive, value.type)


def same_data(left: Value[Any], right: Value[Any]) -> bool:
    """Return True if both are wholly known and equal. CloudFormation compares scalars as text."""
    if not (left.wholly_known and right.wholly_known):
        return False
    return bool(_as_texts(left.plain()) == _as_texts(right.plain()))


def _as_texts(data: Any) -> Any:
    if isinstance(data, list):
        return [_as_texts(item) for item in data]
    if isinstance(data, dict):
        return {name: _as_texts(item) for name, item in data.items()}
    text = text_of(data)
    return data if text is None else text


# -- wholes of parts that may be unknown -----------------------------------------------------------------


def merge_unknown(
    span: Span, parts: Iterable[Value[Any]], detail: str = "", *, cause: UnknownCause | None = None, refs: bool = True
) -> Value[Any]:
    """An unknown made from parts that are (partly) unknown: it hangs on what they hang on."""
    inputs: dict[str, None] = {}
    found: dict[Ref, None] = {}
    trail: tuple[Step, ...] = ()
    sensitive = False
    for part in parts:
        for inner in part.walk():
            found.update(dict.fromkeys(inner.refs))
            sensitive = sensitive or inner.sensitive
            if isinstance(inner.data, Unknown):
                inputs.update(dict.fromkeys(inner.data.inputs))
                cause = cause or inner.data.cause
                detail = detail or inner.data.detail
                trail = trail or inner.trail
    data = Unknown(cause or UnknownCause.UNSUPPORTED, detail or "not known", tuple(inputs))
    return Value(data, span, trail, tuple(found) if refs else (), sensitive=sensitive)


def concat(parts: list[Value[Any]], span: Span) -> Value[Any]:
    """Texts put together: known where all are, else with the possible texts or the certain start."""
    refs = tuple(dict.fromkeys(ref for part in parts for ref in part.all_refs()))
    trail = next((part.trail for part in parts if part.trail and not part.known), None)
    if trail is None:
        trail = next((part.trail for part in parts if part.trail), ())
    sensitive = any(part.sensitive for part in parts)
    texts = [text_of(part.data) for part in parts]
    if None not in texts:
        return dynamic(Value("".join(t for t in texts if t is not None), span, trail, refs, sensitive=sensitive))
    prefix = ""
    for part, text in zip(parts, texts, strict=True):
        if text is None:
            prefix += part.data.prefix if isinstance(part.data, Unknown) else ""
            break
        prefix += text
    unknowns = [part.data for part in parts if isinstance(part.data, Unknown)]
    if not unknowns:  # a list or mapping where a text should be
        return Value(Unknown(UnknownCause.INVALID, "a list or mapping stands where text should be"), span, trail, refs)
    first = unknowns[0]
    inputs = tuple(dict.fromkeys(name for data in unknowns for name in data.inputs))
    not_null = any(text for text in texts) or any(data.not_null or data.prefix for data in unknowns)
    one_of: tuple[str, ...] = ()
    choices = [options_of(part) for part in parts]
    if None not in choices:
        sets = [choice for choice in choices if choice is not None]
        size = 1
        for choice in sets:
            size *= len(choice)
        if 0 < size <= MAX_OPTIONS:
            one_of = tuple(dict.fromkeys("".join(pick) for pick in itertools.product(*sets)))
    data = Unknown(first.cause, first.detail, inputs, one_of, prefix, not_null, _flat(parts))
    return dynamic(Value(data, span, trail, refs, sensitive=sensitive))


def _flat(parts: Iterable[Value[Any]]) -> tuple[Value[Any], ...]:
    """The pieces of a text, those of texts that are themselves put together in their place; what is known in one."""
    pieces = (p for part in parts for p in (part.unknown.parts if part.unknown and part.unknown.parts else (part,)))
    flat: list[Value[Any]] = []
    for known, group in itertools.groupby(pieces, lambda piece: text_of(piece.data) is not None):
        run = list(group)
        flat += [concat(run, run[0].span)] if known and len(run) > 1 else run
    return tuple(flat)


def dynamic(value: Value[Any]) -> Value[Any]:
    """Return the value, or if it is a text that holds a dynamic reference an unknown one: it is read at deployment.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
    """
    data = value.data
    text = data if isinstance(data, str) else data.prefix if isinstance(data, Unknown) else ""
    found = _DYNAMIC.search(text) if isinstance(text, str) and "{{" in text else None
    if found is None:
        return value
    unknown = Unknown(
        UnknownCause.EXTERNAL, f"read from {found[1]} at deployment", prefix=text[: found.start()], not_null=True
    )
    return Value(unknown, value.span, value.trail, value.refs, sensitive=True, type=Kind.TEXT)


def choose(values: Sequence[Value[Any]], undecided: Value[Any]) -> Value[Any]:
    """One of several values, it is not known which: the value where all are equal, else an unknown."""
    if values and all(same_data(values[0], other) for other in values[1:]) and values[0].wholly_known:
        return values[0]
    unknown: Unknown = undecided.data
    options: dict[str | None, Any] = {}  # by their text: true is "true", but not 1
    listable = bool(values)
    prefixes: list[str] = []
    for value in values:
        data = value.data
        if isinstance(data, Unknown):
            prefixes.append(data.prefix)
            listable = listable and bool(data.one_of)
            options.update({text_of(option): option for option in data.one_of})
        elif text_of(data) is not None:
            prefixes.append(text_of(data) or "")
            options.setdefault(text_of(data), data)
        else:
            prefixes.append("")
            listable = False
    inputs = tuple(dict.fromkeys([*unknown.inputs, *inputs_of(values)]))
    not_null = bool(values) and all(
        value.data.not_null or bool(value.data.prefix) if value.unknown is not None else value.data is not None
        for value in values
    )
    shared = set(values[0].refs).intersection(*(v.refs for v in values[1:])) if values else set()
    data = Unknown(
        unknown.cause,
        unknown.detail,
        inputs,
        tuple(options.values()) if listable and len(options) <= MAX_OPTIONS else (),
        _common_start(prefixes),
        not_null,
    )
    sensitive = any(value.sensitive for value in values)
    return Value(data, undecided.span, undecided.trail, tuple(shared), sensitive=sensitive)


def _common_start(texts: list[str]) -> str:
    """The longest text that all of them start with."""
    if not texts:
        return ""
    first, last = min(texts), max(texts)
    same = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[:same]
