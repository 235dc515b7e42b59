"""Sets of whole numbers as sorted ranges.

A set is a tuple of inclusive (low, high) pairs in ascending order that neither overlap nor touch. Equal sets are equal
tuples. All functions except `merged` expect sets of this form, and all return it.
"""

from __future__ import annotations

from collections.abc import Iterable

Intervals = tuple[tuple[int, int], ...]


def merged(pairs: Iterable[tuple[int, int]]) -> Intervals:
    """Return the set of all numbers in inclusive (low, high) pairs, which may overlap and come in any order."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(pairs):
        if found and low <= found[-1][1] + 1:
            if high > found[-1][1]:
                found[-1] = (found[-1][0], high)
        else:
            found.append((low, high))
    return tuple(found)


def union(a: Intervals, b: Intervals) -> Intervals:
    """Return the numbers that are in either set."""
    if not a or not b or a == b:
        return a or b
    return merged(a + b)


def intersection(a: Intervals, b: Intervals) -> Intervals:
    """Return the numbers that are in both sets."""
    found: list[tuple[int, int]] = []
    i = j = 0
    while i < len(a) and j < len(b):
        low, high = max(a[i][0], b[j][0]), min(a[i][1], b[j][1])
        if low <= high:
            found.append((low, high))
        if a[i][1] < b[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)


def difference(a: Intervals, b: Intervals) -> Intervals:
    """Return the numbers of `a` that are not in `b`."""
    left: list[tuple[int, int]] = []
    j = 0
    for start, high in a:
        low = start
        while j < len(b) and b[j][1] < low:
            j += 1
        k = j
        while k < len(b) and b[k][0] <= high:
            if b[k][0] > low:
                left.append((low, b[k][0] - 1))
            low = b[k][1] + 1
            k += 1
        if low <= high:
            left.append((low, high))
    return tuple(left)


def size(a: Intervals) -> int:
    """Return how many numbers the set has."""
    return sum(high - low + 1 for low, high in a)
