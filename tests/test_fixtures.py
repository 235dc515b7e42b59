"""The cases in fixtures/cases say themselves what is found in them, line by line.

`# rules: a, b` in a file names the rules that are run over its directory. `# expect: a` stands on the line of a failure
("x2" for two of them, "in prod" for one that holds in an environment), `# unknown: a` on that of an undecided one.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from iaclint import Outcome, Report, Request, scan
from iaclint.linting import config as settings
from tests.builtin_rules import RULES

ROOT = Path(__file__).parents[1]
CASES = ROOT / "fixtures" / "cases"

EXPECT = re.compile(r"# (expect|unknown): (.+)$")
ENTRY = re.compile(r"(?P<rule>[\w-]+)(?: x(?P<count>\d+))?(?: in (?P<environment>\w+))?")


def expected(directory: Path) -> tuple[set[str], Counter[tuple[str, int, str, str, str]]]:
    """The rules to run, and how often each (file, line, outcome, rule, environment) is expected."""
    rules: set[str] = set()
    found: Counter[tuple[str, int, str, str, str]] = Counter()
    for path in sorted(directory.rglob("*")):
        if path.suffix not in (".tf", ".yaml"):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line.startswith("# rules: "):
                rules |= {word.strip() for word in line.removeprefix("# rules: ").split(",")}
            if match := EXPECT.search(line):
                outcome = "fail" if match[1] == "expect" else "unknown"
                for entry in match[2].split(","):
                    part = ENTRY.fullmatch(entry.strip())
                    assert part, line
                    key = (
                        path.relative_to(directory).as_posix(),
                        number,
                        outcome,
                        part["rule"],
                        part["environment"] or "",
                    )
                    found[key] += int(part["count"] or 1)
    return rules, found


def run(directory: Path, rules: set[str]) -> Report:
    file = directory / ".iaclint.toml"
    config = settings.read_config(str(file)) if file.exists() else settings.Config()
    return scan(Request(paths=(str(directory),), config=config, rules=tuple(RULES[r] for r in sorted(rules))))


@pytest.mark.parametrize("directory", sorted(CASES.iterdir()), ids=lambda p: p.name)
def test_a_case_is_judged_as_it_says(directory: Path) -> None:
    rules, wanted = expected(directory)
    assert rules, "no line says which rules to run"
    report = run(directory, rules)
    assert not [p.message for p in report.problems]
    found: Counter[tuple[str, int, str, str, str]] = Counter()
    for verdict in report.verdicts:
        assert verdict.outcome is not Outcome.ERROR, verdict.message
        if verdict.outcome in (Outcome.FAIL, Outcome.UNKNOWN) and verdict.address:
            span = verdict.site.span
            name = Path(span.file.path).relative_to(directory).as_posix()
            for environment in verdict.environments or ("",):
                found[name, span.line, verdict.outcome.value, verdict.rule.id, environment] += 1
    assert found == wanted


def test_undecided_names_the_input() -> None:
    report = run(CASES / "07-no-value", {"security-group-admin-port-open"})
    said = {v.address: str(v.reasons[0]) for v in report.of(Outcome.UNKNOWN)}
    assert "var.cidrs" in said["aws_security_group.inline"]
    assert "var.cidr " in said["aws_vpc_security_group_ingress_rule.standalone"]
    assert "Cidr" in said["Ssh"]
