"""The views of the network and the reasoning over them, on small networks in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest

from iaclint import aws
from iaclint.aws.questions.boundary import Boundary
from iaclint.aws.questions.interfaces import interfaces_of
from iaclint.aws.questions.reachability import paths_from_internet
from iaclint.aws.reasoning.ports import ADMIN, DATABASE, Traffic
from iaclint.aws.services.network_acl import allowed_by_acl
from iaclint.aws.services.routes import Target
from iaclint.aws.services.vpc import Subnet, Vpc
from iaclint.aws.views import Block, Subject
from iaclint.model.inventory import Deployment
from iaclint.model.truth import Truth, any_of
from iaclint.run.testing import Language, deployment

V = TypeVar("V", bound=Block | Subject)

TF = """
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_subnet" "a" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.0.0/24"
}
"""
CFN = """
Resources:
  main:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.0.0.0/16}
  gateway:
    Type: AWS::EC2::InternetGateway
  attachment:
    Type: AWS::EC2::VPCGatewayAttachment
    Properties: {VpcId: !Ref main, InternetGatewayId: !Ref gateway}
  a:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref main, CidrBlock: 10.0.0.0/24}
"""


@contextmanager
def terraform(text: str, base: str = TF) -> Iterator[Deployment]:
    with deployment(base + text, "terraform") as found:
        assert not found.problems
        yield found


@contextmanager
def cloudformation(text: str, base: str = CFN) -> Iterator[Deployment]:
    with deployment(base + text, "cloudformation") as found:
        assert not found.problems
        yield found


def one(of: type[V], found: Deployment, name: str = "") -> V:
    """The view of that name, or the only one."""
    views: Any = of
    chosen = [v for v in views.select(found) if v.address.rpartition(".")[2].endswith(name)]
    assert len(chosen) == 1, chosen
    return chosen[0]  # type: ignore[no-any-return]


# -- security groups -------------------------------------------------------------------------------------------------


def test_a_group_collects_its_rules_from_everywhere() -> None:
    text = """
    resource "aws_security_group" "g" {
      name = "g"
      ingress {
        protocol    = "tcp"
        from_port   = 80
        to_port     = 80
        cidr_blocks = ["0.0.0.0/0"]
      }
    }
    resource "aws_security_group_rule" "old" {
      type              = "ingress"
      security_group_id = aws_security_group.g.id
      protocol          = "tcp"
      from_port         = 81
      to_port           = 81
      cidr_blocks       = ["0.0.0.0/0"]
    }
    resource "aws_security_group_rule" "out" {
      type              = "egress"
      security_group_id = aws_security_group.g.id
      protocol          = "tcp"
      from_port         = 82
      to_port           = 82
      cidr_blocks       = ["0.0.0.0/0"]
    }
    resource "aws_vpc_security_group_ingress_rule" "new" {
      security_group_id = aws_security_group.g.id
      ip_protocol       = "tcp"
      from_port         = 83
      to_port           = 83
      cidr_ipv4         = "0.0.0.0/0"
    }
    resource "aws_vpc_security_group_ingress_rule" "of_another" {
      security_group_id = "sg-1"
      ip_protocol       = "-1"
      cidr_ipv4         = "0.0.0.0/0"
    }
    """
    with terraform(text) as found:
        group = one(aws.security_groups.SecurityGroup, found)
        assert [str(rule.traffic.certain) for rule in group.ingress.items] == ["tcp 80", "tcp 81", "tcp 83"]
        assert [str(rule.traffic.certain) for rule in group.egress.items] == ["tcp 82"]
        assert not group.ingress.gaps


def test_a_rule_of_unknown_type_is_certain_in_neither_direction() -> None:
    text = """
    variable "type" {}
    resource "aws_security_group_rule" "r" {
      type              = var.type
      security_group_id = "sg-1"
      protocol          = "-1"
      from_port         = 0
      to_port           = 0
      cidr_blocks       = ["0.0.0.0/0"]
    }
    """
    with terraform(text) as found:
        for of in (aws.security_groups.IngressRule, aws.security_groups.EgressRule):
            rule = one(of, found)
            assert rule.opens_all_ports(4).value is None
            assert rule.opens(Traffic.of("tcp", 22, 22), 4).value is None


def test_rules_of_a_group_that_is_not_here_add_up() -> None:
    text = """
  lower:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: {GroupId: sg-1, IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/1}
  upper:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: {GroupId: sg-1, IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 128.0.0.0/1}
  alone:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: {GroupId: sg-2, IpProtocol: tcp, FromPort: 23, ToPort: 23, CidrIp: 128.0.0.0/2}
