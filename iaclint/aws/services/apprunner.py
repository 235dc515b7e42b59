"""AWS App Runner."""

from __future__ import annotations

from iaclint.aws.views import View, attr


class Service(View, terraform="aws_apprunner_service", cloudformation="AWS::AppRunner::Service"):
    """A web service."""

    publicly_accessible = attr(
        bool,
        terraform="network_configuration.ingress_configuration.is_publicly_accessible",
        cloudformation="NetworkConfiguration.IngressConfiguration.IsPubliclyAccessible",
        default=True,
    )
