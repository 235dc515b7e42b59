"""Terraform: directories of .tf files to Deployments.

`load` evaluates one root directory, `load_plan` reads what `terraform show -json` printed. Nothing here raises on
what people write: it becomes an Unknown, a Gap or a Problem.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Container, Sequence
from typing import Any

from msgspec.structs import replace

from iaclint.model.inventory import Deployment, Input, Inputs
from iaclint.source.files import Span, Workspace

__all__ = ["callers", "is_plan", "load", "load_plan", "roots", "size"]

RECURSION_LIMIT = 12_000
"""References are followed by recursion; Python's own limit of 1000 frames is too low for real configurations."""


def callers(workspace: Workspace, directories: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """For each directory that is called as a local module from another one of them: the directories that call it."""
    from iaclint.terraform import modules

    with _deeper():
        found: dict[str, list[str]] = {}
        for directory in directories:
            for called in modules.called_directories(workspace, directory):
                found.setdefault(called, [])
                if directory not in found[called]:
                    found[called].append(directory)
    return {called: tuple(names) for called, names in found.items()}


def roots(workspace: Workspace, directories: Sequence[str]) -> tuple[str, ...]:
    """Those of the directories that are to be judged on their own: nobody outside calls them as a module.

    Of directories that only call each other in a circle the first is taken.
    """
    from iaclint.terraform import modules

    here = [directory for directory in directories if modules.source_names(workspace, directory)]
    known = set(here)
    called_by = callers(workspace, here)
    reached: set[str] = set()
    found: list[str] = []

    def reach(directory: str) -> None:
        queue = [directory]
        while queue:
            for called in modules.called_directories(workspace, queue.pop()):
                if called in known and called not in reached:
                    reached.add(called)
                    queue.append(called)

    for directory in here:
        if not any(caller != directory for caller in called_by.get(directory, ())):
            found.append(directory)
            reached.add(directory)
            reach(directory)
    for directory in here:
        if directory not in reached:
            found.append(directory)
            reached.add(directory)
            reach(directory)
    order = {directory: at for at, directory in enumerate(here)}
    return tuple(sorted(found, key=lambda directory: order[directory]))


def size(workspace: Workspace, directory: str, directories: Container[str]) -> int:
    """The characters of a root directory and of those of some directories that it leads to as modules."""
    from iaclint.terraform import modules

    total, seen = 0, {directory}
    queue = [directory]
    while queue:
        current = queue.pop()
        total += sum(len(source.text) for source in modules.read_module(workspace, current).files)
        for called in modules.called_directories(workspace, current):
            if called in directories and called not in seen:
                seen.add(called)
                queue.append(called)
    return total


class _deeper:  # noqa: N801 - reads as a statement
    """Allow the recursion that evaluation needs."""

    def __enter__(self) -> None:
        self.before = sys.getrecursionlimit()
        if self.before < RECURSION_LIMIT:
            sys.setrecursionlimit(RECURSION_LIMIT)

    def __exit__(self, *exception: object) -> None:
        sys.setrecursionlimit(self.before)


def load(workspace: Workspace, directory: str, inputs: Inputs) -> Deployment:
    """The deployment of a root directory with these inputs. Never raises on what the files hold."""
    with _deeper():
        return _load(workspace, os.path.abspath(directory), inputs)


def _load(workspace: Workspace, directory: str, inputs: Inputs) -> Deployment:
    from iaclint.terraform import modules
    from iaclint.terraform.evaluate import EvaluationError
    from iaclint.terraform.inputs import domain, given_values

    config = modules.read_module(workspace, directory)
    evaluation = modules.Evaluation(workspace, directory, inputs)
    evaluation.problems.extend(config.problems)
    given = given_values(workspace, directory, inputs, config.variables)
    evaluation.problems.extend(given.problems)
    root = modules.ModuleInstance(evaluation, config, arguments=given.values.get)
    for source in given.files:
        evaluation.files.setdefault(source.path, source)
    name = workspace.display(directory)
    header = _header(config, workspace, directory)
    resources: list[Any] = []
    values: dict[str, Input] = {}
    outputs: dict[str, Any] = {}
    try:
        resources = modules.resources_of(root)
        modules.finish(root)
        for variable, block in config.variables.items():
            value = root.variable(variable, block.header)
            kind = root.variable_type(variable).type
            values[variable] = Input(variable, modules.exported(value, block.span), domain(block, kind))
        for output, block in config.outputs.items():
            outputs[output] = modules.exported(root.output(output, block.header), block.span)
        for at, (caller, call) in enumerate(evaluation.hidden):
            # only now, since what is handed over may hang on everything else
            evaluation.gaps[at] = replace(evaluation.gaps[at], refs=caller.handed(call))
    except RecursionError:
        evaluation.problem("the configuration is nested too deeply to be evaluated", header, fatal=True)
    except EvaluationError as error:
        evaluation.problem(error.message, error.span)
    return Deployment(
        "terraform",
        directory,
        name,
        header,
        tuple(resources),
        values,
        outputs,
        tuple(evaluation.gaps),
        tuple(evaluation.problems),
        tuple(evaluation.files.values()),
        inputs.name,
    )


def _header(config: Any, workspace: Workspace, directory: str) -> Span:
    """Where a finding about the whole deployment points."""
    for block in (*config.settings, *config.providers):
        found: Span = block.header
        return found
    if config.first is not None:
        first: Span = config.first.header
        return first
    if config.files:
        start: Span = config.files[0].span(0, 0)
        return start
    from iaclint.source.files import SourceFile

    return SourceFile(directory, "", workspace.display(directory)).whole


def is_plan(text_head: str) -> bool:
    """Whether the start of a file is that of `terraform show -json` output."""
    from iaclint.terraform.plan import is_plan as starts_like_plan

    return starts_like_plan(text_head)


def load_plan(workspace: Workspace, path: str, inputs: Inputs, source_root: str | None = None) -> Deployment:
    """The deployment that a plan file describes; with `source_root` it points to the lines of the configuration."""
    from iaclint.terraform.plan import load as read_plan

    with _deeper():
        return read_plan(workspace, path, inputs, source_root)
