"""Rules of one's own: the tutorial is run as it stands, and `test-rules` finds what is wrong."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command_line import BAD, GOOD, ROOT, TEMPLATE, iaclint, write

BLOCK = re.compile(r"(?:^`(?P<path>[^`\n]+)`:\n\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def steps(page: Path) -> Iterator[tuple[str, str, str]]:
    """The code blocks of a page: kind, the path of a file that it is, text."""
    for match in BLOCK.finditer(page.read_text(encoding="utf-8")):
        yield match["kind"], match["path"] or "", match["text"]


def test_the_tutorial_does_what_it_says(tmp_path: Path) -> None:
    write(tmp_path, {".git/HEAD": ""})
    commands = 0
    for kind, path, text in steps(ROOT / "docs" / "own-rules.md"):
        if path:
            write(tmp_path, {path: text})
        elif kind == "console":
            for part in text.split("$ ")[1:]:
                command, _, wanted = part.partition("\n")
                done = iaclint(*shlex.split(command)[1:], cwd=tmp_path)
                assert done.out == wanted, command + done.err
                commands += 1
    assert commands == 6


def test_a_new_rule_works_as_it_is(tmp_path: Path) -> None:
    assert iaclint("new-rule", "keys-turn", "--type", "aws_kms_key", "--family", "our-own", cwd=tmp_path).code == 0
    assert (tmp_path / "iaclint-rules/our_own/keys_turn.py").is_file()
    done = iaclint("test-rules", "iaclint-rules", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    write(tmp_path, {"main.tf": BAD})
    arguments = ("--rules", "iaclint-rules", "--select", "our-own", "main.tf")
    assert iaclint(*arguments, cwd=tmp_path).code == 1
    assert iaclint(*arguments, "--fix", cwd=tmp_path).code == 0
    done = iaclint("new-rule", "keys-turn", "--type", "aws_kms_key", "--family", "our-own", cwd=tmp_path)
    assert done.code == 2 and "is there already" in done.err
    assert iaclint("new-rule", "KeysTurn", "--type", "aws_kms_key", cwd=tmp_path).code == 2


def test_what_is_wrong_with_a_pack_is_said(tmp_path: Path) -> None:
    iaclint("new-rule", "keys-turn", "--type", "aws_kms_key", cwd=tmp_path)
    path = tmp_path / "iaclint-rules/own/keys_turn.py"
    path.write_text(path.read_text().replace("enable_key_rotation = true", "enable_key_rotation = false"))
    write(
        tmp_path / "iaclint-rules",
        {
            "tests/a/main.tf": BAD + GOOD.replace('"k"', '"l"').replace("true", "true # expect: keys-turn"),
            "tests/t.yaml": TEMPLATE.replace("false", "false # expect: keys-turn, kms-key-not-rotated"),
            "tests/u.yaml": "# expect: keys-trun\n" + TEMPLATE,
        },
    )
    done = iaclint("test-rules", "iaclint-rules", cwd=tmp_path)
    assert done.code == 1
    said = done.err.replace("iaclint: ", "").splitlines()
    assert said == [
        "keys-turn, good example 0: terraform: fail, must pass (rotation is not true)",
        "keys-turn, good example 0: the languages differ: ['rotation is not true'] in Terraform, [] in CloudFormation",
        "tests/a/main.tf:2: keys-turn is not expected: rotation is not true",
        "tests/a/main.tf:5: expects keys-turn, which finds nothing there",
        "tests/u.yaml:2: expects keys-trun, which is no rule",
        "tests/u.yaml:6: keys-turn is not expected: rotation is not true",
    ]
    assert done.out == "1 rule, 3 files with expectations: 6 wrong\n"


def test_packs_that_cannot_be_loaded(tmp_path: Path) -> None:
    write(tmp_path, {"empty/readme.md": "", "broken/x_y.py": "syntax error here\n", "main.tf": BAD})
    assert "holds no rules" in iaclint("test-rules", "empty", cwd=tmp_path).err
    for command in (("test-rules", "broken"), ("--rules", "broken", ".")):
        done = iaclint(*command, cwd=tmp_path)
        assert done.code == 2 and "broken/x_y.py fails to load: SyntaxError" in done.err
        assert str(tmp_path) not in done.err


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("enable_key_rotation = true", "enable_key_rotatoin = true"), "did you mean enable_key_rotation?"),
        (("EnableKeyRotation: true", "EnableKeyRotatoin: true"), "did you mean EnableKeyRotation?"),
        (("if ~key.rotation.is_(True):", "if key.rotation.data is not True:"), "the pass became a failure"),
        (("fix = key.rotation.set(True)", "fix = key.enabled.set(True)"), "the finding is still there"),
        (('severity="medium"', 'severity="hgih"'), "keys_turn.py:11: there is no severity 'hgih'; did you mean high?"),
        (('"CC6.1"', '"CC99.1"'), "there is no trust services criterion 'CC99.1'"),
        (("        yield Finding", "        return Finding"), "write `yield` instead of `return`"),
    ],
)
def test_the_usual_mistakes_are_found_by_testing(change: tuple[str, str], said: str, tmp_path: Path) -> None:
    iaclint("new-rule", "keys-turn", "--type", "aws_kms_key", cwd=tmp_path)
    path = tmp_path / "iaclint-rules/own/keys_turn.py"
    text = path.read_text()
    assert change[0] in text
    path.write_text(text.replace(*change))
    done = iaclint("test-rules", "iaclint-rules", cwd=tmp_path)
    assert done.code in (1, 2) and said in done.err
