"""Runs: the one of iaclint, and one of each other tool."""

from __future__ import annotations

import os
from typing import Any

from msgspec.structs import replace

from iaclint.linting.rule import Rule
from iaclint.linting.verdict import Report, Verdict
from iaclint.report import Options
from iaclint.report.common import HOME, clean
from iaclint.report.provenance import provenance
from iaclint.report.sarif import om
from iaclint.report.sarif.descriptors import Taxonomy, other_tool_rule_descriptor, rule_descriptor
from iaclint.report.sarif.notifications import Notifications, notification_descriptors
from iaclint.report.sarif.places import ROOT
from iaclint.report.sarif.results import Results

OTHER_TOOLS = {"cfn-lint": "https://github.com/aws-cloudformation/cfn-lint"}
"""Tools that may be run, too, with their addresses."""


def own_run(report: Report, options: Options) -> Any:
    """Return the run of iaclint."""
    rules = _rules(report)
    taxonomies = [
        Taxonomy.soc2({name for rule in rules for name in rule.soc2}),
        Taxonomy.cwe({number for rule in rules for number in rule.cwe}),
    ]
    driver = om.ToolComponent(
        name="iaclint",
        full_name=f"iaclint {report.version}",
        version=report.version,
        semantic_version=report.version,
        information_uri=HOME,
        rules=[rule_descriptor(rule, taxonomies) for rule in rules],
        notifications=notification_descriptors(),
        supported_taxonomies=[taxonomy.reference for taxonomy in taxonomies],
    )
    return _run(driver, report, options, rules, taxonomies)


def other_tool_run(report: Report, options: Options, tool: str) -> Any:
    """Return the run of another tool: a run of its own, so that its alerts are kept apart from iaclint's."""
    verdicts = tuple(_renamed(v, tool) for v in report.verdicts if v.rule.family == tool)
    report = replace(report, rules=(), verdicts=verdicts, problems=(), gaps=(), unread=())
    rules = _rules(report)
    home = OTHER_TOOLS[tool]
    driver = om.ToolComponent(
        name=tool,
        version=_installed(tool),
        information_uri=home,
        rules=[other_tool_rule_descriptor(rule, home) for rule in rules],
    )
    return _run(driver, report, options, rules, [])


def _run(driver: Any, report: Report, options: Options, rules: list[Rule[Any]], taxonomies: list[Taxonomy]) -> Any:
    results = Results(report, options, rules, taxonomies)
    run = om.Run(
        tool=om.Tool(driver=driver),
        column_kind="unicodeCodePoints",
        results=results.all(),
        invocations=[Notifications(report, results.places, results.rule_index).invocation()],
        taxonomies=[taxonomy.component for taxonomy in taxonomies] or None,
        original_uri_base_ids={ROOT: om.ArtifactLocation(description=om.Message(text="The root of the repository."))},
    )
    source = provenance(report.base, os.environ)
    if source:
        run.version_control_provenance = [
            om.VersionControlDetails(
                repository_uri=source.repository,
                revision_id=source.revision,
                branch=clean(source.branch),
                mapped_to=om.ArtifactLocation(uri_base_id=ROOT),
            )
        ]
    if options.sarif_category:
        # code scanning reads the text up to the last slash as the category
        run.automation_details = om.RunAutomationDetails(id=clean(options.sarif_category).strip("/") + "/")
    return run


def _rules(report: Report) -> list[Rule[Any]]:
    """Return the rules of a report, and those of its verdicts, by id."""
    rules = {rule.id: rule for rule in report.rules}
    rules |= {v.rule.id: v.rule for v in report.verdicts if v.rule.id not in rules}
    return [rules[name] for name in sorted(rules)]


def _renamed(verdict: Verdict, tool: str) -> Verdict:
    """Return the verdict with the id that the tool itself gives to the rule."""
    return replace(verdict, rule=replace(verdict.rule, id=verdict.rule.id.removeprefix(f"{tool}/")))


def _installed(package: str) -> str:
    """Return the version of an installed package, or "0"."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return "0"
