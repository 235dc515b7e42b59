"""Settings: `.iaclint.toml`, or the table `[tool.iaclint]` of pyproject.toml, as a frozen Config.

An unknown key or a value of the wrong type is an error that names the right ones.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from iaclint.source.files import shown_path
from iaclint.source.gitignore import MAX_STARS, is_slow_pattern
from iaclint.source.suggest import closest

if TYPE_CHECKING:
    from datetime import date


FILE_NAME = ".iaclint.toml"
MAX_BYTES = 1024 * 1024
MAX_LINE = 10_000

KEYS = (
    *("select", "extend-select", "ignore", "fail-on", "severity", "options", "exclude", "per-path"),
    *("environments", "var-files", "parameter-files", "covers", "provided", "rules"),
    *("exceptions", "exception-days", "protected", "inline-ignores", "honour", "baseline"),
)
EXCEPTION_KEYS = ("rule", "rules", "path", "address", "reason", "until")
PER_PATH_KEYS = ("ignore", "severity", "reason")
ENVIRONMENT_KEYS = ("var-files", "parameter-files")
HONOURED = ("checkov", "trivy", "tfsec", "kics", "cfn_nag", "cfn-lint", "guard")

SEVERITIES = ("critical", "high", "medium", "low")
COVERS = ("account", "network")


class ConfigError(Exception):
    """A setting that cannot be used. The text names the file and what to write instead."""


class Environment(Struct, frozen=True):
    """Files of inputs that are evaluated together, under a name; paths are absolute."""

    name: str
    var_files: tuple[str, ...] = ()
    parameter_files: tuple[str, ...] = ()


class Accepted(Struct, frozen=True):
    """An exception of the config: accepted findings of some rules.

    rules    ids or families
    path     a pattern as in .gitignore, from the config file's directory; "" for everywhere
    address  a pattern such as "module.legacy.*"; "" for every resource
    until    the last day on which it counts; None for no end
    number   its place among the exceptions, from 0
    """

    rules: tuple[str, ...]
    path: str
    address: str
    reason: str
    until: date | None
    number: int


class PerPath(Struct, frozen=True):
    """Settings below a path: a pattern as in .gitignore, from the config file's directory."""

    path: str
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""


class Config(Struct, frozen=True):
    """The settings of a run.

    file          the config file; "" for the defaults
    select        ids or families to run; empty for the default ones
    extend_select ids or families to run, too
    ignore        ids or families not to run
    fail_on       the least severity that makes the exit code 1
    severity      overrides by rule id
    options       of rules, by rule id
    exclude       patterns as in .gitignore of what is not scanned
    environments  each is evaluated; empty for one without a name
    covers        what is in the scanned code completely: "account", "network"
    provided      controls that exist outside the scanned code, with the reason
    rules         directories of further rules, absolute
    per_path      settings below some paths; if several match, the last one wins
    exceptions    findings that are accepted
    exception_days the most days from now to the last day of an exception; 0 for no such limit
    protected     ids or families that no comment and no metadata can suppress
    inline_ignores False if comments and metadata suppress nothing
    honour        other tools whose suppressions count, too
    baseline      the file of findings that were accepted before, absolute; "" for none
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
    per_path: tuple[PerPath, ...] = ()
    exceptions: tuple[Accepted, ...] = ()
    exception_days: int = 0
    protected: tuple[str, ...] = ()
    inline_ignores: bool = True
    honour: tuple[str, ...] = ()
    baseline: str = ""

    @property
    def directory(self) -> str:
        """The directory that paths in it are relative to; "" if there is no file."""
        return os.path.dirname(os.path.abspath(self.file)) if self.file else ""


def find_config(start: str) -> str:
    """Return the nearest config file from a path up to the root of its repository; "" if there is none."""
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


def read_config(path: str) -> Config:
    """Return the settings of a file. Raises ConfigError."""
    path = os.path.abspath(path)
    table = _table(path)
    if table is None:
        raise ConfigError(f"{_shown(path)} has no table [tool.iaclint]")
    return parse_config(table, path)


def table_of(path: str) -> dict[str, Any]:
    """Return the settings of a file as TOML reads them. Raises ConfigError."""
    return _table(path) or {}


def schema_text() -> str:
    """Return the JSON Schema of the settings."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "config.schema.json"), encoding="utf-8") as file:
        return file.read()


