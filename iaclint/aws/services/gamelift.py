"""Amazon GameLift."""

from __future__ import annotations

from iaclint.aws.views import Block, View, attr, blocks
from iaclint.model.truth import Truth, merge_reasons


class InboundPermission(Block):
    """A range of ports and of addresses that may reach the instances of a fleet."""

    from_port = attr(int, terraform="from_port", cloudformation="FromPort")
    to_port = attr(int, terraform="to_port", cloudformation="ToPort")

    @property
    def single_port(self) -> Truth:
        """Return True if it is for one port."""
        if not self.from_port.known or not self.to_port.known:
            return Truth(None, merge_reasons(self.from_port.reasons, self.to_port.reasons))
        return self.from_port.is_(self.to_port.data)


class Fleet(View, terraform="aws_gamelift_fleet", cloudformation="AWS::GameLift::Fleet"):
    """A fleet: instances that run game servers."""

    permissions = blocks(InboundPermission, terraform="ec2_inbound_permission", cloudformation="EC2InboundPermissions")
