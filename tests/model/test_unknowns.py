"""The algebra of unknown values: nothing that is known is lost, and nothing is claimed that some value contradicts."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iaclint.model import unknowns
from iaclint.model.address import Address
from iaclint.model.unknowns import TooManyParts, choose, concat, derive, merge, pick, unknown_parts
from iaclint.model.value import Ref, Step, Unknown, UnknownCause, Value
from iaclint.source.files import SourceFile

FILE = SourceFile("main.tf", "one\ntwo\nthree\n")
HERE, THERE = FILE.span(0, 3), FILE.span(4, 7)
V = Value[Any]


def unknown(cause: UnknownCause = UnknownCause.EXTERNAL, detail: str = "not known", **fields: Any) -> V:
    return Value(Unknown(cause, detail, **fields), THERE)


texts = st.text("ab", max_size=2)
pieces: st.SearchStrategy[V] = st.one_of(
    texts.map(lambda text: Value(text, HERE)),
    st.lists(texts, min_size=1, max_size=3, unique=True).map(lambda options: unknown(one_of=tuple(options))),
    texts.map(lambda prefix: unknown(prefix=prefix)),
)


def possible(value: V) -> tuple[str, ...]:
    """Some texts that a piece may turn out to be."""
    data = value.data
    return data.one_of or (data.prefix, data.prefix + "a") if isinstance(data, Unknown) else (data,)


@given(st.lists(pieces, max_size=4))
def test_what_is_told_of_a_joined_text_holds_for_each_text_it_may_be(parts: list[V]) -> None:
    found = concat(HERE, parts, parts)
    for choice in product(*map(possible, parts)):
        text = "".join(choice)
        if isinstance(found.data, str):
            assert found.data == text
        else:
            assert text.startswith(found.data.prefix)
            assert not found.data.one_of or text in found.data.one_of


@given(st.lists(pieces, min_size=1, max_size=4))
def test_what_is_told_of_a_choice_holds_for_each_option(options: list[V]) -> None:
    found = choose(unknown(), options, ())
    for option in options:
        for text in possible(option):
            assert text.startswith(found.data.prefix)
            assert not found.data.one_of or text in found.data.one_of


def test_known_neighbours_in_a_joined_text_become_one_piece() -> None:
    inner = concat(HERE, ["a", unknown()], [unknown()])
    found = concat(HERE, ["x", "y", inner, "b", "c"], [inner])
    assert [piece.data for piece in found.data.parts if piece.known] == ["xya", "bc"]


def test_a_missing_input_is_the_cause_that_is_told_and_all_inputs_are_kept() -> None:
    parts = [unknown(inputs=("a",)), unknown(UnknownCause.INPUT, "var.b has no value", inputs=("b",))]
    found = merge(HERE, parts)
    assert (found.data.cause, found.data.detail) == (UnknownCause.INPUT, "var.b has no value")
    assert found.data.inputs == ("a", "b")
    assert found.trail == (Step(THERE, "unknown"),)


def test_references_and_secrets_of_parts_are_those_of_the_whole() -> None:
    ref = Ref(Address("aws_vpc.main"), "id")
    part: V = Value("vpc-1", HERE, refs=(ref,), sensitive=True)
    for found in (derive(HERE, [Value((part,), HERE)], "text"), merge(HERE, [Value({"x": part}, HERE), unknown()])):
        assert found.refs == (ref,)
        assert found.sensitive


def test_an_attribute_of_an_unknown_resource_refers_to_that_attribute() -> None:
    whole = unknown(prefix="x", one_of=("x",)).replace(refs=(Ref(Address("aws_vpc.main")),))
    found = pick(whole, "id", HERE)
    assert found.refs == (Ref(Address("aws_vpc.main"), "id"),)
    assert found.data == whole.data.cause_only()


def test_too_many_parts_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unknowns, "MAX_PARTS", 100)
    value: V = Value("x", HERE)
    for _ in range(4):
        value = Value((value,) * 10, HERE)
    with pytest.raises(TooManyParts):
        unknown_parts([value])
