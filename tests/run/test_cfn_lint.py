"""cfn-lint running along: its word in every report, apart from ours."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import sarif_gate
from tests.command_line import ONLY, Result, iaclint, write

WRONG = (
    "Resources:\n  K:\n    Type: AWS::KMS::Key\n    Properties:\n      EnableKeyRotation: false\n"
    "  Q:\n    Type: AWS::SQS::Queue\n    Properties:\n      NoSuchThing: 1\n"
)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("templates"), {".git/HEAD": "", "t.yaml": WRONG, "main.tf": ""})


def lint(directory: Path, *arguments: str) -> Result:
    return iaclint(*ONLY, "--with-cfn-lint", ".", *arguments, cwd=directory)


def test_its_errors_count_and_are_in_every_report(directory: Path) -> None:
    outputs = [f"--output={name}={name}.out" for name in ("sarif", "json", "github", "markdown", "gitlab", "junit")]
    done = lint(directory, "--format", "concise", *outputs)
    assert done.code == 1
    assert "t.yaml:9:7: high cfn-lint/E3002 " in done.out
    assert "t.yaml:5:26: medium kms-key-not-rotated" in done.out
    for name in ("json", "github", "markdown", "gitlab", "junit"):
        assert "cfn-lint/E3002" in (directory / f"{name}.out").read_text(), name
    runs = json.loads((directory / "sarif.out").read_text())["runs"]
    assert [run["tool"]["driver"]["name"] for run in runs] == ["iaclint", "cfn-lint"]
    own, other = ({result["ruleId"] for result in run["results"]} for run in runs)
    assert own == {"kms-key-not-rotated"} and "E3002" in other
    assert "E3002" in {rule["id"] for rule in runs[1]["tool"]["driver"]["rules"]}


@pytest.mark.sarif_gate
def test_its_run_passes_the_gate(directory: Path) -> None:
    if not sarif_gate.available():
        pytest.skip("the SARIF validator is not installed: .ci/install-sarif-multitool brings it")
    here = {
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "example/infrastructure",
        "GITHUB_SHA": "0123456789abcdef0123456789abcdef01234567",
        "GITHUB_REF_NAME": "main",
    }
    done = iaclint(*ONLY, "--with-cfn-lint", "--format", "sarif", ".", cwd=directory, env=here)
    (directory / "gate.sarif").write_text(done.out)
    assert sarif_gate.check([directory / "gate.sarif"]) == []


def test_without_templates_its_run_is_empty(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": ""})
    runs = json.loads(lint(tmp_path, "--format", "sarif").out)["runs"]
    assert [(run["tool"]["driver"]["name"], run["results"]) for run in runs] == [("iaclint", []), ("cfn-lint", [])]


def test_fixes_are_counted_without_its_remarks(tmp_path: Path) -> None:
    write(tmp_path, {"t.yaml": WRONG})
    assert "would fix 1 finding in 1 file" in lint(tmp_path, "--diff").err
    done = lint(tmp_path, "--fix", "--format", "concise")
    assert "fixed 1 finding in 1 file" in done.err
    assert "cfn-lint/E3002" in done.out and "kms-key" not in done.out


def test_a_baseline_holds_them_too(directory: Path) -> None:
    write(directory, {"b.json": '{"version": 1, "findings": []}'})
    document = json.loads(lint(directory, "--format", "json").out)
    entries = [{"fingerprint": v["fingerprint"], "rule": v["rule"], "file": v["file"]} for v in document["verdicts"]]
    write(directory, {"b.json": json.dumps({"version": 1, "findings": entries})})
    assert lint(directory, "--baseline", "b.json").code == 0
