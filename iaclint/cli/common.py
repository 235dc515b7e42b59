"""What the commands share: settings, the choice of rules, and writing."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

if TYPE_CHECKING:
    from iaclint.linting.config import Config
    from iaclint.linting.rule import Rule
    from iaclint.run.request import Request

F = TypeVar("F", bound=Callable[..., Any])

FORMATS = ("text", "concise", "json", "sarif", "github", "markdown", "gitlab", "junit")
CLOSED_PIPE = 141
"""As a shell shows a process that SIGPIPE ended."""
LEVELS = ("critical", "high", "medium", "low", "never")


def fail(message: str) -> NoReturn:
    """End with exit code 2 and a message."""
    click.echo(f"iaclint: {message}", err=True)
    raise click.exceptions.Exit(2)


def hint(word: str, known: Iterable[str], otherwise: str) -> str:
    """What was probably meant by a word, or else what to do."""
    from iaclint.source.suggest import closest

    near = closest(word, known)
    return f"did you mean {near}?" if near else otherwise


def words(values: Sequence[str]) -> tuple[str, ...]:
    """The words of options that may be repeated and hold commas."""
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())


def complete_rules(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    try:
        before, _, last = incomplete.rpartition(",")
        lead = before + "," if before else ""
        return [lead + r.id for r in all_rules(()) if r.id.startswith(last)]
    except Exception:
        return []


def input_options(command: F) -> F:
    """The options that say what is looked at, and with what."""
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
    for option in reversed(options):
        command = option(command)
    return command


def rule_options(command: F) -> F:
    """The options that choose rules."""
    options = (
        ("--select", "Run only these rules or families (`all`: every one)."),
        ("--extend-select", "Run these besides the default ones."),
        ("--ignore", "Do not run these rules or families."),
    )
    for name, text in reversed(options):
        command = click.option(name, multiple=True, metavar="RULE,...", help=text, shell_complete=complete_rules)(
            command
        )
    return command


def load_config(paths: Sequence[str], file: str | None, isolated: bool) -> Config:
    """The settings that hold for the first path."""
    from iaclint.linting import config

    if isolated:
        return config.Config()
    try:
        found = file or config.find(os.path.abspath(paths[0]) if paths else os.getcwd())
        return config.load(found) if found else config.Config()
    except config.ConfigError as error:
        fail(str(error))


def all_rules(directories: Sequence[str]) -> tuple[Rule[Any], ...]:
    """The built-in rules, those about exceptions, and those of further packs, by id."""
    from iaclint.linting import pack
    from iaclint.linting.suppressions import SUPPRESSION_RULES

    try:
        rules: dict[str, Rule[Any]] = {r.id: r for r in (*SUPPRESSION_RULES, *_builtin_rules())}
        for number, directory in enumerate(directories):
            for rule in pack.load(directory, f"iaclint_pack_{number}"):
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
    """The rules that come with iaclint; they do not change while it runs."""
    from iaclint.linting import pack

    return pack.load(pack.builtin_directory())


def shown(path: str) -> str:
    """A path as people are shown it: relative where it lies below the working directory."""
    from iaclint.source.files import shown_path

    return shown_path(os.path.abspath(path))


def shown_in(text: str) -> str:
    """A text with the working directory cut from the paths in it."""
    from iaclint.source.files import shorten_paths

    return shorten_paths(text, os.getcwd())


def chosen(
    rules: Sequence[Rule[Any]], select: Sequence[str], extend: Sequence[str], ignore: Sequence[str], where: str = ""
) -> tuple[Rule[Any], ...]:
    """The rules to run: by id or family; `all` takes even those that are off by default."""
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


def request(paths: Sequence[str], given: Mapping[str, Any], **fields: Any) -> Request:
    """What to scan, from the options of `input_options` and `rule_options` and the config. Fails on what is wrong."""
    from msgspec.structs import replace

    from iaclint.run.request import Request

    around = paths or fields.get("deleted", ())
    config = load_config(around, given["config_file"], given["isolated"])
    rules = all_rules((*config.rules, *given["packs"]))
    check_config(rules, config)
    config = replace(
        config,
        var_files=(*config.var_files, *(os.path.abspath(f) for f in given["var_file"])),
        parameter_files=(*config.parameter_files, *(os.path.abspath(f) for f in given["parameter_file"])),
        inline_ignores=config.inline_ignores and not given.get("no_inline_ignores"),
        honour=_honoured(given.get("honour", ())) or config.honour,
    )
    run = chosen(
        rules,
        words(given.get("select", ())) or config.select,
        (*config.extend_select, *words(given.get("extend_select", ()))),
        (*config.ignore, *words(given.get("ignore", ()))),
    )
    return Request(
        paths=tuple(paths),
        config=config,
        rules=run,
        known=rules,
        root=given["root"],
        source_root=given["source_root"],
        read_environment=given["tf_env"],
        jobs=given.get("jobs", 0),
        **fields,
    )


def _honoured(values: Sequence[str]) -> tuple[str, ...]:
    from iaclint.linting.other_tools import TOOLS

    tools = words(values)
    for tool in tools:
        if tool not in TOOLS:
            fail(f"--honour {tool}: use some of {', '.join(TOOLS)}")
    return tools


def check_config(rules: Sequence[Rule[Any]], config: Config) -> None:
    """Whether the rules, families and options that the config names exist, with the right types."""
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


def colour_wanted(choice: str, stream: Any) -> bool:
    """Whether to colour: --color, then NO_COLOR, then FORCE_COLOR or CLICOLOR_FORCE, then the terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if any(os.environ.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return bool(stream.isatty()) and os.environ.get("TERM") != "dumb"


def echo(text: str) -> None:
    """Print to stdout as UTF-8, whatever the locale. Where the reader has gone, end quietly."""
    if not text:
        return
    try:
        sys.stdout.flush()
        _write_all(sys.stdout.buffer, (text if text.endswith("\n") else text + "\n").encode("utf-8", "replace"))
    except OSError as error:
        to_nowhere(sys.stdout)
        if isinstance(error, BrokenPipeError):
            raise click.exceptions.Exit(CLOSED_PIPE) from None
        fail(f"stdout cannot be written: {error.strerror}")


def to_nowhere(*streams: Any) -> None:
    """What is left of streams that cannot be written goes nowhere, so that Python's end has nothing to complain of."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _write_all(stream: Any, data: bytes) -> None:
    """All of it, where each write may take only a part: before a full disk, or into a pipe that does not wait."""
    raw = getattr(stream, "raw", stream)  # with PYTHONUNBUFFERED there is no buffer in between
    left = memoryview(data)
    while left:
        taken = raw.write(left)
        if taken is None:
            import select

            select.select([], [raw], [])
        else:
            left = left[taken:]


def write_file(path: str, text: str) -> None:
    """Write a file whole or not at all."""
    from iaclint.linting.fixing import FixError, replace_file

    try:
        if os.path.lexists(path) and not os.path.isfile(path) and not os.path.isdir(path):
            with open(path, "wb") as stream:  # a pipe or a device, such as /dev/stderr
                stream.write(text.encode("utf-8", "replace"))
            return
        replace_file(path, text.encode("utf-8", "replace"))
    except (FixError, OSError) as error:
        fail(str(error) if isinstance(error, FixError) else f"{path} cannot be written: {error.strerror}")
