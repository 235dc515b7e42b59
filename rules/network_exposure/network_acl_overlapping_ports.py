"""Entries of a network ACL overlap.

Where two entries are about the same traffic, the lower number wins, and the other one looks as if it did
something. Overlaps are how a deny ends up behind the allow that it was written against.

Entries for all protocols, which are meant to catch the rest, do not count. Off by default: a deny before a broader
allow is an overlap, and good practice.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Truth, Undecided, aws, rule


@rule(
    on=aws.network_acl.AclEntry,
    severity="low",
    soc2=["CC6.6", "CC8.1"],
    enabled=False,
    bad=[
        Example(
            terraform="""
            resource "aws_network_acl_rule" "high" {
              network_acl_id = "acl-1"
              rule_number    = 100
              protocol       = "tcp"
              rule_action    = "allow"
              cidr_block     = "0.0.0.0/0"
              from_port      = 1024
              to_port        = 65535
            }

            resource "aws_network_acl_rule" "no_desktop" {
              network_acl_id = "acl-1"
              rule_number    = 200
              protocol       = "tcp"
              rule_action    = "deny"
              cidr_block     = "0.0.0.0/0"
              from_port      = 3389
              to_port        = 3389
            }
            """,
            cloudformation="""
            Resources:
              High:
                Type: AWS::EC2::NetworkAclEntry
                Properties: {NetworkAclId: acl-1, RuleNumber: 100, Protocol: 6, RuleAction: allow,
                             CidrBlock: 0.0.0.0/0, PortRange: {From: 1024, To: 65535}}
              NoDesktop:
                Type: AWS::EC2::NetworkAclEntry
                Properties: {NetworkAclId: acl-1, RuleNumber: 200, Protocol: 6, RuleAction: deny, CidrBlock: 0.0.0.0/0,
                             PortRange: {From: 3389, To: 3389}}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_network_acl_rule" "web" {
              network_acl_id = "acl-1"
              rule_number    = 100
              protocol       = "tcp"
              rule_action    = "allow"
              cidr_block     = "0.0.0.0/0"
              from_port      = 443
              to_port        = 443
            }

            resource "aws_network_acl_rule" "high" {
              network_acl_id = "acl-1"
              rule_number    = 200
              protocol       = "tcp"
              rule_action    = "allow"
              cidr_block     = "0.0.0.0/0"
              from_port      = 1024
              to_port        = 65535
            }
            """,
            cloudformation="""
            Resources:
              Web:
                Type: AWS::EC2::NetworkAclEntry
                Properties: {NetworkAclId: acl-1, RuleNumber: 100, Protocol: 6, RuleAction: allow,
                             CidrBlock: 0.0.0.0/0, PortRange: {From: 443, To: 443}}
              High:
                Type: AWS::EC2::NetworkAclEntry
                Properties: {NetworkAclId: acl-1, RuleNumber: 200, Protocol: 6, RuleAction: allow,
                             CidrBlock: 0.0.0.0/0, PortRange: {From: 1024, To: 65535}}
            """,
        ),
    ],
)
def network_acl_overlapping_ports(entry: aws.network_acl.AclEntry) -> Iterator[Finding | Undecided]:
    for egress in (False, True):
        direction = entry.directed(egress)
        if direction.is_false:
            continue
        own = entry.as_rule(direction)
        for _, other in entry.other_entries(egress):
            if any(each.traffic.certain.is_all for each in (own, other)):
                continue
            if own.certain & other.certain:
                yield Finding("another entry is about the same traffic, too", at=entry)
                return
            if own.possible & other.possible:
                yield Undecided(Truth.undecided(*own.reasons, *other.reasons))
    yield Undecided(entry.unresolved_entries)
