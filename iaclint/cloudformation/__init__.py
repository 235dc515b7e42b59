"""CloudFormation templates to the common model: `may_be_template`, `roots`, `load` and `join` are the public names.

The modules behind them are imported when they are first called: a run over Terraform alone needs none of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iaclint.cloudformation.exports import Exports
    from iaclint.model.inventory import Deployment, Inputs
    from iaclint.source.files import Workspace

__all__ = ["join", "load", "may_be_template", "roots"]


def may_be_template(text: str) -> bool:
    """Return True if a YAML or JSON text may be a template: a quick search, no parsing."""
    from iaclint.cloudformation.sniff import may_be_template as search

    return search(text)


def roots(workspace: Workspace, paths: Sequence[str]) -> tuple[str, ...]:
    """Return the template files that no other one of them nests as a stack."""
    from iaclint.cloudformation import stacks

    return stacks.roots(workspace, paths)


def load(workspace: Workspace, path: str, inputs: Inputs, exports: Exports | None = None) -> Deployment:
    """Return one template with the stacks nested in it, evaluated with the inputs. Never raises on what it reads.

    exports  what `Fn::ImportValue` finds: the exports that `join` returned; None while they are not collected
    """
    from iaclint.cloudformation import stacks
    from iaclint.cloudformation.exports import Exports

    return stacks.load(workspace, path, inputs, exports or Exports())


def join(workspace: Workspace, deployments: Sequence[Deployment]) -> tuple[tuple[Deployment, ...], Exports]:
    """Return the deployments with `Fn::ImportValue` resolved by what the others export, and all exports.

    Call it once after all templates are loaded, and hand the exports to each later `load`, such as that of the same
    template with other inputs. Deployments of Terraform are returned as they are.
    """
    from iaclint.cloudformation import stacks

    return stacks.join(workspace, deployments)
