from __future__ import annotations

import re

import click
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from iaclint.linting.verdict import Outcome, Report, Verdict
from iaclint.model.address import Address
from iaclint.model.inventory import Resource
from iaclint.model.value import Step, Value
from iaclint.report import Options, render
from iaclint.report.common import _SECRETS, Masks, secrets
from iaclint.report.text import _window
from iaclint.source.edits import Fix
from iaclint.source.files import SourceFile, Span
from tests.report.builder import (
    BASE,
    MAIN,
    VARIABLES,
    at,
    everything,
    make_deployment,
    make_report,
    make_rule,
    make_site,
    simple,
    source,
)


def text(report: Report, **options: object) -> str:
    return render("text", report, Options(**options))  # type: ignore[arg-type]


def excerpt_of(report: Report, **options: object) -> list[str]:
    return text(report, quiet=True, **options).splitlines()[1:5]


def test_a_finding() -> None:
    main, variables = source("network.tf", MAIN), source("variables.tf", VARIABLES)
    use, default = at(main, "var.rotate"), at(variables, "false")
    site = make_site(
        use, "enable_key_rotation", trail=(Step(at(main, "var.rotate"), "var.rotate"), Step(default, "variables.tf"))
    )
    verdict = Verdict(
        make_rule(),
        Outcome.FAIL,
        make_deployment([main, variables]),
        "aws_kms_key.main",
        site,
        message="key rotation is off",
        fix=Fix("turn rotation on", ()),
    )
    assert text(make_report([verdict]), can_fix=True) == (
        "medium[kms-key-not-rotated] aws_kms_key.main: key rotation is off\n"
        " --> network.tf:3:25\n"
        "  |\n"
        "3 |   enable_key_rotation = var.rotate\n"
        "  |                         ^^^^^^^^^^\n"
        "  = note: enable_key_rotation = var.rotate, network.tf:3, from variables.tf:2\n"
        "  = why: A key that never rotates keeps every ciphertext within reach of one leaked secret.\n"
        "  = help: turn rotation on (--fix)\n"
        "\n"
        "1 of 1 finding can be fixed by iaclint: add --fix\n"
        "run `iaclint explain kms-key-not-rotated` to read about a rule\n"
        "1 finding (1 medium), 0 undecided, 0 suppressed; 1 file read, 0 could not be read, 0 modules not seen\n"
    )


def test_why_is_said_once_a_rule() -> None:
    assert text(everything(), show_unknown=True).count("leaked secret") == 2  # of two rules with that text


def test_notes_are_folded_at_a_terminal() -> None:
    lines = text(simple(), width=60).splitlines()
    start = lines.index("  = why: A key that never rotates keeps every ciphertext")
    assert lines[start + 1] == "         within reach of one leaked secret."


def test_no_option_is_promised_that_there_is_not() -> None:
    assert "--fix" not in text(everything())
    assert "  = help: turn rotation on\n" in text(everything())


def test_nothing_to_say() -> None:
    assert text(make_report()) == (
        "no findings, 0 undecided, 0 suppressed; 0 files read, 0 could not be read, 0 modules not seen\n"
    )
    assert text(make_report(), quiet=True) == ""


def test_everything_is_told() -> None:
    shown = text(everything(), show_unknown=True)
    for part in (
        "error: expected a closing brace\n --> main.tf:8:3",
        "error: broken.tf: expected a closing brace",
        "warning: expected a closing brace",
        "not seen: module.vpc: module terraform-aws-modules/vpc/aws is not here, network/main.tf:1",
        "unknown[kms-key-not-rotated] aws_kms_key.maybe: cannot tell: var.rotate has no default\n",
        "  = note: var.rotate has no default, variables.tf:1\n",
        "error[kms-key-not-rotated] aws_kms_key.odd: ValueError",
        "  = note: called by module.keys, network/main.tf:1\n",
        "  = note: within the module at .terraform/modules/kms/main.tf:3\n",
        "  = note: in environment prod\n",
        "   = note: and 2 more instances: aws_security_group.web[1], aws_security_group.web[2]\n",
        "8 findings (3 critical, 1 high, 3 medium, 1 low), 2 undecided, 4 suppressed; "
        "5 files read, 1 could not be read, 1 module not seen, 1 other gap; 1 check broke\n",
    ):
        assert part in shown
    assert shown.count("iaclint explain") == 1
    assert shown.count("broken.tf") == 1
    assert "accepted_" not in shown


