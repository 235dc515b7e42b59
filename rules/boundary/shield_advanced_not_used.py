"""Public endpoint does without Shield Advanced.

Every account has the free Shield, which stops the common floods at the network layer. Shield Advanced adds
detection at the application layer, a team to call, and protection from the bill of an attack. It costs a
subscription for the organization, which is why this rule is off by default.

A policy of Firewall Manager for Shield Advanced counts.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.ddos_protection.ShieldTarget,
    severity="low",
    soc2=["A1.2", "CC6.6"],
    enabled=False,
    bad=[
        Example(
            terraform="""
            resource "aws_route53_zone" "site" { name = "example.com" }
            """,
            cloudformation="""
            Resources:
              Site:
                Type: AWS::Route53::HostedZone
                Properties: {Name: example.com}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_eip" "web" { domain = "vpc" }

            resource "aws_shield_protection" "web" {
              name         = "web"
              resource_arn = "arn:aws:ec2:eu-west-1:111122223333:eip-allocation/${aws_eip.web.id}"
            }
            """,
            cloudformation="""
            Resources:
              Web:
                Type: AWS::EC2::EIP
                Properties: {Domain: vpc}
              Protection:
                Type: AWS::Shield::Protection
                Properties:
                  Name: web
                  ResourceArn: !Sub "arn:aws:ec2:eu-west-1:111122223333:eip-allocation/${Web.AllocationId}"
            """,
        ),
    ],
)
def shield_advanced_not_used(target: aws.ddos_protection.ShieldTarget) -> Iterator[Finding]:
    if ~target.protected:
        yield Finding("Shield Advanced does not protect it", at=target)
