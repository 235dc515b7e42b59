"""What is fuzzed: each target takes bytes and raises only where there is a bug."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from functools import cache
from typing import Any

from iaclint.cli.rules import all_rules
from iaclint.linting import baseline, config
from iaclint.linting.fixing import repair
from iaclint.linting.verdict import Report
from iaclint.model.inventory import Inputs
from iaclint.run.request import Request
from iaclint.run.scan import scan
from iaclint.source.files import Workspace

Target = Callable[[bytes], None]
TODAY = date(2027, 1, 1)


@cache
def _place() -> str:
    return os.path.realpath(tempfile.mkdtemp(prefix="iaclint-fuzz-"))


@cache
def _rules() -> tuple[Any, ...]:
    return all_rules(())


def _scan(name: str, data: bytes, overlay: Mapping[str, bytes] | None = None) -> Report:
    """All rules over a file, which is written, since directories are listed."""
    path = os.path.join(_place(), name)
    with open(path, "wb") as stream:
        stream.write(data)
    try:
        found = scan(Request((path,), rules=_rules(), known=_rules(), today=TODAY, overlay=overlay or {}))
    finally:
        os.unlink(path)
    broken = [p.message for p in found.problems if "Traceback" in p.message]
    errors = [v.message for v in found.verdicts if v.outcome.value == "error"]
    assert not broken and not errors, (broken, errors)
    return found


def hcl(data: bytes) -> None:
    """A Terraform file."""
    _scan("main.tf", data)


def template(data: bytes) -> None:
    """A template in YAML, or in JSON."""
    _scan("stack.json" if data.lstrip().startswith(b"{") else "stack.yaml", data)


def intrinsics(data: bytes) -> None:
    """A value within a template, with what it may refer to."""
    head = (
        b"Transform: AWS::LanguageExtensions\nParameters: {P: {Type: String, AllowedValues: [a, b]}}\n"
        b"Mappings: {M: {a: {b: c}}}\nConditions: {C: !Equals [!Ref P, a]}\nResources:\n  K:\n    Type: AWS::KMS::Key\n"
        b"    Properties:\n      EnableKeyRotation: "
    )
    _scan("stack.yaml", head + data.replace(b"\n", b" ") + b"\n")


def expression(data: bytes) -> None:
    """A value within a Terraform file, with what it may refer to."""
    head = b'variable "v" {\n  type = bool\n}\nlocals {\n  m = { a = [1, "b"] }\n}\nresource "aws_kms_key" "k" {\n'
    _scan("main.tf", head + b"  enable_key_rotation = " + data.replace(b"\n", b" ") + b"\n}\n")


def plan(data: bytes) -> None:
    """A plan in JSON."""
    from iaclint import terraform

    path = os.path.join(_place(), "plan.json")
    with open(path, "wb") as stream:
        stream.write(data)
    terraform.load_plan(Workspace((_place(),)), path, Inputs(), None)


def policy(data: bytes) -> None:
    """An IAM document, as text in both languages."""
    text = data.decode("utf-8", "replace")
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "").replace("${", "$${")
    body = f'resource "aws_iam_policy" "p" {{\n  policy = "{quoted.replace("%{", "%%{")}"\n}}\n'
    _scan("main.tf", body.encode("utf-8", "replace"))


def settings(data: bytes) -> None:
    """A config file and a baseline."""
    path = os.path.join(_place(), ".iaclint.toml")
    with open(path, "wb") as stream:
        stream.write(data)
    with suppress(config.ConfigError):
        config.read_config(path)
    with suppress(baseline.BaselineError):
        baseline.read(path)
    os.unlink(path)


def ignores(data: bytes) -> None:
    """A comment with an ignore in it, in both languages."""
    line = data.replace(b"\n", b" ").replace(b"\r", b" ")
    _scan("main.tf", b'resource "aws_kms_key" "k" {\n  # iaclint: ignore' + line + b"\n}\n")
    _scan("stack.yaml", b"Resources:\n  # iaclint: ignore" + line + b"\n  K:\n    Type: AWS::KMS::Key\n")


def edits(data: bytes) -> None:
    """The fixes of a file, made in memory: each holds, and the file still parses."""
    path = os.path.join(_place(), "main.tf")
    with open(path, "wb") as stream:
        stream.write(data)

    def again(contents: Mapping[str, bytes]) -> Report:
        return scan(Request((path,), rules=_rules(), known=_rules(), today=TODAY, overlay=contents))

    try:
        before = again({})
        after = repair(before, again, unsafe=True)
        assert len(after.report.open) <= len(before.open)
    finally:
        os.unlink(path)


TARGETS: dict[str, Target] = {
    target.__name__: target
    for target in (hcl, template, intrinsics, expression, plan, policy, settings, ignores, edits)
}
