"""The files of `docs/rules/`: a page for each rule, and the list of rules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from iaclint.linting.rule import Rule
from iaclint.report.coverage import PAGE, coverage_page
from iaclint.report.help import rule_help

INDEX = "README.md"


def pages(rules: Iterable[Rule[Any]]) -> dict[str, str]:
    """Return the Markdown texts of the pages by file name."""
    ordered = sorted(rules, key=lambda rule: rule.id)
    found = {f"{rule.id}.md": _page(rule) for rule in ordered}
    found[INDEX] = _index(ordered)
    found[PAGE] = coverage_page(ordered)
    return found


def _page(rule: Rule[Any]) -> str:
    markdown = rule_help(rule)[1]
    off = "" if rule.enabled else f"\n\nThis rule is off by default: run it with `--extend-select {rule.id}`."
    accept = ""
    if rule.family != "exceptions":
        accept = (
            "\n\n### To accept a finding\n\n"
            f"Write `# iaclint: ignore[{rule.id}] the reason` on its line or above it; "
            "[exceptions](../exceptions.md) says more."
        )
    return f"# {rule.id}\n\n{markdown}{off}{accept}\n"


def _index(rules: list[Rule[Any]]) -> str:
    parts = [
        "# Rules",
        "These pages are made from the rules by `iaclint docs`. "
        "`iaclint explain RULE` says the same, `iaclint rules` lists them.",
    ]
    for family in sorted({rule.family for rule in rules}):
        rows = "\n".join(
            f"| [{rule.id}]({rule.id}.md) | {rule.severity.value} | {rule.title} | {', '.join(rule.soc2)} |"
            for rule in rules
            if rule.family == family
        )
        parts.append(f"## {family}\n\n| rule | severity | | SOC 2 |\n|---|---|---|---|\n{rows}")
    return "\n\n".join(parts) + "\n"
