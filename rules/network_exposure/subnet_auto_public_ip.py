"""Subnet gives every new instance a public address.

Whatever is started there is on the internet without anybody having asked for it: a test instance, a node that
scales out, a database in the wrong subnet. Let the few systems that need a public address ask for it themselves.

The default subnets of a region do so unless they are told not to. An IPv6 address is public where the subnet has a
route for it to an internet gateway, and not where that leads to an egress-only gateway.

A subnet that holds nothing but load balancers and NAT gateways is reported as low, and one that VPC Block Public
Access keeps from the internet is not.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Severity, Undecided, aws, rule


@rule(
    on=aws.vpc.Subnet,
    severity="medium",
    soc2=["CC6.6"],
    cwe=["284"],
    scenery=Example(
        cloudformation="""
        Resources:
          Gateway: {Type: AWS::EC2::InternetGateway}
          Subnet:
            Type: AWS::EC2::Subnet
            Properties: {VpcId: vpc-1, Ipv6CidrBlock: 2001:db8::/64, AssignIpv6AddressOnCreation: true}
          Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: vpc-1}}
          Association:
            Type: AWS::EC2::SubnetRouteTableAssociation
            Properties: {SubnetId: !Ref Subnet, RouteTableId: !Ref Table}
        """,
    ),
    bad=[
        Example(
            terraform="""
            resource "aws_subnet" "public" {
              vpc_id                  = "vpc-1"
              cidr_block              = "10.0.0.0/24"
              map_public_ip_on_launch = true
            }
            """,
            cloudformation="""
            Resources:
              Public:
                Type: AWS::EC2::Subnet
                Properties:
                  VpcId: vpc-1
                  CidrBlock: 10.0.0.0/24
                  MapPublicIpOnLaunch: true
            """,
            alone=True,
        ),
        Example(
            terraform="""
            resource "aws_default_subnet" "a" {
              availability_zone = "eu-west-1a"
            }
            """,
            only="CloudFormation cannot take a default subnet over",
        ),
        Example(
            terraform="""
            resource "aws_internet_gateway" "main" { vpc_id = "vpc-1" }

            resource "aws_subnet" "public" {
              vpc_id                          = "vpc-1"
              ipv6_cidr_block                 = "2001:db8::/64"
              assign_ipv6_address_on_creation = true
            }

            resource "aws_route_table" "public" {
              vpc_id = "vpc-1"
              route {
                ipv6_cidr_block = "::/0"
                gateway_id      = aws_internet_gateway.main.id
              }
            }

            resource "aws_route_table_association" "public" {
              subnet_id      = aws_subnet.public.id
              route_table_id = aws_route_table.public.id
            }
            """,
            cloudformation="""
            Resources:
              Route:
                Type: AWS::EC2::Route
                Properties:
                  RouteTableId: !Ref Table
                  DestinationIpv6CidrBlock: ::/0
                  GatewayId: !Ref Gateway
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_subnet" "private" {
              vpc_id     = "vpc-1"
              cidr_block = "10.0.1.0/24"
            }

            resource "aws_subnet" "public" {
              vpc_id                  = "vpc-1"
              cidr_block              = "10.0.0.0/24"
              map_public_ip_on_launch = false
            }
            """,
            cloudformation="""
            Resources:
              Private:
                Type: AWS::EC2::Subnet
                Properties: {VpcId: vpc-1, CidrBlock: 10.0.1.0/24}
              Public:
                Type: AWS::EC2::Subnet
                Properties: {VpcId: vpc-1, CidrBlock: 10.0.0.0/24, MapPublicIpOnLaunch: false}
            """,
            alone=True,
        ),
        Example(
            terraform="""
            resource "aws_internet_gateway" "main" { vpc_id = "vpc-1" }

            resource "aws_subnet" "outward" {
              vpc_id                          = "vpc-1"
              ipv6_cidr_block                 = "2001:db8::/64"
              assign_ipv6_address_on_creation = true
            }

            resource "aws_route_table" "outward" {
              vpc_id = "vpc-1"
              route {
                ipv6_cidr_block        = "::/0"
                egress_only_gateway_id = "eigw-1"
              }
            }

            resource "aws_route_table_association" "outward" {
              subnet_id      = aws_subnet.outward.id
              route_table_id = aws_route_table.outward.id
            }
            """,
            cloudformation="""
            Resources:
              Route:
                Type: AWS::EC2::Route
                Properties:
                  RouteTableId: !Ref Table
                  DestinationIpv6CidrBlock: ::/0
                  EgressOnlyInternetGatewayId: eigw-1
            """,
        ),
        Example(
            terraform="""
            resource "aws_subnet" "public" {
              vpc_id                  = "vpc-1"
              cidr_block              = "10.0.0.0/24"
              map_public_ip_on_launch = true
            }

            resource "aws_vpc_block_public_access_options" "closed" { internet_gateway_block_mode = "block-ingress" }
            """,
            cloudformation="""
            Resources:
              Public:
                Type: AWS::EC2::Subnet
                Properties: {VpcId: vpc-1, CidrBlock: 10.0.0.0/24, MapPublicIpOnLaunch: true}
              Closed:
                Type: AWS::EC2::VPCBlockPublicAccessOptions
                Properties: {InternetGatewayBlockMode: block-ingress}
            """,
            alone=True,
        ),
    ],
)
def subnet_auto_public_ip(subnet: aws.vpc.Subnet) -> Iterator[Finding | Undecided]:
    ipv4 = subnet.gives_public_addresses & ~subnet.blocked
    ipv6 = subnet.gives_public_ipv6_addresses & ~subnet.blocked
    severity = Severity.LOW if aws.compute.holds_only_edge(subnet) else None
    if ipv4.is_true:
        yield Finding(
            "what is started in this subnet gets a public address",
            at=subnet.maps_public_addresses,
            fix=subnet.maps_public_addresses.set(False, "give out no public addresses"),
            severity=severity,
        )
    if ipv6.is_true:
        yield Finding(
            "what is started in this subnet gets an IPv6 address, to which the internet has a route",
            at=subnet.gives_ipv6_addresses,
            severity=severity,
        )
    yield Undecided(ipv4)
    yield Undecided(ipv6)
