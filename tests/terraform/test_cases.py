"""Each directory below cases/ is a configuration; its case.json says what has to come out."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from iaclint import terraform
from iaclint.model.inventory import Inputs
from iaclint.source.files import Workspace
from tests.terraform.support import CASES, at, plain

NAMES = sorted(os.listdir(CASES))


def described(name: str) -> dict[str, Any]:
    with open(os.path.join(CASES, name, "case.json"), encoding="utf-8") as file:
        found: dict[str, Any] = json.load(file)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_case(name: str) -> None:
    case = described(name)
    root = os.path.join(CASES, name)
    files = tuple(os.path.join(root, file) for file in case.get("var_files", ()))
    deployment = terraform.load(Workspace((root,)), root, Inputs(files=files))
    bodies = {resource.address: plain(resource.body) for resource in deployment.resources}
    for address, attributes in case["expected"].items():
        if attributes is None:
            assert address not in bodies
            continue
        assert address in bodies
        for path, wanted in attributes.items():
            assert at(bodies[address], path) == wanted, f"{address} {path}"
    assert len(deployment.problems) == case.get("problems", 0), deployment.problems
    assert [gap.address for gap in deployment.gaps] == case.get("gaps", [])