"""
    ssh, telnet = Traffic.of("tcp", 22, 22), Traffic.of("tcp", 23, 23)
    with cloudformation(text) as found:
        assert one(aws.security_groups.IngressRule, found, "lower").opens(ssh, 4, None).is_true
        assert one(aws.security_groups.IngressRule, found, "alone").opens(telnet, 4, None).is_false


@pytest.mark.parametrize(
    ("more", "there"),
    [
        ("", True),
        ("  e:\n    Type: AWS::EC2::SecurityGroupEgress\n    Properties: {GroupId: !Ref g, IpProtocol: tcp}\n", False),
        ("  e:\n    Type: AWS::EC2::SecurityGroupEgress\n    Properties: {GroupId: sg-2, IpProtocol: tcp}\n", True),
    ],
)
def test_cloudformation_keeps_the_rule_that_lets_everything_out(more: str, there: bool) -> None:
    group = "  g:\n    Type: AWS::EC2::SecurityGroup\n    Properties: {GroupDescription: g}\n"
    with cloudformation(group + more) as found:
        added = [
            r for r in aws.security_groups.EgressRule.select(found) if r.exists.is_true and r.opens_all_ports(4).is_true
        ]
        assert bool(added) is there


def test_terraform_takes_the_rule_that_lets_everything_out_away() -> None:
    with terraform('resource "aws_security_group" "g" {}') as found:
        assert not list(aws.security_groups.EgressRule.select(found))


# -- routes and subnets ----------------------------------------------------------------------------------------------

PUBLIC = [
    (
        "terraform",
        """
    resource "aws_route_table" "t" {
      vpc_id = aws_vpc.main.id
      route {
        cidr_block = "0.0.0.0/0"
        gateway_id = aws_internet_gateway.main.id
      }
    }
    resource "aws_route_table_association" "t" {
      subnet_id      = aws_subnet.a.id
      route_table_id = aws_route_table.t.id
    }
    """,
    ),
    (
        "terraform",
        """
    resource "aws_default_route_table" "t" {
      default_route_table_id = aws_vpc.main.default_route_table_id
      route {
        cidr_block = "0.0.0.0/0"
        gateway_id = aws_internet_gateway.main.id
      }
    }
    """,
    ),
    (
        "terraform",
        """
    resource "aws_route_table" "t" {
      vpc_id = aws_vpc.main.id
    }
    resource "aws_main_route_table_association" "t" {
      vpc_id         = aws_vpc.main.id
      route_table_id = aws_route_table.t.id
    }
    resource "aws_route" "lower" {
      route_table_id         = aws_route_table.t.id
      destination_cidr_block = "0.0.0.0/1"
      gateway_id             = aws_internet_gateway.main.id
    }
    """,
    ),
    (
        "terraform",
        """
    resource "aws_route" "out" {
      route_table_id         = aws_vpc.main.main_route_table_id
      destination_cidr_block = "0.0.0.0/0"
      gateway_id             = aws_internet_gateway.main.id
    }
    """,
    ),
    (
        "cloudformation",
        """
  t:
    Type: AWS::EC2::RouteTable
    Properties: {VpcId: !Ref main}
  out:
    Type: AWS::EC2::Route
    Properties: {RouteTableId: !Ref t, DestinationIpv6CidrBlock: "::/0", GatewayId: !Ref gateway}
  of_a:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: {SubnetId: !Ref a, RouteTableId: !Ref t}
