"""Amazon CloudWatch Logs."""

from __future__ import annotations

from iaclint.aws.model import Typed, attr


class LogGroup(Typed, tf="aws_cloudwatch_log_group", cfn="AWS::Logs::LogGroup"):
    name = attr(str, tf="name", cfn="LogGroupName")
    # 0, and in CloudFormation nothing, keeps events for ever
    retention = attr(int, tf="retention_in_days", cfn="RetentionInDays", default=0)
    kms_key = attr(str, tf="kms_key_id", cfn="KmsKeyId")


class FlowLog(Typed, tf="aws_flow_log", cfn="AWS::EC2::FlowLog"):
    """A flow log; `resource` names what it watches where the language has one property for all kinds."""

    vpc = attr(str, tf="vpc_id", cfn="ResourceId")
    subnet = attr(str, tf="subnet_id", cfn="ResourceId")
    traffic = attr(str, tf="traffic_type", cfn="TrafficType")
