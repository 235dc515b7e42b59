"""What cfn-lint reports about the templates of a run, as verdicts of rules that are cfn-lint's."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from iaclint.linting.rule import Rule, Severity, rule_without_check
from iaclint.linting.verdict import Outcome, Site, Verdict
from iaclint.model.inventory import Deployment
from iaclint.source.files import Problem, SourceFile

NAME = "cfn-lint"
SEVERITIES = {"error": Severity.HIGH, "warning": Severity.MEDIUM}


def cfn_lint_verdicts(
    deployments: Sequence[Deployment], templates: Sequence[str]
) -> tuple[list[Verdict], list[Problem]]:
    """Return a verdict for each remark of cfn-lint on some templates, and problems if it could not run.

    deployments  whose files the verdicts point to; a remark on another file is left out
    templates    absolute paths
    """
    from iaclint.cloudformation import cfn_lint

    remarks, problems = cfn_lint.lint(templates)
    owners = {source.path: (source, deployment) for deployment in deployments for source in deployment.files}
    rules: dict[str, Rule[Any]] = {}
    verdicts: list[Verdict] = []
    for remark in remarks:
        owner = owners.get(os.path.abspath(remark.path))
        if owner is None:
            continue
        source, deployment = owner
        severity = SEVERITIES.get(remark.level, Severity.LOW)
        name = f"{NAME}/{remark.rule}"
        if name not in rules:
            rules[name] = rule_without_check(
                name, NAME, remark.title, f"{remark.description}\n\n{remark.url}", severity
            )
        start = _offset(source, remark.line, remark.column)
        end = _offset(source, remark.end_line, remark.end_column)
        span = source.span(start, max(start, end))
        site = Site(span, span, (), span, (), "")
        message = " ".join(remark.message.split())
        verdicts.append(Verdict(rules[name], Outcome.FAIL, deployment, "", site, message, severity=severity))
    return verdicts, problems


def _offset(source: SourceFile, line: int, column: int) -> int:
    """Return the offset of a line and column (both from 1), or the nearest one that the file has."""
    if line > len(source.lines):
        return len(source.text)
    return min(source.lines[line - 1] + min(column - 1, len(source.line_text(line))), len(source.text))