""",
    ),
]


@pytest.mark.parametrize(("language", "text"), PUBLIC)
def test_a_subnet_is_public_by_its_table_or_the_main_one(language: Language, text: str) -> None:
    with (terraform if language == "terraform" else cloudformation)(text) as found:
        assert one(Subnet, found, "a").public.is_true


@pytest.mark.parametrize(
    ("route", "target"),
    [
        ("gateway_id = aws_internet_gateway.main.id", Target.INTERNET_GATEWAY),
        ('gateway_id = "igw-1"', Target.INTERNET_GATEWAY),
        ('gateway_id = "vgw-1"', Target.OTHER),
        ('nat_gateway_id = "nat-1"', Target.NAT_GATEWAY),
        ('transit_gateway_id = "tgw-1"', Target.TRANSIT_GATEWAY),
        ('core_network_arn = "arn:aws:networkmanager::111122223333:core-network/1"', Target.TRANSIT_GATEWAY),
        ('vpc_endpoint_id = "vpce-1"', Target.ENDPOINT),
        ('network_interface_id = "eni-1"', Target.INTERFACE),
    ],
)
def test_a_route_leads_to_one_thing(route: str, target: Target) -> None:
    text = f"""
    resource "aws_route_table" "t" {{
      vpc_id = aws_vpc.main.id
      route {{
        cidr_block = "0.0.0.0/0"
        {route}
      }}
    }}
    """
    with terraform(text) as found:
        (found_route,) = one(aws.routes.RouteTable, found).routes.items
        assert {kind for kind in Target if found_route.leads_to(kind).is_true} == {target}


def test_default_subnets_are_public() -> None:
    text = """
    resource "aws_default_vpc" "d" {}
    resource "aws_default_subnet" "d" {
      availability_zone = "eu-west-1a"
    }
    """
    with terraform(text) as found:
        subnet = one(Subnet, found, "d")
        assert subnet.public.is_true
        assert subnet.gives_public_addresses.is_true
        assert one(Vpc, found, "d").has_internet_gateway.is_true


def test_a_gateway_of_another_stack_counts_once_it_is_attached() -> None:
    text = """
Resources:
  main:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.0.0.0/16}
  attachment:
    Type: AWS::EC2::VPCGatewayAttachment
    Properties: {VpcId: !Ref main, InternetGatewayId: igw-1}
"""
    with cloudformation(text, base="") as found:
        assert one(Vpc, found).talks_to_internet.is_true


# -- network ACLs ----------------------------------------------------------------------------------------------------

SSH = Traffic.of("tcp", 22, 22)


def lets_ssh_in(subnet: Subnet) -> bool | None:
    return allowed_by_acl(subnet, egress=False).all_open_to_internet(SSH, 4).value


def test_without_an_acl_everything_passes() -> None:
    with cloudformation("") as found:
        assert lets_ssh_in(one(Subnet, found, "a")) is True


def test_an_acl_of_its_own_denies_what_it_does_not_allow() -> None:
    text = """
    resource "aws_network_acl" "n" {
      vpc_id = aws_vpc.main.id
    }
    resource "aws_network_acl_association" "n" {
      subnet_id      = aws_subnet.a.id
      network_acl_id = aws_network_acl.n.id
    }
    resource "aws_network_acl_rule" "out" {
      network_acl_id = aws_network_acl.n.id
      egress         = true
      rule_number    = 1
      rule_action    = "allow"
      protocol       = "-1"
      cidr_block     = "0.0.0.0/0"
    }
    """
    with terraform(text) as found:
        subnet = one(Subnet, found, "a")
        assert lets_ssh_in(subnet) is False
        assert allowed_by_acl(subnet, egress=True).all_open_to_internet(SSH, 4).is_true


def test_the_first_entry_that_matches_decides() -> None:
    text = """
    resource "aws_default_network_acl" "d" {{
      default_network_acl_id = aws_vpc.main.default_network_acl_id
      ingress {{
        rule_no    = {deny}
        action     = "deny"
        protocol   = "tcp"
        from_port  = 22
        to_port    = 22
        cidr_block = "0.0.0.0/0"
      }}
      ingress {{
        rule_no    = 100
        action     = "allow"
        protocol   = "-1"
        from_port  = 0
        to_port    = 0
        cidr_block = "0.0.0.0/0"
      }}
    }}
    """
    for deny, expected in ((50, False), (150, True)):
        with terraform(text.format(deny=deny)) as found:
            assert lets_ssh_in(one(Subnet, found, "a")) is expected


def test_entries_can_be_added_to_the_default_acl() -> None:
    text = """
  no_ssh:
    Type: AWS::EC2::NetworkAclEntry
    Properties:
      NetworkAclId: !GetAtt main.DefaultNetworkAcl
      RuleNumber: 50
      RuleAction: deny
      Protocol: 6
      PortRange: {From: 22, To: 22}
      CidrBlock: 0.0.0.0/0
