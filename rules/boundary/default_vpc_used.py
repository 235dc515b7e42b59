"""Workload is placed in the default VPC.

The default VPC of a region was made by nobody for nothing in particular: all its subnets are public, it is the
same in every account, and there is no tier to put a database in. What runs there is on the internet by default.

Reported are a default VPC that is taken over, one that is looked up and into which something is put, and systems that
name no subnet and security groups that name no VPC, which land in it. A flow log, a default security group without
rules, and the default network ACL and route table harden a default VPC that is looked up; they are not put into it.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.default_vpc.DefaultVpcUse,
    severity="medium",
    soc2=["CC6.6", "CC6.1"],
    cwe=["653"],
    bad=[
        Example(
            terraform="""
            resource "aws_default_vpc" "default" {}
            """,
            only="CloudFormation cannot take the default VPC over",
        ),
        Example(
            terraform="""
            data "aws_vpc" "default" { default = true }
            resource "aws_security_group" "app" { vpc_id = data.aws_vpc.default.id }
            """,
            only="CloudFormation cannot look the default VPC up",
        ),
        Example(
            terraform="""
            resource "aws_instance" "app" {}
            resource "aws_db_instance" "orders" {}
            resource "aws_security_group" "app" { name = "app" }
            """,
            cloudformation="""
            Resources:
              App: {Type: AWS::EC2::Instance}
              Orders: {Type: AWS::RDS::DBInstance}
              Group: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: app}}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_instance" "app" { subnet_id = "subnet-1" }
            resource "aws_db_instance" "orders" { db_subnet_group_name = "private" }
            resource "aws_security_group" "app" { vpc_id = "vpc-1" }
            """,
            cloudformation="""
            Resources:
              App:
                Type: AWS::EC2::Instance
                Properties: {SubnetId: subnet-1}
              Orders:
                Type: AWS::RDS::DBInstance
                Properties: {DBSubnetGroupName: private}
              Group:
                Type: AWS::EC2::SecurityGroup
                Properties: {GroupDescription: app, VpcId: vpc-1}
            """,
        ),
        Example(
            terraform="""
            data "aws_vpc" "default" { default = true }

            resource "aws_security_group" "app" {
              vpc_id = "vpc-1"
              egress {
                protocol    = "-1"
                from_port   = 0
                to_port     = 0
                cidr_blocks = [data.aws_vpc.default.cidr_block]
              }
            }
            """,
            only="CloudFormation cannot look the default VPC up",
        ),
    ],
)
def default_vpc_used(use: aws.default_vpc.DefaultVpcUse) -> Iterator[Finding]:
    if use.in_use:
        yield Finding(use.message, at=use)
