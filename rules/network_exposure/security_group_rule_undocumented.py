"""Security group rule has no description.

Nobody closes an opening whose reason he does not know. A description says who asked for it and for what, and makes
the yearly review of the rules a matter of reading.

Judged are groups, and rules that name addresses. What Terraform writes where nothing is said, "Managed by
Terraform", says nothing. Off by default.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.descriptions.Describable,
    severity="low",
    soc2=["CC8.1", "CC2.1"],
    enabled=False,
    applies=lambda item: item.admits,
    bad=[
        Example(
            terraform="""
            resource "aws_security_group" "app" {
              description = "Application servers"
              ingress {
                protocol    = "tcp"
                from_port   = 443
                to_port     = 443
                cidr_blocks = ["10.0.0.0/8"]
              }
            }
            """,
            cloudformation="""
            Resources:
              App:
                Type: AWS::EC2::SecurityGroup
                Properties:
                  GroupDescription: Application servers
                  SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/8}]
            """,
        ),
        Example(
            terraform="""
            resource "aws_security_group" "app" {}
            """,
            only="CloudFormation demands the description of a group",
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_security_group" "app" {
              description = "Application servers"
              ingress {
                description = "Calls from the other services"
                protocol    = "tcp"
                from_port   = 443
                to_port     = 443
                cidr_blocks = ["10.0.0.0/8"]
              }
            }
            """,
            cloudformation="""
            Resources:
              App:
                Type: AWS::EC2::SecurityGroup
                Properties:
                  GroupDescription: Application servers
                  SecurityGroupIngress:
                    - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/8,
                       Description: Calls from the other services}
            """,
        ),
    ],
)
def security_group_rule_undocumented(item: aws.descriptions.Describable) -> Iterator[Finding]:
    if item.is_undescribed:
        yield Finding(f"the {item.noun} has no description", at=item.anchor)
