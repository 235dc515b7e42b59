"""SSH, RDP or another remote-administration port is open to the internet.

Ports for administration are found by scanners within minutes and tried with leaked and guessed passwords ever
after. Session Manager and EC2 Instance Connect Endpoint give the same access with no open port.

IPv4 and IPv6 are reported apart. A port inside a wider range is open, and so is every port under protocol -1.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Severity, Undecided, aws, rule

from ._openings import open_services


@rule(
    on=aws.security_groups.IngressRule,
    severity="high",
    soc2=["CC6.6", "CC6.1", "CC7.2"],
    cwe=["284"],
    bad=[
        Example(
            terraform="""
            resource "aws_security_group" "bastion" {
              ingress {
                protocol    = "tcp"
                from_port   = 22
                to_port     = 22
                self        = true
                cidr_blocks = ["0.0.0.0/0"]
              }
            }
            """,
            cloudformation="""
            Resources:
              Bastion:
                Type: AWS::EC2::SecurityGroup
                Properties:
                  GroupDescription: bastion
                  SecurityGroupIngress: [{IpProtocol: tcp, FromPort: "22", ToPort: "22", CidrIp: 0.0.0.0/0}]
            """,
        ),
        Example(
            terraform="""
            resource "aws_security_group_rule" "wide" {
              type              = "ingress"
              security_group_id = "sg-1"
              protocol          = "tcp"
              from_port         = 20
              to_port           = 3400
              ipv6_cidr_blocks  = ["::/0"]
            }
            """,
            cloudformation="""
            Resources:
              Wide:
                Type: AWS::EC2::SecurityGroupIngress
                Properties:
                  GroupId: sg-1
                  IpProtocol: tcp
                  FromPort: 20
                  ToPort: 3400
                  CidrIpv6: ::/0
            """,
        ),
        Example(
            terraform="""
            resource "aws_ec2_managed_prefix_list" "everyone" {
              address_family = "IPv4"
              entry { cidr = "0.0.0.0/0" }
            }

            resource "aws_vpc_security_group_ingress_rule" "ssh" {
              security_group_id = "sg-1"
              ip_protocol       = "tcp"
              from_port         = 22
              to_port           = 22
              prefix_list_id    = aws_ec2_managed_prefix_list.everyone.id
            }
            """,
            cloudformation="""
            Resources:
              Everyone: {Type: AWS::EC2::PrefixList, Properties: {AddressFamily: IPv4, Entries: [{Cidr: 0.0.0.0/0}]}}
              Ssh:
                Type: AWS::EC2::SecurityGroupIngress
                Properties: {GroupId: sg-1, IpProtocol: tcp, FromPort: 22, ToPort: 22,
                             SourcePrefixListId: !Ref Everyone}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_security_group" "bastion" {
              ingress {
                protocol    = "tcp"
                from_port   = 22
                to_port     = 22
                cidr_blocks = ["198.51.100.0/24"]
              }
            }

            resource "aws_vpc_security_group_ingress_rule" "from_app" {
              security_group_id            = aws_security_group.bastion.id
              ip_protocol                  = "tcp"
              from_port                    = 22
              to_port                      = 22
              referenced_security_group_id = "sg-2"
            }

            resource "aws_security_group" "ping" {
              ingress {
                protocol    = "icmp"
                from_port   = 8
                to_port     = 0
                cidr_blocks = ["0.0.0.0/0"]
              }
            }
            """,
            cloudformation="""
            Resources:
              Bastion:
                Type: AWS::EC2::SecurityGroup
                Properties:
                  GroupDescription: bastion
                  SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 198.51.100.0/24}]
              FromApp:
                Type: AWS::EC2::SecurityGroupIngress
                Properties: {GroupId: !Ref Bastion, IpProtocol: tcp, FromPort: 22, ToPort: 22,
                             SourceSecurityGroupId: sg-2}
              Ping:
                Type: AWS::EC2::SecurityGroup
                Properties:
                  GroupDescription: ping
                  SecurityGroupIngress: [{IpProtocol: icmp, FromPort: 8, ToPort: 0, CidrIp: 0.0.0.0/0}]
            """,
        ),
    ],
)
def security_group_admin_port_open(opening: aws.security_groups.IngressRule) -> Iterator[Finding | Undecided]:
    yield from open_services(opening, (aws.ports.ADMIN, Severity.HIGH))
