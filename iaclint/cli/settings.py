"""`iaclint config` and `iaclint completion`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click
from msgspec.structs import asdict

from iaclint.cli.output import echo, fail, shown
from iaclint.cli.rules import all_rules, check_config, chosen, load_config

if TYPE_CHECKING:
    from iaclint.linting.config import Config


@click.command()
@click.argument("path", type=click.Path(), default=".")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
@click.option("--config", "config_file", type=click.Path(), help="Use this config file.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of .iaclint.toml, for editors.")
def config(path: str, format_: str, config_file: str | None, schema: bool) -> None:
    """Print the settings in force, and where they come from."""
    if schema:
        from iaclint.linting.config import schema_text

        echo(schema_text())
        return
    if not os.path.lexists(path):
        fail(f"{path} does not exist")
    found = load_config((path,), config_file, False)
    rules = all_rules(found.rules)
    check_config(rules, found)
    run = chosen(rules, found.select, found.extend_select, found.ignore)
    settings = _plain(found)
    configured = _names_in(found.file)
    if format_ == "json":
        import json

        entries = {
            name: {"value": value, "from": shown(found.file) if name in configured else "default"}
            for name, value in settings.items()
        }
        document = {
            "file": shown(found.file) if found.file else None,
            "settings": entries,
            "rules": {r.id: found.severity.get(r.id, r.severity.value) for r in run},
            "rules_off": [r.id for r in rules if r not in run],
        }
        echo(json.dumps(document, indent=2))
        return
    echo(f"# {shown(found.file)}" if found.file else "# no config file: the defaults")
    width = max(map(len, settings))
    for name, value in settings.items():
        source = shown(found.file) if name in configured else "default"
        echo(f"{name:{width}} = {_toml(value)}  # {source}")
    off = [r.id for r in rules if r not in run]
    echo(f"# {len(run)} rules run" + (f", {len(off)} do not: {', '.join(off)}" if off else ""))


def _plain(found: Config) -> dict[str, Any]:
    """Return the settings as JSON data, by their names in the config file."""
    from iaclint.linting.config import KEYS

    values = asdict(found)
    settings: dict[str, Any] = {}
    for key in KEYS:
        value = values[key.replace("-", "_")]
        if key == "environments":
            value = {
                e.name: {
                    "var-files": list(map(shown, e.var_files)),
                    "parameter-files": list(map(shown, e.parameter_files)),
                }
                for e in found.environments
            }
        elif key == "per-path":
            value = {
                s.path: {"ignore": list(s.ignore), "severity": dict(s.severity), "reason": s.reason}
                for s in found.per_path
            }
        elif key == "exceptions":
            value = [
                {
                    "rules": list(e.rules),
                    "path": e.path,
                    "address": e.address,
                    "reason": e.reason,
                    "until": e.until.isoformat() if e.until else "",
                }
                for e in found.exceptions
            ]
        elif key in ("var-files", "parameter-files", "rules"):
            value = [shown(path) for path in value]
        elif key == "baseline":
            value = shown(value) if value else ""
        elif isinstance(value, (tuple, frozenset)):
            value = sorted(value) if isinstance(value, frozenset) else list(value)
        elif isinstance(value, Mapping):
            value = dict(value)
        settings[key] = value
    return settings


def _names_in(file: str) -> set[str]:
    """Return the names of the settings in a file."""
    from iaclint.linting.config import table_of

    return set(table_of(file)) if file else set()


def _toml(value: Any) -> str:
    """Return a value in TOML, on one line."""
    import json

    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for a shell.

    For bash: eval "$(iaclint completion bash)" in ~/.bashrc.
    """
    from click.shell_completion import get_completion_class

    from iaclint.cli import main

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(main, {}, "iaclint", "_IACLINT_COMPLETE").source())
