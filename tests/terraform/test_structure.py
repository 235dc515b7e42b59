"""Modules, instances, inputs, provenance and what becomes of mistakes."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

from iaclint import terraform
from iaclint.model.address import Address
from iaclint.model.inventory import Inputs
from iaclint.model.value import Ref, Unknown, UnknownCause
from iaclint.source.files import Workspace
from tests.terraform.support import UNKNOWN, evaluated, load, messages, plain, resource, write


def test_a_value_leads_back_to_its_literal(tmp_path: Path) -> None:
    deployment = load(
        tmp_path,
        {
            "main.tf": """
                variable "allowed" {
                  type = list(string)
                }

                module "net" {
                  source = "./net"
                  cidrs  = var.allowed
                }
            """,
            "prod.tfvars": 'allowed = ["0.0.0.0/0"]\n',
            "net/main.tf": """
                variable "cidrs" {}

                locals {
                  open = var.cidrs
                }

                resource "aws_security_group" "s" {
                  ingress {
                    cidr_blocks = local.open
                  }
                }
            """,
        },
        Inputs(files=(str(tmp_path / "prod.tfvars"),)),
    )
    group = resource(deployment, "module.net.aws_security_group.s")
    blocks = group.attribute("ingress", "cidr_blocks")
    assert blocks.span.text == "local.open"
    assert [step.what for step in blocks.trail] == [
        "local.open",
        "var.cidrs",
        "module argument cidrs",
        "var.allowed",
        "prod.tfvars",
    ]
    assert str(blocks.origin).startswith("prod.tfvars:1:")
    element = blocks.data[0]
    assert element.data == "0.0.0.0/0"
    assert element.span.text == "local.open"
    assert element.origin.text == '"0.0.0.0/0"'
    assert [step.span.text for step in group.calls] == ['module "net"']


def test_a_default_and_a_condition_are_places_too(tmp_path: Path) -> None:
    deployment = load(
        tmp_path,
        """
        variable "on" {
          default = false
        }

        resource "aws_kms_key" "k" {
          enable_key_rotation     = var.on
          deletion_window_in_days = var.on ? 30 : 7
        }
        """,
    )
    key = resource(deployment, "aws_kms_key.k")
    rotation = key.attribute("enable_key_rotation")
    assert rotation.origin.text == "false"
    assert [step.what for step in rotation.trail] == ["var.on", "default"]
    assert key.attribute("deletion_window_in_days").origin.text == "7"


@pytest.mark.parametrize(
    "expression",
    [
        'split(",", var.open)',
        'compact(split(",", var.open))',
        'regexall("[0-9./]+", var.open)',
        'flatten(regexall("([0-9.]+/[0-9]+)", var.open))',
        "[csvdecode(var.table)[0].cidr]",
        'formatlist("%s", [var.open])',
    ],
)
def test_what_is_cut_out_of_a_text_is_decided_where_the_text_is(expression: str, tmp_path: Path) -> None:
    text = f"""
        variable "open" {{
          default = "0.0.0.0/0,192.0.2.2/32"
        }}

        variable "table" {{
          default = "cidr\\n0.0.0.0/0"
        }}

        output "x" {{
          value = {expression}
        }}
    """
    element = load(tmp_path, text).outputs["x"].data[0]
    assert element.trail[-1].what == "default"
    assert "0.0.0.0/0" in element.origin.text


def test_an_unset_variable_is_named_and_may_be_tried(tmp_path: Path) -> None:
    files = {
        "main.tf": """
            variable "on" {
              type = bool
            }

            variable "env" {
              type = string
              validation {
                condition     = contains(["dev", "prod"], var.env)
                error_message = "one of two"
              }
            }

            module "m" {
              source = "./m"
              flag   = !var.on
            }

            resource "aws_kms_key" "k" {
              enable_key_rotation = var.env == "prod" ? true : false
            }
        """,
        "m/main.tf": """
            variable "flag" {}

            resource "aws_kms_key" "k" {
              enable_key_rotation = var.flag
            }
        """,
    }
    deployment = load(tmp_path, files)
    inner = resource(deployment, "module.m.aws_kms_key.k").attribute("enable_key_rotation").data
    assert isinstance(inner, Unknown)
    assert inner.cause is UnknownCause.INPUT
    assert inner.inputs == ("var.on",)
    assert "var.on" in inner.detail
    outer = resource(deployment, "aws_kms_key.k").attribute("enable_key_rotation").data
    assert outer.inputs == ("var.env",)
    assert deployment.inputs["on"].domain == (True, False)
    assert deployment.inputs["env"].domain == ("dev", "prod")
    tried = load(tmp_path, files, Inputs(values={"env": "prod", "on": False}))
    assert resource(tried, "module.m.aws_kms_key.k").attribute("enable_key_rotation").data is True
    assert resource(tried, "aws_kms_key.k").attribute("enable_key_rotation").data is True


def test_references_survive_functions_modules_and_templates(tmp_path: Path) -> None:
    deployment = load(
        tmp_path,
        {
            "main.tf": """
                module "key" {
                  source = "./key"
                }

                resource "aws_s3_bucket" "b" {
                  bucket = "b"
                }

                resource "aws_x" "y" {
                  one   = module.key.arn
                  two   = "${aws_s3_bucket.b.arn}/*"
                  three = element([aws_s3_bucket.b.bucket], 0)
                  four  = jsonencode({ a = [aws_s3_bucket.b.id] })
                }
            """,
            "key/main.tf": """
                resource "aws_kms_key" "k" {}

                output "arn" {
                  value = aws_kms_key.k.arn
                }
            """,
        },
    )
    body = resource(deployment, "aws_x.y").body
    assert body.key("one").refs == (Ref(Address("module.key.aws_kms_key.k"), "arn"),)
    assert Ref(Address("aws_s3_bucket.b"), "arn") in body.key("two").refs
    assert body.key("three").data == "b"
    assert Ref(Address("aws_s3_bucket.b"), "bucket") in body.key("three").refs
    four = body.key("four")
    assert Ref(Address("aws_s3_bucket.b"), "id") in four.refs
    assert isinstance(four.data, Unknown)
    assert four.data.prefix == '{"a":["'
    assert [plain(part) for part in four.data.parts] == ['{"a":["', UNKNOWN, '"]}']


def test_existence_is_undecided_where_count_is(tmp_path: Path) -> None:
    deployment = load(
        tmp_path,
        """
        variable "n" {
          type = number
        }

        resource "aws_subnet" "s" {
          count      = var.n
          cidr_block = "10.0.0.0/24"
        }
        """,
    )
    subnet = resource(deployment, "aws_subnet.s[*]")
    assert subnet.exists.value is None
    assert "var.n" in str(subnet.exists.reasons[0])
    assert subnet.attribute("cidr_block").data == "10.0.0.0/24"


def test_roots_are_what_nobody_calls(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "app/main.tf": 'module "a" {\n  source = "../common/a"\n}\n',
            "other/main.tf": 'module "a" {\n  source = "../common/a"\n}\n',
            "common/a/main.tf": 'module "b" {\n  source = "./b"\n}\n',
            "common/a/b/main.tf": "",
            "circle/one/main.tf": 'module "x" {\n  source = "../two"\n}\n',
            "circle/two/main.tf": 'module "x" {\n  source = "../one"\n}\n',
            "self/main.tf": 'module "x" {\n  source = "./"\n}\n',
            "empty/readme.md": "",
        },
    )
    names = ["app", "other", "common/a", "shared/a/b", "circle/one", "circle/two", "self", "empty"]
    directories = [os.path.join(root, name) for name in names]
    workspace = Workspace((root,))
    found = terraform.roots(workspace, directories)
    assert [os.path.relpath(path, root) for path in found] == ["app", "other", "circle/one", "self"]
    calls = terraform.callers(workspace, directories)
    assert [os.path.relpath(path, root) for path in calls[os.path.join(root, "common/a")]] == ["app", "other"]


def test_cycles_are_reported_and_end(tmp_path: Path) -> None:
    deployment = load(
        tmp_path,
        """
        locals {
          a = local.b
          b = local.a
        }

        resource "aws_a" "x" {
          v = aws_b.x.v
        }

        resource "aws_b" "x" {
          v = aws_a.x.v
        }

        module "me" {
          source = "./"
        }
        """,
    )
    text = "\n".join(messages(deployment))
    assert "local.a -> local.b -> local.a" in text
    assert "aws_a.x -> aws_b.x -> aws_a.x" in text
    assert "calls itself" in text
    assert len(deployment.resources) == 2


def test_outputs_of_instances_may_feed_each_other(tmp_path: Path) -> None:
    deployment = load(
        tmp_path,
        {
            "main.tf": """
                module "m" {
                  source   = "./m"
                  for_each = { a = 1, b = 2 }
                  name     = each.key
                  other    = each.key == "b" ? module.m["a"].plain : "none"
                }

                output "x" {
                  value = module.m["b"].both
                }
            """,
            "m/main.tf": """
                variable "name" {}
                variable "other" {}

                output "plain" {
                  value = "p-${var.name}"
                }

                output "both" {
                  value = "${var.name}/${var.other}"
                }
            """,
        },
    )
    assert plain(deployment.outputs["x"]) == "b/p-a"


def test_a_broken_file_leaves_the_others(tmp_path: Path) -> None:
    deployment = load(tmp_path, {"a.tf": 'resource "aws_x" "a" {}\n', "b.tf": 'resource "aws_x" {{\n'})
    assert [found.address for found in deployment.resources] == ["aws_x.a"]
    assert [problem.fatal for problem in deployment.problems] == [True]
    assert deployment.problems[0].span is not None
    assert deployment.problems[0].span.file.name == "b.tf"


def test_a_missing_var_file_is_fatal(tmp_path: Path) -> None:
    deployment = load(tmp_path, "locals {}\n", Inputs(files=(str(tmp_path / "none.tfvars"),)))
    assert [problem.fatal for problem in deployment.problems] == [True]
    assert "none.tfvars" in deployment.problems[0].message


def test_validations_and_types_are_checked(tmp_path: Path) -> None:
    deployment = load(
        tmp_path,
        """
        variable "n" {
          type    = number
          default = 3
          validation {
            condition     = var.n > 5
            error_message = "n is at least six"
          }
        }

        variable "s" {
          type    = list(number)
          default = ["x"]
        }

        variable "t" {
          type = strin
        }
        """,
    )
    text = "\n".join(messages(deployment))
    assert "n is at least six" in text
    assert "var.s[0]: a number is required" in text
    assert "strin is not a type" in text


def test_a_reference_to_nothing_is_no_reference_to_something_else(tmp_path: Path) -> None:
    deployment = load(
        tmp_path,
        """
        resource "aws_lb" "front" {
          internal = false
        }

        resource "aws_wafv2_web_acl_association" "typo" {
          resource_arn = aws_lb.frnt.arn
        }

        resource "aws_wafv2_web_acl_association" "part" {
          resource_arn = coalesce(aws_lb.frnt.arn, aws_lb.front.arn)
        }
        """,
    )
    front, typo, part = deployment.resources
    assert deployment.refers_to(typo.body.key("resource_arn"), front).is_false
    assert not deployment.refers_to(part.body.key("resource_arn"), front).decided


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("data.aws_iam_policy_document.other.json", False),
        ("null", False),
        ('"x"', False),
        ('["x"]', False),
        ('[{ actions = ["s3:*"], resources = ["*"] }]', True),
        ('{ actions = ["s3:*"], resources = ["*"] }', True),
    ],
)
def test_a_value_in_place_of_a_block(written: str, known: bool, tmp_path: Path) -> None:
    deployment = load(
        tmp_path,
        """
        data "aws_iam_policy_document" "other" {}

        data "aws_iam_policy_document" "d" {
          statement = WRITTEN
        }

        resource "aws_iam_user_policy" "p" {
          user   = "ann"
          policy = data.aws_iam_policy_document.d.json
        }
        """.replace("WRITTEN", written),
    )
    (policy,) = (r for r in deployment.resources if r.kind == "aws_iam_user_policy")
    assert policy.body.key("policy").known is known
    assert ("statement is a block" in "\n".join(messages(deployment))) is not known


def test_objects_written_for_another_version_of_the_provider(tmp_path: Path) -> None:
    deployment = load(
        tmp_path,
        """
        resource "aws_route_table" "r" {
          vpc_id = "vpc-1"
          route  = [{ cidr_block = "0.0.0.0/0", gateway_id = "igw-1" }]
        }

        resource "aws_route_table" "wrong" {
          vpc_id = "vpc-1"
          route  = [{ cidr_block = ["0.0.0.0/0"] }]
        }
        """,
    )
    assert 'route: [0]: attribute "carrier_gateway_id" is required' in "\n".join(messages(deployment))
    assert not any(problem.fatal for problem in deployment.problems)
    right, wrong = (resource.body.key("route") for resource in deployment.resources)
    (route,) = right.data
    assert (route.key("cidr_block").data, route.key("gateway_id").data) == ("0.0.0.0/0", "igw-1")
    assert route.key("nat_gateway_id").data is None
    assert not wrong.known


def test_nothing_outside_is_read(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    deployment = load(
        tmp_path / "in",
        """
        output "x" {
          value = [file("../secret.txt"), try(file("../secret.txt"), "none"), fileexists("../secret.txt")]
        }

        module "m" {
          source = "../../elsewhere"
        }
        """,
    )
    assert plain(deployment.outputs["x"]) == [UNKNOWN, UNKNOWN, UNKNOWN]
    assert len(deployment.gaps) == 1


def test_sensitive_values_are_marked(tmp_path: Path) -> None:
    deployment = load(
        tmp_path,
        """
        variable "password" {
          default   = "hunter2"
          sensitive = true
        }

        resource "aws_x" "y" {
          a = "user:${var.password}"
          b = [sensitive("x")]
          c = upper(var.password)
        }
        """,
    )
    body = resource(deployment, "aws_x.y").body
    assert body.key("a").sensitive
    assert body.key("b").data[0].sensitive
    assert body.key("c").sensitive


def test_slots_say_where_to_write(tmp_path: Path) -> None:
    deployment = load(
        tmp_path,
        """
        resource "aws_kms_key" "k" {
          description = "d" # why
        }

        resource "aws_kms_key" "empty" {}

        resource "aws_s3_bucket" "b" {
          versioning {
            enabled = false
          }
        }
        """,
    )
    for address, name, wanted in (
        ("aws_kms_key.k", "", '  description = "d" # why\n  new = true\n}'),
        ("aws_kms_key.empty", "", '"empty" {\n  new = true\n}'),
        ("aws_s3_bucket.b", "versioning", "    enabled = false\n    new = true\n  }"),
    ):
        slot = resource(deployment, address).insertion_points[name]
        text = slot.at.file.text
        written = slot.template.format(name="new", value="true")
        assert wanted in text[: slot.at.start] + written + text[slot.at.end :]


def test_a_deployment_pickles(tmp_path: Path) -> None:
    deployment = load(tmp_path, 'resource "aws_x" "y" {\n  a = [1, { b = aws_x.z.id }]\n}\nresource "aws_x" "z" {}\n')
    again = pickle.loads(pickle.dumps(deployment))
    assert [found.address for found in again.resources] == ["aws_x.y", "aws_x.z"]
    assert again.resources[0].header.text == 'resource "aws_x" "y"'


def test_tofu_files_stand_in_for_terraform_ones(tmp_path: Path) -> None:
    deployment = load(
        tmp_path,
        {"a.tf": 'resource "aws_x" "old" {}\n', "a.tofu": 'resource "aws_x" "new" {}\n', "b.tf": "locals {}\n"},
    )
    assert [found.address for found in deployment.resources] == ["aws_x.new"]


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("length([aws_vpc.v.id, aws_vpc.v.arn])", 2),
        ('startswith("vpc/${aws_vpc.v.id}", "vpc/")', True),
        ('"a-${aws_vpc.v.id}" == "b"', False),
        ("false && aws_vpc.v.enable_dns_support", False),
        ("aws_vpc.v.enable_dns_support || true", True),
        ("aws_vpc.v.enable_dns_support ? 1 : 1", 1),
        ("aws_vpc.v.cidr_block", "10.0.0.0/16"),
        ("aws_vpc.v.tags_all.a", "b"),
        ("aws_vpc.v.id", UNKNOWN),
        ("[for x in [aws_vpc.v.id] : upper(x)]", [UNKNOWN]),
        ("merge({ a = 1 }, { b = aws_vpc.v.id })", {"a": 1, "b": UNKNOWN}),
        ("contains([aws_vpc.v.id, 1], 1)", True),
        ("timestamp()", UNKNOWN),
        ('provider::aws::arn_build("a", "b")', UNKNOWN),
        ("aws_vpc.v[*].cidr_block", ["10.0.0.0/16"]),
    ],
)
def test_unknowns_go_no_further_than_they_must(tmp_path: Path, expression: str, wanted: object) -> None:
    more = 'resource "aws_vpc" "v" {\n  cidr_block = "10.0.0.0/16"\n  tags = { a = "b" }\n}\n'
    assert evaluated(tmp_path, expression, more) == wanted


def test_variables_of_the_environment_count_on_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_VAR_n", "7")
    monkeypatch.setenv("TF_VAR_l", '["a", "b"]')
    text = (
        'variable "n" {\n  default = 1\n}\nvariable "l" {\n  type = list(string)\n  default = []\n}\n'
        'output "x" {\n  value = [var.n, var.l]\n}\n'
    )
    assert plain(load(tmp_path, text).outputs["x"]) == [1, []]
    assert plain(load(tmp_path, text, Inputs(read_environment=True)).outputs["x"]) == ["7", ["a", "b"]]


def test_blocks_that_are_not_known_are_as_many_as_are_asked_for(tmp_path: Path) -> None:
    more = 'variable "block" {}\nvariable "news" {}\n'
    assert evaluated(tmp_path, "cidrsubnets(var.block, 2, 2, 2)", more) == [UNKNOWN] * 3
    assert evaluated(tmp_path, "length(cidrsubnets(var.block, 4, var.news))", more) == 2
    assert evaluated(tmp_path, "cidrsubnets(var.block, var.news...)", more) == UNKNOWN
    assert evaluated(tmp_path, 'cidrsubnets("10.0.0.0/8", 8, 8)', more) == ["10.0.0.0/16", "10.1.0.0/16"]


def test_what_iterates_keeps_the_names_that_lead_to_it(tmp_path: Path) -> None:
    deployment = load(
        tmp_path,
        """
        variable "rules" {
          default = [{ cidr = "0.0.0.0/0" }]
        }

        resource "aws_network_acl" "n" {
          vpc_id = "vpc-1"

          dynamic "ingress" {
            for_each = var.rules
            content {
              cidr_block = lookup(ingress.value, "cidr", null)
            }
          }
        }

        output "x" {
          value = [for rule in var.rules : rule.cidr]
        }

        output "y" {
          value = [for name, rule in { for at, rule in var.rules : at => rule } : rule.cidr]
        }
        """,
    )
    block = resource(deployment, "aws_network_acl.n").attribute("ingress", "cidr_block")
    assert [step.what for step in block.trail] == ["ingress", "var.rules", "default"]
    assert block.origin.text == '"0.0.0.0/0"'
    assert [step.what for step in deployment.outputs["x"].data[0].trail] == ["rule", "var.rules", "default"]
    (y,) = deployment.outputs["y"].data
    assert "var.rules" in [step.what for step in y.trail] and y.origin.text == '"0.0.0.0/0"'
