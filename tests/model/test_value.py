"""The three-valued core: what is decided stays decided, whatever the unknowns turn out to be."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iaclint.model.address import Address
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, MAX_REASONS, TRUE, Reason, Truth, Undetermined, all_of, any_of
from iaclint.model.value import Encoded, LanguageType, Ref, Step, Unknown, UnknownCause, Value
from iaclint.source.files import SourceFile

FILE = SourceFile("main.tf", "one\ntwo\nthree\n")
SPAN = FILE.whole
ONE, TWO = Reason("one is not known"), Reason("two is not known")
TRIES = [TRUE, FALSE, Truth(None, (ONE,)), Truth(None, (TWO,))]
truths = st.sampled_from(TRIES)


def value(data: Any, **fields: Any) -> Value[Any]:
    """A Value of plain data."""
    if isinstance(data, list):
        data = tuple(map(value, data))
    elif isinstance(data, dict):
        data = {name: value(item) for name, item in data.items()}
    elif isinstance(data, Value):
        return data
    return Value(data, SPAN, **fields)


def unknown(detail: str = "v is not known", **fields: Any) -> Value[Any]:
    return Value(Unknown(UnknownCause.INPUT, detail, **fields), SPAN)


def completions(truth: Truth) -> set[bool]:
    return {True, False} if truth.value is None else {truth.value}


# -- truth -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("b", TRIES)
@pytest.mark.parametrize("a", TRIES)
def test_kleene(a: Truth, b: Truth) -> None:
    """A result is decided just where all completions agree, and says why where not."""
    for result, answers in (
        (a & b, {x and y for x in completions(a) for y in completions(b)}),
        (a | b, {x or y for x in completions(a) for y in completions(b)}),
        (~a, {not x for x in completions(a)}),
    ):
        assert completions(result) == answers
    undecided = tuple(dict.fromkeys([*a.reasons, *b.reasons]))
    for result in (a & b, a | b):
        assert result.reasons == (undecided if result.value is None else ())
    assert (~a).reasons == a.reasons


@pytest.mark.parametrize(
    ("truth", "decided", "is_true", "is_false", "possible"),
    [(TRUE, True, True, False, True), (FALSE, True, False, True, False), (TRIES[2], False, False, False, True)],
)
def test_questions_that_always_have_an_answer(
    truth: Truth, decided: bool, is_true: bool, is_false: bool, possible: bool
) -> None:
    assert (truth.decided, truth.is_true, truth.is_false, truth.possible) == (decided, is_true, is_false, possible)


def test_an_undecided_truth_is_no_bool() -> None:
    assert Truth.of(True) and not Truth.of(False)
    with pytest.raises(Undetermined, match=r"one is not known; two is not known, main.tf:2") as raised:
        bool(Truth.undecided(ONE, Reason("two is not known", FILE.span(4, 7))))
    assert [reason.detail for reason in raised.value.reasons] == ["one is not known", "two is not known"]
    assert not isinstance(raised.value, Exception)


@given(st.lists(truths))
def test_any_and_all_are_folds(several: list[Truth]) -> None:
    some, every = FALSE, TRUE
    for truth in several:
        some, every = some | truth, every & truth
    assert (any_of(several), all_of(several).value) == (some, every.value)
    assert set(all_of(several).reasons) == set(every.reasons)


def test_any_and_all_stop_where_it_is_decided() -> None:
    asked: list[int] = []

    def ask(*answers: Truth) -> Any:
        for number, answer in enumerate(answers):
            asked.append(number)
            yield answer

    assert (any_of(ask(TRIES[2], TRUE, FALSE)), all_of(ask(TRIES[2], FALSE, TRUE))) == (TRUE, FALSE)
    assert asked == [0, 1, 0, 1]


def test_no_more_reasons_than_anybody_reads() -> None:
    many = [Truth.undecided(Reason(f"v{number} is not known")) for number in range(20)]
    assert [r.detail for r in any_of(many).reasons] == [f"v{n} is not known" for n in range(MAX_REASONS)]


# -- values ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "wanted", "same"),
    [
        (True, True, True),
        (True, 1, False),
        (1, True, False),
        (0, False, False),
        (1, 1.0, True),
        ("a", "a", True),
        (None, None, True),
        ("", None, False),
    ],
)
def test_is(data: Any, wanted: Any, same: bool) -> None:
    assert value(data).is_(wanted) == Truth.of(same)
    assert value(data).is_one_of("other", wanted) == Truth.of(same)


def test_what_all_possible_values_agree_on_is_known() -> None:
    either = unknown(one_of=("a", "ab"))
    assert either.test(lambda data: data.startswith("a")) == TRUE
    assert either.test(lambda data: data.endswith("c")) == FALSE
    assert either.is_("a").reasons == (Reason("v is not known", SPAN),)
    assert unknown().is_("a").value is None


@pytest.mark.parametrize(
    ("parts", "suffix", "truth"),
    [
        ([unknown(), value("key/*")], "key/*", True),
        ([unknown(), value("key/*")], "y/*", True),
        ([unknown(), value("key/*")], "/b", False),
        ([unknown(), value("key/*")], ":key/*", None),
        ([value("key/*"), unknown()], "*", None),
        ([unknown(), value(15)], "15", None),
        ([unknown(), value(1)], "15", None),
        ([], "a", None),
    ],
)
def test_the_last_piece_decides_how_a_text_ends(parts: list[Value[Any]], suffix: str, truth: bool | None) -> None:
    assert unknown(parts=tuple(parts)).ends_with(suffix).value is truth


@pytest.mark.parametrize(("data", "ends"), [("ab", True), ("ba", False), (5, False), (None, False), (["b"], False)])
def test_only_a_text_ends_in_something(data: Any, ends: bool) -> None:
    assert value(data).ends_with("b") == Truth.of(ends)


@pytest.mark.parametrize(
    ("asked", "truth"),
    [
        (value(None), False),
        (value(""), False),
        (value(0), True),
        (value(False), True),
        (unknown(), None),
        (unknown(not_null=True), True),
        (unknown(prefix="a"), True),
        (Value(Unknown(UnknownCause.AFTER_APPLY, "known later"), SPAN, refs=(Ref(Address("a.b"), "arn"),)), True),
        (unknown(one_of=("a", "b")), True),
        (unknown(one_of=("a", "")), None),
    ],
)
def test_is_set(asked: Value[Any], truth: bool | None) -> None:
    assert asked.is_set().value is truth


def test_what_is_unknown_has_no_data_to_get() -> None:
    assert value("a").get() == "a"
    assert value(None).get() is None
    with pytest.raises(Undetermined, match="v is not known"):
        unknown().get()


@pytest.mark.parametrize(
    ("data", "details"),
    [
        ("a", []),
        (unknown(), ["v is not known"]),
        ([1, unknown("a")], ["a"]),
        ([unknown("a"), unknown("b"), 1], ["a", "b"]),
        ({"x": 1, "y": [unknown("a")], "z": {"w": unknown("b")}}, ["a", "b"]),
        ({"y": [1], "z": {}}, []),
    ],
)
def test_whether_and_why_parts_are_unknown(data: Any, details: list[str]) -> None:
    asked = value(data)
    assert [reason.detail for reason in asked.reasons] == details
    assert asked.wholly_known is (not details)
    assert asked.known is not isinstance(asked.data, Unknown)
    assert (asked.unknown is None) is asked.known


def test_the_end_of_the_trail_decides() -> None:
    first, last = FILE.span(0, 3), FILE.span(4, 7)
    made: Value[Any] = Value(
        Unknown(UnknownCause.INPUT, "v", ("var.v",)), SPAN, (Step(first, "local.a"), Step(last, "var.v"))
    )
    assert made.origin == last and value(1).origin == SPAN
    assert made.reasons == (Reason("v", last, ("var.v",)),)


def test_members() -> None:
    made = value({"a": 1, "blocks": [{"b": [{"c": 2}]}], "two": [{"b": 1}, {"b": 2}]})
    assert made.key("a").data == 1
    missing = made.key("z")
    assert (missing.data, missing.implicit) == (None, True)
    assert made.path("blocks", "b", "c").data == 2
    assert made.path("two", "b").implicit  # which of them is meant cannot be said
    assert made.path("a", "b").implicit
    whole = unknown(one_of=("a",), prefix="a", not_null=True, parts=(value("a"),), inputs=("var.v",))
    member = whole.key("z").unknown
    assert member == Unknown(UnknownCause.INPUT, "v is not known", ("var.v",))


def test_elements() -> None:
    assert [item.data for item in value([1, 2]).elements()] == [1, 2]
    assert [item.data for item in value("a").elements()] == ["a"]
    assert value(None).elements() == Partial(())
    assert unknown().elements() == Partial((), (Reason("v is not known", SPAN),))


def test_parts_in_order() -> None:
    made = value(
        {
            "a": [1, Value("x", SPAN, refs=(Ref(Address("r.a")), Ref(Address("r.b"))))],
            "b": Value(2, SPAN, refs=(Ref(Address("r.a")),)),
        }
    )
    assert [part.data for part in made.walk() if not isinstance(part.data, (dict, tuple))] == [1, "x", 2]
    assert len(list(made.walk())) == 5
    assert made.all_refs() == (Ref(Address("r.a")), Ref(Address("r.b")))
    assert made.plain() == {"a": [1, "x"], "b": 2}
    assert isinstance(value([unknown()]).plain()[0], Unknown)


def test_other_data_at_the_same_place() -> None:
    kind = LanguageType()
    made = Value(1, SPAN, (Step(SPAN, "var.v"),), (Ref(Address("a.b")),), True, True, kind).with_data(2)
    assert (made.data, made.trail, made.refs, made.implicit, made.sensitive, made.type) == (
        *(2, (Step(SPAN, "var.v"),), (Ref(Address("a.b")),)),
        *(True, True, kind),
    )


def test_an_encoded_text_keeps_what_it_encodes() -> None:
    made = Encoded('{"a": 1}', value({"a": 1}))
    for again in (made, copy.copy(made), pickle.loads(pickle.dumps(Encoded("1", Value(1, None))))):  # type: ignore[arg-type]
        assert isinstance(again, Encoded) and again.value.known
    assert made == '{"a": 1}'


# -- populations -----------------------------------------------------------------------------------------

populations = st.builds(Partial, st.lists(truths).map(tuple), st.sampled_from([(), (Reason("a module is not here"),)]))


def itself(truth: Truth) -> Truth:
    return truth


@given(populations, st.lists(st.booleans()), st.data())
def test_what_a_population_says_holds_for_whatever_it_may_be(
    seen: Partial[Truth], hidden: list[bool], data: st.DataObject
) -> None:
    """Each answer that is given is that of all completions: undecided items decided, and more items behind a gap."""
    decided = [data.draw(st.sampled_from(sorted(completions(truth)))) for truth in seen.items]
    real = decided + (hidden if seen.gaps else [])
    for answer, truth in (
        (seen.any(itself), any(real)),
        (seen.all(itself), all(real)),
        (seen.exists(), bool(real)),
        (seen.where(itself).exists(), any(real)),
    ):
        assert truth in completions(answer)
    assert all(truth is TRUE for truth in seen.where(itself).items)
    assert (seen + seen).gaps == seen.gaps
    assert (seen + seen).items == seen.items * 2
    assert seen.map(itself) == seen


@given(populations)
def test_a_population_is_undecided_only_where_it_must_be(seen: Partial[Truth]) -> None:
    sure = {truth.value for truth in seen.items}
    if True in sure:
        assert seen.any(itself) == TRUE
    elif sure <= {False} and not seen.gaps:
        assert seen.any(itself) == FALSE
    else:
        assert set(seen.any(itself).reasons) == {*seen.gaps, *(r for truth in seen.items for r in truth.reasons)}
    assert bool(seen.where(itself).gaps) is bool(seen.gaps or None in sure)


@given(populations)
def test_a_loop_over_a_population_sees_all_items_before_it_says_that_there_may_be_more(seen: Partial[Truth]) -> None:
    items: list[Truth] = []
    try:
        for item in seen:
            items += [item]
    except Undetermined as undetermined:
        assert undetermined.reasons == seen.gaps != ()
    else:
        assert not seen.gaps
    assert tuple(items) == seen.items


# -- what a value is not ---------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [True, False, None, "", "x"])
def test_a_value_is_neither_a_truth_nor_plain_data(data: object) -> None:
    with pytest.raises(TypeError, match=r"ask value\.is_"):
        bool(value(data))
    with pytest.raises(TypeError, match=r"ask value\.is_"):
        assert value(data) == data
    with pytest.raises(TypeError, match=r"ask value\.is_"):
        assert value(data) != data
    with pytest.raises(TypeError, match=r"ask value\.is_"):
        assert value(data) in (data,)


def test_a_value_equals_itself_alone_and_cannot_be_changed() -> None:
    one, other = value("x"), value("x")
    assert one == one
    assert one != other
    assert len({one, other}) == 2
    with pytest.raises(AttributeError):
        one.data = "y"  # type: ignore[misc]
    assert one.replace(data="y", implicit=True).plain() == "y"
    assert one.plain() == "x"
