"""What a change accepts: `iaclint exceptions --since REV`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command_line import BAD, git, iaclint, write

KEPT = "# iaclint: ignore[kms-key-not-rotated] old backups\n" + BAD
ENTRY = '{"fingerprint": "f", "rule": "kms-key-not-rotated", "file": "a.tf", "address": "x", "message": "m"}'


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    write(tmp_path, {"infra/main.tf": KEPT, ".iaclint.toml": 'fail-on = "low"\n'})
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "a")
    return tmp_path


def test_nothing_changed_though_it_moved(repository: Path) -> None:
    write(repository, {"infra/main.tf": "\n\n" + KEPT})
    done = iaclint("exceptions", "--since", "HEAD", ".", cwd=repository)
    assert (done.code, done.out) == (0, "no exception, setting or baseline entry changed since HEAD\n")


def test_all_ways_to_weaken_a_gate(repository: Path) -> None:
    config = 'fail-on = "never"\nprotected = []\n[[exceptions]]\nrule = "kms-key-not-rotated"\nreason = "so"\n'
    write(
        repository,
        {
            "infra/main.tf": BAD,
            "infra/new.tf": KEPT.replace('"k"', '"n"').replace("old", "new"),
            ".iaclint.toml": config,
            ".iaclint-baseline.json": f'{{"version": 1, "findings": [{ENTRY}]}}',
        },
    )
    done = iaclint("exceptions", "--since", "main", "infra", cwd=repository)
    assert done.code == 0
    assert "+ infra/new.tf:1: kms-key-not-rotated" in done.out
    assert "+ .iaclint.toml:3: kms-key-not-rotated" in done.out
    assert "- infra/main.tf:1: kms-key-not-rotated" in done.out
    assert "~ config: fail-on was 'low' and is 'never'" in done.out
    assert "+ baseline: a.tf: kms-key-not-rotated x: m" in done.out
    found = json.loads(iaclint("exceptions", "--since", "main", "--format", "json", cwd=repository).out)
    assert [len(found[name]) for name in ("added", "removed", "settings")] == [2, 1, 2]
    assert len(found["baseline"]["added"]) == 1


@pytest.mark.parametrize("revision", ["nowhere", "--output=x", "HEAD~5", "a\nb"])
def test_a_revision_that_is_not_there(revision: str, repository: Path) -> None:
    done = iaclint("exceptions", f"--since={revision}", ".", cwd=repository)
    assert done.code == 2
    assert "git knows no revision" in done.err
    assert not (repository / "x").exists()


def test_no_repository(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": BAD})
    done = iaclint("exceptions", "--since", "HEAD", ".", cwd=tmp_path, env={"GIT_CEILING_DIRECTORIES": str(tmp_path)})
    assert done.code == 2 and "not a git repository" in done.err
