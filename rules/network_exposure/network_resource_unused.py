"""Security group, network ACL or Elastic IP is attached to nothing.

What nothing uses today is attached tomorrow by somebody who does not read its rules, and every unused opening
makes the list longer that a reviewer has to understand. An unused address costs money besides.

Used is what another resource refers to, beyond its own rules, or what an output hands on. Off by default, since
modules often leave the attaching to others.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.unused.Attachable,
    severity="low",
    soc2=["CC6.1", "CC6.6"],
    enabled=False,
    bad=[
        Example(
            terraform="""
            resource "aws_security_group" "old" { vpc_id = "vpc-1" }

            resource "aws_vpc_security_group_ingress_rule" "old" {
              security_group_id = aws_security_group.old.id
              ip_protocol       = "tcp"
              from_port         = 443
              to_port           = 443
              cidr_ipv4         = "10.0.0.0/8"
            }
            """,
            cloudformation="""
            Resources:
              Old:
                Type: AWS::EC2::SecurityGroup
                Properties: {GroupDescription: old, VpcId: vpc-1}
              Rule:
                Type: AWS::EC2::SecurityGroupIngress
                Properties: {GroupId: !Ref Old, IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/8}
            """,
        ),
        Example(
            terraform="""
            resource "aws_eip" "spare" { domain = "vpc" }
            """,
            cloudformation="""
            Resources:
              Spare: {Type: AWS::EC2::EIP, Properties: {Domain: vpc}}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_security_group" "app" { vpc_id = "vpc-1" }
            resource "aws_instance" "app" { vpc_security_group_ids = [aws_security_group.app.id] }
            resource "aws_eip" "app" { instance = aws_instance.app.id }
            """,
            cloudformation="""
            Resources:
              Group:
                Type: AWS::EC2::SecurityGroup
                Properties: {GroupDescription: app, VpcId: vpc-1}
              App: {Type: AWS::EC2::Instance, Properties: {SecurityGroupIds: [!Ref Group]}}
              Address:
                Type: AWS::EC2::EIP
                Properties: {InstanceId: !Ref App}
            """,
        ),
        Example(
            terraform="""
            resource "aws_security_group" "app" { vpc_id = "vpc-1" }
            output "group" { value = aws_security_group.app.id }
            """,
            cloudformation="""
            Resources:
              Group: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: app, VpcId: vpc-1}}
            Outputs:
              Group:
                Value: !Ref Group
            """,
        ),
    ],
)
def network_resource_unused(item: aws.unused.Attachable) -> Iterator[Finding]:
    if ~item.used:
        yield Finding(f"nothing uses this {item.noun}", at=item)
