"""What is installed: bounds, pins, licences, and a wheel that is the same each time."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from tests.command_line import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DEPENDENCIES = [re.split(r"(?=[<>=~!])", text, maxsplit=1) for text in PROJECT["dependencies"]]
PINS = dict(
    line.lower().replace("_", "-").split("==")
    for line in (ROOT / ".ci" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
)


def version(text: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", text)))


@pytest.mark.parametrize(("name", "bounds"), DEPENDENCIES, ids=lambda text: text)
def test_a_dependency_is_bounded_pinned_for_ci_and_listed(name: str, bounds: str) -> None:
    found = re.fullmatch(r">=([\d.]+),<([\d.]+)", bounds)
    assert found, f"{name} needs a lower and an upper bound"
    assert version(found[1]) <= version(PINS[name]) < version(found[2])
    table = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").lower()
    assert re.search(rf"^\|[^|]*\b{name}\b[^|]*\|", table, re.MULTILINE)


def test_what_the_tests_need_is_pinned_for_ci() -> None:
    extras = PROJECT["optional-dependencies"]
    named = {re.split(r"[\[<>=~!;]", text)[0].lower() for extra in ("test", "dev") for text in extras[extra]}
    assert not {name for name in named if name not in PINS and name != PROJECT["name"]}


def test_the_versions_of_python_that_are_named_are_those_that_ci_runs() -> None:
    named = [text.rpartition(" ")[2] for text in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", text)]
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    assert yaml.safe_load(workflow)["jobs"]["ci"]["strategy"]["matrix"]["python"] == named
    assert PROJECT["requires-python"] == f">={named[0]}"


@pytest.mark.skipif(not find_spec("hatchling"), reason="hatchling is not installed")
def test_the_wheel_is_the_same_each_time_and_holds_no_tests(tmp_path: Path) -> None:
    made = []
    for name in ("a", "b"):
        subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / name)],
            cwd=ROOT,
            check=True,
            capture_output=True,
        )
        [wheel] = (tmp_path / name).iterdir()
        made.append(hashlib.sha256(wheel.read_bytes()).hexdigest())
    assert made[0] == made[1]
    names = zipfile.ZipFile(wheel).namelist()
    assert "iaclint/_rules/key_management/kms_key_not_rotated.py" in names
    assert {name.partition("/")[0] for name in names} == {
        "iaclint",
        f"{wheel.name.removesuffix('-py3-none-any.whl')}.dist-info",
    }
