"""Peering route covers more than the peer needs.

A route through a peering connection that takes everything sends traffic to another network that was never meant
for it, and what breaks there spreads here. Limit it to the addresses of the peer, or to the subnets that are
needed.

Where the peer's VPC is written here, a block that contains its range and more is reported, too.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.routes.Route,
    severity="medium",
    soc2=["CC6.6", "CC6.1"],
    cwe=["923"],
    applies=lambda route: route.leads_to(aws.routes.Target.PEERING),
    scenery=Example(
        terraform="""
        resource "aws_vpc" "partner" { cidr_block = "10.1.0.0/16" }

        resource "aws_vpc_peering_connection" "partner" {
          vpc_id      = "vpc-1"
          peer_vpc_id = aws_vpc.partner.id
        }
        """,
        cloudformation="""
        Resources:
          Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.1.0.0/16}}
          Partner: {Type: AWS::EC2::VPCPeeringConnection, Properties: {VpcId: vpc-1, PeerVpcId: !Ref Vpc}}
        """,
    ),
    bad=[
        Example(
            terraform="""
            resource "aws_vpc_peering_connection" "partner" {
              vpc_id      = "vpc-1"
              peer_vpc_id = "vpc-2"
            }

            resource "aws_route" "partner" {
              destination_cidr_block    = "0.0.0.0/0"
              vpc_peering_connection_id = aws_vpc_peering_connection.partner.id
            }
            """,
            cloudformation="""
            Resources:
              Partner: {Type: AWS::EC2::VPCPeeringConnection, Properties: {VpcId: vpc-1, PeerVpcId: vpc-2}}
              Route:
                Type: AWS::EC2::Route
                Properties: {DestinationCidrBlock: 0.0.0.0/0, VpcPeeringConnectionId: !Ref Partner}
            """,
            alone=True,
        ),
        Example(
            terraform="""
            resource "aws_route" "partner" {
              destination_cidr_block    = "10.0.0.0/8"
              vpc_peering_connection_id = aws_vpc_peering_connection.partner.id
            }
            """,
            cloudformation="""
            Resources:
              Route:
                Type: AWS::EC2::Route
                Properties: {DestinationCidrBlock: 10.0.0.0/8, VpcPeeringConnectionId: !Ref Partner}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_route" "partner" {
              destination_cidr_block    = "10.1.0.0/16"
              vpc_peering_connection_id = aws_vpc_peering_connection.partner.id
            }
            """,
            cloudformation="""
            Resources:
              Route:
                Type: AWS::EC2::Route
                Properties: {DestinationCidrBlock: 10.1.0.0/16, VpcPeeringConnectionId: !Ref Partner}
            """,
        ),
    ],
)
def vpc_peering_route_too_broad(route: aws.routes.Route) -> Iterator[Finding]:
    if aws.routing.is_broader_than_peer(route):
        destination = route.ipv6 if route.ipv4.implicit else route.ipv4
        yield Finding(
            f"the route sends {destination.data} to the peer, which is more than the peer's network", at=destination
        )
