"""Amazon Managed Workflows for Apache Airflow."""

from __future__ import annotations

from iaclint.aws.views import View, attr


class Environment(View, terraform="aws_mwaa_environment", cloudformation="AWS::MWAA::Environment"):
    """An Airflow environment.

    https://docs.aws.amazon.com/mwaa/latest/API/API_CreateEnvironment.html gives PRIVATE_ONLY as the default.
    """

    webserver_access = attr(
        str, terraform="webserver_access_mode", cloudformation="WebserverAccessMode", default="PRIVATE_ONLY"
    )
