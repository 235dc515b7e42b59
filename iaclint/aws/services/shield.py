"""AWS Shield Advanced."""

from __future__ import annotations

from iaclint.aws.views import View, attr


class Protection(View, terraform="aws_shield_protection", cloudformation="AWS::Shield::Protection"):
    """The protection of one resource."""

    resource_arn = attr(str, terraform="resource_arn", cloudformation="ResourceArn")
