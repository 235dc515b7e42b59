"""The facade: what a rule may import, and `scan` and `Request` for programs. It imports no parser.

The views of AWS resources are in `aws`: `from iaclint import aws`. Inside the package nothing imports the facade.
"""

from typing import TYPE_CHECKING, Any

from iaclint.aws.joins import attached_to
from iaclint.aws.views import Block, View, attr, blocks, per_vendor
from iaclint.linting.rule import Example, Finding, Rule, Severity, Undecided, rule
from iaclint.linting.verdict import Outcome, Report, Verdict
from iaclint.model.inventory import Deployment, Inventory, Resource
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, TRUE, Reason, Truth, Undetermined, all_of, any_of
from iaclint.model.value import Step, Unknown, Value
from iaclint.source.edits import Edit, Fix, Safety
from iaclint.source.files import Span
from iaclint.version import __version__ as __version__

if TYPE_CHECKING:
    from iaclint.run.request import Request
    from iaclint.run.scan import scan

__all__ = [
    "FALSE",
    "TRUE",
    "Block",
    "Deployment",
    "Edit",
    "Example",
    "Finding",
    "Fix",
    "Inventory",
    "Outcome",
    "Partial",
    "Reason",
    "Report",
    "Request",
    "Resource",
    "Rule",
    "Safety",
    "Severity",
    "Span",
    "Step",
    "Truth",
    "Undecided",
    "Undetermined",
    "Unknown",
    "Value",
    "Verdict",
    "View",
    "all_of",
    "any_of",
    "attached_to",
    "attr",
    "blocks",
    "per_vendor",
    "rule",
    "scan",
]


def __getattr__(name: str) -> Any:
    """Import `scan` and `Request` when a program first asks for them: a rule needs neither, nor does `--version`."""
    if name == "Request":
        from iaclint.run.request import Request

        return Request
    if name == "scan":
        from iaclint.run.scan import scan

        return scan
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
