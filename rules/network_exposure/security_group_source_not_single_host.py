"""Security group admits more than single hosts.

Where every caller is known by its address, a range lets in its neighbours, too. Few networks are run so, which is
why this is off by default; security-group-wide-public-range asks the question that matters to all.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Truth, Undecided, aws, rule


@rule(
    on=aws.security_groups.IngressRule,
    severity="low",
    soc2=["CC6.6"],
    enabled=False,
    cwe=["284"],
    bad=[
        Example(
            terraform="""
            resource "aws_security_group" "app" {
              ingress {
                protocol    = "tcp"
                from_port   = 443
                to_port     = 443
                cidr_blocks = ["192.0.2.0/28"]
              }
            }
            """,
            cloudformation="""
            Resources:
              App:
                Type: AWS::EC2::SecurityGroup
                Properties:
                  GroupDescription: app
                  SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 192.0.2.0/28}]
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_security_group" "app" {
              ingress {
                protocol    = "tcp"
                from_port   = 443
                to_port     = 443
                cidr_blocks = ["192.0.2.7/32"]
              }
            }
            """,
            cloudformation="""
            Resources:
              App:
                Type: AWS::EC2::SecurityGroup
                Properties:
                  GroupDescription: app
                  SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 192.0.2.7/32}]
            """,
        ),
    ],
)
def security_group_source_not_single_host(opening: aws.security_groups.IngressRule) -> Iterator[Finding | Undecided]:
    for value in opening.cidrs:
        addresses = aws.cidr.addresses_from(value)
        if any(addresses.certain.size(family) > 1 for family in aws.cidr.FAMILIES):
            yield Finding(f"{value.data} is more than a single host", at=value)
        elif addresses.possible != addresses.certain and not opening.narrow(value, 32, 128):
            yield Undecided(Truth.undecided(*addresses.reasons))
    if not opening.body.known:  # then the rule may have any source
        yield Undecided(Truth.undecided(*opening.body.reasons))
