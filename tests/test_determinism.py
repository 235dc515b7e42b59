"""The same input gives the same bytes: whatever the hash seed, the order of the disk, the locale, the place."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command_line import BAD, FIXTURES, ROOT, TEMPLATE, write

FORMATS = ("text", "concise", "json", "sarif", "github", "markdown", "gitlab", "junit")
RUN = """
import os, random, sys
seed = os.environ.get("SHUFFLED")
if seed:
    real, chance = os.scandir, random.Random(seed)
    class Shuffled(list):
        def __next__(self):
            if not self: raise StopIteration
            return self.pop(0)
        def __iter__(self): return self
        def __enter__(self): return self
        def __exit__(self, *_): return None
        def close(self): return None
    def scandir(path="."):
        with real(path) as entries:
            found = Shuffled(entries)
        chance.shuffle(found)
        return found
    def listdir(path="."):
        found = names(path)
        chance.shuffle(found)
        return found
    names = os.listdir
    os.scandir, os.listdir = scandir, listdir
from iaclint.cli import run
sys.exit(run())
"""


def tree(directory: Path, seed: int = 0) -> Path:
    """Some of everything, its files made in an order by the seed."""
    files = {"stack.yaml": TEMPLATE, "bad.tf": "resource {\n", "a/main.tf": BAD, "B/main.tf": BAD, "b/main.tf": BAD}
    for source in (FIXTURES / "demo", FIXTURES / "broken"):
        for path in sorted(source.rglob("*")):
            if path.is_file() and path.suffix in (".tf", ".yaml", ".json", ".tfvars"):
                files[f"{source.name}/{path.relative_to(source)}"] = path.read_text(encoding="utf-8")
    names = sorted(files)
    random.Random(seed).shuffle(names)
    return write(directory, {name: files[name] for name in names})


def outputs(
    directory: Path, result: Path, *, cwd: Path | None = None, target: str = ".", **env: str
) -> dict[str, bytes]:
    """Every format's bytes, from one run, and what it prints."""
    result.mkdir()
    arguments = [f"--output={name}={result / name}" for name in FORMATS]
    done = subprocess.run(
        [sys.executable, "-c", RUN, "--show-unknown", "--format", "concise", *arguments, target],
        cwd=cwd or directory,
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    found = {path.name: path.read_bytes() for path in result.iterdir()}
    assert set(found) == set(FORMATS)
    return {**found, "stdout": done.stdout, "stderr": done.stderr}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    place = tmp_path_factory.mktemp("world")
    directory = tree(place / "tree")
    return directory, outputs(directory, place / "out", PYTHONHASHSEED="0")


@pytest.mark.parametrize(
    "env",
    [
        {"PYTHONHASHSEED": "1"},
        {"PYTHONHASHSEED": "4294967295"},
        {"SHUFFLED": "1", "PYTHONHASHSEED": "2"},
        {"SHUFFLED": "2"},
        {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "C.UTF-8", "LANG": "tr_TR.UTF-8", "LANGUAGE": "tr"},
        {"TZ": "Pacific/Kiritimati"},
        {"TZ": "America/Adak", "COLUMNS": "20", "LINES": "5"},
        {"COLUMNS": "400", "TERM": "xterm-256color"},
        {"PYTHONOPTIMIZE": "1"},
    ],
    ids=lambda env: " ".join(f"{name}={value}" for name, value in env.items()),
)
def test_the_environment_changes_nothing(
    env: dict[str, str], world: tuple[Path, dict[str, bytes]], tmp_path: Path
) -> None:
    directory, expected = world
    assert outputs(directory, tmp_path / "out", cwd=None, target=".", **env) == expected


def test_the_order_in_which_files_were_made_changes_nothing(
    world: tuple[Path, dict[str, bytes]], tmp_path: Path
) -> None:
    for seed in (1, 2):
        again = tree(tmp_path / f"tree{seed}", seed)
        assert outputs(again, tmp_path / f"out{seed}") == world[1]


def test_the_working_directory_changes_nothing_in_reports(world: tuple[Path, dict[str, bytes]], tmp_path: Path) -> None:
    directory, expected = world
    found = outputs(directory, tmp_path / "out", cwd=tmp_path, target=str(directory))
    for name in ("json", "sarif", "github", "markdown", "gitlab", "junit"):
        assert found[name] == expected[name], name
