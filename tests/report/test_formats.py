"""JSON against its schema, annotations, Markdown, Code Quality, JUnit."""

from __future__ import annotations

import json
from importlib.resources import files
from xml.etree import ElementTree as ET

import jsonschema  # type: ignore[import-untyped]
import pytest
from msgspec.structs import replace

from iaclint.linting.rule import Severity
from iaclint.linting.verdict import Outcome, Report, Verdict
from iaclint.report import FORMATS, Options, render
from iaclint.report.markdown import code, escaped
from iaclint.source.files import Span
from tests.report.builder import everything, make_deployment, make_report, make_rule, make_site, simple, source

SCHEMA = json.loads(files("iaclint.report").joinpath("schema/report-1.schema.json").read_text("utf-8"))


def many(number: int, severity: Severity = Severity.HIGH) -> Report:
    file = source("main.tf", "x = 1\n" * number)
    rule, deployment = make_rule(), make_deployment([file])
    return make_report(
        Verdict(
            rule,
            Outcome.FAIL,
            deployment,
            f"aws_x.y{index}",
            make_site(Span(file, 6 * index, 6 * index + 1)),
            message="it is wrong",
            severity=severity,
        )
        for index in range(number)
    )


def test_every_format_is_there() -> None:
    for name in FORMATS:
        assert isinstance(render(name, everything(), Options()), str)
        assert render(name, everything(), Options()) == render(name, everything(), Options())
        assert isinstance(render(name, make_report(), Options()), str)


# -- JSON --------------------------------------------------------------------------------------


def test_json_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("show_unknown", [False, True])
@pytest.mark.parametrize("report", [everything(), simple(), make_report()], ids=["everything", "simple", "empty"])
def test_json_follows_its_schema(report: Report, show_unknown: bool) -> None:
    document = json.loads(render("json", report, Options(show_unknown=show_unknown)))
    jsonschema.validate(document, SCHEMA)


def test_json_members_are_all_described() -> None:
    document = json.loads(render("json", everything(), Options(show_unknown=True)))
    for verdict in document["verdicts"]:
        assert set(verdict) <= set(SCHEMA["$defs"]["verdict"]["properties"])
    assert set(document) == set(SCHEMA["properties"])
    assert set(document["summary"]) == set(SCHEMA["$defs"]["summary"]["properties"])


def test_json_holds_what_is_known() -> None:
    document = json.loads(render("json", everything(), Options(show_unknown=True)))
    outcomes = [verdict["outcome"] for verdict in document["verdicts"]]
    assert (outcomes.count("fail"), outcomes.count("unknown"), outcomes.count("error")) == (12, 2, 1)
    fixed = next(verdict for verdict in document["verdicts"] if "fix" in verdict)
    assert fixed["fix"]["edits"][0]["text"] == "true"
    assert [step["file"] for step in fixed["trail"]] == ["main.tf", "variables.tf"]
    fetched = next(verdict for verdict in document["verdicts"] if "inner" in verdict)
    assert fetched["inner"]["file"] == ".terraform/modules/kms/main.tf"
    undecided = next(verdict for verdict in document["verdicts"] if verdict["address"] == "aws_kms_key.maybe")
    assert undecided["because"] == ["var.rotate has no default, variables.tf:1"]


# -- GitHub ------------------------------------------------------------------------------------


def test_annotations() -> None:
    assert render("github", simple(), Options(quiet=True)) == (
        "::warning file=main.tf,line=3,endLine=3,col=25,endColumn=35,title=kms-key-not-rotated"
        "::aws_kms_key.main: key rotation is off.\n"
    )


def test_annotations_have_limits() -> None:
    lines = render("github", many(25), Options()).splitlines()
    assert sum(line.startswith("::error ") for line in lines) == 10
    assert "iaclint: 15 more annotations left out, since GitHub shows 10 a level" in lines


def test_changed_files_come_first() -> None:
    first, second = simple(name="a.tf", address="a.a"), simple(name="b.tf", address="b.b")
    report = make_report([*first.verdicts, *second.verdicts])
    lines = render("github", report, Options(changed=frozenset({"/repo/b.tf"}))).splitlines()
    assert "file=b.tf" in lines[0]
    assert "file=a.tf" in lines[1]


