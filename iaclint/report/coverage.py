"""Which checks of other tools have an answer here, and which have none and why: in the five families.

What a rule answers stands in its `equivalents`. What no rule answers, although a tool checks it in these families,
stands with the reason in unanswered.toml. The ids are those of the tools' own lists of checks.
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
    """The checks without an answer, by tool, each with the reason."""
    import tomllib

    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "unanswered.toml")
    with open(path, "rb") as stream:
        return tomllib.load(stream)


def coverage(rules: Iterable[Rule[Any]], tool: str) -> list[tuple[str, tuple[Rule[Any], ...], str]]:
    """(check, the rules that answer it, why none does) for all of a tool's checks in these families, sorted."""
    answers: dict[str, list[Rule[Any]]] = {}
    for rule in rules:
        if rule.family in FAMILIES:
            for check in rule.equivalents.get(tool, ()):
                answers.setdefault(check, []).append(rule)
    why = unanswered().get(tool, {})
    return [(check, tuple(answers.get(check, ())), why.get(check, "")) for check in sorted({*answers, *why})]


def coverage_text(rules: Iterable[Rule[Any]], tool: str) -> str:
    """A line for each check, and a last line that counts."""
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
    """The page of the documentation."""
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
