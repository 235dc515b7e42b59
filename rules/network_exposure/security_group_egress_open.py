"""Security group lets everything out to the internet.

Who has broken into a system has to get the loot out and to call home. A group that lets out only what its members
need (HTTPS, or better the prefix lists of the services they call) makes both hard, and shows when something else
is tried.

A security group made by CloudFormation lets everything out unless it is given an egress rule, in the group or
beside it; Terraform takes that default away. A group that lets out HTTPS alone, to the whole internet, is reported
as low.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Severity, Truth, Undecided, any_of, aws, rule

HTTPS = aws.ports.Traffic.of("tcp", 443, 443)
WEB = HTTPS | aws.ports.Traffic.of("udp", 443, 443)


@rule(
    on=aws.security_groups.EgressRule,
    severity="medium",
    soc2=["CC6.6", "CC6.7"],
    cwe=["284"],
    bad=[
        Example(
            terraform="""
            resource "aws_security_group" "app" {
              egress {
                protocol    = "-1"
                from_port   = 0
                to_port     = 0
                cidr_blocks = ["0.0.0.0/0"]
              }
            }
            """,
            cloudformation="""
            Resources:
              App:
                Type: AWS::EC2::SecurityGroup
                Properties: {GroupDescription: app, SecurityGroupEgress: [{IpProtocol: "-1", CidrIp: 0.0.0.0/0}]}
            """,
        ),
        Example(
            terraform="""
            resource "aws_security_group" "app" {}

            resource "aws_vpc_security_group_egress_rule" "all" {
              security_group_id = aws_security_group.app.id
              ip_protocol       = "tcp"
              from_port         = 0
              to_port           = 65535
              cidr_ipv6         = "::/0"
            }
            """,
            cloudformation="""
            Resources:
              App: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: app}}
              All:
                Type: AWS::EC2::SecurityGroupEgress
                Properties:
                  GroupId: !GetAtt App.GroupId
                  IpProtocol: tcp
                  FromPort: 0
                  ToPort: 65535
                  CidrIpv6: ::/0
            """,
        ),
        Example(
            cloudformation="""
            Resources:
              App:
                Type: AWS::EC2::SecurityGroup
                Properties:
                  GroupDescription: nothing is said of egress, so everything may leave
            """,
            only="Terraform takes the rule away that AWS adds to a new group",
        ),
        Example(
            terraform="""
            resource "aws_security_group" "app" {
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
                  SecurityGroupEgress: [{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}]
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_security_group" "app" {
              egress {
                protocol    = "-1"
                from_port   = 0
                to_port     = 0
                cidr_blocks = ["10.0.0.0/8"]
              }
              egress {
                protocol        = "tcp"
                from_port       = 443
                to_port         = 443
                prefix_list_ids = ["pl-63a5400a"]
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
                    - {IpProtocol: "-1", CidrIp: 10.0.0.0/8}
                    - {IpProtocol: tcp, FromPort: 443, ToPort: 443, DestinationPrefixListId: pl-63a5400a}
            """,
        ),
        Example(
            terraform="""
            resource "aws_security_group" "app" {}

            resource "aws_security_group_rule" "in" {
              type              = "ingress"
              security_group_id = aws_security_group.app.id
              protocol          = "-1"
              from_port         = 0
              to_port           = 0
              cidr_blocks       = ["0.0.0.0/0"]
            }

            resource "aws_security_group_rule" "out" {
              type                     = "egress"
              security_group_id        = aws_security_group.app.id
              protocol                 = "tcp"
              from_port                = 5432
              to_port                  = 5432
              source_security_group_id = "sg-2"
            }
            """,
            cloudformation="""
            Resources:
              App:
                Type: AWS::EC2::SecurityGroup
                Properties: {GroupDescription: the rule beside the group replaces the one that lets everything out}
              In:
                Type: AWS::EC2::SecurityGroupIngress
                Properties: {GroupId: !Ref App, IpProtocol: "-1", CidrIp: 0.0.0.0/0}
              Out:
                Type: AWS::EC2::SecurityGroupEgress
                Properties: {GroupId: !Ref App, IpProtocol: tcp, FromPort: 5432, ToPort: 5432,
                             DestinationSecurityGroupId: sg-2}
            """,
        ),
    ],
)
def security_group_egress_open(opening: aws.security_groups.EgressRule) -> Iterator[Finding | Undecided]:
    families = aws.cidr.FAMILIES
    for traffic, opens, severity in (
        ("everything", opening.opens_all_ports, Severity.MEDIUM),
        ("HTTPS", lambda family, nearly: _opens_https_only(opening, family, nearly), Severity.LOW),
    ):
        answers = {family: opens(family, aws.cidr.DEFAULT_NEARLY) for family in families}
        open_to = [family for family in families if answers[family].is_true]
        if open_to:
            wholly = any(opens(family, None).is_true for family in open_to)
            destinations = ", ".join(opening.source(family) for family in open_to)
            yield Finding(
                f"{traffic} may leave to {'the internet' if wholly else 'nearly all of the internet'} ({destinations})",
                at=opening.opening(open_to[0]),
                severity=severity if wholly else Severity.LOW,
            )
            return
        yield Undecided(any_of(answers.values()))


def _opens_https_only(opening: aws.security_groups.EgressRule, family: aws.cidr.Family, nearly: int | None) -> Truth:
    """Return True if a rule allows HTTPS to the internet and nothing else."""
    return opening.opens(HTTPS, family, nearly) & opening.limited_to(WEB)
