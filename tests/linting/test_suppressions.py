"""Exceptions: where they count, what is wrong with them, and that all of them are accounted for."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.command_line import BAD, ONLY, Result, git, iaclint, write

TODAY = date.today()
TOMORROW, YESTERDAY = (TODAY + timedelta(days=1)).isoformat(), (TODAY - timedelta(days=1)).isoformat()
RULE = "kms-key-not-rotated"
META = {
    "ignore-expired",
    "ignore-invalid",
    "ignore-not-allowed",
    "ignore-open-ended",
    "ignore-unused",
    "ignore-without-reason",
}


def lint(directory: Path, files: dict[str, str], *arguments: str) -> Result:
    write(directory, {".git/HEAD": "", **files})
    return iaclint("--format", "concise", *ONLY, ".", *arguments, cwd=directory)


def found(done: Result) -> list[tuple[str, str]]:
    """(file:line, rule) of each finding."""
    lines = [line.split(" ") for line in done.out.splitlines()]
    return [(words[0].rsplit(":", 2)[0], words[2]) for words in lines]


# -- where an ignore counts ------------------------------------------------------------------------------

KEY = 'resource "aws_kms_key" "k" {{\n  {inside}enable_key_rotation = false{behind}\n}}\n'


@pytest.mark.parametrize(
    "text",
    [
        f"# iaclint: ignore[{RULE}] old data only\n{BAD}",
        f"// iaclint: ignore[{RULE}] old data only\n{BAD}",
        f"/* iaclint: ignore[{RULE}] old data only */\n{BAD}",
        f"# iaclint:ignore[{RULE}] old data only\n\n# more is said here\n{BAD}",
        BAD.replace("{\n", f"{{ # iaclint: ignore[{RULE}] old data only\n", 1),
        BAD.replace("false", f"false # iaclint: ignore[{RULE}] old data only"),
        BAD.replace("{\n", f"{{\n  # iaclint: ignore[{RULE}] old data only\n", 1),
        BAD.replace("\n}", f"\n\n  # iaclint: ignore[{RULE}] old data only\n}}"),
        BAD.replace("false", f"false # see the wiki. iaclint: ignore[{RULE}] old data only"),
        BAD.replace("false", f"false # iaclint: ignore[kms-key-policy-public,{RULE}] old data only"),
        BAD.replace("false", f"false # iaclint: ignore[{RULE}] until={TOMORROW} old data only"),
        BAD.replace("false", f"false # iaclint: ignore[{RULE}] old data only until={TOMORROW}"),
        BAD.replace("false", f'false # iaclint: ignore[{RULE}] until={TOMORROW} reason="old data only"'),
    ],
)
def test_in_terraform(text: str, tmp_path: Path) -> None:
    done = lint(tmp_path, {"main.tf": text})
    assert (done.code, done.out) == (0, "")
    document = json.loads(iaclint("exceptions", ".", "--format", "json", cwd=tmp_path).out)
    assert document["exceptions"][0]["reason"] == "old data only"
    assert document["exceptions"][0]["hides"] == 1


def test_several_rules_each_with_a_reason_of_its_own(tmp_path: Path) -> None:
    text = BAD.replace(
        "false", f"false # iaclint: ignore[{RULE}] until={TOMORROW} old data; ignore[kms-key-policy-public] no policy"
    )
    assert lint(tmp_path, {"main.tf": text}).code == 0
    document = json.loads(iaclint("exceptions", ".", "--format", "json", cwd=tmp_path).out)
    assert [(e["rules"], e["reason"], e["until"]) for e in document["exceptions"]] == [
        ([RULE], "old data", TOMORROW),
        (["kms-key-policy-public"], "no policy", None),
    ]


def test_on_the_literal_that_decides(tmp_path: Path) -> None:
    files = {
        "main.tf": 'resource "aws_kms_key" "k" {\n  enable_key_rotation = var.rotate\n}\n',
        "variables.tf": f'variable "rotate" {{\n  default = false # iaclint: ignore[{RULE}] decided here\n}}\n',
    }
    assert lint(tmp_path, files).code == 0


def test_not_for_a_neighbour(tmp_path: Path) -> None:
    text = f"# iaclint: ignore[{RULE}] this one\n{BAD}\n" + BAD.replace('"k"', '"other"')
    assert found(lint(tmp_path, {"main.tf": text})) == [("main.tf:7", RULE)]


CALLS = """\
module "first" {
  source = "./keys"
}

