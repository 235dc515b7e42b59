"""Records are what `@dataclass(frozen=True, slots=True)` makes."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any, Generic, TypeVar

import pytest

from iaclint.record import record

T = TypeVar("T")


@record
class Point:
    """A point."""

    x: int
    y: int = 0

    @property
    def sum(self) -> int:
        return self.x + self.y


@dataclass(frozen=True, slots=True)
class DataPoint:
    """A point."""

    x: int
    y: int = 0


@record
class Other:
    x: int
    y: int = 0


@record
class Box(Generic[T]):
    item: T


@record(eq=False)
class Alone:
    x: int


@record
class Named:
    x: int

    def __repr__(self) -> str:
        return "mine"

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 1


@pytest.mark.parametrize(
    "use",
    [
        lambda kind: kind(1),
        lambda kind: kind(x=1, y=2),
        lambda kind: repr(kind(1)).replace("DataPoint", "Point"),
        lambda kind: kind(1) == kind(1, 0) and kind(1) != kind(2),
        lambda kind: hash(kind(1, 2)),
        lambda kind: len({kind(1), kind(1, 0), kind(2)}),
        lambda kind: kind(1) == (1, 0),
        lambda kind: replace(kind(1), y=5).y,
        lambda kind: [(f.name, f.type, f.default) for f in fields(kind)][1],
        lambda kind: kind.__slots__,
        lambda kind: kind.__match_args__,
        lambda kind: kind.__doc__,
        lambda kind: hasattr(kind(1), "__dict__"),
        lambda kind: pickle.loads(pickle.dumps(kind(1, 2))) == kind(1, 2),
    ],
)
def test_a_record_is_what_a_dataclass_is(use: Callable[[Any], Any]) -> None:
    mine, theirs = use(Point), use(DataPoint)
    if isinstance(mine, Point):
        mine, theirs = (mine.x, mine.y), (theirs.x, theirs.y)
    assert mine == theirs


@pytest.mark.parametrize("wrong", [lambda kind: kind(), lambda kind: kind(1, 2, 3), lambda kind: kind(1, z=2)])
def test_arguments_that_do_not_fit(wrong: Callable[[Any], Any]) -> None:
    for kind in (Point, DataPoint):
        with pytest.raises(TypeError):
            wrong(kind)


def test_members_stay() -> None:
    assert Point(1, 2).sum == 3
    assert Point.__name__ == "Point" and Point.__module__ == __name__
    with pytest.raises(AttributeError):
        Point(1).z = 2  # type: ignore[attr-defined]


def test_records_of_other_classes_are_not_equal() -> None:
    assert Point(1) != Other(1)  # type: ignore[comparison-overlap]


def test_a_generic_record() -> None:
    assert Box[int](1) == Box(1)


def test_records_that_equal_themselves_only() -> None:
    one = Alone(1)
    assert one == one and one != Alone(1)
    assert len({one, Alone(1)}) == 2


def test_methods_of_its_own_win() -> None:
    assert repr(Named(1)) == "mine"
    assert Named(1) == Named(2) and hash(Named(1)) == 1
