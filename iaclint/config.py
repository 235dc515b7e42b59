"""Settings: `.iaclint.toml`, or the table `[tool.iaclint]` of pyproject.toml, as a frozen Config.

An unknown key or a value of the wrong type is an error that says what was meant.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FILE_NAME = ".iaclint.toml"

SEVERITIES = ("critical", "high", "medium", "low")
COVERS = ("account", "network")


class ConfigError(Exception):
    """A setting that cannot be used; the text says which file and what to write instead."""


@dataclass(frozen=True)
class Environment:
    """Inputs that are evaluated together under one name; paths are absolute."""

    name: str
    var_files: tuple[str, ...] = ()
    parameter_files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Config:
    """What is in force.

    file          the file it came from; "" for the defaults
    select        ids or families to run; empty for the default ones
    extend_select ids or families to run besides those
    ignore        ids or families not to run
    fail_on       the least severity that makes the exit code 1
    severity      overrides by rule id
    options       of rules, by rule id
    exclude       gitignore patterns of what is not scanned
    environments  each is evaluated; empty for one run with the defaults
    covers        what the scan covers completely: "account", "network"
    provided      controls that are supplied elsewhere, with the reason
    rules         directories of further rules, absolute
    """

    file: str = ""
    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: str = "low"
    severity: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    environments: tuple[Environment, ...] = ()
    var_files: tuple[str, ...] = ()
    parameter_files: tuple[str, ...] = ()
    covers: frozenset[str] = frozenset()
    provided: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[str, ...] = ()


def find(start: str) -> str:
    """The config file that holds for a path: the nearest one from there up to the repository's root; "" for none."""
    directory = start if os.path.isdir(start) else os.path.dirname(start)
    directory = os.path.abspath(directory)
    while True:
        own = os.path.join(directory, FILE_NAME)
        if os.path.isfile(own):
            return own
        project = os.path.join(directory, "pyproject.toml")
        if os.path.isfile(project) and _table(project) is not None:
            return project
        parent = os.path.dirname(directory)
        if os.path.exists(os.path.join(directory, ".git")) or parent == directory:
            return ""
        directory = parent


def load(path: str) -> Config:
    """The settings of a file. Raises ConfigError."""
    table = _table(path)
    if table is None:
        raise ConfigError(f"{path} has no table [tool.iaclint]")
    return parse(table, path)


def _table(path: str) -> dict[str, Any] | None:
    import tomllib

    try:
        with open(path, "rb") as stream:
            document = tomllib.load(stream)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    if os.path.basename(path) == "pyproject.toml":
        found = document.get("tool", {}).get("iaclint")
        return found if isinstance(found, dict) else None
    return document


def parse(table: Mapping[str, Any], path: str) -> Config:
    """The settings of a parsed table; relative paths count from the file's directory. Raises ConfigError."""
    base = os.path.dirname(os.path.abspath(path)) if path else os.getcwd()
    reader = _Reader(path or "settings", base)
    known = [
        *("select", "extend-select", "ignore", "fail-on", "severity", "options", "exclude", "environments"),
        *("var-files", "parameter-files", "covers", "provided", "rules"),
    ]
    reader.keys(table, known, "")
    fail_on = table.get("fail-on", "low")
    if fail_on not in (*SEVERITIES, "never"):
        raise reader.error(f"fail-on is {fail_on!r}; use one of {', '.join(SEVERITIES)}, never")
    severity = reader.strings(table.get("severity", {}), "severity")
    for rule_id, level in severity.items():
        if level not in SEVERITIES:
            raise reader.error(f"severity.{rule_id} is {level!r}; use one of {', '.join(SEVERITIES)}")
    covers = reader.texts(table.get("covers", []), "covers")
    for what in covers:
        if what not in COVERS:
            raise reader.error(f"covers has {what!r}; it may hold {' and '.join(COVERS)}")
    options = reader.table(table.get("options", {}), "options")
    environments = []
    for name, settings in reader.table(table.get("environments", {}), "environments").items():
        settings = reader.table(settings, f"environments.{name}")
        reader.keys(settings, ["var-files", "parameter-files"], f"environments.{name}.")
        environments.append(
            Environment(
                name,
                reader.paths(settings.get("var-files", []), f"environments.{name}.var-files"),
                reader.paths(settings.get("parameter-files", []), f"environments.{name}.parameter-files"),
            )
        )
    return Config(
        file=path,
        select=reader.texts(table.get("select", []), "select"),
        extend_select=reader.texts(table.get("extend-select", []), "extend-select"),
        ignore=reader.texts(table.get("ignore", []), "ignore"),
        fail_on=fail_on,
        severity=severity,
        options={rule_id: reader.table(values, f"options.{rule_id}") for rule_id, values in options.items()},
        exclude=reader.texts(table.get("exclude", []), "exclude"),
        environments=tuple(environments),
        var_files=reader.paths(table.get("var-files", []), "var-files"),
        parameter_files=reader.paths(table.get("parameter-files", []), "parameter-files"),
        covers=frozenset(covers),
        provided=reader.strings(table.get("provided", {}), "provided"),
        rules=reader.paths(table.get("rules", []), "rules"),
    )


class _Reader:
    """Checks types, and makes errors that name the file."""

    def __init__(self, shown: str, base: str) -> None:
        self.shown = shown
        self.base = base

    def error(self, text: str) -> ConfigError:
        return ConfigError(f"{self.shown}: {text}")

    def keys(self, table: Mapping[str, Any], known: list[str], prefix: str) -> None:
        for key in table:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                hint = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(known)}"
                raise self.error(f"unknown setting {prefix + key!r}{hint}")

    def table(self, value: Any, name: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.error(f"{name} must be a table")
        return value

    def texts(self, value: Any, name: str) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.error(f"{name} must be a list of strings")
        return tuple(value)

    def strings(self, value: Any, name: str) -> dict[str, str]:
        table = self.table(value, name)
        for key, item in table.items():
            if not isinstance(item, str) or not item:
                raise self.error(f"{name}.{key} must be a string that is not empty")
        return table

    def paths(self, value: Any, name: str) -> tuple[str, ...]:
        return tuple(os.path.normpath(os.path.join(self.base, item)) for item in self.texts(value, name))
