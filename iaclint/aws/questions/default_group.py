"""The default security group of each VPC: the rules that it keeps, and what is placed in it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from iaclint.aws.joins import per_deployment
from iaclint.aws.questions.datastores import DataStore
from iaclint.aws.questions.interfaces import interfaces_of, values_of
from iaclint.aws.services.ec2 import NetworkInterface, Server
from iaclint.aws.services.elb import LoadBalancer
from iaclint.aws.services.security_groups import (
    DEFAULT_GROUP_ATTRIBUTES,
    EgressRule,
    IngressRule,
    SecurityGroup,
    SecurityGroupRule,
    default_groups_of,
    standalone_rules_by_owner,
)
from iaclint.aws.services.vpc import Subnet, Vpc
from iaclint.aws.views import Block, Subject
from iaclint.model.inventory import Deployment, Resource
from iaclint.model.partial import Partial
from iaclint.model.truth import Reason, Truth, any_of, merge_reasons
from iaclint.model.value import Value


class DefaultGroup(Subject):
    """The security group that AWS creates with each VPC; it allows traffic among its members and all outbound traffic.

    https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html
    """

    anchor: Vpc | SecurityGroup

    @classmethod
    def select(cls, deployment: Deployment) -> Iterator[DefaultGroup]:
        """Yield one for each VPC, then the managed ones of VPCs outside the scanned code."""
        seen: set[str] = set()
        for vpc in Vpc.select(deployment):
            yield cls(vpc)
            seen |= {group.address for group in default_groups_of(vpc).items}
        for group in SecurityGroup.select(deployment):
            if group.is_default and group.address not in seen and not Vpc.referenced_by(group.vpc, deployment).items:
                yield cls(group)

    @property
    def vpc(self) -> Vpc | None:
        """Its VPC; None if that is outside the scanned code."""
        return self.anchor if isinstance(self.anchor, Vpc) else None

    @cached_property
    def managed(self) -> Partial[SecurityGroup]:
        """The resource that manages it; its rules replace those that AWS created."""
        return default_groups_of(self.anchor) if isinstance(self.anchor, Vpc) else Partial((self.anchor,))

    @cached_property
    def rules(self) -> Partial[SecurityGroupRule]:
        """Its rules in the scanned code."""
        rules: list[SecurityGroupRule] = []
        gaps: tuple[Reason, ...] = ()
        for group in self.managed.items:
            rules += [*group.ingress.items, *group.egress.items]
            gaps = merge_reasons(gaps, group.ingress.gaps, group.egress.gaps)
        if not self.managed.items and self.vpc:
            for rule_type in (IngressRule, EgressRule):
                index = standalone_rules_by_owner(self.deployment, rule_type)
                candidates = index.get(self.vpc.address.resource, ())
                rules += [rule for _, rule in candidates if _is_default_group(rule.group_id, self.vpc)]
                # a rule whose group is unknown may be meant for it
                gaps = merge_reasons(gaps, *(rule.group_id.reasons for _, rule in index.get("", ())))
        return Partial(tuple(rules), gaps).where(lambda rule: rule.is_present)

    @property
    def left_open(self) -> Truth:
        """Whether it keeps the rules that AWS created although a resource could remove them.

        Only Terraform has such a resource.
        """
        return self.unmanaged & Truth.of(self.anchor.is_terraform)

    @property
    def unmanaged(self) -> Truth:
        """Whether it keeps the rules that AWS created."""
        return ~self.managed.exists()

    @cached_property
    def members(self) -> Partial[Block | Resource]:
        """The resources placed in it: those that name it, and those in its VPC that name no security group."""
        if self.vpc is None:
            return Partial(())
        found: dict[str, Block | Resource] = {}
        gaps: tuple[Reason, ...] = ()
        for resource in self.deployment.referrers.get(self.vpc.address.resource, ()):
            if resource.kind in _RULE_KINDS:
                continue
            if any(_is_default_group(part, self.vpc) for part in resource.body.walk()):
                found[resource.address] = resource
        for view, subnets, names_group in _maybe_without_group(self.deployment):
            truth = Partial(subnets).any(self._holds) & ~names_group & view.exists
            if truth.is_true:
                found[view.address] = view
            elif truth.value is None:
                gaps = merge_reasons(gaps, truth.reasons)
        return Partial(tuple(found.values()), gaps)

    def _holds(self, value: Value[Any]) -> Truth:
        """Return True if a value names a subnet of this VPC."""
        vpc = self.vpc
        assert vpc is not None
        subnets = Subnet.referenced_by(value, self.deployment)
        return subnets.any(lambda subnet: vpc.is_identified_by(subnet.vpc))


def _is_default_group(value: Value[Any], vpc: Vpc) -> bool:
    """Return True if a value is the default security group of a VPC."""
    own = vpc.address.resource
    return any(ref.attribute in DEFAULT_GROUP_ATTRIBUTES and ref.address.resource == own for ref in value.refs)


_RULE_KINDS = frozenset(
    kind for kinds in (*IngressRule.standalone_kinds, *EgressRule.standalone_kinds) for kind in kinds
)


@per_deployment
def _maybe_without_group(deployment: Deployment) -> list[tuple[Block, tuple[Value[Any], ...], Truth]]:
    """Return the resources in a VPC that may name no security group, with their subnets and whether they name one."""
    found: list[tuple[Block, tuple[Value[Any], ...], Truth]] = []
    for server in Server.select(deployment):
        for interface in interfaces_of(server):
            if not interface.separate:
                found.append((server, interface.subnets, _is_any_set(interface.groups)))
    for network_interface in NetworkInterface.select(deployment):
        groups = values_of(network_interface.groups)
        found.append((network_interface, values_of(network_interface.subnet), _is_any_set(groups)))
    for balancer in LoadBalancer.select(deployment):
        # only an application load balancer needs a security group
        names_group = _is_any_set(values_of(balancer.groups)) | ~balancer.application
        found.append((balancer, values_of(balancer.subnets), names_group))
    for store in DataStore.select(deployment):
        names_group = _is_any_set(store.security_groups) | ~store.has_own_security_groups
        found.append((store.anchor, store.subnet_values, names_group))
    return [row for row in found if not row[2].is_true]


def _is_any_set(values: tuple[Value[Any], ...]) -> Truth:
    return any_of(value.is_set() for value in values)
