"""What rules of security groups allow together, against brute force."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from iaclint.aws.reasoning.cidr import ALL_ADDRESSES, AddressBounds, CidrSet
from iaclint.aws.reasoning.flows import NO_FLOWS, AllowRule, Flows, allowed_by
from iaclint.aws.reasoning.ports import ADMIN, ALL_TRAFFIC, NO_TRAFFIC, Traffic, TrafficBounds
from iaclint.model.truth import FALSE
from tests.aws.reasoning.samples import MAYBE, POINTS, WHY, has, small_sets, small_traffic, tcp

rules = st.lists(st.tuples(small_sets, small_traffic), max_size=5)


def known(addresses: CidrSet, traffic: Traffic) -> AllowRule:
    return AllowRule(AddressBounds.known(addresses), TrafficBounds.known(traffic))


@given(rules, rules)
def test_coverage_is_brute_force(left: Any, right: Any) -> None:
    a, b = allowed_by(known(*rule) for rule in left).certain, allowed_by(known(*rule) for rule in right).certain
    for host, name, port in POINTS:
        in_a = any(f"10.0.0.{host}" in addresses and traffic.includes_port(port, name) for addresses, traffic in left)
        in_b = any(f"10.0.0.{host}" in addresses and traffic.includes_port(port, name) for addresses, traffic in right)
        assert has(a, host, name, port) == in_a
        assert has(a | b, host, name, port) == (in_a or in_b)
        assert has(a & b, host, name, port) == (in_a and in_b)
        assert has(a - b, host, name, port) == (in_a and not in_b)
    assert (a <= b) == (not a - b)
    assert (a | b) - b == a - b and a | a == a and a & a == a


def test_no_traffic_or_no_addresses_are_no_flows() -> None:
    assert Flows.of(ALL_ADDRESSES, NO_TRAFFIC) == Flows.of(CidrSet(), ALL_TRAFFIC) == NO_FLOWS == Flows()
    assert not NO_FLOWS and Flows.of(ALL_ADDRESSES, ALL_TRAFFIC)


@given(rules)
def test_flows_do_not_depend_on_the_order_of_rules(given_rules: Any) -> None:
    forwards = allowed_by(known(*rule) for rule in given_rules)
    backwards = allowed_by(known(*rule) for rule in reversed(given_rules))
    assert forwards == backwards


def test_halves_in_two_rules_are_the_internet() -> None:
    ssh = Traffic.of("tcp", 22, 22)
    both = allowed_by([
        known(CidrSet.parse("0.0.0.0/1"), Traffic.of("tcp", 0, 100)),
        known(CidrSet.parse("128.0.0.0/1"), Traffic.of(-1)),
    ])  # fmt: skip
    assert both.all_open_to_internet(tcp(22)).is_true and both.all_open_to_internet(tcp(22), family=4).is_true
    assert both.all_open_to_internet(tcp(22), family=6).is_false
    assert both.all_open_to_internet(tcp(443)).is_false and both.all_open_to_internet(tcp(443), nearly=4).is_true
    assert both.all_open_to_internet(ssh).is_true and both.any_open_to_internet(Traffic.of("tcp", 90, 500)).is_true
    assert both.all_open_to_internet(Traffic.of("tcp", 90, 500)).is_false
    assert both.service_open_to_internet(ADMIN[0]).is_true
    assert both.certain.internet_traffic() == Traffic.of("tcp", 0, 100)
    assert both.certain.traffic(CidrSet.parse("8.8.8.8")) == Traffic.of("tcp", 0, 100)


def test_a_rule_that_may_be_missing_or_hidden() -> None:
    internet = AddressBounds.known(CidrSet.parse("0.0.0.0/0"))
    ssh = TrafficBounds.known(Traffic.of("tcp", 22, 22))
    assert allowed_by([AllowRule(internet, ssh, FALSE)]).all_open_to_internet(tcp(22)).is_false
    assert allowed_by([AllowRule(internet, ssh, MAYBE)]).all_open_to_internet(tcp(22)) == MAYBE
    assert allowed_by([], [WHY]).all_open_to_internet(tcp(22)) == MAYBE
    assert allowed_by([AllowRule(internet, ssh)], [WHY]).all_open_to_internet(tcp(22)).is_true
    other = AddressBounds.known(CidrSet.parse("10.0.0.0/8"))
    assert (
        allowed_by([AllowRule(internet, ssh), AllowRule(other, TrafficBounds.unknown(WHY))])
        .all_open_to_internet(tcp(80))
        .is_false
    )
