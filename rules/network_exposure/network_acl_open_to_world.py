"""Network ACL allows all ports or protocols from anywhere.

A network ACL that admits everything from everywhere filters nothing: the subnet hangs on its security groups
alone, and one mistake there is all it takes. A web subnet needs 80, 443 and the ports that answers come back to,
1024-65535, with a deny for 3389 before them, since RDP listens there.

Judged are entries for all protocols, or for all ports of TCP or UDP, as far as no entry with a lower number denies
their traffic; entries for IPv6 only where the VPC can have IPv6 traffic. Entries for what leaves are reported as low,
and so are those of a network ACL whose subnets hold nothing but load balancers and NAT gateways.

AWS makes a default network ACL with each VPC that lets everything through. Entries of it that say the same are not
judged, as they are not where nobody writes them down.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Severity, Truth, Undecided, any_of, aws, rule


@rule(
    on=aws.network_acl.AclEntry,
    severity="medium",
    soc2=["CC6.6"],
    cwe=["284"],
    applies=lambda entry: ~entry.as_made,
    bad=[
        Example(
            terraform="""
            resource "aws_network_acl" "edge" { vpc_id = "vpc-1" }

            resource "aws_network_acl_rule" "all" {
              network_acl_id = aws_network_acl.edge.id
              rule_number    = 100
              protocol       = "-1"
              rule_action    = "allow"
              cidr_block     = "0.0.0.0/0"
            }

            resource "aws_network_acl_rule" "out" {
              network_acl_id  = aws_network_acl.edge.id
              rule_number     = 100
              egress          = true
              protocol        = "tcp"
              rule_action     = "allow"
              ipv6_cidr_block = "::/0"
              from_port       = 0
              to_port         = 65535
            }
            """,
            cloudformation="""
            Resources:
              Edge: {Type: AWS::EC2::NetworkAcl, Properties: {VpcId: vpc-1}}
              All:
                Type: AWS::EC2::NetworkAclEntry
                Properties:
                  {NetworkAclId: !Ref Edge, RuleNumber: 100, Protocol: -1, RuleAction: allow, CidrBlock: 0.0.0.0/0}
              Out:
                Type: AWS::EC2::NetworkAclEntry
                Properties:
                  NetworkAclId: !Ref Edge
                  RuleNumber: 100
                  Egress: true
                  Protocol: 6
                  RuleAction: allow
                  Ipv6CidrBlock: ::/0
                  PortRange: {From: 0, To: 65535}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_network_acl" "edge" { vpc_id = "vpc-1" }

            resource "aws_network_acl_rule" "web" {
              network_acl_id = aws_network_acl.edge.id
              rule_number    = 100
              protocol       = "tcp"
              rule_action    = "allow"
              cidr_block     = "0.0.0.0/0"
              from_port      = 443
              to_port        = 443
            }

            resource "aws_network_acl_rule" "inside" {
              network_acl_id = aws_network_acl.edge.id
              rule_number    = 110
              protocol       = "-1"
              rule_action    = "allow"
              cidr_block     = "10.0.0.0/8"
            }

            resource "aws_network_acl_rule" "no_desktop" {
              network_acl_id = aws_network_acl.edge.id
              rule_number    = 115
              protocol       = "tcp"
              rule_action    = "deny"
              cidr_block     = "0.0.0.0/0"
              from_port      = 3389
              to_port        = 3389
            }

            resource "aws_network_acl_rule" "answers" {
              network_acl_id = aws_network_acl.edge.id
              rule_number    = 117
              protocol       = "tcp"
              rule_action    = "allow"
              cidr_block     = "0.0.0.0/0"
              from_port      = 1024
              to_port        = 65535
            }

            resource "aws_network_acl_rule" "nothing_else" {
              network_acl_id = aws_network_acl.edge.id
              rule_number    = 120
              protocol       = "-1"
              rule_action    = "deny"
              cidr_block     = "0.0.0.0/0"
            }

            resource "aws_network_acl_rule" "in_vain" {
              network_acl_id = aws_network_acl.edge.id
              rule_number    = 130
              protocol       = "-1"
              rule_action    = "allow"
              cidr_block     = "0.0.0.0/0"
            }
            """,
            cloudformation="""
            Resources:
              Edge: {Type: AWS::EC2::NetworkAcl, Properties: {VpcId: vpc-1}}
              Web:
                Type: AWS::EC2::NetworkAclEntry
                Properties: {NetworkAclId: !Ref Edge, RuleNumber: 100, Protocol: 6, RuleAction: allow,
                             CidrBlock: 0.0.0.0/0, PortRange: {From: 443, To: 443}}
              Inside:
                Type: AWS::EC2::NetworkAclEntry
                Properties:
                  {NetworkAclId: !Ref Edge, RuleNumber: 110, Protocol: -1, RuleAction: allow, CidrBlock: 10.0.0.0/8}
              NoDesktop:
                Type: AWS::EC2::NetworkAclEntry
                Properties: {NetworkAclId: !Ref Edge, RuleNumber: 115, Protocol: 6, RuleAction: deny,
                             CidrBlock: 0.0.0.0/0, PortRange: {From: 3389, To: 3389}}
              Answers:
                Type: AWS::EC2::NetworkAclEntry
                Properties: {NetworkAclId: !Ref Edge, RuleNumber: 117, Protocol: 6, RuleAction: allow,
                             CidrBlock: 0.0.0.0/0, PortRange: {From: 1024, To: 65535}}
              NothingElse:
                Type: AWS::EC2::NetworkAclEntry
                Properties:
                  {NetworkAclId: !Ref Edge, RuleNumber: 120, Protocol: -1, RuleAction: deny, CidrBlock: 0.0.0.0/0}
              InVain:
                Type: AWS::EC2::NetworkAclEntry
                Properties:
                  {NetworkAclId: !Ref Edge, RuleNumber: 130, Protocol: -1, RuleAction: allow, CidrBlock: 0.0.0.0/0}
            """,
        ),
        Example(
            terraform="""
            resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }
            resource "aws_network_acl" "edge" { vpc_id = aws_vpc.main.id }

            resource "aws_network_acl_rule" "no_ipv6_here" {
              network_acl_id  = aws_network_acl.edge.id
              rule_number     = 100
              protocol        = "-1"
              rule_action     = "allow"
              ipv6_cidr_block = "::/0"
            }
            """,
            cloudformation="""
            Resources:
              Main: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
              Edge: {Type: AWS::EC2::NetworkAcl, Properties: {VpcId: !Ref Main}}
              NoIpv6Here:
                Type: AWS::EC2::NetworkAclEntry
                Properties:
                  NetworkAclId: !Ref Edge
                  RuleNumber: 100
                  Protocol: -1
                  RuleAction: allow
                  Ipv6CidrBlock: ::/0
            """,
        ),
        Example(
            terraform="""
            resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }

            resource "aws_default_network_acl" "as_made" {
              default_network_acl_id = aws_vpc.main.default_network_acl_id
              ingress {
                rule_no    = 100
                protocol   = "-1"
                action     = "allow"
                cidr_block = "0.0.0.0/0"
                from_port  = 0
                to_port    = 0
              }
            }
            """,
            cloudformation="""
            Resources:
              Main: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
              AsMade:
                Type: AWS::EC2::NetworkAclEntry
                Properties: {NetworkAclId: !GetAtt Main.DefaultNetworkAcl, RuleNumber: 50, Protocol: -1,
                             RuleAction: allow, CidrBlock: 0.0.0.0/0}
            """,
        ),
    ],
)
def network_acl_open_to_world(entry: aws.network_acl.AclEntry) -> Iterator[Finding | Undecided]:
    for egress in (False, True):
        direction = entry.directed(egress)
        if direction.is_false:
            continue
        flows = entry.through(egress)
        for family in aws.cidr.FAMILIES:
            truth = direction & any_of(_opens_all_ports(entry, flows, protocol, family) for protocol in ("tcp", "udp"))
            yield Undecided(truth)
            if truth.is_true:
                opening = entry.opening(family)
                preposition = "out to" if egress else "in from"
                yield Finding(
                    f"the network ACL lets {entry.traffic_value.certain} {preposition} {opening.data}",
                    at=opening,
                    severity=Severity.LOW if egress or _only_edge(entry) else None,
                )


def _opens_all_ports(
    entry: aws.network_acl.AclEntry, flows: aws.flows.FlowBounds, protocol: str, family: aws.cidr.Family
) -> Truth:
    """Return True if an entry is for all ports of a protocol, and earlier entries do not deny all of that traffic."""
    traffic = aws.ports.Traffic.of(protocol)
    return entry.traffic_value.includes_all_ports(protocol) & flows.any_open_to_internet(
        traffic, family, aws.cidr.DEFAULT_NEARLY
    )


def _only_edge(entry: aws.network_acl.AclEntry) -> bool:
    """Return True if the subnets of an entry's network ACL hold load balancers or NAT gateways and nothing else."""
    subnets = entry.acl.associated_subnets.items if entry.acl else ()
    return bool(subnets) and all(aws.compute.holds_only_edge(subnet) for subnet in subnets)
