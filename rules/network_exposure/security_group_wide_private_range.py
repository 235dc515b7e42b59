"""Security group opens a sensitive port to a whole private range.

Whoever has a foot in the network, on a printer or in a partner's VPN, can then reach administration and databases
everywhere. Name the subnets or security groups that need the port.

Reported are ports of administration, databases and services without authentication that are open to one of the
private ranges as a whole: 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16. Off by default, since many networks are
built on such rules.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Truth, Undecided, any_of, aws, rule

PRIVATE = tuple(aws.cidr.CidrSet.parse(cidr) for cidr in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
SENSITIVE = (
    *(*aws.ports.ADMIN, *aws.ports.DATABASE),
    *(*aws.ports.UNAUTHENTICATED, *aws.ports.KERBEROS),
)


@rule(
    on=aws.security_groups.IngressRule,
    severity="low",
    soc2=["CC6.1", "CC6.6"],
    enabled=False,
    cwe=["284"],
    bad=[
        Example(
            terraform="""
            resource "aws_security_group" "files" {
              ingress {
                protocol    = "tcp"
                from_port   = 20
                to_port     = 25
                cidr_blocks = ["172.16.0.0/12"]
              }
            }
            """,
            cloudformation="""
            Resources:
              Files:
                Type: AWS::EC2::SecurityGroup
                Properties:
                  GroupDescription: files
                  SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 20, ToPort: 25, CidrIp: 172.16.0.0/12}]
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_security_group" "files" {
              ingress {
                protocol    = "tcp"
                from_port   = 22
                to_port     = 22
                cidr_blocks = ["10.1.2.0/24"]
              }
              ingress {
                protocol    = "tcp"
                from_port   = 443
                to_port     = 443
                cidr_blocks = ["10.0.0.0/8"]
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
                    - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 10.1.2.0/24}
                    - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/8}
            """,
        ),
    ],
)
def security_group_wide_private_range(opening: aws.security_groups.IngressRule) -> Iterator[Finding | Undecided]:
    touched = opening.traffic.services(SENSITIVE)
    sensitive = any_of(truth for _, truth in touched)
    names = ", ".join(str(service.name) for service, truth in touched[:3] if truth.is_true)
    for value in opening.cidrs:
        addresses = aws.cidr.addresses_from(value)
        whole = any_of(addresses.contains(block) for block in PRIVATE)
        truth = whole & ~addresses.any_public() & sensitive & opening.exists
        yield Undecided(truth)
        if truth.is_true:
            more = " and more" if len(touched) > 3 else ""
            yield Finding(f"{names}{more} can be reached from all of {value.data}", at=value)
    if not opening.body.known:  # then the rule may have any source
        yield Undecided(Truth.undecided(*opening.body.reasons))
