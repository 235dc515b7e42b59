"""Explanations: of rules, of resources, and the pages made of them."""

from __future__ import annotations

import json
from pathlib import Path

from iaclint.cli.rules import all_rules
from iaclint.linting.reference import views_page
from iaclint.report.pages import pages
from tests.command_line import BAD, ROOT, TEMPLATE, iaclint, write

RULE = "kms-key-not-rotated"


def test_a_rule_in_full(tmp_path: Path) -> None:
    text = iaclint("explain", RULE, cwd=tmp_path).out
    for part in (
        f"{RULE} (medium, key-management)",
        "SOC 2 CC6.1: ",
        "CWE-324",
        "Same as checkov: CKV_AWS_7",
        "Fails (Terraform):",
        "Passes (CloudFormation):",
        f"# iaclint: ignore[{RULE}] the reason",
    ):
        assert part in text


def test_options_as_the_config_takes_them(tmp_path: Path) -> None:
    text = iaclint("explain", "kms-rotation-period-too-long", cwd=tmp_path).out
    assert "[options.kms-rotation-period-too-long]" in text


def test_the_examples_are_in_the_language_of_the_code_here(tmp_path: Path) -> None:
    write(tmp_path, {"tf/main.tf": BAD, "cfn/t.yaml": TEMPLATE, "cfn/other.yaml": "a: 1\n"})
    assert "CloudFormation" not in iaclint("explain", RULE, cwd=tmp_path / "tf").out
    assert "Terraform" not in iaclint("explain", RULE, cwd=tmp_path / "cfn").out
    both = iaclint("explain", RULE, cwd=tmp_path).out
    assert "Terraform" in both and "CloudFormation" in both
    assert "Terraform" not in iaclint("explain", RULE, "--language", "cloudformation", cwd=tmp_path / "tf").out


def test_a_resource_with_sources_and_verdicts(tmp_path: Path) -> None:
    files = {
        ".git/HEAD": "",
        "main.tf": 'module "keys" {\n  source = "./keys"\n  rotate = local.rotate\n}\nlocals {\n  rotate = false\n}\n',
        "keys/main.tf": (
            'variable "rotate" {}\nvariable "days" {}\nresource "aws_kms_key" "k" {\n'
            "  enable_key_rotation     = var.rotate\n  deletion_window_in_days = 30\n}\n"
            "# iaclint: ignore[kms-key-not-rotated] in the other account\n"
            'resource "aws_kms_key" "l" {\n  count = 2\n}\n'
        ),
    }
    write(tmp_path, files)
    text = iaclint("explain", "module.keys.aws_kms_key.k", ".", cwd=tmp_path).out
    assert text.startswith("module.keys.aws_kms_key.k  (aws_kms_key)  keys/main.tf:3\n")
    assert "called by module keys, main.tf:1" in text
    assert "enable_key_rotation = false  <- var.rotate, keys/main.tf:4, from " in text
    assert "main.tf:6" in text
    assert "deletion_window_in_days = 30  keys/main.tf:5" in text
    assert "FAILS (medium): key rotation is off" in text
    assert "does not apply" in text and "passes" in text
    text = iaclint("explain", "module.keys.aws_kms_key.l", ".", cwd=tmp_path).out
    assert text.count("accepted (inline): in the other account, keys/main.tf:7") == 2


def test_what_is_unknown_says_why(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": 'variable "r" {}\nresource "aws_kms_key" "k" {\n  enable_key_rotation = var.r\n}\n'})
    text = iaclint("explain", "aws_kms_key.k", cwd=tmp_path).out
    assert "(unknown: var.r" in text
    assert "cannot tell" in text


def test_rules_can_be_filtered() -> None:
    def ids(*arguments: str) -> set[str]:
        return {r["id"] for r in json.loads(iaclint("rules", "--format", "json", *arguments).out)}

    assert RULE in ids("--equivalent", "CKV_AWS_7") & ids("--equivalent", "aws-0065") & ids("--equivalent", "f19")
    assert ids("--family", "key-management") < ids()
    assert ids("--severity", "critical") < ids("--severity", "high") < ids("--severity", "low") == ids()
    assert RULE in ids("--soc2", "cc6.1") and RULE not in ids("--soc2", "CC6.6")


def test_the_pages_are_fresh() -> None:
    """Where this fails: `iaclint docs` writes them anew."""
    directory = ROOT / "docs" / "rules"
    wanted = pages(all_rules(()))
    assert {p.name for p in directory.glob("*.md")} == set(wanted)
    stale = [name for name, text in wanted.items() if (directory / name).read_text(encoding="utf-8") != text]
    assert not stale, "run `iaclint docs`"
    assert (ROOT / "docs" / "views.md").read_text(encoding="utf-8") == views_page(), "run `iaclint docs`"


def test_views_by_every_name_that_a_reader_may_try() -> None:
    listed = iaclint("views").out.splitlines()
    assert any(line.startswith("aws.kms.Key ") for line in listed)
    for name in ("aws.kms.Key", "kms.Key", "aws_kms_key", "AWS::KMS::Key"):
        text = iaclint("views", name).out
        assert "enable_key_rotation, EnableKeyRotation; default false" in text, name
    assert "did you mean kms.Key?" in iaclint("views", "kms.Kye").err


def test_the_packs_of_the_config_are_known(tmp_path: Path) -> None:
    iaclint("new-rule", "keys-turn", "--type", "aws_kms_key", cwd=tmp_path)
    write(tmp_path, {".iaclint.toml": 'rules = ["iaclint-rules"]\n'})
    assert iaclint("explain", "keys-turn", cwd=tmp_path).code == 0
    assert "keys-turn" in iaclint("rules", cwd=tmp_path).out
    assert "keys-turn" not in iaclint("rules", "--isolated", cwd=tmp_path).out
    assert iaclint("explain", "keys-turn", "--isolated", cwd=tmp_path).code == 2


def test_writing_the_pages(tmp_path: Path) -> None:
    write(tmp_path, {"docs/rules/gone.md": "x"})
    assert iaclint("docs", "--check", cwd=tmp_path).code == 1
    assert iaclint("docs", cwd=tmp_path).code == 0
    assert iaclint("docs", "--check", cwd=tmp_path).code == 0
    assert not (tmp_path / "docs/rules/gone.md").exists()
    index = (tmp_path / "docs/rules/README.md").read_text()
    assert f"[{RULE}]({RULE}.md)" in index
