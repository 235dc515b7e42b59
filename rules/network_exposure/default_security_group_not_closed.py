"""A VPC's default security group is left usable.

AWS gives each VPC a security group whose members may talk to each other and to everybody outside, and puts everything
into it that names no other group. So a forgotten setting gives trust that nobody decided on.

Terraform can empty it: an `aws_default_security_group` without rules takes the rules away, and the rule asks for one.
CloudFormation cannot, so there it is reported when something is placed in the group, by name or by naming no group, or
when rules are added to it.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Step, Undecided, aws, rule


@rule(
    on=aws.default_group.DefaultGroup,
    severity="medium",
    soc2=["CC6.6", "CC6.1"],
    cwe=["1188"],
    scenery=Example(
        terraform="""
        resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }
        """,
        cloudformation="""
        Resources:
          Main: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
        """,
    ),
    bad=[
        Example(
            terraform="""
            resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }
            """,
            only="CloudFormation cannot empty the group, so a VPC alone is no finding there",
            alone=True,
        ),
        Example(
            terraform="""
            resource "aws_default_security_group" "main" {
              vpc_id = aws_vpc.main.id
              ingress {
                protocol  = "-1"
                self      = true
                from_port = 0
                to_port   = 0
              }
            }
            """,
            cloudformation="""
            Resources:
              Inside:
                Type: AWS::EC2::SecurityGroupIngress
                Properties: {GroupId: !GetAtt Main.DefaultSecurityGroup, IpProtocol: "-1",
                             SourceSecurityGroupId: !GetAtt Main.DefaultSecurityGroup}
            """,
        ),
        Example(
            terraform="""
            resource "aws_default_security_group" "main" { vpc_id = aws_vpc.main.id }

            resource "aws_vpc_security_group_egress_rule" "all" {
              security_group_id = aws_default_security_group.main.id
              ip_protocol       = "-1"
              cidr_ipv4         = "0.0.0.0/0"
            }
            """,
            cloudformation="""
            Resources:
              All:
                Type: AWS::EC2::SecurityGroupEgress
                Properties: {GroupId: !GetAtt Main.DefaultSecurityGroup, IpProtocol: "-1", CidrIp: 0.0.0.0/0}
            """,
        ),
        Example(
            cloudformation="""
            Resources:
              A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Main, CidrBlock: 10.0.0.0/24}}
              Server: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref A}}
            """,
            only="in Terraform the VPC alone is a finding",
        ),
        Example(
            cloudformation="""
            Resources:
              A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Main, CidrBlock: 10.0.0.0/24}}
              Group:
                Type: AWS::RDS::DBSubnetGroup
                Properties: {DBSubnetGroupDescription: data, SubnetIds: [!Ref A, subnet-1]}
              Data:
                Type: AWS::RDS::DBInstance
                Properties: {DBInstanceClass: db.t4g.medium, DBSubnetGroupName: !Ref Group,
                             VPCSecurityGroups: [!GetAtt Main.DefaultSecurityGroup]}
            """,
            only="in Terraform the VPC alone is a finding",
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }
            resource "aws_default_security_group" "main" { vpc_id = aws_vpc.main.id }
            """,
            cloudformation="""
            Resources:
              Main:
                Type: AWS::EC2::VPC
                Properties: {CidrBlock: 10.0.0.0/16}
            """,
            alone=True,
        ),
        Example(
            terraform="""
            resource "aws_default_security_group" "main" {
              vpc_id  = aws_vpc.main.id
              ingress = []
              egress  = []
            }

            resource "aws_security_group" "app" { vpc_id = aws_vpc.main.id }

            resource "aws_subnet" "a" {
              vpc_id     = aws_vpc.main.id
              cidr_block = "10.0.0.0/24"
            }

            resource "aws_instance" "server" {
              subnet_id              = aws_subnet.a.id
              vpc_security_group_ids = [aws_security_group.app.id]
            }
            """,
            cloudformation="""
            Resources:
              App: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: app, VpcId: !Ref Main}}
              A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Main, CidrBlock: 10.0.0.0/24}}
              Server: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref A, SecurityGroupIds: [!Ref App]}}
            """,
        ),
    ],
)
def default_security_group_not_closed(group: aws.default_group.DefaultGroup) -> Iterator[Finding | Undecided]:
    for opening in group.rules.items[:1]:
        yield Finding("the VPC's default security group has rules", at=opening)
    if group.rules.items:
        return
    if group.left_open:
        yield Finding("the default security group of this VPC keeps the rules that AWS gives it", at=group)
        return
    if group.unmanaged & group.members.exists():
        member, *others = group.members.items
        yield Finding(
            f"{member.address} is placed in the VPC's default security group",
            at=member,
            related=tuple(Step(other.header, f"{other.address} is placed in it, too") for other in others[:5]),
        )
    yield Undecided(group.rules.exists())
