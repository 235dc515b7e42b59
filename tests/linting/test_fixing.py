"""Fixes: what they change, what they leave, and that they hold."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from iaclint.linting.fixing import FixError, encode, replace_file
from tests.command_line import BAD, GOOD, ONLY, TEMPLATE, Result, git, iaclint, write

RULE = "kms-key-not-rotated"


def fix(directory: Path, *arguments: str, select: tuple[str, ...] = ONLY) -> Result:
    return iaclint("--format", "concise", *select, ".", *arguments, cwd=directory)


# -- formats ---------------------------------------------------------------------------------------------

CASES = {
    "a literal": ("main.tf", BAD, GOOD),
    "with comments and odd spaces": (
        "main.tf",
        '# above\nresource  "aws_kms_key"   "k" {\n    enable_key_rotation  =  false # no\n\n\tis_enabled = true\n}\n',
        '# above\nresource  "aws_kms_key"   "k" {\n    enable_key_rotation  =  true # no\n\n\tis_enabled = true\n}\n',
    ),
    "absent": (
        "main.tf",
        'resource "aws_kms_key" "k" {\n  description = "x" # all of it\n}\n',
        'resource "aws_kms_key" "k" {\n  description = "x" # all of it\n  enable_key_rotation = true\n}\n',
    ),
    "absent, in the layout of terraform fmt": (
        "main.tf",
        'resource "aws_kms_key" "k" {\n  deletion_window_in_days = 30\n}\n',
        'resource "aws_kms_key" "k" {\n  deletion_window_in_days = 30\n  enable_key_rotation     = true\n}\n',
    ),
    "an empty block": (
        "main.tf",
        'resource "aws_kms_key" "k" {}\n',
        'resource "aws_kms_key" "k" {\n  enable_key_rotation = true\n}\n',
    ),
    "yaml": ("t.yaml", TEMPLATE, TEMPLATE.replace("false", "true")),
    "yaml, absent": (
        "t.yaml",
        "Resources:\n  K: # the key\n    Type: AWS::KMS::Key\n    Properties:\n      Description: x # all of it\n",
        "Resources:\n  K: # the key\n    Type: AWS::KMS::Key\n    Properties:\n      EnableKeyRotation: true\n"
        "      Description: x # all of it\n",
    ),
    "yaml, flow": (
        "t.yaml",
        "Resources:\n  K: {Type: AWS::KMS::Key, Properties: {Description: x}}\n",
        "Resources:\n  K: {Type: AWS::KMS::Key, Properties: {EnableKeyRotation: true, Description: x}}\n",
    ),
    "json": (
        "t.json",
        '{"Resources": {"K": {"Type": "AWS::KMS::Key", "Properties": {"EnableKeyRotation": false}}}}',
        '{"Resources": {"K": {"Type": "AWS::KMS::Key", "Properties": {"EnableKeyRotation": true}}}}',
    ),
    "terraform's json": (
        "main.tf.json",
        '{"resource": {"aws_kms_key": {"k": {"enable_key_rotation": false}}}}\n',
        '{"resource": {"aws_kms_key": {"k": {"enable_key_rotation": true}}}}\n',
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_fix_keeps_what_it_does_not_change(case: str, tmp_path: Path) -> None:
    name, before, after = CASES[case]
    write(tmp_path, {name: before})
    done = fix(tmp_path, "--fix")
    assert (tmp_path / name).read_text() == after
    assert (done.code, done.out) == (0, "")
    assert "fixed 1 finding in 1 file" in done.err
    again = fix(tmp_path, "--fix")
    assert (again.code, (tmp_path / name).read_text()) == (0, after)


@pytest.mark.parametrize(
    "properties", [{}, {"Description": "x"}, {"Tags": []}, {"KeySpec": "SYMMETRIC_DEFAULT", "Description": "x"}, None]
)
@pytest.mark.parametrize("indent", [None, 2])
def test_json_stays_json(properties: dict[str, object] | None, indent: int | None, tmp_path: Path) -> None:
    resource: dict[str, object] = {"Type": "AWS::KMS::Key"}
    if properties is not None:
        resource["Properties"] = properties
    write(
        tmp_path,
        {"t.json": json.dumps({"Resources": {"K": resource, "L": {"Type": "AWS::SNS::Topic"}}}, indent=indent)},
    )
    fix(tmp_path, "--fix")
    after = json.loads((tmp_path / "t.json").read_text())
    assert after["Resources"]["K"]["Properties"] == {**(properties or {}), "EnableKeyRotation": True}


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"])
def test_the_encoding_and_line_ends_stay(mark: bytes, tmp_path: Path) -> None:
    text = 'resource "aws_kms_key" "k" {\r\n  description = "ü"\r\n}\r\n'
    (tmp_path / "main.tf").write_bytes(encode(text, mark))
    fix(tmp_path, "--fix")
    wanted = text.replace("\r\n}", "\r\n  enable_key_rotation = true\r\n}")
    assert (tmp_path / "main.tf").read_bytes() == encode(wanted, mark)


# -- what is fixed and what is not -----------------------------------------------------------------------


def test_a_value_decided_elsewhere_wants_a_review(tmp_path: Path) -> None:
    files = {
        "main.tf": 'resource "aws_kms_key" "k" {\n  enable_key_rotation = var.rotate\n}\n',
        "variables.tf": 'variable "rotate" {\n  default = false # for now\n}\n',
    }
    write(tmp_path, files)
    done = fix(tmp_path, "--fix")
    assert done.code == 1 and "1 more can be fixed with --unsafe" in done.err
    assert (tmp_path / "variables.tf").read_text() == files["variables.tf"]
    assert fix(tmp_path, "--fix", "--unsafe").code == 0
    assert (tmp_path / "variables.tf").read_text() == files["variables.tf"].replace("false", "true")
    assert (tmp_path / "main.tf").read_text() == files["main.tf"]


@pytest.mark.parametrize("expression", ['split(",", var.v)[1]', 'regexall("[a-z]+", var.v)[0]'])
def test_a_part_of_a_text_is_not_put_in_its_place(expression: str, tmp_path: Path) -> None:
    text = f"""
