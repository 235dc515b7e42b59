"""Amazon CloudWatch Logs."""

from __future__ import annotations

from typing import Any

from iaclint.aws.reasoning.policy import Document
from iaclint.aws.views import Block, View, attr, blocks
from iaclint.model.value import Value


class LogGroup(View, terraform="aws_cloudwatch_log_group", cloudformation="AWS::Logs::LogGroup"):
    """A log group."""

    name = attr(str, terraform="name", cloudformation="LogGroupName")
    # events never expire with 0 in Terraform, and without the property in CloudFormation
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-loggroup.html
    retention = attr(int, terraform="retention_in_days", cloudformation="RetentionInDays", default=0)
    kms_key = attr(str, terraform="kms_key_id", cloudformation="KmsKeyId")


class Transformation(Block):
    """The metric that a filter increments."""

    metric = attr(str, terraform="name", cloudformation="MetricName")
    namespace = attr(str, terraform="namespace", cloudformation="MetricNamespace")


class MetricFilter(View, terraform="aws_cloudwatch_log_metric_filter", cloudformation="AWS::Logs::MetricFilter"):
    """A metric filter: it counts the events of a log group that match a pattern."""

    name = attr(str, terraform="name", cloudformation="FilterName")
    pattern = attr(str, terraform="pattern", cloudformation="FilterPattern")
    log_group = attr(str, terraform="log_group_name", cloudformation="LogGroupName")
    transformations = blocks(Transformation, terraform="metric_transformation", cloudformation="MetricTransformations")

    def name_if_id(self, value: Value[Any]) -> Value[Any]:
        """Return the name of the filter if a value is its id, which equals the name; else the value itself."""
        ids = value.unknown and value.refs and all(ref.attribute in ("id", "Ref", "") for ref in value.refs)
        return self.name if ids and self.deployment.refers_to(value, self.resource).is_true else value


RETENTIONS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""The retention periods that a log group can have, in days.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
"""


class LogAccess(
    View,
    terraform=("aws_cloudwatch_log_resource_policy", "aws_cloudwatch_log_destination_policy"),
    cloudformation=("AWS::Logs::ResourcePolicy", "AWS::Logs::Destination"),
):
    """A resource-based policy: of log groups, or of a destination of log events."""

    policy = attr(
        str,
        terraform=("policy_document", "access_policy"),
        cloudformation=("PolicyDocument", "DestinationPolicy"),
    )

    @property
    def document(self) -> Document:
        """The policy document, parsed."""
        return Document.parse(self.policy)
