"""Addresses and traffic together, and what a set of rules allows.

`Flows` is a set of pairs of an address and a kind of traffic that is known exactly. `FlowBounds` is a set that is known
in part: it contains at least one Flows and at most another. Questions about bounds return a `Truth`.

Nothing here knows a resource type, Terraform or CloudFormation, nor a direction: an address is the source of inbound
traffic or the destination of outbound traffic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from iaclint.aws.reasoning.cidr import ALL_ADDRESSES, NO_ADDRESSES, AddressBounds, CidrSet, Family
from iaclint.aws.reasoning.intervals import merged
from iaclint.aws.reasoning.ports import ALL_TRAFFIC, Service, Traffic, TrafficBounds
from iaclint.model.truth import TRUE, Reason, Truth, merge_reasons


class Flows(Struct, frozen=True):
    """A set of pairs of an address and a kind of traffic.

    The parts have disjoint traffic and different addresses, and are sorted by traffic: equal sets are equal objects.
    """

    parts: tuple[tuple[Traffic, CidrSet], ...] = ()

    @classmethod
    def of(cls, addresses: CidrSet, traffic: Traffic) -> Flows:
        """Return every pair of one of the addresses and a kind of the traffic."""
        return cls(((traffic, addresses),)) if traffic and addresses else cls()

    def __or__(self, other: Flows) -> Flows:
        return self._combine(other, CidrSet.__or__)

    def __and__(self, other: Flows) -> Flows:
        return self._combine(other, CidrSet.__and__)

    def __sub__(self, other: Flows) -> Flows:
        return self._combine(other, CidrSet.__sub__)

    def _combine(self, other: Flows, operate: Callable[[CidrSet, CidrSet], CidrSet]) -> Flows:
        """Return the set that has, for each kind of traffic, the addresses that `operate` makes of both sets'."""
        by_addresses: dict[CidrSet, list[tuple[int, int]]] = {}

        def add(traffic: Traffic, addresses: CidrSet) -> None:
            if traffic and addresses:
                by_addresses.setdefault(addresses, []).extend(traffic.ranges)

        ours, theirs = self._traffic, other._traffic
        for traffic, addresses in self.parts:
            add(traffic - theirs, operate(addresses, NO_ADDRESSES))
            for other_traffic, other_addresses in other.parts:
                if common := traffic & other_traffic:
                    add(common, operate(addresses, other_addresses))
        for other_traffic, other_addresses in other.parts:
            add(other_traffic - ours, operate(NO_ADDRESSES, other_addresses))
        parts = [(Traffic(merged(pairs)), addresses) for addresses, pairs in by_addresses.items()]
        return Flows(tuple(sorted(parts, key=lambda part: part[0].ranges)))

    @property
    def _traffic(self) -> Traffic:
        return Traffic(merged(pair for traffic, _ in self.parts for pair in traffic.ranges))

    def __le__(self, other: Flows) -> bool:
        """Return True if every pair of this set is in the other one."""
        return not (self - other)

    def __bool__(self) -> bool:
        return bool(self.parts)

    def addresses(self, traffic: Traffic) -> CidrSet:
        """Return the addresses that are paired with all of the traffic; all addresses if there is no traffic."""
        if not traffic <= self._traffic:
            return NO_ADDRESSES
        common = ALL_ADDRESSES
        for part, addresses in self.parts:
            if part & traffic:
                common = common & addresses
        return common

    def traffic(self, addresses: CidrSet) -> Traffic:
        """Return the traffic that is paired with at least one of the addresses."""
        return Traffic(merged(pair for part, own in self.parts if own & addresses for pair in part.ranges))

    def internet_traffic(self, family: Family | None = None, nearly: int | None = None) -> Traffic:
        """Return the traffic that is paired with the whole internet (see `CidrSet.covers_internet`)."""
        return Traffic(merged(
            pair for part, own in self.parts if own.covers_internet(family, nearly) for pair in part.ranges
        ))  # fmt: skip


NO_FLOWS = Flows()
ALL_FLOWS = Flows.of(ALL_ADDRESSES, ALL_TRAFFIC)


class FlowBounds(Struct, frozen=True):
    """What rules allow together, known in part: they allow all of `certain`, and nothing outside `possible`.

    reasons  why the two differ
    """

    certain: Flows = NO_FLOWS
    possible: Flows = NO_FLOWS
    reasons: tuple[Reason, ...] = ()

    def __and__(self, other: FlowBounds) -> FlowBounds:
        """Return what both allow, such as a network ACL and a security group."""
        return FlowBounds(
            self.certain & other.certain, self.possible & other.possible, merge_reasons(self.reasons, other.reasons)
        )

    def __or__(self, other: FlowBounds) -> FlowBounds:
        """Return what either allows, such as one of several security groups."""
        return FlowBounds(
            self.certain | other.certain, self.possible | other.possible, merge_reasons(self.reasons, other.reasons)
        )

    def addresses(self, traffic: Traffic) -> AddressBounds:
        """Return the addresses for which all of the traffic is allowed."""
        return AddressBounds(self.certain.addresses(traffic), self.possible.addresses(traffic), self.reasons)

    def all_open_to_internet(self, traffic: Traffic, family: Family | None = None, nearly: int | None = None) -> Truth:
        """Return True if all of the traffic is allowed for the whole internet (see `CidrSet.covers_internet`)."""
        return self.addresses(traffic).covers_internet(family, nearly)

    def any_open_to_internet(self, traffic: Traffic, family: Family | None = None, nearly: int | None = None) -> Truth:
        """Return True if some of the traffic is allowed for the whole internet."""
        return Truth.between(
            bool(self.certain.internet_traffic(family, nearly) & traffic),
            bool(self.possible.internet_traffic(family, nearly) & traffic),
            self.reasons,
        )

    def service_open_to_internet(
        self, service: Service, family: Family | None = None, nearly: int | None = None
    ) -> Truth:
        """Return True if a port of the service is allowed for the whole internet."""
        return self.any_open_to_internet(service.traffic, family, nearly)


class AllowRule(Struct, frozen=True):
    """One rule of a security group. `exists` is undecided if the rule may be missing."""

    addresses: AddressBounds
    traffic: TrafficBounds
    exists: Truth = TRUE

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why parts of the rule are unknown."""
        return merge_reasons(self.exists.reasons, self.addresses.reasons, self.traffic.reasons)


MAX_RULES = 1_000
"""Rules per security group times groups per network interface: no account can have more.
https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups"""


def allowed_by(rules: Iterable[AllowRule], gaps: Sequence[Reason] = ()) -> FlowBounds:
    """Return what the rules of one or several security groups allow together.

    Rules add up: 0.0.0.0/1 in one and 128.0.0.0/1 in another are the internet.
    gaps  why there may be further rules
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
        possible = ALL_FLOWS
    return FlowBounds(certain, possible, merge_reasons(*reasons))