def test_quiet_keeps_findings_and_fatal_problems() -> None:
    shown = text(everything(), quiet=True)
    assert "critical[" in shown
    assert "error: expected" in shown
    assert not re.search("warning:|not seen|explain|undecided", shown)


def test_undecided_ones_only_when_asked_for() -> None:
    shown = text(everything())
    assert "aws_kms_key.maybe" not in shown
    assert "add --show-unknown" in shown
    assert "add --show-unknown" not in text(everything(), show_unknown=True)


def test_tabs_and_wide_characters_under_the_caret() -> None:
    assert excerpt_of(simple("\ta = var.rotate\n"))[2:] == ["1 |     a = var.rotate", "  |         ^^^^^^^^^^"]
    assert excerpt_of(simple("漢é = var.rotate\n"))[2:] == ["1 | 漢é = var.rotate", "  |       ^^^^^^^^^^"]
    assert excerpt_of(simple("e\u0301 = 漢漢 # x\n", part="漢漢"))[2:] == [
        "1 | e\u0301 = 漢漢 # x",
        "  |     ^^^^",
    ]


def test_several_lines_are_shortened_to_the_first() -> None:
    file = source("main.tf", MAIN)
    report = make_report(
        [Verdict(make_rule(), Outcome.FAIL, make_deployment([file]), "a.b", make_site(file.whole), message="x")]
    )
    assert excerpt_of(report)[2:] == ['1 | resource "aws_kms_key" "main" {', "  | " + "^" * 31]


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_other_line_ends(end: str) -> None:
    assert excerpt_of(simple(f"a = 1{end}b = var.rotate{end}c"))[2:] == ["2 | b = var.rotate", "  |     ^^^^^^^^^^"]


def test_a_long_line_is_cut_around_the_mark() -> None:
    lines = excerpt_of(simple("x" * 5000 + "var.rotate" + "y" * 5000), width=60)
    assert all(len(line) <= 60 for line in lines[1:])
    shown, carets = lines[2], lines[3]
    assert shown.startswith("1 | …x")
    assert shown.endswith("y…")
    assert shown[carets.index("^") : carets.rindex("^") + 1] == "var.rotate"


@pytest.mark.parametrize("before", [0, 10, 20, 40, 100])
@pytest.mark.parametrize("after", [0, 10, 40, 1000])
@pytest.mark.parametrize("filler", ["x", "漢", "\t"])
def test_the_mark_is_always_in_the_window(before: int, after: int, filler: str) -> None:
    line = filler * before + "MARK" + filler * after
    shown, start, under = _window(line, before, before + 4, 30)
    cells = "".join(char * (2 if char == "漢" else 1) for char in shown)
    assert len(cells) <= 30
    assert under == 4
    assert cells[start : start + under] == "MARK"


def test_an_empty_line_has_no_excerpt() -> None:
    file = source("main.tf", "\n\n")
    verdict = Verdict(make_rule(), Outcome.FAIL, make_deployment([file]), "", make_site(Span(file, 0, 0)), message="x")
    assert text(make_report([verdict]), quiet=True).splitlines()[:2] == [
        "medium[kms-key-not-rotated] .: x",
        " --> main.tf:1:1",
    ]


def test_sensitive_values_are_struck_out() -> None:
    shown = excerpt_of_sensitive()
    assert '"secret"' not in shown
    assert "policy              = ********\n" in shown


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('password = "hunter2"', 'password = "*******"'),
        ("  MasterUserPassword: hunter2 # why", "  MasterUserPassword: ******* # why"),
        ("DBPassword: a b#c", "DBPassword: *****"),
        ('password = "pa$$word"', 'password = "********"'),
        ('  "SecretString": "x y",', '  "SecretString": "***",'),
        ("export AWS_SECRET_ACCESS_KEY=wJalrXUt", "export AWS_SECRET_ACCESS_KEY=********"),
        ("id: AKIAIOSFODNN7EXAMPLE", "id: ********************"),
        (
            'k = "-----BEGIN RSA PRIVATE KEY-----\\nMIIE\\n-----END RSA PRIVATE KEY-----"',
            'k = "-----BEGIN RSA PRIVATE KEY-----********-----END RSA PRIVATE KEY-----"',
        ),
        ("password = var.password", "password = var.password"),
        ("MasterUserPassword: !Ref Password", "MasterUserPassword: !Ref Password"),
        ("ManageMasterUserPassword: true", "ManageMasterUserPassword: true"),
        ('password = "${var.password}"', 'password = "${var.password}"'),
        ('password_policy = "strict"', 'password_policy = "strict"'),
    ],
)
def test_secrets_in_the_code_are_struck_out(line: str, shown: str) -> None:
    assert excerpt_of(simple(line, part=line[:1]))[2] == f"1 | {shown}"


