"""Verdicts over real-looking code, and reports letter by letter. A change shows as a diff of fixtures/golden.

`GOLDEN=update pytest tests/test_golden.py` writes them anew; look at the diff before you commit it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from iaclint import Outcome, Report, Request, Rule, Span, scan
from iaclint.report import Options, render
from iaclint.run.testing import deployment, examples, verdicts
from tests.builtin_rules import ALL_RULES as RULES

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "fixtures" / "golden"
FAMILIES = ("mfa", "network-exposure", "boundary", "audit-logging", "key-management")
FEW = (
    "cloudtrail-logging-stopped",
    "kms-key-not-rotated",
    "mfa-enforcement-bypassable",
    "security-group-admin-port-open",
)


def compare(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("GOLDEN") == "update":
        path.write_text(text, encoding="utf-8", newline="\n")
    assert path.read_text(encoding="utf-8") == text


def report(directory: str, rules: tuple[Rule[object], ...]) -> Report:
    return scan(Request(paths=(str(ROOT / "fixtures" / directory),), rules=rules))


@pytest.mark.parametrize("language", ["terraform", "cloudformation"])
def test_verdicts_over_real_code(language: str) -> None:
    found = report(f"real/{language}", tuple(r for r in RULES if r.enabled and r.family in FAMILIES))
    assert not [p.message for p in found.problems]
    base = ROOT / "fixtures" / "real"

    def place(span: Span) -> str:
        return f"{Path(span.file.path).relative_to(base).as_posix()}:{span.line}"

    lines = [
        f"{v.outcome.value:8} {v.rule.id:44} {v.address:50} {place(v.site.span)} {v.message}"
        for v in found.verdicts
        if v.outcome in (Outcome.FAIL, Outcome.UNKNOWN, Outcome.ERROR)
    ]
    assert not [line for line in lines if line.startswith("error")]
    compare(f"real-{language}.txt", "\n".join(lines) + "\n")


def test_what_rules_say_of_their_bad_examples() -> None:
    """Severities, messages, fixes, and what is named besides; in Terraform where a rule has an example in it."""
    lines: list[str] = []
    for example in examples(RULES):
        if example.kind != "bad" or (
            example.language == "cloudformation" and example.rule.bad[example.index].terraform is not None
        ):
            continue
        with deployment(example.text, example.language) as found:
            judged = [v for v in verdicts(example.rule, found) if v.outcome is Outcome.FAIL]
        for v in judged:
            lines.append(f"{example}: {v.severity.value} {v.site.span.line}:{v.site.span.column} {v.message}")
            lines += [f"    {step.what}, line {step.span.line}" for step in v.related]
            if v.fix is not None:
                lines.append(f"    {v.fix.safety.value} fix: {v.fix.title}")
                lines += [f"        {edit.span.text!r} becomes {edit.text!r}" for edit in v.fix.edits]
    compare("rules.txt", "\n".join(lines) + "\n")


@pytest.mark.parametrize("form", ["text", "concise", "sarif", "markdown"])
def test_reports_letter_by_letter(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for name in list(os.environ):
        if name.startswith(("GITHUB_", "CI_")):
            monkeypatch.delenv(name)
    found = report("demo", tuple(r for r in RULES if r.id in FEW))
    text = render(form, found, Options(show_unknown=True, sarif_pretty=True))
    if form == "sarif":
        document = json.loads(text)
        [run] = document["runs"]
        run.pop("versionControlProvenance", None)
        run["tool"]["driver"]["version"] = run["tool"]["driver"]["semanticVersion"] = "0"
        text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    compare(f"demo.{form}", text)
