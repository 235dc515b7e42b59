"""What the rules about exposure hang on beyond their own examples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iaclint import Outcome, Severity
from iaclint.aws.reasoning.acl import Acl, AclRule
from iaclint.aws.reasoning.cidr import AddressBounds, CidrSet
from iaclint.aws.reasoning.flows import NO_FLOWS
from iaclint.aws.reasoning.ports import Traffic, TrafficBounds
from iaclint.model.truth import Truth
from iaclint.run.testing import deployment, verdicts
from tests.builtin_rules import RULES, said

CIDRS = ("0.0.0.0/0", "0.0.0.0/1", "10.0.0.0/8", "198.51.100.0/24", "::/0")
PORTS = ((0, 65535), (20, 25), (22, 22), (443, 443), (1024, 65535))


def entry(number: int, allow: bool, cidr: str, ports: tuple[int, int]) -> AclRule:
    return AclRule(
        number,
        Truth.of(allow),
        AddressBounds.known(CidrSet.parse(cidr)),
        TrafficBounds.known(Traffic.of("tcp", *ports)),
    )


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(CIDRS), st.sampled_from(PORTS)), max_size=6))
def test_what_entries_let_through_is_what_the_acl_allows(rows: list[tuple[bool, str, tuple[int, int]]]) -> None:
    acl = Acl(tuple(entry(number, *row) for number, row in enumerate(rows, 1)))
    together = NO_FLOWS
    for each in acl.rules:
        through = acl.allowed_by(each)
        assert not (through.certain - through.possible)
        together = together | through.certain
    allowed = acl.allowed().certain
    assert not (together - allowed) and not (allowed - together)


def test_a_deny_of_unknown_number_may_come_first() -> None:
    text = """
    variable "number" {}
    resource "aws_network_acl_rule" "all" {
      network_acl_id = "acl-1"
      rule_number    = 100
      protocol       = "-1"
      rule_action    = "allow"
      cidr_block     = "0.0.0.0/0"
    }
    resource "aws_network_acl_rule" "none" {
      network_acl_id = "acl-1"
      rule_number    = var.number
      protocol       = "-1"
      rule_action    = "deny"
      cidr_block     = "0.0.0.0/0"
    }
    """
    assert said("network-acl-open-to-world", text) is Outcome.UNKNOWN
    assert said("network-acl-open-to-world", text.replace("acl-1", "acl-2", 1)) is Outcome.FAIL


def test_an_acl_of_balancers_alone_is_less_severe() -> None:
    text = """
    resource "aws_subnet" "edge" {
      vpc_id = "vpc-1"
    }
    resource "aws_lb" "web" {
      subnets = [aws_subnet.edge.id]
    }
    resource "aws_network_acl" "edge" {
      vpc_id     = "vpc-1"
      subnet_ids = [aws_subnet.edge.id]
      ingress {
        rule_no    = 100
        protocol   = "-1"
        action     = "allow"
        cidr_block = "0.0.0.0/0"
        from_port  = 0
        to_port    = 0
      }
    }
    """
    rule = RULES["network-acl-open-to-world"]
    instance = """
    resource "aws_instance" "app" {
      subnet_id = aws_subnet.edge.id
    }
    """
    for more, severity in (("", Severity.LOW), (instance, Severity.MEDIUM)):
        with deployment(text + more, "terraform") as found:
            assert [v.severity for v in verdicts(rule, found) if v.outcome is Outcome.FAIL] == [severity]


DEFAULT_ACL = """
resource "aws_vpc" "v" {{
  cidr_block = "10.0.0.0/16"
}}
resource "aws_subnet" "edge" {{
  vpc_id = aws_vpc.v.id
}}
resource "aws_lb" "web" {{
  subnets = [aws_subnet.edge.id]
}}
resource "aws_default_network_acl" "d" {{
  default_network_acl_id = aws_vpc.v.default_network_acl_id
  ingress {{
    rule_no    = 100
    action     = "allow"
    protocol   = {protocol}
    from_port  = 0
    to_port    = 65535
    cidr_block = "0.0.0.0/0"
  }}
}}
"""
OWN_SUBNET = """
resource "aws_subnet" "app" {
  vpc_id = aws_vpc.v.id
}
"""
OWN_ACL = """
resource "aws_network_acl" "app" {
  vpc_id     = aws_vpc.v.id
  subnet_ids = [aws_subnet.app.id]
}
"""


@pytest.mark.parametrize("rule", ["network-acl-open-to-world", "network-acl-admin-port-open"])
def test_a_default_acl_may_say_what_aws_says(rule: str) -> None:
    assert said(rule, DEFAULT_ACL.format(protocol='"-1"')) is Outcome.NOT_APPLICABLE
    assert said(rule, 'variable "p" {}\n' + DEFAULT_ACL.format(protocol="var.p")) is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("more", "severity"),
    [("", Severity.LOW), (OWN_SUBNET, Severity.MEDIUM), (OWN_SUBNET + OWN_ACL, Severity.LOW)],
)
def test_a_default_acl_is_for_the_subnets_that_no_other_claims(more: str, severity: Severity) -> None:
    rule = RULES["network-acl-open-to-world"]
    with deployment(DEFAULT_ACL.format(protocol='"tcp"') + more, "terraform") as found:
        assert [v.severity for v in verdicts(rule, found) if v.outcome is Outcome.FAIL] == [severity]


def test_a_mock_answers_without_credentials() -> None:
    method = """
    resource "aws_api_gateway_resource" "orders" {
      rest_api_id = "api-1"
      parent_id   = "root"
      path_part   = "orders"
    }
    resource "aws_api_gateway_method" "orders" {
      rest_api_id   = "api-1"
      resource_id   = aws_api_gateway_resource.orders.id
      http_method   = "GET"
      authorization = "NONE"
    }
    resource "aws_api_gateway_integration" "orders" {
      rest_api_id = "api-1"
      resource_id = aws_api_gateway_resource.orders.id
      http_method = aws_api_gateway_method.orders.http_method
      type        = "MOCK"
    }
    """
    assert said("api-method-without-authorization", method) is Outcome.NOT_APPLICABLE
    assert said("api-method-without-authorization", method.replace("MOCK", "AWS_PROXY")) is Outcome.FAIL


def test_a_condition_in_the_policy_of_an_api() -> None:
    text = """
    resource "aws_api_gateway_rest_api" "orders" {
      name = "orders"
    }
    resource "aws_api_gateway_rest_api_policy" "orders" {
      rest_api_id = aws_api_gateway_rest_api.orders.id
      policy = jsonencode({
        Statement = [{
          Effect    = "Allow"
          Principal = "*"
          Action    = "execute-api:Invoke"
          Resource  = "*"
          Condition = { IpAddress = { "aws:SourceIp" = "192.0.2.0/24" } }
        }]
      })
    }
    resource "aws_api_gateway_method" "orders" {
      rest_api_id   = aws_api_gateway_rest_api.orders.id
      resource_id   = "resource-1"
      http_method   = "GET"
      authorization = "NONE"
    }
    """
    assert said("api-method-without-authorization", text) is Outcome.PASS


def test_a_cluster_in_a_public_subnet() -> None:
    text = """
    resource "aws_default_subnet" "a" {
      availability_zone = "eu-west-1a"
    }
    resource "aws_emr_cluster" "jobs" {
      name = "jobs"
      ec2_attributes {
        instance_profile = "node"
        subnet_id        = aws_default_subnet.a.id
      }
    }
    """
    guard = """
    resource "aws_emr_block_public_access_configuration" "guard" {
      block_public_security_group_rules = true
    }
    """
    assert said("managed-service-public-endpoint", text) is Outcome.FAIL
    assert said("managed-service-public-endpoint", text + guard) is Outcome.PASS


def test_a_peering_route_to_ones_own_range_is_no_business_of_the_peer() -> None:
    text = """
    resource "aws_vpc" "own" {
      cidr_block = "10.1.0.0/16"
    }
    resource "aws_vpc_peering_connection" "partner" {
      vpc_id      = aws_vpc.own.id
      peer_vpc_id = "vpc-2"
    }
    resource "aws_route_table" "own" {
      vpc_id = aws_vpc.own.id
    }
    resource "aws_route" "partner" {
      route_table_id            = aws_route_table.own.id
      destination_cidr_block    = "10.0.0.0/8"
      vpc_peering_connection_id = aws_vpc_peering_connection.partner.id
    }
    """
    assert said("vpc-peering-route-too-broad", text) is Outcome.PASS


def test_rules_that_are_added_to_a_web_acl_from_outside() -> None:
    text = """
    resource "aws_wafv2_web_acl" "site" {
      name  = "site"
      scope = "REGIONAL"
      default_action {
        allow {}
      }
      rule_json = jsonencode([])
    }
    """
    assert said("waf-without-blocking-rules", text) is Outcome.UNKNOWN


def test_rules_that_are_excluded_the_old_way() -> None:
    text = """
    Resources:
      Site:
        Type: AWS::WAFv2::WebACL
        Properties:
          Name: site
          Scope: REGIONAL
          DefaultAction: {Allow: {}}
          Rules:
            - Name: bad-inputs
              Priority: 1
              OverrideAction: {None: {}}
              Statement:
                ManagedRuleGroupStatement:
                  Name: AWSManagedRulesKnownBadInputsRuleSet
                  VendorName: AWS
                  ExcludedRules: [{Name: Log4JRCE}]
    """
    assert said("waf-known-bad-inputs-missing", text, "cloudformation") is Outcome.FAIL


def test_a_wide_range_from_a_data_source_is_not_judged() -> None:
    text = """
    data "aws_ip_ranges" "edge" {
      regions  = ["global"]
      services = ["cloudfront"]
    }
    resource "aws_security_group" "origin" {
      ingress {
        protocol    = "tcp"
        from_port   = 443
        to_port     = 443
        cidr_blocks = data.aws_ip_ranges.edge.cidr_blocks
      }
    }
    """
    assert said("security-group-wide-public-range", text) is Outcome.PASS


ACL_TF = """
resource "aws_vpc" "v" {{
  cidr_block = "10.0.0.0/16"
  {own}
}}
{attached_to}
resource "{kind}" "n" {{
  {link}
  ingress {{
    rule_no         = 110
    action          = "allow"
    protocol        = "tcp"
    from_port       = 20
    to_port         = 25
    ipv6_cidr_block = "::/0"
  }}
}}
"""
ASSOCIATION = """
resource "aws_vpc_ipv6_cidr_block_association" "v" {
  vpc_id = aws_vpc.v.id
}
"""


@pytest.mark.parametrize(
    ("own", "attached_to", "wanted"),
    [
        ("", "", Outcome.PASS),
        ("assign_generated_ipv6_cidr_block = false", "", Outcome.PASS),
        ("assign_generated_ipv6_cidr_block = true", "", Outcome.FAIL),
        ("assign_generated_ipv6_cidr_block = var.six", 'variable "six" {}', Outcome.UNKNOWN),
        ('ipv6_cidr_block = "2001:db8::/56"', "", Outcome.FAIL),
        ('ipv6_ipam_pool_id = "ipam-pool-1"', "", Outcome.FAIL),
        ("", ASSOCIATION, Outcome.FAIL),
    ],
)
def test_ipv6_passes_where_the_vpc_has_it(own: str, attached_to: str, wanted: Outcome) -> None:
    for kind, link in (
        ("aws_network_acl", "vpc_id = aws_vpc.v.id"),
        ("aws_default_network_acl", "default_network_acl_id = aws_vpc.v.default_network_acl_id"),
    ):
        text = ACL_TF.format(own=own, attached_to=attached_to, kind=kind, link=link)
        assert said("network-acl-admin-port-open", text) is wanted


@pytest.mark.parametrize(
    ("block", "wanted"),
    [
        ("CidrBlock: 10.1.0.0/16", Outcome.PASS),
        ("AmazonProvidedIpv6CidrBlock: true", Outcome.FAIL),
        ("Ipv6IpamPoolId: ipam-pool-1", Outcome.FAIL),
    ],
)
def test_a_block_beside_a_vpc_may_be_of_ipv6(block: str, wanted: Outcome) -> None:
    text = f"""
