"""Amazon CloudWatch Logs, and VPC flow logs."""

from __future__ import annotations

from typing import Any

from iaclint.aws.joins import attached_to
from iaclint.aws.reasoning.policy import Document
from iaclint.aws.views import Block, View, attr, blocks
from iaclint.model.partial import Partial
from iaclint.model.truth import Truth
from iaclint.model.value import Value


class LogGroup(View, terraform="aws_cloudwatch_log_group", cloudformation="AWS::Logs::LogGroup"):
    name = attr(str, terraform="name", cloudformation="LogGroupName")
    # 0 in Terraform and nothing in CloudFormation keep events for ever
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-loggroup.html
    retention = attr(int, terraform="retention_in_days", cloudformation="RetentionInDays", default=0)
    kms_key = attr(str, terraform="kms_key_id", cloudformation="KmsKeyId")


class Transformation(Block):
    """The metric that a filter makes."""

    metric = attr(str, terraform="name", cloudformation="MetricName")
    namespace = attr(str, terraform="namespace", cloudformation="MetricNamespace")


class MetricFilter(View, terraform="aws_cloudwatch_log_metric_filter", cloudformation="AWS::Logs::MetricFilter"):
    """Counts the events of a log group that a pattern selects."""

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
"""The numbers of days that a log group can keep events for.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
"""


class LogAccess(
    View,
    terraform=("aws_cloudwatch_log_resource_policy", "aws_cloudwatch_log_destination_policy"),
    cloudformation=("AWS::Logs::ResourcePolicy", "AWS::Logs::Destination"),
):
    """Who outside of IAM may read or write log groups, or send to a destination."""

    policy = attr(
        str,
        terraform=("policy_document", "access_policy"),
        cloudformation=("PolicyDocument", "DestinationPolicy"),
    )

    @property
    def document(self) -> Document:
        return Document.parse(self.policy)


class FlowLog(View, terraform="aws_flow_log", cloudformation="AWS::EC2::FlowLog"):
    """A flow log. CloudFormation has one property for whatever is watched."""

    vpc = attr(str, terraform="vpc_id", cloudformation="ResourceId")
    subnet = attr(str, terraform="subnet_id", cloudformation="ResourceId")
    # both languages demand it for VPCs and subnets; transit gateways, which have none, log everything
    traffic = attr(str, terraform="traffic_type", cloudformation="TrafficType", default="ALL")

    @property
    def shows_refused(self) -> Truth:
        """Whether it records what was refused, by itself or with everything else."""
        return self.traffic.is_one_of("ALL", "REJECT")


def flow_logs_of(owner: View) -> Partial[FlowLog]:
    """The flow logs of a VPC or a subnet."""
    return attached_to(FlowLog, "subnet" if "ubnet" in owner.resource.kind else "vpc", owner)
