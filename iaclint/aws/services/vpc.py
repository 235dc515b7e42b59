"""Amazon VPC: networks, gateways, subnets, route tables, and how they hang together."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from functools import cached_property
from typing import Any

from iaclint.aws.joins import attached_to
from iaclint.aws.reasoning.acl import Acl, AclRule
from iaclint.aws.reasoning.cidr import ALL_ADDRESSES, FAMILIES, AddressBounds, CidrSet, Family, addresses_from
from iaclint.aws.reasoning.flows import NO_FLOWS, FlowBounds, Flows
from iaclint.aws.reasoning.policy import Document, Statement
from iaclint.aws.reasoning.ports import ALL_TRAFFIC, TrafficBounds, traffic_from
from iaclint.aws.services.ec2 import prefix_list_addresses
from iaclint.aws.services.networkfirewall import EndpointAssociation, Firewall
from iaclint.aws.views import Attr, Block, View, attr, parts
from iaclint.model.inventory import Deployment
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, TRUE, Reason, Truth, any_of, merge_reasons
from iaclint.model.value import Unknown, UnknownCause, Value


class InternetGateway(View, terraform="aws_internet_gateway", cloudformation="AWS::EC2::InternetGateway"):
    vpc = attr(str, terraform="vpc_id", cloudformation=None)


class GatewayAttachment(
    View, terraform="aws_internet_gateway_attachment", cloudformation="AWS::EC2::VPCGatewayAttachment"
):
    vpc = attr(str, terraform="vpc_id", cloudformation="VpcId")
    gateway = attr(str, terraform="internet_gateway_id", cloudformation="InternetGatewayId")


class EgressOnlyGateway(
    View, terraform="aws_egress_only_internet_gateway", cloudformation="AWS::EC2::EgressOnlyInternetGateway"
):
    vpc = attr(str, terraform="vpc_id", cloudformation="VpcId")


class NatGateway(View, terraform="aws_nat_gateway", cloudformation="AWS::EC2::NatGateway"):
    subnet = attr(str, terraform="subnet_id", cloudformation="SubnetId")
    vpc = attr(str, terraform="vpc_id", cloudformation="VpcId")
    """Given for a regional gateway, which has no subnet."""
    connectivity = attr(str, terraform="connectivity_type", cloudformation="ConnectivityType", default="public")


class Endpoint(View, terraform="aws_vpc_endpoint", cloudformation="AWS::EC2::VPCEndpoint"):
    vpc = attr(str, terraform="vpc_id", cloudformation="VpcId")
    type = attr(str, terraform="vpc_endpoint_type", cloudformation="VpcEndpointType", default="Gateway")
    service = attr(str, terraform="service_name", cloudformation="ServiceName")
    policy = attr(str, terraform="policy", cloudformation="PolicyDocument")

    @property
    def policies(self) -> Partial[EndpointPolicy]:
        """Policies that stand beside it."""
        return attached_to(EndpointPolicy, "endpoint", self)

    @property
    def to_stores(self) -> Truth:
        """Whether it leads to S3 or DynamoDB, where anybody may have a bucket or a table.

        Gateways lead nowhere else: https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
        """
        if self.type.is_("Gateway").is_true:
            return TRUE
        named = _is_store(self.service)
        for ref in self.service.refs if not named.decided else ():
            for resource in self.deployment.resolve(ref):
                if resource.kind == "data.aws_vpc_endpoint_service":
                    looked_up = Block(resource, self.deployment)
                    by_name = _is_store(looked_up.read("service_name", str))
                    named = looked_up.read("service", str).is_one_of(*_STORES) | by_name
        return self.type.is_("Gateway") | (self.type.is_("Interface") & named)


_STORES = ("s3", "dynamodb", "dynamodb-fips")
"""https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html lists the names."""


def _is_store(name: Value[Any]) -> Truth:
    """Whether the name of a service, such as com.amazonaws.eu-west-1.s3, ends in that of a store."""
    last = name.data.parts[-1] if isinstance(name.data, Unknown) and name.data.parts else name
    if isinstance(last.data, str) and (name.known or "." in last.data):
        return Truth.of(last.data.rpartition(".")[2] in _STORES)
    return name.test(lambda _: False)


class EndpointService(View, terraform="aws_vpc_endpoint_service", cloudformation="AWS::EC2::VPCEndpointService"):
    """What others may reach through endpoints of theirs."""

    acceptance = attr(bool, terraform="acceptance_required", cloudformation="AcceptanceRequired")
    principals = attr(list, terraform="allowed_principals", cloudformation=None)

    @property
    def permissions(self) -> Partial[EndpointServicePermissions]:
        return attached_to(EndpointServicePermissions, "service", self)


class EndpointServicePermissions(
    View,
    terraform="aws_vpc_endpoint_service_allowed_principal",
    cloudformation="AWS::EC2::VPCEndpointServicePermissions",
):
    """Who may make endpoints for a service."""

    service = attr(str, terraform="vpc_endpoint_service_id", cloudformation="ServiceId")
    principals = attr(list, terraform="principal_arn", cloudformation="AllowedPrincipals")


class EndpointPolicy(View, terraform="aws_vpc_endpoint_policy", cloudformation=()):
    endpoint = attr(str, terraform="vpc_endpoint_id", cloudformation=None)


class EndpointAccess(
    View,
    terraform=(
        *Endpoint.terraform_kinds,
        *EndpointService.terraform_kinds,
        *EndpointServicePermissions.terraform_kinds,
    ),
    cloudformation=(
        *Endpoint.cloudformation_kinds,
        *EndpointService.cloudformation_kinds,
        *EndpointServicePermissions.cloudformation_kinds,
    ),
):
    """What says who may use an endpoint, or a service behind one."""

    acceptance = EndpointService.acceptance
    principals = attr(list, terraform=("allowed_principals", "principal_arn"), cloudformation="AllowedPrincipals")
    policy = Endpoint.policy

    @property
    def accepts_all(self) -> Truth:
        """Whether a service takes every connection without asking."""
        return self.acceptance.is_(False)

    @property
    def open_principals(self) -> Partial[Attr[Any]]:
        """Where a service is offered to everybody."""
        return self.principals.items().where(lambda principal: principal.is_("*"))

    @property
    def full_policy(self) -> Truth:
        """Whether an endpoint to S3 or DynamoDB keeps the policy that it is made with, which allows everything.

        https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
        """
        if self.resource.kind not in Endpoint.kinds(self.resource.vendor):
            return FALSE
        endpoint = Endpoint(self.resource, self.deployment)
        return ~self.policy.is_set() & ~endpoint.policies.exists() & endpoint.to_stores

    @property
    def open_statements(self) -> Partial[Statement]:
        """The statements of such an endpoint's policy that let everybody do everything."""
        if self.resource.kind not in Endpoint.kinds(self.resource.vendor):
            return Partial(())
        to_stores = Endpoint(self.resource, self.deployment).to_stores
        return Document.parse(self.policy).allowing(
            lambda s: to_stores & s.names_everyone() & s.covers_action("*") & ~s.conditions.exists()
        )


