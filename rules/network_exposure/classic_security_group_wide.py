"""Database security group of EC2-Classic admits many hosts.

A group that admits a whole range lets in everything that is placed there, today and later. For these groups there
is no second rule to narrow it: whoever has an address in the range may sign in.

`max_hosts` is the greatest number of addresses that a range may have.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Truth, Undecided, aws, rule


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
            resource "aws_db_security_group" "orders" {
              name = "orders"
              ingress { cidr = "10.0.0.0/28" }
            }
            """,
            cloudformation="""
            Resources:
              Orders:
                Type: AWS::RDS::DBSecurityGroup
                Properties: {GroupDescription: orders, DBSecurityGroupIngress: {CIDRIP: 10.0.0.0/28}}
            """,
        ),
    ],
)
def classic_security_group_wide(
    group: aws.ec2_classic.ClassicGroup, *, max_hosts: int = 255
) -> Iterator[Finding | Undecided]:
    for ingress in group.ingress:
        addresses = aws.cidr.addresses_from(ingress.cidr)
        size = addresses.certain.size(4)
        if size > max_hosts:
            yield Finding(f"{ingress.cidr.data} is let in, which is {size} addresses", at=ingress.cidr)
        elif addresses.possible.size(4) > max_hosts:
            yield Undecided(Truth.undecided(*addresses.reasons))
