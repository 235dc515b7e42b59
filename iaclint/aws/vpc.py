"""Amazon VPC: networks, gateways, subnets, route tables, and how they hang together."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from functools import cached_property
from typing import Any

from iaclint.aws import network
from iaclint.aws.model import Attr, Typed, View, attr, beside, parts
from iaclint.aws.network import Addresses, CidrSet
from iaclint.aws.networkfirewall import EndpointAssociation, Firewall
from iaclint.estate import Deployment
from iaclint.value import NO, Population, Reason, Tri, tri_any


class InternetGateway(Typed, tf="aws_internet_gateway", cfn="AWS::EC2::InternetGateway"):
    vpc = attr(str, tf="vpc_id", cfn=None)


class GatewayAttachment(Typed, tf="aws_internet_gateway_attachment", cfn="AWS::EC2::VPCGatewayAttachment"):
    vpc = attr(str, tf="vpc_id", cfn="VpcId")
    gateway = attr(str, tf="internet_gateway_id", cfn="InternetGatewayId")


class EgressOnlyGateway(Typed, tf="aws_egress_only_internet_gateway", cfn="AWS::EC2::EgressOnlyInternetGateway"):
    vpc = attr(str, tf="vpc_id", cfn="VpcId")


class NatGateway(Typed, tf="aws_nat_gateway", cfn="AWS::EC2::NatGateway"):
    subnet = attr(str, tf="subnet_id", cfn="SubnetId")
    connectivity = attr(str, tf="connectivity_type", cfn="ConnectivityType", default="public")


class Endpoint(Typed, tf="aws_vpc_endpoint", cfn="AWS::EC2::VPCEndpoint"):
    vpc = attr(str, tf="vpc_id", cfn="VpcId")
    type = attr(str, tf="vpc_endpoint_type", cfn="VpcEndpointType", default="Gateway")
    service = attr(str, tf="service_name", cfn="ServiceName")


class TransitGatewayAttachment(
    Typed,
    tf="aws_ec2_transit_gateway_vpc_attachment",
    cfn=("AWS::EC2::TransitGatewayVpcAttachment", "AWS::EC2::TransitGatewayAttachment"),
):
    vpc = attr(str, tf="vpc_id", cfn="VpcId")


class Subnet(Typed, tf=("aws_subnet", "aws_default_subnet"), cfn="AWS::EC2::Subnet"):
    vpc = attr(str, tf="vpc_id", cfn="VpcId")
    cidr = attr(str, tf="cidr_block", cfn="CidrBlock")
    public_addresses = attr(bool, tf="map_public_ip_on_launch", cfn="MapPublicIpOnLaunch", default=False)

    @cached_property
    def tables(self) -> Population[RouteTable]:
        """Its route table: the one associated with it, else the main one of its VPC."""
        own: list[RouteTable] = []
        associations = beside(Association, "subnet", self)
        gaps: tuple[Reason, ...] = associations.gaps
        for association in associations.items:
            found = RouteTable.at(association.table, self.deployment)
            own += found.items
            gaps += found.gaps
        if own:
            return Population(tuple(own))
        main: list[RouteTable] = []
        for vpc in Vpc.at(self.vpc, self.deployment).items:
            found = vpc.main_tables
            main += found.items
            gaps += found.gaps
        return Population(tuple(main), gaps)

    def routes_to(self, kind: Target) -> Tri:
        """Whether its route table has a default route to a kind of target."""
        return self.tables.any(lambda t: t.routes.any(lambda r: r.default & r.leads_to(kind)))

    @property
    def public(self) -> Tri:
        """Whether its default route leads straight to an internet gateway."""
        return self.routes_to(Target.INTERNET_GATEWAY)


class RouteTable(Typed, tf=("aws_route_table", "aws_default_route_table"), cfn="AWS::EC2::RouteTable"):
    vpc = attr(str, tf="vpc_id", cfn="VpcId")
    default_of = attr(str, tf="default_route_table_id", cfn=None)

    @cached_property
    def routes(self) -> Population[Route]:
        """Its routes, inline and standalone."""
        inline: list[Route] = []
        if self.terraform:
            inline = [Route(self.resource, self.deployment, body, p) for body, p in parts(self, "route")]
        return Population(tuple(inline)) + beside(Route.Standalone, "table", self).map(Route.of)


class MainAssociation(Typed, tf="aws_main_route_table_association", cfn=()):
    vpc = attr(str, tf="vpc_id", cfn=None)
    table = attr(str, tf="route_table_id", cfn=None)


class Association(Typed, tf="aws_route_table_association", cfn="AWS::EC2::SubnetRouteTableAssociation"):
    subnet = attr(str, tf="subnet_id", cfn="SubnetId")
    gateway = attr(str, tf="gateway_id", cfn=None)
    table = attr(str, tf="route_table_id", cfn="RouteTableId")


class GatewayAssociation(Typed, tf="aws_route_table_association", cfn="AWS::EC2::GatewayRouteTableAssociation"):
    """The edge association of a gateway: it routes what comes in from the internet."""

    gateway = attr(str, tf="gateway_id", cfn="GatewayId")
    table = attr(str, tf="route_table_id", cfn="RouteTableId")


class Target(Enum):
    """What a route leads to."""

    INTERNET_GATEWAY = "internet gateway"
    EGRESS_ONLY_GATEWAY = "egress-only internet gateway"
    NAT_GATEWAY = "NAT gateway"
    ENDPOINT = "VPC endpoint"
    TRANSIT_GATEWAY = "transit gateway"
    INTERFACE = "network interface"
    OTHER = "other"


_TARGETS: tuple[tuple[Target, str, str], ...] = (
    (Target.NAT_GATEWAY, "nat_gateway_id", "NatGatewayId"),
    (Target.ENDPOINT, "vpc_endpoint_id", "VpcEndpointId"),
    (Target.TRANSIT_GATEWAY, "transit_gateway_id", "TransitGatewayId"),
    (Target.TRANSIT_GATEWAY, "core_network_arn", "CoreNetworkArn"),
    (Target.EGRESS_ONLY_GATEWAY, "egress_only_gateway_id", "EgressOnlyInternetGatewayId"),
    (Target.INTERFACE, "network_interface_id", "NetworkInterfaceId"),
    (Target.INTERFACE, "instance_id", "InstanceId"),
    (Target.OTHER, "vpc_peering_connection_id", "VpcPeeringConnectionId"),
    (Target.OTHER, "carrier_gateway_id", "CarrierGatewayId"),
    (Target.OTHER, "local_gateway_id", "LocalGatewayId"),
    (Target.INTERNET_GATEWAY, "gateway_id", "GatewayId"),
)


class Route(View):
    """A route, inline in its table or as a resource of its own."""

    class Standalone(Typed, tf="aws_route", cfn="AWS::EC2::Route"):
        table = attr(str, tf="route_table_id", cfn="RouteTableId")

    ipv4 = attr(str, tf=("destination_cidr_block", "cidr_block"), cfn="DestinationCidrBlock")
    ipv6 = attr(str, tf=("destination_ipv6_cidr_block", "ipv6_cidr_block"), cfn="DestinationIpv6CidrBlock")
    prefix_list = attr(str, tf="destination_prefix_list_id", cfn="DestinationPrefixListId")
    table = attr(str, tf="route_table_id", cfn="RouteTableId")

    @classmethod
    def of(cls, standalone: Route.Standalone) -> Route:
        return cls(standalone.resource, standalone.deployment)

    @classmethod
    def select(cls, deployment: Deployment) -> Iterator[Route]:
        for table in RouteTable.select(deployment):
            if table.terraform:
                for body, prefix in parts(table, "route"):
                    yield cls(table.resource, deployment, body, prefix)
        for standalone in cls.Standalone.select(deployment):
            yield cls.of(standalone)

    @property
    def destination(self) -> Addresses:
        return network.addresses_from(self.ipv4, self.ipv6)

    @property
    def default(self) -> Tri:
        """Whether it takes everything that no narrower route takes; two halves of the internet do so together."""
        if not self.body.known:
            return Tri(None, self.body.reasons)
        return (
            self.destination.contains(_HALF_4A)
            | self.destination.contains(_HALF_4B)
            | self.destination.contains(_HALF_6)
        )

    @cached_property
    def target(self) -> tuple[Target, Attr[Any]] | None:
        """What it leads to, and the property that says so."""
        for kind, tf, cfn in _TARGETS:
            value: Attr[Any] = self.read(tf if self.terraform else cfn, str)
            if value.data is not None and value.data != "":
                return kind, value
        return None

    def leads_to(self, kind: Target) -> Tri:
        if not self.body.known:
            return Tri(None, self.body.reasons)
        target = self.target
        if target is None:
            return NO
        found, value = target
        if found is not Target.INTERNET_GATEWAY:
            return self.exists & Tri.of(found is kind)
        return self.exists & self._gateway(value, kind)

    def _gateway(self, value: Attr[Any], kind: Target) -> Tri:
        """`gateway_id` can name an internet gateway, a virtual private gateway, or (by old habit) other things."""
        for ref in value.refs:
            for resource in self.deployment.resolve(ref):
                named = _KINDS.get(resource.kind)
                if named is not None:
                    return Tri.of(named is kind)
                if resource.kind.startswith(("aws_", "AWS::", "data.")):
                    return Tri.of(resource.kind.endswith("internet_gateway") and kind is Target.INTERNET_GATEWAY)
        if value.known:
            text = str(value.data)
            prefix = text.split("-", 1)[0]
            by_prefix = {"igw": Target.INTERNET_GATEWAY, "eigw": Target.EGRESS_ONLY_GATEWAY, "vpce": Target.ENDPOINT}
            return Tri.of(by_prefix.get(prefix, Target.OTHER) is kind)
        return Tri(None, value.reasons)


_HALF_4A, _HALF_4B, _HALF_6 = CidrSet.parse("0.0.0.0/1"), CidrSet.parse("128.0.0.0/1"), CidrSet.parse("2000::/3")

_KINDS = {
    "aws_internet_gateway": Target.INTERNET_GATEWAY,
    "AWS::EC2::InternetGateway": Target.INTERNET_GATEWAY,
    "aws_egress_only_internet_gateway": Target.EGRESS_ONLY_GATEWAY,
    "AWS::EC2::EgressOnlyInternetGateway": Target.EGRESS_ONLY_GATEWAY,
    "aws_nat_gateway": Target.NAT_GATEWAY,
    "aws_vpn_gateway": Target.OTHER,
    "AWS::EC2::VPNGateway": Target.OTHER,
    "aws_vpc_endpoint": Target.ENDPOINT,
}


class Vpc(Typed, tf=("aws_vpc", "aws_default_vpc"), cfn="AWS::EC2::VPC"):
    cidr = attr(str, tf="cidr_block", cfn="CidrBlock")

    @cached_property
    def subnets(self) -> Population[Subnet]:
        return beside(Subnet, "vpc", self)

    @cached_property
    def internet_gateways(self) -> Population[InternetGateway]:
        """The internet gateways attached to it."""
        own = beside(InternetGateway, "vpc", self)
        attached: list[InternetGateway] = []
        attachments = beside(GatewayAttachment, "vpc", self).where(lambda a: a.gateway.is_set())
        for attachment in attachments.items:
            attached += InternetGateway.at(attachment.gateway, self.deployment).items
        return own + Population(tuple(attached), attachments.gaps)

    @cached_property
    def nat_gateways(self) -> Population[NatGateway]:
        """The public NAT gateways in its subnets."""
        found: Population[NatGateway] = Population(())
        for subnet in self.subnets.items:
            found = found + beside(NatGateway, "subnet", subnet).where(lambda n: n.connectivity.is_("public"))
        return Population(found.items, found.gaps + self.subnets.gaps)

    @property
    def talks_to_internet(self) -> Tri:
        """Whether a gateway joins it to the internet, in either direction."""
        return tri_any(
            (
                self.internet_gateways.exists(),
                self.nat_gateways.exists(),
                beside(EgressOnlyGateway, "vpc", self).exists(),
            )
        )

    @cached_property
    def route_tables(self) -> Population[RouteTable]:
        return beside(RouteTable, "vpc", self) + Population(
            tuple(t for t in RouteTable.select(self.deployment) if self.named_by(t.default_of).is_true)
        )

    @cached_property
    def main_tables(self) -> Population[RouteTable]:
        """The route table of subnets that have none of their own; nothing is written for AWS's own one."""
        found = [t for t in RouteTable.select(self.deployment) if self.named_by(t.default_of).is_true]
        gaps: tuple[Reason, ...] = ()
        for association in beside(MainAssociation, "vpc", self).items:
            tables = RouteTable.at(association.table, self.deployment)
            found += tables.items
            gaps += tables.gaps
        return Population(tuple(found), gaps)

    @property
    def firewalls(self) -> Population[Firewall]:
        """The Network Firewalls in it."""
        return beside(Firewall, "vpc", self)

    @property
    def firewall_endpoints(self) -> Population[EndpointAssociation]:
        """Endpoints in it of firewalls elsewhere."""
        return beside(EndpointAssociation, "vpc", self)

    @property
    def inspection_endpoints(self) -> Population[Endpoint]:
        """Gateway Load Balancer endpoints in it, behind which an appliance inspects."""
        return beside(Endpoint, "vpc", self).where(lambda e: e.type.is_("GatewayLoadBalancer"))

    @property
    def inspected_upstream(self) -> Tri:
        """Whether a default route hands its traffic to a transit gateway, where inspection is central."""
        return self.route_tables.any(lambda t: t.routes.any(lambda r: r.default & r.leads_to(Target.TRANSIT_GATEWAY)))
