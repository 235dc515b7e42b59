"""Three-valued logic: true, false, or undecided with reasons.

An undecided truth is never read as true or false. Asking it for a bool raises Undetermined, which the judge turns into
the verdict UNKNOWN with the reasons.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from iaclint.source.files import Span

MAX_REASONS = 8


class Reason(Struct, frozen=True):
    """Why an answer is undecided: a phrase, its place, and the names of the inputs that the answer depends on."""

    detail: str
    span: Span | None = None
    inputs: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.detail}, {self.span.file.name}:{self.span.line}" if self.span else self.detail


class Undetermined(BaseException):
    """An undecided truth was asked for a bool.

    Derives from BaseException so that a rule's own `except Exception` cannot swallow it.
    """

    def __init__(self, reasons: tuple[Reason, ...]) -> None:
        super().__init__("; ".join(map(str, reasons)))
        self.reasons = reasons


def merge_reasons(*groups: Iterable[Reason]) -> tuple[Reason, ...]:
    """Return the reasons of all groups, each once, at most MAX_REASONS."""
    merged: dict[Reason, None] = {}
    for group in groups:
        for reason in group:
            merged.setdefault(reason)
    return tuple(merged)[:MAX_REASONS]


class Truth(Struct, frozen=True):
    """True, False, or undecided with reasons. The operators `&`, `|` and `~` follow Kleene's three-valued logic.

    `value` is None if the truth is undecided. `bool(truth)` raises Undetermined then.
    """

    value: bool | None
    reasons: tuple[Reason, ...] = ()

    def __and__(self, other: Truth) -> Truth:
        if self.value is False or other.value is False:
            return FALSE
        if self.value is True:
            return other
        if other.value is True:
            return self
        return Truth(None, merge_reasons(self.reasons, other.reasons))

    def __or__(self, other: Truth) -> Truth:
        if self.value or other.value:
            return TRUE
        if self.value is None and other.value is None:
            return Truth(None, merge_reasons(self.reasons, other.reasons))
        return self if self.value is None else other if other.value is None else FALSE

    def __invert__(self) -> Truth:
        if self.value is None:
            return self
        return FALSE if self.value else TRUE

    def __bool__(self) -> bool:
        if self.value is None:
            raise Undetermined(self.reasons)
        return self.value

    @property
    def decided(self) -> bool:
        """Whether the truth is true or false."""
        return self.value is not None

    @property
    def is_true(self) -> bool:
        """Whether the truth is true and not undecided."""
        return self.value is True

    @property
    def is_false(self) -> bool:
        """Whether the truth is false and not undecided."""
        return self.value is False

    @property
    def possible(self) -> bool:
        """Whether the truth is true or undecided."""
        return self.value is not False

    @classmethod
    def of(cls, truth: bool) -> Truth:
        """Return the truth of a plain bool."""
        return TRUE if truth else FALSE

    @classmethod
    def undecided(cls, *reasons: Reason) -> Truth:
        """Return an undecided truth with these reasons."""
        return cls(None, reasons)

    @classmethod
    def between(cls, certainly: bool, possibly: bool, reasons: tuple[Reason, ...]) -> Truth:
        """Return True if `certainly`, False if not even `possibly`, and else an undecided truth with the reasons."""
        if certainly:
            return TRUE
        return cls(None, reasons) if possibly else FALSE


TRUE = Truth(True)
FALSE = Truth(False)


def any_of(truths: Iterable[Truth]) -> Truth:
    """Return the disjunction of all truths, as `|` does. Stops at the first that is true."""
    result = FALSE
    for truth in truths:
        if truth.value:
            return TRUE
        if truth.value is None:
            result = result | truth
    return result


def all_of(truths: Iterable[Truth]) -> Truth:
    """Return the conjunction of all truths, as `&` does. Stops at the first that is false."""
    return ~any_of(~truth for truth in truths)
