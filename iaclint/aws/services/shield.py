"""AWS Shield Advanced."""

from __future__ import annotations

from iaclint.aws.joins import attached_to
from iaclint.aws.services import fms
from iaclint.aws.views import View, attr
from iaclint.model.truth import Truth


class Protection(View, terraform="aws_shield_protection", cloudformation="AWS::Shield::Protection"):
    """Shield Advanced for one resource."""

    resource_arn = attr(str, terraform="resource_arn", cloudformation="ResourceArn")


class Target(
    View,
    terraform=(
        *("aws_cloudfront_distribution", "aws_lb", "aws_alb", "aws_globalaccelerator_accelerator", "aws_eip"),
        "aws_route53_zone",
    ),
    cloudformation=(
        *("AWS::CloudFront::Distribution", "AWS::ElasticLoadBalancingV2::LoadBalancer"),
        *("AWS::GlobalAccelerator::Accelerator", "AWS::EC2::EIP", "AWS::Route53::HostedZone"),
    ),
):
    """What Shield Advanced can protect.

    https://docs.aws.amazon.com/waf/latest/developerguide/ddos-advanced-summary-protected-resources.html
    """

    @property
    def protected(self) -> Truth:
        """Whether it is protected."""
        return attached_to(Protection, "resource_arn", self).exists() | fms.enforces(self.deployment, "SHIELD_ADVANCED")
