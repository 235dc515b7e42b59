"""Kinds of IP traffic: protocols, ports, and the services that usually listen on them.

`Traffic` is a set that is known exactly. `TrafficBounds` is a set that is known in part: it contains at least one
Traffic and at most another. Questions about bounds return a `Truth`.

Nothing here knows a resource type, Terraform or CloudFormation. The facts come from
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from itertools import product
from typing import Any

from msgspec import Struct

from iaclint.aws.reasoning.intervals import Intervals, difference, intersection, merged, union
from iaclint.model.truth import Reason, Truth, merge_reasons
from iaclint.model.value import Unknown, Value

PROTOCOLS: dict[str, int] = {
    "icmp": 1, "igmp": 2, "ipv4": 4, "tcp": 6, "udp": 17, "ipv6": 41, "gre": 47, "esp": 50, "ah": 51,
    "icmpv6": 58, "ospf": 89, "vrrp": 112, "sctp": 132,
}  # fmt: skip
"""Protocol numbers by name: https://www.iana.org/assignments/protocol-numbers"""
_NAMES = {number: name for name, number in PROTOCOLS.items()}
_ALIASES = {"all": -1, "any": -1, "icmp6": 58, "ipv6-icmp": 58}

TCP, UDP, ICMP, ICMPV6 = 6, 17, 1, 58
MAX_PORT = 65535

# All traffic lies on one axis: protocol * 65536 + port, or, for ICMP, protocol * 65536 + type * 256 + code.
# A protocol without ports takes up its whole block of 65536 numbers.
_BLOCK = 65536


def protocol_number(protocol: str | int | float) -> int:
    """Return the number of a protocol that is given by name or number, -1 for all protocols. Raises ValueError."""
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
        raise ValueError(f"{protocol!r} is not an IP protocol") from None
    if not -1 <= number <= 255:
        raise ValueError(f"{protocol!r} is not an IP protocol: numbers go from -1 (all) to 255")
    return number


