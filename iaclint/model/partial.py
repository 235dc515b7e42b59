"""Partial: the items of one kind that were found, and the reasons why there may be more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from msgspec import Struct

from iaclint.model.truth import FALSE, TRUE, Reason, Truth, Undetermined, any_of, merge_reasons

T = TypeVar("T")
U = TypeVar("U")


class Partial(Struct, Generic[T], frozen=True):
    """The items of one kind that were found, and the gaps: reasons why there may be more.

    Iterating over it yields the items and then raises Undetermined if there is a gap.
    """

    items: tuple[T, ...]
    gaps: tuple[Reason, ...] = ()

    def any(self, predicate: Callable[[T], Truth]) -> Truth:
        """Return True if the predicate holds for an item; undecided if it holds for none and there is a gap."""
        found = any_of(map(predicate, self.items))
        return found | self._hidden if self.gaps else found

    def all(self, predicate: Callable[[T], Truth]) -> Truth:
        """Return True if the predicate holds for all items; undecided if it does and there is a gap."""
        return ~self.any(lambda item: ~predicate(item))

    def exists(self) -> Truth:
        """Return True if there is an item; undecided if there is none and there is a gap."""
        return TRUE if self.items else self._hidden

    def where(self, predicate: Callable[[T], Truth]) -> Partial[T]:
        """Return the items for which the predicate is true. An item for which it is undecided becomes a gap."""
        kept: list[T] = []
        gaps = self.gaps
        for item in self.items:
            truth = predicate(item)
            if truth.value:
                kept.append(item)
            elif truth.value is None:
                gaps = merge_reasons(gaps, truth.reasons)
        return Partial(tuple(kept), gaps)

    def map(self, function: Callable[[T], U]) -> Partial[U]:
        """Return the partial with a function applied to each item; the gaps stay."""
        return Partial(tuple(function(item) for item in self.items), self.gaps)

    def __add__(self, other: Partial[T]) -> Partial[T]:
        return Partial(self.items + other.items, merge_reasons(self.gaps, other.gaps))

    def __iter__(self) -> Iterator[T]:
        """Yield all items, then raise Undetermined if there is a gap."""
        yield from self.items
        if self.gaps:
            raise Undetermined(self.gaps)

    @property
    def _hidden(self) -> Truth:
        return Truth(None, self.gaps) if self.gaps else FALSE
