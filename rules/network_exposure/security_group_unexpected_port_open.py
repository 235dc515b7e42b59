"""The internet is let in on a port that is not a public web port.

What should face the internet is 80 and 443. Another port is a debug server, an agent, an application that was
never meant to go without its load balancer, or something that somebody forgot. Nobody scans only the well-known
ports.

Services that have rules of their own (administration, databases, services without authentication), all ports at
once, and port 80 are left to those rules. ICMP errors (unreachable, source quench) are needed for path MTU
discovery and pass, as do their equals of ICMPv6.

`allowed_ports` are the ports, of TCP and UDP, that may face the internet.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Severity, Undecided, aws, rule

from ._openings import internet_source, less_severe, unclassified_traffic


@rule(
    on=aws.security_groups.IngressRule,
    severity="medium",
    soc2=["CC6.6", "CC6.1"],
    cwe=["284"],
    bad=[
        Example(
            terraform="""
            resource "aws_security_group" "app" {
              ingress {
                protocol    = "tcp"
                from_port   = 8000
                to_port     = 8080
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
                  SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 8000, ToPort: 8080, CidrIp: 0.0.0.0/0}]
            """,
        ),
        Example(
            terraform="""
            resource "aws_vpc_security_group_ingress_rule" "udp" {
              security_group_id = "sg-1"
              ip_protocol       = "udp"
              from_port         = 5000
              to_port           = 5000
              cidr_ipv6         = "::/0"
            }
            """,
            cloudformation="""
            Resources:
              Udp:
                Type: AWS::EC2::SecurityGroupIngress
                Properties: {GroupId: sg-1, IpProtocol: udp, FromPort: 5000, ToPort: 5000, CidrIpv6: "::/0"}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_security_group" "web" {
              ingress {
                protocol    = "tcp"
                from_port   = 443
                to_port     = 443
                cidr_blocks = ["0.0.0.0/0"]
              }
              ingress {
                protocol    = "tcp"
                from_port   = 8080
                to_port     = 8080
                cidr_blocks = ["10.0.0.0/8"]
              }
              ingress {
                protocol    = "icmp"
                from_port   = 3
                to_port     = 4
                cidr_blocks = ["0.0.0.0/0"]
              }
            }

            resource "aws_security_group" "other_rules_say_it" {
              ingress {
                protocol    = "tcp"
                from_port   = 22
                to_port     = 22
                cidr_blocks = ["0.0.0.0/0"]
              }
            }
            """,
            cloudformation="""
            Resources:
              Web:
                Type: AWS::EC2::SecurityGroup
                Properties:
                  GroupDescription: web
                  SecurityGroupIngress:
                    - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}
                    - {IpProtocol: tcp, FromPort: 8080, ToPort: 8080, CidrIp: 10.0.0.0/8}
                    - {IpProtocol: icmp, FromPort: 3, ToPort: 4, CidrIp: 0.0.0.0/0}
              OtherRulesSayIt:
                Type: AWS::EC2::SecurityGroup
                Properties:
                  GroupDescription: administration
                  SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}]
            """,
        ),
    ],
)
def security_group_unexpected_port_open(
    opening: aws.security_groups.IngressRule, *, allowed_ports: tuple[int, ...] = (80, 443)
) -> Iterator[Finding | Undecided]:
    rest, shown = unclassified_traffic(80, *allowed_ports), unclassified_traffic(80, *allowed_ports, icmp_errors=True)
    for family in aws.cidr.FAMILIES:
        everything = opening.opens_all_ports(family)
        if everything.is_true:
            continue
        truth = opening.opens(rest, family)
        yield Undecided(truth)
        if truth.is_true:
            wholly = opening.opens(rest, family, None).is_true
            yield Finding(
                f"{opening.opened(family) & shown} is open to {internet_source(opening, family, wholly)}",
                at=opening.opening(family),
                severity=None if wholly else less_severe(Severity.MEDIUM),
            )
