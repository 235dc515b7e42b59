"""Use of the default VPC of a region."""

from __future__ import annotations

from collections.abc import Iterator

from iaclint.aws.questions.datastores import DataStore
from iaclint.aws.questions.default_group import DefaultGroup
from iaclint.aws.questions.interfaces import interfaces_of
from iaclint.aws.questions.unused import unresolved_references
from iaclint.aws.services.ec2 import AutoScalingGroup, Server
from iaclint.aws.services.security_groups import SecurityGroup
from iaclint.aws.views import Block, Subject
from iaclint.model.inventory import Deployment, Resource
from iaclint.model.truth import FALSE, TRUE, Reason, Truth, any_of, merge_reasons


class DefaultVpcUse(Subject):
    """A resource that is in the default VPC of a region, or uses it.

    Resources without a subnet are created in it: https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc.html

    message   how it uses the default VPC, for a finding
    in_use    whether it does
    """

    def __init__(self, anchor: Block, message: str, in_use: Truth) -> None:
        super().__init__(anchor)
        self.message = message
        self.in_use = in_use

    @classmethod
    def select(cls, deployment: Deployment) -> Iterator[DefaultVpcUse]:
        """Yield the default VPC itself, data sources that look it up, and resources that may be created in it."""
        for resource in deployment.of_kind("aws_default_vpc", "aws_default_subnet"):
            yield cls(Block(resource, deployment), "the default VPC is taken over", TRUE)
        for resource in deployment.of_kind("data.aws_vpc"):
            looked_up = Block(resource, deployment)
            is_default = looked_up.read("default", bool).is_(True)
            used = _is_used(resource, deployment) if is_default.possible else FALSE
            yield cls(looked_up, "something is put into the default VPC, which is looked up here", is_default & used)
        for group in SecurityGroup.select(deployment):
            # "vpc_id - VPC ID. Defaults to the region's default VPC":
            # https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group
            elsewhere = group.vpc.is_set() | Truth.of(group.is_default)
            yield cls(group, "it names no VPC and lands in the default one", ~elsewhere)
        for server in Server.select(deployment):
            elsewhere = any_of((server.subnets.elements().exists(), _may_be_placed_elsewhere(server)))
            yield cls(server, "it names no subnet and lands in the default VPC", ~elsewhere)
        for store in DataStore.select(deployment):
            elsewhere = store.subnet_group.is_set() | ~store.has_own_security_groups | store.restored
            yield cls(store.anchor, "it names no subnets and lands in the default VPC", ~elsewhere)


_HARDENING_KINDS = ("aws_flow_log", "aws_default_network_acl", "aws_default_route_table")
"""Resource types that monitor a network, or manage a part that AWS creates with it: they put nothing into it."""
_PLACING_ATTRIBUTES = ("", "id", "ids", "arn", "main_route_table_id", "route_table_id")
"""The attributes of a network, or of a part of one, by which resources are placed in it."""


def _is_used(source: Resource, deployment: Deployment) -> Truth:
    """Return True if a resource is placed in the network that a data source looks up.

    Data sources that look up parts of that network are followed.
    """
    found: Truth = FALSE
    reached, left = {source.address.resource}, [source]
    while left:
        looked_up = left.pop()
        own = looked_up.address.resource
        for user in deployment.referrers.get(own, ()):
            refs = user.body.all_refs()
            if not any(ref.address.resource == own and ref.attribute in _PLACING_ATTRIBUTES for ref in refs):
                continue
            if not user.address.is_data:
                found = found | (user.exists & ~_only_hardens(user, deployment))
            elif user.address.resource not in reached:
                reached.add(user.address.resource)
                left.append(user)
        hidden = merge_reasons(deployment.gaps_about(looked_up), unresolved_references(deployment))
        found = found | (Truth(None, hidden) if hidden else FALSE)
    return found


def _only_hardens(user: Resource, deployment: Deployment) -> Truth:
    """Return True if a resource only hardens a network; a default security group does if it has no rules."""
    if user.kind == "aws_default_security_group":
        return ~DefaultGroup(SecurityGroup(user, deployment)).rules.exists()
    return Truth.of(user.kind in _HARDENING_KINDS)


def _may_be_placed_elsewhere(server: Server) -> Truth:
    """Return True if a network interface of a server has a subnet; undecided if a launch template may name one."""
    inside = any_of(Truth.of(bool(interface.subnets) or interface.separate) for interface in interfaces_of(server))
    has_template = bool(server.templates or server.mixed_templates) or server.configuration.is_set().possible
    if has_template or isinstance(server, AutoScalingGroup):
        return inside | Truth.undecided(Reason("where it is placed is not looked at", server.header))
    return inside
