"""Inputs with finitely many values are tried out, the same value everywhere in one world."""

from __future__ import annotations

from pathlib import Path

import pytest

from iaclint import Outcome, Request, Verdict, scan
from tests.builtin_rules import RULES


def judged(tmp_path: Path, name: str, text: str, rule: str) -> list[Verdict]:
    (tmp_path / name).write_text(text, encoding="utf-8")
    report = scan(Request(paths=(str(tmp_path),), rules=(RULES[rule],)))
    assert not [p for p in report.problems if p.fatal]
    return list(report.verdicts)


TF = """
variable "rotate" {
  type = bool
}

resource "aws_kms_key" "k" {
  enable_key_rotation = EXPRESSION
}
"""
CFN = """
Parameters:
  Env:
    Type: String
    AllowedValues: [dev, prod]
Conditions:
  IsProd: !Equals [!Ref Env, prod]
Mappings:
  M:
    dev: {Rotate: false, Always: true}
    prod: {Rotate: true, Always: true}
Resources:
  K:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: EXPRESSION
"""


@pytest.mark.parametrize(
    ("expression", "outcome", "says"),
    [
        ("var.rotate", Outcome.UNKNOWN, "fails when var.rotate is false; passes when var.rotate is true"),
        ("var.rotate ? true : true", Outcome.PASS, ""),
        ("var.rotate == !var.rotate", Outcome.FAIL, "key rotation is off"),
        ("var.rotate || !var.rotate", Outcome.PASS, ""),
    ],
)
def test_a_bool_variable(tmp_path: Path, expression: str, outcome: Outcome, says: str) -> None:
    [verdict] = judged(tmp_path, "main.tf", TF.replace("EXPRESSION", expression), "kms-key-not-rotated")
    assert (verdict.outcome, verdict.message) == (outcome, says)


@pytest.mark.parametrize(
    ("expression", "outcome", "says"),
    [
        ("!If [IsProd, true, false]", Outcome.UNKNOWN, "fails when Env is dev; passes when Env is prod"),
        ("!If [IsProd, true, true]", Outcome.PASS, ""),
        ("!If [IsProd, false, false]", Outcome.FAIL, "key rotation is off"),
        ("!FindInMap [M, !Ref Env, Rotate]", Outcome.UNKNOWN, "fails when Env is dev; passes when Env is prod"),
        ("!FindInMap [M, !Ref Env, Always]", Outcome.PASS, ""),
    ],
)
def test_a_parameter_with_allowed_values(tmp_path: Path, expression: str, outcome: Outcome, says: str) -> None:
    [verdict] = judged(tmp_path, "t.yaml", CFN.replace("EXPRESSION", expression), "kms-key-not-rotated")
    assert (verdict.outcome, verdict.message) == (outcome, says)


def test_a_resource_is_judged_in_the_worlds_in_which_it_exists(tmp_path: Path) -> None:
    text = CFN.replace("    Type: AWS::KMS::Key", "    Type: AWS::KMS::Key\n    Condition: IsProd")
    text = text.replace("EXPRESSION", "!FindInMap [M, !Ref Env, Rotate]")
    [verdict] = judged(tmp_path, "t.yaml", text, "kms-key-not-rotated")
    assert verdict.outcome is Outcome.PASS


def test_inputs_are_correlated(tmp_path: Path) -> None:
    """The trail is off only where the second trail is on: in every world something records all regions."""
    text = """
Parameters:
  Env:
    Type: String
    AllowedValues: [dev, prod]
Conditions:
  IsProd: !Equals [!Ref Env, prod]
Resources:
  Main:
    Type: AWS::CloudTrail::Trail
    Properties: {S3BucketName: b, IsLogging: true, IsMultiRegionTrail: !If [IsProd, true, false]}
  Other:
    Type: AWS::CloudTrail::Trail
    Properties: {S3BucketName: b, IsLogging: true, IsMultiRegionTrail: !If [IsProd, false, true]}
"""
    verdicts = judged(tmp_path, "t.yaml", text, "cloudtrail-single-region")
    assert {v.outcome for v in verdicts} == {Outcome.PASS}


def test_a_free_condition_is_a_world(tmp_path: Path) -> None:
    text = """
Conditions:
  InMain: !Equals [!Ref "AWS::Region", us-east-1]
Resources:
  K:
    Type: AWS::KMS::Key
    Properties: {EnableKeyRotation: !If [InMain, true, false]}
"""
    [verdict] = judged(tmp_path, "t.yaml", text, "kms-key-not-rotated")
    assert verdict.outcome is Outcome.UNKNOWN
    assert verdict.message == "fails when condition InMain is false; passes when condition InMain is true"


@pytest.mark.parametrize("rule", ["vpc-without-private-tier", "network-firewall-absent", "subnet-auto-public-ip"])
def test_what_keeps_the_internet_out_may_hang_on_an_input(tmp_path: Path, rule: str) -> None:
    text = """
variable "blocked" {
  type = bool
}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_subnet" "a" {
  vpc_id                  = aws_vpc.main.id
  cidr_block              = "10.0.0.0/24"
  map_public_ip_on_launch = true
}

resource "aws_vpc_block_public_access_options" "main" {
  count                       = var.blocked ? 1 : 0
  internet_gateway_block_mode = "block-bidirectional"
}
"""
    [verdict] = judged(tmp_path, "main.tf", text, rule)
    assert verdict.outcome is Outcome.UNKNOWN
    assert verdict.message == "fails when var.blocked is false; passes when var.blocked is true"


def test_a_failure_says_what_its_existence_hangs_on(tmp_path: Path) -> None:
    text = """
variable "zones" {
  type = list(string)
}

resource "aws_kms_key" "k" {
  count = length(var.zones)
}
"""
    [verdict] = judged(tmp_path, "main.tf", text, "kms-key-not-rotated")
    assert verdict.outcome is Outcome.FAIL and verdict.address == "aws_kms_key.k[*]"
    assert "var.zones" in str(verdict.reasons[0])


def test_the_environment_counts_on_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "main.tf").write_text(TF.replace("EXPRESSION", "var.rotate"), encoding="utf-8")
    monkeypatch.setenv("TF_VAR_rotate", "true")
    rules = (RULES["kms-key-not-rotated"],)
    [without] = scan(Request(paths=(str(tmp_path),), rules=rules)).verdicts
    [verdict] = scan(Request(paths=(str(tmp_path),), rules=rules, read_environment=True)).verdicts
    assert (without.outcome, verdict.outcome) == (Outcome.UNKNOWN, Outcome.PASS)
