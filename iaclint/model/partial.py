"""Partial: the items of one kind that were found, and the gaps where more may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from msgspec import Struct

from iaclint.model.truth import FALSE, TRUE, Reason, Truth, Undetermined, any_of, merge_reasons

T = TypeVar("T")
U = TypeVar("U")


class Partial(Struct, Generic[T], frozen=True):
    """The things of one sort that could be seen, and the reasons why there may be more."""

    items: tuple[T, ...]
    gaps: tuple[Reason, ...] = ()

    def any(self, predicate: Callable[[T], Truth]) -> Truth:
        """Return True if one of them has the property; undecided where only a gap could hold it."""
        found = any_of(map(predicate, self.items))
        return found | self._hidden if self.gaps else found

    def all(self, predicate: Callable[[T], Truth]) -> Truth:
        """Return True if all of them have the property; undecided where a gap could hide one that has not."""
        return ~self.any(lambda item: ~predicate(item))

    def exists(self) -> Truth:
        """Return True if there is one at all."""
        return TRUE if self.items else self._hidden

    def where(self, predicate: Callable[[T], Truth]) -> Partial[T]:
        """Those that certainly have the property; one for which it is undecided becomes a gap."""
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
        """All items; raises Undetermined after the last one where there may be more."""
        yield from self.items
        if self.gaps:
            raise Undetermined(self.gaps)

    @property
    def _hidden(self) -> Truth:
        return Truth(None, self.gaps) if self.gaps else FALSE
