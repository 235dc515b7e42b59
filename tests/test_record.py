"""Records are what `@dataclass(frozen=True, slots=True)` makes."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, Generic, TypeVar

import pytest

from iaclint.record import record, table

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


@table
class Shelf:
    name: str
    books: list[str] = field(default_factory=list)


@table(slots=False)
class Room:
    name: str
    shelves: list[Shelf] = field(default_factory=list)

    @cached_property
    def books(self) -> int:
        return sum(len(shelf.books) for shelf in self.shelves)

    def title(self) -> str:
        return self.name


@table(slots=False)
class Cellar(Room):
    dry: bool = False

    def title(self) -> str:
        return f"below {super().title()}"


def test_a_default_that_is_made_for_each() -> None:
    one, other = Shelf("a"), Shelf("b")
    one.books.append("x")
    assert (one.books, other.books, Shelf("c", ["y"]).books) == (["x"], [], ["y"])
    assert replace(one, name="d").books is one.books
    assert not hasattr(one, "__dict__") and one != Shelf("a", ["x"])


def test_fields_of_the_base_come_first() -> None:
    cellar = Cellar("wine", [Shelf("a", ["x", "y"])], dry=True)
    assert (cellar.title(), cellar.books, cellar.dry, Cellar("coal").shelves) == ("below wine", 2, True, [])
    assert [f.name for f in fields(Cellar)] == ["name", "shelves", "dry"]
    assert [f.name for f in fields(Room)] == ["name", "shelves"]
    copy = replace(cellar, dry=False)
    assert (copy.shelves, copy.dry) == (cellar.shelves, False)
    with pytest.raises(TypeError):
        Cellar()  # type: ignore[call-arg]


def test_tables_pickle() -> None:
    cellar: Cellar = pickle.loads(pickle.dumps(Cellar("wine", [Shelf("a", ["x"])])))
    assert (cellar.name, cellar.shelves[0].books) == ("wine", ["x"])
