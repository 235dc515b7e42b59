"""Amazon CloudWatch Logs, and VPC flow logs."""

from __future__ import annotations

from iaclint.aws.model import Typed, attr, beside
from iaclint.aws.policy import Document
from iaclint.value import Population, Tri


class LogGroup(Typed, tf="aws_cloudwatch_log_group", cfn="AWS::Logs::LogGroup"):
    name = attr(str, tf="name", cfn="LogGroupName")
    # 0 in Terraform and nothing in CloudFormation keep events for ever
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-loggroup.html
    retention = attr(int, tf="retention_in_days", cfn="RetentionInDays", default=0)
    kms_key = attr(str, tf="kms_key_id", cfn="KmsKeyId")


RETENTIONS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""The numbers of days that a log group can keep events for.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
"""


class LogAccess(
    Typed,
    tf=("aws_cloudwatch_log_resource_policy", "aws_cloudwatch_log_destination_policy"),
    cfn=("AWS::Logs::ResourcePolicy", "AWS::Logs::Destination"),
):
    """Who outside of IAM may read or write log groups, or send to a destination."""

    policy = attr(
        str,
        tf=("policy_document", "access_policy"),
        cfn=("PolicyDocument", "DestinationPolicy"),
    )

    @property
    def document(self) -> Document:
        return Document.parse(self.policy)


class FlowLog(Typed, tf="aws_flow_log", cfn="AWS::EC2::FlowLog"):
    """A flow log. CloudFormation has one property for whatever is watched."""

    vpc = attr(str, tf="vpc_id", cfn="ResourceId")
    subnet = attr(str, tf="subnet_id", cfn="ResourceId")
    # both languages demand it for VPCs and subnets; transit gateways, which have none, log everything
    traffic = attr(str, tf="traffic_type", cfn="TrafficType", default="ALL")

    @property
    def shows_refused(self) -> Tri:
        """Whether it records what was refused, by itself or with everything else."""
        return self.traffic.one_of("ALL", "REJECT")


def flow_logs_of(owner: Typed) -> Population[FlowLog]:
    """The flow logs of a VPC or a subnet."""
    return beside(FlowLog, "subnet" if "ubnet" in owner.resource.kind else "vpc", owner)
