"""iaclint: what a rule may import, and `scan` for programs. Imports no parser.

`aws` holds the typed views: `from iaclint import aws`.
"""

from iaclint.inventory import Deployment, Inventory, Resource
from iaclint.rule import Example, Finding, Outcome, Report, Rule, Severity, Verdict, rule
from iaclint.scan import Request, scan
from iaclint.source import Edit, Fix, Safety, Span
from iaclint.value import FALSE, TRUE, Partial, Reason, Step, Truth, Undetermined, Unknown, Value, all_of, any_of

__version__ = "0.1.0"

__all__ = [
    "FALSE",
    "TRUE",
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
    "Undetermined",
    "Unknown",
    "Value",
    "Verdict",
    "all_of",
    "any_of",
    "rule",
    "scan",
]
