"""What no validator checks of our SARIF, but GitHub and editors rely on."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iaclint.linting.rule import Severity
from iaclint.linting.verdict import Outcome, Verdict
from iaclint.report import SARIF_INCLUDES, Options, notices, render
from iaclint.report.common import HOME
from iaclint.report.sarif.linehash import LineHashes
from iaclint.source.files import Span
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

ALL = frozenset(SARIF_INCLUDES)


def run_of(report: Any, options: Options = Options()) -> dict[str, Any]:  # noqa: B008 - frozen
    run: dict[str, Any] = json.loads(render("sarif", report, options))["runs"][0]
    return run


def regions(result: dict[str, Any]) -> dict[str, Any]:
    place: dict[str, Any] = result["locations"][0]["physicalLocation"]
    return place


def test_only_open_failures_by_default() -> None:
    results = run_of(everything())["results"]
    assert {result["kind"] for result in results} == {"fail"}
    assert not any("suppressions" in result for result in results)
    assert len(results) == 6  # three instances of one block are one


@pytest.mark.parametrize(
    ("include", "kinds"),
    [
        ("pass", ["pass"]),
        ("open", ["open"]),
        ("review", ["review"]),
        ("not-applicable", ["notApplicable"]),
        ("suppressed", ["fail"] * 4),
    ],
)
def test_what_is_included(include: str, kinds: list[str]) -> None:
    default = run_of(everything())["results"]
    results = run_of(everything(), Options(sarif_include=frozenset({include})))["results"]
    added = [result for result in results if result not in default]
    assert [result["kind"] for result in added] == kinds
    assert all(result["level"] == "none" for result in added if result["kind"] != "fail")


def test_suppressions() -> None:
    results = run_of(everything(), Options(sarif_include=frozenset({"suppressed"})))["results"]
    found = [result["suppressions"][0] for result in results if "suppressions" in result]
    assert sorted(s["kind"] for s in found) == ["external", "external", "inSource", "inSource"]
    assert {s["status"] for s in found} == {"accepted"}
    assert {s["justification"] for s in found} == {"the key is short-lived (until 2030-01-01)"}


def test_levels_are_written_where_they_equal_the_default() -> None:
    result = run_of(simple(rule=make_rule(severity=Severity.CRITICAL)))["results"][0]
    assert result["level"] == "warning"
    assert result["kind"] == "fail"


def test_rules_carry_what_github_shows() -> None:
    rules = run_of(everything())["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted(rule["id"] for rule in rules)
    for rule in rules:
        properties = rule["properties"]
        assert properties["tags"][0] == "security"
        assert len(properties["tags"]) <= 10
        assert len(set(properties["tags"])) == len(properties["tags"])
        assert isinstance(properties["security-severity"], str)
        assert 0 < float(properties["security-severity"]) <= 10
        assert properties["precision"] in ("very-high", "high", "medium", "low")
        assert len(rule["name"]) <= 255
        assert len(rule["shortDescription"]["text"]) <= 1024
        assert len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"]
    keys = next(rule for rule in rules if rule["id"] == "kms-key-not-rotated")
    assert keys["name"] == "KmsKeyNotRotated"
    assert keys["properties"]["equivalents"] == {
        "cfn_nag": ["F19"],
        "checkov": ["CKV_AWS_7"],
        "trivy": ["AVD-AWS-0065"],
    }
    assert keys["properties"]["security-severity"] == "5.5"
    assert {"external/cwe/cwe-320", "SOC2/CC6.1", "SOC2/C1.1"} <= set(keys["properties"]["tags"])
    for part in ("```hcl", "```yaml", "CKV_AWS_7", "SOC 2 CC6.1", "CWE-320", "`max_days`", "What fails", "What passes"):
        assert part in keys["help"]["markdown"]


def test_long_descriptions_are_cut() -> None:
    rule = run_of(simple(rule=make_rule(doc="word " * 1000, title="t" * 2000)))["tool"]["driver"]["rules"][0]
    assert len(rule["shortDescription"]["text"]) <= 1024
    assert len(rule["fullDescription"]["text"]) <= 1024


def test_rule_metadata_does_not_vary_with_the_code() -> None:
    rule = make_rule()
    with_result = run_of(simple(rule=rule))
    without = run_of(make_report(rules=(rule,)))
    assert with_result["tool"] == without["tool"]
    assert with_result["taxonomies"] == without["taxonomies"]


def test_indices_point_at_what_they_name() -> None:
    run = run_of(everything(), Options(sarif_include=ALL))
    driver = run["tool"]["driver"]

    def holds(reference: dict[str, Any]) -> bool:
        component = reference["toolComponent"]
        taxonomy = run["taxonomies"][component["index"]]
        same = (taxonomy["name"], taxonomy["guid"]) == (component["name"], component["guid"])
        return same and bool(taxonomy["taxa"][reference["index"]]["id"] == reference["id"])

    for rule in driver["rules"]:
        assert all(holds(relationship["target"]) for relationship in rule.get("relationships", []))
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert all(holds(taxon) for taxon in result.get("taxa", []))
    for notification in run["invocations"][0]["toolExecutionNotifications"]:
        descriptor = notification["descriptor"]
        assert driver["notifications"][descriptor["index"]]["id"] == descriptor["id"]


def test_messages() -> None:
    run = run_of(everything(), Options(sarif_include=ALL))
    templates = run["tool"]["driver"]["rules"][0]["messageStrings"]
    for result in run["results"]:
        message = result["message"]
        filled = templates[message["id"]]["text"]
        for index, argument in enumerate(message["arguments"]):
            filled = filled.replace(f"{{{index}}}", argument)
        # the template quotes all that varies, the text only names
        assert filled.replace("'", "") == message["text"].replace("'", "")
        links = {int(number) for number in re.findall(r"\]\((\d+)\)", message["text"])}
        assert links == {location["id"] for location in result.get("relatedLocations", [])}
    rotation = next(r for r in run["results"] if r.get("fixes"))
    assert rotation["message"]["text"].startswith(
        "Key rotation is off in 'aws_kms_key.main'. In prod. See [variables.tf:2](1)"
    )


def test_names_make_no_links() -> None:
    text = run_of(simple(address='a.b["](1)"]', message="is [off](2)"))["results"][0]["message"]["text"]
    assert not re.search(r"\]\(", text)


def test_regions_are_one_line_with_context() -> None:
    for result in run_of(everything(), Options(sarif_include=ALL))["results"]:
        place = regions(result)
        region, context = place["region"], place["contextRegion"]
        assert set(region) == {"startLine", "startColumn", "endLine", "endColumn", "snippet"}
        assert region["startLine"] == region["endLine"]
        assert region["startColumn"] < region["endColumn"]
        assert context["startLine"] <= region["startLine"] <= context["endLine"]
        assert region["snippet"]["text"] in context["snippet"]["text"]


def test_columns_count_code_points() -> None:
    place = regions(run_of(simple('x = "😀漢" + var.rotate\n'))["results"][0])
    assert (place["region"]["startColumn"], place["region"]["endColumn"]) == (12, 22)
    assert place["region"]["snippet"]["text"] == "var.rotate"


def test_one_long_line_is_cut() -> None:
    log = render("sarif", simple("x" * 200_000 + "var.rotate" + "x" * 200_000), Options())
    assert len(log) < 20_000


def test_paths_are_encoded_and_relative() -> None:
    run = run_of(everything({"file": "a b/ü #1 100%.tf"}))
    addresses = set(re.findall(r'"uri": "([^"]*)"', json.dumps(run)))
    assert "a%20b/%C3%BC%20%231%20100%25.tf" in addresses
    assert not any(address.startswith(("/", ".")) for address in addresses)
    assert "/repo" not in json.dumps(run)
    assert ".terraform" not in addresses


def test_a_module_from_elsewhere_is_reported_at_its_call() -> None:
    results = run_of(everything())["results"]
    fetched = next(r for r in results if "module.kms." in r["message"]["text"])
    assert regions(fetched)["artifactLocation"]["uri"] == "network/main.tf"
    assert ".terraform/modules/kms/main.tf:3" in fetched["message"]["text"]
    assert fetched["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "module.kms.aws_kms_key.main"


def test_a_span_outside_of_the_repository_falls_back_to_the_call() -> None:
    from iaclint.model.value import Step
    from iaclint.source.files import SourceFile

    call = source("main.tf", MAIN)
    away = SourceFile("/elsewhere/m/main.tf", MAIN, "/elsewhere/m/main.tf")
    site = make_site(at(away, "var.rotate"), calls=(Step(at(call, "resource"), "module.m"),))
    verdict = Verdict(make_rule(), Outcome.FAIL, make_deployment([call]), "module.m.a.b", site, message="x")
    log = render("sarif", make_report([verdict]), Options())
    assert "/elsewhere" not in log
    assert json.loads(log)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"] == {
        "uri": "main.tf",
        "uriBaseId": "%SRCROOT%",
    }


def test_two_calls_of_one_module_stay_apart() -> None:
    results = [r for r in run_of(everything())["results"] if "module." in r["message"]["text"]]
    assert len({r["partialFingerprints"]["iaclint/v1"] for r in results}) == 2


def test_fingerprints() -> None:
    result = run_of(simple())["results"][0]
    assert result["partialFingerprints"]["primaryLocationLineHash"] == LineHashes(MAIN)[2]
    verdict = simple().verdicts[0]
    assert result["partialFingerprints"]["iaclint/v1"] == verdict.fingerprint("/repo")


@pytest.mark.parametrize(
    ("text", "hashes"),
    [
        ('acl = "private"\n', ["2746c7eb524e6abd:1"]),
        ("a = 1\r\n\tb = 2\n", ["3500b72a4d7dbe57:1", "4cd2d5cdff705f66:1"]),
        ('x = "é😀"\n', ["a778e6c04edaf790:1"]),
    ],
)
def test_line_hashes_are_githubs(text: str, hashes: list[str]) -> None:
    assert LineHashes(text)[: len(hashes)] == hashes


def test_equal_lines_are_numbered() -> None:
    same = "x = 1\n" * 300
    assert [h.partition(":")[2] for h in LineHashes(same)[:3]] == ["1", "2", "3"]
    assert list(LineHashes("a\rb\rc")) == list(LineHashes("a\nb\r\nc"))


@given(st.text("ab \t\r\n😀\ud800\u0a00é", max_size=60))
def test_line_hashes_are_those_of_the_rolling_hash(text: str) -> None:
    """Unit by unit, as github/codeql-action does it, and not as fast."""
    squeezed = text.replace("\r\n", "\n").replace("\r", "\n").replace(" ", "").replace("\t", "")
    data = (squeezed + "\uffff").encode("utf-16-le", "surrogatepass")
    units = [data[at] + 256 * data[at + 1] for at in range(0, len(data), 2)] + [0] * 100
    starts = [0, *(at + 1 for at, unit in enumerate(units) if unit == 10)]
    seen: Counter[int] = Counter()
    expected = []
    for start in starts:
        value = 0
        for unit in units[start : start + 100]:
            value = (value * 37 + unit) % 2**64
        seen[value] += 1
        expected.append(f"{value:x}:{seen[value]}")
    hashes = LineHashes(text)
    assert [hashes[at] for at in reversed(range(len(hashes)))][::-1] == expected


def test_a_byte_order_mark_counts(tmp_path: Path) -> None:
    from iaclint.source.files import Workspace

    def hashes(data: bytes) -> dict[str, str]:
        (tmp_path / "main.tf").write_bytes(data)
        file = Workspace((str(tmp_path),)).read(str(tmp_path / "main.tf"))
        assert file.text == MAIN
        verdict = Verdict(make_rule(), Outcome.FAIL, make_deployment([file]), "a.b", make_site(Span(file, 0, 8)))
        found: dict[str, str] = run_of(make_report([verdict], base=str(tmp_path)))["results"][0]["partialFingerprints"]
        return found

    key = "primaryLocationLineHash"
    assert hashes(MAIN.encode())[key] == LineHashes(MAIN)[0]
    assert hashes(b"\xef\xbb\xbf" + MAIN.encode())[key] == LineHashes("\ufeff" + MAIN)[0]
    assert key not in hashes(MAIN.encode("utf-16"))


def test_code_flows() -> None:
    results = run_of(everything())["results"]
    rotation = next(r for r in results if r.get("fixes"))
    value, hops = rotation["codeFlows"]
    places = [
        (step["location"]["physicalLocation"]["artifactLocation"]["uri"], step["location"]["message"]["text"])
        for step in value["threadFlows"][0]["locations"]
    ]
    assert places == [
        ("variables.tf", "Variable default."),
        ("main.tf", "var.rotate."),
        ("main.tf", "Key rotation is off."),
    ]
    assert hops["message"]["text"] == "What leads there."
    called = next(r for r in results if "module.keys" in r["message"]["text"])
    assert called["codeFlows"][0]["message"]["text"] == "How the module is called."


def test_fixes() -> None:
    fix = next(r for r in run_of(everything())["results"] if r.get("fixes"))["fixes"][0]
    assert fix["description"]["text"] == "Turn rotation on."
    first, second = fix["artifactChanges"]
    assert first["artifactLocation"]["uri"] == "variables.tf"
    assert first["replacements"][0]["insertedContent"]["text"] == "true"
    region = second["replacements"][0]["deletedRegion"]
    assert (region["startLine"], region["startColumn"], region["endLine"], region["endColumn"]) == (1, 1, 1, 1)


def test_instances_of_a_block_are_one_result() -> None:
    group = next(r for r in run_of(everything())["results"] if r["ruleId"] == "security-group-open-to-world")
    assert group["occurrenceCount"] == 3
    names = [place["fullyQualifiedName"] for place in group["locations"][0]["logicalLocations"]]
    assert names == [f"aws_security_group.web[{index}]" for index in range(3)]
    assert len(set(group["properties"]["fingerprints"])) == 3


def test_what_could_not_be_read_is_notified() -> None:
    invocation = run_of(everything())["invocations"][0]
    assert invocation["executionSuccessful"] is False
    levels = [n["level"] for n in invocation["toolExecutionNotifications"]]
    assert levels == ["error", "error", "warning", "note", "note", "error"]
    assert run_of(simple())["invocations"] == [{"executionSuccessful": True}]


def test_sensitive_values_are_hidden() -> None:
    for options in (Options(), Options(sarif_include=ALL)):
        assert "secret" not in render("sarif", everything(), options).replace("one leaked secret", "")


def test_results_are_sorted_by_place() -> None:
    results = run_of(everything(), Options(sarif_include=ALL))["results"]
    places = [
        (regions(r)["artifactLocation"]["uri"], regions(r)["region"]["startLine"], regions(r)["region"]["startColumn"])
        for r in results
    ]
    assert places == sorted(places)


def test_too_many_results_are_sorted_by_severity_and_told() -> None:
    file = source("main.tf", "x = 1\n" * 5001)
    rule, deployment = make_rule(), make_deployment([file])
    report = make_report(
        Verdict(
            rule,
            Outcome.FAIL,
            deployment,
            f"a.b{index}",
            make_site(Span(file, 6 * index, 6 * index + 1)),
            message="x",
            severity=Severity.CRITICAL if index == 5000 else Severity.LOW,
        )
        for index in range(5001)
    )
    assert notices("sarif", report, Options()) == (
        "5,001 results: GitHub code scanning keeps 5,000 of a run, the most severe first",
    )
    assert run_of(report)["results"][0]["level"] == "error"
    assert notices("sarif", simple(), Options()) == ()
    assert notices("text", report, Options()) == ()


def test_the_category_is_the_text_before_the_last_slash() -> None:
    assert run_of(simple(), Options(sarif_category="prod"))["automationDetails"]["id"] == "prod/"
    assert run_of(simple(), Options(sarif_category="a/b/"))["automationDetails"]["id"] == "a/b/"
    assert "automationDetails" not in run_of(simple())


def test_same_bytes_twice() -> None:
    options = Options(sarif_include=ALL)
    assert render("sarif", everything(), options) == render("sarif", everything(), options)
    pretty = render("sarif", everything(), Options(sarif_include=ALL, sarif_pretty=True))
    assert json.loads(pretty) == json.loads(render("sarif", everything(), options))


def test_same_bytes_in_any_process() -> None:
    """Nothing depends on the order of sets, which differs from process to process."""
    program = (
        "from tests.report.builder import everything\n"
        "from iaclint.report import Options, render\n"
        "import hashlib\n"
        "print(hashlib.sha256(render('sarif', everything(), Options()).encode()).hexdigest())"
    )
    root = Path(__file__).parents[2]
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=root,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_formats_are_imported_when_asked_for() -> None:
    program = "import sys, iaclint.report; print([m for m in ('sarif_om', 'attr', 'click') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_only_the_classes_that_are_written_are_made() -> None:
    code = (
        "import sys, iaclint.report.sarif as s; ours = {m for m in sys.modules if m.startswith('sarif_om')}; "
        "import sarif_om; assert sarif_om.Result is s.om.Result; assert sarif_om.Address; "
        "sys.exit(' '.join(ours & {'sarif_om', 'sarif_om._address', 'sarif_om._graph'}) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_ids_of_taxonomies_come_from_their_names() -> None:
    for taxonomy in run_of(everything())["taxonomies"]:
        assert taxonomy["guid"] == str(uuid5(NAMESPACE_URL, f"{HOME}/taxonomies/{taxonomy['name']}"))