class Peering(View, terraform="aws_vpc_peering_connection", cloudformation="AWS::EC2::VPCPeeringConnection"):
    """Two VPCs that are joined."""

    vpc = attr(str, terraform="vpc_id", cloudformation="VpcId")
    peer = attr(str, terraform="peer_vpc_id", cloudformation="PeerVpcId")


class TransitGatewayAttachment(
    View,
    terraform="aws_ec2_transit_gateway_vpc_attachment",
    cloudformation=("AWS::EC2::TransitGatewayVpcAttachment", "AWS::EC2::TransitGatewayAttachment"),
):
    vpc = attr(str, terraform="vpc_id", cloudformation="VpcId")


class TransitGateway(View, terraform="aws_ec2_transit_gateway", cloudformation="AWS::EC2::TransitGateway"):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayRequestOptions.html: "It is disabled by
    default"."""

    auto_accept = attr(
        str, terraform="auto_accept_shared_attachments", cloudformation="AutoAcceptSharedAttachments", default="disable"
    )


class BlockPublicAccess(
    View, terraform="aws_vpc_block_public_access_options", cloudformation="AWS::EC2::VPCBlockPublicAccessOptions"
):
    """What keeps all VPCs of a region from the internet, whatever their gateways and routes are.

    "block-bidirectional: Block all traffic to and from internet gateways and egress-only internet gateways in this
    Region (except for excluded VPCs and subnets)"; "block-ingress: [...] Only traffic to and from NAT gateways and
    egress-only internet gateways is allowed":
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcBlockPublicAccessOptions.html
    """

    mode = attr(str, terraform="internet_gateway_block_mode", cloudformation="InternetGatewayBlockMode")

    @property
    def everything(self) -> Truth:
        return self.exists & self.mode.is_("block-bidirectional")

    @property
    def incoming(self) -> Truth:
        return self.exists & self.mode.is_one_of("block-bidirectional", "block-ingress")


class BlockExclusion(
    View, terraform="aws_vpc_block_public_access_exclusion", cloudformation="AWS::EC2::VPCBlockPublicAccessExclusion"
):
    """A VPC or subnet that is excluded from it.

    "allow-bidirectional: Allow all internet traffic to and from the excluded VPCs and subnets"; "allow-egress: Allow
    outbound internet traffic [...] Block inbound internet traffic":
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcBlockPublicAccessExclusion.html
    """

    vpc = attr(str, terraform="vpc_id", cloudformation="VpcId")
    subnet = attr(str, terraform="subnet_id", cloudformation="SubnetId")
    mode = attr(str, terraform="internet_gateway_exclusion_mode", cloudformation="InternetGatewayExclusionMode")

    @property
    def lets_in(self) -> Truth:
        return self.mode.is_("allow-bidirectional")

    @property
    def of_default(self) -> Truth:
        """Whether it may be about the default VPC: what it excludes is that, or is not written here."""
        vpcs, subnets = Vpc.referenced_by(self.vpc, self.deployment), Subnet.referenced_by(self.subnet, self.deployment)
        return Truth.of(all(vpc.default for vpc in vpcs.items) and all(subnet.default for subnet in subnets.items))


def blocks_for(view: View) -> Partial[BlockPublicAccess]:
    """The options that hold for the region of a VPC or subnet; another deployment's are not seen."""
    found = tuple(BlockPublicAccess.select(view.deployment))
    return Partial(found).where(lambda options: _same_region(options, view)) if found else Partial(())


def _same_region(one: Block, other: Block) -> Truth:
    """Whether two resources of a deployment are in the same region; a template is deployed to one."""
    first, second = _region(one), _region(other)
    if first.known and second.known and (first.data is None) is (second.data is None):
        return Truth.of(first.data == second.data)
    if first.origin == second.origin:
        return TRUE
    of_environment = Reason(f"whether {one.address} and {other.address} are in one region is not known", one.header)
    return Truth(None, merge_reasons(first.reasons, second.reasons) or (of_environment,))


def _region(view: Block) -> Value[Any]:
    """The region that a resource names itself, else that of its provider; null for that of the environment."""
    own = view.read("region", str)
    return own if own.is_set().possible else view.meta("provider").key("region")


