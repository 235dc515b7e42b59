"""cfn-lint beside iaclint."""

from __future__ import annotations

import pytest

from iaclint.cloudformation import cfn_lint
from iaclint.source.files import SourceFile
from tests.cloudformation.conftest import Bench


def test_cfn_lint_results_are_plain_records(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(bench.root)
    path = bench.write(
        "t.yaml", "Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      EnableKeyRotations: true\n"
    )
    good = bench.write("good.yaml", "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n")
    remarks, problems = cfn_lint.lint([path, good])
    assert not problems
    [remark] = [r for r in remarks if r.rule == "E3002"]
    assert (remark.path, remark.line, remark.column) == (path, 5, 7)
    assert (remark.end_line, remark.end_column) == (5, 25)
    assert remark.level == "error"
    assert "EnableKeyRotations" in remark.message
    assert remark.title and remark.description
    assert not [r for r in remarks if r.path == good]


def test_nothing_to_lint() -> None:
    assert cfn_lint.lint([]) == ([], [])


def test_wrong_settings_are_a_problem(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(bench.root)
    bench.write(".cfnlintrc", "nonsense: [\n")
    path = bench.write("t.yaml", "Resources: {T: {Type: 'AWS::SNS::Topic'}}\n")
    remarks, problems = cfn_lint.lint([path])
    assert not remarks
    assert "cfn-lint could not run" in problems[0].message


def test_the_decoder_gives_a_reason() -> None:
    assert "(line 2, column 1)" in cfn_lint.decoder_says(SourceFile("t.yaml", "a: [1\n"))
    assert cfn_lint.decoder_says(SourceFile("t.yaml", "a: 1\n")) == ""
    assert cfn_lint.decoder_says(SourceFile("t.yaml", "[" * 5000)) != "never raises"
