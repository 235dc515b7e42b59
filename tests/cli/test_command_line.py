"""Exit codes, errors and the manners of the command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from iaclint.cli.output import colour_wanted
from iaclint.report.sarif.linehash import LineHashes
from tests.command_line import BAD, FIXTURES, GOOD, ONLY, ROOT, TEMPLATE, Result, commands, iaclint, write

BROKEN = FIXTURES / "broken"


def lint(*arguments: object, **world: Any) -> Result:
    return iaclint("--format", "concise", *ONLY, *arguments, **world)


# -- exit codes ------------------------------------------------------------------------------------------


def test_nothing_found_is_0() -> None:
    done = lint(BROKEN / "clean")
    assert (done.code, done.out) == (0, "")


def test_a_finding_is_1(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": BAD})
    assert lint(tmp_path).code == 1
    assert lint("--exit-zero", tmp_path).code == 0


@pytest.mark.parametrize(("level", "code"), [("critical", 0), ("high", 0), ("medium", 1), ("low", 1), ("never", 0)])
def test_the_gate(level: str, code: int, tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": BAD})
    assert lint("--fail-on", level, tmp_path).code == code


@pytest.mark.parametrize("format_", ["text", "concise", "json", "sarif", "github", "markdown", "gitlab", "junit"])
def test_no_format_changes_the_code(format_: str, tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": BAD})
    assert iaclint("--format", format_, *ONLY, tmp_path).code == 1
    assert iaclint("--format", format_, *ONLY, BROKEN).code == 2
    assert iaclint("--format", format_, *ONLY, BROKEN / "clean").code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--select", "kms-key-not-rotatd", "."], "did you mean kms-key-not-rotated?"),
        (["--ignore", "nonsense-of-mine", "."], "`iaclint rules` lists them"),
        (["--var-file", "prod.tfvar", "."], "prod.tfvar does not exist; did you mean prod.tfvars?"),
        (["--parameter-file", "none.json", "."], "none.json does not exist"),
        (["--config", "none.toml", "."], "none.toml cannot be read"),
        (["mian.tf"], "mian.tf does not exist; did you mean main.tf?"),
        (["--format", "yaml", "."], "is not one of"),
        (["--output", "sarif", "."], "write FORMAT=PATH"),
        (["--output", "sarif=no/such/place.sarif", "."], "no/such/place.sarif cannot be written"),
        (["--fail-on", "awful", "."], "is not one of"),
        (["--sarif-include", "everything", "."], "use some of"),
        (["--honour", "chekov", "."], "use some of checkov"),
        (["--unsafe", "."], "--unsafe goes with --fix or --diff"),
        (["--baseline", "none.json", "."], "`iaclint baseline` makes it"),
        (["--no-such-option", "."], "No such option"),
        (["--rules", "none", "."], "is not a directory of rules"),
        (["explain", "kms-key-not-rotatd"], "did you mean kms-key-not-rotated?"),
        (["explain", "aws_kms_key.j", "."], "did you mean aws_kms_key.k?"),
        (["exlpain"], "did you mean `iaclint explain`?"),
        (["rules", "--family", "none"], "there are"),
        (["rules", "--equivalent", "CKV_AWS_99999"], "no rule answers"),
        (["show", "none"], "none does not exist"),
    ],
)
def test_a_wrong_command_is_2_and_says_what_to_do(arguments: list[str], says: str, tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": BAD, "prod.tfvars": "a = 1\n"})
    done = iaclint(*arguments, cwd=tmp_path)
    assert done.code == 2
    assert says in done.err
    assert "Traceback" not in done.err


def test_no_files_found_is_2_except_in_a_hook(tmp_path: Path) -> None:
    write(tmp_path, {"readme.txt": "nothing here\n"})
    done = lint(tmp_path)
    assert done.code == 2
    assert "no Terraform and no CloudFormation found" in done.err
    assert lint("--force-exclude", tmp_path / "readme.txt") == Result(0, "", "")


# -- bad input -------------------------------------------------------------------------------------------


def test_a_broken_file_is_2_and_the_rest_is_linted() -> None:
    done = lint("terraform", cwd=BROKEN)
    assert done.code == 2
    assert "terraform/keys.tf:1:1: medium kms-key-not-rotated" in done.out
    assert "terraform/broken.tf:2:18: error" in done.out
    assert lint("--allow-parse-errors", BROKEN / "terraform").code == 1
    assert lint("--allow-parse-errors", "--exit-zero", BROKEN / "terraform").code == 0


def test_templates_of_all_sorts() -> None:
    done = lint("templates", cwd=BROKEN)
    assert done.code == 2
    assert "templates/good.yaml:5:26: medium kms-key-not-rotated" in done.out
    assert "templates/broken.yaml:6:1: error not well-formed YAML" in done.out
    assert "templates/binary.template is a binary file" in done.out
    assert "empty.yaml" not in done.out + done.err


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("empty.yaml", "is empty; it is not linted"),
        ("list.yaml", "is neither Terraform, a CloudFormation template nor a plan"),
        ("binary.template", "is a binary file"),
        ("broken.yaml", "not well-formed YAML"),
    ],
)
def test_a_named_template_that_is_none(name: str, says: str) -> None:
    done = lint(BROKEN / "templates" / name)
    assert done.code == 2
    assert says in done.out


def test_an_empty_terraform_file_is_nothing_to_complain_about() -> None:
    assert lint(BROKEN / "empty").code == 0


def test_a_huge_file_is_named_and_the_rest_is_linted(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": BAD})
    for name in ("huge.tf", "huge.yaml"):
        with open(tmp_path / name, "wb") as stream:
            stream.write(b"Resources:\n# a comment\n")
            stream.truncate(50 * 1024 * 1024)
    done = lint(".", cwd=tmp_path)
    assert done.code == 2
    assert "main.tf:2:25: medium kms-key-not-rotated" in done.out
    assert "huge.tf has 52,428,800 bytes" in done.out
    assert "huge.yaml has 52,428,800 bytes" in done.out
    os.unlink(tmp_path / "huge.tf")
    assert lint(".", cwd=tmp_path).code == 1  # a data file met while walking was never a template
    assert lint("huge.yaml", cwd=tmp_path).code == 2  # but one that is named was meant


def test_a_link_in_a_circle_ends(tmp_path: Path) -> None:
    write(tmp_path, {"a/main.tf": BAD})
    (tmp_path / "a" / "loop").symlink_to(tmp_path / "a")
    (tmp_path / "a" / "self.tf").symlink_to(tmp_path / "a" / "self.tf")
    done = lint(tmp_path)
    assert done.out.count("kms-key-not-rotated") == 1
    assert done.code in (1, 2)


def test_a_directory_without_rights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"main.tf": BAD, "closed/main.tf": BAD})
    real = os.scandir

    def scandir(path: str) -> Any:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    done = lint(".", cwd=tmp_path)
    assert done.code == 2
    assert "main.tf:2:25" in done.out
    assert "closed cannot be listed: Permission denied" in done.out


def test_a_rule_that_breaks_is_2(tmp_path: Path) -> None:
    rule = (
        '"""Breaks always.\n\nFor the test only.\n"""\nfrom iaclint import Example, Finding, aws, rule\n\n\n'
        '@rule(on=aws.kms.Key, severity="low", soc2=["CC6.1"], bad=[], good=[])\n'
        "def always_breaks(key):\n    raise ValueError('no')\n"
    )
    write(tmp_path, {"main.tf": GOOD, "rules/always_breaks.py": rule})
    done = iaclint("--format", "concise", "--rules", tmp_path / "rules", "--select", "always-breaks", tmp_path)
    assert done.code == 2
    assert "always-breaks" in done.out


# -- pipes and signals -----------------------------------------------------------------------------------


def test_a_closed_pipe_is_quiet(tmp_path: Path) -> None:
    write(tmp_path, {f"m{i}/main.tf": BAD for i in range(40)})
    code = "import sys; from iaclint.cli import run; sys.exit(run())"
    with subprocess.Popen(
        [sys.executable, "-c", code, "--format", "sarif", str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        errors = process.stderr.read()
    assert errors == b""
    assert process.returncode == 141


def test_ctrl_c_is_quiet(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": BAD})
    code = (
        "import signal, sys; from importlib import import_module\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background starts without\n"
        "def slow(request):\n"
        "    print('started', flush=True)\n"
        "    import time; time.sleep(60)\n"
        "import_module('iaclint.run.scan').scan = slow\n"
        "from iaclint.cli import run; sys.exit(run())"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline() == b"started\n"
        process.send_signal(signal.SIGINT)
        errors = process.stderr.read()
    assert process.returncode == 130
    assert b"Traceback" not in errors


# -- outputs ---------------------------------------------------------------------------------------------


def test_several_outputs_in_one_run(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": BAD})
    done = iaclint(*ONLY, ".", "--output", "sarif=out.sarif", "--output", "json=out.json", cwd=tmp_path)
    assert done.code == 1
    assert "kms-key-not-rotated" in done.out
    assert json.loads((tmp_path / "out.sarif").read_text())["version"] == "2.1.0"
    assert json.loads((tmp_path / "out.json").read_text())["version"] == 1
    done = iaclint(*ONLY, ".", "--output", "concise=-", cwd=tmp_path)
    assert done.out.startswith("main.tf:2:25: medium")


def test_sarif_is_written_even_where_a_file_is_broken(tmp_path: Path) -> None:
    done = iaclint(*ONLY, BROKEN / "terraform", "--output", f"sarif={tmp_path}/out.sarif")
    run = json.loads((tmp_path / "out.sarif").read_text())["runs"][0]
    assert done.code == 2
    assert run["results"]
    assert run["invocations"][0]["executionSuccessful"] is False


# -- the terminal ----------------------------------------------------------------------------------------


class _Stream:
    def __init__(self, terminal: bool) -> None:
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@pytest.mark.parametrize(
    ("choice", "env", "terminal", "wanted"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"FORCE_COLOR": "0"}, False, False),
        ("auto", {"CLICOLOR_FORCE": "1"}, False, True),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_the_precedence_of_colours(
    choice: str, env: dict[str, str], terminal: bool, wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert colour_wanted(choice, _Stream(terminal)) is wanted


def test_no_colour_reaches_a_pipe_or_a_file(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": BAD})
    assert "\x1b" not in iaclint(*ONLY, tmp_path).out
    assert "\x1b[" in iaclint(*ONLY, tmp_path, env={"FORCE_COLOR": "1"}).out
    iaclint(*ONLY, tmp_path, "--color", "always", "--output", f"text={tmp_path}/out.txt")
    assert "\x1b" not in (tmp_path / "out.txt").read_text()


def test_no_arguments_print_help() -> None:
    done = iaclint()
    assert done.code == 0
    assert "iaclint [OPTIONS] PATH..." in done.out
    assert "Exit codes" in done.out


def test_every_option_of_a_run_has_its_section() -> None:
    text = iaclint("check", "--help").out

    for parameter in commands()["check"].params:
        if parameter.opts[0].startswith("-"):
            assert parameter.opts[0] in text, parameter.opts[0]
    assert "Fixes:" in text


def test_every_command_and_option_has_help() -> None:
    import click

    for name, command in commands().items():
        assert command.help, name
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, f"{name} {parameter.opts}"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell: str) -> None:
    assert "_IACLINT_COMPLETE" in iaclint("completion", shell).out


@pytest.mark.parametrize(
    ("words", "offers"),
    [
        (["iaclint", ""], {"check", "explain", "rules", "exceptions"}),
        (["iaclint", "scan"], {"scan-many"}),
        (["iaclint", "scan-many", "--t"], {"--time-limit"}),
        (["iaclint", "--f"], {"--format", "--fail-on", "--fix"}),
        (["iaclint", "explain", "kms-key-not"], {"kms-key-not-rotated"}),
        (["iaclint", "check", "--select", "kms-key-not"], {"kms-key-not-rotated"}),
        (["iaclint", "check", "--format", "s"], {"sarif"}),
    ],
)
def test_completion_offers(words: list[str], offers: set[str]) -> None:
    env = {
        **os.environ,
        "_IACLINT_COMPLETE": "zsh_complete",
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": str(len(words) - 1),
    }
    done = subprocess.run([sys.executable, "-m", "iaclint"], env=env, capture_output=True, text=True, check=False)
    assert offers <= set(done.stdout.split("\n"))


def test_stdin_stands_for_a_file(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": GOOD, "other.tf": ""})
    done = lint("--stdin-filename", "main.tf", cwd=tmp_path, stdin=BAD)
    assert done.code == 1
    assert done.out.startswith("main.tf:2:25: medium kms-key-not-rotated")
    assert lint("--stdin-filename", "new.yaml", cwd=tmp_path, stdin=TEMPLATE).code == 1
    assert "save it first" in lint("--stdin-filename", "new.tf", cwd=tmp_path, stdin=BAD).err
    assert (tmp_path / "main.tf").read_text() == GOOD
    done = lint("--stdin-filename", "main.tf", "--diff", cwd=tmp_path, stdin=BAD)
    assert "+  enable_key_rotation = true" in done.out


@pytest.mark.parametrize("saved", [b"", b"\xef\xbb\xbf", b"\xff\xfe"], ids=["nothing", "mark", "utf-16"])
def test_line_hashes_are_of_the_text_on_stdin(saved: bytes, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_bytes(saved + GOOD.encode())
    text = 'resource "aws_kms_key" "k" { enable_key_rotation = false }\n'
    done = iaclint("--stdin-filename", "main.tf", "--format", "sarif", *ONLY, cwd=tmp_path, stdin=text)
    [result] = json.loads(done.out)["runs"][0]["results"]
    assert result["partialFingerprints"]["primaryLocationLineHash"] == LineHashes(text)[0]


def test_watching_lints_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watchfiles = pytest.importorskip("watchfiles", reason="the extra `watch` is not installed")
    write(tmp_path, {"main.tf": BAD})

    def changes(*paths: str, watch_filter: Any, raise_interrupt: bool) -> Any:
        assert paths == (str(tmp_path),) and raise_interrupt
        assert watch_filter(None, str(tmp_path / "main.tf"))
        assert not watch_filter(None, str(tmp_path / ".terraform" / "x.tf"))
        assert not watch_filter(None, str(tmp_path / "image.png"))
        write(tmp_path, {"main.tf": GOOD})
        yield {(1, "main.tf")}
        raise KeyboardInterrupt

    monkeypatch.setattr(watchfiles, "watch", changes)
    done = iaclint("--watch", *ONLY, tmp_path)
    assert done.code == 130
    assert done.out.count("1 finding (") == 1 and done.out.count("no findings") == 1


def test_progress_waits_and_clears() -> None:
    import io

    from iaclint.cli.progress import progress_line

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    show = progress_line(stream)
    assert show is not None
    show("at once")
    show("")
    assert stream.getvalue() == ""
    assert progress_line(io.StringIO()) is None


# -- what a file selects ---------------------------------------------------------------------------------

MODULES = {
    ".git/HEAD": "",
    "keys/main.tf": 'variable "rotate" {}\nresource "aws_kms_key" "k" {\n  enable_key_rotation = var.rotate\n}\n',
    "app/main.tf": 'module "keys" {\n  source = "../keys"\n  rotate = false\n}\n',
    "app/other.tf": 'resource "aws_kms_key" "other" {}\n',
    "lone/main.tf": BAD,
    "stack.yaml": TEMPLATE,
}


@pytest.mark.parametrize(
    ("file", "found"),
    [
        ("keys/main.tf", {"keys/main.tf"}),
        ("app/main.tf", {"keys/main.tf"}),
        ("app/other.tf", {"app/other.tf"}),
        ("lone/main.tf", {"lone/main.tf"}),
        ("stack.yaml", {"stack.yaml"}),
    ],
)
def test_a_file_selects_what_touches_it(file: str, found: set[str], tmp_path: Path) -> None:
    write(tmp_path, MODULES)
    done = lint(file, cwd=tmp_path)
    assert {line.partition(":")[0] for line in done.out.splitlines()} == found
    if file == "app/main.tf":
        whole = lint("--scope", "unit", file, cwd=tmp_path)
        assert {line.partition(":")[0] for line in whole.out.splitlines()} == {"keys/main.tf", "app/other.tf"}


# -- the same everywhere, and no word of the machine -----------------------------------------------------


def test_reports_are_the_same_whatever_the_working_directory(tmp_path: Path) -> None:
    write(tmp_path, MODULES)
    for name in ("terraform/broken.tf", "templates/broken.yaml", "templates/binary.template"):
        (tmp_path / "bad").mkdir(exist_ok=True)
        (tmp_path / "bad" / name.replace("/", "-")).write_bytes((BROKEN / name).read_bytes())
    for format_ in ("sarif", "json", "gitlab", "junit", "markdown", "github"):
        runs = {
            iaclint("--format", format_, ".", cwd=tmp_path).out,
            iaclint("--format", format_, "..", cwd=tmp_path / "app").out,
            iaclint("--format", format_, tmp_path, cwd=ROOT).out,
        }
        assert len(runs) == 1, format_


def test_no_word_of_the_machine_in_any_output(tmp_path: Path) -> None:
    secret = "hunter2-hunter2"
    files = {
        **MODULES,
        ".git/config": '[remote "origin"]\n  url = https://me:ghp_abcdefghijklmnop@example.com/a/b.git\n',
        "db/main.tf": f'resource "aws_db_instance" "d" {{\n  username = "u"\n  password = "{secret}"\n}}\n',
        "bad.tf": 'resource "x" "y" {\n',
        ".iaclint.toml": '[[exceptions]]\nrule = "kms-key-not-rotated"\npath = "none"\nreason = "gone"\n',
    }
    write(tmp_path, files)
    (tmp_path / "bin.template").write_bytes((BROKEN / "templates" / "binary.template").read_bytes())
    home, user = str(Path.home()), os.environ.get("USER", "nobody-at-all")
    machine = {str(tmp_path), str(ROOT), secret, "ghp_"} | ({f"{home}/"} if len(home) > 1 else set())
    runs = [iaclint("--format", f, ".", "--show-unknown", cwd=tmp_path) for f in (
        "text", "concise", "json", "sarif", "github", "markdown", "gitlab", "junit"
    )]  # fmt: skip
    runs += [
        iaclint("show", ".", cwd=tmp_path),
        iaclint("show", ".", "--format", "json", cwd=tmp_path),
        iaclint("exceptions", ".", cwd=tmp_path),
        iaclint("explain", "aws_kms_key.other", "app", cwd=tmp_path),
        iaclint("config", cwd=tmp_path),
        iaclint("config", "--format", "json", cwd=tmp_path),
        iaclint(".", "--diff", "--unsafe", cwd=tmp_path),
        iaclint("migrate", ".", cwd=tmp_path),
        iaclint("rules", "--format", "json"),
    ]
    for run in runs:
        text = run.out + run.err
        assert not [word for word in machine if word in text]
        assert f"/{user}/" not in text
