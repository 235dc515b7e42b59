"""Which servers the internet can reach, and by which path.

An inbound path takes four things: a public address, a route between the subnet and an internet gateway, a network ACL
that allows the packets and their responses, and a security group that allows the packets
(https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html). An `InternetPath` answers each by itself,
and each answer may be undecided.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from msgspec import Struct

from iaclint.aws.questions.interfaces import Interface, interfaces_of
from iaclint.aws.reasoning.cidr import DEFAULT_NEARLY, FAMILIES, Family
from iaclint.aws.reasoning.flows import FlowBounds, allowed_by
from iaclint.aws.reasoning.ports import Service, Traffic
from iaclint.aws.services.ec2 import Server
from iaclint.aws.services.network_acl import allowed_by_acl
from iaclint.aws.services.routes import Target
from iaclint.aws.services.security_groups import SecurityGroup, default_groups_of
from iaclint.aws.services.vpc import Subnet, Vpc, blocked_in_default_subnet
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, TRUE, Reason, Truth, any_of, merge_reasons
from iaclint.model.value import Step

EPHEMERAL_PORTS = Traffic.of("tcp", 1024, 65535) | Traffic.of("udp", 1024, 65535)
"""The ports that responses go to: https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html"""


class InternetPath(Struct, frozen=True, dict=True):
    """A path from the internet to a server: one interface, in one subnet, in one IP version.

    subnet  None for a default subnet of the default VPC
    """

    interface: Interface
    subnet: Subnet | None
    family: Family

    @cached_property
    def has_public_address(self) -> Truth:
        """Whether the interface has a public address."""
        if self.family == 6:
            requested = any_of(value.test(lambda data: bool(data) and data != 0) for value in self.interface.ipv6)
            return requested | (self.subnet.gives_ipv6_addresses.is_(True) if self.subnet else FALSE)
        if self.interface.separate:
            return self.interface.elastic.exists()
        by_subnet = self.subnet.gives_public_addresses if self.subnet else TRUE
        public = self.interface.public
        return self.interface.elastic.exists() | public.is_(True) | (public.is_(None) & by_subnet)

    @cached_property
    def has_route(self) -> Truth:
        """Whether the subnet has a route to an internet gateway, and VPC Block Public Access leaves it open."""
        if self.subnet is None:
            return Truth.of(self.family == 4) & ~blocked_in_default_subnet(self.interface.owner)
        return self.subnet.routes_to(Target.INTERNET_GATEWAY, self.family) & ~self.subnet.blocked

    @cached_property
    def groups(self) -> Partial[SecurityGroup]:
        """The security groups of the interface; a gap for each group outside the scanned code."""
        found: Partial[SecurityGroup] = Partial(())
        for value in self.interface.groups:
            found = found + SecurityGroup.named_by(value, self.interface.owner.deployment)
        if not self.interface.groups and self.subnet:
            for vpc in Vpc.referenced_by(self.subnet.vpc, self.subnet.deployment).items:
                found = found + default_groups_of(vpc)
        return found

    @cached_property
    def inbound(self) -> FlowBounds:
        """The inbound flows that the security groups and the network ACL of the subnet allow."""
        by_groups = allowed_by(
            (rule.allow_rule for group in self.groups.items for rule in group.ingress.items),
            merge_reasons(self.groups.gaps, *(group.ingress.gaps for group in self.groups.items)),
        )
        return by_groups & allowed_by_acl(self.subnet, egress=False) if self.subnet else by_groups

    @cached_property
    def allows_responses(self) -> Truth:
        """Whether the network ACL of the subnet allows responses."""
        if self.subnet is None:
            return TRUE
        outbound = allowed_by_acl(self.subnet, egress=True)
        return outbound.any_open_to_internet(EPHEMERAL_PORTS, self.family, DEFAULT_NEARLY)

    @cached_property
    def _inbound_from_internet(self) -> tuple[Traffic, Traffic]:
        """The traffic that is allowed from the whole internet, for certain and at most."""
        return (
            self.inbound.certain.internet_traffic(self.family, DEFAULT_NEARLY),
            self.inbound.possible.internet_traffic(self.family, DEFAULT_NEARLY),
        )

    @cached_property
    def is_connected(self) -> Truth:
        """Whether the interface is on the internet at all, whatever traffic is allowed."""
        return self.has_public_address & self.has_route

    def opens(self, service: Service) -> Truth:
        """Return True if the whole internet can reach any port of a service."""
        certain, possible = self._inbound_from_internet
        if certain & service.traffic:
            allowed = TRUE
        elif possible & service.traffic:
            allowed = Truth(None, self.inbound.reasons)
        else:
            return FALSE
        return self.is_connected & allowed & self.allows_responses

    def steps(self, service: Service) -> tuple[Step, ...]:
        """Return the path hop by hop, from the internet to the server."""
        return tuple(self._steps(service))

    def _steps(self, service: Service) -> Iterator[Step]:
        server = self.interface.owner
        if self.subnet is None:
            yield Step(server.header, f"{server.address} is in a default subnet, which is public")
        else:
            for route in self.subnet.routes.items:
                if (route.is_default_for(self.family) & route.leads_to(Target.INTERNET_GATEWAY)).is_true:
                    yield Step(route.span, f"a route joins {self.subnet.address} to the internet gateway")
                    break
            else:
                yield Step(self.subnet.header, f"{self.subnet.address} is public")
        for group in self.groups.items:
            for rule in group.ingress.items:
                if rule.opens(service.traffic, self.family).is_true:
                    opening = rule.opening(self.family)
                    yield Step(opening.span, f"{group.address} lets in {rule.source(self.family)}")
                    break
        yield self._address_step
        yield Step(server.header, f"{server.address} answers on {service}")

    @property
    def _address_step(self) -> Step:
        """What gives the interface its public address."""
        server = self.interface.owner
        public = self.interface.public
        if self.family == 4:
            for elastic in self.interface.elastic.items:
                return Step(elastic.header, f"{elastic.address} gives it a public address")
            if public.is_(True).is_true:
                return Step(public.span, "it asks for a public address")
            if self.subnet and self.subnet.gives_public_addresses.is_true:
                return Step(self.subnet.maps_public_addresses.span, f"{self.subnet.address} gives it a public address")
        return Step(server.header, "it gets a public address")


def paths_from_internet(server: Server) -> Partial[InternetPath]:
    """Return the paths from the internet to a server; a gap for each subnet outside the scanned code."""
    found: list[InternetPath] = []
    gaps: tuple[Reason, ...] = ()
    for interface in interfaces_of(server):
        subnets: list[Subnet | None] = [] if interface.subnets else [None]
        for value in interface.subnets:
            referenced = Subnet.referenced_by(value, server.deployment)
            subnets += referenced.items
            if not referenced.items:
                reason = Reason(f"the subnet {value.data} is not written here", value.span)
                gaps = merge_reasons(gaps, referenced.gaps or (reason,))
        found += [InternetPath(interface, subnet, family) for subnet in subnets for family in FAMILIES]
    return Partial(tuple(found), gaps)
