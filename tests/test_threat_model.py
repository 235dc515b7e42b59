"""Each line of the threat model names tests that there are."""

from __future__ import annotations

import re

import pytest

from tests.command_line import ROOT

LINES = [line for line in (ROOT / "docs" / "threat-model.md").read_text().splitlines() if line.startswith("| ")][1:]


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.split("|")[1].strip()[:40])
def test_its_tests_exist(line: str) -> None:
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", line.split("|")[-2])
    assert named
    for file, test in named:
        assert f"\ndef {test}(" in (ROOT / "tests" / file).read_text(), f"{file}::{test}"


def test_the_security_page_leads_there() -> None:
    assert "(docs/threat-model.md)" in (ROOT / "SECURITY.md").read_text()
