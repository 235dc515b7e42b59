"""Outbound FTP, SMB, Telnet, SMTP or LDAP to the whole internet is allowed.

A compromised system sends out what it found over whatever is open: mail, file transfer, chat. SMB that leaves the
network hands password hashes to strangers. Name the servers that are meant, or close the port.

A rule that lets everything out is left to security-group-egress-open.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Undecided, aws, rule

from ._openings import Service

RISKY = (
    Service("FTP", ((20, 21),)),
    Service("TFTP", ((69, 69),), ("udp",)),
    Service("Telnet", ((23, 23),)),
    Service("SMTP", ((25, 25),)),
    Service("SMB and NetBIOS", ((445, 445), (137, 139)), ("tcp", "udp")),
    Service("LDAP", ((389, 389),), ("tcp", "udp")),
    Service("NFS", ((2049, 2049),), ("tcp", "udp")),
    Service("IRC", ((6667, 6667),)),
    Service("rsync", ((873, 873),)),
)


@rule(
    on=aws.security_groups.EgressRule,
    severity="medium",
    soc2=["CC6.7", "CC6.6"],
    cwe=["923"],
    bad=[
        Example(
            terraform="""
            resource "aws_security_group" "app" {
              egress {
                protocol    = "tcp"
                from_port   = 25
                to_port     = 25
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
                  SecurityGroupEgress: [{IpProtocol: tcp, FromPort: 25, ToPort: 25, CidrIp: 0.0.0.0/0}]
            """,
        ),
        Example(
            terraform="""
            resource "aws_vpc_security_group_egress_rule" "low" {
              security_group_id = "sg-1"
              ip_protocol       = "tcp"
              from_port         = 20
              to_port           = 500
              cidr_ipv6         = "::/0"
            }
            """,
            cloudformation="""
            Resources:
              Low:
                Type: AWS::EC2::SecurityGroupEgress
                Properties: {GroupId: sg-1, IpProtocol: tcp, FromPort: 20, ToPort: 500, CidrIpv6: "::/0"}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_security_group" "app" {
              egress {
                protocol    = "tcp"
                from_port   = 25
                to_port     = 25
                cidr_blocks = ["10.0.0.0/8"]
              }
              egress {
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
                  SecurityGroupEgress:
                    - {IpProtocol: tcp, FromPort: 25, ToPort: 25, CidrIp: 10.0.0.0/8}
                    - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}
            """,
        ),
    ],
)
def security_group_egress_risky_service(opening: aws.security_groups.EgressRule) -> Iterator[Finding | Undecided]:
    for family in aws.cidr.FAMILIES:
        not_all_ports = ~opening.opens_all_ports(family)
        answers = [(service, opening.opens(service.traffic, family) & not_all_ports) for service in RISKY]
        for _, truth in answers:
            yield Undecided(truth)
        names = [service.name for service, truth in answers if truth.is_true]
        if names:
            yield Finding(
                f"{', '.join(names)} may leave to the internet ({opening.source(family)})", at=opening.opening(family)
            )
