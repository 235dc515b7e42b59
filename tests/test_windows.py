"""What the paths of Windows become: drives, backslashes and line ends, with the functions that Python has for them.

The files do not exist here, so what is scanned is handed over as contents, as an editor does.
"""

from __future__ import annotations

import json
import ntpath
import os
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from iaclint import Request, scan
from iaclint.cli.output import shown_in
from iaclint.linting import config
from iaclint.linting.baseline import of_report
from iaclint.linting.config import Config
from iaclint.linting.fixing import repair
from iaclint.linting.verdict import Report
from iaclint.report import FORMATS, Options, render
from iaclint.source.files import SourceFile, Workspace, is_downloaded, relative
from iaclint.terraform.functions import glob
from tests.builtin_rules import ALL_RULES
from tests.command_line import TEMPLATE

RULES = tuple(r for r in ALL_RULES if r.id == "kms-key-not-rotated")
HERE = "C:\\work\\repo"


@pytest.fixture(autouse=True)
def windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patched:
        patched.setattr(os, "path", ntpath)
        patched.setattr(os, "sep", "\\")
        patched.setattr(os, "getcwd", lambda: HERE)
        patched.setattr(ntpath, "realpath", ntpath.abspath)
        yield


def linted(path: str, text: str = TEMPLATE, **fields: Any) -> Report:
    overlay = {path: text.encode(), **fields.pop("overlay", {})}
    return scan(Request((path,), rules=RULES, known=RULES, overlay=overlay, today=date(2027, 1, 1), **fields))


@pytest.mark.parametrize(
    ("path", "base", "wanted"),
    [
        ("C:\\work\\repo\\a\\b.tf", HERE, "a/b.tf"),
        ("C:\\work\\b.tf", HERE, "../b.tf"),
        ("C:\\work\\repo", HERE, "."),
        ("D:\\a\\b.tf", HERE, "D:/a/b.tf"),
        ("\\\\server\\share\\b.tf", HERE, "//server/share/b.tf"),
    ],
)
def test_a_path_from_a_directory(path: str, base: str, wanted: str) -> None:
    assert relative(path, base) == wanted


def test_a_path_as_people_are_shown_it() -> None:
    for path, wanted in ((HERE + "\\a\\b.tf", "a/b.tf"), (HERE, "."), ("D:\\b.tf", "D:/b.tf")):
        assert Workspace((), cwd=HERE).display(path) == wanted
    assert shown_in(f"no {HERE}\\a.tf") == "no a.tf"


@pytest.mark.parametrize("boundary", [HERE, "C:\\"])
def test_what_may_be_read(boundary: str) -> None:
    workspace = Workspace((boundary,), cwd=HERE)
    assert workspace.allows(HERE + "\\a\\b.tf")
    assert not workspace.allows("D:\\work\\repo\\a.tf")
    assert workspace.allows(HERE + "-other\\a.tf") is (boundary == "C:\\")
    assert workspace.allows(HERE + "\\..\\a.tf") is (boundary == "C:\\")


@pytest.mark.parametrize("path", [HERE + "\\a b\\stack.yaml", "D:\\stack.yaml"])
def test_no_report_has_a_backslash_or_a_drive(path: str) -> None:
    report = linted(path)
    assert len(report.open) == 1
    for format_ in FORMATS:
        text = render(format_, report, Options())
        assert "stack.yaml" in text
        assert "stack\\" not in text and "\\stack" not in text and "C:" not in text, format_
        assert "D:" not in text or format_ in ("text", "concise"), format_  # at a terminal it may lead there
    run = json.loads(render("sarif", report, Options()))["runs"][0]
    [location] = run["results"][0]["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "stack.yaml"


def test_paths_of_another_drive_are_compared_with_those_of_a_config() -> None:
    """A config may lie on one drive and what is linted on another: its patterns then mean nothing there."""
    table = {
        "exclude": ["a/"],
        "per-path": {"a/": {"ignore": ["kms-key-not-rotated"]}},
        "exceptions": [{"rule": "kms-key-not-rotated", "path": "stack.yaml", "reason": "r"}],
    }
    for file, wanted in (("D:\\.iaclint.toml", 1), (HERE + "\\.iaclint.toml", 0)):
        settings = config.parse_config(table, file)
        found = linted(HERE + "\\a\\stack.yaml", config=settings)
        assert len(found.open) == wanted, file


def test_the_same_findings_have_the_same_names_on_every_system(monkeypatch: pytest.MonkeyPatch) -> None:
    report = linted(HERE + "\\stack.yaml")
    [here] = of_report(report).entries
    monkeypatch.undo()
    path = os.path.join(os.path.realpath(os.getcwd()), "stack.yaml")
    [there] = of_report(linted(path)).entries
    assert (here.fingerprint, here.file) == (there.fingerprint, "stack.yaml")


def test_a_fix_keeps_the_line_ends() -> None:
    path, text = HERE + "\\stack.yaml", TEMPLATE.replace("\n", "\r\n")
    other = text.replace("EnableKeyRotation: false", "Description: a")
    for content, wanted in (
        (text, text.replace("false", "true")),
        (other, other.replace("      Desc", "      EnableKeyRotation: true\r\n      Desc")),
    ):

        def again(contents: Mapping[str, bytes]) -> Report:
            return linted(path, overlay=contents)

        done = repair(linted(path, content), again, contents={path: content.encode()})
        [change] = done.changes
        assert (change.name, change.after) == ("stack.yaml", wanted.encode())


def test_settings_name_their_files() -> None:
    settings = config.parse_config({"var-files": ["env/prod.tfvars", "..\\other.tfvars"]}, HERE + "\\.iaclint.toml")
    assert settings.var_files == (HERE + "\\env\\prod.tfvars", "C:\\work\\other.tfvars")
    with pytest.raises(config.ConfigError, match=r"^conf/a\.toml: "):
        config.parse_config({"nonsense": 1}, HERE + "\\conf\\a.toml")
    assert isinstance(settings, Config)


def test_patterns_of_fileset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.json").write_text("")
    for pattern in ("a/*.json", "a/../a/b.json", "./**/*.json"):
        assert glob.files(Workspace((str(tmp_path),)), str(tmp_path), pattern) == ["a/b.json"]


def test_files_of_installed_modules() -> None:
    from iaclint.report.common import Paths

    source = SourceFile(HERE + "\\.terraform\\modules\\m\\main.tf", "")
    assert is_downloaded(source.path)
    assert Paths(HERE).inside(source.path) is None
    assert Paths(HERE).below(source.path) == ".terraform/modules/m/main.tf"
