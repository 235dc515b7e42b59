"""Subnet gives every new instance a public address.

Whatever is started there is on the internet without anybody having asked for it: a test instance, a node that
scales out, a database in the wrong subnet. Let the few systems that need a public address ask for it themselves.

The default subnets of a region do so unless they are told not to. A subnet that holds nothing but load balancers
and NAT gateways is reported as low.
"""

from collections.abc import Iterator

from iaclint import Finding, Severity, Twin, aws, rule


@rule(
    on=aws.vpc.Subnet,
    severity="medium",
    soc2=["CC6.6"],
    equivalents={
        "checkov": ["CKV_AWS_130"],
        "trivy": ["AVD-AWS-0164"],
        "kics": ["52f04a44-6bfa-4c41-b1d3-4ae99a2de05c", "b3de4e4c-14be-4159-b99d-9ad194365e4c"],
        "cfn_nag": ["W33"],
        "guard": ["SUBNET_AUTO_ASSIGN_PUBLIC_IP_DISABLED"],
        "security_hub": ["EC2.15"],
        "config": ["SUBNET_AUTO_ASSIGN_PUBLIC_IP_DISABLED"],
        "prowler": ["vpc_subnet_no_public_ip_by_default"],
    },
    cwe=["284"],
    bad=[
        Twin(
            tf="""
            resource "aws_subnet" "public" {
              vpc_id                  = "vpc-1"
              cidr_block              = "10.0.0.0/24"
              map_public_ip_on_launch = true
            }
            """,
            cfn="""
            Resources:
              Public:
                Type: AWS::EC2::Subnet
                Properties:
                  VpcId: vpc-1
                  CidrBlock: 10.0.0.0/24
                  MapPublicIpOnLaunch: true
            """,
        ),
        Twin(
            tf="""
            resource "aws_default_subnet" "a" {
              availability_zone = "eu-west-1a"
            }
            """,
            only="CloudFormation cannot take a default subnet over",
        ),
    ],
    good=[
        Twin(
            tf="""
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
            cfn="""
            Resources:
              Private:
                Type: AWS::EC2::Subnet
                Properties: {VpcId: vpc-1, CidrBlock: 10.0.1.0/24}
              Public:
                Type: AWS::EC2::Subnet
                Properties: {VpcId: vpc-1, CidrBlock: 10.0.0.0/24, MapPublicIpOnLaunch: false}
            """,
        ),
    ],
)
def subnet_auto_public_ip(subnet: aws.vpc.Subnet) -> Iterator[Finding]:
    if subnet.gives_public_addresses:
        yield Finding(
            "what is started in this subnet gets a public address",
            at=subnet.maps_public_addresses,
            fix=subnet.maps_public_addresses.set(False, "give out no public addresses"),
            severity=Severity.LOW if aws.reach.only_edge_in(subnet) else None,
        )
