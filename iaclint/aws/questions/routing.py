"""Where the routes between VPCs lead."""

from __future__ import annotations

from iaclint.aws.reasoning.cidr import addresses_from
from iaclint.aws.services.routes import Route, RouteTable, Target
from iaclint.aws.services.vpc import Vpc
from iaclint.aws.services.vpc_gateways import Peering
from iaclint.model.truth import Truth
from iaclint.model.value import UnknownCause, Value


def is_broader_than_peer(route: Route) -> Truth:
    """Return True if a route to a peering connection covers the peer VPC's address range and more.

    If neither VPC of the connection is in the scanned code, only a default route certainly does.
    """
    if not route.body.known:
        return Truth(None, route.body.reasons)
    answer = route.is_default
    for target, value in route.targets:
        if target is Target.PEERING:
            for peering in Peering.referenced_by(value, route.deployment).items:
                for vpc in (peering.vpc, peering.peer):
                    answer = answer | _is_broader_than(route, vpc)
    return answer


def _is_broader_than(route: Route, value: Value[str]) -> Truth:
    """Return True if a route from another VPC covers more than the address range of the VPC that a value names."""
    # an input is the id of no VPC in the scanned code
    is_hidden = value.unknown and not value.refs and value.unknown.cause is not UnknownCause.INPUT
    answer = Truth(None, value.reasons) if is_hidden else Truth.of(False)
    destination = route.destination
    for vpc in Vpc.referenced_by(value, route.deployment).items:
        own = addresses_from(vpc.cidr)
        if own.certain and own.certain == own.possible:
            broader = destination.contains(own.certain) & Truth.of(destination.possible != own.certain)
            answer = answer | (broader & ~_starts_in(route, vpc))
        elif own.possible:
            answer = answer | Truth(None, own.reasons)
    return answer


def _starts_in(route: Route, vpc: Vpc) -> Truth:
    """Return True if the table of a route belongs to a VPC."""
    if route.prefix:
        return vpc.is_identified_by(RouteTable(route.resource, route.deployment).vpc)
    tables = RouteTable.referenced_by(route.table, route.deployment)
    return tables.any(lambda table: vpc.is_identified_by(table.vpc)) | vpc.is_identified_by(route.table)
