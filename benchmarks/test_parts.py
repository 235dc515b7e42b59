"""The inner parts by themselves, with pytest-benchmark: `pytest benchmarks` (the normal test run leaves them out)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import inventories
from iaclint import Report, Request, aws, scan
from iaclint.cloudformation import load as load_template
from iaclint.cloudformation.syntax import parse
from iaclint.linting import pack
from iaclint.linting.judge import judge
from iaclint.model.inventory import Inputs, Inventory
from iaclint.model.value import Value
from iaclint.report import Options, render
from iaclint.source.files import SourceFile, Workspace
from iaclint.terraform import load as load_root
from iaclint.terraform.syntax import parser as terraform

SIZE = 200


def configuration(directory: Path) -> SourceFile:
    inventories.resources(directory, SIZE)
    path = directory / "part0.tf"
    return SourceFile(str(path), path.read_text())


def template(directory: Path) -> SourceFile:
    inventories.templates(directory, SIZE, each=SIZE)
    path = directory / "stack0.yaml"
    return SourceFile(str(path), path.read_text())


def as_json(source: SourceFile) -> SourceFile:
    """Return a JSON template with this number of resources."""
    body = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "${AWS::Region}-logs"}}}
    return SourceFile(source.path, json.dumps({"Resources": {f"R{n}": body for n in range(SIZE)}}, indent=2))


def report(directory: Path) -> Report:
    inventories.resources(directory, SIZE)
    rules = pack.load_pack(pack.builtin_directory())
    return scan(Request(paths=(str(directory),), rules=rules, known=rules))


def test_terraform_syntax(benchmark: Any, tmp_path: Path) -> None:
    source = configuration(tmp_path)
    body = benchmark(lambda: terraform.parse(SourceFile(source.path, source.text)))
    assert len(body.blocks) == SIZE


def test_yaml_syntax(benchmark: Any, tmp_path: Path) -> None:
    source = template(tmp_path)
    document = benchmark(lambda: parse(SourceFile(source.path, source.text)))
    assert not document.problems


def test_json_syntax(benchmark: Any, tmp_path: Path) -> None:
    source = as_json(template(tmp_path))
    document = benchmark(lambda: parse(SourceFile(source.path, source.text)))
    assert not document.problems


def test_terraform_evaluation(benchmark: Any, tmp_path: Path) -> None:
    """Modules four deep with for_each, their files parsed before."""
    count = inventories.nested(tmp_path, 4)
    workspace = Workspace((str(tmp_path),))
    deployment = benchmark(lambda: load_root(workspace, str(tmp_path), Inputs()))
    assert len(deployment.resources) == count


def test_cloudformation_evaluation(benchmark: Any, tmp_path: Path) -> None:
    path = template(tmp_path).path
    workspace = Workspace((str(tmp_path),))
    deployment = benchmark(lambda: load_template(workspace, path, Inputs()))
    assert len(deployment.resources) == SIZE


def test_iam_evaluation(benchmark: Any, tmp_path: Path) -> None:
    actions = [f"s3:Get{chr(65 + n % 26)}*" for n in range(50)]
    statements = [{"Effect": "Allow", "Action": actions, "Resource": f"arn:aws:s3:::b{n}/*"} for n in range(50)]
    source = SourceFile(str(tmp_path), json.dumps({"Version": "2012-10-17", "Statement": statements}))

    def granted() -> int:
        document = aws.policy.Document.parse(Value(source.text, source.whole))
        wanted = ("s3:GetObject", "kms:Decrypt", "s3:*", "iam:*")
        return sum(
            len(document.allowing(lambda statement, action=action: statement.overlaps_action(action)).items)  # type: ignore[misc]
            for action in wanted
        )

    assert benchmark(granted)


@pytest.mark.parametrize("size", [10, 1_000])
def test_cidr_sets(benchmark: Any, size: int) -> None:
    blocks = [f"10.{n // 256}.{n % 256}.0/25" for n in range(size)]

    def left() -> Any:
        parsed = aws.network.CidrSet.parse(*blocks)
        return aws.network.CidrSet.parse("10.0.0.0/8") - parsed

    assert benchmark(left)


def test_judge(benchmark: Any, tmp_path: Path) -> None:
    configuration(tmp_path)
    rules = pack.load_pack(pack.builtin_directory())
    workspace = Workspace((str(tmp_path),))

    def fresh() -> tuple[tuple[Any, ...], dict[str, Any]]:
        return (Inventory((load_root(workspace, str(tmp_path), Inputs()),)), rules), {}

    assert benchmark.pedantic(judge, setup=fresh, rounds=10)


@pytest.mark.parametrize("name", ["sarif", "text", "json"])
def test_report(benchmark: Any, tmp_path: Path, name: str) -> None:
    made = report(tmp_path)
    assert benchmark(lambda: render(name, made, Options()))
