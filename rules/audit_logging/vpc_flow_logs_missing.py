"""VPC traffic is not logged.

Flow logs are the record of who talked to whom. Without them nobody can tell after an incident what left the
network, nor see the attempts that were refused. A log of accepted traffic only misses just those.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.vpc.Vpc,
    severity="medium",
    soc2=["CC7.2", "CC7.3", "CC6.6"],
    cwe=["778"],
    bad=[
        Example(
            terraform="""
            resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }
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
            resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }

            resource "aws_flow_log" "main" {
              vpc_id               = aws_vpc.main.id
              traffic_type         = "ACCEPT"
              log_destination_type = "s3"
              log_destination      = "arn:aws:s3:::flows"
            }
            """,
            cloudformation="""
            Resources:
              Main: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
              Flows:
                Type: AWS::EC2::FlowLog
                Properties:
                  ResourceId: !Ref Main
                  ResourceType: VPC
                  TrafficType: ACCEPT
                  LogDestinationType: s3
                  LogDestination: arn:aws:s3:::flows
            """,
        ),
        Example(
            terraform="""
            resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }

            resource "aws_subnet" "some" {
              count      = var.subnets
              vpc_id     = aws_vpc.main.id
              cidr_block = cidrsubnet("10.0.0.0/16", 8, count.index)
            }

            variable "subnets" {}
            """,
            cloudformation="""
            Parameters:
              Another: {Type: String}
            Conditions:
              WithAnother: !Not [!Equals [!Ref Another, ""]]
            Resources:
              Main: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
              Some:
                Type: AWS::EC2::Subnet
                Condition: WithAnother
                Properties: {VpcId: !Ref Main, CidrBlock: 10.0.0.0/24}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }

            resource "aws_flow_log" "main" {
              vpc_id               = aws_vpc.main.id
              traffic_type         = "ALL"
              log_destination_type = "s3"
              log_destination      = "arn:aws:s3:::flows"
            }
            """,
            cloudformation="""
            Resources:
              Main:
                Type: AWS::EC2::VPC
                Properties: {CidrBlock: 10.0.0.0/16}
              Flows:
                Type: AWS::EC2::FlowLog
                Properties: {ResourceId: !Ref Main, ResourceType: VPC, TrafficType: ALL, LogDestinationType: s3,
                             LogDestination: arn:aws:s3:::flows}
            """,
        ),
        Example(
            terraform="""
            resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }

            resource "aws_subnet" "only" {
              vpc_id     = aws_vpc.main.id
              cidr_block = "10.0.0.0/24"
            }

            resource "aws_flow_log" "only" {
              subnet_id       = aws_subnet.only.id
              traffic_type    = "REJECT"
              log_destination = "arn:aws:s3:::flows"
            }
            """,
            cloudformation="""
            Resources:
              Main: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
              Only: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Main, CidrBlock: 10.0.0.0/24}}
              Flows:
                Type: AWS::EC2::FlowLog
                Properties: {ResourceId: !Ref Only, ResourceType: Subnet, TrafficType: REJECT}
            """,
        ),
    ],
)
def vpc_flow_logs_missing(vpc: aws.vpc.Vpc) -> Iterator[Finding]:
    flow_logs_of = aws.flow_logs.flow_logs_of
    vpc_logs = flow_logs_of(vpc)
    subnets = vpc.subnets
    # if the deployment has no flow log at all, its subnets do not matter
    logged = aws.flow_logs.FlowLog.found_in(vpc.deployment).exists()
    each_subnet = logged & subnets.exists() & subnets.all(lambda s: flow_logs_of(s).any(lambda log: log.shows_refused))
    if vpc_logs.any(lambda log: log.shows_refused) | each_subnet:
        return
    accepting = vpc_logs.items
    if accepting:
        yield Finding(
            "the flow log leaves refused traffic out", at=accepting[0].traffic, fix=accepting[0].traffic.set("ALL")
        )
    else:
        yield Finding("no flow log records the traffic of this VPC", at=vpc)
