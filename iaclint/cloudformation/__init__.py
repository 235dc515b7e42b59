"""CloudFormation templates to the common model: `may_be_template`, `roots`, `load` and `join` are the public names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iaclint.model.inventory import Deployment, Inputs
    from iaclint.source.files import Workspace

__all__ = ["join", "load", "may_be_template", "roots"]


def may_be_template(text: str) -> bool:
    """Whether a YAML or JSON text may be a template: a quick search, no parsing."""
    from iaclint.cloudformation.sniff import may_be_template as search

    return search(text)


def roots(workspace: Workspace, paths: Sequence[str]) -> tuple[str, ...]:
    """Those of the template files that no other one of them nests as a stack."""
    from iaclint.cloudformation import stack

    return stack.roots(workspace, paths)


def load(workspace: Workspace, path: str, inputs: Inputs) -> Deployment:
    """One template with the stacks nested in it, evaluated with the inputs. Never raises on what it reads."""
    from iaclint.cloudformation import stack

    return stack.load(workspace, path, inputs)


def join(workspace: Workspace, deployments: Sequence[Deployment]) -> tuple[Deployment, ...]:
    """The deployments with `Fn::ImportValue` resolved by what the others export.

    Call it once after all templates are loaded; a `load` after that (another world of the same
    template) knows the exports by itself. Deployments of Terraform are handed back as they are.
    """
    from iaclint.cloudformation import stack

    return stack.join(workspace, deployments)
