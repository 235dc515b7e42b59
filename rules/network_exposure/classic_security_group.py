"""Database or cache security group of EC2-Classic.

Before there were VPCs, databases, caches and warehouses had security groups of their own kind, outside any network
that you control. AWS retired EC2-Classic in August 2022: what still names such a group is dead code at best, and
says nothing about who reaches the data.

Put the data store into a VPC and name security groups of that VPC.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.ec2_classic.ClassicGroup,
    severity="medium",
    soc2=["CC6.6", "CC6.1"],
    cwe=["284"],
    bad=[
        Example(
            terraform="""
            resource "aws_db_security_group" "orders" {
              name = "orders"
              ingress { cidr = "10.0.0.0/24" }
            }
            """,
            cloudformation="""
            Resources:
              Orders:
                Type: AWS::RDS::DBSecurityGroup
                Properties: {GroupDescription: orders, DBSecurityGroupIngress: [{CIDRIP: 10.0.0.0/24}]}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_security_group" "orders" {
              vpc_id = "vpc-1"
              ingress {
                protocol    = "tcp"
                from_port   = 5432
                to_port     = 5432
                cidr_blocks = ["10.0.0.0/24"]
              }
            }
            """,
            cloudformation="""
            Resources:
              Orders:
                Type: AWS::EC2::SecurityGroup
                Properties:
                  GroupDescription: orders
                  VpcId: vpc-1
                  SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 5432, ToPort: 5432, CidrIp: 10.0.0.0/24}]
            """,
        ),
    ],
)
def classic_security_group(group: aws.ec2_classic.ClassicGroup) -> Iterator[Finding]:
    yield Finding("this security group belongs to EC2-Classic, outside any VPC", at=group)
