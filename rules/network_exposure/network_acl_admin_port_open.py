"""Network ACL admits SSH, RDP or FTP from anywhere.

The network ACL of a subnet is the second layer: it still holds when somebody opens a security group by mistake.
One that admits remote administration from the whole internet, or FTP with its passwords in clear text, is no layer
at all.

Entries are judged in the order in which AWS applies them, by their numbers: a deny for the same port and source
helps only if its number is lower. Entries that are resources of their own count with those inside the network ACL.
Answers come back to ports from 1024 to 65535, among which is that of RDP: deny 3389 with a lower number than the
entry for answers has.

What a network ACL that is not written here holds beside these entries is not looked at, nor are entries of a default
network ACL that let everything through, as those do that AWS makes; Security Hub leaves default ones out as well:
"The control doesn't generate findings for a default network ACL"
(https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-21).
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Undecided, aws, rule

from ._openings import Service

ADMIN = (Service("FTP", ((20, 21),)), Service("SSH", ((22, 22),)), Service("RDP", ((3389, 3389),)))
TCP = aws.ports.Traffic.of("tcp")
# RDP's UDP transport is only used together with a TCP connection: [MS-RDPEUDP], 1.3.1


@rule(
    on=aws.network_acl.AclEntry,
    severity="medium",
    soc2=["CC6.6", "CC6.1"],
    cwe=["284"],
    applies=lambda entry: entry.directed(egress=False) & ~entry.as_made,
    bad=[
        Example(
            terraform="""
            resource "aws_network_acl" "edge" { vpc_id = "vpc-1" }

            resource "aws_network_acl_rule" "ssh" {
              network_acl_id = aws_network_acl.edge.id
              rule_number    = 100
              egress         = false
              protocol       = "tcp"
              rule_action    = "allow"
              cidr_block     = "0.0.0.0/0"
              from_port      = 20
              to_port        = 25
            }

            resource "aws_network_acl_rule" "late" {
              network_acl_id = aws_network_acl.edge.id
              rule_number    = 200
              protocol       = "tcp"
              rule_action    = "deny"
              cidr_block     = "0.0.0.0/0"
              from_port      = 22
              to_port        = 22
            }
            """,
            cloudformation="""
            Resources:
              Edge: {Type: AWS::EC2::NetworkAcl, Properties: {VpcId: vpc-1}}
              Ssh:
                Type: AWS::EC2::NetworkAclEntry
                Properties: {NetworkAclId: !Ref Edge, RuleNumber: 100, Protocol: 6, RuleAction: allow,
                             CidrBlock: 0.0.0.0/0, PortRange: {From: 20, To: 25}}
              Late:
                Type: AWS::EC2::NetworkAclEntry
                Properties: {NetworkAclId: !Ref Edge, RuleNumber: 200, Protocol: 6, RuleAction: deny,
                             CidrBlock: 0.0.0.0/0, PortRange: {From: 22, To: 22}}
            """,
        ),
        Example(
            terraform="""
            resource "aws_network_acl" "edge" {
              vpc_id = "vpc-1"
              ingress {
                rule_no         = 100
                protocol        = "-1"
                action          = "allow"
                ipv6_cidr_block = "::/0"
                from_port       = 0
                to_port         = 0
              }
            }
            """,
            cloudformation="""
            Resources:
              Edge: {Type: AWS::EC2::NetworkAcl, Properties: {VpcId: vpc-1}}
              All:
                Type: AWS::EC2::NetworkAclEntry
                Properties:
                  NetworkAclId: !Ref Edge
                  RuleNumber: 100
                  Protocol: -1
                  RuleAction: allow
                  Ipv6CidrBlock: ::/0
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_network_acl" "edge" { vpc_id = "vpc-1" }

            resource "aws_network_acl_rule" "no_admin" {
              network_acl_id = aws_network_acl.edge.id
              rule_number    = 10
              protocol       = "tcp"
              rule_action    = "deny"
              cidr_block     = "0.0.0.0/0"
              from_port      = 20
              to_port        = 22
            }

            resource "aws_network_acl_rule" "no_desktop" {
              network_acl_id = aws_network_acl.edge.id
              rule_number    = 20
              protocol       = "-1"
              rule_action    = "deny"
              cidr_block     = "0.0.0.0/1"
            }

            resource "aws_network_acl_rule" "no_desktop_either" {
              network_acl_id = aws_network_acl.edge.id
              rule_number    = 21
              protocol       = "-1"
              rule_action    = "deny"
              cidr_block     = "128.0.0.0/1"
            }

            resource "aws_network_acl_rule" "rest" {
              network_acl_id = aws_network_acl.edge.id
              rule_number    = 100
              protocol       = "-1"
              rule_action    = "allow"
              cidr_block     = "0.0.0.0/0"
            }
            """,
            cloudformation="""
            Resources:
              Edge: {Type: AWS::EC2::NetworkAcl, Properties: {VpcId: vpc-1}}
              NoAdmin:
                Type: AWS::EC2::NetworkAclEntry
                Properties: {NetworkAclId: !Ref Edge, RuleNumber: 10, Protocol: 6, RuleAction: deny,
                             CidrBlock: 0.0.0.0/0, PortRange: {From: 20, To: 22}}
              NoDesktop:
                Type: AWS::EC2::NetworkAclEntry
                Properties:
                  {NetworkAclId: !Ref Edge, RuleNumber: 20, Protocol: -1, RuleAction: deny, CidrBlock: 0.0.0.0/1}
              NoDesktopEither:
                Type: AWS::EC2::NetworkAclEntry
                Properties:
                  {NetworkAclId: !Ref Edge, RuleNumber: 21, Protocol: -1, RuleAction: deny, CidrBlock: 128.0.0.0/1}
              Rest:
                Type: AWS::EC2::NetworkAclEntry
                Properties:
                  {NetworkAclId: !Ref Edge, RuleNumber: 100, Protocol: -1, RuleAction: allow, CidrBlock: 0.0.0.0/0}
            """,
        ),
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

            resource "aws_network_acl_rule" "office" {
              network_acl_id = "acl-1"
              rule_number    = 110
              protocol       = "tcp"
              rule_action    = "allow"
              cidr_block     = "10.0.0.0/8"
              from_port      = 22
              to_port        = 22
            }

            resource "aws_network_acl_rule" "out" {
              network_acl_id = "acl-1"
              rule_number    = 100
              egress         = true
              protocol       = "-1"
              rule_action    = "allow"
              cidr_block     = "0.0.0.0/0"
            }
            """,
            cloudformation="""
            Resources:
              Web:
                Type: AWS::EC2::NetworkAclEntry
                Properties: {NetworkAclId: acl-1, RuleNumber: 100, Protocol: 6, RuleAction: allow,
                             CidrBlock: 0.0.0.0/0, PortRange: {From: 443, To: 443}}
              Office:
                Type: AWS::EC2::NetworkAclEntry
                Properties: {NetworkAclId: acl-1, RuleNumber: 110, Protocol: 6, RuleAction: allow,
                             CidrBlock: 10.0.0.0/8, PortRange: {From: 22, To: 22}}
              Out:
                Type: AWS::EC2::NetworkAclEntry
                Properties: {NetworkAclId: acl-1, RuleNumber: 100, Egress: true, Protocol: -1, RuleAction: allow,
                             CidrBlock: 0.0.0.0/0}
            """,
        ),
        Example(
            terraform="""
            resource "aws_network_acl" "web" { vpc_id = "vpc-1" }

            resource "aws_network_acl_rule" "no_desktop" {
              network_acl_id = aws_network_acl.web.id
              rule_number    = 100
              protocol       = "tcp"
              rule_action    = "deny"
              cidr_block     = "0.0.0.0/0"
              from_port      = 3389
              to_port        = 3389
            }

            resource "aws_network_acl_rule" "answers" {
              network_acl_id = aws_network_acl.web.id
              rule_number    = 110
              protocol       = "tcp"
              rule_action    = "allow"
              cidr_block     = "0.0.0.0/0"
              from_port      = 1024
              to_port        = 65535
            }
            """,
            cloudformation="""
            Resources:
              Web: {Type: AWS::EC2::NetworkAcl, Properties: {VpcId: vpc-1}}
              NoDesktop:
                Type: AWS::EC2::NetworkAclEntry
                Properties: {NetworkAclId: !Ref Web, RuleNumber: 100, Protocol: 6, RuleAction: deny,
                             CidrBlock: 0.0.0.0/0, PortRange: {From: 3389, To: 3389}}
              Answers:
                Type: AWS::EC2::NetworkAclEntry
                Properties: {NetworkAclId: !Ref Web, RuleNumber: 110, Protocol: 6, RuleAction: allow,
                             CidrBlock: 0.0.0.0/0, PortRange: {From: 1024, To: 65535}}
            """,
        ),
    ],
)
def network_acl_admin_port_open(entry: aws.network_acl.AclEntry) -> Iterator[Finding | Undecided]:
    flows = entry.through(egress=False)
    for family in aws.cidr.FAMILIES:
        answers = [(s, flows.service_open_to_internet(s, family, aws.cidr.DEFAULT_NEARLY)) for s in ADMIN]
        for _, truth in answers:
            yield Undecided(truth)
        names = [service.name for service, truth in answers if truth.is_true]
        if names:
            opening = entry.opening(family)
            for_answers = names == ["RDP"] and entry.traffic_value.certain >= aws.reachability.EPHEMERAL_PORTS & TCP
            advice = " in its range for answers; deny 3389 with a lower number" if for_answers else ""
            yield Finding(f"the network ACL admits {', '.join(names)} from {opening.data}{advice}", at=opening)