Resources:
  Net:
    Type: AWS::EC2::VPC
    Properties: {{CidrBlock: 10.0.0.0/16}}
  More:
    Type: AWS::EC2::VPCCidrBlock
    Properties: {{VpcId: !Ref Net, {block}}}
  Ssh:
    Type: AWS::EC2::NetworkAclEntry
    Properties:
      NetworkAclId: !GetAtt Net.DefaultNetworkAcl
      RuleNumber: 50
      RuleAction: allow
      Protocol: 6
      PortRange: {{From: 22, To: 22}}
      Ipv6CidrBlock: ::/0
"""
    assert said("network-acl-admin-port-open", text, "cloudformation") is wanted


def test_the_ports_that_answers_come_back_to_hold_that_of_rdp() -> None:
    text = """
    resource "aws_network_acl_rule" "answers" {
      network_acl_id = "acl-1"
      rule_number    = 100
      protocol       = "tcp"
      rule_action    = "allow"
      cidr_block     = "0.0.0.0/0"
      from_port      = 1024
      to_port        = 65535
    }
    """
    rule = RULES["network-acl-admin-port-open"]
    for ports, advised in (("1024", True), ("3000", False), ("22", False)):
        with deployment(text.replace("1024", ports), "terraform") as found:
            (verdict,) = verdicts(rule, found)
            assert ("deny 3389 with a lower number" in verdict.message) is advised


DEFAULT_VPC = """
data "aws_vpc" "default" {
  default = true
}
data "aws_subnets" "default" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default.id]
  }
}
data "aws_subnet" "each" {
  for_each = toset(data.aws_subnets.default.ids)
  id       = each.value
}
"""


@pytest.mark.parametrize(
    ("user", "wanted"),
    [
        ("", Outcome.PASS),
        ('output "range" { value = data.aws_vpc.default.cidr_block }', Outcome.PASS),
        ('resource "aws_lb" "web" { subnets = data.aws_subnets.default.ids }', Outcome.FAIL),
        ('resource "aws_lb" "web" {\n count = 0\n subnets = data.aws_subnets.default.ids\n}', Outcome.PASS),
        ('resource "aws_lb" "web" { subnets = [for s in data.aws_subnet.each : s.id] }', Outcome.FAIL),
        ('resource "aws_lb" "web" { subnets = [values(data.aws_subnet.each)[0].id] }', Outcome.FAIL),
        ('resource "aws_lb" "web" { subnets = [data.aws_subnet.each["subnet-1"].id] }', Outcome.FAIL),
        ('resource "aws_lb" "web" { subnets = [for s in data.aws_subnet.each : s.cidr_block] }', Outcome.PASS),
        (
            'resource "aws_efs_mount_target" "m" {\n for_each = toset(data.aws_subnets.default.ids)\n'
            " subnet_id = each.value\n}",
            Outcome.UNKNOWN,  # there may be no subnets
        ),
        ('variable "n" {}\nresource "aws_subnet" "a" {\n count = var.n\n vpc_id = data.aws_vpc.default.id\n}', None),
        ('module "app" {\n source = "./not-here"\n vpc = data.aws_vpc.default.id\n}', Outcome.UNKNOWN),
    ],
)
def test_a_default_vpc_is_used_where_something_is_put_into_it(user: str, wanted: Outcome | None) -> None:
    with deployment(DEFAULT_VPC + user, "terraform") as found:
        outcomes = [v.outcome for v in verdicts(RULES["default-vpc-used"], found)]
    assert outcomes == [wanted or Outcome.UNKNOWN]


HARDENED = """
resource "aws_flow_log" "f" {
  vpc_id       = data.aws_vpc.default.id
  traffic_type = "ALL"
}
resource "aws_default_security_group" "d" { vpc_id = data.aws_vpc.default.id }
resource "aws_default_route_table" "d" { default_route_table_id = data.aws_vpc.default.main_route_table_id }
resource "aws_default_network_acl" "d" {
  default_network_acl_id = "acl-1"
  subnet_ids             = data.aws_subnets.default.ids
}
"""


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ("", Outcome.PASS),
        ('resource "aws_subnet" "a" { vpc_id = data.aws_vpc.default.id }', Outcome.FAIL),
    ],
)
def test_a_default_vpc_that_is_only_hardened_is_not_used(more: str, wanted: Outcome) -> None:
    with deployment(DEFAULT_VPC + HARDENED + more, "terraform") as found:
        verdict = verdicts(RULES["default-vpc-used"], found)[0]
    assert (verdict.address, verdict.outcome) == ("data.aws_vpc.default", wanted)
    assert verdict.message == ("something is put into the default VPC, which is looked up here" if more else "")


def test_a_default_group_with_rules_is_there_to_be_used() -> None:
    text = HARDENED.replace(
        '"d" { vpc_id = data.aws_vpc.default.id }',
        '"d" {\n vpc_id = data.aws_vpc.default.id\n ingress {\n protocol = "tcp"\n from_port = 22\n'
        ' to_port = 22\n cidr_blocks = ["10.0.0.0/8"]\n }\n}',
    )
    with deployment(DEFAULT_VPC + text, "terraform") as found:
        verdict = verdicts(RULES["default-vpc-used"], found)[0]
    assert (verdict.address, verdict.outcome) == ("data.aws_vpc.default", Outcome.FAIL)


SECURITY_GROUP = """
variable "v" {{}}
data "http" "me" {{ url = "https://example.com" }}
data "aws_vpc" "v" {{ id = "vpc-1" }}
resource "aws_ec2_managed_prefix_list" "p" {{
  name           = "p"
  address_family = "IPv4"
  max_entries    = 1
  entry {{ cidr = {listed} }}
}}
resource "aws_security_group" "s" {{
  vpc_id = "vpc-1"
  ingress {{
    protocol         = "tcp"
    from_port        = 22
    to_port          = 22
    cidr_blocks      = [{ipv4}]
    ipv6_cidr_blocks = {ipv6}
    prefix_list_ids  = [aws_ec2_managed_prefix_list.p.id]
  }}
}}
"""
MY_ADDRESS = '"${chomp(data.http.me.response_body)}/32"'


@pytest.mark.parametrize(
    ("listed", "ipv4", "ipv6", "open_to_world", "wide"),
    [
        ("data.aws_vpc.v.cidr_block", '"10.0.0.0/8"', "[]", Outcome.PASS, Outcome.PASS),
        (MY_ADDRESS, MY_ADDRESS, "[]", Outcome.PASS, Outcome.PASS),
        ('"10.0.0.0/8"', 'try({ c = "${var.v}/32" }.c, null)', "[]", Outcome.PASS, Outcome.PASS),
        ('"10.0.0.0/8"', '"${var.v}/20"', "[]", Outcome.PASS, Outcome.UNKNOWN),
        ('"10.0.0.0/8"', '"${var.v}/0"', "[]", Outcome.UNKNOWN, Outcome.UNKNOWN),
        ('"10.0.0.0/8"', '"${var.v}/${var.v}"', "[]", Outcome.UNKNOWN, Outcome.UNKNOWN),
        ('"10.0.0.0/8"', '"10.0.0.0/8"', '["${var.v}/32"]', Outcome.PASS, Outcome.UNKNOWN),
        ('"10.0.0.0/8"', '"10.0.0.0/8"', '["${var.v}/64"]', Outcome.PASS, Outcome.PASS),
    ],
)
def test_a_range_with_a_long_mask_is_narrow_wherever_it_lies(
    listed: str, ipv4: str, ipv6: str, open_to_world: Outcome, wide: Outcome
) -> None:
    text = SECURITY_GROUP.format(listed=listed, ipv4=ipv4, ipv6=ipv6)
    assert said("security-group-admin-port-open", text) is open_to_world
    assert said("security-group-wide-public-range", text) is wide


@pytest.mark.parametrize("cidr", ['!Sub "${Address}/32"', '!Join ["/", [!Ref Address, "32"]]'])
def test_a_mask_is_read_in_templates_too(cidr: str) -> None:
    text = f"""
