"""Amazon VPC: virtual private clouds and their subnets."""

from __future__ import annotations

from functools import cached_property

from iaclint.aws.joins import attached_to
from iaclint.aws.reasoning.cidr import Family
from iaclint.aws.services.routes import (
    MainAssociation,
    Route,
    RouteTable,
    RouteTableAssociation,
    Target,
    routes_of,
    standalone_routes_of,
)
from iaclint.aws.services.vpc_block_public_access import BlockExclusion, blocks_for
from iaclint.aws.services.vpc_gateways import EgressOnlyGateway, GatewayAttachment, InternetGateway, NatGateway
from iaclint.aws.views import View, attr
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, Reason, Truth, any_of, merge_reasons


class Ipv6Block(View, terraform="aws_vpc_ipv6_cidr_block_association", cloudformation="AWS::EC2::VPCCidrBlock"):
    """An additional address range of a VPC; in CloudFormation it can also be an IPv4 range."""

    vpc = attr(str, terraform="vpc_id", cloudformation="VpcId")
    generated = attr(bool, terraform="assign_generated_ipv6_cidr_block", cloudformation="AmazonProvidedIpv6CidrBlock")
    cidr = attr(str, terraform=None, cloudformation="Ipv6CidrBlock")
    pool = attr(str, terraform=None, cloudformation="Ipv6Pool")
    ipam_pool = attr(str, terraform=None, cloudformation="Ipv6IpamPoolId")

    @property
    def is_ipv6(self) -> Truth:
        """Whether it is an IPv6 range; Terraform's type always is."""
        given = (self.cidr.is_set(), self.pool.is_set(), self.ipam_pool.is_set())
        return Truth.of(self.is_terraform) | self.generated.is_(True) | any_of(given)


class Subnet(View, terraform=("aws_subnet", "aws_default_subnet"), cloudformation="AWS::EC2::Subnet"):
    """A subnet. `aws_default_subnet` manages a subnet of the default VPC."""

    vpc = attr(str, terraform="vpc_id", cloudformation="VpcId")
    cidr = attr(str, terraform="cidr_block", cloudformation="CidrBlock")
    maps_public_addresses = attr(bool, terraform="map_public_ip_on_launch", cloudformation="MapPublicIpOnLaunch")
    gives_ipv6_addresses = attr(
        bool, terraform="assign_ipv6_address_on_creation", cloudformation="AssignIpv6AddressOnCreation", default=False
    )

    @property
    def is_default(self) -> bool:
        """Whether it is a default subnet, which AWS creates with the default VPC and which is public.

        https://docs.aws.amazon.com/vpc/latest/userguide/default-subnet.html
        """
        return self.resource.kind == "aws_default_subnet"

    @cached_property
    def tables(self) -> Partial[RouteTable]:
        """The route table associated with it, at most one: without any it uses the main table of its VPC."""
        own: list[RouteTable] = []
        associations = attached_to(RouteTableAssociation, "subnet", self)
        gaps: tuple[Reason, ...] = associations.gaps
        for association in associations.items:
            found = RouteTable.referenced_by(association.table, self.deployment)
            own += found.items
            if found.items or Vpc.referenced_by(association.table, self.deployment).items:
                continue  # an attribute of the VPC gives its main table
            table = association.table
            gaps += found.gaps or (Reason(f"what the route table {table.data} holds is not written here", table.span),)
        return Partial(tuple(own)) if own else Partial((), gaps)

    @cached_property
    def routes(self) -> Partial[Route]:
        """The routes that apply to it: those of its table, else those of the main table of its VPC."""
        tables = self.tables
        if tables.items:
            return routes_of(tables)
        if tables.gaps:
            return Partial((), tables.gaps)
        vpcs = Vpc.referenced_by(self.vpc, self.deployment)
        if not vpcs.items:
            gaps = vpcs.gaps or (Reason(f"the routes of {self.address} are not written here", self.header),)
            return Partial((), gaps)
        return vpcs.items[0].main_routes

    def routes_to(self, target: Target, family: Family | None = None) -> Truth:
        """Return True if it has a default route to a kind of target, for one IP version or for either."""
        if self.is_default and not self.tables.items and not self.tables.gaps:
            return Truth.of(target is Target.INTERNET_GATEWAY and family != 6)
        return self.routes.any(lambda route: route.is_default_for(family) & route.leads_to(target))

    @property
    def public(self) -> Truth:
        """Whether it is a public subnet: its default route leads to an internet gateway.

        https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html
        """
        return self.routes_to(Target.INTERNET_GATEWAY)

    @cached_property
    def exclusions(self) -> Partial[BlockExclusion]:
        """The exclusions of this subnet from VPC Block Public Access."""
        return attached_to(BlockExclusion, "subnet", self)

    @cached_property
    def blocked(self) -> Truth:
        """Whether VPC Block Public Access blocks inbound traffic from the internet to it, whatever its routes are."""
        answer = blocks_for(self).any(lambda options: options.blocks_inbound)
        if answer.is_false:
            return FALSE
        excluded = self.exclusions.any(lambda exclusion: exclusion.allows_inbound)
        vpcs = Vpc.referenced_by(self.vpc, self.deployment).items
        for vpc in vpcs:
            excluded = excluded | vpc.exclusions.any(lambda exclusion: exclusion.allows_inbound)
        if not vpcs:
            # an exclusion of a VPC outside the scanned code may be of this subnet's VPC
            others = BlockExclusion.found_in(self.deployment).where(lambda e: e.vpc.is_set() & e.allows_inbound)
            reason = Reason(f"which VPC {self.address} is in is not known", self.vpc.span)
            excluded = excluded | (Truth(None, self.vpc.reasons or (reason,)) if others.items or others.gaps else FALSE)
        return answer & ~excluded

    @property
    def gives_public_addresses(self) -> Truth:
        """Whether instances launched in it get a public IPv4 address unless they decide it themselves."""
        return self.maps_public_addresses.is_(True) | (self.maps_public_addresses.is_(None) & Truth.of(self.is_default))

    @property
    def gives_public_ipv6_addresses(self) -> Truth:
        """Whether instances launched in it get an IPv6 address that the internet has a route to.

        All IPv6 addresses are globally unique; the internet cannot reach those that have only an egress-only gateway:
        https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html
        """
        given = self.gives_ipv6_addresses.is_(True)
        return given & self.routes_to(Target.INTERNET_GATEWAY, 6) if given.possible else FALSE

    @property
    def exposed(self) -> Truth:
        """Whether it is a public subnet, or gives public IPv4 addresses to instances launched in it."""
        return self.gives_public_addresses | self.public


