"""Two entries of a network ACL have the same number.

Entries are told apart by number and direction: the second one is refused when it is deployed, or takes the place
of the first. What was meant to be denied may then be allowed.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Truth, Undecided, aws, rule


@rule(
    on=aws.network_acl.AclEntry,
    severity="medium",
    soc2=["CC6.6", "CC8.1"],
    bad=[
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

            resource "aws_network_acl_rule" "no_admin" {
              network_acl_id = "acl-1"
              rule_number    = 100
              protocol       = "tcp"
              rule_action    = "deny"
              cidr_block     = "0.0.0.0/0"
              from_port      = 22
              to_port        = 22
            }
            """,
            cloudformation="""
            Resources:
              Web:
                Type: AWS::EC2::NetworkAclEntry
                Properties: {NetworkAclId: acl-1, RuleNumber: 100, Protocol: 6, RuleAction: allow,
                             CidrBlock: 0.0.0.0/0, PortRange: {From: 443, To: 443}}
              NoAdmin:
                Type: AWS::EC2::NetworkAclEntry
                Properties: {NetworkAclId: acl-1, RuleNumber: 100, Protocol: 6, RuleAction: deny, CidrBlock: 0.0.0.0/0,
                             PortRange: {From: 22, To: 22}}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_network_acl_rule" "in" {
              network_acl_id = "acl-1"
              rule_number    = 100
              protocol       = "tcp"
              rule_action    = "allow"
              cidr_block     = "0.0.0.0/0"
              from_port      = 443
              to_port        = 443
            }

            resource "aws_network_acl_rule" "out" {
              network_acl_id = "acl-1"
              rule_number    = 100
              egress         = true
              protocol       = "tcp"
              rule_action    = "allow"
              cidr_block     = "0.0.0.0/0"
              from_port      = 1024
              to_port        = 65535
            }

            resource "aws_network_acl_rule" "elsewhere" {
              network_acl_id = "acl-2"
              rule_number    = 100
              protocol       = "tcp"
              rule_action    = "allow"
              cidr_block     = "0.0.0.0/0"
              from_port      = 443
              to_port        = 443
            }
            """,
            cloudformation="""
            Resources:
              In:
                Type: AWS::EC2::NetworkAclEntry
                Properties: {NetworkAclId: acl-1, RuleNumber: 100, Protocol: 6, RuleAction: allow,
                             CidrBlock: 0.0.0.0/0, PortRange: {From: 443, To: 443}}
              Out:
                Type: AWS::EC2::NetworkAclEntry
                Properties: {NetworkAclId: acl-1, RuleNumber: 100, Egress: true, Protocol: 6, RuleAction: allow,
                             CidrBlock: 0.0.0.0/0, PortRange: {From: 1024, To: 65535}}
              Elsewhere:
                Type: AWS::EC2::NetworkAclEntry
                Properties: {NetworkAclId: acl-2, RuleNumber: 100, Protocol: 6, RuleAction: allow,
                             CidrBlock: 0.0.0.0/0, PortRange: {From: 443, To: 443}}
            """,
        ),
    ],
)
def network_acl_duplicate_number(entry: aws.network_acl.AclEntry) -> Iterator[Finding | Undecided]:
    for egress in (False, True):
        direction = entry.directed(egress)
        if direction.is_false:
            continue
        for _, other in entry.other_entries(egress):
            same = Truth.undecided(*entry.number.reasons, *other.reasons)
            if entry.number.known and other.number is not None:
                same = entry.number.is_(other.number)
            truth = direction & other.exists & same
            if truth.is_true:
                yield Finding(f"another entry has the number {entry.number.data}, too", at=entry.number)
                return
            yield Undecided(truth)
    yield Undecided(entry.unresolved_entries)
