"""What changed in exceptions, config and baseline since a revision: `iaclint exceptions --since REV`."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from iaclint.cli.output import fail

IDENTITY = ("rules", "kind", "file", "path", "address", "reason", "until", "written_for")
"""The fields that identify an exception; its line may move."""


def _git(directory: str, *arguments: str) -> bytes:
    command = ["git", "-c", "core.fsmonitor=false", "-C", directory, *arguments]
    try:
        return subprocess.run(command, capture_output=True, check=True).stdout
    except FileNotFoundError:
        fail("--since needs git, which is not on the PATH")
    except (OSError, ValueError) as error:
        fail(f"--since: {error}")
    except subprocess.CalledProcessError as error:
        fail(f"--since: {os.fsdecode(error.stderr).strip().partition(chr(10))[0]}")


@contextmanager
def tree_at(revision: str, path: str) -> Iterator[tuple[str, str]]:
    """Yield the root of the repository of a path, and a temporary directory with its files as of a revision.

    Ends the program if git cannot give them.
    """
    import tarfile

    directory = path if os.path.isdir(path) else os.path.dirname(path)
    root = os.fsdecode(_git(directory, "rev-parse", "--show-toplevel")).rstrip("\n")
    commit = _commit(directory, revision)
    if not commit:
        fail(f"--since: git knows no revision {revision!r} here; in CI, fetch it first")
    archive = _git(root, "archive", "--format=tar", commit)
    with tempfile.TemporaryDirectory(prefix="iaclint-") as place:
        place = os.path.realpath(place)
        with tarfile.open(fileobj=BytesIO(archive)) as found:
            for member in found:
                if member.isfile() or member.isdir():
                    found.extract(member, place, filter="data")
        os.makedirs(os.path.join(place, ".git"), exist_ok=True)  # so that no config above is looked for
        yield root, place


def _commit(directory: str, revision: str) -> str:
    command = ["git", "-C", directory, "rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}"]
    try:
        return os.fsdecode(subprocess.run(command, capture_output=True, check=False).stdout).strip()
    except (OSError, ValueError):
        return ""


def compared(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Return the exceptions that were added, and those that were removed."""

    def missing(those: Sequence[Mapping[str, Any]], here: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        left = Counter(_name(record) for record in here)
        found = []
        for record in those:
            if left[_name(record)]:
                left[_name(record)] -= 1
            else:
                found.append(record)
        return found

    return missing(after, before), missing(before, after)


def _name(record: Mapping[str, Any]) -> str:
    return json.dumps([record[field] for field in IDENTITY])


def settings(file: str) -> dict[str, Any]:
    """Return the settings of a config file but its exceptions, which are compared one by one."""
    from iaclint.linting import config

    table = config.table_of(file) if file else {}
    return {name: value for name, value in table.items() if name != "exceptions"}


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the settings that differ, with both values."""
    return [
        {"setting": name, "before": before.get(name), "after": after.get(name)}
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]


def accepted(path: str) -> list[dict[str, Any]]:
    """Return the entries of a baseline, one for each finding; none if there is no such file.

    Ends the program if the file is no baseline.
    """
    from iaclint.linting import baseline

    if not os.path.isfile(path):
        return []
    try:
        entries = baseline.read(path).entries
    except baseline.BaselineError as error:
        fail(str(error))
    return [
        {"rule": e.rule, "file": e.file, "address": e.address, "message": e.message, "fingerprint": e.fingerprint}
        for e in entries
        for _ in range(min(e.count, 1000))
    ]
