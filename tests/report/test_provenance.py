from __future__ import annotations

from pathlib import Path

import pytest

from iaclint.report.provenance import Provenance, provenance, web_address

SHA = "0123456789abcdef0123456789abcdef01234567"
CONFIG = """\
[core]
\tbare = false
[remote "origin"]
\turl = https://user:token@git.example.com/org/repo.git
\tfetch = +refs/heads/*:refs/remotes/origin/*
[remote "upstream"]
\turl = git@example.org:up/stream.git
[branch "topic/x"]
\tremote = upstream
"""


def repository(base: Path, head: str = "ref: refs/heads/main\n", config: str = CONFIG) -> Path:
    git = base / ".git"
    (git / "refs/heads").mkdir(parents=True)
    (git / "HEAD").write_text(head)
    (git / "config").write_text(config)
    (git / "refs/heads/main").write_text(SHA + "\n")
    return git


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("https://github.com/o/r.git", "https://github.com/o/r"),
        ("https://user:token@github.com/o/r", "https://github.com/o/r"),
        ("https://x-access-token:abc@git.example.com:8443/o/r.git", "https://git.example.com:8443/o/r"),
        ("http://git.example.com/r/", "http://git.example.com/r"),
        ("git@github.com:o/r.git", "https://github.com/o/r"),
        ("github.com:o/r", "https://github.com/o/r"),
        ("ssh://git@github.com:22/o/r.git", "https://github.com/o/r"),
        ("git://example.com/r.git", "https://example.com/r"),
        ("https://github.com/o/r?token=x#y", "https://github.com/o/r"),
        ("ssh://git@[::1]/o/r", "https://[::1]/o/r"),
        ("/srv/git/r.git", None),
        ("../r", None),
        ("file:///srv/r.git", None),
        ("C:\\r", None),
        ("https://[broken/o", None),
        ("https://example.com:port/o", None),
        ("https://example.com/", None),
        ("", None),
    ],
)
def test_web_address(remote: str, address: str | None) -> None:
    assert web_address(remote) == address


def test_git(tmp_path: Path) -> None:
    repository(tmp_path)
    (tmp_path / "a/b").mkdir(parents=True)
    expected = Provenance("https://git.example.com/org/repo", SHA, "main")
    assert provenance(str(tmp_path), {}) == expected
    assert provenance(str(tmp_path / "a/b"), {}) == expected


def test_packed_refs_and_the_remote_of_the_branch(tmp_path: Path) -> None:
    git = repository(tmp_path, "ref: refs/heads/topic/x\n")
    (git / "packed-refs").write_text(
        f"# pack-refs with: peeled\n{'0' * 40} refs/heads/other\n{SHA} refs/heads/topic/x\n"
    )
    assert provenance(str(tmp_path), {}) == Provenance("https://example.org/up/stream", SHA, "topic/x")


def test_detached_head(tmp_path: Path) -> None:
    repository(tmp_path, SHA + "\n")
    assert provenance(str(tmp_path), {}) == Provenance("https://git.example.com/org/repo", SHA, "HEAD")


def test_linked_worktree(tmp_path: Path) -> None:
    git = repository(tmp_path / "main")
    linked = git / "worktrees/w"
    linked.mkdir(parents=True)
    (linked / "HEAD").write_text("ref: refs/heads/main\n")
    (linked / "commondir").write_text("../..\n")
    tree = tmp_path / "w"
    tree.mkdir()
    (tree / ".git").write_text(f"gitdir: {linked}\n")
    assert provenance(str(tree), {}) == Provenance("https://git.example.com/org/repo", SHA, "main")


@pytest.mark.parametrize(
    ("head", "config"),
    [
        ("ref: refs/heads/none\n", CONFIG),
        ("ref: refs/heads/../../../etc/passwd\n", CONFIG),
        ("nonsense", CONFIG),
        ("ref: refs/heads/main\n", ""),
        ("ref: refs/heads/main\n", '[remote "origin"]\nurl = /srv/git/r.git\n'),
    ],
)
def test_what_is_not_known_is_left_out(tmp_path: Path, head: str, config: str) -> None:
    repository(tmp_path, head, config)
    assert provenance(str(tmp_path), {}) is None


def test_ci_variables_win(tmp_path: Path) -> None:
    repository(tmp_path)
    github = {
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "o/r",
        "GITHUB_SHA": "f" * 40,
        "GITHUB_REF_NAME": "12/merge",
    }
    assert provenance(str(tmp_path), github) == Provenance("https://github.com/o/r", "f" * 40, "12/merge")
    gitlab = {"CI_PROJECT_URL": "https://gitlab.com/o/r", "CI_COMMIT_SHA": "e" * 40, "CI_COMMIT_REF_NAME": "main"}
    assert provenance(str(tmp_path), gitlab) == Provenance("https://gitlab.com/o/r", "e" * 40, "main")
    assert provenance(str(tmp_path), github | {"GITHUB_SHA": "x"}) == provenance(str(tmp_path), {})
