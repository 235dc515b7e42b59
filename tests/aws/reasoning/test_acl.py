"""Network ACLs against first match, and against all that doubtful rules may be."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from iaclint.aws.reasoning.acl import Acl, AclRule
from iaclint.aws.reasoning.cidr import AddressBounds, CidrSet
from iaclint.aws.reasoning.flows import NO_FLOWS
from iaclint.aws.reasoning.ports import ALL_TRAFFIC, Traffic, TrafficBounds
from iaclint.model.truth import FALSE, TRUE, Truth
from tests.aws.reasoning.samples import MAYBE, POINTS, WHY, has, small_sets, small_traffic, tcp

acl_entries = st.lists(
    st.tuples(st.integers(1, 6), st.booleans(), small_sets, small_traffic), max_size=6, unique_by=lambda e: e[0]
)


def entry(number: int | None, allow: bool, addresses: CidrSet, traffic: Traffic) -> AclRule:
    return AclRule(number, Truth.of(allow), AddressBounds.known(addresses), TrafficBounds.known(traffic))


def first_match(entries: Any, host: int, name: str, port: int) -> bool:
    for _, allow, addresses, traffic in sorted(entries, key=lambda e: e[0]):
        if f"10.0.0.{host}" in addresses and traffic.includes_port(port, name):
            return bool(allow)
    return False


@given(acl_entries)
def test_an_acl_is_its_first_match(entries: Any) -> None:
    allowed = Acl(tuple(entry(*e) for e in entries)).allowed()
    assert allowed.certain == allowed.possible
    for host, name, port in POINTS:
        assert has(allowed.certain, host, name, port) == first_match(entries, host, name, port)


@given(acl_entries, st.data())
def test_an_unknown_part_of_an_acl_never_turns_an_answer(entries: Any, data: st.DataObject) -> None:
    truth = Acl(tuple(entry(*e) for e in entries)).allowed().certain
    hidden: list[AclRule] = []
    for number, allow, addresses, traffic in entries:
        what = data.draw(st.sampled_from(["", "number", "allow", "addresses", "traffic", "exists", "left out"]))
        if what == "left out":
            continue
        hidden.append(AclRule(
            None if what == "number" else number,
            MAYBE if what == "allow" else Truth.of(allow),
            AddressBounds.unknown(WHY) if what == "addresses" else AddressBounds.known(addresses),
            TrafficBounds.unknown(WHY) if what == "traffic" else TrafficBounds.known(traffic),
            MAYBE if what == "exists" else TRUE,
        ))  # fmt: skip
    gaps = (WHY,) if len(hidden) < len(entries) else ()
    partly = Acl(tuple(hidden), gaps).allowed()
    assert partly.certain <= truth <= partly.possible


def completions(entries: Any) -> Iterator[list[tuple[float, bool, CidrSet, Traffic]]]:
    """All that doubtful entries may be: unknown numbers lie before, between or behind the known ones."""
    places = [place + 0.5 for place in range(4)]

    def options(at: int, spec: Any) -> list[Any]:
        number, allow, exists, addresses, traffic = spec
        numbers = [number] if number is not None else [place + at / 100 for place in places]
        allows = [True, False] if allow.value is None else [allow.value]
        there = [(one, two, addresses, traffic) for one in numbers for two in allows]
        return [*(there if exists.possible else []), *([None] if not exists.is_true else [])]

    for made in product(*(options(at, spec) for at, spec in enumerate(entries))):
        yield [entry for entry in made if entry is not None]


TRIES = st.sampled_from([TRUE, FALSE, MAYBE])
doubtful_entries = st.lists(
    st.tuples(st.sampled_from([None, 1, 2, 3]), TRIES, TRIES, small_sets, small_traffic),
    max_size=3,
    unique_by=lambda e: e[0] or object(),
)


def built(entries: Any) -> list[AclRule]:
    return [
        AclRule(number, allow, AddressBounds.known(addresses), TrafficBounds.known(traffic), exists)
        for number, allow, exists, addresses, traffic in entries
    ]


@given(doubtful_entries)
def test_a_doubtful_acl_says_just_what_all_that_it_may_be_have_in_common(entries: Any) -> None:
    """No more, which would be wrong, and no less, which would be a question without need."""
    partly = Acl(tuple(built(entries))).allowed()
    whole = list(completions(entries))
    for host, name, port in POINTS[::5]:
        answers = {first_match(one, host, name, port) for one in whole}
        assert has(partly.certain, host, name, port) == (answers == {True})
        assert has(partly.possible, host, name, port) == (True in answers)


@given(doubtful_entries)
def test_what_one_entry_of_an_acl_lets_through(entries: Any) -> None:
    """What it allows and none with a lower number denies; that another allows it as well takes nothing from it."""
    made = built(entries)
    for at, (number, allow, exists, addresses, traffic) in enumerate(entries):
        others = [spec for other, spec in enumerate(entries) if other != at]
        through = Acl(tuple(made)).allowed_by(made[at])
        assert Acl(tuple(made), (WHY,)).allowed_by(made[at]).certain == NO_FLOWS
        for host, name, port in POINTS[::5]:
            answers = set()
            for one in completions([(number, allow, exists, addresses, traffic)]):
                for rest in completions(others):
                    answers.add(any(
                        allows and f"10.0.0.{host}" in there and kinds.includes_port(port, name)
                        and not any(
                            lower < own and not denies and f"10.0.0.{host}" in place and what.includes_port(port, name)
                            for lower, denies, place, what in rest
                        )
                        for own, allows, there, kinds in one
                    ))  # fmt: skip
            assert has(through.certain, host, name, port) == (answers == {True})
            assert has(through.possible, host, name, port) == (True in answers)


@given(acl_entries, st.data())
def test_an_entry_that_may_be_missing_leaves_both_answers_open(entries: Any, data: st.DataObject) -> None:
    if not entries:
        return
    chosen = data.draw(st.integers(0, len(entries) - 1))
    made = [entry(*e) for e in entries]
    with_it, without = Acl(tuple(made)).allowed(), Acl(tuple(made[:chosen] + made[chosen + 1 :])).allowed()
    doubtful = AclRule(made[chosen].number, made[chosen].allow, made[chosen].addresses, made[chosen].traffic, MAYBE)
    partly = Acl((*made[:chosen], doubtful, *made[chosen + 1 :])).allowed()
    for one in (with_it, without):
        assert partly.certain <= one.certain <= partly.possible


def test_a_deny_shields_only_what_comes_after_it() -> None:
    internet = CidrSet.parse("0.0.0.0/0")
    ssh, everything = Traffic.of("tcp", 22, 22), ALL_TRAFFIC
    shielded = Acl((entry(100, True, internet, everything), entry(90, False, internet, ssh))).allowed()
    assert shielded.all_open_to_internet(tcp(22)).is_false and shielded.all_open_to_internet(tcp(80)).is_true
    late = Acl((entry(100, True, internet, everything), entry(110, False, internet, ssh))).allowed()
    assert late.all_open_to_internet(tcp(22)).is_true
    unsure = Acl((entry(100, True, internet, everything), entry(None, False, internet, ssh))).allowed()
    assert unsure.all_open_to_internet(tcp(22)).value is None and unsure.all_open_to_internet(tcp(80)).is_true
    allow = entry(100, True, internet, everything)
    for deny, certainly, possibly in ((90, False, False), (110, True, True), (None, False, True)):
        through = Acl((allow, entry(deny, False, internet, ssh))).allowed_by(allow)
        assert has(through.certain, 1, "tcp", 22) is certainly and has(through.possible, 1, "tcp", 22) is possibly
        assert has(through.certain, 1, "tcp", 80) and has(through.possible, 1, "tcp", 80)
    half = Acl((entry(90, False, CidrSet.parse("0.0.0.0/1"), ssh), entry(100, True, internet, everything))).allowed()
    assert half.all_open_to_internet(tcp(22)).is_false
    assert (half & late).all_open_to_internet(tcp(80)).is_true and (half | late).all_open_to_internet(tcp(22)).is_true
