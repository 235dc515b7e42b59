"""Data sources whose result follows from the configuration alone.

Source of facts: the documentation of the AWS provider's data sources.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iaclint.terraform.syntax import Block
from iaclint.value import Value

if TYPE_CHECKING:
    from iaclint.terraform.modules import Instance, ModuleInstance

V = Value[Any]


def complete(module: ModuleInstance, kind: str, instance: Instance, block: Block) -> None:
    """Add what can be computed to the body of a data source."""
