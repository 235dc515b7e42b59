"""Amazon VPC gateways and connections: how a VPC reaches the internet and other networks."""

from __future__ import annotations

from iaclint.aws.views import View, attr


class InternetGateway(View, terraform="aws_internet_gateway", cloudformation="AWS::EC2::InternetGateway"):
    """An internet gateway. In CloudFormation, only an attachment joins it to a VPC."""

    vpc = attr(str, terraform="vpc_id", cloudformation=None)


class GatewayAttachment(
    View, terraform="aws_internet_gateway_attachment", cloudformation="AWS::EC2::VPCGatewayAttachment"
):
    """The attachment of an internet gateway or (in CloudFormation) a virtual private gateway to a VPC."""

    vpc = attr(str, terraform="vpc_id", cloudformation="VpcId")
    gateway = attr(str, terraform="internet_gateway_id", cloudformation="InternetGatewayId")


class EgressOnlyGateway(
    View, terraform="aws_egress_only_internet_gateway", cloudformation="AWS::EC2::EgressOnlyInternetGateway"
):
    """An egress-only internet gateway: outbound IPv6 traffic only."""

    vpc = attr(str, terraform="vpc_id", cloudformation="VpcId")


class NatGateway(View, terraform="aws_nat_gateway", cloudformation="AWS::EC2::NatGateway"):
    """A NAT gateway."""

    subnet = attr(str, terraform="subnet_id", cloudformation="SubnetId")
    vpc = attr(str, terraform="vpc_id", cloudformation="VpcId")
    """Set for a regional NAT gateway, which has no subnet."""
    connectivity = attr(str, terraform="connectivity_type", cloudformation="ConnectivityType", default="public")


class Peering(View, terraform="aws_vpc_peering_connection", cloudformation="AWS::EC2::VPCPeeringConnection"):
    """A peering connection between two VPCs."""

    vpc = attr(str, terraform="vpc_id", cloudformation="VpcId")
    peer = attr(str, terraform="peer_vpc_id", cloudformation="PeerVpcId")


class TransitGateway(View, terraform="aws_ec2_transit_gateway", cloudformation="AWS::EC2::TransitGateway"):
    """A transit gateway.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayRequestOptions.html, of automatic
    acceptance: "It is disabled by default".
    """

    auto_accept = attr(
        str, terraform="auto_accept_shared_attachments", cloudformation="AutoAcceptSharedAttachments", default="disable"
    )
