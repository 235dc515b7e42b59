"""`iaclint scan-many`: many repositories, each by itself."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any, Literal

import click
from msgspec import Struct

from iaclint.cli.check import Sectioned, check
from iaclint.cli.options import FORMATS, own_options
from iaclint.cli.output import colour_wanted, echo, fail, shown, shown_in

if TYPE_CHECKING:
    from iaclint.run.journal import RepositoryResult

SHARED = (
    *("select", "extend_select", "ignore", "packs", "fail_on", "exit_zero", "allow_parse_errors"),
    *("no_inline_ignores", "honour", "root", "config_file", "isolated"),
    *("show_unknown", "with_cfn_lint", "sarif_include", "sarif_pretty"),
)
"""The options of `check` that each repository's run is given."""

SECTIONS = {
    "Reports": ("output", "formats", "fresh"),
    "Limits": ("jobs", "time_limit", "memory_limit"),
    "Terminal": ("quiet", "color", "help"),
    "As for `iaclint check`, for each repository": SHARED,
}
COLOURS = {"ok": "green", "findings": "red", "incomplete": "yellow", "timed out": "yellow", "failed": "yellow"}


class ManyOptions(Struct, frozen=True):
    """The options of `scan-many` but those that each repository's run is given.

    formats       of the reports
    fresh         True to lint again what an earlier run has done
    jobs          the number of repositories at once; None for one on each processor
    time_limit    seconds for each repository
    memory_limit  megabytes for each repository; None for no limit
    quiet         True to name only repositories with findings or trouble
    color         "auto", "always" or "never"
    """

    formats: tuple[str, ...]
    fresh: bool
    jobs: int | None
    time_limit: float
    memory_limit: int | None
    quiet: bool
    color: Literal["auto", "always", "never"]


@click.command(
    "scan-many",
    cls=Sectioned,
    sections=SECTIONS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(), metavar="PATH|LISTFILE...")
@click.option("--output", required=True, type=click.Path(), metavar="DIR", help="Where reports and summary.jsonl go.")
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(FORMATS),
    default=("sarif",),
    help="Of the reports; may be repeated.  [default: sarif]",
)
@click.option("--fresh", is_flag=True, help="Lint again what an earlier run has done.")
@click.option(
    "-j", "--jobs", type=click.IntRange(min=1), default=None, help="How many at once.  [default: one a processor]"
)
@click.option(
    "--time-limit",
    type=click.FloatRange(min=0, min_open=True),
    default=600.0,
    metavar="SECONDS",
    help="For each repository.  [default: 600]",
)
@click.option(
    "--memory-limit",
    type=click.IntRange(min=1),
    default=None,
    metavar="MB",
    help="For each repository.  [default: none]",
)
@click.option("-q", "--quiet", is_flag=True, help="Name only repositories with findings or trouble; no summary.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colour the text.")
@own_options(ManyOptions)
@click.pass_context
def scan_many(ctx: click.Context, /, paths: tuple[str, ...], output: str, options: ManyOptions, **_shared: Any) -> None:
    """Lint many repositories, each by itself.

    \b
    iaclint scan-many repos/*/ --output reports
    iaclint scan-many repos.txt --output reports --time-limit 60

    A directory is a repository. A file is a list of them, one path a line; a line that starts with # is a comment,
    and paths count from the list's directory. The path - reads the list from stdin.

    Each is linted in a process of its own, as `iaclint check` would with its own config. One that fails or hangs stops
    none of the others. Each has a line as soon as it is done, and its reports and a record in summary.jsonl are in
    DIR. Run it again to go on after an interruption: what is done is kept where no file and no option has changed.

    Exit codes: 0 nothing found, 1 failures at or above --fail-on somewhere, 2 something could not be done in full. A
    repository without infrastructure code is empty, which is no failure.
    """
    from iaclint.cli.progress import progress_line
    from iaclint.run import repositories
    from iaclint.run.request import UsageError

    colour = colour_wanted(options.color, sys.stdout)
    progress = None if options.quiet else progress_line()
    done: list[RepositoryResult] = []
    try:
        wanted = repositories.repositories(paths)
        if not wanted:
            fail("the list names no repository")
        running = repositories.scan_many(
            wanted,
            output,
            jobs=options.jobs or 0,
            time_limit=options.time_limit,
            memory_limit=options.memory_limit or 0,
            formats=tuple(dict.fromkeys(options.formats)),
            options=_shared_words(ctx.params),
            fresh=options.fresh,
        )
        with closing(running):  # so that all ends if the reader of stdout is gone
            _tell(progress, f"linting {len(wanted)}")
            for result in running:
                done.append(result)
                _tell(progress, "")
                if not options.quiet or _word(result) not in ("ok", "empty"):
                    echo(_line(result, colour))
                _tell(progress, f"{len(done)} of {len(wanted)} done")
    except UsageError as error:
        fail(str(error))
    finally:
        _tell(progress, "")
    if not options.quiet:
        echo(_summary(done, output))
    ctx.exit(repositories.exit_code(done))


scan_many.params += [parameter for parameter in check.params if parameter.name in SHARED]


def _tell(progress: Any, text: str) -> None:
    if progress:
        progress(text)


def _shared_words(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the options of SHARED as words of a command line, from the values of all options by name.

    Paths are made absolute, since a worker may have another working directory.
    """
    found: list[str] = []
    for parameter in scan_many.params:
        value = values.get(parameter.name or "")
        if parameter.name not in SHARED or not value:
            continue
        option = parameter.opts[0]
        if value is True:
            found.append(option)
            continue
        for item in value if isinstance(value, tuple) else (value,):
            found.append(f"{option}={os.path.abspath(item) if isinstance(parameter.type, click.Path) else item}")
    return tuple(found)


def _word(result: RepositoryResult) -> str:
    """Return the state of a result in a word."""
    if result.state != "done":
        return result.state
    return "findings" if result.code else "ok"


def _line(result: RepositoryResult, colour: bool) -> str:
    from iaclint.report.common import clean

    word = f"{_word(result):10}"
    parts = [part for part in (_counts([result]), clean(shown_in(result.message))) if part]
    line = click.style(word, fg=COLOURS.get(_word(result))) if colour else word
    line += f"  {clean(shown(result.path))}" + (": " if parts else "") + "; ".join(parts)
    return line + (" (kept)" if result.kept else "")


def _counts(some: Sequence[RepositoryResult]) -> str:
    """Return the findings of results by severity: "2 high, 1 low"; "" if there are none."""
    totals: Counter[str] = Counter()
    for result in some:
        totals.update(result.findings)
    return ", ".join(f"{number:,} {severity}" for severity, number in totals.items() if number)


def _summary(done: Sequence[RepositoryResult], output: str) -> str:
    from iaclint.report.common import clean, plural

    words = Counter(map(_word, done))
    phrases = {"ok": "ok", "findings": "with findings"}
    order = ("ok", "findings", "empty", "incomplete", "timed out", "failed")
    parts = [f"{words[word]:,} {phrases.get(word, word)}" for word in order if words[word]]
    text = f"{plural(len(done), 'repository', 'repositories')}: {', '.join(parts)}"
    if kept := sum(result.kept for result in done):
        text += f"; {kept:,} kept from an earlier run"
    text += f"; {_counts(done) or 'no findings'}"
    return f"{text}\nreports and summary.jsonl are in {clean(shown(output))}"