"""
    with cloudformation(text) as found:
        assert lets_ssh_in(one(Subnet, found, "a")) is False


# -- reachability ----------------------------------------------------------------------------------------------------

OPEN = """
    resource "aws_security_group" "ssh" {
      vpc_id = aws_vpc.main.id
      ingress {
        protocol         = "tcp"
        from_port        = 22
        to_port          = 22
        cidr_blocks      = ["0.0.0.0/0"]
        ipv6_cidr_blocks = ["::/0"]
      }
    }
    resource "aws_route_table" "t" {
      vpc_id = aws_vpc.main.id
      route {
        cidr_block = "0.0.0.0/0"
        gateway_id = aws_internet_gateway.main.id
      }
      route {
        ipv6_cidr_block = "::/0"
        gateway_id      = aws_internet_gateway.main.id
      }
    }
    resource "aws_route_table_association" "t" {
      subnet_id      = aws_subnet.a.id
      route_table_id = aws_route_table.t.id
    }
"""


def reached(found: Deployment) -> Truth:
    """Whether the internet reaches the one server on a port for administration."""
    ways = paths_from_internet(one(aws.ec2.Server, found))
    return ways.any(lambda way: any_of(way.opens(service) for service in ADMIN))


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        ("associate_public_ip_address = true", True),
        ("associate_public_ip_address = false", False),
        ("", False),
        ("ipv6_address_count = 1", True),
        ("associate_public_ip_address = var.public", None),
    ],
)
def test_a_server_needs_an_address(server: str, expected: bool | None) -> None:
    text = f"""
    variable "public" {{
      type = bool
    }}
    resource "aws_instance" "i" {{
      ami                    = "ami-1"
      subnet_id              = aws_subnet.a.id
      vpc_security_group_ids = [aws_security_group.ssh.id]
      {server}
    }}
    """
    with terraform(OPEN + text) as found:
        assert reached(found).value is expected


BLOCK = """
    resource "aws_vpc_block_public_access_options" "o" {{
      internet_gateway_block_mode = {mode}
    }}
"""
NAT = """
    resource "aws_nat_gateway" "n" {
      subnet_id = aws_subnet.a.id
    }