def test_no_name_starts_a_command() -> None:
    report = simple(message="x\n::error::y\r\n::set-output name=a::b", address="a%0A::warning::b", name="a,b:c%.tf")
    lines = render("github", report, Options(quiet=True)).splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("::warning file=a%2Cb%3Ac%25.tf,line=3,")
    assert "a%250A::warning::b" in lines[0]


# -- GitLab ------------------------------------------------------------------------------------


def test_code_quality() -> None:
    assert json.loads(render("gitlab", simple(), Options())) == [
        {
            "description": "aws_kms_key.main: key rotation is off",
            "check_name": "kms-key-not-rotated",
            "fingerprint": simple().verdicts[0].fingerprint("/repo"),
            "severity": "major",
            "location": {"path": "main.tf", "lines": {"begin": 3, "end": 3}},
        }
    ]
    assert render("gitlab", make_report(), Options()) == "[]\n"


def test_code_quality_fingerprints_are_unique() -> None:
    file = source("main.tf", "x = 1\ny = 2\n")
    rule, deployment = make_rule(), make_deployment([file])
    report = make_report(
        Verdict(rule, Outcome.FAIL, deployment, "a.b", make_site(Span(file, start, start + 1)), message="same")
        for start in (0, 6)
    )
    issues = json.loads(render("gitlab", report, Options()))
    assert len({issue["fingerprint"] for issue in issues}) == 2


# -- JUnit -------------------------------------------------------------------------------------


def test_junit() -> None:
    top = ET.fromstring(render("junit", everything(), Options()))
    assert (top.get("tests"), top.get("failures"), top.get("errors"), top.get("skipped")) == ("18", "8", "3", "6")
    assert [suite.get("name") for suite in top] == [".", "network", "input"]
    for suite in top:
        names = [case.get("name") for case in suite]
        assert len(names) == len(set(names)) == int(suite.get("tests", ""))
        assert all(len(case) <= 1 for case in suite)


# -- Markdown ----------------------------------------------------------------------------------


def test_markdown() -> None:
    text = render("markdown", everything(), Options(show_unknown=True))
    for part in ("### Critical: 1", "### Low: 1", "2 undecided", "4 suppressed", "2 not seen", "[!CAUTION]"):
        assert part in text
    assert "✅" not in text
    assert "✅ No findings" in render("markdown", make_report(), Options())


def test_markdown_stays_below_what_github_takes() -> None:
    report = many(6000)
    assert len(render("markdown", report, Options()).encode()) < 2**20
    assert "and 5,000 more" in render("markdown", report, Options())
    long = everything({"message": "漢" * 100_000, "address": "漢" * 100_000})
    assert len(render("markdown", long, Options(show_unknown=True)).encode()) < 2**20


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a|b", "`a\\|b`"),
        ("a`b", "``a`b``"),
        ("`", "`` ` ``"),
        ("``", "``` `` ```"),
        ("<script>", "`<script>`"),
        ("a\nb", "`a b`"),
        ("", ""),
    ],
)
def test_code(text: str, shown: str) -> None:
    assert code(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert\\(1\\)&lt;/script&gt;"),
        ("[a](b)", "\\[a\\]\\(b\\)"),
        ("a|b", "a\\|b"),
        ("@user", "@\u200buser"),
        ("#12", "#\u200b12"),
        ("https://example.com", "https://\u200bexample.com"),
        ("key rotation is off", "key rotation is off"),
    ],
)
def test_escaped(text: str, shown: str) -> None:
    assert escaped(text) == shown


def test_deployments_of_environments_are_suites() -> None:
    report = simple()
    [verdict] = report.verdicts
    verdict = replace(verdict, deployment=replace(verdict.deployment, environment="prod"))
    assert ET.fromstring(render("junit", replace(report, verdicts=(verdict,)), Options()))[0].get("name") == ". (prod)"
