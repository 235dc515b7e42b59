"""The checks of other tools in the five families: the rules that answer each, or the reason why none does.

A rule lists in `equivalents` the checks that it answers. unanswered.toml lists the checks that no rule answers, with
the reason. The ids are from the tools' own lists of checks.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from iaclint.linting.rule import Rule

FAMILIES = ("mfa", "network-exposure", "boundary", "audit-logging", "key-management")
TOOLS = ("checkov", "trivy", "kics", "guard", "cfn_nag", "security_hub", "config", "cis", "prowler")
PAGE = "coverage.md"


def unanswered() -> dict[str, dict[str, str]]:
    """Return the checks that no rule answers: by tool and id, the reason."""
    import tomllib

    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "unanswered.toml")
    with open(path, "rb") as stream:
        return tomllib.load(stream)


def coverage(rules: Iterable[Rule[Any]], tool: str) -> list[tuple[str, tuple[Rule[Any], ...], str]]:
    """Return (id, the rules that answer it, the reason why none does) for each check of a tool, sorted by id."""
    answers: dict[str, list[Rule[Any]]] = {}
    for rule in rules:
        if rule.family in FAMILIES:
            for check in rule.equivalents.get(tool, ()):
                answers.setdefault(check, []).append(rule)
    why = unanswered().get(tool, {})
    return [(check, tuple(answers.get(check, ())), why.get(check, "")) for check in sorted({*answers, *why})]


def coverage_text(rules: Iterable[Rule[Any]], tool: str) -> str:
    """Return the checks of a tool as text: a line for each, and a last line with the counts."""
    rows = coverage(rules, tool)
    width = max((len(check) for check, _, _ in rows), default=0)
    lines = [f"{check:{width}}  {_answer(found, why)}" for check, found, why in rows]
    answered = sum(1 for _, found, _ in rows if found)
    return "\n".join([*lines, "", f"{answered} of {len(rows)} checks of {tool} in these families have an answer"])


def _answer(found: tuple[Rule[Any], ...], why: str) -> str:
    if not found:
        return f"- {why}"
    return ", ".join(rule.id + ("" if rule.enabled else " (off by default)") for rule in found)


def coverage_page(rules: Iterable[Rule[Any]]) -> str:
    """Return the page docs/rules/coverage.md as Markdown."""
    ordered = sorted(rules, key=lambda rule: rule.id)
    parts = [
        "# Checks of other tools",
        "Which checks of other tools in the families "
        + ", ".join(FAMILIES)
        + " have an answer here. Made by `iaclint docs`; `iaclint rules --coverage TOOL` prints the same.",
    ]
    tables = {tool: coverage(ordered, tool) for tool in TOOLS}
    counts = "\n".join(
        f"| {tool} | {sum(1 for _, found, _ in rows if found)} | {len(rows)} |" for tool, rows in tables.items()
    )
    parts.append("| tool | answered | of |\n|---|---|---|\n" + counts)
    for tool, rows in tables.items():
        lines = [
            f"| `{check}` | "
            + (", ".join(f"[{r.id}]({r.id}.md)" + ("" if r.enabled else " (off by default)") for r in found) or why)
            + " |"
            for check, found, why in rows
        ]
        parts.append(f"## {tool}\n\n| check | answer |\n|---|---|\n" + "\n".join(lines))
    return "\n\n".join(parts) + "\n"
