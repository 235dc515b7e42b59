"""What the CloudFormation tests share: templates written on the spot, loaded and shown as plain data."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from iaclint import cloudformation
from iaclint.cloudformation.stacks import Stack
from iaclint.model.inventory import Deployment, Inputs
from iaclint.model.value import Unknown, Value
from iaclint.source.files import Workspace

UNKNOWN = "<unknown>"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "oracle: compares with an independent tool, skipped where it is not installed")


def plain(value: Value[Any]) -> Any:
    """A value as plain data, unknowns as the text UNKNOWN."""
    data = value.data
    if isinstance(data, Unknown):
        return UNKNOWN
    if isinstance(data, tuple):
        return [plain(item) for item in data]
    if isinstance(data, dict):
        return {name: plain(item) for name, item in data.items()}
    return data


def bodies(deployment: Deployment) -> dict[str, Any]:
    """The properties of all resources by address."""
    return {resource.address: plain(resource.body) for resource in deployment.resources}


Load = Callable[..., Stack]


class Bench:
    """A directory of templates, and a workspace over it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.workspace = Workspace((str(root),), cwd=str(root))

    def write(self, name: str, text: str) -> str:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return str(path)

    def load(
        self,
        text: str | None = None,
        *,
        name: str = "template.yaml",
        values: Mapping[str, Any] | None = None,
        files: tuple[str, ...] = (),
        environment: str = "",
    ) -> Stack:
        path = self.write(name, text) if text is not None else str(self.root / name)
        inputs = Inputs(files=tuple(str(self.root / f) for f in files), values=values or {}, name=environment)
        loaded = cloudformation.load(Workspace((str(self.root),), cwd=str(self.root)), path, inputs)
        assert isinstance(loaded, Stack)
        return loaded

    def value(self, expression: str, rest: str = "", **options: Any) -> Value[Any]:
        """What a property written as `expression` (one line of YAML) evaluates to, in a template with `rest`."""
        text = textwrap.dedent(rest) + (
            "\nResources:\n"
            "  Key: {Type: 'AWS::KMS::Key'}\n"
            "  Probe:\n"
            "    Type: Test::Probe::Value\n"
            "    Properties:\n"
            f"      Value: {expression}\n"
        )
        self.problems = (stack := self.load(text, **options)).problems
        return stack.by_address["Probe"].body.key("Value")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)
