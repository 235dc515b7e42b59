"""The boundary of a VPC: whether a firewall inspects the traffic between it and the internet.

A firewall endpoint inspects only the traffic that routes send to it. Between the internet and a subnet, three routes
matter: from the subnet to the endpoint, from the firewall subnet to the internet gateway, and from the gateway back to
the endpoint (https://docs.aws.amazon.com/network-firewall/latest/developerguide/arch-igw-ngw.html).
"""

from __future__ import annotations

from iaclint.aws.joins import attached_to
from iaclint.aws.services.networkfirewall import EndpointAssociation, Firewall, SubnetMapping
from iaclint.aws.services.routes import Route, RouteTable, RouteTableAssociation, Target
from iaclint.aws.services.vpc import Subnet, Vpc
from iaclint.aws.services.vpc_endpoints import Endpoint
from iaclint.aws.services.vpc_gateways import NatGateway
from iaclint.aws.views import Subject
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, TRUE, Reason, Truth, any_of

_INSPECTING_KINDS = frozenset(
    {
        *(*Firewall.terraform_kinds, *Firewall.cloudformation_kinds),
        *(*EndpointAssociation.terraform_kinds, *EndpointAssociation.cloudformation_kinds),
    }
)


def leads_to_firewall(route: Route) -> Truth:
    """Return True if a route leads to an endpoint of a firewall or of a Gateway Load Balancer."""
    if not route.body.known:
        return Truth(None, route.body.reasons)
    answer = FALSE
    for target, value in route.targets:
        if target is not Target.ENDPOINT:
            continue
        resources = [resource for ref in value.refs for resource in route.deployment.resolve(ref)]
        if any(ref.address.type in _INSPECTING_KINDS for ref in value.refs):
            return TRUE
        if any(resource.kind in _INSPECTING_KINDS for resource in resources):
            return TRUE
        endpoints = Endpoint.referenced_by(value, route.deployment).items
        if endpoints:
            answer = answer | endpoints[0].type.is_("GatewayLoadBalancer")
        else:
            reason = Reason(f"what is behind the endpoint {value.data} is not written here", value.span)
            answer = answer | Truth(None, value.reasons or (reason,))
    return answer & route.exists


class Boundary(Subject):
    """A VPC, for its firewalls and the routes that lead to them."""

    anchors = (Vpc,)
    anchor: Vpc

    @property
    def vpc(self) -> Vpc:
        """The VPC."""
        return self.anchor

    @property
    def firewalls(self) -> Partial[Firewall]:
        """The Network Firewalls in the VPC."""
        return attached_to(Firewall, "vpc", self.vpc)

    @property
    def firewall_endpoints(self) -> Partial[EndpointAssociation]:
        """The endpoints, in the VPC, of firewalls of other VPCs."""
        return attached_to(EndpointAssociation, "vpc", self.vpc)

    @property
    def inspection_endpoints(self) -> Partial[Endpoint]:
        """The Gateway Load Balancer endpoints in the VPC, behind which appliances inspect traffic."""
        return attached_to(Endpoint, "vpc", self.vpc).where(lambda e: e.type.is_("GatewayLoadBalancer"))

    @property
    def inspected_upstream(self) -> Truth:
        """Return True if a default route leads to a transit gateway, behind which traffic is inspected centrally."""
        return self.vpc.routes.any(lambda route: route.is_default & route.leads_to(Target.TRANSIT_GATEWAY))

    @property
    def used(self) -> Truth:
        """Return True if any route in the VPC leads to a firewall."""
        return self.vpc.routes.any(leads_to_firewall)

    @property
    def mappings(self) -> tuple[SubnetMapping, ...]:
        """The subnets of the firewall endpoints."""
        own = [mapping for firewall in self.firewalls.items for mapping in firewall.subnets]
        others = [mapping for endpoint in self.firewall_endpoints.items for mapping in endpoint.subnets]
        return (*own, *others)

    def is_firewall_subnet(self, subnet: Subnet) -> Truth:
        """Return True if a subnet has a firewall endpoint."""
        return any_of(
            subnet.is_identified_by(mapping.subnet) if mapping.body.known else Truth(None, mapping.body.reasons)
            for mapping in self.mappings
        )

    @property
    def firewall_subnets(self) -> Partial[Subnet]:
        """The subnets with a firewall endpoint."""
        return self.vpc.subnets.where(self.is_firewall_subnet)

    @property
    def before_nat(self) -> Truth:
        """Return True if firewall subnets send the inspected traffic on to NAT gateways."""
        return self.firewall_subnets.any(lambda subnet: subnet.routes_to(Target.NAT_GATEWAY))

    def bypasses(self, subnet: Subnet) -> Truth:
        """Return True if a subnet has a route straight to the internet gateway, past the firewall.

        The subnet of a NAT gateway may have one if traffic is inspected before it reaches the NAT gateway.
        """
        behind = attached_to(NatGateway, "subnet", subnet).exists() & self.before_nat
        return subnet.exists & subnet.public & ~self.is_firewall_subnet(subnet) & ~behind

    def protects(self, subnet: Subnet) -> Truth:
        """Return True if the default route of a subnet leads to a firewall."""
        return subnet.routes.any(lambda route: route.is_default & leads_to_firewall(route))

    @property
    def asymmetric_routing(self) -> Truth:
        """Return True if outbound traffic passes the firewall to the internet gateway, and responses do not pass it."""
        leaves = self.vpc.subnets.any(self.protects) & self.firewall_subnets.any(lambda subnet: subnet.public)
        return leaves & ~self.inspects_responses

    @property
    def inspects_responses(self) -> Truth:
        """Return True if the internet gateway has a route table that leads to the firewall."""
        return self.vpc.internet_gateways.any(
            lambda gateway: attached_to(RouteTableAssociation, "gateway", gateway).any(self._leads_back)
        )

    def _leads_back(self, association: RouteTableAssociation) -> Truth:
        tables = RouteTable.referenced_by(association.table, self.deployment)
        reason = Reason("the route table of the internet gateway is not written here", association.table.span)
        if not tables.items:
            return Truth(None, tables.gaps or (reason,))
        return tables.any(lambda table: table.routes.any(leads_to_firewall))

    def routes_around_firewall(self) -> Partial[tuple[Route, tuple[Subnet, ...]]]:
        """Return the routes straight to the internet gateway, past the firewall, each with the subnets that use it."""
        found: dict[int, tuple[Route, list[Subnet]]] = {}
        bypassing = self.vpc.subnets.where(self.bypasses)
        for subnet in bypassing.items:
            for route in subnet.routes.items:
                if (route.is_default & route.leads_to(Target.INTERNET_GATEWAY)).is_true:
                    found.setdefault(id(route.body), (route, []))[1].append(subnet)
                    break
        return Partial(tuple((route, tuple(subnets)) for route, subnets in found.values()), bypassing.gaps)
