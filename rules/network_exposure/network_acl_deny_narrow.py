"""Network ACL denies only some addresses.

A deny for a list of bad addresses stops nobody who has another one. Where something must not come in, deny it to
all and allow what is known.

Off by default: AWS itself advises network ACLs for blocking single addresses in an attack.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, any_of, aws, rule


@rule(
    on=aws.network_acl.AclEntry,
    severity="low",
    soc2=["CC6.6"],
    enabled=False,
    bad=[
        Example(
            terraform="""
            resource "aws_network_acl_rule" "scanner" {
              network_acl_id = "acl-1"
              rule_number    = 10
              protocol       = "-1"
              rule_action    = "deny"
              cidr_block     = "198.51.100.0/24"
            }
            """,
            cloudformation="""
            Resources:
              Scanner:
                Type: AWS::EC2::NetworkAclEntry
                Properties:
                  {NetworkAclId: acl-1, RuleNumber: 10, Protocol: -1, RuleAction: deny, CidrBlock: 198.51.100.0/24}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_network_acl_rule" "rest" {
              network_acl_id = "acl-1"
              rule_number    = 900
              protocol       = "-1"
              rule_action    = "deny"
              cidr_block     = "0.0.0.0/0"
            }

            resource "aws_network_acl_rule" "office" {
              network_acl_id = "acl-1"
              rule_number    = 100
              protocol       = "-1"
              rule_action    = "allow"
              cidr_block     = "198.51.100.0/24"
            }
            """,
            cloudformation="""
            Resources:
              Rest:
                Type: AWS::EC2::NetworkAclEntry
                Properties: {NetworkAclId: acl-1, RuleNumber: 900, Protocol: -1, RuleAction: deny, CidrBlock: 0.0.0.0/0}
              Office:
                Type: AWS::EC2::NetworkAclEntry
                Properties:
                  {NetworkAclId: acl-1, RuleNumber: 100, Protocol: -1, RuleAction: allow, CidrBlock: 198.51.100.0/24}
            """,
        ),
    ],
)
def network_acl_deny_narrow(entry: aws.network_acl.AclEntry) -> Iterator[Finding]:
    whole = any_of(entry.rule.addresses.covers_internet(family) for family in aws.cidr.FAMILIES)
    if ~entry.rule.allow & ~whole:
        yield Finding("only some addresses are denied", at=entry.ipv6 if entry.ipv4.implicit else entry.ipv4)