variable "v" {{
  default = "7,false"
}}

resource "aws_kms_key" "k" {{
  enable_key_rotation = {expression}
}}
"""
    write(tmp_path, {"main.tf": text})
    fix(tmp_path, "--fix", "--unsafe")
    assert (tmp_path / "main.tf").read_text() == text


@pytest.mark.parametrize("quote", ["'", '"'])
def test_quotes_stay(quote: str, tmp_path: Path) -> None:
    text = f"Parameters:\n  R:\n    Type: String\n    Default: {quote}false{quote}\n" + TEMPLATE.replace(
        "false", "!Ref R"
    )
    write(tmp_path, {"t.yaml": text})
    fix(tmp_path, "--fix", "--unsafe")
    assert (tmp_path / "t.yaml").read_text() == text.replace("false", "true")


def test_a_diff_shows_no_secret(tmp_path: Path) -> None:
    body = '  password = "hunter2-hunter2"\n  username = "u"\n  storage_encrypted = false\n'
    text = f'resource "aws_db_instance" "d" {{\n{body}}}\n'
    write(tmp_path, {"main.tf": text})
    done = fix(tmp_path, "--diff", "--unsafe", select=("--select", "rds-not-encrypted"))
    assert "+  storage_encrypted = true" in done.out and ' username = "u"' in done.out
    assert "hunter2" not in done.out + done.err


def test_a_fix_that_would_not_hold_is_left_out(tmp_path: Path) -> None:
    """The value is computed from what decides it: writing `true` there would change nothing."""
    files = {
        "main.tf": 'resource "aws_kms_key" "k" {\n  enable_key_rotation = local.rotate\n}\n'
        + BAD.replace('"k"', '"l"'),
        "variables.tf": 'variable "off" {\n  default = true\n}\nlocals {\n  rotate = !var.off\n}\n',
    }
    write(tmp_path, files)
    done = fix(tmp_path, "--fix", "--unsafe")
    variables = (tmp_path / "variables.tf").read_text()
    assert done.code == 0 or variables == files["variables.tf"]
    assert (tmp_path / "main.tf").read_text() == files["main.tf"].replace("= false", "= true")


def test_an_expression_is_replaced_after_a_review_only(tmp_path: Path) -> None:
    text = 'variable "off" {\n  default = true\n}\nresource "aws_kms_key" "k" {\n  enable_key_rotation = !var.off\n}\n'
    write(tmp_path, {"main.tf": text})
    assert fix(tmp_path, "--fix").code == 1
    assert (tmp_path / "main.tf").read_text() == text
    assert fix(tmp_path, "--fix", "--unsafe").code == 0
    assert (tmp_path / "main.tf").read_text() == text.replace("!var.off", "true")


@pytest.mark.parametrize("name", ["main.tf", "t.yaml"])
def test_what_would_replace_a_database_wants_a_review(name: str, tmp_path: Path) -> None:
    text = {
        "main.tf": 'resource "aws_db_instance" "d" {\n  storage_encrypted = false\n}\n',
        "t.yaml": "Resources:\n  D:\n    Type: AWS::RDS::DBInstance\n    Properties:\n      StorageEncrypted: false\n",
    }[name]
    write(tmp_path, {name: text})
    only = ("--select", "rds-not-encrypted")
    fix(tmp_path, "--fix", select=only)
    assert (tmp_path / name).read_text() == text
    fix(tmp_path, "--fix", "--unsafe", select=only)
    assert "ncrypted = true" in (tmp_path / name).read_text().replace(": ", " = ")


def test_nothing_is_done_about_what_is_unknown(tmp_path: Path) -> None:
    files = {"main.tf": 'variable "r" {}\nresource "aws_kms_key" "k" {\n  enable_key_rotation = var.r\n}\n'}
    write(tmp_path, files)
    done = fix(tmp_path, "--fix", "--unsafe")
    assert done.code == 0 and "fixed 0 findings" in done.err
    assert (tmp_path / "main.tf").read_text() == files["main.tf"]


def test_what_is_accepted_is_not_fixed(tmp_path: Path) -> None:
    text = BAD.replace("false", f"false # iaclint: ignore[{RULE}] on purpose")
    write(tmp_path, {"main.tf": text})
    fix(tmp_path, "--fix", "--unsafe")
    assert (tmp_path / "main.tf").read_text() == text


def test_a_module_of_somebody_else_is_not_edited(tmp_path: Path) -> None:
    manifest = {"Modules": [{"Key": "m", "Source": "example/keys/aws", "Dir": ".terraform/modules/m"}]}
    files = {
        "main.tf": 'module "m" {\n  source = "example/keys/aws"\n}\n',
        ".terraform/modules/modules.json": json.dumps(manifest),
        ".terraform/modules/m/main.tf": BAD,
    }
    write(tmp_path, files)
    assert fix(tmp_path, "--fix", "--unsafe").code == 1
    assert (tmp_path / ".terraform/modules/m/main.tf").read_text() == BAD


def test_instances_of_one_block_share_a_fix(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": BAD.replace("{\n", "{\n  count = 3\n", 1)})
    done = fix(tmp_path, "--fix")
    assert done.code == 0 and "fixed 3 findings in 1 file" in done.err


def test_a_module_with_two_callers_is_fixed_once(tmp_path: Path) -> None:
    calls = 'module "a" {\n  source = "./m"\n}\nmodule "b" {\n  source = "./m"\n}\n'
    write(tmp_path, {"main.tf": calls, "m/main.tf": BAD})
    assert fix(tmp_path, "--fix").code == 0
    assert (tmp_path / "m/main.tf").read_text() == GOOD


OVERLAP = '''\
"""Sets its own idea of the deletion window.

