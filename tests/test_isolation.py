"""Safe on a stranger's code: no network, no file outside, and nothing of what is scanned is run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command_line import BAD, FIXTURES, ROOT, TEMPLATE, git, iaclint, write

GUARD = """
import json, os, sys
opened, reached = [], []
def watch(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        opened.append(os.path.abspath(os.fsdecode(arguments[0])))
    elif event.startswith("socket.") and event not in ("socket.__new__", "socket.gethostname"):
        if event != "socket.bind":  # urllib3 tries so, when it is loaded, whether there is IPv6
            reached.append(event)
        raise OSError("no network here")
    elif event in ("os.system", "subprocess.Popen", "os.exec", "os.posix_spawn", "os.fork"):
        reached.append(f"{event} {arguments!r}")
sys.addaudithook(watch)
from iaclint.cli import run
code = run()
sys.stdout.flush()
with open(os.environ["REPORT_TO"], "w") as stream:
    json.dump({"code": code, "opened": opened, "reached": reached}, stream)
"""
FORMATS = [f"--output={f}={os.devnull}" for f in ("concise", "json", "sarif", "github", "markdown", "gitlab", "junit")]


class Seen:
    def __init__(self, text: str, out: str, err: str) -> None:
        found = json.loads(text)
        self.code: int = found["code"]
        self.opened: list[str] = found["opened"]
        self.reached: list[str] = found["reached"]
        self.out, self.err = out, err


def watched(directory: Path, report: Path, *arguments: str) -> Seen:
    """A run in which every opened file, connection and process is written down, and no connection is made."""
    env = {**os.environ, "REPORT_TO": str(report), "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"}
    command = [sys.executable, "-c", GUARD, *arguments]
    done = subprocess.run(command, cwd=directory, env=env, capture_output=True, text=True, check=False)
    assert report.exists(), done.stderr
    return Seen(report.read_text(), done.stdout, done.stderr)


SAM = (
    "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n"
    "      Handler: a.b\n      Runtime: python3.12\n      InlineCode: a\n      Events:\n        A:\n"
    "          Type: Api\n"
    "          Properties:\n            Path: /\n            Method: get\n"
)
REMOTE = (
    'module "m" {\n  source = "terraform-aws-modules/vpc/aws"\n}\nmodule "n" {\n  source = "git::https://example.com/a"\n}\n'
    'data "http" "h" {\n  url = "https://example.com"\n}\ndata "external" "e" {\n  program = ["touch", "ran"]\n}\n'
    'data "aws_ami" "a" {\n}\nresource "null_resource" "r" {\n  provisioner "local-exec" {\n    command = "touch ran"\n'
    "  }\n}\n"
)
STACKS = (
    "Resources:\n  S:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n"
    "      TemplateURL: https://example.com/a.yaml\n  I:\n    Fn::Transform:\n      Name: AWS::Include\n"
    "      Parameters:\n        Location: s3://bucket/a.yaml\n"
)
CODE = "open('ran', 'w').close()\n"
TREE = {
    "main.tf": BAD + REMOTE,
    "stack.yaml": TEMPLATE,
    "sam.yaml": SAM,
    "remote.yaml": STACKS,
    "conftest.py": CODE,
    "sitecustomize.py": CODE,
    "iaclint/__init__.py": CODE,
    "click.py": CODE,
    "yaml.py": CODE,
    "rules/evil.py": CODE,
    "setup.py": CODE,
    "json.py": CODE,
    "cfnlint.py": CODE,
    "macros/transform.py": CODE,
    "pyproject.toml": '[project]\nname = "x"\n[tool.pytest.ini_options]\naddopts = "-x"\n',
    ".cfnlintrc": "append_rules: [rules]\nmerge_configs: true\n",
}

COMMANDS = [
    [".", *FORMATS],
    ["."],
    ["main.tf", "--diff"],
    [".", "--with-cfn-lint"],
    ["sam.yaml"],
    ["show", "."],
    ["explain", "aws_kms_key.k", "."],
    ["explain", "kms-key-not-rotated"],
    ["rules"],
    ["exceptions", "."],
    ["migrate", "."],
    ["config"],
    [".", "--show-unknown", "--honour", "checkov,trivy"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_network_no_process_and_no_file_outside(command: list[str], tmp_path: Path) -> None:
    scanned = write(tmp_path / "scanned", TREE)
    seen = watched(scanned, tmp_path / "report.json", *command)
    assert seen.code in (0, 1, 2)
    assert "Traceback" not in seen.err
    allowed_process = command[0] == "exceptions"  # which asks git how old a line is
    assert not [event for event in seen.reached if not (allowed_process and "'git'" in event)]
    allowed = {os.path.realpath(p) for p in (scanned, ROOT / "iaclint", ROOT / "rules", sys.prefix, sys.base_prefix)}
    allowed |= {os.path.realpath(p) for p in sys.path if p and Path(p) != ROOT and os.path.isdir(p)}
    machine = {os.devnull, str(tmp_path / "report.json"), "/etc/localtime", "/proc/cpuinfo"}
    strange = [
        path
        for path in seen.opened
        if path not in machine
        and not path.startswith("/usr/")
        and not any(os.path.realpath(path).startswith(place + os.sep) for place in allowed)
    ]
    if "--with-cfn-lint" in command:  # cfn-lint looks for the settings of its user
        strange = [path for path in strange if not path.endswith((".cfnlintrc", ".cfnlintrc.yaml", ".cfnlintrc.yml"))]
    assert not strange
    assert not (scanned / "ran").exists()


def test_nothing_scanned_is_imported_or_executed(tmp_path: Path) -> None:
    scanned = write(tmp_path, {**TREE, "infra/main.tf": BAD})
    env = {**os.environ, "PYTHONSAFEPATH": "1", "PYTHONPATH": str(ROOT)}
    for arguments in (["."], ["infra"], [".", "--with-cfn-lint"]):
        subprocess.run([sys.executable, "-m", "iaclint", *arguments], cwd=scanned, env=env, capture_output=True)
        assert not (scanned / "ran").exists(), arguments


def test_isolated_ignores_config_and_packs(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "main.tf": BAD,
            ".iaclint.toml": 'rules = ["pack"]\nignore = ["kms-key-not-rotated"]\nbaseline = "none.json"\n',
            "pack/evil_rule.py": f"open({str(tmp_path / 'ran')!r}, 'w').close()\n",
        },
    )
    done = iaclint("--isolated", "--select", "kms-key-not-rotated", "--format", "concise", ".", cwd=tmp_path)
    assert done.code == 1 and "kms-key-not-rotated" in done.out
    assert not (tmp_path / "ran").exists()
    write(tmp_path / "gate", {"own.toml": ""})
    done = iaclint("--config", "gate/own.toml", "--format", "concise", "main.tf", cwd=tmp_path)
    assert done.code == 1 and "kms-key-not-rotated" in done.out
    assert not (tmp_path / "ran").exists()


def test_inline_ignores_can_be_overruled(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": "# iaclint: ignore[kms-key-not-rotated] trust me\n" + BAD})
    only = ("--select", "kms-key-not-rotated", "--format", "concise", ".")
    assert iaclint(*only, cwd=tmp_path).code == 0
    assert iaclint("--no-inline-ignores", *only, cwd=tmp_path).code == 1


def test_git_is_asked_nothing_that_the_tree_can_answer_with_a_program(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": "# iaclint: ignore[kms-key-not-rotated] because\n" + BAD})
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "a")
    write(tmp_path, {".gitattributes": "*.tf diff=evil\n"})
    for name in ("diff.evil.textconv", "diff.external", "core.fsmonitor"):
        git(tmp_path, "config", name, f"touch {tmp_path}/ran; cat")
    assert iaclint("exceptions", ".", cwd=tmp_path).code == 0
    assert not (tmp_path / "ran").exists()


def test_the_fixtures_with_sockets_blocked(tmp_path: Path) -> None:
    seen = watched(FIXTURES, tmp_path / "report.json", "broken", "demo", "--format", "sarif")
    assert (seen.code, seen.reached) == (2, [])
