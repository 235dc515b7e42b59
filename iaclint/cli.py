"""The command line. Everything but click is imported inside the commands."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from iaclint.config import Config
    from iaclint.rule import Report, Rule

FORMATS = ("text", "concise", "json", "sarif", "github", "markdown", "gitlab", "junit")
LEVELS = ("critical", "high", "medium", "low", "never")

INFRASTRUCTURE_SUFFIXES = (
    *(".tf", ".tofu", ".tf.json", ".tofu.json", ".tfvars", ".tfvars.json"),
    *(".yaml", ".yml", ".json", ".template", ".cfn"),
)


class DefaultGroup(click.Group):
    """A group that runs `check` where the first argument is no command: `iaclint path/`."""

    default = "check"

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args:
            click.echo(self.get_help(ctx), color=ctx.color)
            ctx.exit(0)
        own = {option for parameter in self.get_params(ctx) for option in parameter.opts}
        if args[0] not in self.commands and args[0] not in own:
            if not args[0].startswith("-") and not os.path.lexists(args[0]):
                self._suggest(ctx, args[0])
            args = [self.default, *args]
        return super().parse_args(ctx, args)

    def _suggest(self, ctx: click.Context, word: str) -> None:
        import difflib

        if os.sep in word or "." in word:
            return
        near = difflib.get_close_matches(word, list(self.commands), 1)
        if near:
            raise click.UsageError(f"there is no command or path {word!r}; did you mean `iaclint {near[0]}`?", ctx)

    def format_usage(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage("iaclint", "[OPTIONS] PATH...")
        formatter.write_usage("iaclint", "COMMAND [ARGS]...")

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        from click.shell_completion import CompletionItem

        found = super().shell_complete(ctx, incomplete)
        command = self.commands[self.default]
        found += command.shell_complete(click.Context(command, parent=ctx, info_name=self.default), incomplete)
        found.append(CompletionItem(incomplete, type="file"))
        return found


def colour_wanted(choice: str, stream: Any) -> bool:
    """Whether to colour: --color, then NO_COLOR, then FORCE_COLOR or CLICOLOR_FORCE, then the terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if any(os.environ.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return bool(stream.isatty()) and os.environ.get("TERM") != "dumb"


def _print_version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from iaclint.scan import version

        click.echo(f"iaclint {version()}")
        ctx.exit()


@click.group(
    cls=DefaultGroup,
    invoke_without_command=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Print the version."
)
def main() -> None:
    """Find what would fail a SOC 2 review in Terraform and CloudFormation, before it ships.

    \b
    iaclint infra/                    lint a directory
    iaclint --format sarif infra/     for code scanning
    iaclint explain RULE              what a rule means, with examples
    iaclint show infra/               what iaclint understood of your code

    Exit codes: 0 nothing found, 1 failures at or above --fail-on, 2 the job could not be done in full.
    """


def _complete_rules(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    try:
        return [r.id for r in _builtin_rules() if r.id.startswith(incomplete)]
    except Exception:
        return []


def _fail(message: str) -> NoReturn:
    click.echo(f"iaclint: {message}", err=True)
    raise click.exceptions.Exit(2)


def _builtin_rules() -> tuple[Rule[Any], ...]:
    from iaclint import pack

    return pack.load(pack.builtin_directory())


def _load_config(paths: Sequence[str], file: str | None, isolated: bool) -> Config:
    from iaclint import config

    if isolated:
        return config.Config()
    try:
        found = file or config.find(os.path.abspath(paths[0]) if paths else os.getcwd())
        return config.load(found) if found else config.Config()
    except config.ConfigError as error:
        _fail(str(error))


def _all_rules(directories: Sequence[str]) -> tuple[Rule[Any], ...]:
    from iaclint import pack

    try:
        rules = {r.id: r for r in pack.load(pack.builtin_directory())}
        for number, directory in enumerate(directories):
            for rule in pack.load(directory, f"iaclint_pack_{number}"):
                if rule.id in rules:
                    _fail(f"{rule.file}: there is already a rule {rule.id}")
                rules[rule.id] = rule
        return tuple(rules[key] for key in sorted(rules))
    except pack.PackError as error:
        _fail(f"a pack of rules cannot be used: {error}")


def _chosen(rules: Sequence[Rule[Any]], select: Sequence[str], extend: Sequence[str], ignore: Sequence[str]) -> Any:
    """The rules to run: by id or family; `all` takes even those that are off by default."""
    known = {r.id for r in rules} | {r.family for r in rules} | {"all"}
    for word in (*select, *extend, *ignore):
        if word not in known:
            import difflib

            near = difflib.get_close_matches(word, sorted(known), 1)
            hint = f"; did you mean {near[0]}?" if near else "; `iaclint rules` lists them"
            _fail(f"there is no rule or family {word!r}{hint}")

    def among(rule: Rule[Any], words: Sequence[str]) -> bool:
        return "all" in words or rule.id in words or rule.family in words

    def named(rule: Rule[Any], words: Sequence[str]) -> bool:
        # a family means its rules that are on by default; one that is off is named itself
        return rule.id in words or "all" in words or (rule.family in words and rule.enabled)

    return tuple(
        r
        for r in rules
        if (named(r, select) if select else r.enabled or named(r, extend)) and (r.id in select or not among(r, ignore))
    )


def _words(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())


@main.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, type=click.Path(), metavar="PATH...")
@click.option(
    "--format", "format_", type=click.Choice(FORMATS), default=None, help="Format on stdout.  [default: text]"
)
@click.option("--output", multiple=True, metavar="FORMAT=PATH", help="Also write a format to a file; may be repeated.")
@click.option(
    "--select", multiple=True, metavar="RULE,...", help="Run only these rules or families (`all`: every one)."
)
@click.option("--extend-select", multiple=True, metavar="RULE,...", help="Run these besides the default ones.")
@click.option("--ignore", multiple=True, metavar="RULE,...", help="Do not run these rules or families.")
@click.option(
    "--fail-on", type=click.Choice(LEVELS), default=None, help="Least severity for exit code 1.  [default: low]"
)
@click.option("--exit-zero", is_flag=True, help="Exit 0 even with failures (same as --fail-on never).")
@click.option("--var-file", multiple=True, type=click.Path(), help="Terraform variables; a later file wins.")
@click.option("--parameter-file", multiple=True, type=click.Path(), help="CloudFormation parameters.")
@click.option("--show-unknown", is_flag=True, help="Also list what cannot be told, and which input decides it.")
@click.option("--allow-parse-errors", is_flag=True, help="Exit 0 or 1 even where a file could not be read.")
@click.option("--config", "config_file", type=click.Path(), help="Use this config file.")
@click.option("--isolated", is_flag=True, help="Ignore config files.")
@click.option(
    "--rules", "packs", multiple=True, type=click.Path(), help="A directory of further rules; they are run as code."
)
@click.option(
    "--root", type=click.Path(), default="", help="A directory that may be read besides PATH, such as for modules."
)
@click.option("--staged", is_flag=True, help="Lint what is staged in git, deletions too (for the pre-commit hook).")
@click.option(
    "--force-exclude", is_flag=True, help="Pass over named files that are no infrastructure code (for hooks)."
)
@click.option(
    "--scope",
    type=click.Choice(["touched", "unit"]),
    default="touched",
    help="With files: report what touches them, or all of their unit.",
)
@click.option(
    "--sarif-include", multiple=True, metavar="KIND,...", help="suppressed, pass, open, review: besides open failures."
)
@click.option("--sarif-category", default="", help="Category of the SARIF run.")
@click.option("--sarif-pretty", is_flag=True, help="Indent the SARIF.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colour the text.")
@click.option("-q", "--quiet", is_flag=True, help="Print failures only, no summary.")
@click.pass_context
def check(ctx: click.Context, /, paths: tuple[str, ...], **given: Any) -> None:
    """Lint directories and files (the default command).

    A directory is scanned whole. A file selects what it belongs to: a .tf file its module and the roots
    that call it, a template itself.
    """
    from dataclasses import replace

    from iaclint.scan import Request, UsageError, exit_code, progress_line, scan

    deleted: tuple[str, ...] = ()
    if given["staged"]:
        staged = _staged()
        if not any(path.lower().endswith(INFRASTRUCTURE_SUFFIXES) for path in (*staged[0], *staged[1])):
            return
        paths, deleted = staged
    elif not paths:
        paths = (".",)
    outputs = [_output(text) for text in given["output"]]
    config = _load_config(paths or deleted, given["config_file"], given["isolated"])
    rules = _all_rules((*config.rules, *given["packs"]))
    select = _words(given["select"]) or config.select
    chosen = _chosen(
        rules,
        select,
        (*config.extend_select, *_words(given["extend_select"])),
        (*config.ignore, *_words(given["ignore"])),
    )
    config = replace(
        config,
        var_files=(*config.var_files, *(os.path.abspath(f) for f in given["var_file"])),
        parameter_files=(*config.parameter_files, *(os.path.abspath(f) for f in given["parameter_file"])),
    )
    _check_options(rules, config)
    progress = None if given["quiet"] else progress_line()
    try:
        report = scan(
            Request(
                paths=tuple(paths),
                config=config,
                rules=chosen,
                known_rules=frozenset(r.id for r in rules),
                deleted=deleted,
                root=given["root"],
                quiet_kinds=given["force_exclude"] or given["staged"],
                whole_units=given["scope"] == "unit",
                progress=progress,
            )
        )
    except UsageError as error:
        _fail(str(error))
    finally:
        if progress:
            progress("")
            click.echo("\r", nl=False, err=True)
    _write(report, given, outputs)
    hook = given["staged"] or given["force_exclude"]
    if not report.deployments and not report.unread and not hook:
        click.echo(
            "iaclint: no Terraform and no CloudFormation found in "
            + ", ".join(click.format_filename(p) for p in paths)
            + "; name a directory that holds some",
            err=True,
        )
        ctx.exit(2)
    code = exit_code(report, "never" if given["exit_zero"] else given["fail_on"] or config.fail_on)
    if code == 2 and given["allow_parse_errors"]:
        code = exit_code(replace(report, problems=(), unread=()), given["fail_on"] or config.fail_on)
    ctx.exit(code)


def _check_options(rules: Sequence[Rule[Any]], config: Config) -> None:
    """Options of rules in the config: only those that exist, with the right type."""
    by_id = {r.id: r for r in rules}
    for rule_id in (*config.options, *config.severity):
        if rule_id not in by_id:
            _fail(f"{config.file}: there is no rule {rule_id!r}; `iaclint rules` lists them")
    for rule_id, options in config.options.items():
        known = by_id[rule_id].options
        for name, value in options.items():
            if name not in known:
                has = ", ".join(known) or "none"
                _fail(f"{config.file}: options.{rule_id} has {name!r}; the options of this rule are: {has}")
            wanted = type(known[name])
            if not isinstance(value, list if wanted is tuple else wanted) or (
                wanted is int and isinstance(value, bool)
            ):
                _fail(f"{config.file}: options.{rule_id}.{name} must be a {wanted.__name__}")


def _staged() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Files that are staged in git, and those that the commit deletes (or renames away)."""
    import subprocess

    command = ["git", "diff", "--cached", "--name-status", "-z", "-M", "--no-ext-diff"]
    try:
        top = subprocess.run(["git", "rev-parse", "--show-toplevel"], capture_output=True, text=True, check=True)
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except FileNotFoundError:
        _fail("--staged needs git, which is not on the PATH")
    except subprocess.CalledProcessError as error:
        _fail(f"--staged needs a git repository: {error.stderr.strip()}")
    base = top.stdout.rstrip("\n")
    changed: list[str] = []
    deleted: list[str] = []
    fields = iter(done.stdout.split("\0"))
    for status in fields:
        if not status:
            continue
        path = os.path.join(base, next(fields))
        if status[0] == "D":
            deleted.append(path)
        elif status[0] in "RC":
            if status[0] == "R":
                deleted.append(path)
            changed.append(os.path.join(base, next(fields)))
        else:
            changed.append(path)
    wanted = [p for p in changed if p.lower().endswith(INFRASTRUCTURE_SUFFIXES) and os.path.lexists(p)]
    gone = [p for p in deleted if p.lower().endswith(INFRASTRUCTURE_SUFFIXES)]
    return tuple(wanted), tuple(gone)


def _output(text: str) -> tuple[str, str]:
    format_, separator, path = text.partition("=")
    if not separator or not path or format_ not in FORMATS:
        _fail(f"--output {text}: write FORMAT=PATH, with a format of {', '.join(FORMATS)}; the path - is stdout")
    return format_, path


def _write(report: Report, given: dict[str, Any], outputs: list[tuple[str, str]]) -> None:
    """The chosen format to stdout, and each --output to its file, whole or not at all."""
    from iaclint.report import SARIF_INCLUDES, Options, notices, render

    include = frozenset(_words(given["sarif_include"]))
    for word in include - set(SARIF_INCLUDES):
        _fail(f"--sarif-include {word}: use some of {', '.join(SARIF_INCLUDES)}")
    base = Options(
        colour=colour_wanted(given["color"], sys.stdout),
        width=shutil.get_terminal_size().columns if sys.stdout.isatty() else None,
        show_unknown=given["show_unknown"],
        quiet=given["quiet"],
        sarif_include=include,
        sarif_category=given["sarif_category"],
        sarif_pretty=given["sarif_pretty"],
    )
    to_stdout = given["format_"] or (None if any(path == "-" for _, path in outputs) else "text")
    for format_ in dict.fromkeys([*([to_stdout] if to_stdout else []), *(name for name, _ in outputs)]):
        for notice in notices(format_, report, base):
            click.echo(f"iaclint: {notice}", err=True)
    if to_stdout:
        _echo(render(to_stdout, report, base))
    for format_, path in outputs:
        from dataclasses import replace

        text = render(format_, report, replace(base, colour=False) if path != "-" else base)
        if path == "-":
            _echo(text)
        else:
            _write_file(path, text)


def _echo(text: str) -> None:
    if text:
        stream = sys.stdout.buffer
        stream.write(text.encode("utf-8", "replace"))
        if not text.endswith("\n"):
            stream.write(b"\n")
        stream.flush()


def _write_file(path: str, text: str) -> None:
    import tempfile

    directory = os.path.dirname(os.path.abspath(path))
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(dir=directory, prefix=".iaclint-")
        with os.fdopen(handle, "wb") as stream:
            stream.write(text.encode("utf-8", "replace"))
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except OSError as error:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)
        _fail(f"{path} cannot be written: {error.strerror}")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@main.command()
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print them.")
@click.option("--family", default="", help="Only this family.")
@click.option("--equivalent", default="", metavar="ID", help="Only rules that answer this check of another tool.")
def rules(format_: str, family: str, equivalent: str) -> None:
    """List the rules."""
    found = [r for r in _builtin_rules() if not family or r.family == family]
    if equivalent:
        wanted = equivalent.lower().removeprefix("avd-")
        found = [
            r
            for r in found
            if any(wanted == i.lower().removeprefix("avd-") for ids in r.equivalents.values() for i in ids)
        ]
    if format_ == "json":
        import json

        click.echo(json.dumps([_rule_record(r) for r in found], indent=2))
        return
    width = max((len(r.id) for r in found), default=0)
    for rule in found:
        off = "" if rule.enabled else "  (off by default)"
        click.echo(f"{rule.id:{width}}  {rule.severity.value:8}  {rule.family:16}  {rule.title}{off}")


def _rule_record(rule: Rule[Any]) -> dict[str, Any]:
    return {
        "id": rule.id,
        "family": rule.family,
        "severity": rule.severity.value,
        "title": rule.title,
        "doc": rule.doc,
        "enabled": rule.enabled,
        "soc2": list(rule.soc2),
        "cwe": list(rule.cwe),
        "equivalents": {tool: list(ids) for tool, ids in rule.equivalents.items()},
        "options": {name: list(v) if isinstance(v, tuple) else v for name, v in rule.options.items()},
    }


@main.command()
@click.argument("rule_id", metavar="RULE", shell_complete=_complete_rules)
def explain(rule_id: str) -> None:
    """Say what a rule means, why it matters, and show a bad and a good example."""
    found = {r.id: r for r in _builtin_rules()}
    if rule_id not in found:
        import difflib

        near = difflib.get_close_matches(rule_id, list(found), 1)
        _fail(
            f"there is no rule {rule_id!r}" + (f"; did you mean {near[0]}?" if near else "; `iaclint rules` lists them")
        )
    rule = found[rule_id]
    click.echo(f"{rule.id} ({rule.severity.value}, {rule.family})\n\n{rule.title}.\n")
    if rule.doc:
        click.echo(rule.doc + "\n")
    click.echo(f"SOC 2 criteria: {', '.join(rule.soc2)}")
    for tool, ids in rule.equivalents.items():
        click.echo(f"Same as {tool}: {', '.join(ids)}")
    if rule.options:
        click.echo(f"\nOptions ([options.{rule.id}] in .iaclint.toml):")
        for name, value in rule.options.items():
            click.echo(f"  {name} = {list(value) if isinstance(value, tuple) else value!r}")
    for title, twins in (("Fails", rule.bad[:1]), ("Passes", rule.good[:1])):
        for twin in twins:
            for language, text in (("Terraform", twin.tf), ("CloudFormation", twin.cfn)):
                if text:
                    import textwrap

                    click.echo(f"\n{title} ({language}):\n")
                    click.echo(textwrap.indent(textwrap.dedent(text).strip("\n"), "    "))


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(), metavar="PATH...", required=True)
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
@click.option("--var-file", multiple=True, type=click.Path(), help="Terraform variables; a later file wins.")
@click.option("--parameter-file", multiple=True, type=click.Path(), help="CloudFormation parameters.")
@click.option("--root", type=click.Path(), default="", help="A directory that may be read besides PATH.")
def show(
    paths: tuple[str, ...], format_: str, var_file: Sequence[str], parameter_file: Sequence[str], root: str
) -> None:
    """Print what iaclint understood: every resource with its evaluated attributes."""
    from dataclasses import replace

    from iaclint.report.show import show_json, show_text
    from iaclint.scan import Request, UsageError, load

    config = replace(
        _load_config(paths, None, False),
        var_files=tuple(os.path.abspath(f) for f in var_file),
        parameter_files=tuple(os.path.abspath(f) for f in parameter_file),
    )
    try:
        loaded = load(Request(paths=paths, config=config, root=root))
    except UsageError as error:
        _fail(str(error))
    for problem in loaded.found.problems:
        click.echo(f"iaclint: {problem.message}", err=True)
    _echo(show_json(loaded.deployments) if format_ == "json" else show_text(loaded.deployments))


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for a shell.

    For bash: eval "$(iaclint completion bash)" in ~/.bashrc.
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(main, {}, "iaclint", "_IACLINT_COMPLETE").source())


def run() -> int:
    """Run the command line; the exit code. A closed pipe and Ctrl-C end it quietly."""
    try:
        # click returns the code of an Exit where it is not told to end the process itself
        code = main.main(prog_name="iaclint", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return 2
    except click.Abort:
        return 130
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # the reader has gone: nothing more to say, and nothing to complain about at shutdown
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
