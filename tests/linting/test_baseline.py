"""The baseline: only what is new fails, and nothing is hidden by a name alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command_line import BAD, GOOD, ONLY, Result, iaclint, write

FILE = ".iaclint-baseline.json"


def lint(directory: Path, *arguments: str) -> Result:
    return iaclint("--format", "concise", *ONLY, ".", "--baseline", FILE, *arguments, cwd=directory)


@pytest.fixture
def adopted(tmp_path: Path) -> Path:
    write(tmp_path, {".git/HEAD": "", "a/main.tf": BAD, "b/main.tf": BAD.replace('"k"', '"l"')})
    done = iaclint("baseline", *ONLY, ".", cwd=tmp_path)
    assert (done.code, done.err) == (0, f"iaclint: {FILE}: 2 accepted, 2 new, 0 dropped\n")
    return tmp_path


def test_what_was_there_does_not_fail_and_what_is_new_does(adopted: Path) -> None:
    assert lint(adopted).code == 0
    write(adopted, {"a/new.tf": BAD.replace('"k"', '"new"')})
    done = lint(adopted)
    assert done.code == 1
    assert done.out.count("\n") == 1 and "aws_kms_key.new" in done.out


def test_it_names_no_machine_and_reads_well(adopted: Path) -> None:
    text = (adopted / FILE).read_text()
    entries = json.loads(text)["findings"]
    assert [(e["file"], e["rule"], e["address"]) for e in entries] == [
        ("a/main.tf", "kms-key-not-rotated", "aws_kms_key.k"),
        ("b/main.tf", "kms-key-not-rotated", "aws_kms_key.l"),
    ]
    assert str(adopted) not in text and text.count("\n") == 7


def test_a_finding_that_moves_within_its_module_stays_accepted(adopted: Path) -> None:
    (adopted / "a/main.tf").unlink()
    write(adopted, {"a/keys.tf": "# lines\n# above\n\n" + BAD})
    done = lint(adopted)
    assert (done.code, done.err) == (0, "")


def test_the_same_name_elsewhere_is_new(adopted: Path) -> None:
    (adopted / "a/main.tf").unlink()
    write(adopted, {"c/main.tf": BAD})
    done = lint(adopted)
    assert done.code == 1 and "c/main.tf:2:25" in done.out


def test_another_environment_is_new(tmp_path: Path) -> None:
    files = {
        ".git/HEAD": "",
        "main.tf": 'variable "r" {}\nresource "aws_kms_key" "k" {\n  enable_key_rotation = var.r\n}\n',
        "on.tfvars": "r = true\n",
        "off.tfvars": "r = false\n",
        ".iaclint.toml": (
            '[environments.dev]\nvar-files = ["off.tfvars"]\n[environments.prod]\nvar-files = ["on.tfvars"]\n'
        ),
    }
    write(tmp_path, files)
    iaclint("baseline", *ONLY, ".", cwd=tmp_path)
    assert lint(tmp_path).code == 0
    write(tmp_path, {".iaclint.toml": files[".iaclint.toml"].replace("on.tfvars", "off.tfvars")})
    assert lint(tmp_path).code == 1


def test_it_hides_no_more_than_it_counted(tmp_path: Path) -> None:
    text = 'variable "n" {\n  default = 1\n}\n' + BAD.replace("{\n", "{\n  count = var.n\n", 1)
    write(tmp_path, {".git/HEAD": "", "main.tf": text})
    iaclint("baseline", *ONLY, ".", cwd=tmp_path)
    write(tmp_path, {"main.tf": text.replace("= 1", "= 2")})
    done = lint(tmp_path)
    assert done.code == 1 and "aws_kms_key.k[1]" in done.out and "k[0]" not in done.out


def test_stale_entries_are_named_and_pruned(adopted: Path) -> None:
    write(adopted, {"a/main.tf": GOOD, "c/main.tf": BAD})
    done = lint(adopted, "--exit-zero")
    assert "1 entry of the baseline is no longer found; `iaclint baseline --prune` drops them" in done.err
    done = iaclint("baseline", "--prune", *ONLY, ".", cwd=adopted)
    assert done.err == f"iaclint: {FILE}: 1 accepted, 0 new, 1 dropped\n"
    assert [e["file"] for e in json.loads((adopted / FILE).read_text())["findings"]] == ["b/main.tf"]
    write(adopted, {"a/main.tf": BAD})
    assert "a/main.tf:2:25" in lint(adopted).out  # it does not come back by itself


def test_a_part_of_the_tree_makes_nothing_stale(adopted: Path) -> None:
    done = iaclint(*ONLY, "a", "--baseline", FILE, cwd=adopted)
    assert (done.code, done.err) == (0, "")
    done = iaclint("--select", "kms-key-policy-public", ".", "--baseline", FILE, cwd=adopted)
    assert (done.code, done.err) == (0, "")
    done = iaclint("baseline", "--prune", *ONLY, "a", cwd=adopted)
    assert "2 accepted, 0 new, 0 dropped" in done.err


def test_by_the_config(adopted: Path) -> None:
    write(adopted, {".iaclint.toml": f'baseline = "{FILE}"\n'})
    assert iaclint(*ONLY, ".", cwd=adopted).code == 0
    assert iaclint(*ONLY, "a/main.tf", cwd=adopted / "a" / "..").code == 0
    assert iaclint("baseline", *ONLY, ".", cwd=adopted).err == f"iaclint: {FILE}: 2 accepted, 0 new, 0 dropped\n"


def test_what_is_fixed_is_not_what_is_accepted(adopted: Path) -> None:
    iaclint(*ONLY, ".", "--baseline", FILE, "--fix", cwd=adopted)
    assert (adopted / "a/main.tf").read_text() == BAD


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "is not JSON"),
        ("[]", "is no baseline of iaclint"),
        ('{"version": 2, "findings": []}', "has version 2; this iaclint reads 1"),
        ('{"version": 1, "findings": [{}]}', "has an entry that cannot be used"),
        ('{"version": 1, "findings": [1]}', "has an entry that cannot be used"),
        (
            '{"version": 1, "findings": [{"fingerprint": "f", "rule": "r", "file": "a", "count": 1e400}]}',
            "has an entry that cannot be used",
        ),
    ],
)
def test_what_is_no_baseline_is_2(text: str, says: str, tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": BAD, FILE: text})
    done = lint(tmp_path)
    assert done.code == 2 and says in done.err


def test_nothing_is_accepted_of_what_could_not_be_read(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": BAD, "broken.tf": "resource {\n"})
    assert iaclint("baseline", *ONLY, ".", cwd=tmp_path).code == 2
    assert not (tmp_path / FILE).exists()
