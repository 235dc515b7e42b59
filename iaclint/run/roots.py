"""Roots: what is loaded as one Deployment."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from iaclint.model.inventory import Deployment, Inputs
from iaclint.source.discovery import Discovered
from iaclint.source.files import Unreadable, Workspace

if TYPE_CHECKING:
    from iaclint.cloudformation.exports import Exports


class Root(Struct, frozen=True):
    """What is loaded as one Deployment.

    form    "terraform" (`path` is a directory), "plan" or "cloudformation"
    path    absolute
    inputs  what it is evaluated with; their name is the environment
    source  for a plan: the configuration that it was made from, absolute, or "" if that is not at hand
    """

    form: Literal["terraform", "plan", "cloudformation"]
    path: str
    inputs: Inputs
    source: str = ""


def roots_of(
    workspace: Workspace, discovered: Discovered, terraform_inputs: Inputs, template_inputs: Inputs, plan_source: str
) -> Iterator[Root]:
    """Yield the roots among what was discovered, for one environment.

    terraform_inputs, template_inputs  what Terraform and CloudFormation are evaluated with; both name the environment
    plan_source                        the configuration that plans were made from, absolute; "" for none
    """
    if discovered.directories:
        from iaclint import terraform

        for path in terraform.roots(workspace, discovered.directories):
            yield Root("terraform", path, terraform_inputs)
    for path in discovered.plans:
        yield Root("plan", path, Inputs(name=terraform_inputs.name), plan_source)
    if discovered.templates:
        from iaclint import cloudformation

        for path in cloudformation.roots(workspace, discovered.templates):
            yield Root("cloudformation", path, template_inputs)


def load_root(
    workspace: Workspace, root: Root, assignment: Mapping[str, Any] | None = None, exports: Exports | None = None
) -> Deployment:
    """Return the Deployment of a root.

    assignment  inputs that replace those of the root
    exports     what CloudFormation stacks export to each other, once they are joined
    """
    inputs = replace(root.inputs, values={**root.inputs.values, **assignment}) if assignment else root.inputs
    if root.form == "cloudformation":
        from iaclint import cloudformation

        return cloudformation.load(workspace, root.path, inputs, exports)
    from iaclint import terraform

    if root.form == "plan":
        return terraform.load_plan(workspace, root.path, inputs, root.source or None)
    return terraform.load(workspace, root.path, inputs)


def size_of(workspace: Workspace, root: Root, directories: frozenset[str]) -> tuple[int, str]:
    """Return about how much there is to evaluate for a root, and which roots should be loaded by the same process.

    The first is a number of characters; those of a module count for each root that calls it, if its directory is one of
    `directories`. The second is the name of a library that takes long to import, or "".
    """
    if root.form == "terraform":
        from iaclint import terraform

        return terraform.size(workspace, root.path, directories), ""
    try:
        if root.form == "plan":
            return os.path.getsize(root.path), ""
        text = workspace.read(root.path).text
        return len(text), "AWS's translator" if "AWS::Serverless-" in text else ""
    except (OSError, Unreadable):
        return 0, ""
