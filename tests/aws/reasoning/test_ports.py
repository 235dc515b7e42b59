"""Sets of traffic, known exactly and in part."""

from __future__ import annotations

from functools import reduce
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from iaclint.aws.reasoning.ports import (
    ADMIN,
    ALL_TRAFFIC,
    DATABASE,
    KERBEROS,
    NO_TRAFFIC,
    UNAUTHENTICATED,
    WEB,
    Traffic,
    TrafficBounds,
    protocol_number,
    traffic_from,
)
from iaclint.model.truth import Truth
from tests.aws.reasoning.samples import WHY, unknown, value


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
        assert traffic.includes_port(port, name).is_true
    for name, port in missed:
        assert traffic.includes_port(port, name).is_false


@pytest.mark.parametrize("protocol, low, high", [
    ("tcpp", 1, 2), ("256", 0, 0), ("tcp", "http", 80), ("tcp", 70000, 70000), (True, 1, 1), ("tcp", 22.5, 23),
    ("icmp", 300, 0), ("tcp", True, 1), ((), 1, 1), ("tcp", {}, 1), (6.5, 1, 1),
])  # fmt: skip
def test_wrong_fields(protocol: Any, low: Any, high: Any) -> None:
    with pytest.raises(ValueError):
        Traffic.of(protocol, low, high)
    read = traffic_from(value(protocol), value(low), value(high))
    assert not read.possible


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
    with pytest.raises(ValueError, match="is not an IP protocol"):
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
    assert (a | b).includes_port(port, protocol) == (a.includes_port(port, protocol) or b.includes_port(port, protocol))
    assert (a & b).includes_port(port, protocol) == (
        a.includes_port(port, protocol) and b.includes_port(port, protocol)
    )
    assert (a - b).includes_port(port, protocol) == (
        a.includes_port(port, protocol) and not b.includes_port(port, protocol)
    )
    assert a.includes_port(port, protocol) == any(low <= port <= high for low, high in a.ports(protocol))
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
                answer = partly.includes_port(port, name)
                assert not answer.decided or answer == known.includes_port(port, name)
                assert answer.decided or answer.reasons


def test_known_parts_decide() -> None:
    assert traffic_from(value("udp"), unknown(), unknown()).includes_port(22).is_false
    assert traffic_from(value("-1"), unknown(), unknown()).includes_port(22).is_true
    assert traffic_from(value("tcp"), value(1024), unknown()).includes_port(22).is_false
    assert traffic_from(value("tcp"), unknown(), value(21)).includes_port(22).is_false
    assert not traffic_from(value("tcp"), unknown(), value(80)).includes_port(22).decided
    assert not traffic_from(unknown(), value(443), value(443)).includes_port(22).decided
    assert traffic_from(unknown("tcp", "udp"), value(443), value(443)).includes_port(22).is_false
    assert traffic_from(unknown("tcp", "-1"), value(22), value(22)).includes_port(22).is_true
    assert traffic_from(value("tcp"), unknown(22, 80), value(90)).includes_port(85).is_true


def test_services() -> None:
    traffic = TrafficBounds.known(Traffic.of("tcp", 20, 3400))
    names = [service.name for service, truth in traffic.services(ADMIN) if truth.is_true]
    assert names == ["SSH", "SSH on its second port", "RDP"]
    assert next(service.name for service, _ in traffic.services(KERBEROS)) == "Kerberos"
    assert TrafficBounds.unknown(WHY).services(WEB)[0][1] == Truth(None, (WHY,))
    assert not TrafficBounds.known(Traffic.of("udp", 3306, 3306)).services(DATABASE)
    assert str(ADMIN[0]) == "SSH (tcp 22)"
    for table in (ADMIN, DATABASE, UNAUTHENTICATED, KERBEROS, WEB):
        for service in table:
            assert service.traffic and all(low <= high for low, high in service.ports)


def test_protocol_names() -> None:
    assert protocol_number("ICMPv6") == protocol_number("58") == protocol_number(58) == 58
    assert protocol_number("all") == protocol_number("-1") == -1
