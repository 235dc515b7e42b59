"""Address and port sets, security group coverage and network ACLs, against independent oracles."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from functools import reduce
from itertools import product
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from iaclint.aws.reasoning.network import (
    ADMIN,
    ALL_TRAFFIC,
    DATABASE,
    EVERYWHERE,
    FAMILIES,
    KERBEROS,
    NO_FLOWS,
    NO_TRAFFIC,
    PUBLIC,
    RISKY_EGRESS,
    SPECIAL,
    UNAUTHENTICATED,
    WEB,
    Acl,
    AclEntry,
    Addresses,
    Allowance,
    Breadth,
    CidrSet,
    Family,
    Flows,
    Traffic,
    TrafficValue,
    addresses_from,
    coverage,
    protocol_number,
    traffic_from,
)
from iaclint.model.truth import FALSE, TRUE, Reason, Truth
from iaclint.model.value import Unknown, UnknownCause, Value
from iaclint.source.files import SourceFile

# what an example costs depends on who else uses the machine
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")

SPAN = SourceFile("t.tf", "x").whole
WHY = Reason("var.x has no value")
MAYBE = Truth(None, (WHY,))


def value(data: Any) -> Value[Any]:
    if isinstance(data, list):
        return Value(tuple(value(item) for item in data), SPAN)
    return Value(data, SPAN)


def unknown(*one_of: Any, prefix: str = "") -> Value[Any]:
    return Value(Unknown(UnknownCause.INPUT, "var.x has no value", ("var.x",), one_of, prefix), SPAN)


# -- addresses ---------------------------------------------------------------------------------------

v4_blocks = st.builds(
    lambda address, length: f"{ipaddress.IPv4Address(address)}/{length}",
    st.integers(0, 2**32 - 1),
    st.integers(0, 32),
)
v6_blocks = st.builds(
    lambda address, length: f"{ipaddress.IPv6Address(address)}/{length}",
    st.integers(0, 2**128 - 1),
    st.integers(0, 128),
)
blocks = st.one_of(v4_blocks, v6_blocks)
# blocks of a /28, so that sets overlap and brute force is possible
near = st.builds(lambda host, length: f"10.0.0.{host}/{length}", st.integers(0, 15), st.integers(28, 32))
small_sets = st.lists(near, max_size=5).map(lambda texts: CidrSet.parse(*texts))


def members(addresses: CidrSet) -> set[int]:
    return {host for host in range(16) if f"10.0.0.{host}" in addresses}


@given(blocks)
def test_a_block_is_what_ipaddress_says(text: str) -> None:
    network = ipaddress.ip_network(text, strict=False)
    family: Family = 4 if network.version == 4 else 6
    parsed = CidrSet.parse(text)
    assert parsed.of_family(family) == ((int(network[0]), int(network[-1])),)
    assert parsed.size(family) == network.num_addresses
    assert parsed.cidrs() == (str(network),)


@given(st.lists(v4_blocks, max_size=6))
def test_cidrs_are_collapsed_as_ipaddress_does(texts: list[str]) -> None:
    networks = [ipaddress.IPv4Network(text, strict=False) for text in texts]
    assert CidrSet.parse(*texts).cidrs() == tuple(str(n) for n in ipaddress.collapse_addresses(networks))


# runs of zeros, which may be left out, and equal runs, of which the first is
v6_addresses = st.one_of(
    st.integers(0, 2**128 - 1),
    st.lists(st.sampled_from([0, 0, 1, 0xFFFF]), min_size=8, max_size=8).map(
        lambda groups: sum(group << 16 * place for place, group in enumerate(groups))
    ),
)


@given(v6_addresses)
def test_addresses_of_ipv6_are_read_and_written_as_ipaddress_does(number: int) -> None:
    address = ipaddress.IPv6Address(number)
    for text in (str(address), address.exploded, str(address).upper()):
        assert CidrSet.parse(text).v6 == ((number, number),)
    written = CidrSet.parse(str(address)).cidrs()[0].removesuffix("/128")
    if not address.ipv4_mapped:  # newer versions of Python write its end in dots
        assert written == str(address)
    assert int(ipaddress.IPv6Address(written)) == number


@example("01.0.0.1")
@example("1.0.0.00")
@example("::ffff:0:0")  # which Python 3.13 writes in another way
@example("64:ff9b::1.2.3.4/104")
@example("64:ff9b::1.2.3.256")
@example("1_0.0.0.1")
@example("+1.0.0.1")
@example("\u0661.0.0.1")
@example("1.0.0.1/1_6")
@example("1.0.0.1/+8")
@example("::0x1")
@example("::+1")
@example("::1_0")
@given(st.text(alphabet="0123456789abcdefg:./ -", max_size=20))
def test_what_is_no_block_is_refused_as_ipaddress_does(text: str) -> None:
    stripped = text.strip()
    try:
        expected: Any = ipaddress.ip_network(stripped, strict=False)
    except ValueError:
        expected = None
    length = stripped.partition("/")[2]
    if "/" in stripped and (not length.isdigit() or len(length) > 3):
        expected = None  # ipaddress takes masks such as /255.0.0.0, which AWS does not
    if expected is None:
        with pytest.raises(ValueError, match="is no CIDR block"):
            CidrSet.parse(text)
    else:
        family: Family = 4 if expected.version == 4 else 6
        assert CidrSet.parse(text).of_family(family) == ((int(expected[0]), int(expected[-1])),)


@given(small_sets, small_sets, small_sets)
def test_sets_obey_the_laws_and_brute_force(a: CidrSet, b: CidrSet, c: CidrSet) -> None:
    assert members(a | b) == members(a) | members(b)
    assert members(a & b) == members(a) & members(b)
    assert members(a - b) == members(a) - members(b)
    assert a | b == b | a and a & b == b & a
    assert (a | b) | c == a | (b | c) and (a & b) & c == a & (b & c)
    assert a & (b | c) == (a & b) | (a & c)
    assert a - (b | c) == (a - b) & (a - c)
    assert (a - b) | (a & b) == a
    assert (a <= b) == (members(a) <= members(b))
    assert EVERYWHERE - (EVERYWHERE - a) == a
    assert CidrSet.parse(*a.cidrs()) == a


@given(st.lists(blocks, max_size=4), st.lists(blocks, max_size=4))
def test_sets_of_any_size_obey_the_laws(left: list[str], right: list[str]) -> None:
    a, b = CidrSet.parse(*left), CidrSet.parse(*right)
    for family in FAMILIES:
        assert (a | b).size(family) + (a & b).size(family) == a.size(family) + b.size(family)
        assert (a - b).size(family) == a.size(family) - (a & b).size(family)
    assert a <= a | b and a & b <= a and not (a - b) & b
    assert a.public_part() | (a - PUBLIC) == a


@pytest.mark.parametrize("text", [
    "", "0.0.0.0/", "0.0.0.0/33", "1.2.3", "1.2.3.4.5", "010.0.0.1", "::/129", "1::2::3", "12345::", "a.b.c.d",
    "10.0.0.0/255.0.0.0", "sg-123", "::1%eth0", "\u0661.1.1.1",
])  # fmt: skip
def test_errors_name_the_text(text: str) -> None:
    with pytest.raises(ValueError, match="is no CIDR block") as raised:
        CidrSet.parse(text)
    assert repr(text) in str(raised.value)


@pytest.mark.parametrize("texts, world4, world6", [
    (["0.0.0.0/0"], True, False),
    (["1.2.3.4/0"], True, False),
    (["0.0.0.0/1", "128.0.0.0/1"], True, False),
    (["128.0.0.0/1", "0.0.0.0/2", "64.0.0.0/2"], True, False),
    (["0.0.0.0/1"], False, False),
    (["::/0"], False, True),
    (["2000::/3"], False, True),
    (["::/1", "8000::/1"], False, True),
    (["::ffff:0:0/96"], False, False),
    (["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"], False, False),
    ([], False, False),
])  # fmt: skip
def test_the_world(texts: list[str], world4: bool, world6: bool) -> None:
    addresses = CidrSet.parse(*texts)
    assert addresses.covers_world(4) is world4
    assert addresses.covers_world(6) is world6
    assert addresses.covers_world() is (world4 or world6)


def test_the_world_without_its_private_ranges_is_the_world() -> None:
    public = CidrSet.parse("0.0.0.0/0") - CidrSet.parse("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
    assert public.covers_world(4)
    assert CidrSet.parse(*PUBLIC.cidrs()).covers_world(4)
    assert not (PUBLIC - CidrSet.parse("8.8.8.8")).covers_world(4)


def test_nearly_the_world_counts_public_addresses() -> None:
    assert CidrSet.parse("0.0.0.0/1").breadth(4) is Breadth.NEARLY
    assert CidrSet.parse("16.0.0.0/4").breadth(4) is Breadth.NEARLY
    assert CidrSet.parse("16.0.0.0/5").breadth(4) is Breadth.PART
    assert CidrSet.parse("240.0.0.0/4").breadth(4) is Breadth.PART  # reserved
    assert CidrSet.parse("16.0.0.0/5").breadth(4, nearly=8) is Breadth.NEARLY
    assert CidrSet.parse("2600::/5").breadth(6) is Breadth.PART
    assert CidrSet.parse("3000::/4").breadth(6, nearly=5) is Breadth.NEARLY
    assert not CidrSet.parse("16.0.0.0/4").covers_world(4)
    assert CidrSet.parse("16.0.0.0/4").covers_world(4, nearly=4)


@given(st.sampled_from([cidr for group in SPECIAL.values() for cidr in group]), st.integers(0, 2**128))
def test_special_ranges_are_private(cidr: str, offset: int) -> None:
    network = ipaddress.ip_network(cidr)
    address = network[offset % network.num_addresses]
    assert CidrSet.parse(str(address)).is_private
    assert CidrSet.parse(cidr).is_private


@given(st.integers(0, 2**32 - 1))
def test_global_addresses_of_ipaddress_are_public(number: int) -> None:
    address = ipaddress.IPv4Address(number)
    if address.is_global and not address.is_multicast:
        assert not CidrSet.parse(str(address)).is_private
    if address.is_private and number >> 8 != 0xC00000:  # some of 192.0.0.0/24 is global
        assert CidrSet.parse(str(address)).is_private


def test_texts_for_people() -> None:
    assert str(CidrSet.parse("10.0.0.0/9", "10.128.0.0/9", "::1")) == "10.0.0.0/8, ::1/128"
    assert str(CidrSet()) == "no address"
    assert str(PUBLIC).endswith(", ...")
    odd = [f"10.0.0.{number}/32" for number in (1, 3, 5, 7, 9)]
    assert str(CidrSet.parse(*odd[:4])) == ", ".join(odd[:4])
    assert str(CidrSet.parse(*odd)) == ", ".join(odd[:4]) + ", ..."
    assert CidrSet.parse(*odd).cidrs(2) == tuple(odd[:2])


@pytest.mark.parametrize(
    "options", [["10.0.0.0/8"], ["10.0.0.0/8", "10.0.0.0/9"], ["10.0.0.0/9", "10.0.0.0/8", "10.0.0.0/10"]]
)
def test_addresses_of_which_the_options_are_known(options: list[str]) -> None:
    found = addresses_from(unknown(*options))
    assert found.possible == CidrSet.parse(*options) == CidrSet.parse("10.0.0.0/8")
    assert found.certain == reduce(CidrSet.__and__, (CidrSet.parse(option) for option in options))
    assert bool(found.reasons) is (len(options) > 1)


# -- traffic -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol, low, high, reached, missed", [
    ("tcp", 22, 22, [("tcp", 22)], [("tcp", 21), ("tcp", 23), ("udp", 22)]),
    ("6", "20", "3400", [("tcp", 22), ("tcp", 3389), ("tcp", 20), ("tcp", 3400)], [("tcp", 3401), ("tcp", 19)]),
    (6.0, 22.0, 22.0, [("tcp", 22)], [("udp", 22)]),
    ("-1", 0, 0, [("tcp", 22), ("udp", 53), ("tcp", 65535)], []),
    (-1, None, None, [("tcp", 22), ("udp", 53)], []),
    ("all", 443, 443, [("tcp", 22)], []),
    ("TCP", 0, 0, [("tcp", 0)], [("tcp", 22)]),
    ("tcp", None, None, [("tcp", 22), ("tcp", 0)], [("udp", 22)]),
    ("tcp", -1, -1, [("tcp", 22)], [("udp", 22)]),
    ("tcp", "", "", [("tcp", 22), ("tcp", 0)], [("udp", 22)]),
    ("udp", 53, None, [("udp", 53)], [("udp", 54), ("tcp", 53)]),
    ("tcp", None, 443, [("tcp", 443)], [("tcp", 442), ("tcp", 444)]),
    ("tcp", 443, 80, [], [("tcp", 443), ("tcp", 80), ("tcp", 100)]),
    ("icmp", 8, -1, [], [("tcp", 8), ("tcp", 22)]),
    ("icmp", -1, -1, [], [("tcp", 22)]),
    ("47", 0, 65535, [], [("tcp", 22), ("udp", 53)]),
    ("esp", 22, 22, [], [("tcp", 22)]),
])  # fmt: skip
def test_what_a_rule_reaches(protocol: Any, low: Any, high: Any, reached: Any, missed: Any) -> None:
    traffic = traffic_from(value(protocol), value(low), value(high))
    assert traffic.certain == traffic.possible
    for name, port in reached:
        assert traffic.reaches(port, name).is_true
    for name, port in missed:
        assert traffic.reaches(port, name).is_false


@pytest.mark.parametrize("protocol, low, high", [
    ("tcpp", 1, 2), ("256", 0, 0), ("tcp", "http", 80), ("tcp", 70000, 70000), (True, 1, 1), ("tcp", 22.5, 23),
    ("icmp", 300, 0), ("tcp", True, 1), ((), 1, 1), ("tcp", {}, 1), (6.5, 1, 1),
])  # fmt: skip
def test_wrong_fields(protocol: Any, low: Any, high: Any) -> None:
    with pytest.raises(ValueError):
        Traffic.of(protocol, low, high)
    read = traffic_from(value(protocol), value(low), value(high))
    assert read.errors and not read.possible


def test_types_and_codes_of_icmp() -> None:
    assert Traffic.of(None) == Traffic.of(None, 22, 22) == Traffic.of(-1) == ALL_TRAFFIC
    for name in ("icmp", "icmpv6"):
        assert {Traffic.of(name, 8, code) for code in ("", -1, None)} == {Traffic.of(name, 8)}
        of_type = [Traffic.of(name, 8, code) for code in range(256)]
        assert reduce(Traffic.__or__, of_type) == Traffic.of(name, 8)
        assert not of_type[0] & of_type[1] and not Traffic.of(name, 7) & Traffic.of(name, 8)
        assert reduce(Traffic.__or__, (Traffic.of(name, number) for number in range(256))) == Traffic.of(name)
        assert Traffic.of(name, -1, 4) == Traffic.of(name)  # a code of all types says nothing
        for wrong in ((256, 0), (0, 256), (256, None)):
            with pytest.raises(ValueError, match="from 0 to 255"):
                Traffic.of(name, *wrong)
    assert not Traffic.of("icmp") & Traffic.of("icmpv6")


@pytest.mark.parametrize("number", [-2, 256, "-2", "256"])
def test_numbers_that_are_no_protocol(number: int | str) -> None:
    with pytest.raises(ValueError, match="is no IP protocol"):
        protocol_number(number)
    assert (protocol_number(255), protocol_number("-1"), protocol_number(0)) == (255, -1, 0)


@pytest.mark.parametrize("traffic, text", [
    (Traffic.of("tcp", 22, 22), "tcp 22"),
    (Traffic.of(-1), "all traffic"),
    (Traffic.of("tcp", 20, 3400), "tcp 20-3400"),
    (Traffic.of("tcp", 0, 65535), "all tcp"),
    (Traffic.of("udp", 53, 53) | Traffic.of("tcp", 53, 53) | Traffic.of("tcp", 80, 80), "tcp 53, 80, udp 53"),
    (Traffic.of("icmp", 8, -1), "icmp type 8"),
    (Traffic.of("icmp"), "icmp"),
    (Traffic.of("gre"), "gre"),
    (Traffic.of(99), "protocol 99"),
    (NO_TRAFFIC, "no traffic"),
    (ALL_TRAFFIC - Traffic.of("tcp"), "protocol 0, protocol 5, protocol 7, protocol 255, 251 further protocols"),
])  # fmt: skip
def test_texts_of_traffic(traffic: Traffic, text: str) -> None:
    assert str(traffic) == text


ports = st.integers(0, 65535)
traffics = st.builds(
    lambda protocol, a, b: Traffic.of(protocol, min(a, b), max(a, b)),
    st.sampled_from(["tcp", "udp", "-1", "gre", "6"]),
    ports,
    ports,
)


@given(traffics, traffics, ports, st.sampled_from(["tcp", "udp"]))
def test_traffic_is_a_set(a: Traffic, b: Traffic, port: int, protocol: str) -> None:
    assert (a | b).reaches(port, protocol) == (a.reaches(port, protocol) or b.reaches(port, protocol))
    assert (a & b).reaches(port, protocol) == (a.reaches(port, protocol) and b.reaches(port, protocol))
    assert (a - b).reaches(port, protocol) == (a.reaches(port, protocol) and not b.reaches(port, protocol))
    assert a.reaches(port, protocol) == any(low <= port <= high for low, high in a.ports(protocol))
    assert a & b <= a <= a | b
    assert str(a)


FIELDS = st.sampled_from([None, -1, 0, 22, "22", 443, 65535, "x", 70000])
PROTOCOLS = st.sampled_from(["tcp", "udp", "-1", -1, "all", "icmp", "58", "47", None, "nonsense", 6])


@example("icmp", None, "x", {2}, [])
@given(PROTOCOLS, FIELDS, FIELDS, st.sets(st.integers(0, 2)), st.lists(FIELDS, max_size=2))
def test_an_unknown_field_never_turns_an_answer(
    protocol: Any, low: Any, high: Any, hidden: set[int], others: list[Any]
) -> None:
    fields = [protocol, low, high]
    known = traffic_from(*(value(field) for field in fields))
    for options in ((), tuple(others)):
        partly = traffic_from(*(
            unknown(*((*options, field) if options else ())) if i in hidden else value(field)
            for i, field in enumerate(fields)
        ))  # fmt: skip
        assert partly.certain <= known.certain and known.possible <= partly.possible
        for port in (0, 21, 22, 443):
            for name in ("tcp", "udp"):
                answer = partly.reaches(port, name)
                assert not answer.decided or answer == known.reaches(port, name)
                assert answer.decided or answer.reasons


def test_known_parts_decide() -> None:
    assert traffic_from(value("udp"), unknown(), unknown()).reaches(22).is_false
    assert traffic_from(value("-1"), unknown(), unknown()).reaches(22).is_true
    assert traffic_from(value("tcp"), value(1024), unknown()).reaches(22).is_false
    assert traffic_from(value("tcp"), unknown(), value(21)).reaches(22).is_false
    assert not traffic_from(value("tcp"), unknown(), value(80)).reaches(22).decided
    assert not traffic_from(unknown(), value(443), value(443)).reaches(22).decided
    assert traffic_from(unknown("tcp", "udp"), value(443), value(443)).reaches(22).is_false
    assert traffic_from(unknown("tcp", "-1"), value(22), value(22)).reaches(22).is_true
    assert traffic_from(value("tcp"), unknown(22, 80), value(90)).reaches(85).is_true


def test_services() -> None:
    traffic = TrafficValue.known(Traffic.of("tcp", 20, 3400))
    names = [service.name for service, truth in traffic.services(ADMIN) if truth.is_true]
    assert names == ["SSH", "SSH on its second port", "RDP"]
    assert next(service.name for service, _ in traffic.services(KERBEROS)) == "Kerberos"
    assert TrafficValue.unknown(WHY).services(WEB)[0][1] == Truth(None, (WHY,))
    assert not TrafficValue.known(Traffic.of("udp", 3306, 3306)).services(DATABASE)
    assert str(ADMIN[0]) == "SSH (tcp 22)"
    for table in (ADMIN, DATABASE, UNAUTHENTICATED, KERBEROS, RISKY_EGRESS, WEB):
        for service in table:
            assert service.traffic and all(low <= high for low, high in service.ports)


def test_protocol_names() -> None:
    assert protocol_number("ICMPv6") == protocol_number("58") == protocol_number(58) == 58
    assert protocol_number("all") == protocol_number("-1") == -1


# -- addresses that may be unknown ---------------------------------------------------------------------


def test_addresses_from_values() -> None:
    assert addresses_from(value("0.0.0.0/0")).covers_world(4).is_true
    assert addresses_from(value(["0.0.0.0/1", "128.0.0.0/1"])).covers_world(4).is_true
    assert addresses_from(value(None), value([]), value("")) == Addresses()
    assert addresses_from(value(["10.0.0.0/8"]), unknown()).covers_world(4).value is None
    assert addresses_from(value(["0.0.0.0/0"]), unknown()).covers_world(4).is_true
    assert addresses_from(unknown("10.0.0.0/8", "192.168.0.0/16")).covers_world(4).is_false
    assert addresses_from(unknown("0.0.0.0/0", "10.0.0.0/8")).covers_world(4).value is None
    assert addresses_from(unknown("0.0.0.0/0", "0.0.0.0/0")).reasons == ()
    wrong = addresses_from(value(["10.0.0.0/8", "oops", 5]))
    assert len(wrong.errors) == 2 and wrong.any_public().is_false
    assert addresses_from(value("10.0.0.0/8")).contains(CidrSet.parse("10.1.0.0/16")).is_true


# -- coverage of several rules -------------------------------------------------------------------------

POINTS = [(host, name, port) for host in range(0, 16, 3) for name in ("tcp", "udp") for port in (21, 22, 23)]
small_traffic = st.builds(
    lambda protocol, a, b: Traffic.of(protocol, min(a, b), max(a, b)),
    st.sampled_from(["tcp", "udp", "-1"]),
    st.integers(20, 24),
    st.integers(20, 24),
)
rules = st.lists(st.tuples(small_sets, small_traffic), max_size=5)


def has(flows: Flows, host: int, name: str, port: int) -> bool:
    return f"10.0.0.{host}" in flows.addresses(Traffic.of(name, port, port))


def known(addresses: CidrSet, traffic: Traffic) -> Allowance:
    return Allowance(Addresses.known(addresses), TrafficValue.known(traffic))


@given(rules, rules)
def test_coverage_is_brute_force(left: Any, right: Any) -> None:
    a, b = coverage(known(*rule) for rule in left).certain, coverage(known(*rule) for rule in right).certain
    for host, name, port in POINTS:
        in_a = any(f"10.0.0.{host}" in addresses and traffic.reaches(port, name) for addresses, traffic in left)
        in_b = any(f"10.0.0.{host}" in addresses and traffic.reaches(port, name) for addresses, traffic in right)
        assert has(a, host, name, port) == in_a
        assert has(a | b, host, name, port) == (in_a or in_b)
        assert has(a & b, host, name, port) == (in_a and in_b)
        assert has(a - b, host, name, port) == (in_a and not in_b)
    assert (a <= b) == (not a - b)
    assert (a | b) - b == a - b and a | a == a and a & a == a


def test_nothing_from_anywhere_and_all_from_nowhere_are_no_flows() -> None:
    assert Flows.of(EVERYWHERE, NO_TRAFFIC) == Flows.of(CidrSet(), ALL_TRAFFIC) == NO_FLOWS == Flows()
    assert not NO_FLOWS and Flows.of(EVERYWHERE, ALL_TRAFFIC)


@given(rules)
def test_flows_do_not_depend_on_the_order_of_rules(given_rules: Any) -> None:
    forwards = coverage(known(*rule) for rule in given_rules)
    backwards = coverage(known(*rule) for rule in reversed(given_rules))
    assert forwards == backwards


def test_halves_in_two_rules_are_the_world() -> None:
    ssh = Traffic.of("tcp", 22, 22)
    both = coverage([
        known(CidrSet.parse("0.0.0.0/1"), Traffic.of("tcp", 0, 100)),
        known(CidrSet.parse("128.0.0.0/1"), Traffic.of(-1)),
    ])  # fmt: skip
    assert both.world_reaches(22).is_true and both.world_reaches(22, family=4).is_true
    assert both.world_reaches(22, family=6).is_false
    assert both.world_reaches(443).is_false and both.world_reaches(443, nearly=4).is_true
    assert both.world(ssh).is_true and both.world_any(Traffic.of("tcp", 90, 500)).is_true
    assert both.world(Traffic.of("tcp", 90, 500)).is_false
    assert both.world_touches(ADMIN[0]).is_true
    assert both.certain.world_traffic() == Traffic.of("tcp", 0, 100)
    assert both.certain.traffic(CidrSet.parse("8.8.8.8")) == Traffic.of("tcp", 0, 100)
    assert both.certain.addresses_of_any(ALL_TRAFFIC) == CidrSet.parse("0.0.0.0/0")


def test_a_rule_that_may_be_missing_or_hidden() -> None:
    world = Addresses.known(CidrSet.parse("0.0.0.0/0"))
    ssh = TrafficValue.known(Traffic.of("tcp", 22, 22))
    assert coverage([Allowance(world, ssh, FALSE)]).world_reaches(22).is_false
    assert coverage([Allowance(world, ssh, MAYBE)]).world_reaches(22) == MAYBE
    assert coverage([], [WHY]).world_reaches(22) == MAYBE
    assert coverage([Allowance(world, ssh)], [WHY]).world_reaches(22).is_true
    other = Addresses.known(CidrSet.parse("10.0.0.0/8"))
    assert coverage([Allowance(world, ssh), Allowance(other, TrafficValue.unknown(WHY))]).world_reaches(80).is_false


# -- network ACLs -------------------------------------------------------------------------------------

acl_entries = st.lists(
    st.tuples(st.integers(1, 6), st.booleans(), small_sets, small_traffic), max_size=6, unique_by=lambda e: e[0]
)


def entry(number: int | None, allow: bool, addresses: CidrSet, traffic: Traffic) -> AclEntry:
    return AclEntry(number, Truth.of(allow), Addresses.known(addresses), TrafficValue.known(traffic))


def first_match(entries: Any, host: int, name: str, port: int) -> bool:
    for _, allow, addresses, traffic in sorted(entries, key=lambda e: e[0]):
        if f"10.0.0.{host}" in addresses and traffic.reaches(port, name):
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
    hidden: list[AclEntry] = []
    for number, allow, addresses, traffic in entries:
        what = data.draw(st.sampled_from(["", "number", "allow", "addresses", "traffic", "exists", "left out"]))
        if what == "left out":
            continue
        hidden.append(AclEntry(
            None if what == "number" else number,
            MAYBE if what == "allow" else Truth.of(allow),
            Addresses.unknown(WHY) if what == "addresses" else Addresses.known(addresses),
            TrafficValue.unknown(WHY) if what == "traffic" else TrafficValue.known(traffic),
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


def built(entries: Any) -> list[AclEntry]:
    return [
        AclEntry(number, allow, Addresses.known(addresses), TrafficValue.known(traffic), exists)
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
        through = Acl(tuple(made)).through(made[at])
        assert Acl(tuple(made), (WHY,)).through(made[at]).certain == NO_FLOWS
        for host, name, port in POINTS[::5]:
            answers = set()
            for one in completions([(number, allow, exists, addresses, traffic)]):
                for rest in completions(others):
                    answers.add(any(
                        allows and f"10.0.0.{host}" in there and kinds.reaches(port, name)
                        and not any(
                            lower < own and not denies and f"10.0.0.{host}" in place and what.reaches(port, name)
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
    doubtful = AclEntry(made[chosen].number, made[chosen].allow, made[chosen].addresses, made[chosen].traffic, MAYBE)
    partly = Acl((*made[:chosen], doubtful, *made[chosen + 1 :])).allowed()
    for one in (with_it, without):
        assert partly.certain <= one.certain <= partly.possible


def test_a_deny_shields_only_what_comes_after_it() -> None:
    world = CidrSet.parse("0.0.0.0/0")
    ssh, everything = Traffic.of("tcp", 22, 22), ALL_TRAFFIC
    shielded = Acl((entry(100, True, world, everything), entry(90, False, world, ssh))).allowed()
    assert shielded.world_reaches(22).is_false and shielded.world_reaches(80).is_true
    late = Acl((entry(100, True, world, everything), entry(110, False, world, ssh))).allowed()
    assert late.world_reaches(22).is_true
    unsure = Acl((entry(100, True, world, everything), entry(None, False, world, ssh))).allowed()
    assert unsure.world_reaches(22).value is None and unsure.world_reaches(80).is_true
    allow = entry(100, True, world, everything)
    for deny, certainly, possibly in ((90, False, False), (110, True, True), (None, False, True)):
        through = Acl((allow, entry(deny, False, world, ssh))).through(allow)
        assert has(through.certain, 1, "tcp", 22) is certainly and has(through.possible, 1, "tcp", 22) is possibly
        assert has(through.certain, 1, "tcp", 80) and has(through.possible, 1, "tcp", 80)
    half = Acl((entry(90, False, CidrSet.parse("0.0.0.0/1"), ssh), entry(100, True, world, everything))).allowed()
    assert half.world_reaches(22).is_false
    assert (half & late).world_reaches(80).is_true and (half | late).world_reaches(22).is_true
