"""What the Terraform tests share: configurations written on the spot or lying in cases/, shown as plain data."""

from __future__ import annotations

import json
import os
import re
import textwrap
from collections.abc import Mapping
from typing import Any

from iaclint import terraform
from iaclint.model.inventory import Deployment, Inputs, Resource
from iaclint.model.value import Unknown, Value
from iaclint.source.files import Workspace

UNKNOWN = "<unknown>"
CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases")


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


def write(folder: Any, files: Mapping[str, str]) -> str:
    """Write files below a folder, indentation taken away; gives the folder as text."""
    root = str(folder)
    for name, text in files.items():
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(textwrap.dedent(text).lstrip("\n"))
    return root


def load(folder: Any, files: Mapping[str, str] | str, inputs: Inputs | None = None, root: str = "") -> Deployment:
    """The deployment of files (or of one main.tf) that are written below a folder."""
    top = write(folder, {"main.tf": files} if isinstance(files, str) else files)
    directory = os.path.join(top, root) if root else top
    return terraform.load(Workspace((os.path.realpath(top),), cwd=top), directory, inputs or Inputs())


def evaluated(folder: Any, expression: str, more: str = "") -> Any:
    """The value of an expression, as plain data."""
    deployment = load(folder, f'{more}\noutput "x" {{\n  value = {expression}\n}}\n')
    return plain(deployment.outputs["x"])


def resource(deployment: Deployment, address: str) -> Resource:
    return deployment.by_address[address]


def messages(deployment: Deployment) -> list[str]:
    return [f"{p.span.line if p.span else 0}: {p.message}" for p in deployment.problems]


_PART = re.compile(r'\[(\d+)\]|\["([^"]*)"\]|\|(json)|([^.\[\]|"]+)')


def at(data: Any, path: str) -> Any:
    """Follow a path such as ingress[0].cidr_blocks, tags["a b"] or policy|json.Statement[0]."""
    for index, quoted, decode, name in _PART.findall(path):
        if data == UNKNOWN or data is None:
            return data
        if decode:
            data = json.loads(data)
        elif index:
            data = data[int(index)] if isinstance(data, list) and int(index) < len(data) else None
        else:
            data = data.get(quoted or name) if isinstance(data, dict) else None
    return data
