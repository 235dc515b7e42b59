"""What runs in the subnets of a VPC, and what requests a public address for itself."""

from __future__ import annotations

import re
from typing import Any

from iaclint.aws.joins import per_deployment
from iaclint.aws.services import ecs, lambda_
from iaclint.aws.services.ec2 import (
    AutoScalingGroup,
    Instance,
    InterfaceSettings,
    LaunchConfiguration,
    LaunchTemplate,
    SpotInstanceRequest,
)
from iaclint.aws.services.elb import ClassicBalancer, LoadBalancer
from iaclint.aws.services.flow_logs import FlowLog
from iaclint.aws.services.network_acl import AclAssociation, NetworkAcl
from iaclint.aws.services.routes import RouteTableAssociation
from iaclint.aws.services.vpc import Subnet
from iaclint.aws.services.vpc_gateways import NatGateway
from iaclint.aws.views import Attr, Subject, View
from iaclint.model.inventory import Deployment
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, TRUE, Reason, Truth, merge_reasons
from iaclint.model.value import Value

_EDGE_NAME = re.compile(r"bastion|jump|\bnat\b|vpn|firewall|proxy|gateway", re.I)


class Workload(Subject):
    """An instance, an Auto Scaling group, a container service or a function."""

    anchors = (Instance, AutoScalingGroup, ecs.Service, lambda_.Function)
    anchor: Instance | AutoScalingGroup | ecs.Service | lambda_.Function

    @property
    def subnets(self) -> Attr[list[Any]]:
        """The property that names its subnets."""
        own = self.anchor.subnets
        if own.implicit and isinstance(self.anchor, Instance) and not self.anchor.interface_subnet.implicit:
            return self.anchor.interface_subnet
        return own

    @property
    def at_the_edge(self) -> Truth:
        """Whether it is meant for a public subnet: a NAT instance, a bastion, a proxy or the like.

        A NAT instance has its source/destination check off; the others are known by their names.
        """
        name = self.address.replace("_", " ")
        if _EDGE_NAME.search(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)):
            return TRUE
        forwards = self.anchor.source_check.is_(False) if isinstance(self.anchor, Instance) else FALSE
        return forwards | self._name_tag.test(lambda text: bool(_EDGE_NAME.search(str(text or "").replace("_", " "))))

    @property
    def _name_tag(self) -> Value[Any]:
        """Its tag `Name`."""
        tags = self.anchor.tags
        if isinstance(tags.data, tuple):
            named = [tag.key("Value") for tag in tags.data if tag.key("Key").is_("Name").is_true]
            if named:
                value: Value[Any] = named[0]
                return value
        return tags.key("Name")

    def is_in(self, subnet: Subnet) -> Truth:
        """Return True if it is placed in a subnet."""
        if not self.subnets.known:
            return self.deployment.refers_to(self.subnets, subnet.resource)
        return self.subnets.items().any(lambda item: self.deployment.refers_to(item, subnet.resource))

    def value_naming(self, subnet: Subnet) -> Value[Any]:
        """Return the element that names a subnet, or the whole list if no element certainly does."""
        named = self.subnets.items().where(lambda item: self.deployment.refers_to(item, subnet.resource))
        return named.items[0] if named.items else self.subnets


def workloads_in(subnet: Subnet) -> Partial[Workload]:
    """Return the workloads in a subnet; a gap for each workload whose subnets are unknown."""
    by_subnet, unknown = _workloads_by_subnet(subnet.deployment)
    candidates = by_subnet.get(subnet.address.resource, [])
    return Partial(tuple(candidates), unknown).where(lambda workload: workload.is_in(subnet))


@per_deployment
def _workloads_by_subnet(deployment: Deployment) -> tuple[dict[str, list[Workload]], tuple[Reason, ...]]:
    """Return the workloads by what their subnets refer to, and why the subnets of the others are unknown."""
    by_subnet: dict[str, list[Workload]] = {}
    unknown: tuple[Reason, ...] = ()
    for workload in Workload.select(deployment):
        addresses = {ref.address.resource for ref in workload.subnets.all_refs()}
        for address in addresses:
            by_subnet.setdefault(address, []).append(workload)
        if not addresses:
            unknown = merge_reasons(unknown, workload.subnets.reasons)
    return by_subnet, unknown


# -- what else is in a subnet -----------------------------------------------------------------------------------------


def _kinds(*types: type[View]) -> frozenset[str]:
    return frozenset(kind for view in types for kind in (*view.terraform_kinds, *view.cloudformation_kinds))


_EDGE_KINDS = _kinds(LoadBalancer, ClassicBalancer, NatGateway)
"""Resource types that belong into a public subnet."""
_ASSOCIATION_KINDS = _kinds(RouteTableAssociation, AclAssociation, FlowLog) | {*NetworkAcl.terraform_kinds}
"""Resource types that configure or monitor a subnet and run nothing in it."""


def holds_only_edge(subnet: Subnet) -> bool:
    """Return True if a subnet certainly holds load balancers or NAT gateways, and nothing else in the scanned code."""
    kinds = {resource.kind for resource in subnet.deployment.referrers.get(subnet.address.resource, ())}
    return bool(kinds & _EDGE_KINDS) and kinds <= _EDGE_KINDS | _ASSOCIATION_KINDS


# -- requests for public addresses ------------------------------------------------------------------------------------


class AddressRequest(Subject):
    """A resource that can request a public address for what it starts, whatever the setting of the subnet is."""

    anchors = (Instance, SpotInstanceRequest, LaunchTemplate, LaunchConfiguration, ecs.Service)
    anchor: Instance | SpotInstanceRequest | LaunchTemplate | LaunchConfiguration | ecs.Service

    @property
    def requests(self) -> tuple[tuple[Attr[Any], object], ...]:
        """The properties that may request an address, each with the value that requests none."""
        anchor = self.anchor
        if isinstance(anchor, ecs.Service):
            return ((anchor.assign_public_ip, False if anchor.is_terraform else "DISABLED"),)
        interfaces: tuple[InterfaceSettings, ...] = ()
        if not isinstance(anchor, LaunchConfiguration):
            interfaces = anchor.interfaces
        own = () if isinstance(anchor, LaunchTemplate) else ((anchor.public, False),)
        return (*own, *((settings.public, False) for settings in interfaces))

    @property
    def is_nat_instance(self) -> Truth:
        """Whether it is a NAT instance, which needs a public address: its source/destination check is off."""
        if isinstance(self.anchor, (Instance, SpotInstanceRequest)):
            return self.anchor.source_check.is_(False)
        return FALSE
