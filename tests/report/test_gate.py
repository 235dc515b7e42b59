"""Every feature of our SARIF passes the gate without one message, and the gate finds what is broken."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from iaclint.linting.verdict import Outcome, Report, Verdict
from iaclint.report import SARIF_INCLUDES, Options, render
from iaclint.source.edits import Edit, Fix
from iaclint.source.files import Span
from tests import sarif_gate
from tests.report.builder import (
    MAIN,
    at,
    everything,
    make_deployment,
    make_report,
    make_rule,
    make_site,
    simple,
    source,
)

pytestmark = pytest.mark.sarif_gate


@pytest.fixture(autouse=True)
def validator() -> None:
    if not sarif_gate.available():
        message = "the SARIF validator is not here: run .ci/install-sarif-multitool"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)


ALL = frozenset(SARIF_INCLUDES)

ODD_TEXTS = {
    "one line": "x = 1",
    "one line with its end": "x = 1\n",
    "windows": MAIN.replace("\n", "\r\n"),
    "old mac": MAIN.replace("\n", "\r"),
    "tabs": MAIN.replace("  ", "\t"),
    "minified": '{"Resources": {' + ", ".join(f'"K{i}": {{"Type": "AWS::KMS::Key"}}' for i in range(2000)) + "}}",
    "wide": 'x = "漢字😀" # x\n' + MAIN,
}


def whole(text: str) -> Report:
    file = source("main.tf", text)
    rule, deployment = make_rule(), make_deployment([file])
    middle = Span(file, len(text) // 2, len(text) // 2 + 1)
    fix = Fix("put it right", (Edit(Span(file, 0, 0), "a"), Edit(Span(file, len(text), len(text)), "\nb\n")))
    spans = (file.whole, Span(file, 0, 0), Span(file, len(text), len(text)), middle)
    return make_report(
        Verdict(rule, Outcome.FAIL, deployment, f"a.b{index}", make_site(span), message="it is wrong", fix=fix)
        for index, span in enumerate(spans)
    )


REPORTS: dict[str, tuple[Report, Options]] = {
    "no results": (make_report(rules=(make_rule(),)), Options()),
    "everything": (everything(), Options()),
    "everything, all kinds": (everything(), Options(sarif_include=ALL)),
    "everything, indented, with a category": (everything(), Options(sarif_pretty=True, sarif_category="prod")),
    "a file name to encode": (everything({"file": "a b/ü #1 100%.tf"}), Options(sarif_include=ALL)),
    "a file name with a colon": (everything({"file": "a:b?c[0].tf"}), Options()),
    "a subdirectory": (simple(name="envs/prod/main.tf"), Options()),
    "links and placeholders in names": (
        everything(
            {"address": 'module.x["](1) {0}"].aws_kms_key.a', "message": "it's {1} [here](2)", "what": "[a](9)"}
        ),
        Options(),
    ),
    **{name: (whole(text), Options()) for name, text in ODD_TEXTS.items()},
}


def test_every_feature(tmp_path: Path, in_github: None) -> None:
    files = []
    for index, (report, options) in enumerate(REPORTS.values()):
        file = tmp_path / f"{index:02}.sarif"
        file.write_text(render("sarif", report, options), "utf-8")
        files.append(file)
    names = dict(zip((file.name for file in files), REPORTS, strict=True))
    messages = sarif_gate.check(files)
    assert not [f"{names.get(m.partition(':')[0])}: {m}" for m in messages]


def test_outside_of_git(tmp_path: Path) -> None:
    """Where the code comes from is then not known, which the validator regrets; nothing else is."""
    file = tmp_path / "a.sarif"
    file.write_text(render("sarif", everything(), Options()), "utf-8")
    assert {message.split()[1] for message in sarif_gate.check([file])} == {"SARIF2003"}


@pytest.mark.parametrize("text", ["", "x"])
def test_no_file_is_too_small(tmp_path: Path, in_github: None, text: str) -> None:
    """There is no context then, and in an empty file no snippet either; nothing else is amiss."""
    file = tmp_path / "a.sarif"
    file.write_text(render("sarif", whole(text), Options()), "utf-8")
    assert {message.split()[1] for message in sarif_gate.check([file])} <= {"SARIF2011", "SARIF2010"}


def _spoil_level(result: dict[str, Any]) -> None:
    result["level"] = "fatal"


def _spoil_state(result: dict[str, Any]) -> None:
    result["suppressions"] = [{"kind": "inSource", "state": "accepted"}]


def _spoil_message(result: dict[str, Any]) -> None:
    result["message"] = {"text": "Only text."}


def _spoil_uri(result: dict[str, Any]) -> None:
    result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] = "/home/me/main.tf"


def _spoil_index(result: dict[str, Any]) -> None:
    result["ruleIndex"] = 99


@pytest.mark.parametrize("spoil", [_spoil_level, _spoil_state, _spoil_message, _spoil_uri, _spoil_index])
def test_the_gate_finds_what_is_broken(tmp_path: Path, in_github: None, spoil: Any) -> None:
    log = json.loads(render("sarif", simple(), Options()))
    spoil(log["runs"][0]["results"][0])
    file = tmp_path / "a.sarif"
    file.write_text(json.dumps(log), "utf-8")
    assert sarif_gate.check([file])


def test_the_command(tmp_path: Path, in_github: None, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    file = tmp_path / "a.sarif"
    file.write_text(render("sarif", simple(), Options()), "utf-8")
    monkeypatch.setattr("sys.argv", ["sarif_gate.py", "--large", str(file)])
    assert sarif_gate.main() == 0
    assert capsys.readouterr().out == "1 files, 0 messages\n"


def test_a_span_in_the_builder() -> None:
    assert at(source("a", "xyz"), "xyz", "y").text == "y"
