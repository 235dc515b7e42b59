"""Security group lets the whole internet in on every port.

Every service that listens, also the one that somebody starts next year, can be reached by anyone. What counts is
the set of addresses and ports: ranges that together cover the internet are the internet, and protocol -1 is every
port whatever the port fields say.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Severity, aws, rule

from ._openings import internet_source, less_severe


@rule(
    on=aws.security_groups.IngressRule,
    severity="critical",
    soc2=["CC6.6", "CC6.1"],
    cwe=["284"],
    bad=[
        Example(
            terraform="""
            resource "aws_security_group" "web" {
              ingress {
                protocol    = "-1"
                from_port   = 0
                to_port     = 0
                cidr_blocks = ["0.0.0.0/0"]
              }
            }
            """,
            cloudformation="""
            Resources:
              Web:
                Type: AWS::EC2::SecurityGroup
                Properties: {GroupDescription: web, SecurityGroupIngress: [{IpProtocol: "-1", CidrIp: 0.0.0.0/0}]}
            """,
        ),
        Example(
            terraform="""
            resource "aws_security_group" "web" {}

            resource "aws_vpc_security_group_ingress_rule" "all" {
              security_group_id = aws_security_group.web.id
              ip_protocol       = -1
              cidr_ipv6         = "::/0"
            }
            """,
            cloudformation="""
            Resources:
              Web: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: web}}
              All:
                Type: AWS::EC2::SecurityGroupIngress
                Properties:
                  GroupId: !GetAtt Web.GroupId
                  IpProtocol: -1
                  CidrIpv6: ::/0
            """,
        ),
        Example(
            terraform="""
            resource "aws_security_group" "halves" {
              ingress {
                protocol    = "tcp"
                from_port   = 0
                to_port     = 65535
                cidr_blocks = ["0.0.0.0/1"]
              }
              ingress {
                protocol    = "tcp"
                from_port   = 0
                to_port     = 65535
                cidr_blocks = ["128.0.0.0/1"]
              }
            }
            """,
            cloudformation="""
            Resources:
              Halves:
                Type: AWS::EC2::SecurityGroup
                Properties:
                  GroupDescription: two halves
                  SecurityGroupIngress:
                    - {IpProtocol: tcp, FromPort: 0, ToPort: 65535, CidrIp: 0.0.0.0/1}
                    - {IpProtocol: tcp, FromPort: 0, ToPort: 65535, CidrIp: 128.0.0.0/1}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_security_group" "web" {
              ingress {
                protocol    = "tcp"
                from_port   = 443
                to_port     = 443
                cidr_blocks = ["0.0.0.0/0"]
              }
              ingress {
                protocol    = "-1"
                from_port   = 0
                to_port     = 0
                cidr_blocks = ["10.0.0.0/8"]
              }
            }
            """,
            cloudformation="""
            Resources:
              Web:
                Type: AWS::EC2::SecurityGroup
                Properties:
                  GroupDescription: web
                  SecurityGroupIngress:
                    - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}
                    - {IpProtocol: "-1", CidrIp: 10.0.0.0/8}
            """,
        ),
    ],
)
def security_group_open_to_world(opening: aws.security_groups.IngressRule) -> Iterator[Finding]:
    for family in aws.cidr.FAMILIES:
        if opening.opens_all_ports(family):
            wholly = opening.opens_all_ports(family, None).is_true
            yield Finding(
                f"every port is open to {internet_source(opening, family, wholly)}",
                at=opening.opening(family),
                severity=Severity.CRITICAL if wholly else less_severe(Severity.CRITICAL),
            )
