"""Values as CloudFormation has them: scalars are texts, a value may be absent, a text may be read at deployment.

An unknown part makes an unknown whole that keeps what is certain: the inputs it depends on, the possible texts, the
start, the pieces, the references.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from enum import Enum
from functools import partial
from typing import Any

from msgspec.structs import replace

from iaclint.model import unknowns
from iaclint.model.json_text import JsonStyle
from iaclint.model.unknowns import TooManyParts
from iaclint.model.value import LanguageType, Step, Unknown, UnknownCause, Value
from iaclint.source.files import Span

ABSENT = Unknown(UnknownCause.INVALID, "AWS::NoValue")
"""The data of AWS::NoValue: containers leave such a part out. Compared by identity."""


class Kind(LanguageType, Enum):
    """What is known of an unknown value besides its data: the `type` of its Value."""

    TEXT = "text"
    """It can only be a text."""
    MAYBE_ABSENT = "maybe absent"
    """It may turn out to be AWS::NoValue."""


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
    span: Span, parts: Sequence[Value[Any]], detail: str = "", *, cause: UnknownCause | None = None, refs: bool = True
) -> Value[Any]:
    """Return an unknown value made from parts that are, or hold, unknown ones. `refs` keeps their references."""
    try:
        value = unknowns.merge(span, parts, cause=cause, detail=detail, not_null=False, first_leads=True)
    except TooManyParts as error:
        return _too_many_parts(error)
    return value if refs else value.replace(refs=())


def concat(parts: Sequence[Value[Any]], span: Span) -> Value[Any]:
    """Return the text that the parts make together: known if all are, else with its possible texts and its start."""
    if any(isinstance(part.data, (tuple, dict)) for part in parts) and all(part.known for part in parts):
        invalid = Unknown(UnknownCause.INVALID, "a list or mapping stands where text should be")
        return unknowns.derive(span, parts, invalid)
    pieces = [_as_piece(part) for part in parts]
    not_null = any(piece.data.not_null or piece.data.prefix if piece.unknown else piece.data for piece in pieces)
    try:
        return dynamic(unknowns.concat(span, pieces, parts, not_null=not_null, first_leads=True))
    except TooManyParts as error:
        return _too_many_parts(error)


def _as_piece(part: Value[Any]) -> Value[Any]:
    """Return a part of a text with scalars as CloudFormation spells them."""
    data = part.data
    if isinstance(data, Unknown):
        options = options_of(part)
        return part if options is None or options == data.one_of else part.with_data(replace(data, one_of=options))
    text = text_of(data)
    return merge_unknown(part.span, [part]) if text is None else part if text is data else part.with_data(text)


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


def choose(options: Sequence[Value[Any]], undecided: Value[Any]) -> Value[Any]:
    """Return one of several values if it is undecided which: the value if all are equal, else an unknown.

    `undecided` is the unknown that decides between them, placed where the choice is written.
    """
    if options and all(same_data(options[0], other) for other in options[1:]) and options[0].wholly_known:
        return options[0]
    shared = [ref for ref in options[0].refs if all(ref in other.refs for other in options)] if options else []
    try:
        return unknowns.choose(undecided, options, tuple(shared))
    except TooManyParts as error:
        return _too_many_parts(error)


def _too_many_parts(error: TooManyParts) -> Value[Any]:
    return Value(Unknown(UnknownCause.UNSUPPORTED, str(error)), error.span)
