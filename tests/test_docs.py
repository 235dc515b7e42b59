"""What the documentation shows is so: settings parse_config, commands and options exist, links lead somewhere."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from iaclint.cli.rules import all_rules, check_config
from iaclint.linting.config import parse_config
from tests.command_line import ROOT, commands

PAGES = sorted(p for p in (ROOT / "docs").glob("*.md"))
RULES = all_rules(())


def blocks(page: Path, *kinds: str) -> list[str]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [text for kind, text in found if kind in kinds]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_settings_are_real(page: Path) -> None:
    for text in blocks(page, "toml"):
        config = parse_config(tomllib.loads(text), "")
        if page.name != "own-rules.md":
            check_config(RULES, config)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_yaml_is_real(page: Path) -> None:
    for text in blocks(page, "yaml"):
        yaml.safe_load(text)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_commands_and_options_exist(page: Path) -> None:
    import click

    shown = [line for text in blocks(page, "", "console") for line in text.splitlines()]
    shown += re.findall(r"`(iaclint [^`]+)`", page.read_text(encoding="utf-8"))
    for line in shown:
        line = line.removeprefix("$ ").split("  #")[0].split(" < ")[0].split(" > ")[0]
        if not line.startswith("iaclint "):
            continue
        words = shlex.split(line)[1:]
        command = commands().get(words[0], commands()["check"])
        options: dict[str, Any] = {
            name: p for p in command.params if isinstance(p, click.Option) for name in (*p.opts, *p.secondary_opts)
        }
        for word in words:
            if word.startswith("-") and word != "-":
                assert word.partition("=")[0] in options, f"{line}: {word}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_options_in_the_text_exist(page: Path) -> None:
    known = {name for command in commands().values() for p in command.params for name in p.opts}
    for option in re.findall(r"`(--[a-z][a-z-]*)", page.read_text(encoding="utf-8")):
        assert option in known or option == "--all-files", option


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if not target.startswith("https://"):
            assert (page.parent / target).exists(), target
