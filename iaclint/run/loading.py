"""Loading: from the paths of a request to Deployments."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from iaclint.linting.config import Config, Environment
from iaclint.model.inventory import Deployment, Inputs
from iaclint.run.processes import default_jobs
from iaclint.run.request import Request, UsageError
from iaclint.run.roots import Root, load_root, roots_of, size_of
from iaclint.source.discovery import Discovered, Languages, discover, repository_root
from iaclint.source.files import Workspace, shown_path
from iaclint.source.suggest import closest

if TYPE_CHECKING:
    from iaclint.cloudformation.exports import Exports

PARALLEL_LOAD_MIN_CHARS = 4_000_000
"""Characters to evaluate from which a second process makes a run faster: they take 0.7 s. A module counts for each root
that calls it."""


def _module_callers(workspace: Workspace, directories: Sequence[str]) -> Mapping[str, Sequence[str]]:
    from iaclint import terraform

    return terraform.callers(workspace, directories)


def _is_plan(head: str) -> bool:
    from iaclint import terraform

    return terraform.is_plan(head)


def _is_template(text: str) -> bool:
    from iaclint import cloudformation

    return cloudformation.may_be_template(text)


LANGUAGES = Languages(_module_callers, _is_plan, _is_template)
"""The front-ends, each imported when it is first asked: a run over Terraform does not import CloudFormation's."""


class Loaded(Struct, eq=False):
    """The deployments of a run, and where they come from.

    deployments  in the order of their roots
    roots        what each deployment was loaded from, by the identity of the deployment
    discovered   what was found below the paths
    base         the directory that paths in reports are relative to
    workspace    what the deployments were read through
    exports      what CloudFormation stacks export to each other; None if there are no templates
    """

    deployments: tuple[Deployment, ...]
    roots: Mapping[int, Root]
    discovered: Discovered
    base: str
    workspace: Workspace
    exports: Exports | None = None

    def with_inputs(self, deployment: Deployment, assignment: Mapping[str, Any]) -> Deployment:
        """Return a deployment evaluated again, with the inputs of an assignment in place of its own."""
        return load_root(self.workspace, self.roots[id(deployment)], assignment, self.exports)


def load_deployments(request: Request) -> Loaded:
    """Discover and evaluate what a request names. Raises UsageError if a path or a file of inputs does not exist."""
    paths = tuple(map(os.path.abspath, request.paths))
    deleted = tuple(map(os.path.abspath, request.deleted))
    _check_paths(request, paths)
    config = request.config
    workspace = _workspace(request, paths, deleted)
    if request.progress:
        request.progress("looking for infrastructure code")
    discovered = discover(
        workspace,
        paths,
        LANGUAGES,
        deleted=deleted,
        exclude=config.exclude,
        exclude_base=config.directory,
        skip_other_files=request.skip_other_files,
    )
    plan_source = os.path.abspath(request.source_root) if request.source_root else ""
    roots = [
        root
        for environment in _environments(config)
        for root in roots_of(
            workspace,
            discovered,
            Inputs(
                files=(*config.var_files, *environment.var_files),
                name=environment.name,
                read_environment=request.read_environment,
            ),
            Inputs(files=(*config.parameter_files, *environment.parameter_files), name=environment.name),
            plan_source,
        )
    ]
    deployments = tuple(_load_all(request, workspace, roots, discovered))
    exports: Exports | None = None
    if discovered.templates:
        from iaclint import cloudformation

        # what one stack exports, another one imports
        deployments, exports = cloudformation.join(workspace, deployments)
    by_identity = {id(deployment): root for deployment, root in zip(deployments, roots, strict=True)}
    return Loaded(deployments, by_identity, discovered, _base(paths, deleted), workspace, exports)


def _environments(config: Config) -> tuple[Environment, ...]:
    """Return the environments of the config, or a nameless one."""
    return config.environments or (Environment(""),)


def _check_paths(request: Request, paths: Sequence[str]) -> None:
    """Raise UsageError if a path, a file of variables or a file of parameters does not exist.

    paths  those of the request, absolute
    """
    for as_given, path in zip(request.paths, paths, strict=True):
        if not os.path.lexists(path) and path not in request.overlay:
            raise UsageError(_missing(as_given))
    config = request.config
    environments = _environments(config)
    for name in (*config.var_files, *(file for e in environments for file in e.var_files)):
        if not os.path.isfile(name):
            raise UsageError(f"the file of variables {_missing(shown_path(name))}")
    for name in (*config.parameter_files, *(file for e in environments for file in e.parameter_files)):
        if not os.path.isfile(name):
            raise UsageError(f"the file of parameters {_missing(shown_path(name))}")


def _missing(path: str) -> str:
    """Return the message that a path does not exist, with the name in its directory that is most like it."""
    directory, name = os.path.split(path.rstrip("/\\"))
    try:
        near = closest(name, os.listdir(directory or "."))
    except OSError:
        near = ""
    return f"{path} does not exist" + (f"; did you mean {os.path.join(directory, near)}?" if near else "")


def _base(paths: Sequence[str], deleted: Sequence[str]) -> str:
    """Return the root of the repository that the first path lies in, or else the directory that holds all paths."""
    directories = [path if os.path.isdir(path) else os.path.dirname(path) for path in (*paths, *deleted)]
    root = repository_root(directories[0])
    if root:
        return root
    try:
        return os.path.commonpath(directories)
    except ValueError:  # they lie on several drives
        return directories[0]


def _workspace(request: Request, paths: Sequence[str], deleted: Sequence[str]) -> Workspace:
    """Return what may be read: the named directories, the repositories of named files, and the files of inputs."""
    config = request.config
    environments = _environments(config)
    directories = [path for path in paths if os.path.isdir(path)]
    files = [path for path in (*paths, *deleted) if not os.path.isdir(path)]
    boundaries = [
        *directories,
        *(repository_root(file) or os.path.dirname(file) for file in files),
        *(extra for extra in (request.root, request.source_root) if extra),
    ]
    named = [
        *map(os.path.abspath, (*files, *config.var_files, *config.parameter_files)),
        *(file for e in environments for file in (*e.var_files, *e.parameter_files)),
    ]
    return Workspace(
        tuple(dict.fromkeys(map(os.path.realpath, boundaries))),
        frozenset({*named, *map(os.path.realpath, named)}),
        overlay=request.overlay,
    )


def _load_all(
    request: Request, workspace: Workspace, roots: Sequence[Root], discovered: Discovered
) -> list[Deployment]:
    """Return the deployments of roots, loaded by several processes if there is enough to do."""

    def announce(root: Root) -> None:
        if request.progress:
            request.progress(f"reading {workspace.display(root.path)}")

    jobs = request.jobs or default_jobs()
    directories = frozenset(discovered.directories)
    sizes = [size_of(workspace, root, directories) for root in roots] if jobs > 1 and len(roots) > 1 else []
    if sum(size for size, _ in sizes) < (1 if request.jobs else PARALLEL_LOAD_MIN_CHARS):
        deployments = []
        for root in roots:
            announce(root)
            deployments.append(load_root(workspace, root))
        return deployments
    from iaclint.run.parallel import load_shared

    return load_shared(workspace, roots, sizes, jobs, request.executor, announce)
