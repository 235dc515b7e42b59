"""VPC has no separation between a public edge and private systems.

A demilitarised zone keeps what the internet may touch apart from what it may not. Where every subnet routes to the
internet gateway there is no inside: one security group too wide puts any system on the internet.

Reported is a VPC with an internet gateway of which all subnets are public (a default route to the gateway, or
public addresses for what is started in them), and, where it has private subnets, each instance, container service
or function that is nevertheless placed in a public one. Bastions, NAT instances, proxies and the like, known by
their names or by a source check that is off, belong there. A VPC that VPC Block Public Access keeps from the
internet passes.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Step, Truth, Undecided, aws, rule


@rule(
    on=aws.vpc.Vpc,
    severity="medium",
    soc2=["CC6.6", "CC6.1"],
    cwe=["653"],
    applies=lambda vpc: vpc.has_internet_gateway,
    scenery=Example(
        terraform="""
        resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }
        resource "aws_internet_gateway" "main" { vpc_id = aws_vpc.main.id }

        resource "aws_subnet" "public" {
          vpc_id     = aws_vpc.main.id
          cidr_block = "10.0.0.0/24"
        }
        """,
        cloudformation="""
        Resources:
          Gateway: {Type: AWS::EC2::InternetGateway}
          Attachment:
            Type: AWS::EC2::VPCGatewayAttachment
            Properties: {VpcId: !Ref Main, InternetGatewayId: !Ref Gateway}
          Public: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Main, CidrBlock: 10.0.0.0/24}}
          Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Main}}
          Out:
            Type: AWS::EC2::Route
            Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway}
          OfPublic:
            Type: AWS::EC2::SubnetRouteTableAssociation
            Properties: {SubnetId: !Ref Public, RouteTableId: !Ref Table}
        """,
    ),
    bad=[
        Example(
            terraform="""
            resource "aws_route" "out" {
              route_table_id         = aws_vpc.main.main_route_table_id
              destination_cidr_block = "0.0.0.0/0"
              gateway_id             = aws_internet_gateway.main.id
            }
            """,
            cloudformation="""
            Resources:
              Main:
                Type: AWS::EC2::VPC
                Properties: {CidrBlock: 10.0.0.0/16}
            """,
        ),
        Example(
            terraform="""
            resource "aws_route" "out" {
              route_table_id         = aws_vpc.main.main_route_table_id
              destination_cidr_block = "0.0.0.0/0"
              gateway_id             = aws_internet_gateway.main.id
            }

            resource "aws_subnet" "private" {
              vpc_id     = aws_vpc.main.id
              cidr_block = "10.0.1.0/24"
            }

            resource "aws_route_table" "private" { vpc_id = aws_vpc.main.id }

            resource "aws_route_table_association" "private" {
              subnet_id      = aws_subnet.private.id
              route_table_id = aws_route_table.private.id
            }

            resource "aws_instance" "app" {
              ami       = "ami-1"
              subnet_id = aws_subnet.public.id
            }
            """,
            cloudformation="""
            Resources:
              Main: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
              Private: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Main, CidrBlock: 10.0.1.0/24}}
              Server: {Type: AWS::EC2::Instance, Properties: {ImageId: ami-1, SubnetId: !Ref Public}}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_route" "out" {
              route_table_id         = aws_vpc.main.main_route_table_id
              destination_cidr_block = "0.0.0.0/0"
              gateway_id             = aws_internet_gateway.main.id
            }

            resource "aws_subnet" "private" {
              vpc_id     = aws_vpc.main.id
              cidr_block = "10.0.1.0/24"
            }

            resource "aws_route_table" "private" { vpc_id = aws_vpc.main.id }

            resource "aws_route_table_association" "private" {
              subnet_id      = aws_subnet.private.id
              route_table_id = aws_route_table.private.id
            }

            resource "aws_instance" "app" {
              ami       = "ami-1"
              subnet_id = aws_subnet.private.id
            }

            resource "aws_instance" "bastion" {
              ami       = "ami-1"
              subnet_id = aws_subnet.public.id
            }

            resource "aws_lb" "web" { subnets = [aws_subnet.public.id] }
            """,
            cloudformation="""
            Resources:
              Main:
                Type: AWS::EC2::VPC
                Properties: {CidrBlock: 10.0.0.0/16}
              Private: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Main, CidrBlock: 10.0.1.0/24}}
              Server: {Type: AWS::EC2::Instance, Properties: {ImageId: ami-1, SubnetId: !Ref Private}}
              Bastion: {Type: AWS::EC2::Instance, Properties: {ImageId: ami-1, SubnetId: !Ref Public}}
              Web: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Subnets: [!Ref Public]}}
            """,
        ),
        Example(
            terraform="""
            resource "aws_vpc" "closed" { cidr_block = "10.0.0.0/16" }

            resource "aws_subnet" "a" {
              vpc_id     = aws_vpc.closed.id
              cidr_block = "10.0.0.0/24"
            }
            """,
            cloudformation="""
            Resources:
              Closed: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
              A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Closed, CidrBlock: 10.0.0.0/24}}
            """,
            alone=True,
        ),
    ],
)
def vpc_without_private_tier(vpc: aws.vpc.Vpc) -> Iterator[Finding | Undecided]:
    subnets = vpc.subnets
    if not subnets.exists():
        return
    if subnets.all(lambda subnet: subnet.exposed) & ~vpc.blocked:
        places = tuple(Step(subnet.header, f"{subnet.address} is public") for subnet in subnets.items[:5])
        yield Finding("every subnet of this VPC is open to the internet", at=vpc, related=places)
        return
    for subnet in subnets.items:
        if not subnet.exposed.is_true:
            continue
        for workload in aws.compute.workloads_in(subnet).items:
            if (_misplaced(workload) & ~vpc.blocked).is_true:
                yield Finding(
                    "something that computes is placed in a public subnet, although there are private ones",
                    at=workload.value_naming(subnet),
                    related=(Step(subnet.header, f"{subnet.address} is public"),),
                )
    misplaced = subnets.any(lambda subnet: aws.compute.workloads_in(subnet).any(_misplaced) & subnet.exposed)
    yield Undecided(misplaced & ~vpc.blocked)


def _misplaced(workload: aws.compute.Workload) -> Truth:
    """Return True if a workload exists and is no bastion, NAT instance or proxy."""
    return workload.exists & ~workload.at_the_edge
