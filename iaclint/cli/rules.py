"""The settings and the rules that a command runs with."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import click

from iaclint.cli.output import fail, hint, shown, shown_in

if TYPE_CHECKING:
    from iaclint.linting.config import Config
    from iaclint.linting.rule import Rule


def complete_rules(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the ids of the built-in rules that complete the last word of an option, for the shell."""
    try:
        before, _, last = incomplete.rpartition(",")
        lead = before + "," if before else ""
        return [lead + r.id for r in all_rules(()) if r.id.startswith(last)]
    except Exception:
        return []


def load_config(paths: Sequence[str], file: str | None, isolated: bool) -> Config:
    """Return the settings for the first path. Ends the program if they are wrong.

    file      the config file; None for the nearest one
    isolated  True for the defaults
    """
    from iaclint.linting import config

    if isolated:
        return config.Config()
    try:
        found = file or config.find_config(os.path.abspath(paths[0]) if paths else os.getcwd())
        return config.read_config(found) if found else config.Config()
    except config.ConfigError as error:
        fail(str(error))


def all_rules(directories: Sequence[str]) -> tuple[Rule[Any], ...]:
    """Return the built-in rules, those about exceptions, and those of further packs, sorted by id.

    Ends the program if a pack cannot be loaded or has a rule of the same id.
    """
    from iaclint.linting import pack
    from iaclint.linting.suppression_rules import SUPPRESSION_RULES

    try:
        rules: dict[str, Rule[Any]] = {r.id: r for r in (*SUPPRESSION_RULES, *_builtin_rules())}
        for number, directory in enumerate(directories):
            for rule in pack.load_pack(directory, f"iaclint_pack_{number}"):
                if rule.id in rules:
                    fail(f"{shown(rule.file)}: there is already a rule {rule.id}")
                rules[rule.id] = rule
        return tuple(rules[key] for key in sorted(rules))
    except pack.PackError as error:
        fail(f"a pack of rules cannot be used: {shown_in(str(error))}")


def configured_rules(
    paths: Sequence[str], packs: Sequence[str], config_file: str | None, isolated: bool
) -> tuple[Rule[Any], ...]:
    """Return all rules that hold for the first path: the built-in ones and those of packs, also of the config's."""
    return all_rules((*load_config(paths, config_file, isolated).rules, *packs))


@cache
def _builtin_rules() -> tuple[Rule[Any], ...]:
    """Return the rules that come with iaclint; they do not change while it runs."""
    from iaclint.linting import pack

    return pack.load_pack(pack.builtin_directory())


def chosen(
    rules: Sequence[Rule[Any]], select: Sequence[str], extend: Sequence[str], ignore: Sequence[str], where: str = ""
) -> tuple[Rule[Any], ...]:
    """Return the rules to run. Ends the program if a word is no rule and no family.

    select  ids, families or "all", which takes even the rules that are off by default; none for the default rules
    extend  ids or families to run, too;  ignore: ids or families not to run
    where   goes before the error message
    """
    known = {r.id for r in rules} | {r.family for r in rules} | {"all"}
    for word in (*select, *extend, *ignore):
        if word not in known:
            fail(f"{where}there is no rule or family {word!r}; {hint(word, known, '`iaclint rules` lists them')}")

    def among(rule: Rule[Any], names: Sequence[str]) -> bool:
        return "all" in names or rule.id in names or rule.family in names

    def named(rule: Rule[Any], names: Sequence[str]) -> bool:
        # a family means its rules that are on by default; one that is off is named itself
        return rule.id in names or "all" in names or (rule.family in names and rule.enabled)

    return tuple(
        r
        for r in rules
        if (named(r, select) if select else r.enabled or named(r, extend)) and (r.id in select or not among(r, ignore))
    )


def check_config(rules: Sequence[Rule[Any]], config: Config) -> None:
    """End the program if the config names a rule, family or option that does not exist, or a wrong type."""
    by_id = {r.id: r for r in rules}
    where = f"{shown(config.file)}: " if config.file else ""
    names = {*by_id, *(r.family for r in rules)}

    def rule(name: str, place: str) -> None:
        if name not in by_id:
            fail(f"{where}{place} names no rule: {name!r}; {hint(name, by_id, '`iaclint rules` lists them')}")

    def either(name: str, place: str) -> None:
        if name not in names and not (name == "all" and place in ("select", "extend-select", "ignore")):
            fail(f"{where}{place} names no rule or family: {name!r}; {hint(name, names, '`iaclint rules` lists them')}")

    for key in ("select", "extend_select", "ignore", "protected"):
        for name in getattr(config, key):
            either(name, key.replace("_", "-"))
    for settings in config.per_path:
        for name in settings.ignore:
            either(name, f'per-path."{settings.path}".ignore')
        for name in settings.severity:
            rule(name, f'per-path."{settings.path}".severity')
    for entry in config.exceptions:
        for name in entry.rules:
            either(name, f"exceptions[{entry.number}]")
    for name in config.severity:
        rule(name, "severity")
    for rule_id, options in config.options.items():
        rule(rule_id, "options")
        known = by_id[rule_id].options
        for name, value in options.items():
            if name not in known:
                has = ", ".join(known) or "none"
                fail(f"{where}options.{rule_id} has {name!r}; the options of this rule are: {has}")
            if not _fits(value, known[name]):
                kind = {"tuple": "list", "str": "string", "int": "whole number", "bool": "true or false"}
                wanted = type(known[name]).__name__
                fail(f"{where}options.{rule_id}.{name} must be a {kind.get(wanted, wanted)}")


def _fits(value: Any, default: Any) -> bool:
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, (tuple, list, frozenset)):
        return isinstance(value, list)
    if isinstance(default, float):
        return isinstance(value, (int, float))
    return isinstance(value, type(default))
