"""Sets of IP addresses, written as CIDR blocks.

`CidrSet` is a set that is known exactly. `AddressBounds` is a set that is known in part: it contains at least one
CidrSet and at most another. Questions about bounds return a `Truth`: more knowledge can decide an undecided answer and
never changes a decided one.

Nothing here knows a resource type, Terraform or CloudFormation.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any, Literal

from msgspec import Struct

from iaclint.aws.reasoning.intervals import Intervals, difference, intersection, merged, size, union
from iaclint.model.truth import Reason, Truth, merge_reasons
from iaclint.model.value import Unknown, Value

Family = Literal[4, 6]
"""IP version."""
FAMILIES: tuple[Family, Family] = (4, 6)

DEFAULT_NEARLY = 4
"""Prefix length: a set with at least as many public addresses as a /4 is nearly the internet."""

_BITS: dict[Family, int] = {4: 32, 6: 128}


@lru_cache(maxsize=4096)
def _parse(text: str) -> tuple[Family, int, int]:
    """Return family, first and last address of a CIDR block or a single address. Raises ValueError."""
    address_text, slash, length_text = text.strip().partition("/")
    try:
        if "%" in address_text:
            raise ValueError("AWS accepts no zone index")
        address = ipaddress.ip_address(address_text)
        length: int = address.max_prefixlen
        if slash:
            # ip_network would accept a netmask as well ("/255.0.0.0"), which AWS refuses
            if not (length_text.isascii() and length_text.isdigit()) or len(length_text) > 3:
                raise ValueError(f"the prefix length {length_text!r} is not a number")
            length = int(length_text)
        network = ipaddress.ip_network((address, length), strict=False)
    except ValueError as error:
        raise ValueError(f"{text!r} is not a CIDR block: {error}") from None
    return 4 if network.version == 4 else 6, int(network.network_address), int(network.broadcast_address)


class CidrSet(Struct, frozen=True):
    """A set of addresses, as sorted ranges of numbers for IPv4 and for IPv6."""

    v4: Intervals = ()
    v6: Intervals = ()

    @classmethod
    def parse(cls, *texts: str) -> CidrSet:
        """Return all addresses of CIDR blocks and single addresses.

        Bits beyond the prefix are ignored: "1.2.3.4/0" is all of IPv4. An IPv4-mapped block
        ("::ffff:10.0.0.0/104") is IPv6, because IPv4 traffic never matches an IPv6 rule.
        Raises ValueError if a text is anything else.
        """
        parsed = [_parse(text) for text in texts]
        return cls(
            merged((low, high) for family, low, high in parsed if family == 4),
            merged((low, high) for family, low, high in parsed if family == 6),
        )

    def ranges(self, family: Family) -> Intervals:
        """Return the addresses of one family as inclusive ranges of numbers."""
        return self.v4 if family == 4 else self.v6

    def only(self, family: Family) -> CidrSet:
        """Return the set without the addresses of the other family."""
        return CidrSet(v4=self.v4) if family == 4 else CidrSet(v6=self.v6)

    def __or__(self, other: CidrSet) -> CidrSet:
        return CidrSet(union(self.v4, other.v4), union(self.v6, other.v6))

    def __and__(self, other: CidrSet) -> CidrSet:
        return CidrSet(intersection(self.v4, other.v4), intersection(self.v6, other.v6))

    def __sub__(self, other: CidrSet) -> CidrSet:
        return CidrSet(difference(self.v4, other.v4), difference(self.v6, other.v6))

    def __le__(self, other: CidrSet) -> bool:
        """Return True if every address of this set is in the other one."""
        return not (self - other)

    def __bool__(self) -> bool:
        return bool(self.v4 or self.v6)

    def __contains__(self, cidr: str) -> bool:
        """Return True if every address of a CIDR block is in the set. Raises ValueError if it is not a block."""
        return CidrSet.parse(cidr) <= self

    def size(self, family: Family) -> int:
        """Return the number of addresses of one family."""
        return size(self.ranges(family))

    @property
    def is_private(self) -> bool:
        """True if the set has no public address (see `SPECIAL`); true of the empty set."""
        return not self.public_part()

    def public_part(self) -> CidrSet:
        """Return the addresses that are used on the internet."""
        return self & PUBLIC

    def covers_internet(self, family: Family | None = None, nearly: int | None = None) -> bool:
        """Return True if the set contains all public addresses of a family (of either family if none is given).

        nearly  a prefix length: a set with at least as many public addresses as a block of this length counts too
        """
        return any(self._covers(one, nearly) for one in (FAMILIES if family is None else (family,)))

    def _covers(self, family: Family, nearly: int | None) -> bool:
        public = PUBLIC.ranges(family)
        if not difference(public, self.ranges(family)):
            return True
        return nearly is not None and size(intersection(self.ranges(family), public)) >= 1 << (_BITS[family] - nearly)

    def cidrs(self, limit: int | None = None) -> tuple[str, ...]:
        """Return the fewest CIDR blocks that make up the set, IPv4 first; no more than `limit` of them."""
        blocks = (
            block for family in FAMILIES for low, high in self.ranges(family) for block in _blocks(family, low, high)
        )
        return tuple(islice(blocks, limit))

    def __str__(self) -> str:
        shown = self.cidrs(5)
        if not shown:
            return "no address"
        return ", ".join(shown[:4]) + (", ..." if len(shown) > 4 else "")


def _blocks(family: Family, low: int, high: int) -> Iterator[str]:
    """Yield the fewest CIDR blocks that make up a range of addresses."""
    if family == 4:
        yield from map(str, ipaddress.summarize_address_range(ipaddress.IPv4Address(low), ipaddress.IPv4Address(high)))
    else:
        yield from map(str, ipaddress.summarize_address_range(ipaddress.IPv6Address(low), ipaddress.IPv6Address(high)))


SPECIAL: dict[str, tuple[str, ...]] = {
    "this network": ("0.0.0.0/8",),
    "private (RFC 1918)": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
    "shared by carriers (RFC 6598)": ("100.64.0.0/10",),
    "loopback": ("127.0.0.0/8", "::1/128"),
    "link local": ("169.254.0.0/16", "fe80::/10"),
    "protocol assignments": ("192.0.0.0/24",),
    "documentation": ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"),
    "benchmarking": ("198.18.0.0/15", "2001:2::/48"),
    "multicast": ("224.0.0.0/4", "ff00::/8"),
    "reserved": ("240.0.0.0/4",),
    "unique local (RFC 4193)": ("fc00::/7",),
    "unspecified": ("::/128",),
    "IPv4-mapped": ("::ffff:0:0/96",),
}
"""Blocks that are not used on the internet, by their purpose.