def test_the_body_of_a_private_key_is_struck_out() -> None:
    file = source("main.tf", "k = <<EOT\n-----BEGIN PRIVATE KEY-----\nMIIE\nabcd\n-----END PRIVATE KEY-----\nEOT\n")
    masks = Masks(make_report())
    assert [masks.line(file, n) for n in (2, 3, 4, 5)] == [
        "-----BEGIN PRIVATE KEY-----",
        "****",
        "****",
        "-----END PRIVATE KEY-----",
    ]


def excerpt_of_sensitive() -> str:
    file = source("main.tf", MAIN)
    where = at(file, '"secret"')
    body: Value[object] = Value({"policy": Value("secret", where, sensitive=True)}, file.whole)
    resource = Resource("terraform", "aws_kms_key", Address("aws_kms_key.main"), body, where, where)
    deployment = make_deployment([file], resources=(resource,))
    verdict = Verdict(make_rule(), Outcome.FAIL, deployment, "a.b", make_site(where), message="x")
    return text(make_report([verdict]))


def test_colour_is_only_added() -> None:
    plain, coloured = text(everything(), show_unknown=True), text(everything(), show_unknown=True, colour=True)
    assert coloured != plain
    assert click.unstyle(coloured) == plain


def test_files_above_the_working_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.chdir(str(tmp_path))
    file = SourceFile(f"{tmp_path}/../main.tf", MAIN)
    verdict = Verdict(make_rule(), Outcome.FAIL, make_deployment([file]), "a.b", make_site(at(file, "count")))
    assert " --> ../main.tf:8:3\n" in text(make_report([verdict]))
    assert BASE not in text(make_report([verdict]))


def test_concise() -> None:
    assert render("concise", simple(), Options()) == (
        "main.tf:3:25: medium kms-key-not-rotated key rotation is off (aws_kms_key.main)\n"
    )
    lines = render("concise", everything(), Options(show_unknown=True)).splitlines()
    assert len(lines) == 8 + 2 + 1 + 3
    assert "broken.tf: error expected a closing brace" in lines
    assert len(render("concise", everything(), Options(quiet=True)).splitlines()) == 8 + 1 + 2
    assert render("concise", make_report(), Options()) == ""


@given(st.text("pasword:= \"'secrtkyAKI9\n-BEGINPVT_hu", max_size=80) | st.sampled_from(["password", "é password: x"]))
@example("password: secret_key: x")
@example("aws_access_key=AKIAABCDEFGHIJKLMNOP")
@example("xpassword = 'a' auth_token='b'")
@example("-----BEGIN RSA PRIVATE KEY-----\napi_key: x\n-----END")
def test_secrets_are_found_wherever_they_start(text: str) -> None:
    words = ["password", "secret_key", "auth_token", "AKIA0123456789ABCDEF", "-----BEGIN RSA PRIVATE KEY-----", text]
    whole = " ".join(f"{word}: {text}{word}='{text}'" for word in words)
    for there in (text, whole):
        assert [m.span() for m in secrets(there)] == [m.span() for m in _SECRETS.finditer(there)]


def test_concise_tells_apart_what_several_deployments_say() -> None:
    file = source("main.tf", MAIN)

    def verdict(root: str, address: str) -> Verdict:
        site = make_site(at(file, "count"))
        return Verdict(make_rule(), Outcome.FAIL, make_deployment([file], root), address, site, message="off")

    found = [
        verdict("prod", "a.b"),
        verdict("test", "a.b"),
        verdict("test", "a.c"),
        verdict("prod", ""),
        verdict("test", ""),
    ]
    lines = render("concise", make_report(found), Options()).splitlines()
    assert sorted(line.partition(" off ")[2] for line in lines) == [
        "(a.b in prod)",
        "(a.b in test)",
        "(a.c)",
        "(prod)",
        "(test)",
    ]
