"""A service without real authentication (FTP, SMB, Telnet, NFS ...) is open to the internet.

FTP and Telnet send passwords in clear text; TFTP, NFS, rsync, etcd, the Docker API or a kubelet may ask for none
at all. Whoever finds such a port needs no exploit: he reads, writes or runs what he likes. A SOC 2 review asks for
exactly these services to be closed at the boundary.

Kerberos and its administration ports are reported as well, one step less severe: they do authenticate, but belong
inside a network. LDAPS, FTPS and SFTP are left to other rules. A range counts for each port inside it, and
protocol -1 for all.

`extra_ports` adds ports of your own, such as "tcp/8000" or "udp/1900-1905".
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Severity, Undecided, aws, rule

from ._openings import Service, open_services


@rule(
    on=aws.security_groups.IngressRule,
    severity="critical",
    soc2=["CC6.6", "CC6.1"],
    cwe=["306"],
    bad=[
        Example(
            terraform="""
            resource "aws_security_group" "files" {
              ingress {
                protocol    = "tcp"
                from_port   = 445
                to_port     = 445
                cidr_blocks = ["0.0.0.0/0"]
              }
            }
            """,
            cloudformation="""
            Resources:
              Files:
                Type: AWS::EC2::SecurityGroup
                Properties:
                  GroupDescription: files
                  SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 445, ToPort: 445, CidrIp: 0.0.0.0/0}]
            """,
        ),
        Example(
            terraform="""
            resource "aws_vpc_security_group_ingress_rule" "snmp" {
              security_group_id = "sg-1"
              ip_protocol       = "17"
              from_port         = 100
              to_port           = 200
              cidr_ipv6         = "::/0"
            }
            """,
            cloudformation="""
            Resources:
              Snmp:
                Type: AWS::EC2::SecurityGroupIngress
                Properties:
                  GroupId: sg-1
                  IpProtocol: "17"
                  FromPort: 100
                  ToPort: 200
                  CidrIpv6: ::/0
            """,
        ),
        Example(
            terraform="""
            resource "aws_security_group" "directory" {}

            resource "aws_security_group_rule" "lower" {
              type              = "ingress"
              security_group_id = aws_security_group.directory.id
              protocol          = "tcp"
              from_port         = 88
              to_port           = 88
              cidr_blocks       = ["0.0.0.0/1"]
            }

            resource "aws_security_group_rule" "upper" {
              type              = "ingress"
              security_group_id = aws_security_group.directory.id
              protocol          = "tcp"
              from_port         = 88
              to_port           = 88
              cidr_blocks       = ["128.0.0.0/1"]
            }
            """,
            cloudformation="""
            Resources:
              Directory: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: directory}}
              Lower:
                Type: AWS::EC2::SecurityGroupIngress
                Properties: {GroupId: !Ref Directory, IpProtocol: tcp, FromPort: 88, ToPort: 88, CidrIp: 0.0.0.0/1}
              Upper:
                Type: AWS::EC2::SecurityGroupIngress
                Properties: {GroupId: !Ref Directory, IpProtocol: tcp, FromPort: 88, ToPort: 88, CidrIp: 128.0.0.0/1}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_security_group" "files" {
              ingress {
                protocol    = "tcp"
                from_port   = 445
                to_port     = 445
                cidr_blocks = ["10.0.0.0/8"]
              }
              ingress {
                protocol    = "tcp"
                from_port   = 443
                to_port     = 443
                cidr_blocks = ["0.0.0.0/0"]
              }
              ingress {
                protocol    = "icmp"
                from_port   = 23
                to_port     = -1
                cidr_blocks = ["0.0.0.0/0"]
              }
            }
            """,
            cloudformation="""
            Resources:
              Files:
                Type: AWS::EC2::SecurityGroup
                Properties:
                  GroupDescription: files
                  SecurityGroupIngress:
                    - {IpProtocol: tcp, FromPort: 445, ToPort: 445, CidrIp: 10.0.0.0/8}
                    - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}
                    - {IpProtocol: icmp, FromPort: 23, ToPort: -1, CidrIp: 0.0.0.0/0}
            """,
        ),
        Example(
            terraform="""
            resource "aws_security_group_rule" "out" {
              type              = "egress"
              security_group_id = "sg-1"
              protocol          = "tcp"
              from_port         = 21
              to_port           = 21
              cidr_blocks       = ["0.0.0.0/0"]
            }
            """,
            cloudformation="""
            Resources:
              Out:
                Type: AWS::EC2::SecurityGroupEgress
                Properties: {GroupId: sg-1, IpProtocol: tcp, FromPort: 21, ToPort: 21, CidrIp: 0.0.0.0/0}
            """,
        ),
    ],
)
def security_group_unauthenticated_service_open(
    opening: aws.security_groups.IngressRule, *, extra_ports: tuple[str, ...] = ()
) -> Iterator[Finding | Undecided]:
    services = (*aws.ports.UNAUTHENTICATED, *map(_service, extra_ports))
    yield from open_services(opening, (services, Severity.CRITICAL), (aws.ports.KERBEROS, Severity.HIGH))


def _service(text: str) -> Service:
    """Return the service for a port of the option extra_ports: "8000", "tcp/8000" or "udp/1900-1905"."""
    protocol, _, ports = str(text).rpartition("/")
    first, _, last = ports.partition("-")
    return Service("a port of extra_ports", ((int(first), int(last or first)),), (protocol or "tcp",))