def _table(path: str) -> dict[str, Any] | None:
    import tomllib

    project = os.path.basename(path) == "pyproject.toml"
    try:
        with open(path, "rb") as stream:
            data = stream.read(MAX_BYTES + 1)
        if project and b"iaclint" not in data:
            return None  # it has no settings of iaclint, and may be no TOML
        if len(data) > MAX_BYTES or max(map(len, data.split(b"\n"))) > MAX_LINE:
            raise ConfigError(f"{_shown(path)} is too large: {MAX_BYTES:,} bytes and {MAX_LINE:,} a line are read")
        document = tomllib.loads(data.decode("utf-8"))
    except OSError as error:
        raise ConfigError(f"{_shown(path)} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{_shown(path)} is not valid TOML: {error}") from error
    if project:
        tool = document.get("tool")
        found = tool.get("iaclint") if isinstance(tool, dict) else None
        return found if isinstance(found, dict) else None
    return document


def _shown(path: str) -> str:
    """Return a path as people see it: relative if it is below the working directory."""
    return shown_path(path)


def parse_config(table: Mapping[str, Any], path: str) -> Config:
    """Return the settings of a parsed table. Raises ConfigError.

    path  the config file, whose directory relative paths count from; "" for the working directory
    """
    base = os.path.dirname(os.path.abspath(path)) if path else os.getcwd()
    reader = _Reader(_shown(path) if path else "settings", base)
    reader.keys(table, KEYS, "")
    fail_on = table.get("fail-on", "low")
    if fail_on not in (*SEVERITIES, "never"):
        raise reader.error(f"fail-on is {fail_on!r}; use one of {', '.join(SEVERITIES)}, never")
    severity = reader.severities(table.get("severity", {}), "severity")
    covers = reader.texts(table.get("covers", []), "covers")
    for what in covers:
        if what not in COVERS:
            raise reader.error(f"covers has {what!r}; it may hold {' and '.join(COVERS)}")
    options = reader.table(table.get("options", {}), "options")
    environments = []
    for name, settings in reader.table(table.get("environments", {}), "environments").items():
        settings = reader.table(settings, f"environments.{name}")
        reader.keys(settings, ENVIRONMENT_KEYS, f"environments.{name}.")
        environments.append(
            Environment(
                name,
                reader.paths(settings.get("var-files", []), f"environments.{name}.var-files"),
                reader.paths(settings.get("parameter-files", []), f"environments.{name}.parameter-files"),
            )
        )
    honour = reader.texts(table.get("honour", []), "honour")
    for tool in honour:
        if tool not in HONOURED:
            raise reader.error(f"honour has {tool!r}; it may hold {', '.join(HONOURED)}")
    inline = table.get("inline-ignores", True)
    if not isinstance(inline, bool):
        raise reader.error("inline-ignores must be true or false")
    days = table.get("exception-days", 0)
    if not isinstance(days, int) or isinstance(days, bool) or days < 0:
        raise reader.error("exception-days must be a number of days, or 0 for any")
    return Config(
        file=path,
        select=reader.texts(table.get("select", []), "select"),
        extend_select=reader.texts(table.get("extend-select", []), "extend-select"),
        ignore=reader.texts(table.get("ignore", []), "ignore"),
        fail_on=fail_on,
        severity=severity,
        options={rule_id: reader.table(values, f"options.{rule_id}") for rule_id, values in options.items()},
        exclude=tuple(reader.pattern(item, "exclude") for item in reader.texts(table.get("exclude", []), "exclude")),
        environments=tuple(environments),
        var_files=reader.paths(table.get("var-files", []), "var-files"),
        parameter_files=reader.paths(table.get("parameter-files", []), "parameter-files"),
        covers=frozenset(covers),
        provided=reader.strings(table.get("provided", {}), "provided"),
        rules=reader.paths(table.get("rules", []), "rules"),
        per_path=_per_path(reader, table.get("per-path", {})),
        exceptions=_exceptions(reader, table.get("exceptions", [])),
        exception_days=days,
        protected=reader.texts(table.get("protected", []), "protected"),
        inline_ignores=inline,
        honour=honour,
        baseline=reader.paths([table["baseline"]], "baseline")[0] if "baseline" in table else "",
    )


