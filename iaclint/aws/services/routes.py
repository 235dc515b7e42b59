"""Amazon VPC route tables, their routes and their associations."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from functools import cached_property
from typing import Any

from iaclint.aws.joins import attached_to
from iaclint.aws.reasoning.cidr import AddressBounds, CidrSet, Family, addresses_from
from iaclint.aws.services.prefix_lists import prefix_list_addresses
from iaclint.aws.views import Attr, Block, View, attr, parts
from iaclint.model.inventory import Deployment
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, Truth, any_of


class Target(Enum):
    """What a route leads to."""

    INTERNET_GATEWAY = "internet gateway"
    EGRESS_ONLY_GATEWAY = "egress-only internet gateway"
    NAT_GATEWAY = "NAT gateway"
    ENDPOINT = "VPC endpoint"
    TRANSIT_GATEWAY = "transit gateway"
    INTERFACE = "network interface"
    PEERING = "VPC peering connection"
    OTHER = "other"


_TARGET_NAMES: tuple[tuple[Target, str, str], ...] = (
    (Target.NAT_GATEWAY, "nat_gateway_id", "NatGatewayId"),
    (Target.ENDPOINT, "vpc_endpoint_id", "VpcEndpointId"),
    (Target.TRANSIT_GATEWAY, "transit_gateway_id", "TransitGatewayId"),
    (Target.TRANSIT_GATEWAY, "core_network_arn", "CoreNetworkArn"),
    (Target.EGRESS_ONLY_GATEWAY, "egress_only_gateway_id", "EgressOnlyInternetGatewayId"),
    (Target.INTERFACE, "network_interface_id", "NetworkInterfaceId"),
    (Target.INTERFACE, "instance_id", "InstanceId"),
    (Target.PEERING, "vpc_peering_connection_id", "VpcPeeringConnectionId"),
    (Target.OTHER, "carrier_gateway_id", "CarrierGatewayId"),
    (Target.OTHER, "local_gateway_id", "LocalGatewayId"),
    (Target.INTERNET_GATEWAY, "gateway_id", "GatewayId"),
)
"""The property of a route that names each kind of target, in Terraform and in CloudFormation; a route sets one."""

_GATEWAY_TARGETS = {
    "aws_internet_gateway": Target.INTERNET_GATEWAY,
    "AWS::EC2::InternetGateway": Target.INTERNET_GATEWAY,
    "aws_egress_only_internet_gateway": Target.EGRESS_ONLY_GATEWAY,
    "AWS::EC2::EgressOnlyInternetGateway": Target.EGRESS_ONLY_GATEWAY,
    "aws_nat_gateway": Target.NAT_GATEWAY,
    "aws_vpn_gateway": Target.OTHER,
    "AWS::EC2::VPNGateway": Target.OTHER,
    "aws_vpc_endpoint": Target.ENDPOINT,
}
"""The targets that `gateway_id` can name, by resource type."""

_ID_TARGETS = {"igw": Target.INTERNET_GATEWAY, "eigw": Target.EGRESS_ONLY_GATEWAY, "vpce": Target.ENDPOINT}
"""The same by the prefix of an id."""

_HALVES: dict[Family, tuple[CidrSet, ...]] = {
    4: (CidrSet.parse("0.0.0.0/1"), CidrSet.parse("128.0.0.0/1")),
    6: (CidrSet.parse("2000::/3"),),
}
"""The halves of the IPv4 internet, and the public addresses of IPv6."""


class Route(Block):
    """A route, inline in its table or as a resource of its own."""

    class Standalone(View, terraform="aws_route", cloudformation="AWS::EC2::Route"):
        """A route that is a resource of its own, for the joins by its table."""

        table = attr(str, terraform="route_table_id", cloudformation="RouteTableId")

    ipv4 = attr(str, terraform=("destination_cidr_block", "cidr_block"), cloudformation="DestinationCidrBlock")
    ipv6 = attr(
        str, terraform=("destination_ipv6_cidr_block", "ipv6_cidr_block"), cloudformation="DestinationIpv6CidrBlock"
    )
    prefix_list = attr(str, terraform="destination_prefix_list_id", cloudformation="DestinationPrefixListId")
    table = attr(str, terraform="route_table_id", cloudformation="RouteTableId")

    @classmethod
    def of(cls, standalone: Route.Standalone) -> Route:
        """Return the route of a resource."""
        return cls(standalone.resource, standalone.deployment)

    @classmethod
    def select(cls, deployment: Deployment) -> Iterator[Route]:
        """Yield the routes of a deployment, inline routes first."""
        for table in RouteTable.select(deployment):
            yield from table.inline_routes
        for standalone in cls.Standalone.select(deployment):
            yield cls.of(standalone)

    @property
    def destination(self) -> AddressBounds:
        """The addresses that it routes."""
        return addresses_from(self.ipv4, self.ipv6) | prefix_list_addresses(self.prefix_list, self.deployment)

    @property
    def is_default(self) -> Truth:
        """Whether it is a default route, for IPv4 or IPv6."""
        return self.is_default_for(None)

    def is_default_for(self, family: Family | None) -> Truth:
        """Return True if it is a default route of an IP version, or of either.

        A route for one half of the IPv4 internet counts: two of them stand for a default route.
        """
        if not self.body.known:
            return Truth(None, self.body.reasons)
        halves = _HALVES[family] if family else (*_HALVES[4], *_HALVES[6])
        destination = self.destination
        return any_of(destination.contains(half) for half in halves)

    @cached_property
    def targets(self) -> tuple[tuple[Target, Attr[Any]], ...]:
        """What it leads to, each with the property that names it; several if it is unknown which of them is set."""
        given = [
            (target, value)
            for target, terraform, cloudformation in _TARGET_NAMES
            if (value := self.read(terraform if self.is_terraform else cloudformation, str)).is_set().possible
        ]
        certain = [(target, value) for target, value in given if value.is_set().is_true]
        # a route has one target: if one is certain, the others are null
        return tuple(certain[:1] or given)

    def leads_to(self, target: Target) -> Truth:
        """Return True if it exists and leads to a kind of target."""
        if not self.body.known:
            return Truth(None, self.body.reasons)
        return self.exists & any_of(self._leads(found, value, target) for found, value in self.targets)

    def _leads(self, found: Target, value: Attr[Any], target: Target) -> Truth:
        if found is Target.INTERNET_GATEWAY:
            return self._gateway_is(value, target)
        return value.is_set() if found is target else FALSE

    def _gateway_is(self, value: Attr[Any], target: Target) -> Truth:
        """Return True if the gateway that a route names is a kind of target.

        `gateway_id` can name an internet gateway, a virtual private gateway, or (in old code) other targets.
        """
        for ref in value.refs:
            for resource in self.deployment.resolve(ref):
                named = _GATEWAY_TARGETS.get(resource.kind)
                if named is not None:
                    return Truth.of(named is target)
                if resource.kind.startswith(("aws_", "AWS::", "data.")):
                    return Truth.of(resource.kind.endswith("internet_gateway") and target is Target.INTERNET_GATEWAY)
            # the address of an undeclared resource still gives its type
            named = _GATEWAY_TARGETS.get(ref.address.type)
            if named is not None:
                return Truth.of(named is target)
        if value.known:
            prefix = str(value.data).split("-", 1)[0]
            return Truth.of(_ID_TARGETS.get(prefix, Target.OTHER) is target)
        return Truth(None, value.reasons)


class RouteTable(View, terraform=("aws_route_table", "aws_default_route_table"), cloudformation="AWS::EC2::RouteTable"):
    """A route table. `aws_default_route_table` manages the main table that AWS creates with each VPC."""

    vpc = attr(str, terraform="vpc_id", cloudformation="VpcId")
    default_of = attr(str, terraform="default_route_table_id", cloudformation=None)

    @property
    def inline_routes(self) -> tuple[Route, ...]:
        """The routes that are blocks of the table; CloudFormation has none."""
        if not self.is_terraform:
            return ()
        return tuple(Route(self.resource, self.deployment, body, prefix) for body, prefix in parts(self, "route"))

    @cached_property
    def routes(self) -> Partial[Route]:
        """Its routes, inline and standalone."""
        return Partial(self.inline_routes) + standalone_routes_of(self)


def standalone_routes_of(owner: View) -> Partial[Route]:
    """Return the routes, as resources of their own, of a route table, or of the main table of a VPC."""
    return attached_to(Route.Standalone, "table", owner).map(Route.of)


def routes_of(tables: Partial[RouteTable]) -> Partial[Route]:
    """Return the routes of several route tables."""
    found: Partial[Route] = Partial((), tables.gaps)
    for table in tables.items:
        found = found + table.routes
    return found


class MainAssociation(View, terraform="aws_main_route_table_association", cloudformation=()):
    """Makes a route table the main table of a VPC."""

    vpc = attr(str, terraform="vpc_id", cloudformation=None)
    table = attr(str, terraform="route_table_id", cloudformation=None)


class RouteTableAssociation(
    View,
    terraform="aws_route_table_association",
    cloudformation=("AWS::EC2::SubnetRouteTableAssociation", "AWS::EC2::GatewayRouteTableAssociation"),
):
    """Associates a route table with a subnet, or with a gateway, whose inbound traffic it then routes."""

    subnet = attr(str, terraform="subnet_id", cloudformation="SubnetId")
    gateway = attr(str, terraform="gateway_id", cloudformation="GatewayId")
    table = attr(str, terraform="route_table_id", cloudformation="RouteTableId")