"""


def excluded(target: str, mode: str = '"allow-bidirectional"') -> str:
    return f"""
    resource "aws_vpc_block_public_access_exclusion" "e" {{
      {target}
      internet_gateway_exclusion_mode = {mode}
    }}
    """


@pytest.mark.parametrize(
    ("mode", "more", "reaches", "talks", "talks_with_nat"),
    [
        ('"off"', "", True, True, True),
        ('"block-bidirectional"', "", False, False, False),
        ('"block-ingress"', "", False, False, True),
        ("var.mode", 'variable "mode" {}', None, None, None),
        ('"block-bidirectional"', excluded("vpc_id = aws_vpc.main.id"), True, True, True),
        ('"block-bidirectional"', excluded("subnet_id = aws_subnet.a.id"), True, True, True),
        ('"block-bidirectional"', excluded("vpc_id = aws_vpc.main.id", '"allow-egress"'), False, True, True),
        ('"block-bidirectional"', excluded('vpc_id = "vpc-2"'), False, False, False),
        ('"block-bidirectional"', 'variable "e" {}' + excluded("vpc_id = aws_vpc.main.id", "var.e"), None, True, True),
    ],
)
def test_public_access_may_be_blocked(
    mode: str, more: str, reaches: bool | None, talks: bool | None, talks_with_nat: bool | None
) -> None:
    server = """
    resource "aws_instance" "i" {
      ami                         = "ami-1"
      subnet_id                   = aws_subnet.a.id
      vpc_security_group_ids      = [aws_security_group.ssh.id]
      associate_public_ip_address = true
    }
    """
    text = OPEN + server + BLOCK.format(mode=mode) + more
    with terraform(text) as found:
        assert reached(found).value is reaches
        assert one(Vpc, found).talks_to_internet.value is talks
    with terraform(text + NAT) as found:
        assert one(Vpc, found).talks_to_internet.value is talks_with_nat


@pytest.mark.parametrize(
    ("providers", "own", "blocked"),
    [
        ('provider "aws" { region = "eu-west-1" }', "", True),
        (
            'provider "aws" { region = "eu-west-1" }\nprovider "aws" {\n alias = "us"\n region = "us-east-1"\n}',
            "provider = aws.us",
            False,
        ),
        ('provider "aws" { region = "eu-west-1" }', 'region = "us-east-1"', False),
        ('provider "aws" {}', 'region = "us-east-1"', None),
        ('variable "r" {}\nprovider "aws" { region = var.r }', "", True),
        ('variable "r" {}\nprovider "aws" { region = "eu-west-1" }', "region = var.r", None),
    ],
)
def test_public_access_is_blocked_in_one_region(providers: str, own: str, blocked: bool | None) -> None:
    text = f"""
    {providers}
    resource "aws_vpc_block_public_access_options" "o" {{
      {own}
      internet_gateway_block_mode = "block-bidirectional"
    }}
    """
    with terraform(text) as found:
        assert one(Vpc, found).blocked.value is blocked


def test_public_access_may_be_blocked_by_a_template() -> None:
    text = """
  options:
    Type: AWS::EC2::VPCBlockPublicAccessOptions
    Properties: {InternetGatewayBlockMode: block-bidirectional}
"""
    excluding = """
  exclusion:
    Type: AWS::EC2::VPCBlockPublicAccessExclusion
    Properties: {SubnetId: !Ref a, InternetGatewayExclusionMode: allow-bidirectional}
"""
    for more, blocked in (("", True), (excluding, False)):
        with cloudformation(text + more) as found:
            assert one(Subnet, found, "a").blocked.value is blocked
            assert one(Vpc, found).blocked.value is blocked
            assert one(Vpc, found).talks_to_internet.value is not blocked


def test_an_elastic_address_is_an_address() -> None:
    text = """
    resource "aws_instance" "i" {
      ami                    = "ami-1"
      subnet_id              = aws_subnet.a.id
      vpc_security_group_ids = [aws_security_group.ssh.id]
    }
    resource "aws_eip" "e" {}
    resource "aws_eip_association" "e" {
      allocation_id = aws_eip.e.id
      instance_id   = aws_instance.i.id
    }
    """
    with terraform(OPEN + text) as found:
        assert reached(found).is_true


def test_the_default_group_lets_nobody_in_from_outside() -> None:
    text = """
    resource "aws_instance" "i" {
      ami                         = "ami-1"
      subnet_id                   = aws_subnet.a.id
      associate_public_ip_address = true
    }
    """
    with terraform(OPEN + text) as found:
        assert reached(found).is_false


def test_a_default_group_that_is_opened_lets_them_in() -> None:
    text = """
    resource "aws_default_security_group" "d" {
      vpc_id = aws_vpc.main.id
      ingress {
        protocol    = "-1"
        from_port   = 0
        to_port     = 0
        cidr_blocks = ["0.0.0.0/0"]
      }
    }
    resource "aws_instance" "i" {
      ami                         = "ami-1"
      subnet_id                   = aws_subnet.a.id
      associate_public_ip_address = true
    }
    """
    with terraform(OPEN + text) as found:
        assert reached(found).is_true


def test_a_group_from_elsewhere_leaves_it_open() -> None:
    text = """
    resource "aws_instance" "i" {
      ami                         = "ami-1"
      subnet_id                   = aws_subnet.a.id
      vpc_security_group_ids      = ["sg-1"]
      associate_public_ip_address = true
    }
    """
    with terraform(OPEN + text) as found:
        truth = reached(found)
        assert truth.value is None
        assert "sg-1" in str(truth.reasons[0])


def test_no_subnet_is_a_default_subnet() -> None:
    text = """