For the test of overlapping fixes only.
"""

from iaclint import Finding, Example, aws, rule


@rule(on=aws.kms.Key, severity="low", soc2=["CC6.1"], bad=[], good=[])
def {name}(key):
    if ~key.{attribute}.is_({value}):
        yield Finding("not {value}", at=key.{attribute}, fix=key.{attribute}.set({value}))
'''


def test_overlapping_fixes_have_their_turn_in_a_second_pass(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "rules/a_rotation.py": OVERLAP.format(name="a_rotation", attribute="rotation", value=True),
            "rules/b_window.py": OVERLAP.format(name="b_window", attribute="rotation_period", value=100),
            "main.tf": 'resource "aws_kms_key" "k" {\n}\n',
        },
    )
    done = fix(tmp_path, "--fix", "--rules", "rules", select=("--select", "a-rotation,b-window"))
    assert done.code == 0
    text = (tmp_path / "main.tf").read_text()
    assert text.count("\n") == 4 and "enable_key_rotation = true" in text and "rotation_period_in_days = 100" in text


def test_fixes_that_contradict_each_other_end(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "rules/a_window.py": OVERLAP.format(name="a_window", attribute="rotation_period", value=90),
            "rules/b_window.py": OVERLAP.format(name="b_window", attribute="rotation_period", value=100),
            "main.tf": 'resource "aws_kms_key" "k" {\n  rotation_period_in_days = 365\n}\n',
        },
    )
    done = fix(tmp_path, "--fix", "--rules", "rules", select=("--select", "a-window,b-window"))
    assert done.code == 1
    assert (tmp_path / "main.tf").read_text().count("rotation_period_in_days = 90") == 1


def test_a_broken_file_beside_hinders_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": BAD, "b/broken.tf": "resource {\n"})
    assert fix(tmp_path, "--fix").code == 2
    assert (tmp_path / "main.tf").read_text() == GOOD


# -- writing ---------------------------------------------------------------------------------------------


def test_the_diff_applies_and_writes_nothing(tmp_path: Path) -> None:
    files = {"a b/main.tf": BAD, "t.yaml": TEMPLATE.rstrip("\n"), "sub/t.json": CASES["json"][1]}
    write(tmp_path, files)
    git(tmp_path, "init", "-q")
    done = fix(tmp_path, "--diff")
    assert done.code == 1 and "would fix 3 findings in 3 files" in done.err
    assert {name: (tmp_path / name).read_text() for name in files} == files
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=done.out, text=True, check=True)
    assert fix(tmp_path).code == 0
    assert fix(tmp_path, "--diff").out == ""


def test_the_mode_and_links_stay(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": BAD, "other/keep": ""})
    os.chmod(tmp_path / "main.tf", 0o640)
    (tmp_path / "other" / "main.tf").symlink_to(tmp_path / "main.tf")
    fix(tmp_path, "--fix")
    assert (tmp_path / "main.tf").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "other" / "main.tf").is_symlink()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["main.tf", "other"]


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": BAD})
    with pytest.raises(FixError, match="has changed since it was read"):
        replace_file(str(tmp_path / "main.tf"), GOOD.encode(), b"something else")
    assert (tmp_path / "main.tf").read_text() == BAD


def test_a_file_that_cannot_be_written_stays_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"main.tf": BAD})

    def refuse(source: str, target: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    done = fix(tmp_path, "--fix")
    assert done.code == 2 and "No space left on device" in done.err
    assert (tmp_path / "main.tf").read_text() == BAD
    assert [p.name for p in tmp_path.iterdir()] == ["main.tf"]


def test_the_report_points_to_the_option(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": BAD})
    assert "add --fix" in iaclint(*ONLY, tmp_path).out