Parameters:
  Address: {{Type: String}}
Resources:
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: mine
      VpcId: vpc-1
      SecurityGroupIngress:
        - IpProtocol: tcp
          FromPort: 22
          ToPort: 22
          CidrIp: {cidr}
"""
    assert said("security-group-admin-port-open", text, "cloudformation") is Outcome.PASS
    assert said("security-group-wide-public-range", text, "cloudformation") is Outcome.PASS


def test_the_ranges_of_an_endpoint_are_reported_with_its_switch() -> None:
    text = """
    variable "public" {{
      default = true
    }}
    resource "aws_eks_cluster" "main" {{
      vpc_config {{
        {switch}
        public_access_cidrs = ["0.0.0.0/0"]
      }}
    }}
    """
    for switch, places in (("endpoint_public_access = var.public", ["var.public"]), ("", [])):
        with deployment(text.format(switch=switch), "terraform") as found:
            (verdict,) = verdicts(RULES["eks-endpoint-public"], found)
        assert [step.span.text for step in verdict.related] == places


@pytest.mark.parametrize(
    ("service", "wanted"),
    [
        ('"com.amazonaws.${var.region}.s3"', Outcome.FAIL),
        ('"com.amazonaws.${var.region}.dynamodb-fips"', Outcome.FAIL),
        ('"com.amazonaws.${var.region}.kms"', Outcome.PASS),
        ("data.aws_vpc_endpoint_service.s.service_name", Outcome.FAIL),
        ("var.region", Outcome.UNKNOWN),
    ],
)
def test_an_interface_to_a_store_is_an_endpoint_like_a_gateway(service: str, wanted: Outcome) -> None:
    text = f"""
    variable "region" {{}}
    data "aws_vpc_endpoint_service" "s" {{
      service      = "s3"
      service_type = "Interface"
    }}
    resource "aws_vpc_endpoint" "e" {{
      vpc_id            = "vpc-1"
      service_name      = {service}
      vpc_endpoint_type = "Interface"
    }}
    """
    assert said("vpc-endpoint-unrestricted", text) is wanted


@pytest.mark.parametrize(("name", "wanted"), [("dynamodb", Outcome.FAIL), ("kms", Outcome.PASS)])
def test_the_name_of_a_store_may_be_joined(name: str, wanted: Outcome) -> None:
    text = f"""
Resources:
  Endpoint:
    Type: AWS::EC2::VPCEndpoint
    Properties:
      VpcId: vpc-1
      VpcEndpointType: Interface
      ServiceName: !Join [".", [com.amazonaws, !Ref "AWS::Region", {name}]]
"""
    assert said("vpc-endpoint-unrestricted", text, "cloudformation") is wanted
