"""Amazon Route 53."""

from __future__ import annotations

from iaclint.aws.views import View


class HostedZone(View, terraform="aws_route53_zone", cloudformation="AWS::Route53::HostedZone"):
    """A hosted zone."""