def blocked_in_default_subnet(view: View) -> Truth:
    """Whether the internet is kept from what is in a default subnet that is not written here."""
    excluded = BlockExclusion.found_in(view.deployment).any(lambda e: e.of_default & e.lets_in)
    return blocks_for(view).any(lambda options: options.incoming) & ~excluded


class Subnet(View, terraform=("aws_subnet", "aws_default_subnet"), cloudformation="AWS::EC2::Subnet"):
    vpc = attr(str, terraform="vpc_id", cloudformation="VpcId")
    cidr = attr(str, terraform="cidr_block", cloudformation="CidrBlock")
    maps_public_addresses = attr(bool, terraform="map_public_ip_on_launch", cloudformation="MapPublicIpOnLaunch")
    gives_ipv6_addresses = attr(
        bool, terraform="assign_ipv6_address_on_creation", cloudformation="AssignIpv6AddressOnCreation", default=False
    )

    @cached_property
    def tables(self) -> Partial[RouteTable]:
        """The route table associated with it: one, or none where it uses the main table of its VPC."""
        own: list[RouteTable] = []
        associations = attached_to(Association, "subnet", self)
        gaps: tuple[Reason, ...] = associations.gaps
        for association in associations.items:
            found = RouteTable.referenced_by(association.table, self.deployment)
            own += found.items
            if found.items or Vpc.referenced_by(association.table, self.deployment).items:
                continue  # the second: an attribute of the VPC gives its main table
            table = association.table
            gaps += found.gaps or (Reason(f"what the route table {table.data} holds is not written here", table.span),)
        return Partial(tuple(own)) if own else Partial((), gaps)

    @cached_property
    def routes(self) -> Partial[Route]:
        """The routes that apply to it: those of its table, else those of the main table of its VPC."""
        tables = self.tables
        if tables.items:
            return _routes(tables)
        if tables.gaps:
            return Partial((), tables.gaps)
        vpcs = Vpc.referenced_by(self.vpc, self.deployment)
        if not vpcs.items:
            gaps = vpcs.gaps or (Reason(f"the routes of {self.address} are not written here", self.header),)
            return Partial((), gaps)
        return vpcs.items[0].main_routes

    def routes_to(self, kind: Target, family: Family | None = None) -> Truth:
        """Whether it has a default route to a kind of target, for one IP version or for either."""
        if self.default and not self.tables.items and not self.tables.gaps:
            return Truth.of(kind is Target.INTERNET_GATEWAY and family != 6)
        return self.routes.any(lambda r: r.default_for(family) & r.leads_to(kind))

    @property
    def default(self) -> bool:
        """Whether it is one of those that AWS makes with the default VPC, which are public.

        https://docs.aws.amazon.com/vpc/latest/userguide/default-subnet.html
        """
        return self.resource.kind == "aws_default_subnet"

    @property
    def public(self) -> Truth:
        """Whether its default route leads straight to an internet gateway.

        That is what makes a subnet public: https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html
        """
        return self.routes_to(Target.INTERNET_GATEWAY)

    @cached_property
    def blocked(self) -> Truth:
        """Whether VPC Block Public Access keeps the internet from it, although its routes may lead there."""
        answer = blocks_for(self).any(lambda options: options.incoming)
        if answer.is_false:
            return FALSE
        excluded = attached_to(BlockExclusion, "subnet", self).any(lambda exclusion: exclusion.lets_in)
        vpcs = Vpc.referenced_by(self.vpc, self.deployment).items
        for vpc in vpcs:
            excluded = excluded | vpc.exclusions.any(lambda exclusion: exclusion.lets_in)
        if not vpcs:
            # those of a VPC that is not written here may be of this one
            others = BlockExclusion.found_in(self.deployment).where(lambda e: e.vpc.is_set() & e.lets_in)
            reason = Reason(f"which VPC {self.address} is in is not known", self.vpc.span)
            excluded = excluded | (Truth(None, self.vpc.reasons or (reason,)) if others.items or others.gaps else FALSE)
        return answer & ~excluded

    @property
    def gives_public_addresses(self) -> Truth:
        """Whether what is started in it gets a public IPv4 address unless it says otherwise."""
        return self.maps_public_addresses.is_(True) | (self.maps_public_addresses.is_(None) & Truth.of(self.default))

    @property
    def gives_public_ipv6_addresses(self) -> Truth:
        """Whether what is started in it gets an IPv6 address to which the internet has a route.

        Each is unique in the world; what leaves through an egress-only gateway alone can be reached by nobody:
        https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html
        """
        given = self.gives_ipv6_addresses.is_(True)
        return given & self.routes_to(Target.INTERNET_GATEWAY, 6) if given.possible else FALSE

    @property
    def exposed(self) -> Truth:
        """Whether it is public, or gives public addresses to what is started in it."""
        return self.gives_public_addresses | self.public


def _routes(tables: Partial[RouteTable]) -> Partial[Route]:
    found: Partial[Route] = Partial((), tables.gaps)
    for table in tables.items:
        found = found + table.routes
    return found


class RouteTable(View, terraform=("aws_route_table", "aws_default_route_table"), cloudformation="AWS::EC2::RouteTable"):
    vpc = attr(str, terraform="vpc_id", cloudformation="VpcId")
    default_of = attr(str, terraform="default_route_table_id", cloudformation=None)

    @cached_property
    def routes(self) -> Partial[Route]:
        """Its routes, inline and standalone."""
        inline: list[Route] = []
        if self.is_terraform:
            inline = [Route(self.resource, self.deployment, body, p) for body, p in parts(self, "route")]
        return Partial(tuple(inline)) + attached_to(Route.Standalone, "table", self).map(Route.of)


