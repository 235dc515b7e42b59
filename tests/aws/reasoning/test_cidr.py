"""Sets of addresses against the standard library and brute force."""

from __future__ import annotations

import ipaddress
from functools import reduce
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from iaclint.aws.reasoning.cidr import (
    ALL_ADDRESSES,
    DEFAULT_NEARLY,
    FAMILIES,
    PUBLIC,
    SPECIAL,
    AddressBounds,
    CidrSet,
    Family,
    addresses_from,
)
from tests.aws.reasoning.samples import small_sets, unknown, value

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


def members(addresses: CidrSet) -> set[int]:
    return {host for host in range(16) if f"10.0.0.{host}" in addresses}


@given(blocks)
def test_a_block_is_what_ipaddress_says(text: str) -> None:
    network = ipaddress.ip_network(text, strict=False)
    family: Family = 4 if network.version == 4 else 6
    parsed = CidrSet.parse(text)
    assert parsed.ranges(family) == ((int(network[0]), int(network[-1])),)
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
        with pytest.raises(ValueError, match="is not a CIDR block"):
            CidrSet.parse(text)
    else:
        family: Family = 4 if expected.version == 4 else 6
        assert CidrSet.parse(text).ranges(family) == ((int(expected[0]), int(expected[-1])),)


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
    assert ALL_ADDRESSES - (ALL_ADDRESSES - a) == a
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
    with pytest.raises(ValueError, match="is not a CIDR block") as raised:
        CidrSet.parse(text)
    assert repr(text) in str(raised.value)


@pytest.mark.parametrize("texts, internet4, internet6", [
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
def test_the_internet(texts: list[str], internet4: bool, internet6: bool) -> None:
    addresses = CidrSet.parse(*texts)
    assert addresses.covers_internet(4) is internet4
    assert addresses.covers_internet(6) is internet6
    assert addresses.covers_internet() is (internet4 or internet6)


def test_the_internet_without_private_ranges_is_the_internet() -> None:
    public = CidrSet.parse("0.0.0.0/0") - CidrSet.parse("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
    assert public.covers_internet(4)
    assert CidrSet.parse(*PUBLIC.cidrs()).covers_internet(4)
    assert not (PUBLIC - CidrSet.parse("8.8.8.8")).covers_internet(4)


def test_nearly_the_internet_counts_public_addresses() -> None:
    assert CidrSet.parse("0.0.0.0/1").covers_internet(4, nearly=DEFAULT_NEARLY)
    assert CidrSet.parse("16.0.0.0/4").covers_internet(4, nearly=DEFAULT_NEARLY)
    assert not CidrSet.parse("16.0.0.0/5").covers_internet(4, nearly=DEFAULT_NEARLY)
    assert not CidrSet.parse("240.0.0.0/4").covers_internet(4, nearly=DEFAULT_NEARLY)  # reserved
    assert CidrSet.parse("16.0.0.0/5").covers_internet(4, nearly=8)
    assert not CidrSet.parse("2600::/5").covers_internet(6, nearly=DEFAULT_NEARLY)
    assert CidrSet.parse("3000::/4").covers_internet(6, nearly=5)
    assert not CidrSet.parse("16.0.0.0/4").covers_internet(4)


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


def test_addresses_from_values() -> None:
    assert addresses_from(value("0.0.0.0/0")).covers_internet(4).is_true
    assert addresses_from(value(["0.0.0.0/1", "128.0.0.0/1"])).covers_internet(4).is_true
    assert addresses_from(value(None), value([]), value("")) == AddressBounds()
    assert addresses_from(value(["10.0.0.0/8"]), unknown()).covers_internet(4).value is None
    assert addresses_from(value(["0.0.0.0/0"]), unknown()).covers_internet(4).is_true
    assert addresses_from(unknown("10.0.0.0/8", "192.168.0.0/16")).covers_internet(4).is_false
    assert addresses_from(unknown("0.0.0.0/0", "10.0.0.0/8")).covers_internet(4).value is None
    assert addresses_from(unknown("0.0.0.0/0", "0.0.0.0/0")).reasons == ()
    wrong = addresses_from(value(["10.0.0.0/8", "oops", 5]))
    assert wrong.any_public().is_false and wrong == addresses_from(value("10.0.0.0/8"))
    assert addresses_from(value("10.0.0.0/8")).contains(CidrSet.parse("10.1.0.0/16")).is_true
