"""Plan files: values, unknowns, references, and the way back to the lines of the configuration."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from iaclint import terraform
from iaclint.model.address import Address
from iaclint.model.inventory import Inputs
from iaclint.model.value import Ref, Unknown, UnknownCause
from iaclint.source.files import Workspace
from tests.terraform.support import plain, write

CONFIGURATION = {
    "main.tf": """
        # the key
        resource "aws_kms_key" "k" {
          enable_key_rotation = false
        }

        module "b" {
          source = "./bucket"
          for_each = toset(["x"])
          key      = aws_kms_key.k.arn
        }
    """,
    "bucket/main.tf": """
        variable "key" {}

        resource "aws_s3_bucket" "b" {
          bucket = "logs"
        }

        resource "aws_s3_bucket_server_side_encryption_configuration" "e" {
          bucket = aws_s3_bucket.b.id
          rule {
            apply_server_side_encryption_by_default {
              kms_master_key_id = var.key
            }
          }
        }
    """,
}
ENCRYPTION = "aws_s3_bucket_server_side_encryption_configuration"


def change(address: str, kind: str, after: Any, unknown: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "address": address,
        "mode": "managed",
        "type": kind,
        "name": address.rpartition(".")[2],
        "change": {
            "actions": ["create"],
            "after": after,
            "after_unknown": unknown or {},
            "after_sensitive": {},
            **more,
        },
    }


PLAN: dict[str, Any] = {
    "format_version": "1.2",
    "terraform_version": "1.11.4",
    "variables": {"secret": {"value": "hunter2"}},
    "resource_changes": [
        change(
            "aws_kms_key.k",
            "aws_kms_key",
            {"enable_key_rotation": False, "description": None, "policy": "hunter2"},
            {"arn": True, "id": True},
            after_sensitive={"policy": True},
        ),
        change('module.b["x"].aws_s3_bucket.b', "aws_s3_bucket", {"bucket": "logs"}, {"id": True}),
        change(
            f'module.b["x"].{ENCRYPTION}.e',
            ENCRYPTION,
            {"rule": [{"apply_server_side_encryption_by_default": [{}]}]},
            {"bucket": True, "rule": [{"apply_server_side_encryption_by_default": [{"kms_master_key_id": True}]}]},
        ),
        {**change("aws_sns_topic.gone", "aws_sns_topic", None), "change": {"actions": ["delete"], "after": None}},
    ],
    "configuration": {
        "provider_config": {"aws": {"name": "aws", "expressions": {"region": {"constant_value": "eu-west-1"}}}},
        "root_module": {
            "resources": [
                {
                    "address": "aws_kms_key.k",
                    "mode": "managed",
                    "type": "aws_kms_key",
                    "name": "k",
                    "provider_config_key": "aws",
                    "expressions": {"enable_key_rotation": {"constant_value": False}},
                }
            ],
            "module_calls": {
                "b": {
                    "source": "./bucket",
                    "expressions": {"key": {"references": ["aws_kms_key.k.arn", "aws_kms_key.k"]}},
                    "module": {
                        "resources": [
                            {
                                "address": f"{ENCRYPTION}.e",
                                "mode": "managed",
                                "type": ENCRYPTION,
                                "name": "e",
                                "provider_config_key": "aws",
                                "expressions": {
                                    "bucket": {"references": ["aws_s3_bucket.b.id", "aws_s3_bucket.b"]},
                                    "rule": [
                                        {
                                            "apply_server_side_encryption_by_default": [
                                                {"kms_master_key_id": {"references": ["var.key"]}}
                                            ]
                                        }
                                    ],
                                },
                            }
                        ]
                    },
                }
            },
        },
    },
}


def test_a_plan_is_found_by_content() -> None:
    assert terraform.is_plan(json.dumps(PLAN))
    assert terraform.is_plan(json.dumps(PLAN, indent=2)[:200])
    assert not terraform.is_plan('{"AWSTemplateFormatVersion": "2010-09-09"}')
    assert not terraform.is_plan('{"version": 4, "terraform_version": "1.0"}')
    assert not terraform.is_plan("")


def load(folder: Path, plan: Any = PLAN, source: bool = False, indent: int | None = None) -> Any:
    root = write(folder, CONFIGURATION)
    path = os.path.join(root, "plan.json")
    with open(path, "w", encoding="utf-8") as file:
        file.write(plan if isinstance(plan, str) else json.dumps(plan, indent=indent))
    workspace = Workspace((os.path.realpath(root),), cwd=root)
    return terraform.load_plan(workspace, path, Inputs(), root if source else None)


def test_values_unknowns_and_references(tmp_path: Path) -> None:
    deployment = load(tmp_path)
    addresses = [resource.address for resource in deployment.resources]
    assert addresses == ["aws_kms_key.k", 'module.b["x"].aws_s3_bucket.b', f'module.b["x"].{ENCRYPTION}.e']
    key, _, encryption = deployment.resources
    assert key.attribute("enable_key_rotation").data is False
    assert key.attribute("description").implicit
    assert key.attribute("policy").sensitive
    assert key.meta["provider"].path("region").data == "eu-west-1"
    bucket = encryption.attribute("bucket")
    assert isinstance(bucket.data, Unknown)
    assert bucket.data.cause is UnknownCause.AFTER_APPLY
    assert bucket.refs == (Ref(Address('module.b["x"].aws_s3_bucket.b'), "id"),)
    rule = encryption.attribute("rule", "apply_server_side_encryption_by_default", "kms_master_key_id")
    assert rule.refs == (Ref(Address("aws_kms_key.k"), "arn"),)
    assert deployment.targets(rule, "aws_kms_key").items == (key,)


def test_a_plan_is_never_quoted(tmp_path: Path) -> None:
    deployment = load(tmp_path, indent=1)
    assert deployment.resources[1].header.line > 1
    for source in deployment.files:
        assert "hunter2" not in source.text
        assert not source.text.strip()


def test_places_come_from_the_configuration(tmp_path: Path) -> None:
    deployment = load(tmp_path, source=True)
    key, bucket, encryption = deployment.resources
    assert key.header.file.name == "main.tf"
    assert key.header.line == 2
    rotation = key.attribute("enable_key_rotation")
    assert (rotation.data, rotation.span.text) == (False, "false")
    assert bucket.header.file.name == "bucket/main.tf"
    assert [step.what for step in bucket.calls] == ["module b"]
    rule = encryption.attribute("rule", "apply_server_side_encryption_by_default", "kms_master_key_id")
    assert rule.span.text == "var.key"
    assert key.insertion_points[""].language == "hcl"
    assert any("the key" in comment.text for source in deployment.files for comment in source.comments)


def test_what_is_no_plan_is_a_problem(tmp_path: Path) -> None:
    for plan in ("{", "[]", '{"format_version": "9.0"}', '{"format_version": "1.0", "resource_changes": [1]}'):
        deployment = load(tmp_path, plan)
        assert deployment.resources == ()
        assert [problem.fatal for problem in deployment.problems] == [True]


def test_a_state_in_the_same_format(tmp_path: Path) -> None:
    item = {"address": "aws_x.y", "mode": "managed", "type": "aws_x", "name": "y", "values": {"a": [1, {"b": "c"}]}}
    state = {"format_version": "1.0", "values": {"root_module": {"resources": [item]}}}
    deployment = load(tmp_path, state)
    assert plain(deployment.resources[0].body) == {"a": [1, {"b": "c"}]}
