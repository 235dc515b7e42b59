"""Options that several commands have: how click declares them, and the typed records that the commands receive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar

import click
from msgspec import Struct

from iaclint.cli.rules import complete_rules

FORMATS = ("text", "concise", "json", "sarif", "github", "markdown", "gitlab", "junit")
LEVELS = ("critical", "high", "medium", "low", "never")

Command = TypeVar("Command", bound=Callable[..., Any])


class InputOptions(Struct, frozen=True):
    """What is scanned, and with which inputs and settings.

    var_file        files of Terraform variables; a later one wins
    tf_env          True if TF_VAR_ variables of the environment count
    parameter_file  files of CloudFormation parameters
    root            a further directory that may be read; "" for none
    source_root     the configuration that a plan file was made from; "" for none
    config_file     the config file; None for the nearest one
    isolated        True if config files are ignored
    packs           directories of further rules
    """

    var_file: tuple[str, ...] = ()
    tf_env: bool = False
    parameter_file: tuple[str, ...] = ()
    root: str = ""
    source_root: str = ""
    config_file: str | None = None
    isolated: bool = False
    packs: tuple[str, ...] = ()


class RuleOptions(Struct, frozen=True):
    """Which rules run. Each text holds ids of rules and families, separated by commas.

    select         run only these; none for the default ones
    extend_select  run these, too
    ignore         do not run these
    """

    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


ALL_RULES = RuleOptions(select=("all",))


def input_options(command: Command) -> Command:
    """Add the options of InputOptions to a command, which receives them as its argument `inputs`."""
    options = (
        click.option("--var-file", multiple=True, type=click.Path(), help="Terraform variables; a later file wins."),
        click.option(
            "--tf-env", is_flag=True, help="Let TF_VAR_ variables of the environment count, as Terraform does."
        ),
        click.option("--parameter-file", multiple=True, type=click.Path(), help="CloudFormation parameters."),
        click.option(
            "--root", type=click.Path(), default="", help="A directory that may be read besides PATH, as for modules."
        ),
        click.option(
            "--source-root", type=click.Path(), default="", help="The configuration that a plan file was made from."
        ),
        click.option("--config", "config_file", type=click.Path(), help="Use this config file."),
        click.option("--isolated", is_flag=True, help="Ignore config files."),
        click.option(
            "--rules", "packs", multiple=True, type=click.Path(), help="A directory of further rules; it runs as code."
        ),
    )
    return _receiving(command, "inputs", InputOptions, options)


def rule_options(command: Command) -> Command:
    """Add the options of RuleOptions to a command, which receives them as its argument `choice`."""
    texts = (
        ("--select", "Run only these rules or families (`all`: every one)."),
        ("--extend-select", "Run these besides the default ones."),
        ("--ignore", "Do not run these rules or families."),
    )
    options = [
        click.option(name, multiple=True, metavar="RULE,...", help=text, shell_complete=complete_rules)
        for name, text in texts
    ]
    return _receiving(command, "choice", RuleOptions, options)


def own_options(record: type[Struct]) -> Callable[[Command], Command]:
    """Make a command receive the options that are fields of a record as its argument `options`.

    Stands below the declarations of the options.
    """
    return lambda command: _receiving(command, "options", record, ())


def words(values: Sequence[str]) -> tuple[str, ...]:
    """Return the words of an option that may be repeated and hold commas."""
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())


def _receiving(
    command: Command, argument: str, record: type[Struct], options: Sequence[Callable[[Any], Any]]
) -> Command:
    """Add options to a command; those that are fields of a record reach it as one argument."""
    names = record.__struct_fields__

    @wraps(command)
    def receiving(*arguments: Any, **values: Any) -> Any:
        fields = {name: values.pop(name) for name in names}
        return command(*arguments, **values, **{argument: record(**fields)})

    made: Any = receiving
    for option in reversed(options):
        made = option(made)
    return made  # type: ignore[no-any-return]