class Traffic(Struct, frozen=True):
    """A set of kinds of traffic: protocols, and ports of the protocols that have them."""

    ranges: Intervals = ()

    @classmethod
    def of(
        cls, protocol: str | int | None, from_port: int | str | None = None, to_port: int | str | None = None
    ) -> Traffic:
        """Return the traffic that a rule with these three fields matches, in a security group or a network ACL.

        - Protocol -1, "all" or None: all traffic, whatever the ports are.
        - TCP and UDP: -1 or None means that a port is not set. If neither is set, every port matches; if one is set,
          that port alone. AWS demands both, so this only gives the widest reading of a rule that AWS would refuse.
        - ICMP and ICMPv6: the two fields are type and code; -1 or None means all.
        - Any other protocol matches as a whole: "specifying -1 or a protocol number other than tcp, udp, icmp,
          or icmpv6 allows traffic on all ports, regardless of any port range"
          (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ec2-securitygroup-ingress.html).
        - A reversed range matches nothing: AWS refuses it.

        Raises ValueError if the protocol is not a protocol or a port is not a port number.
        """
        number = -1 if protocol is None else protocol_number(protocol)
        if number == -1:
            return ALL_TRAFFIC
        block = number * _BLOCK
        whole = cls(((block, block + MAX_PORT),))
        if number in (ICMP, ICMPV6):
            return cls._of_icmp(block, from_port, to_port) or whole
        if number not in (TCP, UDP):
            return whole
        low, high = _port(from_port), _port(to_port)
        first, last = low if low is not None else high, high if high is not None else low
        if first is None or last is None:
            return whole
        return cls(((block + first, block + last),)) if first <= last else cls()

    @classmethod
    def _of_icmp(cls, block: int, type_: int | str | None, code: int | str | None) -> Traffic | None:
        """Return the traffic of one ICMP type, or of one code of it; None if the rule is about all types."""
        type_number = _port(type_)
        if type_number is None:
            return None
        code_number = _port(code)
        if type_number > 255 or (code_number or 0) > 255:
            raise ValueError("ICMP types and codes go from 0 to 255")
        start = block + type_number * 256
        if code_number is None:
            return cls(((start, start + 255),))
        return cls(((start + code_number, start + code_number),))

    def __or__(self, other: Traffic) -> Traffic:
        return Traffic(union(self.ranges, other.ranges))

    def __and__(self, other: Traffic) -> Traffic:
        return Traffic(intersection(self.ranges, other.ranges))

    def __sub__(self, other: Traffic) -> Traffic:
        return Traffic(difference(self.ranges, other.ranges))

    def __le__(self, other: Traffic) -> bool:
        """Return True if all of this traffic is in the other set."""
        return not (self - other)

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def includes_port(self, port: int, protocol: str | int = "tcp") -> bool:
        """Return True if the set contains a port of TCP or UDP."""
        place = protocol_number(protocol) * _BLOCK + port
        return any(low <= place <= high for low, high in self.ranges)

    def ports(self, protocol: str | int = "tcp") -> Intervals:
        """Return the ports of a protocol that are in the set, as inclusive ranges."""
        block = protocol_number(protocol) * _BLOCK
        inside = intersection(self.ranges, ((block, block + MAX_PORT),))
        return tuple((low - block, high - block) for low, high in inside)

    def includes_all_ports(self, protocol: str | int = "tcp") -> bool:
        """Return True if the set contains every port of a protocol."""
        return self.ports(protocol) == ((0, MAX_PORT),)

    @property
    def is_all(self) -> bool:
        """True if the set is all traffic of all protocols."""
        return self == ALL_TRAFFIC

    def __str__(self) -> str:
        """Return the text for messages: "tcp 22", "tcp 20-3400, udp 53", "all tcp", "all traffic"."""
        if self.is_all:
            return "all traffic"
        # a range that spans several protocols contains those between its ends as a whole; they are only counted
        ends = sorted({place // _BLOCK for low, high in self.ranges for place in (low, high)})
        parts = [self._text_of(number) for number in ends]
        between = sum(max(0, high // _BLOCK - low // _BLOCK - 1) for low, high in self.ranges)
        if between:
            parts.append(f"{between} further protocols")
        return ", ".join(parts) or "no traffic"

    def _text_of(self, number: int) -> str:
        """Return the text for the part of the set that belongs to one protocol."""
        name = _NAMES.get(number, f"protocol {number}")
        inside = self.ports(number)
        if inside == ((0, MAX_PORT),):
            return f"all {name}" if number in (TCP, UDP) else name
        if number in (ICMP, ICMPV6):
            return f"{name} type " + ", ".join(dict.fromkeys(str(low >> 8) for low, _ in inside))
        return f"{name} " + ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in inside)


def _port(value: int | float | str | None) -> int | None:
    """Return a port number or ICMP field; None for -1 and for a field that is not set. Raises ValueError."""
    if value is None or value == "":
        return None
    try:
        if isinstance(value, bool) or int(value) != float(value):
            raise ValueError
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{value!r} is not a port number") from None
    if not -1 <= number <= MAX_PORT:
        raise ValueError(f"{value!r} is not a port number: they go from 0 to {MAX_PORT}")
    return None if number == -1 else number


ALL_TRAFFIC = Traffic(((0, 256 * _BLOCK - 1),))
NO_TRAFFIC = Traffic()


# -- services ----------------------------------------------------------------------------------------


class Service(Struct, frozen=True):
    """A service and the ports that it usually listens on, as inclusive ranges."""

    name: str
    ports: Intervals
    protocols: tuple[str, ...] = ("tcp",)

    @property
    def traffic(self) -> Traffic:
        """The traffic to the ports of the service."""
        return _traffic_to(self.protocols, self.ports)

    def __str__(self) -> str:
        return f"{self.name} ({self.traffic})"


@cache
def _traffic_to(protocols: tuple[str, ...], ports: Intervals) -> Traffic:
    return Traffic(merged(
        (protocol_number(p) * _BLOCK + low, protocol_number(p) * _BLOCK + high)
        for p in protocols for low, high in ports
    ))  # fmt: skip


def _services(*rows: tuple[str | int | tuple[int, int], ...]) -> tuple[Service, ...]:
    """Return services from rows of a name, then ports and port ranges, then the protocols unless TCP alone."""
    made: list[Service] = []
    for name, *rest in rows:
        protocols = tuple(item for item in rest if isinstance(item, str)) or ("tcp",)
        ports = tuple((item, item) if isinstance(item, int) else item for item in rest if not isinstance(item, str))
        made.append(Service(str(name), ports, protocols))
    return tuple(made)


# Ports registered at https://www.iana.org/assignments/service-names-port-numbers, and the default ports of products
# that registered none; those of AWS as in its guides (8182 Neptune, 8111 DAX, 5439 Redshift).
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
"""Services that require no credentials, or receive them in clear text."""

KERBEROS = _services(
    ("Kerberos", 88, "tcp", "udp"),
    ("Kerberos password change", 464, "tcp", "udp"),
    ("Kerberos administration", (749, 750), "tcp", "udp"),
)
"""Sign-in to a directory, for use inside a network only."""

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


# -- traffic that is known in part ---------------------------------------------------------------------


class TrafficBounds(Struct, frozen=True):
    """A set of traffic that is known in part: it contains all of `certain`, and nothing outside `possible`.

    reasons  why the two differ
    """

    certain: Traffic = NO_TRAFFIC
    possible: Traffic = NO_TRAFFIC
    reasons: tuple[Reason, ...] = ()

    @classmethod
    def known(cls, traffic: Traffic) -> TrafficBounds:
        """Return the bounds of a set that is known exactly."""
        return cls(traffic, traffic)

    @classmethod
    def unknown(cls, *reasons: Reason) -> TrafficBounds:
        """Return the bounds of a set that may contain any traffic."""
        return cls(NO_TRAFFIC, ALL_TRAFFIC, reasons)

    def includes_port(self, port: int, protocol: str | int = "tcp") -> Truth:
        """Return True if the set contains a port of TCP or UDP."""
        return self._ask(lambda traffic: traffic.includes_port(port, protocol))

    def includes_all_ports(self, protocol: str | int = "tcp") -> Truth:
        """Return True if the set contains every port of a protocol."""
        return self._ask(lambda traffic: traffic.includes_all_ports(protocol))

    @property
    def is_all(self) -> Truth:
        """True if the set is all traffic of all protocols."""
        return self._ask(lambda traffic: traffic.is_all)

    def includes_any_port_of(self, service: Service) -> Truth:
        """Return True if the set contains a port of a service."""
        return self._ask(lambda traffic: bool(traffic & service.traffic))

    def services(self, table: Iterable[Service]) -> tuple[tuple[Service, Truth], ...]:
        """Return the services of a table of which the set contains a port, or may contain one."""
        asked = ((service, self.includes_any_port_of(service)) for service in table)
        return tuple((service, truth) for service, truth in asked if truth.possible)

    def _ask(self, test: Callable[[Traffic], bool]) -> Truth:
        """Return the answer of a test that a larger set passes whenever a smaller one does."""
        return Truth.between(test(self.certain), test(self.possible), self.reasons)


_MAX_COMBINATIONS = 256


def traffic_from(protocol: Value[Any], from_port: Value[Any], to_port: Value[Any]) -> TrafficBounds:
    """Return the traffic that a rule with these three fields matches; each may be unknown, null, a number or its text.

    The known fields limit the result: UDP with unknown ports never includes a TCP port; TCP from 1024 to an unknown
    port never includes port 22. Fields that AWS refuses match nothing.
    """
    fields = [_options(field) for field in (protocol, from_port, to_port)]
    reasons = merge_reasons(protocol.reasons, from_port.reasons, to_port.reasons)
    choices = [field if field is not None else (None,) for field in fields]
    if len(choices[0]) * len(choices[1]) * len(choices[2]) > _MAX_COMBINATIONS:
        return TrafficBounds.unknown(*reasons)
    certain: Traffic | None = None
    possible = NO_TRAFFIC
    for one_protocol, low, high in product(*choices):
        try:
            least, most = _bounds(one_protocol, low, high, [field is None for field in fields])
        except ValueError:
            least = most = NO_TRAFFIC
        certain = least if certain is None else certain & least
        possible = possible | most
    certain = certain or NO_TRAFFIC
    return TrafficBounds(certain, possible, () if certain == possible else reasons)


def _options(value: Value[Any]) -> tuple[Any, ...] | None:
    """Return all data that a field may have; None if it may have any."""
    data = value.data
    if isinstance(data, Unknown):
        return data.one_of or None
    return (data,)


def _bounds(protocol: Any, low: Any, high: Any, unknown: list[bool]) -> tuple[Traffic, Traffic]:
    """Return what a rule matches at least and at most; `unknown` tells which of the three fields are unknown.

    Raises ValueError if a known field is invalid.
    """
    protocol_unknown, low_unknown, high_unknown = unknown
    if protocol_unknown:
        # it may be -1, which matches all traffic, or one with which the ports are invalid
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
            # the type may be -1, all types, with any code
            return NO_TRAFFIC, whole
        return (whole, whole) if _port(low) is None else (NO_TRAFFIC, Traffic.of(number, low))
    # if one port is not set, the rule matches the other one alone; a reversed range matches nothing
    first = None if low_unknown else _port(low)
    last = None if high_unknown else _port(high)
    if first is None and last is None:
        return NO_TRAFFIC, whole
    return NO_TRAFFIC, Traffic.of(number, first if first is not None else 0, last if last is not None else MAX_PORT)
