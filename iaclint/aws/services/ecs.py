"""Amazon ECS."""

from __future__ import annotations

from iaclint.aws.views import View, attr


class Service(View, terraform="aws_ecs_service", cloudformation="AWS::ECS::Service"):
    """A service: tasks of containers that are kept running."""

    subnets = attr(
        list,
        terraform="network_configuration.subnets",
        cloudformation="NetworkConfiguration.AwsvpcConfiguration.Subnets",
    )
    assign_public_ip = attr(
        bool,
        terraform="network_configuration.assign_public_ip",
        cloudformation="NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp",
    )
    """Terraform takes a bool, CloudFormation ENABLED or DISABLED."""
    tags = attr(dict, terraform="tags", cloudformation="Tags")
