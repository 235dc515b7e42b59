"""Elastic Load Balancing."""

from __future__ import annotations

from typing import Any

from iaclint.aws.joins import per_deployment
from iaclint.aws.services.security_groups import SecurityGroup, SecurityGroupRule
from iaclint.aws.views import Block, View, attr, blocks, coerce
from iaclint.model.inventory import Deployment
from iaclint.model.truth import FALSE, Truth, all_of
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
        """The setting that drops invalid header fields; null if it is not set, for which AWS's default is false."""
        return self._setting(self.invalid_headers_dropped, "routing.http.drop_invalid_header_fields.enabled", bool)

    @property
    def desync_mitigation(self) -> Value[Any]:
        """The handling of ambiguous requests; null if it is not set, for which AWS's default is defensive.

        https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html gives the
        defaults of the attributes.
        """
        return self._setting(self.desync_mode, "routing.http.desync_mitigation_mode", str)

    def _setting(self, terraform: Value[Any], key: str, kind: Any) -> Value[Any]:
        """Return a setting: Terraform's property, or the member of CloudFormation's list of attributes."""
        if self.is_terraform:
            return terraform
        unknown: Value[Any] | None = None if self.attributes.known else self.attributes
        for attribute in self.attributes.elements().items:
            has_key = attribute.key("Key").is_(key)
            if has_key.is_true:
                value = attribute.key("Value")
                return value.with_data(coerce(value.data, kind))
            if not has_key.decided:
                unknown = attribute.key("Key")
        return Value(None, self.header, implicit=True) if unknown is None else unknown

    @property
    def application(self) -> Truth:
        """Return True if it is an application load balancer."""
        return self.type.is_("application")

    @property
    def internet_facing(self) -> Truth:
        """Return True if it is internet-facing."""
        return ~self.internal.is_(True) & ~self.scheme.is_("internal")

    @property
    def closed_by_groups(self) -> Truth:
        """Return True if its security groups allow no public addresses but those of AWS services, such as CloudFront.

        Only groups in the scanned code can show that.
        """
        closed: list[Truth] = []
        if not self.groups.known and not self.groups.refs:
            return Truth(None, self.groups.reasons)
        for value in self.groups.elements().items:
            found = SecurityGroup.referenced_by(value, self.deployment)
            if not found.items:
                if not value.known and not value.refs:
                    return Truth(None, value.reasons)
                return FALSE
            for group in found.items:
                closed.append(~group.ingress.any(lambda rule: rule.addresses.any_public() & rule.exists))
        return all_of(closed) if closed else FALSE


class ClassicBalancer(View, terraform="aws_elb", cloudformation="AWS::ElasticLoadBalancing::LoadBalancer"):
    """A Classic Load Balancer."""

    groups = attr(list, terraform="security_groups", cloudformation="SecurityGroups")
    desync_mode = attr(str, terraform="desync_mitigation_mode", cloudformation=None)


class ListenerAction(Block):
    """What a listener does with a request."""

    type = attr(str, terraform="type", cloudformation="Type")


class Listener(
    View, terraform=("aws_lb_listener", "aws_alb_listener"), cloudformation="AWS::ElasticLoadBalancingV2::Listener"
):
    """A listener: a port of a load balancer, with the actions for its requests."""

    balancer = attr(str, terraform="load_balancer_arn", cloudformation="LoadBalancerArn")
    port = attr(int, terraform="port", cloudformation="Port")
    actions = blocks(ListenerAction, terraform="default_action", cloudformation="DefaultActions")

    @property
    def redirects(self) -> Truth:
        """Return True if it only redirects clients, as from HTTP to HTTPS."""
        return Truth.of(bool(self.actions)) & all_of(action.type.is_("redirect") for action in self.actions)


def belongs_to_redirecting_balancer(rule: SecurityGroupRule) -> Truth:
    """Return True if a rule is of the security group of a load balancer that redirects the requests on port 80."""
    groups, others = _redirecting_groups(rule.deployment)
    return Truth.of(any(address in groups for address in rule.group_addresses)) | others


@per_deployment
def _redirecting_groups(deployment: Deployment) -> tuple[frozenset[str], Truth]:
    """Return the addresses of the security groups of such load balancers, and whether there are others."""
    found: set[str] = set()
    others = FALSE
    for listener in Listener.select(deployment):
        redirects = listener.port.is_(80) & listener.redirects
        balancers = LoadBalancer.referenced_by(listener.balancer, deployment)
        if redirects.possible:
            others = others | balancers.any(lambda _: FALSE)
        for balancer in balancers.items if redirects.possible else ():
            groups = {ref.address.resource for ref in balancer.groups.all_refs()}
            if redirects.is_true:
                found |= groups
            others = others | (FALSE if redirects.decided else redirects)
            if not groups and balancer.groups.reasons:
                others = others | Truth(None, balancer.groups.reasons)
    return frozenset(found), others
