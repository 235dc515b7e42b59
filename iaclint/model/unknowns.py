"""Operations on values of which some are unknown. The result keeps all facts that are certain.

Both front-ends use these functions, so that a result has the same facts in either language: the resources and inputs
that it was built from, whether it is sensitive, its possible data, and the start of a text.

derive   a value that is computed from others
merge    an unknown value, because others have unknown parts
concat   a text of known and unknown pieces
choose   one of several values if it is undecided which
pick     an element or attribute of an unknown value
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from msgspec.structs import replace

from iaclint.model.value import LanguageType, Ref, Step, Unknown, UnknownCause, Value
from iaclint.source.files import Span

V: TypeAlias = Value[Any]

MAX_PARTS = 250_000
"""The largest number of parts of a value. A part that occurs several times counts several times."""
MAX_PIECES = 2_000
"""The largest number of pieces that an unknown text keeps; a text of more keeps none."""
MAX_OPTIONS = 64
"""The largest number of possible values that an unknown value keeps; a value with more keeps none."""


class TooManyParts(Exception):
    """A value has more than MAX_PARTS parts. `span` is the place of the collection that exceeds the limit."""

    def __init__(self, span: Span) -> None:
        super().__init__("the value has too many parts")
        self.span = span


# -- facts about parts ----------------------------------------------------------------------------------


def unknown_parts(values: Iterable[V]) -> list[V]:
    """Return all unknown parts of the values, in order. Raises TooManyParts."""
    found: list[V] = []
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
                raise TooManyParts(value.span)
            stack.extend(reversed(data if isinstance(data, tuple) else tuple(data.values())))
    return found


def refs_of(values: Iterable[V]) -> tuple[Ref, ...]:
    """Return the references of the values and of all their parts, each once."""
    found: dict[Ref, None] = {}
    _collect_refs(values, found)
    return tuple(found)


def _collect_refs(values: Iterable[V], found: dict[Ref, None]) -> None:
    for value in values:
        for ref in value.refs:
            found[ref] = None
        data = value.data
        if isinstance(data, tuple):
            _collect_refs(data, found)
        elif isinstance(data, dict):
            _collect_refs(data.values(), found)


def is_sensitive(values: Iterable[V]) -> bool:
    """Return True if any of the values, or a part of one, is sensitive."""
    for value in values:
        if value.sensitive:
            return True
        data = value.data
        if isinstance(data, tuple):
            if is_sensitive(data):
                return True
        elif isinstance(data, dict) and is_sensitive(data.values()):
            return True
    return False


def inputs_of(values: Iterable[V]) -> tuple[str, ...]:
    """Return the names of the inputs that any part of the values depends on, each once."""
    return tuple(dict.fromkeys(name for part in unknown_parts(values) for name in part.data.inputs))


# -- making values --------------------------------------------------------------------------------------


def derive(
    span: Span, operands: Sequence[V], data: Any, kind: LanguageType | None = None, trail: tuple[Step, ...] = ()
) -> V:
    """Return the data as a value computed from the operands: with their references, and sensitive if one of them is."""
    refs: tuple[Ref, ...] = ()
    sensitive = False
    for operand in operands:
        if operand.refs or isinstance(operand.data, (tuple, dict)):
            refs = refs_of(operands)
            break
    for operand in operands:
        if operand.sensitive or isinstance(operand.data, (tuple, dict)):
            sensitive = is_sensitive(operands)
            break
    return Value(data, span, trail, refs, False, sensitive, kind)


def merge(
    span: Span,
    operands: Sequence[V],
    kind: LanguageType | None = None,
    *,
    cause: UnknownCause | None = None,
    detail: str = "",
    prefix: str = "",
    not_null: bool = True,
    one_of: tuple[Any, ...] = (),
    parts: tuple[V, ...] = (),
    encoded: V | None = None,
    first_leads: bool = False,
) -> V:
    """Return a value that is unknown because the operands have unknown parts. Raises TooManyParts.

    It depends on the inputs of all of them. Cause, detail and trail are those of the first part that is an input
    without a value (which people can supply), else of the first unknown part; `cause` and `detail` override them.
    A part without a trail that lies elsewhere becomes the trail.
    With `first_leads`, they are always those of the first unknown part, and no place is added to its trail.
    """
    causes = unknown_parts(operands)
    trail: tuple[Step, ...] = ()
    inputs: tuple[str, ...] = ()
    if causes:
        inputs_first = (part for part in causes if part.data.cause is UnknownCause.INPUT)
        lead = causes[0] if first_leads else next(inputs_first, causes[0])
        cause = cause or lead.data.cause
        detail = detail or lead.data.detail
        inputs = causes[0].data.inputs
        if len(causes) > 1:
            inputs = tuple(dict.fromkeys(name for part in causes for name in part.data.inputs))
        trail = lead.trail
        if not (first_leads or trail) and lead.span != span:
            trail = (Step(lead.span, "unknown"),)
    data = Unknown(
        cause or UnknownCause.UNSUPPORTED, detail or "this is not evaluated", inputs, one_of, prefix, not_null, parts,
        encoded,
    )  # fmt: skip
    return derive(span, operands, data, kind, trail)


def concat(
    span: Span,
    pieces: Iterable[str | V],
    operands: Sequence[V],
    kind: LanguageType | None = None,
    *,
    normal: Callable[[str], str] | None = None,
    not_null: bool = True,
    listed: bool = True,
    first_leads: bool = False,
) -> V:
    """Return the concatenation of the pieces: a known text if all pieces are known, else an unknown one with its facts.

    `pieces` are texts, and values that are texts or unknown; `operands` are all values that the text was built from;
    `normal` brings known pieces into the language's normal form. An unknown text keeps its pieces (up to MAX_PIECES),
    its certain start and, with `listed`, its possible texts (up to MAX_OPTIONS). Raises TooManyParts.
    """
    flat = _joined(span, pieces, normal)
    if all(isinstance(piece.data, str) for piece in flat):
        text = "".join(piece.data for piece in flat)
        return derive(span, operands, text, None, next((part.trail for part in operands if part.trail), ()))
    return merge(
        span,
        operands,
        kind,
        prefix=_certain_start(flat),
        not_null=not_null,
        one_of=_possible_texts(flat) if listed else (),
        parts=tuple(flat) if len(flat) <= MAX_PIECES else (),
        first_leads=first_leads,
    )


def _joined(span: Span, pieces: Iterable[str | V], normal: Callable[[str], str] | None) -> list[V]:
    """Return the pieces as Values. An unknown text is replaced by its own pieces; adjacent known pieces are joined."""
    flat: list[V] = []
    for known, group in itertools.groupby(_spread(pieces), _is_known_text):
        run = list(group)
        first = run[0]
        if not known:
            flat += [piece for piece in run if isinstance(piece, Value)]
        elif len(run) == 1 and isinstance(first, Value) and (normal is None or normal(first.data) == first.data):
            flat.append(first)
        else:
            values = [piece for piece in run if isinstance(piece, Value)]
            text = "".join(piece.data if isinstance(piece, Value) else piece for piece in run)
            trail = next((value.trail for value in values if value.trail), ())
            place = values[0].span if values else span
            flat.append(derive(place, values, normal(text) if normal else text, None, trail))
    return flat


def _spread(pieces: Iterable[str | V]) -> Iterator[str | V]:
    for piece in pieces:
        if isinstance(piece, Value) and isinstance(piece.data, Unknown) and piece.data.parts:
            yield from piece.data.parts
        elif isinstance(piece, Value) or piece:
            yield piece


def _is_known_text(piece: str | V) -> bool:
    return isinstance(piece, str) or isinstance(piece.data, str)


def _certain_start(pieces: Sequence[V]) -> str:
    """Return the certain start of a text of these pieces."""
    start = ""
    for piece in pieces:
        if isinstance(piece.data, Unknown):
            return start + piece.data.prefix
        start += piece.data
    return start


def _possible_texts(pieces: Sequence[V]) -> tuple[str, ...]:
    """Return all possible texts of the pieces; empty if they are not known or more than MAX_OPTIONS."""
    choices = [(p.data,) if isinstance(p.data, str) else p.data.one_of for p in pieces]
    if not 0 < math.prod(map(len, choices)) <= MAX_OPTIONS:
        return ()
    if not all(isinstance(option, str) for choice in choices for option in choice):
        return ()
    return tuple(dict.fromkeys("".join(texts) for texts in itertools.product(*choices)))


def choose(undecided: V, options: Sequence[V], refs: tuple[Ref, ...], kind: LanguageType | None = None) -> V:
    """Return one of several values if it is undecided which.

    `undecided` is the unknown that decides between the options. The result has its place, cause and trail, and keeps
    the facts about all options: the possible data (up to MAX_OPTIONS), their common start, that none is null.
    It depends on the inputs of all. Raises TooManyParts.
    """
    unknown: Unknown = undecided.data
    data = replace(
        unknown,
        inputs=tuple(dict.fromkeys((*unknown.inputs, *inputs_of(options)))),
        one_of=_possible_data(options),
        prefix=_shared_start([_known_start(option.data) for option in options]),
        not_null=bool(options) and all(_is_not_null(option.data) for option in options),
        parts=(),
        encoded=None,
    )
    return Value(data, undecided.span, undecided.trail, refs, False, undecided.sensitive or is_sensitive(options), kind)


def _possible_data(options: Iterable[V]) -> tuple[Any, ...]:
    found: dict[tuple[bool, Any], Any] = {}  # True is not 1
    for option in options:
        data = option.data
        if isinstance(data, (tuple, dict)) or (isinstance(data, Unknown) and not data.one_of):
            return ()
        for item in data.one_of if isinstance(data, Unknown) else (data,):
            found.setdefault((isinstance(item, bool), item), item)
    return tuple(found.values()) if len(found) <= MAX_OPTIONS else ()


def _is_not_null(data: Any) -> bool:
    return data.not_null or bool(data.prefix) if isinstance(data, Unknown) else data is not None


def _known_start(data: Any) -> str:
    return data.prefix if isinstance(data, Unknown) else data if isinstance(data, str) else ""


def _shared_start(texts: Sequence[str]) -> str:
    """Return the longest common prefix of the texts."""
    if not texts:
        return ""
    first, last = min(texts), max(texts)
    same = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[:same]


def pick(source: V, name: str | None, span: Span, kind: LanguageType | None = None) -> V:
    """Return an element or attribute of an unknown value. It has the value's cause and trail, and is unknown.

    If the value is a whole resource, a picked `name` is the resource's attribute of that name.
    """
    return Value(
        source.data.cause_only(), span, source.trail, with_attribute(source.refs, name), False, source.sensitive, kind
    )


def with_attribute(refs: tuple[Ref, ...], name: str | None) -> tuple[Ref, ...]:
    """Return the references. One to a whole resource becomes one to its attribute `name`, unless `name` is None."""
    if name is None or all(ref.attribute for ref in refs):
        return refs
    return tuple(Ref(ref.address, name) if not ref.attribute else ref for ref in refs)
