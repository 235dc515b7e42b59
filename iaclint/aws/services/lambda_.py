"""AWS Lambda."""

from __future__ import annotations

from iaclint.aws.views import View, attr
from iaclint.model.truth import Truth


class FunctionUrl(View, terraform="aws_lambda_function_url", cloudformation="AWS::Lambda::Url"):
    """The URL of a function; FunctionUrlConfig of AWS SAM becomes one."""

    auth = attr(str, terraform="authorization_type", cloudformation="AuthType")
    origins = attr(list, terraform="cors.allow_origins", cloudformation="Cors.AllowOrigins")


class Function(View, terraform="aws_lambda_function", cloudformation="AWS::Lambda::Function"):
    """A Lambda function.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html
    """

    subnets = attr(list, terraform="vpc_config.subnet_ids", cloudformation="VpcConfig.SubnetIds")
    tags = attr(dict, terraform="tags", cloudformation="Tags")

    @property
    def in_vpc(self) -> Truth:
        """Return True if it is attached to subnets of a VPC."""
        return self.subnets.has_elements()
