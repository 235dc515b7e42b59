"""AWS Shield Advanced."""

from __future__ import annotations

from iaclint.aws import fms
from iaclint.aws.model import Typed, attr, beside
from iaclint.value import Tri


class Protection(Typed, tf="aws_shield_protection", cfn="AWS::Shield::Protection"):
    """Shield Advanced for one resource."""

    resource_arn = attr(str, tf="resource_arn", cfn="ResourceArn")


class Target(
    Typed,
    tf=(
        *("aws_cloudfront_distribution", "aws_lb", "aws_alb", "aws_globalaccelerator_accelerator", "aws_eip"),
        "aws_route53_zone",
    ),
    cfn=(
        *("AWS::CloudFront::Distribution", "AWS::ElasticLoadBalancingV2::LoadBalancer"),
        *("AWS::GlobalAccelerator::Accelerator", "AWS::EC2::EIP", "AWS::Route53::HostedZone"),
    ),
):
    """What Shield Advanced can protect.

    https://docs.aws.amazon.com/waf/latest/developerguide/ddos-advanced-summary-protected-resources.html
    """

    @property
    def protected(self) -> Tri:
        """Whether it is protected."""
        return beside(Protection, "resource_arn", self).exists() | fms.enforces(self.deployment, "SHIELD_ADVANCED")
