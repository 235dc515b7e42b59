"""VPC Block Public Access: keeps all VPCs of a region from the internet, whatever their gateways and routes are."""

from __future__ import annotations

from typing import Any

from iaclint.aws.views import Block, View, attr
from iaclint.model.partial import Partial
from iaclint.model.truth import TRUE, Reason, Truth, merge_reasons
from iaclint.model.value import Value


class BlockPublicAccess(
    View, terraform="aws_vpc_block_public_access_options", cloudformation="AWS::EC2::VPCBlockPublicAccessOptions"
):
    """The options of a region.

    "block-bidirectional: Block all traffic to and from internet gateways and egress-only internet gateways in this
    Region (except for excluded VPCs and subnets)"; "block-ingress: [...] Only traffic to and from NAT gateways and
    egress-only internet gateways is allowed":
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcBlockPublicAccessOptions.html
    """

    mode = attr(str, terraform="internet_gateway_block_mode", cloudformation="InternetGatewayBlockMode")

    @property
    def blocks_all(self) -> Truth:
        """Whether it blocks traffic in both directions."""
        return self.exists & self.mode.is_("block-bidirectional")

    @property
    def blocks_inbound(self) -> Truth:
        """Whether it blocks inbound traffic."""
        return self.exists & self.mode.is_one_of("block-bidirectional", "block-ingress")


class BlockExclusion(
    View, terraform="aws_vpc_block_public_access_exclusion", cloudformation="AWS::EC2::VPCBlockPublicAccessExclusion"
):
    """A VPC or subnet that is excluded from VPC Block Public Access.

    "allow-bidirectional: Allow all internet traffic to and from the excluded VPCs and subnets"; "allow-egress: Allow
    outbound internet traffic [...] Block inbound internet traffic":
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcBlockPublicAccessExclusion.html
    """

    vpc = attr(str, terraform="vpc_id", cloudformation="VpcId")
    subnet = attr(str, terraform="subnet_id", cloudformation="SubnetId")
    mode = attr(str, terraform="internet_gateway_exclusion_mode", cloudformation="InternetGatewayExclusionMode")

    @property
    def allows_inbound(self) -> Truth:
        """Whether the exclusion allows inbound traffic."""
        return self.mode.is_("allow-bidirectional")


def blocks_for(view: View) -> Partial[BlockPublicAccess]:
    """Return the options that apply to the region of a VPC or subnet, as far as they are in its deployment."""
    return Partial(tuple(BlockPublicAccess.select(view.deployment))).where(
        lambda options: _are_in_one_region(options, view)
    )


def _are_in_one_region(one: Block, other: Block) -> Truth:
    """Return True if two resources of a deployment are in the same region; a template is deployed to one region."""
    first, second = _region(one), _region(other)
    if first.known and second.known and (first.data is None) is (second.data is None):
        return Truth.of(first.data == second.data)
    if first.origin == second.origin:
        return TRUE
    by_environment = Reason(f"whether {one.address} and {other.address} are in one region is not known", one.header)
    return Truth(None, merge_reasons(first.reasons, second.reasons) or (by_environment,))


def _region(view: Block) -> Value[Any]:
    """Return the region that a resource names, else that of its provider; null if the environment decides it."""
    own = view.read("region", str)
    return own if own.is_set().possible else view.meta("provider").key("region")