%smodule "second" {
  source = "./keys"
%s}
"""


@pytest.mark.parametrize(
    ("above", "within"),
    [(f"# iaclint: ignore[{RULE}] only this call\n", ""), ("", f"  # iaclint: ignore[{RULE}] only this call\n")],
)
def test_at_a_module_call_for_that_call_only(above: str, within: str, tmp_path: Path) -> None:
    done = lint(tmp_path, {"main.tf": CALLS % (above, within), "keys/main.tf": BAD})
    assert done.code == 1
    assert done.out.count("\n") == 1
    assert "module.first.aws_kms_key.k" in done.out


def test_a_fetched_module_accepts_nothing_in_our_name(tmp_path: Path) -> None:
    manifest = {"Modules": [{"Key": "m", "Source": "example/keys/aws", "Dir": ".terraform/modules/m"}]}
    files = {
        "main.tf": 'module "m" {\n  source = "example/keys/aws"\n}\n',
        ".terraform/modules/modules.json": json.dumps(manifest),
        ".terraform/modules/m/main.tf": f"# iaclint: ignore[{RULE}] trust us\n{BAD}# iaclint: ignore[{RULE}]\n",
    }
    assert found(lint(tmp_path, files)) == [("main.tf:1", RULE)]
    files["main.tf"] = files["main.tf"].replace("\n  source", f" # iaclint: ignore[{RULE}] we do\n  source", 1)
    assert lint(tmp_path, files).code == 0


def test_in_the_module_for_every_call(tmp_path: Path) -> None:
    text = BAD.replace("false", f"false # iaclint: ignore[{RULE}] everywhere")
    assert lint(tmp_path, {"main.tf": CALLS % ("", ""), "keys/main.tf": text}).code == 0


YAML = (
    "Resources:\n{above}  K:\n    Type: AWS::KMS::Key\n{metadata}"
    "    Properties:\n      EnableKeyRotation: false{behind}\n"
)


@pytest.mark.parametrize(
    "parts",
    [
        {"above": f"  # iaclint: ignore[{RULE}] old\n"},
        {"behind": f" # iaclint: ignore[{RULE}] old"},
        {"metadata": f"    Metadata: {{iaclint: {{ignore: {{{RULE}: old}}}}}}\n"},
        {
            "metadata": (
                f"    Metadata:\n      iaclint:\n        ignore:\n          - rule: {RULE}\n            reason: old\n"
            )
        },
        {"metadata": f"    Metadata: {{iaclint: {{ignore: {{{RULE}: until={TOMORROW} old}}}}}}\n"},
    ],
)
def test_in_cloudformation(parts: dict[str, str], tmp_path: Path) -> None:
    text = YAML.format(**{"above": "", "behind": "", "metadata": "", **parts})
    done = lint(tmp_path, {"t.yaml": text})
    assert (done.code, done.out) == (0, "")
    with_reason = json.loads(iaclint("exceptions", ".", "--format", "json", cwd=tmp_path).out)["exceptions"]
    assert [e["reason"] for e in with_reason] == ["old"]


def test_in_json_templates(tmp_path: Path) -> None:
    resource = {
        "Type": "AWS::KMS::Key",
        "Metadata": {"iaclint": {"ignore": {RULE: "old"}}},
        "Properties": {"EnableKeyRotation": False},
    }
    assert lint(tmp_path, {"t.json": json.dumps({"Resources": {"K": resource}})}).code == 0


def test_no_inline_ignores(tmp_path: Path) -> None:
    files = {"main.tf": f"# iaclint: ignore[{RULE}] old\n{BAD}"}
    assert found(lint(tmp_path, files, "--no-inline-ignores")) == [("main.tf:3", RULE)]
    assert lint(tmp_path, files).code == 0
    assert lint(tmp_path, {**files, ".iaclint.toml": "inline-ignores = false\n"}).code == 1


# -- what is wrong with exceptions -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ignore", "meta", "hides"),
    [
        (f"ignore[{RULE}]", "ignore-without-reason", False),
        (f"ignore[{RULE}] -", "ignore-without-reason", False),
        ("ignore some reason", "ignore-invalid", False),
        ("ignore[] some reason", "ignore-invalid", False),
        ("ignore[kms-key-not-rotatd] some reason", "ignore-invalid", False),
        (f"ignore[{RULE}] until=soon some reason", "ignore-invalid", False),
        (f"ignore[{RULE}] until=2026-13-01 some reason", "ignore-invalid", False),
        (f"ignore[{RULE}] until={YESTERDAY} some reason", "ignore-expired", False),
        (f"ignore[{RULE}] until={TODAY.isoformat()} some reason", "", True),
    ],
)
def test_a_wrong_ignore_is_a_finding(ignore: str, meta: str, hides: bool, tmp_path: Path) -> None:
    done = lint(tmp_path, {"main.tf": BAD.replace("false", f"false # iaclint: {ignore}")})
    rules = {rule for _, rule in found(done)}
    assert rules == ({meta} if meta else set()) | (set() if hides else {RULE})
    assert done.code == (0 if hides else 1)


def test_an_unused_ignore_is_a_finding_and_can_be_fixed(tmp_path: Path) -> None:
    text = BAD.replace("false", "true")
    behind = text.replace("true", f"true # iaclint: ignore[{RULE}] was off once")
    above = f"# iaclint: ignore[{RULE}] was off once\n{text}"
    done = lint(tmp_path, {"main.tf": behind, "b/main.tf": above})
    assert found(done) == [("b/main.tf:1", "ignore-unused"), ("main.tf:2", "ignore-unused")]
    iaclint(*ONLY, ".", "--fix", cwd=tmp_path)
    assert (tmp_path / "main.tf").read_text() == (tmp_path / "b" / "main.tf").read_text() == text


def test_what_was_not_run_is_not_called_unused(tmp_path: Path) -> None:
    text = BAD.replace("false", "true # iaclint: ignore[security-group-open-to-world] for another rule")
    assert lint(tmp_path, {"main.tf": text}).code == 0
    broken = {"main.tf": BAD.replace("false", f"true # iaclint: ignore[{RULE}] x"), "broken.tf": "resource {\n"}
    assert "ignore-unused" not in lint(tmp_path, broken).out


def test_meta_findings_can_be_turned_off_and_weighed(tmp_path: Path) -> None:
    files = {"main.tf": BAD.replace("false", f"true # iaclint: ignore[{RULE}] x")}
    assert lint(tmp_path, files, "--ignore", "ignore-unused").code == 0
    settings = {".iaclint.toml": '[severity]\nignore-unused = "critical"\n'}
    assert "critical ignore-unused" in lint(tmp_path, {**files, **settings}).out


@pytest.mark.parametrize(("until", "fine"), [("", False), (TOMORROW, True), ("9999-12-31", False)])
def test_a_longest_time_for_exceptions(until: str, fine: bool, tmp_path: Path) -> None:
    ignore = f"ignore[{RULE}] " + (f"until={until} " if until else "") + "some reason"
    files = {"main.tf": BAD.replace("false", f"false # iaclint: {ignore}")}
    assert lint(tmp_path, files).code == 0
    done = lint(tmp_path, {**files, ".iaclint.toml": "exception-days = 90\n"})
    assert [rule for _, rule in found(done)] == ([] if fine else ["ignore-open-ended"])
    exception = f'exception-days = 90\n[[exceptions]]\nrule = "{RULE}"\nreason = "r"\n'
    exception += f'until = "{until}"\n' if until else ""
    done = lint(tmp_path, {"main.tf": BAD, ".iaclint.toml": exception})
    assert [rule for _, rule in found(done)] == ([] if fine else ["ignore-open-ended"])


def test_protected_rules(tmp_path: Path) -> None:
    files = {"main.tf": BAD.replace("false", f"false # iaclint: ignore[{RULE}] please")}
    for protected in (RULE, "key-management"):
        done = lint(tmp_path, {**files, ".iaclint.toml": f'protected = ["{protected}"]\n'})
        assert {rule for _, rule in found(done)} == {RULE, "ignore-not-allowed"}
    settings = f'protected = ["{RULE}"]\n[[exceptions]]\nrule = "{RULE}"\nreason = "they may"\n'
    assert {rule for _, rule in found(lint(tmp_path, {**files, ".iaclint.toml": settings}))} == {"ignore-not-allowed"}


# -- in the config ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "left"),
    [
        ("", []),
        ('path = "legacy/"', ["main.tf:2"]),
        ('path = "legacy/**/*.tf"', ["main.tf:2"]),
        ('path = "main.tf"', []),
        ('path = "/main.tf"', ["legacy/main.tf:2"]),
        ('address = "aws_kms_key.k"', []),
        ('address = "aws_*.other"', ["legacy/main.tf:2", "main.tf:2"]),
    ],
)
def test_exceptions_of_the_config(scope: str, left: list[str], tmp_path: Path) -> None:
    settings = f'[[exceptions]]\nrule = "{RULE}"\nreason = "accepted"\n{scope}\n'
    done = lint(tmp_path, {"main.tf": BAD, "legacy/main.tf": BAD, ".iaclint.toml": settings})
    assert [place for place, rule in found(done) if rule == RULE] == left


def test_an_instance_by_its_key(tmp_path: Path) -> None:
    text = 'resource "aws_kms_key" "k" {\n  for_each = toset(["a", "b"])\n}\n'
    settings = f'[[exceptions]]\nrule = "{RULE}"\nreason = "accepted"\naddress = \'aws_kms_key.k["a"]\'\n'
    done = lint(tmp_path, {"main.tf": text, ".iaclint.toml": settings})
    assert 'aws_kms_key.k["b"]' in done.out and 'aws_kms_key.k["a"]' not in done.out


def test_an_expired_or_unused_exception_of_the_config_is_a_finding(tmp_path: Path) -> None:
    settings = (
        f'[[exceptions]]\nrule = "{RULE}"\nreason = "accepted"\nuntil = {YESTERDAY}\n\n'
        f'[[exceptions]]\nrule = "{RULE}"\nreason = "accepted"\npath = "nowhere"\n'
    )
    files = {"main.tf": BAD, ".iaclint.toml": settings, "sub/main.tf": BAD}
    done = lint(tmp_path, files)
    assert (".iaclint.toml:1", "ignore-expired") in found(done)
    assert (".iaclint.toml:6", "ignore-unused") in found(done)
    # a part of the tree tells nothing of the rest
    part = iaclint("--format", "concise", *ONLY, "sub", cwd=tmp_path)
    assert "ignore-unused" not in part.out


def test_per_path_settings(tmp_path: Path) -> None:
    settings = (
        f'[per-path."examples/"]\nignore = ["{RULE}"]\nreason = "only shown"\n'
        f'[per-path."prod/"]\nseverity = {{{RULE} = "critical"}}\n'
    )
    files = {"examples/main.tf": BAD, "prod/main.tf": BAD, "main.tf": BAD, ".iaclint.toml": settings}
    done = lint(tmp_path, files)
    assert found(done) == [("main.tf:2", RULE), ("prod/main.tf:2", RULE)]
    assert "prod/main.tf:2:25: critical" in done.out
    document = json.loads(iaclint("--format", "json", *ONLY, ".", cwd=tmp_path).out)
    assert [v["suppressed_by"]["reason"] for v in document["verdicts"] if "suppressed_by" in v] == ["only shown"]


# -- the list --------------------------------------------------------------------------------------------


def test_the_list_has_all_with_dates(tmp_path: Path) -> None:
    settings = f'[[exceptions]]\nrule = "{RULE}"\npath = "a/"\nreason = "by the config"\nuntil = {TOMORROW}\n'
    files = {
        "main.tf": f"# iaclint: ignore[{RULE}] inline\n{BAD}# iaclint: ignore[{RULE}] unused\n",
        "a/main.tf": BAD,
        ".iaclint.toml": settings,
    }
    git(tmp_path, "init", "-q")
    write(tmp_path, files)
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "x", "--date", "2026-01-02T00:00:00Z")
    document = json.loads(iaclint("exceptions", ".", "--format", "json", cwd=tmp_path).out)
    rows = [(e["kind"], e["state"], e["reason"], e["until"], e["since"], e["hides"]) for e in document["exceptions"]]
    assert rows == [
        ("config", "active", "by the config", TOMORROW, "2026-01-02", 1),
        ("inline", "active", "inline", None, "2026-01-02", 1),
        ("inline", "unused", "unused", None, "2026-01-02", 0),
    ]
    text = iaclint("exceptions", ".", cwd=tmp_path).out
    assert f"until {TOMORROW}" in text and "since 2026-01-02" in text and "3 exceptions: 2 active, 1 unused" in text
    assert iaclint("exceptions", ".", "--rule", "kms-key-policy-public", cwd=tmp_path).out == "no exceptions\n"


def test_suppressed_findings_stay_in_the_reports(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": f"# iaclint: ignore[{RULE}] old\n{BAD}"})
    arguments = ("--format", "sarif", *ONLY, tmp_path)
    assert json.loads(iaclint(*arguments).out)["runs"][0]["results"] == []
    results = json.loads(iaclint(*arguments, "--sarif-include", "suppressed").out)["runs"][0]["results"]
    assert [r["suppressions"][0]["justification"] for r in results] == ["old"]


# -- other tools -----------------------------------------------------------------------------------------

FOREIGN = {
    "checkov": BAD.replace("{\n", "{\n  #checkov:skip=CKV_AWS_7:old data\n", 1),
    "checkov, behind": BAD.replace("false", "false # checkov:skip=CKV_AWS_7:old data"),
    "trivy": f"#trivy:ignore:AVD-AWS-0065\n{BAD}",
    "trivy, new id, several": f"#trivy:ignore:AWS-0001 #trivy:ignore:aws-0065\n{BAD}",
    "trivy, all": f"#trivy:ignore:*\n{BAD}",
    "trivy, until": f"#trivy:ignore:AVD-AWS-0065:exp:{TOMORROW}\n{BAD}",
    "tfsec": BAD.replace("false", "false #tfsec:ignore:AVD-AWS-0065"),
    "kics": f"# kics-scan ignore-block\n{BAD}",
    "kics, file": f"# kics-scan disable=22fbfeac-7b5a-421a-8a27-7a2178bb910b\n\n{BAD}",
}


@pytest.mark.parametrize("case", FOREIGN)
def test_other_tools_are_honoured_on_request(case: str, tmp_path: Path) -> None:
    files = {"main.tf": FOREIGN[case]}
    tool = case.partition(",")[0]
    assert lint(tmp_path, files).code == 1
    assert lint(tmp_path, files, "--honour", tool).code == 0
    assert lint(tmp_path, files, "--honour", "cfn_nag").code == 1
    assert lint(tmp_path, {**files, ".iaclint.toml": f'honour = ["{tool}"]\n'}).code == 0


@pytest.mark.parametrize(
    "text",
    [
        BAD.replace("{\n", "{\n  #checkov:skip=CKV_AWS_8:something else\n", 1),
        f"#checkov:skip=CKV_AWS_7:above the block\n{BAD}",
        f"#trivy:ignore:AVD-AWS-0065:exp:{YESTERDAY}\n{BAD}",
        f"# kics-scan ignore-line\n\n\nlocals {{}}\n{BAD}",
    ],
)
def test_what_other_tools_would_not_honour_is_not(text: str, tmp_path: Path) -> None:
    assert lint(tmp_path, {"main.tf": text}, "--honour", "checkov,trivy,kics").code == 1


@pytest.mark.parametrize(
    ("tool", "metadata"),
    [
        ("checkov", {"checkov": {"skip": [{"id": "CKV_AWS_7", "comment": "old"}]}}),
        ("cfn_nag", {"cfn_nag": {"rules_to_suppress": [{"id": "F19", "reason": "old"}]}}),
        ("guard", {"guard": {"SuppressedRules": ["CMK_BACKING_KEY_ROTATION_ENABLED"]}}),
    ],
)
def test_metadata_for_other_tools(tool: str, metadata: object, tmp_path: Path) -> None:
    resource = {"Type": "AWS::KMS::Key", "Metadata": metadata, "Properties": {"EnableKeyRotation": False}}
    files = {"t.json": json.dumps({"Resources": {"K": resource}}, indent=2)}
    assert lint(tmp_path, files).code == 1
    assert lint(tmp_path, files, "--honour", tool).code == 0
    assert iaclint("migrate", ".", "--write", cwd=tmp_path).code == 0
    assert lint(tmp_path, files | {"t.json": (tmp_path / "t.json").read_text()}).code == 0
    json.loads((tmp_path / "t.json").read_text())


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("case", [c for c in FOREIGN if c not in ("trivy, all", "kics", "kics, file")])
def test_migration_keeps_the_meaning(case: str, keep: bool, tmp_path: Path) -> None:
    neighbour = BAD.replace('"k"', '"neighbour"')
    write(tmp_path, {"main.tf": FOREIGN[case] + neighbour})
    before = iaclint("migrate", ".", cwd=tmp_path)
    assert "+" in before.out and (tmp_path / "main.tf").read_text() == FOREIGN[case] + neighbour
    done = iaclint("migrate", ".", "--write", *(["--keep"] if keep else []), cwd=tmp_path)
    assert "rewrote 1 exception" in done.err
    text = (tmp_path / "main.tf").read_text()
    assert (
        ":skip=" in text or ":ignore:" in text.replace("from trivy:ignore", "").replace("from tfsec:ignore", "")
    ) == (keep or "several" in case)
    left = iaclint("--format", "concise", *ONLY, ".", cwd=tmp_path)
    assert left.out.count("\n") == 1 and "aws_kms_key.neighbour" in left.out
    again = iaclint("migrate", ".", "--write", *(["--keep"] if keep else []), cwd=tmp_path)
    assert (tmp_path / "main.tf").read_text() == text, again.err


def test_migration_names_what_it_leaves(tmp_path: Path) -> None:
    text = f"# kics-scan ignore-block\n{BAD}" + BAD.replace("{\n", "{\n  #checkov:skip=CKV_AWS_99999:odd\n").replace(
        '"k"', '"l"'
    )
    write(tmp_path, {"main.tf": text})
    done = iaclint("migrate", ".", "--write", cwd=tmp_path)
    assert "main.tf:1: left kics-scan ignore-block: it silences every check" in done.err
    assert "main.tf:6: left checkov:skip=CKV_AWS_99999: no rule of iaclint answers this check" in done.err
    assert (tmp_path / "main.tf").read_text() == text


def test_migration_in_yaml_keeps_comments_and_line_ends(tmp_path: Path) -> None:
    text = (
        "# a stack\r\nResources:\r\n  K: # the key\r\n    Type: AWS::KMS::Key\r\n    Metadata:\r\n      cfn_nag:\r\n"
        "        rules_to_suppress:\r\n          - id: F19\r\n            reason: old\r\n"
    )
    write(tmp_path, {"t.yaml": text})
    iaclint("migrate", ".", "--write", cwd=tmp_path)
    comment = f"  # iaclint: ignore[{RULE}] old\r\n"
    assert (tmp_path / "t.yaml").read_bytes().decode() == text.replace("  K:", comment + "  K:")
    assert iaclint(*ONLY, ".", cwd=tmp_path).code == 0


def test_the_rules_about_exceptions_are_rules(tmp_path: Path) -> None:
    listed = {line.split()[0] for line in iaclint("rules", "--family", "exceptions").out.splitlines()}
    assert listed == META
    assert "does not count" in iaclint("explain", "ignore-without-reason").out