Resources:
  ssh:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: ssh
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}
  i:
    Type: AWS::EC2::Instance
    Properties: {ImageId: ami-1, SecurityGroups: [!Ref ssh]}
"""
    with cloudformation(text, base="") as found:
        assert reached(found).is_true


@pytest.mark.parametrize(
    ("exclusion", "expected"),
    [
        ("", False),
        (excluded("vpc_id = aws_vpc.main.id"), False),
        (excluded("subnet_id = aws_subnet.a.id"), False),
        ('resource "aws_default_vpc" "d" {}' + excluded("vpc_id = aws_default_vpc.d.id"), True),
        (excluded('vpc_id = "vpc-1"'), True),
    ],
)
def test_an_exclusion_of_another_vpc_leaves_the_default_subnets_blocked(exclusion: str, expected: bool) -> None:
    text = """
    resource "aws_security_group" "ssh" {
      ingress {
        protocol    = "tcp"
        from_port   = 22
        to_port     = 22
        cidr_blocks = ["0.0.0.0/0"]
      }
    }
    resource "aws_instance" "i" {
      ami                    = "ami-1"
      vpc_security_group_ids = [aws_security_group.ssh.id]
    }
    """
    with terraform(text + BLOCK.format(mode='"block-bidirectional"') + exclusion) as found:
        assert reached(found).value is expected


def test_an_exclusion_in_a_template_leaves_the_default_subnets_blocked() -> None:
    text = """
  options:
    Type: AWS::EC2::VPCBlockPublicAccessOptions
    Properties: {InternetGatewayBlockMode: block-bidirectional}
  exclusion:
    Type: AWS::EC2::VPCBlockPublicAccessExclusion
    Properties: {VpcId: !Ref main, InternetGatewayExclusionMode: allow-bidirectional}
  ssh:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: ssh
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}
  i:
    Type: AWS::EC2::Instance
    Properties: {ImageId: ami-1, SecurityGroupIds: [!GetAtt ssh.GroupId]}
