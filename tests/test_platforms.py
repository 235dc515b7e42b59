"""The GitHub Action, the workflows and the GitLab example: valid, without known weaknesses, and doing what they say."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.command_line import BAD, GOOD, ROOT, write

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
EXAMPLE = ROOT / "docs" / "examples" / "github-workflow.yml"

needs_schemas = pytest.mark.skipif(not shutil.which("check-jsonschema"), reason="check-jsonschema is not installed")
needs_zizmor = pytest.mark.skipif(not shutil.which("zizmor"), reason="zizmor is not installed")
needs_bash = pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=True, text=True, check=False)


@needs_schemas
@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-actions", [ROOT / "action.yml"]),
        ("vendor.github-workflows", [*WORKFLOWS, EXAMPLE]),
        ("vendor.gitlab-ci", [ROOT / "docs" / "examples" / "gitlab-ci.yml"]),
    ],
)
def test_the_vendor_takes_it(schema: str, files: list[Path]) -> None:
    done = run("check-jsonschema", "--builtin-schema", schema, *files)
    assert done.returncode == 0, done.stdout + done.stderr


@needs_zizmor
def test_nothing_is_weak() -> None:
    done = run("zizmor", "--offline", "--no-progress", "--no-config", ROOT / "action.yml", *WORKFLOWS, EXAMPLE)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_action_is_pinned_to_a_commit() -> None:
    for path in (ROOT / "action.yml", *WORKFLOWS):
        for used in re.findall(r"^\s*(?:- )?uses: (\S+)", path.read_text(), re.MULTILINE):
            assert used.startswith("$/") or re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", used), f"{path.name}: {used}"


def lint_step() -> str:
    """The script of the action's step that lints."""
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    script = next(step["run"] for step in action["runs"]["steps"] if step.get("id") == "scan")
    assert isinstance(script, str) and "${{" not in script, "inputs must not reach a script but by its environment"
    return script


@needs_bash
@pytest.mark.parametrize(
    ("files", "paths", "code"),
    [
        ({"a/main.tf": GOOD, "b c/main.tf": GOOD}, "a\n\nb c\n", "0"),
        ({"a/main.tf": GOOD, "b c/main.tf": BAD}, "a\nb c", "1"),
        ({"a/main.tf": "resource {\n"}, "a", "2"),
        ({"a/main.tf": GOOD}, "$(touch hacked)", "2"),
        ({"a/main.tf": GOOD}, "--help", "2"),
    ],
)
def test_the_action_keeps_the_code_and_writes_its_outputs(
    files: dict[str, str], paths: str, code: str, tmp_path: Path
) -> None:
    work, temporary = tmp_path / "work", tmp_path / "temporary"
    write(work, {**files, ".iaclint.toml": 'select = ["kms-key-not-rotated"]\n', ".git/HEAD": ""})
    tool = temporary / "iaclint" / "bin" / "iaclint"
    tool.parent.mkdir(parents=True)
    tool.write_text(f'#!/bin/sh\nexec {sys.executable} -m iaclint "$@"\n')
    tool.chmod(0o755)
    env = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "RUNNER_TEMP": str(temporary),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "PATHS": paths,
        "FAIL_ON": "low",
        "CONFIG": "",
        "BASELINE": "",
        "SARIF": "out.sarif",
    }
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", lint_step()],
        cwd=work,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "output").read_text() == f"exit-code={code}\nsarif-file=out.sarif\n"
    assert not (work / "hacked").exists()
    if code != "2":
        assert json.loads((work / "out.sarif").read_text())["version"] == "2.1.0"
        assert (tmp_path / "summary").read_text()
        assert ("::warning" in done.stdout) is (code == "1")


def test_the_hook_files_name_what_is_linted() -> None:
    hooks = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    assert set(hooks) == {"iaclint", "iaclint-files", "iaclint-all"}
    for name in ("iaclint-files", "iaclint-all"):
        files, exclude = re.compile(hooks[name]["files"]), re.compile(hooks[name]["exclude"])
        for path in ("main.tf", "a/b.tf.json", "x.tofu", "prod.tfvars", "t.YAML", "t.yml", "t.json", "t.template"):
            assert files.search(path) and not exclude.search(path), path
        for path in (".terraform/modules/a/main.tf", "node_modules/x/y.json", "a/.terraform.lock.hcl"):
            assert not files.search(path) or exclude.search(path), path
