"""Whether what passes between a VPC and the internet passes a firewall.

A firewall endpoint inspects only what a route sends to it. Between the internet and a subnet three routes matter: the
subnet's own to the endpoint, the firewall subnet's on to the gateway, and the gateway's back to the endpoint
(https://docs.aws.amazon.com/network-firewall/latest/developerguide/arch-igw-ngw.html).
"""

from __future__ import annotations

from iaclint.aws.joins import attached_to
from iaclint.aws.services.networkfirewall import EndpointAssociation, Firewall, SubnetMapping
from iaclint.aws.services.vpc import Endpoint, GatewayAssociation, NatGateway, Route, RouteTable, Subnet, Target, Vpc
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, TRUE, Reason, Truth, any_of

_INSPECTING = (
    *Firewall.terraform_kinds,
    *Firewall.cloudformation_kinds,
    *EndpointAssociation.terraform_kinds,
    *EndpointAssociation.cloudformation_kinds,
)


def passes_firewall(route: Route) -> Truth:
    """Whether a route hands its traffic to an endpoint behind which something inspects it."""
    if not route.body.known:
        return Truth(None, route.body.reasons)
    answer = FALSE
    for kind, value in route.targets:
        if kind is not Target.ENDPOINT:
            continue
        named = [resource for ref in value.refs for resource in route.deployment.resolve(ref)]
        if any(ref.address.type in _INSPECTING for ref in value.refs):
            return TRUE
        if any(resource.kind in _INSPECTING for resource in named):
            return TRUE
        endpoints = [r for r in named if r.kind in Endpoint.kinds(r.vendor)]
        if endpoints:
            answer = answer | Endpoint(endpoints[0], route.deployment).type.is_("GatewayLoadBalancer")
        else:
            reason = Reason(f"what is behind the endpoint {value.data} is not written here", value.span)
            answer = answer | Truth(None, value.reasons or (reason,))
    return answer & route.exists


class Boundary:
    """The firewalls of a VPC and the routes that lead to them."""

    def __init__(self, vpc: Vpc) -> None:
        self.vpc = vpc

    @property
    def mappings(self) -> tuple[SubnetMapping, ...]:
        """The subnets that firewall endpoints are in."""
        own = [mapping for firewall in self.vpc.firewalls.items for mapping in firewall.subnets]
        others = [mapping for endpoint in self.vpc.firewall_endpoints.items for mapping in endpoint.subnets]
        return (*own, *others)

    def is_own(self, subnet: Subnet) -> Truth:
        """Whether a subnet is one that firewall endpoints are in."""
        return any_of(
            subnet.is_identified_by(mapping.subnet) if mapping.body.known else Truth(None, mapping.body.reasons)
            for mapping in self.mappings
        )

    @property
    def own_subnets(self) -> Partial[Subnet]:
        return self.vpc.subnets.where(self.is_own)

    @property
    def used(self) -> Truth:
        """Whether any route in the VPC leads to a firewall endpoint."""
        return self.vpc.routes.any(passes_firewall)

    @property
    def before_nat(self) -> Truth:
        """Whether the firewall stands before NAT gateways: its own subnets send the inspected traffic to them."""
        return self.own_subnets.any(lambda subnet: subnet.routes_to(Target.NAT_GATEWAY))

    def bypasses(self, subnet: Subnet) -> Truth:
        """Whether a subnet reaches the internet gateway straight, although it is none of the firewall's.

        The subnet of a NAT gateway may, where the firewall stands before that gateway.
        """
        behind = attached_to(NatGateway, "subnet", subnet).exists() & self.before_nat
        return subnet.exists & subnet.public & ~self.is_own(subnet) & ~behind

    def protects(self, subnet: Subnet) -> Truth:
        """Whether what a subnet sends to the internet passes the firewall."""
        return subnet.routes.any(lambda route: route.default & passes_firewall(route))

    @property
    def lopsided(self) -> Truth:
        """Whether traffic leaves through the firewall to the internet gateway, and answers do not come back so."""
        leaves = self.vpc.subnets.any(self.protects) & self.own_subnets.any(lambda subnet: subnet.public)
        return leaves & ~self.returns

    @property
    def returns(self) -> Truth:
        """Whether the internet gateway has a route table that leads to the firewall."""
        return self.vpc.internet_gateways.any(
            lambda gateway: attached_to(GatewayAssociation, "gateway", gateway).any(self._leads_back)
        )

    def _leads_back(self, association: GatewayAssociation) -> Truth:
        tables = RouteTable.referenced_by(association.table, self.vpc.deployment)
        reason = Reason("the route table of the internet gateway is not written here", association.table.span)
        if not tables.items:
            return Truth(None, tables.gaps or (reason,))
        return tables.any(lambda table: table.routes.any(passes_firewall))

    def straight_routes(self) -> Partial[tuple[Route, tuple[Subnet, ...]]]:
        """The routes by which subnets reach the internet gateway past the firewall, each with its subnets."""
        found: dict[int, tuple[Route, list[Subnet]]] = {}
        straight = self.vpc.subnets.where(self.bypasses)
        for subnet in straight.items:
            for route in subnet.routes.items:
                if (route.default & route.leads_to(Target.INTERNET_GATEWAY)).is_true:
                    found.setdefault(id(route.body), (route, []))[1].append(subnet)
                    break
        return Partial(tuple((route, tuple(subnets)) for route, subnets in found.values()), straight.gaps)