"""
    with cloudformation(text) as found:
        assert reached(found).is_false


def test_answers_that_the_acl_holds_back_make_no_connection() -> None:
    text = """
    resource "aws_network_acl" "n" {
      vpc_id     = aws_vpc.main.id
      subnet_ids = [aws_subnet.a.id]
      ingress {
        rule_no    = 1
        action     = "allow"
        protocol   = "-1"
        from_port  = 0
        to_port    = 0
        cidr_block = "0.0.0.0/0"
      }
      egress {
        rule_no    = 1
        action     = "allow"
        protocol   = "tcp"
        from_port  = 443
        to_port    = 443
        cidr_block = "0.0.0.0/0"
      }
    }
    resource "aws_instance" "i" {
      ami                         = "ami-1"
      subnet_id                   = aws_subnet.a.id
      vpc_security_group_ids      = [aws_security_group.ssh.id]
      associate_public_ip_address = true
    }
    """
    with terraform(OPEN + text) as found:
        assert reached(found).is_false


def test_a_launch_configuration_and_a_mixed_policy_are_followed() -> None:
    configuration = """
    resource "aws_launch_configuration" "c" {
      image_id                    = "ami-1"
      instance_type               = "t3.micro"
      associate_public_ip_address = true
      security_groups             = [aws_security_group.ssh.id]
    }
    resource "aws_autoscaling_group" "g" {
      min_size             = 1
      max_size             = 1
      launch_configuration = aws_launch_configuration.c.name
      vpc_zone_identifier  = [aws_subnet.a.id]
    }
    """
    mixed = """
    resource "aws_launch_template" "t" {
      network_interfaces {
        associate_public_ip_address = true
        security_groups             = [aws_security_group.ssh.id]
      }
    }
    resource "aws_autoscaling_group" "g" {
      min_size            = 1
      max_size            = 1
      vpc_zone_identifier = [aws_subnet.a.id]
      mixed_instances_policy {
        launch_template {
          launch_template_specification {
            launch_template_id = aws_launch_template.t.id
          }
        }
      }
    }
    """
    for text in (configuration, mixed):
        with terraform(OPEN + text) as found:
            assert reached(found).is_true


def test_a_launch_template_from_elsewhere_leaves_it_open() -> None:
    text = """
    resource "aws_autoscaling_group" "g" {
      min_size            = 1
      max_size            = 1
      vpc_zone_identifier = [aws_subnet.a.id]
      launch_template {
        id = "lt-1"
      }
    }
    """
    with terraform(OPEN + text) as found:
        (interface,) = interfaces_of(one(aws.ec2.Server, found))
        assert not interface.public.known
        assert reached(found).value is None


def test_the_way_is_told_hop_by_hop() -> None:
    text = """
    resource "aws_instance" "i" {
      ami                         = "ami-1"
      subnet_id                   = aws_subnet.a.id
      vpc_security_group_ids      = [aws_security_group.ssh.id]
      associate_public_ip_address = true
    }
    """
    with terraform(OPEN + text) as found:
        way = paths_from_internet(one(aws.ec2.Server, found)).items[0]
        said = [step.what for step in way.steps(ADMIN[0])]
        assert [any(word in what for what in said) for word in ("route", "lets in", "public address", "answers")] == [
            True
        ] * 4
        assert len({step.span.start for step in way.steps(ADMIN[0])}) == 4
        assert not any(way.opens(service).possible for service in DATABASE)


# -- firewalls -------------------------------------------------------------------------------------------------------


FIREWALL = """
  firewall_subnet:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref main, CidrBlock: 10.0.9.0/28}
  firewall:
    Type: AWS::NetworkFirewall::Firewall
    Properties:
      FirewallName: f
      VpcId: !Ref main
      FirewallPolicyArn: arn:aws:network-firewall:eu-west-1:111122223333:firewall-policy/p
      SubnetMappings: [{SubnetId: !Ref firewall_subnet}]
  table:
    Type: AWS::EC2::RouteTable
    Properties: {VpcId: !Ref main}
  of_a:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: {SubnetId: !Ref a, RouteTableId: !Ref table}
"""


def test_a_firewall_before_a_nat_gateway_leaves_the_nat_gateway_its_route() -> None:
    """Inspected traffic goes on to the NAT gateway, whose subnet alone routes to the internet gateway."""
    text = """
  to_firewall:
    Type: AWS::EC2::Route
    Properties:
      RouteTableId: !Ref table
      DestinationCidrBlock: 0.0.0.0/0
      VpcEndpointId: !Select [1, !Split [":", !Select [0, !GetAtt firewall.EndpointIds]]]
  nat_subnet:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref main, CidrBlock: 10.0.8.0/28}
  nat:
    Type: AWS::EC2::NatGateway
    Properties: {SubnetId: !Ref nat_subnet, AllocationId: eipalloc-1}
  firewall_table:
    Type: AWS::EC2::RouteTable
    Properties: {VpcId: !Ref main}
  of_firewall:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: {SubnetId: !Ref firewall_subnet, RouteTableId: !Ref firewall_table}
  to_nat:
    Type: AWS::EC2::Route
    Properties: {RouteTableId: !Ref firewall_table, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: !Ref nat}
  nat_table:
    Type: AWS::EC2::RouteTable
    Properties: {VpcId: !Ref main}
  of_nat:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: {SubnetId: !Ref nat_subnet, RouteTableId: !Ref nat_table}
  to_internet:
    Type: AWS::EC2::Route
    Properties: {RouteTableId: !Ref nat_table, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref gateway}
