"""Elastic Load Balancing."""

from __future__ import annotations

from iaclint.aws.ec2 import SecurityGroup
from iaclint.aws.model import Typed, attr
from iaclint.value import NO, Tri, tri_all


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
