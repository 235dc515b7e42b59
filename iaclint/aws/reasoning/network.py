"""Addresses, ports and the traffic that a set of rules lets through.

Pure reasoning: nothing here knows a resource, Terraform or CloudFormation. Everything is a set:
`CidrSet` of addresses, `Traffic` of protocols and ports, `Flows` of both together. Each has the usual
operators `|`, `&`, `-`, `<=`. A set of which parts are unknown is two sets, what it holds for certain and what it
may hold (`Addresses`, `TrafficValue`, `Admitted`); questions about it answer with a `Truth`, so that more
knowledge can decide an answer and never turn one.

Facts come from the EC2 and VPC documentation:
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from functools import cache, lru_cache
from itertools import product
from typing import Any, Literal

from msgspec import Struct

from iaclint.model.truth import FALSE, TRUE, Reason, Truth, merge_reasons
from iaclint.model.value import Unknown, Value

Family = Literal[4, 6]
"""IP version."""
FAMILIES: tuple[Family, Family] = (4, 6)

DEFAULT_NEARLY = 4
"""A set with as many public addresses as a /4 is nearly the world."""

# -- intervals ---------------------------------------------------------------------------------------
# Inclusive (low, high) pairs, sorted, neither overlapping nor touching.

Intervals = tuple[tuple[int, int], ...]


def _merge(pairs: Iterable[tuple[int, int]]) -> Intervals:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(pairs):
        if merged and low <= merged[-1][1] + 1:
            if high > merged[-1][1]:
                merged[-1] = (merged[-1][0], high)
        else:
            merged.append((low, high))
    return tuple(merged)


def _union(a: Intervals, b: Intervals) -> Intervals:
    if not a or not b or a == b:
        return a or b
    return _merge(a + b)


def _intersection(a: Intervals, b: Intervals) -> Intervals:
    found: list[tuple[int, int]] = []
    i = j = 0
    while i < len(a) and j < len(b):
        low, high = max(a[i][0], b[j][0]), min(a[i][1], b[j][1])
        if low <= high:
            found.append((low, high))
        if a[i][1] < b[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)


def _difference(a: Intervals, b: Intervals) -> Intervals:
    left: list[tuple[int, int]] = []
    j = 0
    for start, high in a:
        low = start
        while j < len(b) and b[j][1] < low:
            j += 1
        k = j
        while k < len(b) and b[k][0] <= high:
            if b[k][0] > low:
                left.append((low, b[k][0] - 1))
            low = b[k][1] + 1
            k += 1
        if low <= high:
            left.append((low, high))
    return tuple(left)


def _size(a: Intervals) -> int:
    return sum(high - low + 1 for low, high in a)


# -- addresses ---------------------------------------------------------------------------------------

_BITS: dict[Family, int] = {4: 32, 6: 128}


def _parse_v4(text: str) -> int:
    octets = text.split(".")
    if len(octets) != 4:
        raise ValueError("an IPv4 address has four parts")
    address = 0
    for octet in octets:
        # isascii: isdigit alone takes other scripts' digits too
        if not (octet.isascii() and octet.isdigit()) or len(octet) > 3 or int(octet) > 255:
            raise ValueError(f"{octet!r} is not a number from 0 to 255")
        if len(octet) > 1 and octet[0] == "0":
            raise ValueError(f"{octet!r} has a leading zero, which may mean an octal number")
        address = address << 8 | int(octet)
    return address


def _parse_v6(text: str) -> int:
    if "." in text:
        head, _, tail = text.rpartition(":")
        embedded = _parse_v4(tail)
        text = f"{head}:{embedded >> 16:x}:{embedded & 0xFFFF:x}"
    left, gap, right = text.partition("::")
    if "::" in right or right.startswith(":"):
        raise ValueError("'::' stands more than once")
    before = left.split(":") if left else []
    after = right.split(":") if right else []
    missing = 8 - len(before) - len(after)
    if (missing < 1) if gap else (missing != 0):
        raise ValueError("an IPv6 address has eight parts")
    address = 0
    for group in [*before, *["0"] * missing, *after]:
        if not 1 <= len(group) <= 4 or not all(c in "0123456789abcdefABCDEF" for c in group):
            raise ValueError(f"{group!r} is not a hexadecimal number of one to four digits")
        address = address << 16 | int(group, 16)
    return address


@lru_cache(maxsize=4096)
def _parse_cidr(text: str) -> tuple[Family, int, int]:
    """Family, first and last address of a CIDR or an address. Raises ValueError."""
    stripped = text.strip()
    address_text, slash, length_text = stripped.partition("/")
    family: Family = 6 if ":" in address_text else 4
    bits = _BITS[family]
    try:
        address = _parse_v6(address_text) if family == 6 else _parse_v4(address_text)
        length = bits
        if slash:
            if not (length_text.isascii() and length_text.isdigit()) or len(length_text) > 3 or int(length_text) > bits:
                raise ValueError(f"the prefix length {length_text!r} is not a number from 0 to {bits}")
            length = int(length_text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no CIDR block: {error}") from None
    host = (1 << (bits - length)) - 1
    low = address & ~host
    return family, low, low | host


class CidrSet(Struct, frozen=True):
    """A set of addresses, IPv4 and IPv6 apart, as inclusive ranges that neither overlap nor touch."""

    v4: Intervals = ()
    v6: Intervals = ()

    @classmethod
    def parse(cls, *texts: str) -> CidrSet:
        """The addresses of CIDR blocks and single addresses, together.

        Bits beyond the prefix are ignored, so "1.2.3.4/0" is all of IPv4. An IPv4-mapped block
        ("::ffff:10.0.0.0/104") is IPv6, as it is written: IPv4 traffic never matches an IPv6 rule.
        Raises ValueError for anything else.
        """
        parsed = [_parse_cidr(text) for text in texts]
        return cls(
            _merge((low, high) for family, low, high in parsed if family == 4),
            _merge((low, high) for family, low, high in parsed if family == 6),
        )

    def of_family(self, family: Family) -> Intervals:
        return self.v4 if family == 4 else self.v6

    def only(self, family: Family) -> CidrSet:
        """The addresses of one family."""
        return CidrSet(v4=self.v4) if family == 4 else CidrSet(v6=self.v6)

    def __or__(self, other: CidrSet) -> CidrSet:
        return CidrSet(_union(self.v4, other.v4), _union(self.v6, other.v6))

    def __and__(self, other: CidrSet) -> CidrSet:
        return CidrSet(_intersection(self.v4, other.v4), _intersection(self.v6, other.v6))

    def __sub__(self, other: CidrSet) -> CidrSet:
        return CidrSet(_difference(self.v4, other.v4), _difference(self.v6, other.v6))

    def __le__(self, other: CidrSet) -> bool:
        """Whether every address of this set is in the other."""
        return not (self - other)

    def __bool__(self) -> bool:
        return bool(self.v4 or self.v6)

    def __contains__(self, cidr: str) -> bool:
        """Whether a whole block, given as text, is in the set. Raises ValueError."""
        return CidrSet.parse(cidr) <= self

    def size(self, family: Family) -> int:
        """How many addresses of a family it has."""
        return _size(self.of_family(family))

    @property
    def is_private(self) -> bool:
        """Whether none of its addresses can be met on the internet (see `SPECIAL`); true of the empty set."""
        return not self.public_part()

    def public_part(self) -> CidrSet:
        """Its addresses that can be met on the internet."""
        return self & PUBLIC

    def breadth(self, family: Family, nearly: int = DEFAULT_NEARLY) -> Breadth:
        """How much of a family's public space it covers.

        `nearly` is a prefix length: with as many public addresses as such a block has, the set is nearly the world.
        """
        ranges = self.of_family(family)
        if not ranges:
            return Breadth.PART
        if not _difference(PUBLIC.of_family(family), ranges):
            return Breadth.WORLD
        public = _size(_intersection(ranges, PUBLIC.of_family(family)))
        return Breadth.NEARLY if public >= 1 << (_BITS[family] - nearly) else Breadth.PART

    def covers_world(self, family: Family | None = None, nearly: int | None = None) -> bool:
        """Whether it covers all public addresses of a family (of either, when none is given).

        With `nearly`, a prefix length, a set that has as many public addresses as such a block counts too.
        """
        least = Breadth.WORLD if nearly is None else Breadth.NEARLY
        threshold = DEFAULT_NEARLY if nearly is None else nearly
        families = FAMILIES if family is None else (family,)
        return any(self.breadth(one, threshold).value >= least.value for one in families)

    def cidrs(self, limit: int | None = None) -> tuple[str, ...]:
        """The fewest CIDR blocks that make up the set, IPv4 first; the first `limit` of them."""
        found: list[str] = []
        for family in FAMILIES:
            bits = _BITS[family]
            for start, high in self.of_family(family):
                low = start
                while low <= high:
                    if limit is not None and len(found) >= limit:
                        return tuple(found)
                    # the largest block that starts here: aligned, and not past the end
                    host = min((low & -low).bit_length() - 1 if low else bits, (high - low + 1).bit_length() - 1)
                    found.append(f"{_address_text(family, low)}/{bits - host}")
                    low += 1 << host
        return tuple(found)

    def __str__(self) -> str:
        shown = self.cidrs(5)
        if not shown:
            return "no address"
        return ", ".join(shown[:4]) + (", ..." if len(shown) > 4 else "")


def _address_text(family: Family, address: int) -> str:
    if family == 4:
        return ".".join(str(address >> shift & 255) for shift in (24, 16, 8, 0))
    groups = [f"{address >> shift & 0xFFFF:x}" for shift in range(112, -1, -16)]
    # RFC 5952: the longest run of zeros, the first of equals, never a single one
    best, best_length, at = 0, 1, 0
    while at < 8:
        end = at
        while end < 8 and groups[end] == "0":
            end += 1
        if end - at > best_length:
            best, best_length = at, end - at
        at = max(end, at + 1)
    if best_length == 1:
        return ":".join(groups)
    return ":".join(groups[:best]) + "::" + ":".join(groups[best + best_length :])


class Breadth(Enum):
    """How much of the public address space a set covers; values are in order."""

    PART = 0
    NEARLY = 1
    WORLD = 2


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
"""Ranges that are not met on the internet, by what they are for.

