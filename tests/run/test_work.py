"""Work is done once, and grows in step with what there is to lint: counted, never timed."""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from benchmarks import inventories
from iaclint import Request, scan
from iaclint.cloudformation import syntax as cloudformation
from iaclint.source.files import SourceFile, Workspace
from iaclint.terraform.syntax import parser as terraform
from tests.builtin_rules import ALL_RULES as RULES


def run(*paths: Path) -> None:
    scan(Request(paths=tuple(map(str, paths)), rules=RULES, known=RULES))


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, str]]:
    """How often each file was read, and parsed."""
    seen: Counter[tuple[str, str]] = Counter()

    def counted(what: str, function: Callable[..., Any], path: Callable[..., str]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            seen[what, path(*args)] += 1
            return function(*args, **named)

        return call

    def own(source: SourceFile) -> str:
        return source.path

    def named(_workspace: Workspace, path: str, *_rest: object) -> str:
        return path

    monkeypatch.setattr(terraform, "parse", counted("parse", terraform.parse, own))
    monkeypatch.setattr(cloudformation, "_parse", counted("parse", cloudformation._parse, own))
    monkeypatch.setattr(Workspace, "read_bytes", counted("read", Workspace.read_bytes, named))
    return seen


def test_a_file_is_read_and_parsed_once(reads: Counter[tuple[str, str]], tmp_path: Path) -> None:
    """However many roots call a module, and however often a stack is nested."""
    (tmp_path / "module").mkdir()
    (tmp_path / "module" / "main.tf").write_text('resource "aws_kms_key" "k" {}\n')
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(
            'module "one" {\n  source = "../module"\n}\nmodule "two" {\n  source = "../module"\n  count = 3\n}\n'
        )
    (tmp_path / "child.yaml").write_text("Resources:\n  K:\n    Type: AWS::KMS::Key\n")
    stacks = "".join(
        f"  S{n}:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: ./child.yaml\n"
        for n in range(3)
    )
    (tmp_path / "parent.yaml").write_text(f"Resources:\n{stacks}")
    run(tmp_path)
    parsed = {Path(path).name for what, path in reads if what == "parse"}
    assert parsed == {"main.tf", "child.yaml", "parent.yaml"}
    assert set(reads.values()) == {1}, reads


def test_a_world_parses_nothing_again(reads: Counter[tuple[str, str]], tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'variable "on" {\n  type = bool\n}\nresource "aws_kms_key" "k" {\n  enable_key_rotation = var.on\n}\n'
    )
    run(tmp_path)
    assert set(reads.values()) == {1}, reads


def test_a_rule_file_is_run_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from iaclint.cli import main
    from iaclint.cli.rules import _builtin_rules

    loaded: Counter[str] = Counter()
    original = importlib.util.spec_from_file_location

    def counting(name: str, location: Any = None, **more: Any) -> Any:
        loaded[name] += 1
        return original(name, location, **more)

    monkeypatch.setattr(importlib.util, "spec_from_file_location", counting)
    _builtin_rules.cache_clear()
    (tmp_path / "main.tf").write_text('resource "aws_kms_key" "k" {}\n')
    main.main([str(tmp_path), "--exit-zero"], standalone_mode=False)
    assert len(loaded) >= len(RULES)
    assert set(loaded.values()) == {1}


def calls(action: Callable[[], object]) -> int:
    """The calls of Python functions that an action makes."""
    count = 0

    def count_call(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(count_call)
    try:
        action()
    finally:
        sys.setprofile(before)
    return count


def resources(directory: Path, size: int) -> None:
    inventories.resources(directory, size)


def files(directory: Path, size: int) -> None:
    inventories.resources(directory, size, files=size)


def templates(directory: Path, size: int) -> None:
    inventories.templates(directory, size)


def modules(directory: Path, size: int) -> None:
    """One module, called so often."""
    inventories.nested(directory, 1, keys=size)


def references(directory: Path, size: int) -> None:
    """Buckets that each have satellites, and one key that all of them refer to."""
    text = 'resource "aws_kms_key" "k" {}\n'
    for n in range(size):
        text += f'resource "aws_s3_bucket" "b{n}" {{}}\n'
        text += f'resource "aws_s3_bucket_versioning" "b{n}" {{\n  bucket = aws_s3_bucket.b{n}.id\n}}\n'
        text += (
            f'resource "aws_s3_bucket_server_side_encryption_configuration" "b{n}" {{\n'
            f"  bucket = aws_s3_bucket.b{n}.id\n  rule {{\n    apply_server_side_encryption_by_default {{\n"
            '      sse_algorithm = "aws:kms"\n      kms_master_key_id = aws_kms_key.k.arn\n    }\n  }\n}\n'
        )
    (directory / "main.tf").write_text(text)


def identities(directory: Path, size: int) -> None:
    """Roles, users and groups with their policies, attached by reference and by name."""
    text = ""
    for n in range(size):
        for kind in ("user", "group", "role"):
            trust = '  assume_role_policy = "{}"\n' if kind == "role" else ""
            text += f'resource "aws_iam_{kind}" "n{n}" {{\n  name = "{kind}-{n}"\n{trust}}}\n'
            holder = f"aws_iam_{kind}.n{n}.name" if n % 2 else f'"{kind}-{n}"'
            text += (
                f'resource "aws_iam_{kind}_policy_attachment" "n{n}" {{\n  {kind} = {holder}\n'
                f"  policy_arn = aws_iam_policy.n{n}.arn\n}}\n"
            )
        text += (
            f'resource "aws_iam_policy" "n{n}" {{\n  policy = jsonencode({{ Version = "2012-10-17", Statement = [\n'
            '    { Effect = "Allow", Action = "*", Resource = "*" }\n  ] })\n}\n'
            f'resource "aws_iam_group_membership" "n{n}" {{\n  name = "m{n}"\n  group = "group-{n}"\n'
            f"  users = [aws_iam_user.n{n}.name]\n}}\n"
        )
    (directory / "main.tf").write_text(text)


def networks(directory: Path, size: int) -> None:
    """One network with many subnets, route tables' associations and instances in one security group."""
    text = (
        'resource "aws_vpc" "v" {\n  cidr_block = "10.0.0.0/8"\n}\n'
        'resource "aws_internet_gateway" "g" {\n  vpc_id = aws_vpc.v.id\n}\n'
        'resource "aws_route_table" "r" {\n  vpc_id = aws_vpc.v.id\n  route {\n    cidr_block = "0.0.0.0/0"\n'
        "    gateway_id = aws_internet_gateway.g.id\n  }\n}\n"
        'resource "aws_security_group" "s" {\n  vpc_id = aws_vpc.v.id\n}\n'
    )
    for n in range(size):
        text += (
            f'resource "aws_subnet" "n{n}" {{\n  vpc_id = aws_vpc.v.id\n  cidr_block = "10.{n}.0.0/16"\n}}\n'
            f'resource "aws_route_table_association" "n{n}" {{\n  subnet_id = aws_subnet.n{n}.id\n'
            "  route_table_id = aws_route_table.r.id\n}\n"
            f'resource "aws_instance" "n{n}" {{\n  subnet_id = aws_subnet.n{n}.id\n'
            "  vpc_security_group_ids = [aws_security_group.s.id]\n}\n"
        )
    (directory / "main.tf").write_text(text)


def others(directory: Path, size: int) -> None:
    """A key, and many files in one directory and in as many directories, that are nothing to lint."""
    (directory / ".gitignore").write_text("*.log\n")
    (directory / "main.tf").write_text('resource "aws_kms_key" "k" {}\n')
    for n in range(size):
        (directory / f"d{n}").mkdir()
        for name in (f"f{n}.yaml", f"d{n}/g.json", f"d{n}/h.txt", f"d{n}/i.log"):
            (directory / name).write_text('{"a": 1}\n')


@pytest.mark.parametrize(
    "make", [resources, files, templates, modules, references, identities, networks, others, inventories.roots]
)
def test_the_work_grows_in_step(make: Callable[[Path, int], None], tmp_path: Path) -> None:
    """Twice as many more resources take at most about twice as many more calls."""
    work: list[int] = []
    for size in (20, 60, 140):
        home = tmp_path / str(size)
        home.mkdir()
        make(home, size)
        run(home)  # what is imported and cached only once
        work.append(calls(lambda home=home: run(home)))  # type: ignore[misc]
    first, second = work[1] - work[0], work[2] - work[1]
    assert second <= first * 2 * 1.15, work