https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry. Of IPv6, moreover, only
2000::/3 is assigned as global unicast (RFC 4291, RFC 3513).
"""

ALL_ADDRESSES = CidrSet.parse("0.0.0.0/0", "::/0")
NO_ADDRESSES = CidrSet()
PUBLIC = CidrSet.parse("0.0.0.0/0", "2000::/3") - CidrSet.parse(*(cidr for group in SPECIAL.values() for cidr in group))


class AddressBounds(Struct, frozen=True):
    """A set of addresses that is known in part: it contains all of `certain`, and nothing outside `possible`.

    reasons  why the two differ
    """

    certain: CidrSet = NO_ADDRESSES
    possible: CidrSet = NO_ADDRESSES
    reasons: tuple[Reason, ...] = ()

    @classmethod
    def known(cls, addresses: CidrSet) -> AddressBounds:
        """Return the bounds of a set that is known exactly."""
        return cls(addresses, addresses)

    @classmethod
    def unknown(cls, *reasons: Reason) -> AddressBounds:
        """Return the bounds of a set that may contain any address."""
        return cls(NO_ADDRESSES, ALL_ADDRESSES, reasons)

    def __or__(self, other: AddressBounds) -> AddressBounds:
        return AddressBounds(
            self.certain | other.certain, self.possible | other.possible, merge_reasons(self.reasons, other.reasons)
        )

    def covers_internet(self, family: Family | None = None, nearly: int | None = None) -> Truth:
        """Return True if the set contains all public addresses of a family; arguments as in CidrSet."""
        return self._ask(lambda addresses: addresses.covers_internet(family, nearly))

    def any_public(self) -> Truth:
        """Return True if the set contains a public address."""
        return self._ask(lambda addresses: not addresses.is_private)

    def contains(self, addresses: CidrSet) -> Truth:
        """Return True if the set contains all of the addresses."""
        return self._ask(lambda mine: addresses <= mine)

    def _ask(self, test: Callable[[CidrSet], bool]) -> Truth:
        """Return the answer of a test that a larger set passes whenever a smaller one does."""
        return Truth.between(test(self.certain), test(self.possible), self.reasons)


def addresses_from(*values: Value[Any]) -> AddressBounds:
    """Return all addresses of Values that hold CIDR texts or lists of them.

    Null and empty texts add nothing, and neither does a text that is not a CIDR block, because AWS refuses it.
    """
    found = AddressBounds()
    for value in values:
        data = value.data
        if isinstance(data, tuple):
            found = found | addresses_from(*data)
        elif isinstance(data, Unknown):
            found = found | _addresses_of_unknown(value, data)
        elif isinstance(data, str) and data.strip():
            try:
                found = found | AddressBounds.known(CidrSet.parse(data))
            except ValueError:
                continue
    return found


def _addresses_of_unknown(value: Value[Any], unknown: Unknown) -> AddressBounds:
    if not unknown.one_of or not all(isinstance(option, str) for option in unknown.one_of):
        return AddressBounds.unknown(*value.reasons)
    options = [addresses_from(value.with_data(option)) for option in unknown.one_of]
    certain, possible = options[0].certain, options[0].possible
    for option in options[1:]:
        certain, possible = certain & option.certain, possible | option.possible
    return AddressBounds(certain, possible, () if certain == possible else value.reasons)


def prefix_length(value: Value[Any]) -> int | None:
    """Return the prefix length of a CIDR text whose address is unknown, as of "${ip}/32"; None if that is unknown."""
    last = value.data.parts[-1] if isinstance(value.data, Unknown) and value.data.parts else None
    if last is None or not isinstance(last.data, str):
        return None
    _, slash, length = last.data.rpartition("/")
    return int(length) if slash and length.isascii() and length.isdigit() and len(length) < 4 else None