"""
    with cloudformation(FIREWALL + text) as found:
        boundary = Boundary(one(Vpc, found))
        assert boundary.used.is_true
        assert not boundary.routes_around_firewall().items
        assert not boundary.routes_around_firewall().gaps
        assert boundary.asymmetric_routing.is_false


def test_an_endpoint_of_another_kind_is_no_firewall() -> None:
    text = """
  s3:
    Type: AWS::EC2::VPCEndpoint
    Properties: {VpcId: !Ref main, ServiceName: com.amazonaws.eu-west-1.s3}
  to_s3:
    Type: AWS::EC2::Route
    Properties: {RouteTableId: !Ref table, DestinationCidrBlock: 0.0.0.0/0, VpcEndpointId: !Ref s3}
"""
    with cloudformation(FIREWALL + text) as found:
        assert Boundary(one(Vpc, found)).used.is_false


def test_an_endpoint_that_a_custom_resource_looks_up_may_be_the_firewall() -> None:
    text = """
  lookup:
    Type: Custom::Endpoint
    Properties: {ServiceToken: arn:aws:lambda:eu-west-1:111122223333:function:lookup}
  somewhere:
    Type: AWS::EC2::Route
    Properties: {RouteTableId: !Ref table, DestinationCidrBlock: 0.0.0.0/0, VpcEndpointId: !GetAtt lookup.Id}
"""
    with cloudformation(FIREWALL + text) as found:
        assert Boundary(one(Vpc, found)).used.value is None


def test_what_rules_open_together_is_said_of_one_that_has_a_part_in_it() -> None:
    text = """
    resource "aws_security_group" "g" {
      ingress {
        protocol    = "tcp"
        from_port   = 22
        to_port     = 22
        cidr_blocks = ["52.94.76.0/24"]
      }
      ingress {
        protocol    = "tcp"
        from_port   = 20
        to_port     = 22
        cidr_blocks = ["0.0.0.0/1"]
      }
      ingress {
        protocol    = "tcp"
        from_port   = 22
        to_port     = 30
        cidr_blocks = ["128.0.0.0/1"]
      }
      ingress {
        protocol         = "tcp"
        from_port        = 22
        to_port          = 22
        ipv6_cidr_blocks = ["::/0"]
      }
    }
    """
    with terraform(text) as found:
        rules = list(aws.security_groups.IngressRule.select(found))
        assert [str(rule.opened(4, None)) for rule in rules] == ["no traffic", "tcp 22", "no traffic", "no traffic"]
        assert [str(rule.opened(6, None)) for rule in rules] == ["no traffic", "no traffic", "no traffic", "tcp 22"]


def test_a_narrow_rule_beside_an_open_one_opens_nothing() -> None:
    text = """
  open:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: {GroupId: sg-1, IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}
  narrow:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: {GroupId: sg-1, IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 52.94.76.0/24}
"""
    with cloudformation(text) as found:
        assert one(aws.security_groups.IngressRule, found, "open").opens(SSH, 4).is_true
        assert one(aws.security_groups.IngressRule, found, "narrow").opens(SSH, 4).is_false


def test_the_range_of_a_network_is_not_the_world() -> None:
    text = """
  inside:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: {GroupId: sg-1, IpProtocol: "-1", CidrIp: !GetAtt main.CidrBlock}
"""
    with cloudformation(text) as found:
        assert one(aws.security_groups.IngressRule, found).opens(SSH, 4).is_false
