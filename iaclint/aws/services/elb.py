"""Elastic Load Balancing."""

from __future__ import annotations

from typing import Any

from iaclint.aws.services.ec2 import SecurityGroup, SecurityGroupRule
from iaclint.aws.views import Block, View, attr, blocks, coerce
from iaclint.model.inventory import Deployment
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, TRUE, Truth, all_of
from iaclint.model.value import Value


class LoadBalancer(View, terraform=("aws_lb", "aws_alb"), cloudformation="AWS::ElasticLoadBalancingV2::LoadBalancer"):
    """An application, network or gateway load balancer.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html gives the defaults:
    application, and internet-facing.
    """

    name = attr(str, terraform="name", cloudformation="Name")
    type = attr(str, terraform="load_balancer_type", cloudformation="Type", default="application")
    internal = attr(bool, terraform="internal", cloudformation=None)
    scheme = attr(str, terraform=None, cloudformation="Scheme")
    groups = attr(list, terraform="security_groups", cloudformation="SecurityGroups")
    subnets = attr(list, terraform="subnets", cloudformation="Subnets")
    invalid_headers_dropped = attr(bool, terraform="drop_invalid_header_fields", cloudformation=None)
    desync_mode = attr(str, terraform="desync_mitigation_mode", cloudformation=None)
    attributes = attr(list, terraform=None, cloudformation="LoadBalancerAttributes")

    @property
    def drops_invalid_headers(self) -> Value[Any]:
        """Whether headers that no standard allows are dropped; null where nothing is said, which is no."""
        if self.is_terraform:
            return self.invalid_headers_dropped
        return self._attribute("routing.http.drop_invalid_header_fields.enabled", bool)

    @property
    def desync_mitigation(self) -> Value[Any]:
        """What is done with requests that could be read in two ways; null where nothing is said, which is defensive.

        https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html gives the
        defaults of the attributes.
        """
        return self.desync_mode if self.is_terraform else self._attribute("routing.http.desync_mitigation_mode", str)

    def _attribute(self, key: str, kind: Any) -> Value[Any]:
        """An attribute of CloudFormation's list; null where it is not in there."""
        unseen: Value[Any] | None = None if self.attributes.known else self.attributes
        for item in self.attributes.elements().items:
            named = item.key("Key").is_(key)
            if named.is_true:
                value = item.key("Value")
                return value.with_data(coerce(value.data, kind))
            if not named.decided:
                unseen = item.key("Key")
        return Value(None, self.header, implicit=True) if unseen is None else unseen

    @property
    def application(self) -> Truth:
        return self.type.is_("application")

    @property
    def internet_facing(self) -> Truth:
        return ~self.internal.is_(True) & ~self.scheme.is_("internal")

    @property
    def closed_by_groups(self) -> Truth:
        """Whether its security groups let in nothing from the internet but AWS's own services, such as CloudFront.

        Only groups that are written here can show that.
        """
        tris: list[Truth] = []
        if not self.groups.known and not self.groups.refs:
            return Truth(None, self.groups.reasons)
        for value in self.groups.elements().items:
            found = SecurityGroup.referenced_by(value, self.deployment)
            if not found.items:
                if not value.known and not value.refs:
                    return Truth(None, value.reasons)
                return FALSE
            for group in found.items:
                rules = group.ingress
                tris.append(~rules.any(lambda rule: rule.addresses.any_public() & rule.exists))
        return all_of(tris) if tris else FALSE


class ClassicBalancer(View, terraform="aws_elb", cloudformation="AWS::ElasticLoadBalancing::LoadBalancer"):
    """A Classic Load Balancer."""

    groups = attr(list, terraform="security_groups", cloudformation="SecurityGroups")
    desync_mode = attr(str, terraform="desync_mitigation_mode", cloudformation=None)


class HeaderHandling(
    LoadBalancer, terraform=(*LoadBalancer.terraform_kinds, "aws_elb"), cloudformation=LoadBalancer.cloudformation_kinds
):
    """A load balancer that reads requests, for what it does with malformed ones."""

    @property
    def routes_requests(self) -> Truth:
        """Whether it reads requests at all."""
        return TRUE if self.resource.kind == "aws_elb" else self.application

    @property
    def can_drop(self) -> Truth:
        """Whether it can drop headers; a classic one cannot."""
        return Truth.of(self.resource.kind != "aws_elb")

    @property
    def settable(self) -> bool:
        """Whether a property of its own decides that, and no member of a list."""
        return self.is_terraform


class ListenerAction(Block):
    type = attr(str, terraform="type", cloudformation="Type")


class Listener(
    View, terraform=("aws_lb_listener", "aws_alb_listener"), cloudformation="AWS::ElasticLoadBalancingV2::Listener"
):
    balancer = attr(str, terraform="load_balancer_arn", cloudformation="LoadBalancerArn")
    port = attr(int, terraform="port", cloudformation="Port")
    actions = blocks(ListenerAction, terraform="default_action", cloudformation="DefaultActions")

    @property
    def redirects(self) -> Truth:
        """Whether it only sends clients elsewhere, as from HTTP to HTTPS."""
        return Truth.of(bool(self.actions)) & all_of(action.type.is_("redirect") for action in self.actions)


def redirecting(rule: SecurityGroupRule) -> Truth:
    """Whether a rule belongs to the security group of a load balancer that answers port 80 with a redirect."""
    groups, hidden = _redirecting_groups(rule.deployment)
    return Truth.of(any(place in groups for place in rule.places)) | hidden


def _redirecting_groups(deployment: Deployment) -> tuple[frozenset[str], Truth]:
    """The addresses of such groups, and why there may be others."""
    key = (Listener, "redirecting groups")
    if key not in deployment.memo:
        found: set[str] = set()
        hidden = FALSE
        for listener in Listener.select(deployment):
            truth = listener.port.is_(80) & listener.redirects
            balancers = LoadBalancer.referenced_by(listener.balancer, deployment)
            if truth.possible:
                hidden = hidden | balancers.any(lambda _: FALSE)
            for balancer in balancers.items if truth.possible else ():
                groups = {ref.address.resource for ref in balancer.groups.all_refs()}
                if truth.is_true:
                    found |= groups
                hidden = hidden | (FALSE if truth.decided else truth)
                if not groups and balancer.groups.reasons:
                    hidden = hidden | Truth(None, balancer.groups.reasons)
        deployment.memo[key] = (frozenset(found), hidden)
    groups_and_hidden: tuple[frozenset[str], Truth] = deployment.memo[key]
    return groups_and_hidden


class GroupedBalancer(
    View,
    terraform=(*LoadBalancer.terraform_kinds, *ClassicBalancer.terraform_kinds),
    cloudformation=(*LoadBalancer.cloudformation_kinds, *ClassicBalancer.cloudformation_kinds),
):
    """A load balancer of any kind, for its security groups."""

    groups = LoadBalancer.groups

    @property
    def named_groups(self) -> list[tuple[Value[Any], Partial[SecurityGroup]]]:
        """The values that name its groups, each with the groups as far as they are written here."""
        values = self.groups.items().items if self.groups.known else (self.groups,)
        return [(value, SecurityGroup.referenced_by(value, self.deployment)) for value in values]
