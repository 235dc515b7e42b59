"""Elastic Load Balancing."""

from __future__ import annotations

from typing import Any

from iaclint.aws.ec2 import SecurityGroup, SecurityGroupRule
from iaclint.aws.model import Typed, View, attr, blocks, coerce
from iaclint.estate import Deployment, stem
from iaclint.value import NO, YES, Population, Tri, Value, tri_all


class LoadBalancer(Typed, tf=("aws_lb", "aws_alb"), cfn="AWS::ElasticLoadBalancingV2::LoadBalancer"):
    """An application, network or gateway load balancer.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html gives the defaults:
    application, and internet-facing.
    """

    name = attr(str, tf="name", cfn="Name")
    type = attr(str, tf="load_balancer_type", cfn="Type", default="application")
    internal = attr(bool, tf="internal", cfn=None)
    scheme = attr(str, tf=None, cfn="Scheme")
    groups = attr(list, tf="security_groups", cfn="SecurityGroups")
    subnets = attr(list, tf="subnets", cfn="Subnets")
    invalid_headers_dropped = attr(bool, tf="drop_invalid_header_fields", cfn=None)
    desync_mode = attr(str, tf="desync_mitigation_mode", cfn=None)
    attributes = attr(list, tf=None, cfn="LoadBalancerAttributes")

    @property
    def drops_invalid_headers(self) -> Value[Any]:
        """Whether headers that no standard allows are dropped; null where nothing is said, which is no."""
        if self.terraform:
            return self.invalid_headers_dropped
        return self._attribute("routing.http.drop_invalid_header_fields.enabled", bool)

    @property
    def desync_mitigation(self) -> Value[Any]:
        """What is done with requests that could be read in two ways; null where nothing is said, which is defensive.

        https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html gives the
        defaults of the attributes.
        """
        return self.desync_mode if self.terraform else self._attribute("routing.http.desync_mitigation_mode", str)

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
        return unseen or Value(None, self.header, implicit=True)

    @property
    def application(self) -> Tri:
        return self.type.is_("application")

    @property
    def internet_facing(self) -> Tri:
        return ~self.internal.is_(True) & ~self.scheme.is_("internal")

    @property
    def closed_by_groups(self) -> Tri:
        """Whether its security groups let in nothing from the internet but AWS's own services, such as CloudFront.

        Only groups that are written here can show that.
        """
        tris: list[Tri] = []
        if not self.groups.known and not self.groups.refs:
            return Tri(None, self.groups.reasons)
        for value in self.groups.elements().items:
            found = SecurityGroup.at(value, self.deployment)
            if not found.items:
                if not value.known and not value.refs:
                    return Tri(None, value.reasons)
                return NO
            for group in found.items:
                rules = group.ingress
                tris.append(~rules.any(lambda rule: rule.addresses.any_public() & rule.exists))
        return tri_all(tris) if tris else NO


class ClassicBalancer(Typed, tf="aws_elb", cfn="AWS::ElasticLoadBalancing::LoadBalancer"):
    """A Classic Load Balancer."""

    groups = attr(list, tf="security_groups", cfn="SecurityGroups")
    desync_mode = attr(str, tf="desync_mitigation_mode", cfn=None)


class HeaderHandling(LoadBalancer, tf=(*LoadBalancer.tf_kinds, "aws_elb"), cfn=LoadBalancer.cfn_kinds):
    """A load balancer that reads requests, for what it does with malformed ones."""

    @property
    def routes_requests(self) -> Tri:
        """Whether it reads requests at all."""
        return YES if self.resource.kind == "aws_elb" else self.application

    @property
    def can_drop(self) -> Tri:
        """Whether it can drop headers; a classic one cannot."""
        return Tri.of(self.resource.kind != "aws_elb")

    @property
    def settable(self) -> bool:
        """Whether a property of its own decides that, and no member of a list."""
        return self.terraform


class ListenerAction(View):
    type = attr(str, tf="type", cfn="Type")


class Listener(Typed, tf=("aws_lb_listener", "aws_alb_listener"), cfn="AWS::ElasticLoadBalancingV2::Listener"):
    balancer = attr(str, tf="load_balancer_arn", cfn="LoadBalancerArn")
    port = attr(int, tf="port", cfn="Port")
    actions = blocks(ListenerAction, tf="default_action", cfn="DefaultActions")

    @property
    def redirects(self) -> Tri:
        """Whether it only sends clients elsewhere, as from HTTP to HTTPS."""
        return Tri.of(bool(self.actions)) & tri_all(action.type.is_("redirect") for action in self.actions)


def redirecting(rule: SecurityGroupRule) -> Tri:
    """Whether a rule belongs to the security group of a load balancer that answers port 80 with a redirect."""
    groups, hidden = _redirecting_groups(rule.deployment)
    return Tri.of(any(place in groups for place in rule.places)) | hidden


def _redirecting_groups(deployment: Deployment) -> tuple[frozenset[str], Tri]:
    """The addresses of such groups, and why there may be others."""
    key = (Listener, "redirecting groups")
    if key not in deployment.memo:
        found: set[str] = set()
        hidden = NO
        for listener in Listener.select(deployment):
            tri = listener.port.is_(80) & listener.redirects
            balancers = LoadBalancer.at(listener.balancer, deployment)
            if tri.possible:
                hidden = hidden | balancers.any(lambda _: NO)
            for balancer in balancers.items if tri.possible else ():
                groups = {stem(ref.address) for ref in balancer.groups.all_refs()}
                if tri.is_true:
                    found |= groups
                hidden = hidden | (NO if tri.decided else tri)
                if not groups and balancer.groups.reasons:
                    hidden = hidden | Tri(None, balancer.groups.reasons)
        deployment.memo[key] = (frozenset(found), hidden)
    groups_and_hidden: tuple[frozenset[str], Tri] = deployment.memo[key]
    return groups_and_hidden


class GroupedBalancer(
    Typed,
    tf=(*LoadBalancer.tf_kinds, *ClassicBalancer.tf_kinds),
    cfn=(*LoadBalancer.cfn_kinds, *ClassicBalancer.cfn_kinds),
):
    """A load balancer of any kind, for its security groups."""

    groups = LoadBalancer.groups

    @property
    def named_groups(self) -> list[tuple[Value[Any], Population[SecurityGroup]]]:
        """The values that name its groups, each with the groups as far as they are written here."""
        values = self.groups.items().items if self.groups.known else (self.groups,)
        return [(value, SecurityGroup.at(value, self.deployment)) for value in values]
