"""The context of a request: what is known of the keys that conditions compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum

from iaclint.aws.reasoning.policy.wildcards import ESCAPES, STAR, VARIABLE_TEXT, compile_pattern, normalized
from iaclint.model.json_text import scalar_text
from iaclint.model.truth import Reason
from iaclint.source.files import Span


class Fact(Enum):
    """What is known of a context key if not its value."""

    ABSENT = "absent"
    """The request does not have the key."""
    PRESENT = "present"
    """The request has the key, with an unknown value."""
    UNKNOWN = "unknown"
    """It is unknown whether the request has the key."""


ABSENT, PRESENT, UNKNOWN = Fact.ABSENT, Fact.PRESENT, Fact.UNKNOWN

ContextValue = str | bool | int | float | Sequence[str] | Fact


class Context:
    """The context keys of a request; upper and lower case in their names make no difference.

    otherwise  what is known of all keys that are not mentioned: UNKNOWN or ABSENT
    """

    __slots__ = ("_facts", "otherwise")

    def __init__(self, facts: Mapping[str, ContextValue] | None = None, otherwise: Fact = UNKNOWN) -> None:
        self._facts: dict[str, ContextValue] = {name.lower(): fact for name, fact in (facts or {}).items()}
        self.otherwise = otherwise

    def get(self, key: str) -> Fact | tuple[str, ...]:
        """Return the values of a key, or what is known of it instead. A key with an empty list is absent."""
        fact = self._facts.get(key.lower(), self.otherwise)
        if isinstance(fact, Fact):
            return fact
        if isinstance(fact, (str, bool, int, float)):
            return (scalar_text(fact),)
        return tuple(map(scalar_text, fact)) or ABSENT


def unknown_key(key: str, span: Span | None = None) -> Reason:
    """Return the reason for an answer that depends on a context key of unknown value."""
    return Reason(f"whether the request has {key}, and with which value, is not known", span)


def filled_pattern(
    text: str, context: Context, *, variables: bool, ignore_case: bool, wildcards: bool
) -> tuple[str, tuple[str, ...]] | None:
    """Return the compiled pattern of a text with its variables replaced by what the context has for them.

    Second come the names of variables whose value is unknown; in the pattern * stands for these.
    None if the pattern matches nothing, because a variable's key is absent and the variable has no default (as
    "${aws:username, 'none'}" has).

    variables   whether ${...} is a variable
    wildcards   whether * and ? are wildcards, not plain characters
    """

    def compiled(piece: str) -> str:
        if wildcards:
            return compile_pattern(piece, variables=False, ignore_case=ignore_case)
        return piece.lower() if ignore_case else piece

    if not variables or "${" not in text:
        return compiled(text), ()
    pieces: list[str] = []
    unknown: list[str] = []
    end = 0
    for found in VARIABLE_TEXT.finditer(text):
        pieces.append(compiled(text[end : found.start()]))
        end = found.end()
        name, comma, default = found[1].partition(",")
        if name in ESCAPES:
            pieces.append(name)
            continue
        fact = context.get(name.strip())
        if fact is ABSENT:
            if not comma:
                return None
            fact = (default.strip().strip("'"),)
        if isinstance(fact, Fact):
            unknown.append(name.strip())
            pieces.append(STAR)
        else:
            pieces.append(fact[0].lower() if ignore_case else fact[0])
    pieces.append(compiled(text[end:]))
    return normalized("".join(pieces)), tuple(unknown)
