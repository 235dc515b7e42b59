"""iaclint: what a rule may import, and `scan` for programs. Imports no parser.

`aws` holds the typed views: `from iaclint import aws`.
"""

from iaclint.estate import Deployment, Estate, Resource
from iaclint.rule import Finding, Outcome, Report, Rule, Severity, Twin, Verdict, rule
from iaclint.scan import Request, scan
from iaclint.source import Edit, Fix, Safety, Span
from iaclint.value import NO, YES, Population, Reason, Step, Tri, Undetermined, Unknown, Value, tri_all, tri_any

__version__ = "0.1.0"

__all__ = [
    "NO",
    "YES",
    "Deployment",
    "Edit",
    "Estate",
    "Finding",
    "Fix",
    "Outcome",
    "Population",
    "Reason",
    "Report",
    "Request",
    "Resource",
    "Rule",
    "Safety",
    "Severity",
    "Span",
    "Step",
    "Tri",
    "Twin",
    "Undetermined",
    "Unknown",
    "Value",
    "Verdict",
    "rule",
    "scan",
    "tri_all",
    "tri_any",
]