class MainAssociation(View, terraform="aws_main_route_table_association", cloudformation=()):
    vpc = attr(str, terraform="vpc_id", cloudformation=None)
    table = attr(str, terraform="route_table_id", cloudformation=None)


class Association(
    View, terraform="aws_route_table_association", cloudformation="AWS::EC2::SubnetRouteTableAssociation"
):
    subnet = attr(str, terraform="subnet_id", cloudformation="SubnetId")
    gateway = attr(str, terraform="gateway_id", cloudformation=None)
    table = attr(str, terraform="route_table_id", cloudformation="RouteTableId")


class GatewayAssociation(
    View, terraform="aws_route_table_association", cloudformation="AWS::EC2::GatewayRouteTableAssociation"
):
    """The edge association of a gateway: it routes what comes in from the internet."""

    gateway = attr(str, terraform="gateway_id", cloudformation="GatewayId")
    table = attr(str, terraform="route_table_id", cloudformation="RouteTableId")


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


_TARGETS: tuple[tuple[Target, str, str], ...] = (
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


class Route(Block):
    """A route, inline in its table or as a resource of its own."""

    class Standalone(View, terraform="aws_route", cloudformation="AWS::EC2::Route"):
        table = attr(str, terraform="route_table_id", cloudformation="RouteTableId")

    ipv4 = attr(str, terraform=("destination_cidr_block", "cidr_block"), cloudformation="DestinationCidrBlock")
    ipv6 = attr(
        str, terraform=("destination_ipv6_cidr_block", "ipv6_cidr_block"), cloudformation="DestinationIpv6CidrBlock"
    )
    prefix_list = attr(str, terraform="destination_prefix_list_id", cloudformation="DestinationPrefixListId")
    table = attr(str, terraform="route_table_id", cloudformation="RouteTableId")

    @classmethod
    def of(cls, standalone: Route.Standalone) -> Route:
        return cls(standalone.resource, standalone.deployment)

    @classmethod
    def select(cls, deployment: Deployment) -> Iterator[Route]:
        for table in RouteTable.select(deployment):
            if table.is_terraform:
                for body, prefix in parts(table, "route"):
                    yield cls(table.resource, deployment, body, prefix)
        for standalone in cls.Standalone.select(deployment):
            yield cls.of(standalone)

    @property
    def destination(self) -> AddressBounds:
        return addresses_from(self.ipv4, self.ipv6) | prefix_list_addresses(self.prefix_list, self.deployment)

    @property
    def default(self) -> Truth:
        """Whether it takes everything that no narrower route takes."""
        return self.default_for(None)

    def default_for(self, family: Family | None) -> Truth:
        """The same for one IP version. Two halves of the internet are the internet, so either counts."""
        if not self.body.known:
            return Truth(None, self.body.reasons)
        halves = {4: (_HALF_4A, _HALF_4B), 6: (_HALF_6,), None: (_HALF_4A, _HALF_4B, _HALF_6)}[family]
        destination = self.destination
        return any_of(destination.contains(half) for half in halves)

    @cached_property
    def targets(self) -> tuple[tuple[Target, Attr[Any]], ...]:
        """What it leads to, with the property that says so; several where it is not known which of them is given."""
        given = [
            (kind, value)
            for kind, terraform, cloudformation in _TARGETS
            if (value := self.read(terraform if self.is_terraform else cloudformation, str)).is_set().possible
        ]
        certain = [(kind, value) for kind, value in given if value.is_set().is_true]
        # a route has one target, so where one is certain the others are null
        return tuple(certain[:1] or given)

    @property
    def broader_than_peer(self) -> Truth:
        """Whether it takes more than the address ranges of the VPC that it leads to, and all of those.

        Where neither VPC of the peering connection is written here, only a default route is certain to.
        """
        if not self.body.known:
            return Truth(None, self.body.reasons)
        destination = self.destination
        answer = self.default
        for kind, value in self.targets:
            if kind is not Target.PEERING:
                continue
            for peering in Peering.referenced_by(value, self.deployment).items:
                for end in (peering.vpc, peering.peer):
                    if end.unknown and not end.refs and end.unknown.cause is not UnknownCause.INPUT:
                        # an input is the id of no VPC that is written here
                        answer = answer | Truth(None, end.reasons)
                    for vpc in Vpc.referenced_by(end, self.deployment).items:
                        own = addresses_from(vpc.cidr)
                        if own.certain and own.certain == own.possible:
                            wider = destination.contains(own.certain) & Truth.of(destination.possible != own.certain)
                            answer = answer | (wider & ~self._starts_in(vpc))
                        elif own.possible:
                            answer = answer | Truth(None, own.reasons)
        return answer

    def _starts_in(self, vpc: Vpc) -> Truth:
        """Whether its table belongs to a VPC."""
        if self.prefix:
            return vpc.is_identified_by(RouteTable(self.resource, self.deployment).vpc)
        tables = RouteTable.referenced_by(self.table, self.deployment)
        return tables.any(lambda table: vpc.is_identified_by(table.vpc)) | vpc.is_identified_by(self.table)

    def leads_to(self, kind: Target) -> Truth:
        if not self.body.known:
            return Truth(None, self.body.reasons)
        return self.exists & any_of(self._leads(found, value, kind) for found, value in self.targets)

    def _leads(self, found: Target, value: Attr[Any], kind: Target) -> Truth:
        if found is Target.INTERNET_GATEWAY:
            return self._gateway(value, kind)
        return value.is_set() if found is kind else FALSE

    def _gateway(self, value: Attr[Any], kind: Target) -> Truth:
        """`gateway_id` can name an internet gateway, a virtual private gateway, or (by old habit) other things."""
        for ref in value.refs:
            for resource in self.deployment.resolve(ref):
                named = _KINDS.get(resource.kind)
                if named is not None:
                    return Truth.of(named is kind)
                if resource.kind.startswith(("aws_", "AWS::", "data.")):
                    return Truth.of(resource.kind.endswith("internet_gateway") and kind is Target.INTERNET_GATEWAY)
            # what is not declared still has its type in its address
            named = _KINDS.get(ref.address.type)
            if named is not None:
                return Truth.of(named is kind)
        if value.known:
            text = str(value.data)
            prefix = text.split("-", 1)[0]
            by_prefix = {"igw": Target.INTERNET_GATEWAY, "eigw": Target.EGRESS_ONLY_GATEWAY, "vpce": Target.ENDPOINT}
            return Truth.of(by_prefix.get(prefix, Target.OTHER) is kind)
        return Truth(None, value.reasons)


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


class Ipv6Block(View, terraform="aws_vpc_ipv6_cidr_block_association", cloudformation="AWS::EC2::VPCCidrBlock"):
    """An address range that a VPC gets beside its own."""

    vpc = attr(str, terraform="vpc_id", cloudformation="VpcId")
    generated = attr(bool, terraform="assign_generated_ipv6_cidr_block", cloudformation="AmazonProvidedIpv6CidrBlock")
    cidr = attr(str, terraform=None, cloudformation="Ipv6CidrBlock")
    pool = attr(str, terraform=None, cloudformation="Ipv6Pool")
    ipam_pool = attr(str, terraform=None, cloudformation="Ipv6IpamPoolId")

    @property
    def ipv6(self) -> Truth:
        """Whether it is one of IPv6; Terraform's is never anything else."""
        given = (self.cidr.is_set(), self.pool.is_set(), self.ipam_pool.is_set())
        return Truth.of(self.is_terraform) | self.generated.is_(True) | any_of(given)


class Vpc(View, terraform=("aws_vpc", "aws_default_vpc"), cloudformation="AWS::EC2::VPC"):
    cidr = attr(str, terraform="cidr_block", cloudformation="CidrBlock")
    ipv6_generated = attr(bool, terraform="assign_generated_ipv6_cidr_block", cloudformation=None)
    ipv6_cidr = attr(str, terraform="ipv6_cidr_block", cloudformation=None)
    ipv6_pool = attr(str, terraform="ipv6_ipam_pool_id", cloudformation=None)

    @cached_property
    def has_ipv6(self) -> Truth:
        """Whether it has an IPv6 block, without which no IPv6 packet gets in or out.

        "You can optionally associate an IPv6 CIDR block with your VPC":
        https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html. A default VPC was made before, and may.
        """
        own = self.ipv6_generated.is_(True) | self.ipv6_cidr.is_set() | self.ipv6_pool.is_set()
        return (
            Truth.of(self.default) | own | attached_to(Ipv6Block, "vpc", self).where(lambda block: block.ipv6).exists()
        )

    @cached_property
    def subnets(self) -> Partial[Subnet]:
        return attached_to(Subnet, "vpc", self)

    @property
    def default(self) -> bool:
        """Whether it is the default VPC of a region, which AWS joins to the internet.

        https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc-components.html
        """
        return self.resource.kind == "aws_default_vpc"

    @cached_property
    def internet_gateways(self) -> Partial[View]:
        """The internet gateways attached to it, or the attachments where the gateways are not written here."""
        found: list[View] = []
        own = attached_to(InternetGateway, "vpc", self)
        attachments = attached_to(GatewayAttachment, "vpc", self).where(lambda a: a.gateway.is_set())
        for attachment in attachments.items:
            found += InternetGateway.referenced_by(attachment.gateway, self.deployment).items or [attachment]
        return Partial((*own.items, *found), merge_reasons(own.gaps, attachments.gaps))

    @property
    def has_internet_gateway(self) -> Truth:
        return self.internet_gateways.exists() | Truth.of(self.default)

    @cached_property
    def nat_gateways(self) -> Partial[NatGateway]:
        """The public NAT gateways in it."""
        found = attached_to(NatGateway, "vpc", self)
        for subnet in self.subnets.items:
            found = found + attached_to(NatGateway, "subnet", subnet)
        return Partial(found.items, merge_reasons(found.gaps, self.subnets.gaps)).where(
            lambda n: n.connectivity.is_("public")
        )

    @cached_property
    def _leads_out(self) -> Truth:
        """Whether something in it lets traffic out to the internet alone."""
        return self.nat_gateways.exists() | attached_to(EgressOnlyGateway, "vpc", self).exists()

    @property
    def has_way_to_internet(self) -> Truth:
        """Whether a gateway joins it to the internet, in either direction."""
        return self.has_internet_gateway | self._leads_out

    @property
    def talks_to_internet(self) -> Truth:
        """The same, where VPC Block Public Access leaves the way open."""
        gateway, outward = self.has_internet_gateway, self._leads_out
        blocks = blocks_for(self)
        if not blocks.items and not blocks.gaps:
            return gateway | outward
        let_out = self.exclusions.exists() | self.subnets.any(
            lambda s: attached_to(BlockExclusion, "subnet", s).exists()
        )
        everything = blocks.any(lambda options: options.everything) & ~let_out
        # a gateway to which outgoing traffic alone is let is taken for one
        return (gateway & ~(self.blocked & ~let_out)) | (outward & ~everything)

    @cached_property
    def exclusions(self) -> Partial[BlockExclusion]:
        """What excludes it as a whole from VPC Block Public Access."""
        return attached_to(BlockExclusion, "vpc", self)

    @cached_property
    def blocked(self) -> Truth:
        """Whether VPC Block Public Access keeps the internet from all of it."""
        answer = blocks_for(self).any(lambda options: options.incoming)
        if answer.is_false:
            return FALSE
        within = self.subnets.any(lambda s: attached_to(BlockExclusion, "subnet", s).any(lambda e: e.lets_in))
        return answer & ~(within | self.exclusions.any(lambda exclusion: exclusion.lets_in))

    @cached_property
    def route_tables(self) -> Partial[RouteTable]:
        return attached_to(RouteTable, "vpc", self) + attached_to(RouteTable, "default_of", self)

    @cached_property
    def main_tables(self) -> Partial[RouteTable]:
        """The route table of subnets that have none of their own; nothing is written for AWS's own one."""
        found = attached_to(RouteTable, "default_of", self)
        for association in attached_to(MainAssociation, "vpc", self).items:
            found = found + RouteTable.referenced_by(association.table, self.deployment)
        return found

    @cached_property
    def main_routes(self) -> Partial[Route]:
        """The routes of its main table, beyond the one to itself that every table has."""
        return _routes(self.main_tables) + attached_to(Route.Standalone, "table", self).map(Route.of)

    @cached_property
    def routes(self) -> Partial[Route]:
        """All routes in it."""
        return _routes(self.route_tables) + attached_to(Route.Standalone, "table", self).map(Route.of)

    @cached_property
    def default_acl(self) -> Partial[NetworkAcl]:
        """The network ACL that AWS makes with it, where it is managed here."""
        return attached_to(NetworkAcl, "default_of", self)

    @property
    def firewalls(self) -> Partial[Firewall]:
        """The Network Firewalls in it."""
        return attached_to(Firewall, "vpc", self)

    @property
    def firewall_endpoints(self) -> Partial[EndpointAssociation]:
        """Endpoints in it of firewalls elsewhere."""
        return attached_to(EndpointAssociation, "vpc", self)

    @property
    def inspection_endpoints(self) -> Partial[Endpoint]:
        """Gateway Load Balancer endpoints in it, behind which an appliance inspects."""
        return attached_to(Endpoint, "vpc", self).where(lambda e: e.type.is_("GatewayLoadBalancer"))

    @property
    def inspected_upstream(self) -> Truth:
        """Whether a default route hands its traffic to a transit gateway, where inspection is central."""
        return self.routes.any(lambda r: r.default & r.leads_to(Target.TRANSIT_GATEWAY))


# -- network ACLs ------------------------------------------------------------------------------------------------


class AclEntry(Block):
    """An entry of a network ACL, inline or as a resource of its own."""

    class Standalone(View, terraform="aws_network_acl_rule", cloudformation="AWS::EC2::NetworkAclEntry"):
        acl = attr(str, terraform="network_acl_id", cloudformation="NetworkAclId")
        egress = attr(bool, terraform="egress", cloudformation="Egress", default=False)
        """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-networkaclentry.html
        and https://registry.is_terraform.io/providers/hashicorp/aws/latest/docs/resources/network_acl_rule give the
        default."""

    number = attr(int, terraform=("rule_no", "rule_number"), cloudformation="RuleNumber")
    action = attr(str, terraform=("action", "rule_action"), cloudformation="RuleAction")
    protocol = attr(str, terraform="protocol", cloudformation="Protocol")
    from_port = attr(int, terraform="from_port", cloudformation="PortRange.From")
    to_port = attr(int, terraform="to_port", cloudformation="PortRange.To")
    ipv4 = attr(str, terraform="cidr_block", cloudformation="CidrBlock")
    ipv6 = attr(str, terraform="ipv6_cidr_block", cloudformation="Ipv6CidrBlock")

    @classmethod
    def select(cls, deployment: Deployment) -> Iterator[AclEntry]:
        """The entries of a deployment, those that are inline first."""
        for acl in NetworkAcl.select(deployment):
            for egress in (False, True):
                yield from acl.inline(egress)
        for item in cls.Standalone.select(deployment):
            yield cls(item.resource, deployment)

    def directed(self, egress: bool) -> Truth:
        """Whether it is an entry for what leaves, or for what comes in."""
        if self.prefix:
            return Truth.of(self.prefix.startswith("egress") is egress)
        return self.Standalone(self.resource, self.deployment).egress.is_(egress)

    @cached_property
    def acl(self) -> NetworkAcl | None:
        """The network ACL that it belongs to, where that is written here."""
        if self.prefix:
            return NetworkAcl(self.resource, self.deployment)
        found = NetworkAcl.referenced_by(self.Standalone(self.resource, self.deployment).acl, self.deployment).items
        return found[0] if found else None

    def through(self, egress: bool) -> FlowBounds:
        """What it lets through in one direction, beside the other entries of its network ACL.

        Of a network ACL that is not written here, only the entries are known that are.
        """
        entries = _entries(self, egress)
        own = next((e for key, e in entries.items() if key == (self.address, self.prefix)), None)
        if own is None:
            return FlowBounds()
        passed = Acl(tuple(entries.values()), _hidden_entries(self)).allowed_by(own)
        carries = self.carries_ipv6
        if carries.is_true:
            return passed
        certain = passed.certain & _IPV4
        possible = passed.possible & _IPV4 if carries.is_false else passed.possible
        return FlowBounds(certain, possible, merge_reasons(passed.reasons, carries.reasons))

    @property
    def vpc_link(self) -> Attr[str]:
        """The value that names its VPC, or the network ACL that is not written here."""
        if self.acl:
            return self.acl.vpc_link
        return self.Standalone(self.resource, self.deployment).acl

    @property
    def of_default(self) -> Truth:
        """Whether its network ACL is the one that AWS makes with a VPC."""
        if self.acl:
            return Truth.of(self.acl.default)
        if Vpc.referenced_by(self.vpc_link, self.deployment).items:
            return TRUE
        return Truth(None, self.vpc_link.reasons) if self._may_be_here else FALSE

    @property
    def as_made(self) -> Truth:
        """Whether it only says what AWS's own entries of a default network ACL say, for one IP version."""
        entry = self.as_entry
        whole = any_of(entry.addresses.contains(ALL_ADDRESSES.only(family)) for family in FAMILIES)
        return self.of_default & entry.allow & entry.traffic.is_all & whole

    @property
    def _may_be_here(self) -> bool:
        """Whether nothing is known of the value that names its VPC, so that it may be one that is written here."""
        unknown = self.vpc_link.unknown
        return bool(
            unknown and not self.vpc_link.refs and unknown.cause in (UnknownCause.UNSUPPORTED, UnknownCause.INVALID)
        )

    @cached_property
    def carries_ipv6(self) -> Truth:
        """Whether there is any IPv6 traffic where it stands: a VPC that is not written here may have it."""
        vpcs = Vpc.referenced_by(self.vpc_link, self.deployment).items
        if vpcs:
            return any_of(vpc.has_ipv6 for vpc in vpcs)
        return Truth(None, self.vpc_link.reasons) if self._may_be_here else TRUE

    @cached_property
    def traffic_value(self) -> TrafficBounds:
        """The traffic that it is about."""
        if not self.body.known:
            return TrafficBounds.unknown(*self.body.reasons)
        return traffic_from(self.protocol, self.from_port, self.to_port)

    @property
    def as_entry(self) -> AclRule:
        """The entry by itself, in whatever direction."""
        return self.entry(TRUE)

    @property
    def hidden_fellows(self) -> Truth:
        """Why its network ACL may have other entries; never certain."""
        hidden = _hidden_entries(self)
        return Truth(None, hidden) if hidden else FALSE

    def fellows(self, egress: bool) -> list[tuple[str, AclRule]]:
        """The other entries of its network ACL for one direction, each with the address where it is written."""
        own = (self.address, self.prefix)
        return [(key[0], entry) for key, entry in _entries(self, egress).items() if key != own]

    def opening(self, family: Family) -> Attr[str]:
        """The value that names the addresses."""
        return self.ipv4 if family == 4 else self.ipv6

    def entry(self, exists: Truth) -> AclRule:
        """The entry as the reasoning knows it."""
        if not self.body.known:
            reasons = self.body.reasons
            undecided = Truth(None, reasons)
            return AclRule(
                None, undecided, AddressBounds.unknown(*reasons), TrafficBounds.unknown(*reasons), undecided, reasons
            )
        number = self.number.data
        return AclRule(
            number if isinstance(number, int) else None,
            self.action.test(lambda action: str(action).lower() == "allow"),
            addresses_from(self.ipv4, self.ipv6),
            self.traffic_value,
            exists & self.exists,
            self.number.reasons,
        )


class NetworkAcl(View, terraform=("aws_network_acl", "aws_default_network_acl"), cloudformation="AWS::EC2::NetworkAcl"):
    vpc = attr(str, terraform="vpc_id", cloudformation="VpcId")
    subnets = attr(list, terraform="subnet_ids", cloudformation=None)
    default_of = attr(str, terraform="default_network_acl_id", cloudformation=None)

    @property
    def default(self) -> bool:
        """Whether it is the one that AWS makes with each VPC."""
        return self.resource.kind == "aws_default_network_acl"

    @property
    def vpc_link(self) -> Attr[str]:
        """The value that names its VPC."""
        return self.default_of if self.default else self.vpc

    def inline(self, egress: bool) -> Iterator[AclEntry]:
        """Its own entries for one direction."""
        if self.is_terraform:
            for body, prefix in parts(self, "egress" if egress else "ingress"):
                yield AclEntry(self.resource, self.deployment, body, prefix)

    @cached_property
    def placed(self) -> Partial[Subnet]:
        """The subnets that it is associated with, as far as they are written here."""
        found: Partial[Subnet] = Subnet.referenced_by(self.subnets, self.deployment)
        for association in attached_to(AclAssociation, "acl", self).items:
            found = found + Subnet.referenced_by(association.subnet, self.deployment)
        for vpc in Vpc.referenced_by(self.vpc_link, self.deployment).items if self.default else ():
            # the subnets of a VPC that are associated with no other
            found = found + vpc.subnets.where(lambda subnet: ~acls_of(subnet).exists())
        return found

    def allowed(self, egress: bool) -> FlowBounds:
        """What it lets through in one direction; it has no entry that is not written down but the last, a deny."""
        entries = [entry.entry(TRUE) for entry in self.inline(egress)]
        standalone = attached_to(AclEntry.Standalone, "acl", self)
        return Acl((*entries, *_standalone(standalone, egress)), standalone.gaps).allowed()


class AclAssociation(
    View, terraform="aws_network_acl_association", cloudformation="AWS::EC2::SubnetNetworkAclAssociation"
):
    subnet = attr(str, terraform="subnet_id", cloudformation="SubnetId")
    acl = attr(str, terraform="network_acl_id", cloudformation="NetworkAclId")


def _standalone(found: Partial[AclEntry.Standalone], egress: bool) -> list[AclRule]:
    entries: list[AclRule] = []
    for item in found.items:
        direction = item.egress.is_(egress)
        if direction.possible:
            entries.append(AclEntry(item.resource, item.deployment).entry(direction))
    return entries


def _entries(of: AclEntry, egress: bool) -> dict[tuple[str, str], AclRule]:
    """The entries of the network ACL that one belongs to, by their places."""
    deployment = of.deployment
    acl = of.acl
    place = acl.address if acl else _place(AclEntry.Standalone(of.resource, deployment)) or of.address
    key = (AclEntry, "entries of", place, egress)
    if key not in deployment.memo:
        views = list(acl.inline(egress)) if acl else []
        others = (
            attached_to(AclEntry.Standalone, "acl", acl).items if acl else _standalone_at(deployment).get(place, ())
        )
        views += [AclEntry(item.resource, deployment) for item in others]
        deployment.memo[key] = {(v.address, v.prefix): v.entry(v.directed(egress)) for v in views or [of]}
    found: dict[tuple[str, str], AclRule] = deployment.memo[key]
    return found


def _place(item: AclEntry.Standalone) -> str:
    """What names the network ACL of an entry; empty where nobody knows."""
    if item.acl.known:
        return str(item.acl.data)
    return next((f"{ref.address.resource}.{ref.attribute}" for ref in item.acl.refs), "")


def _standalone_at(deployment: Deployment) -> dict[str, tuple[AclEntry.Standalone, ...]]:
    """The entries that are resources of their own by what names their network ACL."""
    key = (AclEntry, "standalone")
    if key not in deployment.memo:
        made: dict[str, list[AclEntry.Standalone]] = {}
        for item in AclEntry.Standalone.select(deployment):
            made.setdefault(_place(item), []).append(item)
        deployment.memo[key] = {place: tuple(items) for place, items in made.items()}
    found: dict[str, tuple[AclEntry.Standalone, ...]] = deployment.memo[key]
    return found


def _hidden_entries(of: AclEntry) -> tuple[Reason, ...]:
    """Why the network ACL of an entry may have others: those of which nobody knows to which they belong."""
    if of.acl:
        return attached_to(AclEntry.Standalone, "acl", of.acl).gaps
    places = _standalone_at(of.deployment)
    own = AclEntry.Standalone(of.resource, of.deployment)
    if not _place(own):
        return own.acl.reasons if sum(map(len, places.values())) > 1 else ()
    return merge_reasons(*(item.acl.reasons for item in places.get("", ())))


_IPV4 = Flows.of(ALL_ADDRESSES.only(4), ALL_TRAFFIC)
_EVERYTHING = FlowBounds(Flows.of(ALL_ADDRESSES, ALL_TRAFFIC), Flows.of(ALL_ADDRESSES, ALL_TRAFFIC))
_AWS_ENTRY = AclRule(100, TRUE, AddressBounds.known(ALL_ADDRESSES), TrafficBounds.known(ALL_TRAFFIC))
"""What the default network ACL holds until somebody changes it.

https://docs.aws.amazon.com/vpc/latest/userguide/default-network-acl.html
"""


def acls_of(subnet: Subnet) -> Partial[NetworkAcl]:
    """The network ACL associated with a subnet; none where the default one of its VPC applies."""
    deployment = subnet.deployment
    found: dict[str, NetworkAcl] = {}
    associations = attached_to(AclAssociation, "subnet", subnet)
    gaps = associations.gaps
    for association in associations.items:
        at = NetworkAcl.referenced_by(association.acl, deployment)
        gaps = merge_reasons(gaps, at.gaps)
        found.update((acl.address, acl) for acl in at.items)
    by_subnet, unknown = _acls_by_subnet(deployment)
    for acl in by_subnet.get(subnet.resource.address.resource, ()):
        truth = acl.subnets.elements().any(subnet.is_identified_by)
        if truth.value:
            found.setdefault(acl.address, acl)
        elif truth.value is None:
            gaps = merge_reasons(gaps, truth.reasons)
    if found:
        return Partial(tuple(found.values()))
    return Partial((), merge_reasons(gaps, unknown))


def _acls_by_subnet(deployment: Deployment) -> tuple[dict[str, list[NetworkAcl]], tuple[Reason, ...]]:
    """The ACLs that list their subnets, by what they list; and why one may list others."""
    key = (NetworkAcl, "by subnet")
    if key not in deployment.memo:
        index: dict[str, list[NetworkAcl]] = {}
        reasons: tuple[Reason, ...] = ()
        for acl in NetworkAcl.select(deployment):
            for element in acl.subnets.elements().items:
                for ref in element.refs:
                    index.setdefault(ref.address.resource, []).append(acl)
                if not element.refs:
                    reasons = merge_reasons(reasons, element.reasons)
            if not acl.subnets.known:
                refs = acl.subnets.refs
                for ref in refs:
                    index.setdefault(ref.address.resource, []).append(acl)
                if not refs:
                    reasons = merge_reasons(reasons, acl.subnets.reasons)
        deployment.memo[key] = (index, reasons)
    found: tuple[dict[str, list[NetworkAcl]], tuple[Reason, ...]] = deployment.memo[key]
    return found


def admitted_by_acl(subnet: Subnet, egress: bool) -> FlowBounds:
    """What the network ACL of a subnet lets through in one direction."""
    acls = acls_of(subnet)
    if not acls.items and not acls.gaps:
        vpcs = Vpc.referenced_by(subnet.vpc, subnet.deployment)
        if not vpcs.items:
            return _EVERYTHING  # a network ACL that is not written here is taken for AWS's default one
        acls = vpcs.items[0].default_acl
        if not acls.items and not acls.gaps:
            changes = attached_to(AclEntry.Standalone, "acl", vpcs.items[0])
            return Acl((_AWS_ENTRY, *_standalone(changes, egress)), changes.gaps).allowed()
    if acls.items:
        return acls.items[0].allowed(egress)
    return FlowBounds(NO_FLOWS, _EVERYTHING.possible, acls.gaps)
