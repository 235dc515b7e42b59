"""Terraform: directories of .tf files to Deployments.

`load` evaluates one root directory, `load_plan` reads what `terraform show -json` printed. Neither raises on the
content of files: it becomes an Unknown, a Gap or a Problem.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager

from iaclint.model.inventory import Deployment, Inputs
from iaclint.source.files import Workspace

__all__ = ["callers", "is_plan", "load", "load_plan", "roots", "size"]

RECURSION_LIMIT = 12_000
"""Evaluation follows references by recursion; Python's own limit of 1000 frames is too low for real configurations."""


@contextmanager
def _deep_recursion() -> Iterator[None]:
    """Allow the recursion that evaluation needs."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, RECURSION_LIMIT))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def callers(workspace: Workspace, directories: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the directories that other ones call as local modules, each with the directories that call it."""
    from iaclint.terraform.config.directory import called_directories

    found: dict[str, list[str]] = {}
    with _deep_recursion():
        for directory in directories:
            for called in called_directories(workspace, directory):
                names = found.setdefault(called, [])
                if directory not in names:
                    names.append(directory)
    return {called: tuple(names) for called, names in found.items()}


def roots(workspace: Workspace, directories: Sequence[str]) -> tuple[str, ...]:
    """Return the root modules among the directories: those that no other one calls as a module.

    Of directories that only call each other in a circle the first counts as a root.
    """
    from iaclint.terraform.config.directory import called_directories, source_names

    known = dict.fromkeys(directory for directory in directories if source_names(workspace, directory))
    called_by = callers(workspace, tuple(known))
    uncalled = [d for d in known if all(caller == d for caller in called_by.get(d, ()))]
    found: set[str] = set()
    reached: set[str] = set()
    for root in (*uncalled, *known):
        if root in reached:
            continue
        found.add(root)
        reached.add(root)
        queue = [root]
        while queue:
            new = [d for d in called_directories(workspace, queue.pop()) if d in known and d not in reached]
            reached.update(new)
            queue.extend(new)
    return tuple(directory for directory in known if directory in found)


def size(workspace: Workspace, directory: str, directories: Container[str]) -> int:
    """Return the number of characters of a root directory and of the modules that it calls among the directories."""
    from iaclint.terraform.config.directory import called_directories, read_module

    total, seen = 0, {directory}
    queue = [directory]
    while queue:
        current = queue.pop()
        total += sum(len(source.text) for source in read_module(workspace, current).files)
        for called in called_directories(workspace, current):
            if called in directories and called not in seen:
                seen.add(called)
                queue.append(called)
    return total


def load(workspace: Workspace, directory: str, inputs: Inputs) -> Deployment:
    """Return the deployment of a root directory with these inputs. Never raises on the content of files."""
    from iaclint.terraform import to_model

    with _deep_recursion():
        return to_model.load(workspace, os.path.abspath(directory), inputs)


def is_plan(text_head: str) -> bool:
    """Return True if a file that starts like this is output of `terraform show -json`."""
    from iaclint.terraform.plan import is_plan as starts_like_plan

    return starts_like_plan(text_head)


def load_plan(workspace: Workspace, path: str, inputs: Inputs, source_root: str | None = None) -> Deployment:
    """Return the deployment that a plan file describes.

    With `source_root`, the directory of the configuration, places are those in the configuration.
    """
    from iaclint.terraform.plan import load as read_plan

    with _deep_recursion():
        return read_plan(workspace, path, inputs, source_root)