def _per_path(reader: _Reader, value: Any) -> tuple[PerPath, ...]:
    found = []
    for pattern, settings in reader.table(value, "per-path").items():
        name = f'per-path."{reader.pattern(pattern, "per-path")}"'
        settings = reader.table(settings, name)
        reader.keys(settings, PER_PATH_KEYS, name + ".")
        found.append(
            PerPath(
                pattern,
                reader.texts(settings.get("ignore", []), name + ".ignore"),
                reader.severities(settings.get("severity", {}), name + ".severity"),
                reader.text(settings.get("reason", ""), name + ".reason"),
            )
        )
    return tuple(found)


def _exceptions(reader: _Reader, value: Any) -> tuple[Accepted, ...]:
    if not isinstance(value, list):
        raise reader.error("exceptions must be a list of tables: write [[exceptions]] above each")
    found = []
    for number, item in enumerate(value):
        name = f"exceptions[{number}]"
        entry = reader.table(item, name)
        reader.keys(entry, EXCEPTION_KEYS, name + ".")
        rules = reader.texts(entry.get("rules", []), name + ".rules")
        if "rule" in entry:
            rules = (reader.text(entry["rule"], name + ".rule"), *rules)
        if not rules:
            raise reader.error(f'{name} names no rule; write rule = "rule-id"')
        reason = reader.text(entry.get("reason", ""), name + ".reason").strip()
        if not reason:
            raise reader.error(f'{name} ({", ".join(rules)}) gives no reason; write reason = "..."')
        found.append(
            Accepted(
                rules,
                reader.pattern(reader.text(entry.get("path", ""), name + ".path"), name + ".path"),
                reader.text(entry.get("address", ""), name + ".address"),
                reason,
                reader.date(entry.get("until"), name + ".until"),
                number,
            )
        )
    return tuple(found)


class _Reader:
    """Checks types; its errors name the file. All methods raise ConfigError."""

    def __init__(self, shown: str, base: str) -> None:
        self.shown = shown
        self.base = base

    def error(self, text: str) -> ConfigError:
        return ConfigError(f"{self.shown}: {text}")

    def keys(self, table: Mapping[str, Any], known: Sequence[str], prefix: str) -> None:
        for key in table:
            if key not in known:
                near = closest(key, known)
                hint = f"; did you mean {near!r}?" if near else f"; known are {', '.join(known)}"
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

    def text(self, value: Any, name: str) -> str:
        if not isinstance(value, str):
            raise self.error(f"{name} must be a string")
        return value

    def pattern(self, value: str, name: str) -> str:
        if is_slow_pattern(value):
            raise self.error(f"{name} has more than {MAX_STARS} stars between two slashes, or `**` as often: {value!r}")
        return value

    def severities(self, value: Any, name: str) -> dict[str, str]:
        found = self.strings(value, name)
        for rule_id, level in found.items():
            if level not in SEVERITIES:
                raise self.error(f"{name}.{rule_id} is {level!r}; use one of {', '.join(SEVERITIES)}")
        return found

    def date(self, value: Any, name: str) -> date | None:
        """Return a date from TOML's own type or from a text; None for None."""
        from datetime import date, datetime

        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        try:
            return date.fromisoformat(self.text(value, name))
        except (ValueError, ConfigError):
            raise self.error(f"{name} is {value!r}; write a day such as 2027-01-31") from None

    def paths(self, value: Any, name: str) -> tuple[str, ...]:
        return tuple(os.path.normpath(os.path.join(self.base, item)) for item in self.texts(value, name))
