"""Runs the command line as people do, within this process."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import click

from iaclint.cli import COMMANDS, main

ROOT = Path(__file__).parents[1]
FIXTURES = ROOT / "fixtures"

BAD = 'resource "aws_kms_key" "k" {\n  enable_key_rotation = false\n}\n'
GOOD = 'resource "aws_kms_key" "k" {\n  enable_key_rotation = true\n}\n'
TEMPLATE = "Resources:\n  K:\n    Type: AWS::KMS::Key\n    Properties:\n      EnableKeyRotation: false\n"
ONLY = ("--select", "kms-key-not-rotated,exceptions")
"""One rule, so that a test does not depend on the others."""


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


class _Stream(io.TextIOWrapper):
    def __init__(self, terminal: bool = False) -> None:
        super().__init__(io.BytesIO(), "utf-8", newline="", write_through=True)
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal

    def text(self) -> str:
        self.flush()
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue().decode("utf-8")


def iaclint(
    *arguments: object,
    cwd: Path | None = None,
    stdin: str = "",
    env: Mapping[str, str] | None = None,
    terminal: bool = False,
) -> Result:
    """The exit code and the output of `iaclint ARGUMENTS`."""
    from iaclint.cli import run

    out, err = _Stream(terminal), _Stream()
    with _world(["iaclint", *map(str, arguments)], cwd, stdin, env or {}), redirect_stdout(out), redirect_stderr(err):
        code = run()
    return Result(code, out.text(), err.text())


@contextmanager
def _world(argv: list[str], cwd: Path | None, stdin: str, env: Mapping[str, str]) -> Iterator[None]:
    before = (sys.argv, os.getcwd(), sys.stdin, dict(os.environ))
    sys.argv = argv
    sys.stdin = io.TextIOWrapper(io.BytesIO(stdin.encode()), "utf-8")
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "TERM"):
        os.environ.pop(name, None)
    os.environ.update(env)
    if cwd is not None:
        os.chdir(cwd)
    try:
        yield
    finally:
        sys.argv, _, sys.stdin, old = before
        os.chdir(before[1])
        os.environ.clear()
        os.environ.update(old)


def git(directory: Path, *arguments: str) -> str:
    """Run git in a repository of a test, without the settings of whoever runs it."""
    import subprocess

    env = {
        **os.environ,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_AUTHOR_NAME": "A",
        "GIT_AUTHOR_EMAIL": "a@example.com",
        "GIT_COMMITTER_NAME": "A",
        "GIT_COMMITTER_EMAIL": "a@example.com",
    }
    done = subprocess.run(["git", *arguments], cwd=directory, env=env, capture_output=True, text=True, check=True)
    return done.stdout


def write(directory: Path, files: Mapping[str, str]) -> Path:
    """The directory with these files in it."""
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    return directory


def commands() -> dict[str, click.Command]:
    """The commands of the command line by name."""
    context = click.Context(main)
    found = {name: main.get_command(context, name) for name in COMMANDS}
    return {name: command for name, command in found.items() if command}
