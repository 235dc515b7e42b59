"""The command line. Everything but click is imported inside the commands."""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

from iaclint.cli.output import CLOSED_PIPE, to_nowhere

COMMANDS = {
    "check": "check",
    "explain": "explain",
    "rules": "explain",
    "show": "explain",
    "baseline": "accept",
    "exceptions": "accept",
    "migrate": "accept",
    "scan-many": "many",
    "config": "settings",
    "views": "own",
    "new-rule": "own",
    "test-rules": "own",
    "completion": "settings",
    "docs": "explain",
}
"""The commands in the order of help, each with its module, which is imported at need."""


class DefaultGroup(click.Group):
    """A group that runs `check` if the first argument is no command: `iaclint path/`."""

    default = "check"

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of a name, imported when it is first asked for."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"iaclint.cli.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def make_context(self, *arguments: Any, **given: Any) -> click.Context:
        """Return the context of a call; a reader that has gone ends it as a shell shows it."""
        with _closed_pipe():
            return super().make_context(*arguments, **given)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a reader that has gone ends it as a shell shows it."""
        with _closed_pipe():
            return super().invoke(ctx)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments, with `check` put first if they name no command. Without any, print the help."""
        if not args and not ctx.resilient_parsing:
            click.echo(self.get_help(ctx), color=ctx.color)
            ctx.exit(0)
        own = {option for parameter in self.get_params(ctx) for option in parameter.opts}
        if args and args[0] not in COMMANDS and args[0] not in own:
            if not args[0].startswith("-") and not os.path.lexists(args[0]):
                self._suggest(ctx, args[0])
            args = [self.default, *args]
        return super().parse_args(ctx, args)

    def _suggest(self, ctx: click.Context, word: str) -> None:
        from iaclint.source.suggest import closest

        if os.sep in word or "." in word:
            return
        near = closest(word, self.list_commands(ctx))
        if near:
            raise click.UsageError(f"there is no command or path {word!r}; did you mean `iaclint {near}`?", ctx)

    def format_usage(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the usage line of the default command."""
        formatter.write_usage("iaclint", "[OPTIONS] PATH...")
        formatter.write_usage("iaclint", "COMMAND [ARGS]...")

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands that are not hidden."""
        commands = {name: self.get_command(ctx, name) for name in COMMANDS}
        return [name for name, command in commands.items() if command and not command.hidden]

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """Return completions: commands, and paths for the default command."""
        from click.shell_completion import CompletionItem

        found = super().shell_complete(ctx, incomplete)
        command = self.get_command(ctx, self.default)
        assert command is not None
        found += command.shell_complete(click.Context(command, parent=ctx, info_name=self.default), incomplete)
        found.append(CompletionItem(incomplete, type="file"))
        return found


@contextmanager
def _closed_pipe() -> Iterator[None]:
    """If the reader of stdout or stderr has gone, end with the code that a shell shows; click would end with 1."""
    try:
        yield
    except BrokenPipeError:
        to_nowhere(sys.stdout, sys.stderr)
        raise click.exceptions.Exit(CLOSED_PIPE) from None


def _print_version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from iaclint.version import __version__

        click.echo(f"iaclint {__version__}")
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
    iaclint infra/ --fix              put right what can be put right safely
    iaclint infra/ --format sarif     for code scanning
    iaclint explain RULE              what a rule means, with examples
    iaclint explain ADDRESS infra/    what became of one resource, and why
    iaclint show infra/               what iaclint understood of your code
    iaclint scan-many repos.txt --output reports

    \b
    `iaclint check --help` lists the options of a run. Exit codes: 0 nothing found,
    1 failures at or above --fail-on, 2 the job could not be done in full;
    130, 143 and 141 where Ctrl-C, SIGTERM or a closed pipe ended it.
    """


def run() -> int:
    """Run the command line and return the exit code. Ctrl-C and SIGTERM end it quietly, with no file half written."""
    # the objects of a run live until its end, so the collector would find nothing; --watch collects between its runs
    gc.disable()
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed by the parent; a file opened later must not get its number
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
    ended: list[int] = []

    def end(number: int, _frame: Any) -> None:
        ended.append(number)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end) if threading.current_thread() is threading.main_thread() else None
    try:
        # without standalone mode click returns the code of an Exit
        code = main.main(prog_name="iaclint", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return 2
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        to_nowhere(sys.stdout)  # help, which cannot be written
        return 2
    except (click.Abort, KeyboardInterrupt):
        return 128 + (ended[0] if ended else signal.SIGINT)
    finally:
        if before is not None:
            signal.signal(signal.SIGTERM, before)
