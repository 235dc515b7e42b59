"""Amazon GameLift."""

from __future__ import annotations

from iaclint.aws.model import Typed, View, attr, blocks
from iaclint.value import Tri, merge_reasons


class InboundPermission(View):
    from_port = attr(int, tf="from_port", cfn="FromPort")
    to_port = attr(int, tf="to_port", cfn="ToPort")

    @property
    def single_port(self) -> Tri:
        """Whether it is for one port."""
        if not self.from_port.known or not self.to_port.known:
            return Tri(None, merge_reasons(self.from_port.reasons, self.to_port.reasons))
        return self.from_port.is_(self.to_port.data)


class Fleet(Typed, tf="aws_gamelift_fleet", cfn="AWS::GameLift::Fleet"):
    """Instances that run game servers."""

    permissions = blocks(InboundPermission, tf="ec2_inbound_permission", cfn="EC2InboundPermissions")
