"""What git tracks, read without git, is what git says."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iaclint.source.git_index import tracked_files
from tests.command_line import git, write

NAMES = [
    "a.tf",
    "b c.tf",
    "ö.tf",
    "dir/one.tf",
    "dir/two.tf",
    "dir/deep/three.yaml",
    "x" * 200 + ".tf",
    "dir2/" + "y" * 90,
]


@pytest.mark.parametrize("version", [2, 3, 4])
def test_the_index_is_read_as_git_reads_it(version: int, tmp_path: Path) -> None:
    write(tmp_path, {**dict.fromkeys(NAMES, "x"), "untracked.tf": "x", "later.tf": "x"})
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "--", *NAMES)
    if version == 3:  # an entry with extended flags makes a version 3
        git(tmp_path, "add", "--intent-to-add", "later.tf")
    git(tmp_path, "update-index", "--index-version", str(version))
    listed = git(tmp_path, "ls-files", "-z").rstrip("\0").split("\0")
    assert tracked_files(str(tmp_path / ".git")) == frozenset(listed)
    assert len(listed) == len(NAMES) + (version == 3)


def test_a_very_long_path(tmp_path: Path) -> None:
    """From 4095 bytes on, the index does not hold the length."""
    name = "/".join(["d" * 200] * 18 + ["e" * 240, "f" * 240])
    assert len(name) > 4095 - 18
    git(tmp_path, "init", "-q")
    blob = subprocess.run(
        ["git", "hash-object", "-w", "--stdin"], cwd=tmp_path, input=b"x", capture_output=True, check=True
    ).stdout.decode()
    for path in (name, "z.tf"):
        git(tmp_path, "update-index", "--add", "--cacheinfo", f"100644,{blob.strip()},{path}")
    assert tracked_files(str(tmp_path / ".git")) == frozenset({name, "z.tf"})


def test_a_work_tree_of_its_own_and_a_submodule(tmp_path: Path) -> None:
    write(tmp_path / "main", {"a.tf": "x"})
    git(tmp_path / "main", "init", "-q")
    git(tmp_path / "main", "add", ".")
    git(tmp_path / "main", "commit", "-q", "-m", "a")
    git(tmp_path / "main", "worktree", "add", "-q", str(tmp_path / "other"))
    assert tracked_files(str(tmp_path / "other/.git")) == frozenset({"a.tf"})
    git(tmp_path / "main", "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(tmp_path / "other"), "sub")
    assert tracked_files(str(tmp_path / "main/.git")) == frozenset({"a.tf", ".gitmodules"})


def test_where_there_is_no_index(tmp_path: Path) -> None:
    assert tracked_files(str(tmp_path / ".git")) is None
    os.mkdir(tmp_path / ".git")
    assert tracked_files(str(tmp_path / ".git")) is None


@given(st.binary(max_size=300), st.integers(2, 4), st.integers(0, 5))
def test_no_index_breaks_it(noise: bytes, version: int, count: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as directory:
        head = b"DIRC" + version.to_bytes(4, "big") + count.to_bytes(4, "big")
        Path(directory, "index").write_bytes(head + noise)
        found = tracked_files(directory)
        assert found is None or len(found) <= count
