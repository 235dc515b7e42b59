"""Settings: where they are found, what they may hold, what they do, and that editors are told the same."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from iaclint.linting.config import (
    ENVIRONMENT_KEYS,
    EXCEPTION_KEYS,
    HONOURED,
    KEYS,
    PER_PATH_KEYS,
    ConfigError,
    parse_config,
    schema_text,
)
from iaclint.linting.other_tools import TOOLS
from tests.command_line import BAD, GOOD, ONLY, TEMPLATE, iaclint, write

RULE = "kms-key-not-rotated"
SCHEMA: dict[str, Any] = json.loads(schema_text())


# -- where it is found -----------------------------------------------------------------------------------


def test_it_is_found_from_the_path_up_to_the_repository(tmp_path: Path) -> None:
    write(tmp_path, {".iaclint.toml": 'fail-on = "never"\n', "repo/.git/HEAD": "", "repo/a/b/main.tf": BAD})
    lint = ("--format", "concise", *ONLY)
    assert iaclint(*lint, tmp_path / "repo" / "a").code == 1  # not from outside the repository
    write(tmp_path, {"repo/pyproject.toml": '[tool.iaclint]\nfail-on = "high"\n'})
    assert iaclint(*lint, tmp_path / "repo" / "a" / "b" / "main.tf").code == 0
    write(tmp_path, {"repo/a/.iaclint.toml": 'fail-on = "low"\n', "repo/a/b/pyproject.toml": '[tool.other]\n"x" = 1\n'})
    assert iaclint(*lint, tmp_path / "repo" / "a" / "b").code == 1
    assert iaclint(*lint, "--isolated", tmp_path / "repo").code == 1
    assert iaclint(*lint, "--config", tmp_path / ".iaclint.toml", tmp_path / "repo").code == 0


# -- what is wrong with it -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('selct = ["a"]', "unknown setting 'selct'; did you mean 'select'?"),
        ("nonsense = 1", "unknown setting 'nonsense'; known are select"),
        ('select = "a"', "select must be a list of strings"),
        ('fail-on = "awful"', "use one of critical"),
        ('[severity]\nkms-key-not-rotated = "bad"', "use one of critical"),
        ('[severity]\nkms-key-not-rotatd = "low"', "severity names no rule: 'kms-key-not-rotatd'; did you mean"),
        ('select = ["nonsense"]', "select names no rule or family: 'nonsense'"),
        ('protected = ["kms"]', "protected names no rule or family"),
        ("[options.kms-key-not-rotated]\nx = 1", "the options of this rule are: none"),
        ("[options.kms-rotation-period-too-long]\nmax_days = true", "must be a whole number"),
        ('covers = ["everything"]', "covers has 'everything'"),
        ('honour = ["chekov"]', "honour has 'chekov'"),
        ('[environments.prod]\nvar-file = ["a"]', "did you mean 'var-files'?"),
        ('var-files = ["none.tfvars"]', "none.tfvars does not exist"),
        ('[environments.prod]\nvar-files = ["none.tfvars"]', "none.tfvars does not exist"),
        ('[[exceptions]]\nrule = "kms-key-not-rotated"', "gives no reason"),
        ('[[exceptions]]\nreason = "x"', "names no rule"),
        ('[[exceptions]]\nrule = "kms-key-not-rotatd"\nreason = "x"', "did you mean kms-key-not-rotated?"),
        ('[[exceptions]]\nrule = "kms-key-not-rotated"\nreason = "x"\nuntil = "soon"', "write a day such as"),
        ('[per-path."a/"]\nignores = ["b"]', "did you mean 'ignore'?"),
        ('inline-ignores = "no"', "must be true or false"),
        ('rules = ["none"]', "is not a directory of rules"),
        ("select = [", "is not valid TOML"),
        ('baseline = "none.json"', "does not exist"),
        ("exceptions = 1", "write [[exceptions]] above each"),
    ],
)
def test_a_mistake_is_2_and_says_what_was_meant(text: str, says: str, tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": BAD, ".iaclint.toml": text + "\n"})
    done = iaclint(".", cwd=tmp_path)
    assert done.code == 2
    assert says in done.err
    assert str(tmp_path) not in done.err


# -- the schema for editors ------------------------------------------------------------------------------


def test_the_schema_names_what_the_parser_takes() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    properties = SCHEMA["properties"]
    assert set(properties) == set(KEYS)
    assert set(properties["exceptions"]["items"]["properties"]) == set(EXCEPTION_KEYS)
    assert set(properties["per-path"]["additionalProperties"]["properties"]) == set(PER_PATH_KEYS)
    assert set(properties["environments"]["additionalProperties"]["properties"]) == set(ENVIRONMENT_KEYS)
    assert properties["honour"]["items"]["enum"] == list(HONOURED) == list(TOOLS)
    assert all("description" in entry for entry in properties.values())
    assert iaclint("config", "--schema").out == schema_text()


VALUES: list[Any] = [
    True, 1, "", "a", "low", "never", "2027-01-31", [], ["a"], ["account"], ["checkov"], [1], {}, {"a": "low"},
    {"a": "x"}, {"a": ""}, {"a": {}}, {"a": 1}, {"a": {"ignore": ["b"]}}, {"a": {"severity": {"b": "low"}}},
    {"a": {"var-files": ["b"]}}, {"a": {"var-files": "b"}}, [{}], [{"rule": "a"}], [{"rule": "a", "reason": "b"}],
    [{"rules": ["a"], "reason": "b"}], [{"rules": [], "reason": "b"}], [{"rule": "a", "reason": " "}],
    [{"rule": "a", "reason": "b", "until": "2027-01-31"}], [{"rule": "a", "reason": "b", "until": "soon"}],
    [{"rule": "a", "reason": "b", "path": "c", "address": "d"}], [{"rule": "a", "reason": "b", "other": "c"}],
]  # fmt: skip


@pytest.mark.parametrize("key", [*KEYS, "unknown"])
def test_the_schema_agrees_with_the_parser(key: str) -> None:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    for value in VALUES:
        table = {key: value}
        try:
            parse_config(table, "")
            taken = True
        except ConfigError:
            taken = False
        assert validator.is_valid(table) is taken, f"{key} = {value!r}"


# -- what it does ----------------------------------------------------------------------------------------


def test_choosing_rules(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": BAD, ".iaclint.toml": f'select = ["{RULE}"]\n[severity]\n{RULE} = "critical"\n'})
    done = iaclint("--format", "concise", ".", cwd=tmp_path)
    assert [line.split(" ")[1:3] for line in done.out.splitlines()] == [["critical", RULE]]
    write(tmp_path, {".iaclint.toml": 'ignore = ["all"]\n'})
    assert iaclint(".", cwd=tmp_path).code == 0


def test_environments_and_parameter_files(tmp_path: Path) -> None:
    files = {
        "main.tf": 'variable "rotate" {}\nresource "aws_kms_key" "k" {\n  enable_key_rotation = var.rotate\n}\n',
        "t.yaml": "Parameters: {R: {Type: String}}\n" + TEMPLATE.replace("false", "!Ref R"),
        "env/dev.tfvars": "rotate = false\n",
        "env/prod.tfvars": "rotate = true\n",
        "env/dev.json": '{"Parameters": {"R": "false"}}',
        "env/prod.json": '{"Parameters": {"R": "true"}}',
        ".iaclint.toml": (
            '[environments.dev]\nvar-files = ["env/dev.tfvars"]\nparameter-files = ["env/dev.json"]\n'
            '[environments.prod]\nvar-files = ["env/prod.tfvars"]\nparameter-files = ["env/prod.json"]\n'
        ),
    }
    write(tmp_path, files)
    document = json.loads(iaclint("--format", "json", *ONLY, ".", cwd=tmp_path).out)
    assert [(v["file"], v["environments"]) for v in document["verdicts"]] == [("main.tf", ["dev"]), ("t.yaml", ["dev"])]


def test_exclude_and_packs(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": GOOD, "old/main.tf": BAD, ".iaclint.toml": 'exclude = ["old/"]\nrules = ["own"]\n'})
    assert iaclint("new-rule", "all-keys-rotate", "--type", "aws_kms_key", "--rules", "own", cwd=tmp_path).code == 0
    assert iaclint("--select", "all-keys-rotate", ".", cwd=tmp_path).code == 0
    assert iaclint("--select", "all-keys-rotate", "old/main.tf", cwd=tmp_path).code == 1


# -- what is in force ------------------------------------------------------------------------------------


def test_what_is_in_force_and_from_where(tmp_path: Path) -> None:
    settings = (
        f'ignore = ["mfa"]\ncovers = ["network", "account"]\n[severity]\n{RULE} = "high"\n'
        f'[[exceptions]]\nrule = "{RULE}"\nreason = "r"\nuntil = 2030-01-31\n[per-path."x/"]\nignore = ["{RULE}"]\n'
    )
    write(tmp_path, {"a/main.tf": BAD, ".iaclint.toml": settings})
    done = iaclint("config", "a", cwd=tmp_path)
    assert done.out.startswith("# .iaclint.toml\n")
    assert any(line.split() == ["ignore", "=", '["mfa"]', "#", ".iaclint.toml"] for line in done.out.splitlines())
    assert any(line.split() == ["fail-on", "=", '"low"', "#", "default"] for line in done.out.splitlines())
    # it is TOML itself, and means the same
    again = parse_config(tomllib.loads(done.out), "")
    first = parse_config(tomllib.loads(settings), "")
    assert (again.exceptions, again.per_path, again.covers) == (first.exceptions, first.per_path, first.covers)
    document = json.loads(iaclint("config", "a", "--format", "json", cwd=tmp_path).out)
    assert document["file"] == ".iaclint.toml"
    assert document["rules"][RULE] == "high"
    assert "mfa-enforcement-bypassable" in document["rules_off"]
    assert document["settings"]["severity"] == {"value": {RULE: "high"}, "from": ".iaclint.toml"}


def test_without_a_file_the_defaults_are_in_force(tmp_path: Path) -> None:
    write(tmp_path, {".git/HEAD": ""})
    assert iaclint("config", cwd=tmp_path).out.startswith("# no config file: the defaults\n")
