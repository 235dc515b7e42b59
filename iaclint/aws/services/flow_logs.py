"""VPC Flow Logs."""

from __future__ import annotations

from iaclint.aws.joins import attached_to
from iaclint.aws.services.vpc import Subnet, Vpc
from iaclint.aws.views import View, attr
from iaclint.model.partial import Partial
from iaclint.model.truth import Truth


class FlowLog(View, terraform="aws_flow_log", cloudformation="AWS::EC2::FlowLog"):
    """A flow log. CloudFormation has one property for the monitored resource, of whatever type."""

    vpc = attr(str, terraform="vpc_id", cloudformation="ResourceId")
    subnet = attr(str, terraform="subnet_id", cloudformation="ResourceId")
    # both languages demand it for VPCs and subnets; flow logs of transit gateways have none and record everything
    traffic = attr(str, terraform="traffic_type", cloudformation="TrafficType", default="ALL")

    @property
    def shows_refused(self) -> Truth:
        """Return True if it records rejected traffic, alone or with accepted traffic."""
        return self.traffic.is_one_of("ALL", "REJECT")


def flow_logs_of(owner: Vpc | Subnet) -> Partial[FlowLog]:
    """Return the flow logs of a VPC or a subnet."""
    return attached_to(FlowLog, "subnet" if isinstance(owner, Subnet) else "vpc", owner)
