"""iaclint: what a rule may import, and `scan` for programs. Imports no parser.

`aws` holds the typed views: `from iaclint import aws`.
"""

from iaclint.aws.joins import attached_to
from iaclint.aws.views import Block, View, attr, blocks, per_vendor
from iaclint.linting.rule import Example, Finding, Rule, Severity, Undecided, rule
from iaclint.linting.verdict import Outcome, Report, Verdict
from iaclint.model.inventory import Deployment, Inventory, Resource
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, TRUE, Reason, Truth, Undetermined, all_of, any_of
from iaclint.model.value import Step, Unknown, Value
from iaclint.run.request import Request
from iaclint.run.scan import scan
from iaclint.source.edits import Edit, Fix, Safety
from iaclint.source.files import Span
from iaclint.version import __version__ as __version__

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
