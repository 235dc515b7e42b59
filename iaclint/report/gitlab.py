"""GitLab Code Quality: a JSON array that the artifact `reports: codequality` takes, on every tier.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

from hashlib import sha256
from json import dumps
from typing import Any

from iaclint.linting.rule import Severity
from iaclint.linting.verdict import Report
from iaclint.report import Options
from iaclint.report.common import Group, Paths, clean, grouped, plural

SEVERITIES = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
}


def render(report: Report, options: Options) -> str:  # noqa: ARG001 - every format has options
    """Return the open findings as a JSON array. Each has a unique fingerprint, since GitLab merges equal ones."""
    paths = Paths(report.base)
    seen: dict[str, int] = {}
    issues = [_issue(group, report, paths, seen) for group in grouped(report.open)]
    if not issues:
        return "[]\n"
    return "[\n" + ",\n".join(" " + dumps(issue, ensure_ascii=False) for issue in issues) + "\n]\n"


def _issue(group: Group, report: Report, paths: Paths, seen: dict[str, int]) -> dict[str, Any]:
    verdict = group.first
    span = paths.anchor(verdict)
    fingerprint = verdict.fingerprint(report.base)
    seen[fingerprint] = seen.get(fingerprint, 0) + 1
    if seen[fingerprint] > 1:
        fingerprint = sha256(f"{fingerprint}:{seen[fingerprint]}".encode()).hexdigest()[:32]
    text = f"{verdict.address}: {verdict.message}" if verdict.address else verdict.message
    if group.rest:
        text += f" (and {plural(len(group.rest), 'more instance')})"
    return {
        "description": clean(text),
        "check_name": verdict.rule.id,
        "fingerprint": fingerprint,
        "severity": SEVERITIES[verdict.severity],
        "location": {"path": clean(paths.shown(span.file)), "lines": {"begin": span.line, "end": span.line}},
    }
