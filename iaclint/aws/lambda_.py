"""AWS Lambda."""

from __future__ import annotations

from iaclint.aws.model import Typed, attr
from iaclint.value import Tri


class FunctionUrl(Typed, tf="aws_lambda_function_url", cfn="AWS::Lambda::Url"):
    """The address of its own that a function can have; SAM's FunctionUrlConfig becomes one."""

    auth = attr(str, tf="authorization_type", cfn="AuthType")
    origins = attr(list, tf="cors.allow_origins", cfn="Cors.AllowOrigins")


class Function(Typed, tf="aws_lambda_function", cfn="AWS::Lambda::Function"):
    subnets = attr(list, tf="vpc_config.subnet_ids", cfn="VpcConfig.SubnetIds")

    @property
    def in_vpc(self) -> Tri:
        """Whether it is placed in subnets."""
        return self.subnets.has_elements()
