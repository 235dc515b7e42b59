"""Security group trusts a very wide public address range.

A range of thousands of public addresses is not an office or a partner: it is a provider, with everybody else who
rents there. One of them is enough.

`max_public_prefix` is the shortest prefix of IPv4 that passes; of IPv6 twice as many bits pass. Private ranges
pass, and so do ranges that AWS publishes. What is as wide as the internet is left to the rules about open ports.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Truth, Undecided, aws, rule


@rule(
    on=aws.security_groups.IngressRule,
    severity="medium",
    soc2=["CC6.6"],
    cwe=["284"],
    bad=[
        Example(
            terraform="""
            resource "aws_security_group" "app" {
              ingress {
                protocol    = "tcp"
                from_port   = 8443
                to_port     = 8443
                cidr_blocks = ["52.0.0.0/11"]
              }
            }
            """,
            cloudformation="""
            Resources:
              App:
                Type: AWS::EC2::SecurityGroup
                Properties:
                  GroupDescription: app
                  SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 8443, ToPort: 8443, CidrIp: 52.0.0.0/11}]
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_security_group" "app" {
              ingress {
                protocol    = "tcp"
                from_port   = 8443
                to_port     = 8443
                cidr_blocks = ["52.1.2.0/24", "10.0.0.0/8"]
              }
              ingress {
                protocol    = "tcp"
                from_port   = 443
                to_port     = 443
                cidr_blocks = ["0.0.0.0/0"]
              }
            }
            """,
            cloudformation="""
            Resources:
              App:
                Type: AWS::EC2::SecurityGroup
                Properties:
                  GroupDescription: app
                  SecurityGroupIngress:
                    - {IpProtocol: tcp, FromPort: 8443, ToPort: 8443, CidrIp: 52.1.2.0/24}
                    - {IpProtocol: tcp, FromPort: 8443, ToPort: 8443, CidrIp: 10.0.0.0/8}
                    - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}
            """,
        ),
    ],
)
def security_group_wide_public_range(
    opening: aws.security_groups.IngressRule, *, max_public_prefix: int = 24
) -> Iterator[Finding | Undecided]:
    for value in opening.cidrs:
        addresses = aws.cidr.addresses_from(value)
        for family, bits in ((4, 32 - max_public_prefix), (6, 128 - 2 * max_public_prefix)):
            wide = addresses.certain.public_part().size(family) > 1 << bits  # type: ignore[arg-type]
            open_to_all = addresses.covers_internet(nearly=aws.cidr.DEFAULT_NEARLY)
            if wide and not open_to_all.possible:
                yield Finding(f"{value.data} is let in, a wide range of public addresses", at=value)
                break
        else:
            narrow = opening.narrow(value, max_public_prefix, 2 * max_public_prefix)
            if value.unknown and not value.refs and not narrow and addresses.possible:
                yield Undecided(Truth.undecided(*addresses.reasons))
    if not opening.body.known:  # then the rule may have any source
        yield Undecided(Truth.undecided(*opening.body.reasons))
