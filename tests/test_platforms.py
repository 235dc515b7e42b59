"""The GitHub Action, the workflows and the GitLab example: valid, without known weaknesses, and doing what they say."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
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


RAN = "open('ran', 'w').close()\n"


def test_every_python_of_the_action_is_isolated() -> None:
    """A module of the checkout, such as a venv.py, is never imported."""
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    steps = {step["name"]: step for step in action["runs"]["steps"] if "run" in step}
    assert steps["Install iaclint"]["working-directory"] == "${{ runner.temp }}"
    for step in steps.values():
        for call in re.findall(r"(?:\$PYTHON|bin/python)\"? (\S+)", step["run"]):
            assert call == "-I"


def test_what_the_action_installs_has_hashes() -> None:
    text = (ROOT / ".ci/action-requirements.txt").read_text()
    entries = re.findall(
        r"^([a-zA-Z0-9_.-]+)==(\S+)(?: ; [^\\\n]+)?((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$", text, re.MULTILINE
    )
    locked = {name.lower().replace("_", "-"): version for name, version, _ in entries}
    assert len(entries) == len(re.findall(r"^[a-zA-Z]", text, re.MULTILINE))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for requirement in (*project["project"]["dependencies"], *project["build-system"]["requires"]):
        name = re.split(r"[><=~!\[ ]", requirement)[0].lower().replace("_", "-")
        assert name in locked, f"{name}: run .ci/refresh-constraints"


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
    write(
        work, {"out.sarif": "left by the checkout", "venv.py": RAN, "pip/__main__.py": RAN, "iaclint/__main__.py": RAN}
    )
    write(work, {**files, ".iaclint.toml": 'select = ["kms-key-not-rotated"]\n', ".git/HEAD": ""})
    tool = temporary / "iaclint" / "bin" / "python"
    tool.parent.mkdir(parents=True)
    # isolated, as the installed one is; this one finds iaclint by the environment
    tool.write_text(f'#!/bin/sh\n[ "$1" = -I ] || exit 9\nshift\nexec {sys.executable} -P "$@"\n')
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
        "ISOLATED": "false",
        "ALLOW_PARSE_ERRORS": "false",
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
    outputs = dict(line.split("=", 1) for line in (tmp_path / "output").read_text().splitlines())
    assert (outputs["exit-code"], outputs["sarif-file"]) == (code, "out.sarif")
    assert (work / "out.sarif").exists() is bool(outputs["upload"])
    assert not (work / "hacked").exists() and not (work / "ran").exists()
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
