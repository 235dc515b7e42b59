"""Amazon CloudFront."""

from __future__ import annotations

from iaclint.aws.views import View, attr


class Distribution(View, terraform="aws_cloudfront_distribution", cloudformation="AWS::CloudFront::Distribution"):
    """A distribution."""

    web_acl = attr(str, terraform="web_acl_id", cloudformation="DistributionConfig.WebACLId")
