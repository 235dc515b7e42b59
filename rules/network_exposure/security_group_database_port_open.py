"""A database, cache or message-broker port is open to the internet.

Data stores are made to be reached by applications, not by strangers: many speak protocols with weak sign-in or
none, and every password guess that gets through is a breach of the data itself.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Severity, Undecided, aws, rule

from ._openings import open_services


@rule(
    on=aws.security_groups.IngressRule,
    severity="critical",
    soc2=["CC6.6", "CC6.1", "C1.1"],
    cwe=["284"],
    bad=[
        Example(
            terraform="""
            resource "aws_vpc_security_group_ingress_rule" "postgres" {
              security_group_id = "sg-1"
              ip_protocol       = "tcp"
              from_port         = 5432
              to_port           = 5432
              cidr_ipv4         = "0.0.0.0/0"
            }
            """,
            cloudformation="""
            Resources:
              Postgres:
                Type: AWS::EC2::SecurityGroupIngress
                Properties: {GroupId: sg-1, IpProtocol: tcp, FromPort: 5432, ToPort: 5432, CidrIp: 0.0.0.0/0}
            """,
        ),
        Example(
            terraform="""
            resource "aws_security_group" "cache" {
              ingress {
                protocol    = "6"
                from_port   = 6000
                to_port     = 7000
                cidr_blocks = ["1.2.3.4/0"]
              }
            }
            """,
            cloudformation="""
            Resources:
              Cache:
                Type: AWS::EC2::SecurityGroup
                Properties:
                  GroupDescription: cache
                  SecurityGroupIngress: [{IpProtocol: "6", FromPort: 6000, ToPort: 7000, CidrIp: 1.2.3.4/0}]
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_vpc_security_group_ingress_rule" "postgres" {
              security_group_id = "sg-1"
              ip_protocol       = "tcp"
              from_port         = 5432
              to_port           = 5432
              cidr_ipv4         = "10.20.0.0/16"
            }
            """,
            cloudformation="""
            Resources:
              Postgres:
                Type: AWS::EC2::SecurityGroupIngress
                Properties: {GroupId: sg-1, IpProtocol: tcp, FromPort: 5432, ToPort: 5432, CidrIp: 10.20.0.0/16}
            """,
        ),
    ],
)
def security_group_database_port_open(opening: aws.security_groups.IngressRule) -> Iterator[Finding | Undecided]:
    yield from open_services(opening, (aws.ports.DATABASE, Severity.CRITICAL))