https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry; of IPv6, moreover,
only 2000::/3 is handed out as global unicast (RFC 4291, RFC 3513).
"""

EVERYWHERE = CidrSet.parse("0.0.0.0/0", "::/0")
NOWHERE = CidrSet()
PUBLIC = CidrSet.parse("0.0.0.0/0", "2000::/3") - CidrSet.parse(*(cidr for group in SPECIAL.values() for cidr in group))


# -- protocols and ports -----------------------------------------------------------------------------

PROTOCOLS: dict[str, int] = {
    "icmp": 1, "igmp": 2, "ipv4": 4, "tcp": 6, "udp": 17, "ipv6": 41, "gre": 47, "esp": 50, "ah": 51,
    "icmpv6": 58, "ospf": 89, "vrrp": 112, "sctp": 132,
}  # fmt: skip
"""Protocol names by number: https://www.iana.org/assignments/protocol-numbers"""
_NAMES = {number: name for name, number in PROTOCOLS.items()}
_ALIASES = {"all": -1, "any": -1, "icmp6": 58, "ipv6-icmp": 58}

TCP, UDP, ICMP, ICMPV6 = 6, 17, 1, 58
MAX_PORT = 65535

# One axis holds all traffic: protocol * 65536 + port, or, for ICMP, protocol * 65536 + type * 256 + code.
# A protocol without ports is its whole block, which nothing divides.
_BLOCK = 65536