class Vpc(View, terraform=("aws_vpc", "aws_default_vpc"), cloudformation="AWS::EC2::VPC"):
    """A VPC. `aws_default_vpc` manages the default VPC of a region."""

    cidr = attr(str, terraform="cidr_block", cloudformation="CidrBlock")
    ipv6_generated = attr(bool, terraform="assign_generated_ipv6_cidr_block", cloudformation=None)
    ipv6_cidr = attr(str, terraform="ipv6_cidr_block", cloudformation=None)
    ipv6_pool = attr(str, terraform="ipv6_ipam_pool_id", cloudformation=None)

    @property
    def is_default(self) -> bool:
        """Whether it is the default VPC of a region, which AWS creates with an internet gateway.

        https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc-components.html
        """
        return self.resource.kind == "aws_default_vpc"

    @cached_property
    def has_ipv6(self) -> Truth:
        """Whether it has an IPv6 block, without which it has no IPv6 traffic.

        "You can optionally associate an IPv6 CIDR block with your VPC":
        https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html. A default VPC exists before the code that
        manages it, so it is assumed to have one.
        """
        own = self.ipv6_generated.is_(True) | self.ipv6_cidr.is_set() | self.ipv6_pool.is_set()
        more = attached_to(Ipv6Block, "vpc", self).where(lambda block: block.is_ipv6).exists()
        return Truth.of(self.is_default) | own | more

    @cached_property
    def subnets(self) -> Partial[Subnet]:
        """Its subnets."""
        return attached_to(Subnet, "vpc", self)

    # -- gateways ----------------------------------------------------------------------------------------------------

    @cached_property
    def internet_gateways(self) -> Partial[View]:
        """The internet gateways attached to it; the attachment stands for a gateway outside the scanned code."""
        found: list[View] = []
        own = attached_to(InternetGateway, "vpc", self)
        attachments = attached_to(GatewayAttachment, "vpc", self).where(lambda a: a.gateway.is_set())
        for attachment in attachments.items:
            found += InternetGateway.referenced_by(attachment.gateway, self.deployment).items or [attachment]
        return Partial((*own.items, *found), merge_reasons(own.gaps, attachments.gaps))

    @property
    def has_internet_gateway(self) -> Truth:
        """Whether it has an internet gateway."""
        return self.internet_gateways.exists() | Truth.of(self.is_default)

    @cached_property
    def nat_gateways(self) -> Partial[NatGateway]:
        """The public NAT gateways in it."""
        found = attached_to(NatGateway, "vpc", self)
        for subnet in self.subnets.items:
            found = found + attached_to(NatGateway, "subnet", subnet)
        return Partial(found.items, merge_reasons(found.gaps, self.subnets.gaps)).where(
            lambda gateway: gateway.connectivity.is_("public")
        )

    @cached_property
    def _has_outbound_gateway(self) -> Truth:
        """Whether it has a gateway for outbound traffic alone."""
        return self.nat_gateways.exists() | attached_to(EgressOnlyGateway, "vpc", self).exists()

    @property
    def has_way_to_internet(self) -> Truth:
        """Whether it has a gateway to the internet, for inbound or outbound traffic."""
        return self.has_internet_gateway | self._has_outbound_gateway

    @property
    def talks_to_internet(self) -> Truth:
        """Whether it has a gateway to the internet that VPC Block Public Access leaves open."""
        gateway, outbound = self.has_internet_gateway, self._has_outbound_gateway
        blocks = blocks_for(self)
        if not blocks.items and not blocks.gaps:
            return gateway | outbound
        excluded = self.exclusions.exists() | self.subnets.any(lambda subnet: subnet.exclusions.exists())
        all_blocked = blocks.any(lambda options: options.blocks_all) & ~excluded
        # an internet gateway for which only outbound traffic is allowed counts
        return (gateway & ~(self.blocked & ~excluded)) | (outbound & ~all_blocked)

    # -- VPC Block Public Access -----------------------------------------------------------------------------------

    @cached_property
    def exclusions(self) -> Partial[BlockExclusion]:
        """The exclusions of the whole VPC from VPC Block Public Access."""
        return attached_to(BlockExclusion, "vpc", self)

    @cached_property
    def blocked(self) -> Truth:
        """Whether VPC Block Public Access blocks inbound traffic from the internet to all of it."""
        answer = blocks_for(self).any(lambda options: options.blocks_inbound)
        if answer.is_false:
            return FALSE
        within = self.subnets.any(lambda subnet: subnet.exclusions.any(lambda e: e.allows_inbound))
        return answer & ~(within | self.exclusions.any(lambda exclusion: exclusion.allows_inbound))

    # -- routes ----------------------------------------------------------------------------------------------------

    @cached_property
    def route_tables(self) -> Partial[RouteTable]:
        """Its route tables."""
        return attached_to(RouteTable, "vpc", self) + attached_to(RouteTable, "default_of", self)

    @cached_property
    def main_tables(self) -> Partial[RouteTable]:
        """The main route table, which subnets without an association use; none if it is as AWS created it."""
        found = attached_to(RouteTable, "default_of", self)
        for association in attached_to(MainAssociation, "vpc", self).items:
            found = found + RouteTable.referenced_by(association.table, self.deployment)
        return found

    @cached_property
    def main_routes(self) -> Partial[Route]:
        """The routes of its main table, without the local route that every table has."""
        return routes_of(self.main_tables) + standalone_routes_of(self)

    @cached_property
    def routes(self) -> Partial[Route]:
        """All routes in it."""
        return routes_of(self.route_tables) + standalone_routes_of(self)


def blocked_in_default_subnet(view: View) -> Truth:
    """Return True if VPC Block Public Access blocks inbound traffic to default subnets outside the scanned code.

    view  a resource in such a subnet, for its deployment and region
    """
    excluded = BlockExclusion.found_in(view.deployment).any(lambda e: _may_be_of_default_vpc(e) & e.allows_inbound)
    return blocks_for(view).any(lambda options: options.blocks_inbound) & ~excluded


def _may_be_of_default_vpc(exclusion: BlockExclusion) -> Truth:
    """Return True if an exclusion may be of the default VPC: it excludes that, or a VPC outside the scanned code."""
    vpcs = Vpc.referenced_by(exclusion.vpc, exclusion.deployment)
    subnets = Subnet.referenced_by(exclusion.subnet, exclusion.deployment)
    return Truth.of(all(vpc.is_default for vpc in vpcs.items) and all(subnet.is_default for subnet in subnets.items))