def protocol_number(protocol: str | int | float) -> int:
    """The number of a protocol given by name or number, -1 for all. Raises ValueError."""
    if isinstance(protocol, str):
        name = protocol.strip().lower()
        known = PROTOCOLS.get(name, _ALIASES.get(name))
        if known is not None:
            return known
    try:
        if isinstance(protocol, bool) or (not isinstance(protocol, str) and int(protocol) != protocol):
            raise ValueError
        number = int(protocol)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{protocol!r} is no IP protocol") from None
    if not -1 <= number <= 255:
        raise ValueError(f"{protocol!r} is no IP protocol: numbers go from -1 (all) to 255")
    return number


class Traffic(Struct, frozen=True):
    """A set of kinds of traffic: protocols, with ports where they have any."""

    ranges: Intervals = ()

    @classmethod
    def of(
        cls, protocol: str | int | None, from_port: int | str | None = None, to_port: int | str | None = None
    ) -> Traffic:
        """What a rule with these three fields lets through, in a security group or a network ACL.

        - Protocol -1 or "all" (or none) is all traffic, whatever the ports say.
        - For TCP and UDP, -1 or None stands for a port that is not given: none given is every port, one given is
          that port alone. AWS demands a range there, so this only reads what it would refuse, at its widest.
        - For ICMP and ICMPv6 the fields are type and code, -1 or None being all.
        - Any other protocol is let through whole: "specifying -1 or a protocol number other than tcp, udp, icmp,
          or icmpv6 allows traffic on all ports, regardless of any port range"
          (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ec2-securitygroup-ingress.html).
        - A reversed range is nothing: AWS refuses it.

        Raises ValueError where a field is no protocol or no port number.
        """
        number = -1 if protocol is None else protocol_number(protocol)
        if number == -1:
            return ALL_TRAFFIC
        block = number * _BLOCK
        whole = cls(((block, block + MAX_PORT),))
        if number not in (TCP, UDP, ICMP, ICMPV6):
            return whole
        low = _port(from_port)
        if number in (ICMP, ICMPV6) and low is None:
            return whole
        high = _port(to_port)
        if number in (ICMP, ICMPV6):
            assert low is not None
            if low > 255 or (high or 0) > 255:
                raise ValueError("ICMP types and codes go from 0 to 255")
            start = block + low * 256
            return cls(((start, start + 255),)) if high is None else cls(((start + high, start + high),))
        if low is None and high is None:
            return whole
        first, last = low if low is not None else high, high if high is not None else low
        assert first is not None and last is not None
        return cls(((block + first, block + last),)) if first <= last else cls()

    def __or__(self, other: Traffic) -> Traffic:
        return Traffic(_union(self.ranges, other.ranges))

    def __and__(self, other: Traffic) -> Traffic:
        return Traffic(_intersection(self.ranges, other.ranges))

    def __sub__(self, other: Traffic) -> Traffic:
        return Traffic(_difference(self.ranges, other.ranges))

    def __le__(self, other: Traffic) -> bool:
        """Whether all of it is in the other."""
        return not (self - other)

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def reaches(self, port: int, protocol: str | int = "tcp") -> bool:
        """Whether it holds a port of TCP or UDP."""
        at = protocol_number(protocol) * _BLOCK + port
        return any(low <= at <= high for low, high in self.ranges)

    def ports(self, protocol: str | int = "tcp") -> Intervals:
        """The ports of TCP or UDP that it holds, as inclusive ranges."""
        block = protocol_number(protocol) * _BLOCK
        inside = _intersection(self.ranges, ((block, block + MAX_PORT),))
        return tuple((low - block, high - block) for low, high in inside)

    def all_ports(self, protocol: str | int = "tcp") -> bool:
        """Whether it holds every port of a protocol."""
        return self.ports(protocol) == ((0, MAX_PORT),)

    @property
    def everything(self) -> bool:
        """Whether it is all traffic of all protocols."""
        return self == ALL_TRAFFIC

    def __str__(self) -> str:
        """For messages: "tcp 22", "tcp 20-3400, udp 53", "all tcp", "all traffic"."""
        if self.everything:
            return "all traffic"
        parts: list[str] = []
        for number in sorted({at // _BLOCK for low, high in self.ranges for at in (low, high)}):
            # a range of several protocols holds those between its ends whole
            name = _NAMES.get(number, f"protocol {number}")
            inside = self.ports(number)
            if inside == ((0, MAX_PORT),):
                parts.append(f"all {name}" if number in (TCP, UDP) else name)
            elif number in (ICMP, ICMPV6):
                parts.append(f"{name} type " + ", ".join(dict.fromkeys(str(low >> 8) for low, _ in inside)))
            else:
                parts.append(f"{name} " + ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in inside))
        between = sum(max(0, high // _BLOCK - low // _BLOCK - 1) for low, high in self.ranges)
        if between:
            parts.append(f"{between} further protocols")
        return ", ".join(parts) or "no traffic"


def _port(value: int | float | str | None) -> int | None:
    """A port or ICMP field; None for -1 and for what is not given."""
    if value is None or value == "":
        return None
    try:
        if isinstance(value, bool) or int(value) != float(value):
            raise ValueError
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{value!r} is no port number") from None
    if not -1 <= number <= MAX_PORT:
        raise ValueError(f"{value!r} is no port number: they go from 0 to {MAX_PORT}")
    return None if number == -1 else number


ALL_TRAFFIC = Traffic(((0, 256 * _BLOCK - 1),))
NO_TRAFFIC = Traffic()


# -- services ----------------------------------------------------------------------------------------


class Service(Struct, frozen=True):
    """What usually listens on some ports. `ports` are inclusive ranges."""

    name: str
    ports: Intervals
    protocols: tuple[str, ...] = ("tcp",)

    @property
    def traffic(self) -> Traffic:
        return _of_ports(self.protocols, self.ports)

    def __str__(self) -> str:
        return f"{self.name} ({self.traffic})"


@cache
def _of_ports(protocols: tuple[str, ...], ports: Intervals) -> Traffic:
    return Traffic(_merge(
        (protocol_number(p) * _BLOCK + low, protocol_number(p) * _BLOCK + high)
        for p in protocols for low, high in ports
    ))  # fmt: skip


def _services(*rows: tuple[Any, ...]) -> tuple[Service, ...]:
    """Rows of a name, ports (numbers or pairs), and protocols where they are not TCP alone."""
    made: list[Service] = []
    for name, *rest in rows:
        protocols = tuple(item for item in rest if isinstance(item, str)) or ("tcp",)
        ports = tuple((item, item) if isinstance(item, int) else item for item in rest if not isinstance(item, str))
        made.append(Service(name, ports, protocols))
    return tuple(made)


# Registered ports: https://www.iana.org/assignments/service-names-port-numbers; the others are the defaults of the
# products themselves, for those of AWS as their guides give them (8182 Neptune, 8111 DAX, 5439 Redshift).
ADMIN = _services(
    ("SSH", 22),
    ("SSH on its second port", 2222),
    ("RDP", 3389, "tcp", "udp"),
    ("WinRM", (5985, 5986)),
    ("VNC", (5900, 5903)),
    ("Webmin", 10000),
)
"""Remote administration."""

UNAUTHENTICATED = _services(
    ("FTP", (20, 21)),
    ("TFTP", 69, "udp"),
    ("Telnet", 23),
    ("rexec, rlogin and rsh", (512, 514)),
    ("RPC portmapper", 111, "tcp", "udp"),
    ("Microsoft RPC and NetBIOS", (135, 139), "tcp", "udp"),
    ("SMB", 445),
    ("NFS", 2049, "tcp", "udp"),
    ("rsync", 873),
    ("SNMP", (161, 162), "udp"),
    ("LDAP", 389, "tcp", "udp"),
    ("Docker API", 2375),
    ("kubelet", 10250, 10255),
    ("etcd", (2379, 2380)),
    ("X11", (6000, 6063)),
    ("iSCSI", 3260),
)
"""Services that ask for no credentials, or take them in clear text."""

KERBEROS = _services(
    ("Kerberos", 88, "tcp", "udp"),
    ("Kerberos password change", 464, "tcp", "udp"),
    ("Kerberos administration", (749, 750), "tcp", "udp"),
)
"""Directory sign-in, which belongs inside a network."""

DATABASE = _services(
    ("MySQL", 3306),
    ("PostgreSQL", 5432),
    ("Redshift", 5439),
    ("SQL Server", (1433, 1434), "tcp", "udp"),
    ("SQL Server Analysis Services", 2383),
    ("Oracle", 1521, (2483, 2484)),
    ("MongoDB", (27017, 27019)),
    ("Redis", 6379),
    ("memcached", 11211, "tcp", "udp"),
    ("Elasticsearch", 9200, 9300),
    ("Kibana", 5601),
    ("Cassandra", (7000, 7001), 7199, 9042, 9160, 8888),
    ("Kafka", (9092, 9098)),
    ("ZooKeeper", 2181),
    ("RabbitMQ", (5671, 5672), 15672),
    ("Neptune", 8182),
    ("DAX", 8111),
    ("InfluxDB", 8086),
    ("CouchDB", 5984),
)
"""Data stores and message brokers."""

WEB = _services(("HTTP", 80), ("HTTPS", 443))

RISKY_EGRESS = _services(
    ("FTP", (20, 21)),
    ("TFTP", 69, "udp"),
    ("Telnet", 23),
    ("SMTP", 25),
    ("SMB", 445),
    ("NetBIOS", (137, 139), "tcp", "udp"),
    ("LDAP", 389, "tcp", "udp"),
    ("NFS", 2049, "tcp", "udp"),
    ("IRC", 6667),
    ("rsync", 873),
)
"""Services that carry data or credentials out in clear text."""


# -- addresses and traffic together -------------------------------------------------------------------


class Flows(Struct, frozen=True):
    """A set of pairs of an address and a kind of traffic.

    `parts` are disjoint in their traffic and differ in their addresses, in the order of the traffic: equal sets
    are equal objects.
    """

    parts: tuple[tuple[Traffic, CidrSet], ...] = ()

    @classmethod
    def of(cls, addresses: CidrSet, traffic: Traffic) -> Flows:
        """Every kind of the traffic with every address."""
        return cls(((traffic, addresses),)) if traffic and addresses else cls()

    def __or__(self, other: Flows) -> Flows:
        return self._combine(other, CidrSet.__or__)

    def __and__(self, other: Flows) -> Flows:
        return self._combine(other, CidrSet.__and__)

    def __sub__(self, other: Flows) -> Flows:
        return self._combine(other, CidrSet.__sub__)

    def _combine(self, other: Flows, operate: Callable[[CidrSet, CidrSet], CidrSet]) -> Flows:
        by_addresses: dict[CidrSet, list[tuple[int, int]]] = {}

        def add(traffic: Traffic, addresses: CidrSet) -> None:
            if traffic and addresses:
                by_addresses.setdefault(addresses, []).extend(traffic.ranges)

        ours, theirs = self._traffic, other._traffic
        for traffic, addresses in self.parts:
            add(traffic - theirs, operate(addresses, NOWHERE))
            for other_traffic, other_addresses in other.parts:
                if common := traffic & other_traffic:
                    add(common, operate(addresses, other_addresses))
        for other_traffic, other_addresses in other.parts:
            add(other_traffic - ours, operate(NOWHERE, other_addresses))
        parts = [(Traffic(_merge(pairs)), addresses) for addresses, pairs in by_addresses.items()]
        return Flows(tuple(sorted(parts, key=lambda part: part[0].ranges)))

    @property
    def _traffic(self) -> Traffic:
        return Traffic(_merge(pair for traffic, _ in self.parts for pair in traffic.ranges))

    def __le__(self, other: Flows) -> bool:
        return not (self - other)

    def __bool__(self) -> bool:
        return bool(self.parts)

    def addresses(self, traffic: Traffic) -> CidrSet:
        """The addresses that come with all of the traffic; everywhere for no traffic."""
        if not traffic <= self._traffic:
            return NOWHERE
        common = EVERYWHERE
        for part, addresses in self.parts:
            if part & traffic:
                common = common & addresses
        return common

    def addresses_of_any(self, traffic: Traffic) -> CidrSet:
        """The addresses that come with some of the traffic."""
        found = NOWHERE
        for part, addresses in self.parts:
            if part & traffic:
                found = found | addresses
        return found

    def traffic(self, addresses: CidrSet) -> Traffic:
        """The traffic that comes with some of the addresses."""
        return Traffic(_merge(pair for part, there in self.parts if there & addresses for pair in part.ranges))

    def world_traffic(self, family: Family | None = None, nearly: int | None = None) -> Traffic:
        """The traffic that comes from the whole world (see `CidrSet.covers_world`)."""
        return Traffic(_merge(
            pair for part, there in self.parts if there.covers_world(family, nearly) for pair in part.ranges
        ))  # fmt: skip


NO_FLOWS = Flows()


# -- sets of which parts are unknown -------------------------------------------------------------------


class Addresses(Struct, frozen=True):
    """A set of addresses of which parts may be unknown: it holds `certain`, and nothing beyond `possible`.

    `errors` are texts that are no CIDR block; they add nothing, since AWS refuses them.
    """

    certain: CidrSet = NOWHERE
    possible: CidrSet = NOWHERE
    reasons: tuple[Reason, ...] = ()
    errors: tuple[str, ...] = ()

    @classmethod
    def known(cls, addresses: CidrSet) -> Addresses:
        return cls(addresses, addresses)

    @classmethod
    def unknown(cls, *reasons: Reason) -> Addresses:
        """Addresses of which nothing is known."""
        return cls(NOWHERE, EVERYWHERE, reasons)

    def __or__(self, other: Addresses) -> Addresses:
        return Addresses(
            self.certain | other.certain,
            self.possible | other.possible,
            merge_reasons(self.reasons, other.reasons),
            self.errors + other.errors,
        )

    def covers_world(self, family: Family | None = None, nearly: int | None = None) -> Truth:
        """Whether it covers all public addresses of a family (of either, when none is given)."""
        return self._ask(lambda addresses: addresses.covers_world(family, nearly))

    def any_public(self) -> Truth:
        """Whether any of it can be met on the internet."""
        return self._ask(lambda addresses: not addresses.is_private)

    def contains(self, addresses: CidrSet) -> Truth:
        """Whether all of the addresses are in it."""
        return self._ask(lambda mine: addresses <= mine)

    def _ask(self, grows: Callable[[CidrSet], bool]) -> Truth:
        return _ask(grows(self.certain), grows(self.possible), self.reasons)


def _ask(certainly: bool, possibly: bool, reasons: tuple[Reason, ...]) -> Truth:
    """The answer to a question that only more elements can turn to true."""
    if certainly:
        return TRUE
    return Truth(None, reasons) if possibly else FALSE


def addresses_from(*values: Value[Any]) -> Addresses:
    """The addresses of Values of CIDR texts, or of lists of them, together; null is none."""
    found = Addresses()
    for value in values:
        data = value.data
        if isinstance(data, tuple):
            found = found | addresses_from(*data)
        elif isinstance(data, Unknown):
            if data.one_of and all(isinstance(option, str) for option in data.one_of):
                options = [addresses_from(value.with_data(option)) for option in data.one_of]
                certain, possible = options[0].certain, options[0].possible
                for option in options[1:]:
                    certain, possible = certain & option.certain, possible | option.possible
                found = found | Addresses(certain, possible, () if certain == possible else value.reasons)
            else:
                found = found | Addresses.unknown(*value.reasons)
        elif isinstance(data, str) and data.strip():
            try:
                found = found | Addresses.known(CidrSet.parse(data))
            except ValueError as error:
                found = found | Addresses(errors=(str(error),))
        elif data is not None and data != "":
            found = found | Addresses(errors=(f"{data!r} is no CIDR block",))
    return found


def mask_of(value: Value[Any]) -> int | None:
    """The length of the mask that a CIDR text is certain to have though it is not known: that of "${ip}/32"."""
    last = value.data.parts[-1] if isinstance(value.data, Unknown) and value.data.parts else None
    if last is None or not isinstance(last.data, str):
        return None
    _, slash, length = last.data.rpartition("/")
    return int(length) if slash and length.isascii() and length.isdigit() and len(length) < 4 else None


class TrafficValue(Struct, frozen=True):
    """A set of traffic of which parts may be unknown: it holds `certain`, and nothing beyond `possible`.

    `errors` are fields that are no protocol or port; such a rule lets nothing through, since AWS refuses it.
    """

    certain: Traffic = NO_TRAFFIC
    possible: Traffic = NO_TRAFFIC
    reasons: tuple[Reason, ...] = ()
    errors: tuple[str, ...] = ()

    @classmethod
    def known(cls, traffic: Traffic) -> TrafficValue:
        return cls(traffic, traffic)

    @classmethod
    def unknown(cls, *reasons: Reason) -> TrafficValue:
        """Traffic of which nothing is known."""
        return cls(NO_TRAFFIC, ALL_TRAFFIC, reasons)

    def reaches(self, port: int, protocol: str | int = "tcp") -> Truth:
        """Whether it holds a port of TCP or UDP."""
        return self._ask(lambda traffic: traffic.reaches(port, protocol))

    def all_ports(self, protocol: str | int = "tcp") -> Truth:
        """Whether it holds every port of a protocol."""
        return self._ask(lambda traffic: traffic.all_ports(protocol))

    @property
    def everything(self) -> Truth:
        """Whether it is all traffic of all protocols."""
        return self._ask(lambda traffic: traffic.everything)

    def touches(self, service: Service) -> Truth:
        """Whether it holds any port of a service."""
        return self._ask(lambda traffic: bool(traffic & service.traffic))

    def services(self, table: Iterable[Service]) -> tuple[tuple[Service, Truth], ...]:
        """The services of a table that it touches, or may touch."""
        asked = ((service, self.touches(service)) for service in table)
        return tuple((service, truth) for service, truth in asked if truth.possible)

    def _ask(self, grows: Callable[[Traffic], bool]) -> Truth:
        return _ask(grows(self.certain), grows(self.possible), self.reasons)


_MAX_COMBINATIONS = 256


def traffic_from(protocol: Value[Any], from_port: Value[Any], to_port: Value[Any]) -> TrafficValue:
    """The traffic of a rule's three fields, any of which may be unknown, null, a number or its text.

    What is known decides as far as it can: UDP with unknown ports never reaches a TCP port; TCP from 1024 to an unknown
    port never reaches 22.
    """
    fields = [_options(field) for field in (protocol, from_port, to_port)]
    reasons = merge_reasons(protocol.reasons, from_port.reasons, to_port.reasons)
    choices = [field if field is not None else (None,) for field in fields]
    if len(choices[0]) * len(choices[1]) * len(choices[2]) > _MAX_COMBINATIONS:
        return TrafficValue.unknown(*reasons)
    certain: Traffic | None = None
    possible = NO_TRAFFIC
    errors: list[str] = []
    for one_protocol, low, high in product(*choices):
        try:
            least, most = _bounds(one_protocol, low, high, [field is None for field in fields])
        except ValueError as error:
            least = most = NO_TRAFFIC
            errors.append(str(error))
        certain = least if certain is None else certain & least
        possible = possible | most
    certain = certain or NO_TRAFFIC
    return TrafficValue(certain, possible, () if certain == possible else reasons, tuple(errors) if not reasons else ())


def _options(value: Value[Any]) -> tuple[Any, ...] | None:
    """The data that a field can have; None where anything is possible."""
    data = value.data
    if isinstance(data, Unknown):
        return data.one_of or None
    return (data,)


def _bounds(protocol: Any, low: Any, high: Any, unknown: list[bool]) -> tuple[Traffic, Traffic]:
    """What a rule lets through at least and at most, given which of its fields are unknown."""
    protocol_unknown, low_unknown, high_unknown = unknown
    if protocol_unknown:
        # it may be -1, which is everything, or one that the others make invalid
        return NO_TRAFFIC, ALL_TRAFFIC
    if not (low_unknown or high_unknown):
        exact = Traffic.of(protocol, low, high)
        return exact, exact
    number = -1 if protocol is None else protocol_number(protocol)
    whole = Traffic.of(number)
    if number not in (TCP, UDP, ICMP, ICMPV6):
        return whole, whole
    if number in (ICMP, ICMPV6):
        if low_unknown:
            # "all types" is possible, so the code does not limit it
            return NO_TRAFFIC, whole
        return (whole, whole) if _port(low) is None else (NO_TRAFFIC, Traffic.of(number, low))
    # a bound that is not given stands for the other one; a reversed range is nothing
    first = None if low_unknown else _port(low)
    last = None if high_unknown else _port(high)
    if first is None and last is None:
        return NO_TRAFFIC, whole
    return NO_TRAFFIC, Traffic.of(number, first if first is not None else 0, last if last is not None else MAX_PORT)


class Admitted(Struct, frozen=True):
    """What rules let through together: at least `certain`, at most `possible`."""

    certain: Flows = NO_FLOWS
    possible: Flows = NO_FLOWS
    reasons: tuple[Reason, ...] = ()

    def __and__(self, other: Admitted) -> Admitted:
        """What passes both, such as a network ACL and a security group."""
        return Admitted(
            self.certain & other.certain, self.possible & other.possible, merge_reasons(self.reasons, other.reasons)
        )

    def __or__(self, other: Admitted) -> Admitted:
        """What passes either, such as one of several security groups."""
        return Admitted(
            self.certain | other.certain, self.possible | other.possible, merge_reasons(self.reasons, other.reasons)
        )

    def addresses(self, traffic: Traffic) -> Addresses:
        """The addresses from which all of the traffic is let through."""
        return Addresses(self.certain.addresses(traffic), self.possible.addresses(traffic), self.reasons)

    def world(self, traffic: Traffic, family: Family | None = None, nearly: int | None = None) -> Truth:
        """Whether all of the traffic is let through from the whole world (see `CidrSet.covers_world`)."""
        return self.addresses(traffic).covers_world(family, nearly)

    def world_reaches(
        self, port: int, protocol: str | int = "tcp", family: Family | None = None, nearly: int | None = None
    ) -> Truth:
        """Whether a port is open to the whole world."""
        return self.world(Traffic.of(protocol, port, port), family, nearly)

    def world_touches(self, service: Service, family: Family | None = None, nearly: int | None = None) -> Truth:
        """Whether any port of a service is open to the whole world."""
        return self.world_any(service.traffic, family, nearly)

    def world_any(self, traffic: Traffic, family: Family | None = None, nearly: int | None = None) -> Truth:
        """Whether any of the traffic is let through from the whole world."""
        return _ask(
            bool(self.certain.world_traffic(family, nearly) & traffic),
            bool(self.possible.world_traffic(family, nearly) & traffic),
            self.reasons,
        )


class Allowance(Struct, frozen=True):
    """One rule of a security group. `exists` is undecided for one that may not be there."""

    addresses: Addresses
    traffic: TrafficValue
    exists: Truth = TRUE

    @property
    def reasons(self) -> tuple[Reason, ...]:
        return merge_reasons(self.exists.reasons, self.addresses.reasons, self.traffic.reasons)


MAX_RULES = 1_000
"""Rules per security group times groups per interface: no account can have more.
https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups"""


def coverage(rules: Iterable[Allowance], gaps: Sequence[Reason] = ()) -> Admitted:
    """What the rules of one or several security groups let through together.

    Rules add up: 0.0.0.0/1 in one and 128.0.0.0/1 in another are the world. `gaps` say why there may be more rules.
    """
    certain = possible = NO_FLOWS
    reasons: list[tuple[Reason, ...]] = [tuple(gaps)]
    for number, rule in enumerate(rules):
        if number >= MAX_RULES:
            gaps = [*gaps, Reason(f"there are more than {MAX_RULES:,} rules, and AWS takes no more")]
            reasons.append(tuple(gaps))
            break
        if rule.exists.is_false:
            continue
        if rule.exists.is_true:
            certain = certain | Flows.of(rule.addresses.certain, rule.traffic.certain)
        possible = possible | Flows.of(rule.addresses.possible, rule.traffic.possible)
        reasons.append(rule.reasons)
    if gaps:
        possible = Flows.of(EVERYWHERE, ALL_TRAFFIC)
    return Admitted(certain, possible, merge_reasons(*reasons))


# -- network ACLs -------------------------------------------------------------------------------------


class AclEntry(Struct, frozen=True):
    """One entry of a network ACL, of one direction.

    number   the rule number; None where it is unknown
    allow    whether it allows, or denies
    exists   undecided for an entry that may not be there, or may belong to the other direction
    number_reasons  why the number is unknown
    """

    number: int | None
    allow: Truth
    addresses: Addresses
    traffic: TrafficValue
    exists: Truth = TRUE
    number_reasons: tuple[Reason, ...] = ()

    @property
    def certain(self) -> Flows:
        if not self.exists.is_true:
            return NO_FLOWS
        return Flows.of(self.addresses.certain, self.traffic.certain)

    @property
    def possible(self) -> Flows:
        if self.exists.is_false:
            return NO_FLOWS
        return Flows.of(self.addresses.possible, self.traffic.possible)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        return merge_reasons(
            self.number_reasons, self.allow.reasons, self.exists.reasons, self.addresses.reasons, self.traffic.reasons
        )


class Acl(Struct, frozen=True):
    """The entries of a network ACL for one direction, in any order; `gaps` say why there may be more.

    The entry with the lowest number that matches decides; what matches none is denied
    (https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html).
    """

    entries: tuple[AclEntry, ...]
    gaps: tuple[Reason, ...] = ()

    def through(self, entry: AclEntry) -> Admitted:
        """What one of its entries lets through: what it allows and no entry with a lower number denies."""
        denied_certain = denied_possible = NO_FLOWS
        for other in self.entries:
            known = entry.number is not None and other.number is not None
            if other is entry or (known and (other.number or 0) > (entry.number or 0)):
                continue
            if other.allow.is_false and known:
                denied_certain = denied_certain | other.certain
            if not other.allow.is_true:
                denied_possible = denied_possible | other.possible
        certain = entry.certain - denied_possible if entry.allow.is_true and not self.gaps else NO_FLOWS
        possible = entry.possible - denied_certain if entry.allow.possible else NO_FLOWS
        return Admitted(certain, possible, merge_reasons(self.gaps, *(e.reasons for e in self.entries)))

    def allowed(self) -> Admitted:
        """What it lets through. A deny that may be there, with a lower number or an unknown one, may shield."""
        numbered = sorted((e for e in self.entries if e.number is not None), key=lambda e: e.number or 0)
        anywhere = [e for e in self.entries if e.number is None]
        certain = possible = NO_FLOWS
        denied_certain = NO_FLOWS  # by an entry that comes first for certain
        denied_possible = NO_FLOWS  # by an entry that may come first
        for entry in anywhere:
            if not entry.allow.is_true:
                denied_possible = denied_possible | entry.possible
        for entry in numbered:
            if entry.allow.is_true:
                certain = certain | (entry.certain - denied_possible)
            if entry.allow.possible:
                possible = possible | (entry.possible - denied_certain)
            if entry.allow.is_false:
                denied_certain = denied_certain | entry.certain
            if not entry.allow.is_true:
                denied_possible = denied_possible | entry.possible
        for entry in anywhere:
            if entry.allow.is_true:
                certain = certain | (entry.certain - denied_possible)
            if entry.allow.possible:
                possible = possible | entry.possible
        if self.gaps:
            certain, possible = NO_FLOWS, Flows.of(EVERYWHERE, ALL_TRAFFIC)
        return Admitted(certain, possible, merge_reasons(self.gaps, *(e.reasons for e in self.entries)))
