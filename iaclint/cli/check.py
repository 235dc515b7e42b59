"""`iaclint check`, the default command: lint, fix, watch."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import click
from msgspec import Struct
from msgspec.structs import replace

from iaclint.cli.options import (
    FORMATS,
    LEVELS,
    InputOptions,
    RuleOptions,
    input_options,
    own_options,
    rule_options,
    words,
)
from iaclint.cli.output import colour_wanted, echo, fail, shown, write_file
from iaclint.cli.request import request

if TYPE_CHECKING:
    from iaclint.linting.verdict import Report
    from iaclint.run.request import Request

INFRASTRUCTURE_SUFFIXES = (
    *(".tf", ".tofu", ".tf.json", ".tofu.json", ".tfvars", ".tfvars.json"),
    *(".yaml", ".yml", ".json", ".template", ".cfn"),
)


SECTIONS = {
    "Rules": ("select", "extend_select", "ignore", "packs"),
    "Result": ("fail_on", "exit_zero", "allow_parse_errors"),
    "Output": (
        *("format_", "output", "show_unknown", "quiet", "color"),
        *("sarif_include", "sarif_category", "sarif_pretty", "with_cfn_lint"),
    ),
    "Fixes": ("fix", "unsafe", "diff"),
    "Exceptions": ("baseline_file", "no_inline_ignores", "honour"),
    "Input": (
        "var_file",
        "tf_env",
        "parameter_file",
        "root",
        "source_root",
        "config_file",
        "isolated",
        "stdin_filename",
    ),
    "Hooks and terminal": ("staged", "force_exclude", "scope", "watch", "jobs", "help"),
}
"""The options by purpose, as help shows them."""


class CheckOptions(Struct, frozen=True):
    """The options of `check` but those of InputOptions and RuleOptions.

    format_             the format on stdout; None for text, or for nothing if `output` writes to stdout
    output              FORMAT=PATH, each a report that is written to a file; "-" is stdout
    fail_on             the least severity that makes the exit code 1; None for the config's
    exit_zero           True if failures do not change the exit code
    fix, unsafe, diff   make the safe fixes; with those that want a review; print fixes and write nothing
    baseline_file       accepted findings; None for the config's
    no_inline_ignores   True if comments and metadata suppress nothing
    honour              other tools whose exceptions count, separated by commas
    show_unknown        True to list undecided results, too
    allow_parse_errors  True if files that cannot be read do not change the exit code
    staged              True to lint what is staged in git
    force_exclude       True to pass over named files that are no infrastructure code
    scope               with files: "touched" reports what touches them, "unit" all of their module or template
    stdin_filename      the file whose text is on stdin; None for none
    watch               True to lint again after each change
    with_cfn_lint       True to run cfn-lint, too
    sarif_include       kinds of results besides open failures, separated by commas
    sarif_category      the category of the SARIF run; "" for none
    sarif_pretty        True to indent SARIF
    color               "auto", "always" or "never"
    jobs                the number of processes; 0 for the default
    quiet               True to print failures only
    """

    format_: str | None
    output: tuple[str, ...]
    fail_on: str | None
    exit_zero: bool
    fix: bool
    unsafe: bool
    diff: bool
    baseline_file: str | None
    no_inline_ignores: bool
    honour: tuple[str, ...]
    show_unknown: bool
    allow_parse_errors: bool
    staged: bool
    force_exclude: bool
    scope: Literal["touched", "unit"]
    stdin_filename: str | None
    watch: bool
    with_cfn_lint: bool
    sarif_include: tuple[str, ...]
    sarif_category: str
    sarif_pretty: bool
    color: Literal["auto", "always", "never"]
    jobs: int
    quiet: bool


class Sectioned(click.Command):
    """A command whose help lists its options under headings."""

    def __init__(self, *arguments: Any, sections: Mapping[str, Sequence[str]] = SECTIONS, **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        self.sections = sections

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each section of options below its heading."""
        records = {p.name: p.get_help_record(ctx) for p in self.get_params(ctx)}
        for heading, names in self.sections.items():
            listed = [record for name in names if (record := records.pop(name, None))]
            with formatter.section(heading):
                formatter.write_dl(listed)


@click.command(cls=Sectioned, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.argument("paths", nargs=-1, type=click.Path(), metavar="PATH...")
@click.option(
    "--format", "format_", type=click.Choice(FORMATS), default=None, help="Format on stdout.  [default: text]"
)
@click.option("--output", multiple=True, metavar="FORMAT=PATH", help="Also write a format to a file; may be repeated.")
@click.option(
    "--fail-on", type=click.Choice(LEVELS), default=None, help="Least severity for exit code 1.  [default: low]"
)
@click.option("--exit-zero", is_flag=True, help="Exit 0 even with failures (same as --fail-on never).")
@rule_options
@click.option("--fix", is_flag=True, help="Make the safe fixes, and report what is left.")
@click.option("--unsafe", is_flag=True, help="With --fix or --diff: also the fixes that want a review.")
@click.option("--diff", is_flag=True, help="Print what --fix would change, and write nothing.")
@click.option("--baseline", "baseline_file", type=click.Path(), help="Only findings that are not in this file fail.")
@click.option("--no-inline-ignores", is_flag=True, help="Let no comment or metadata silence a finding.")
@click.option(
    "--honour", multiple=True, metavar="TOOL,...", help="Also heed the exceptions written for checkov, trivy, ..."
)
@input_options
@click.option("--show-unknown", is_flag=True, help="Also list what cannot be told, and which input decides it.")
@click.option("--allow-parse-errors", is_flag=True, help="Exit 0 or 1 even where a file could not be read.")
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
@click.option("--stdin-filename", type=click.Path(), help="Read this file's text from stdin, as an editor has it.")
@click.option("--watch", is_flag=True, help="Lint again whenever a file changes.")
@click.option("--with-cfn-lint", is_flag=True, help="Also run cfn-lint on the templates.")
@click.option(
    "--sarif-include", multiple=True, metavar="KIND,...", help="suppressed, pass, open, review: besides open failures."
)
@click.option("--sarif-category", default="", help="Category of the SARIF run.")
@click.option("--sarif-pretty", is_flag=True, help="Indent the SARIF.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colour the text.")
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(0),
    default=0,
    metavar="N",
    help="Processes at most; 0 is one for each core, up to 4, where the input is large.  [default: 0]",
)
@click.option("-q", "--quiet", is_flag=True, help="Print failures only, no summary.")
@own_options(CheckOptions)
@click.pass_context
def check(
    ctx: click.Context, /, paths: tuple[str, ...], inputs: InputOptions, choice: RuleOptions, options: CheckOptions
) -> None:
    """Lint directories and files (the default command).

    A directory is scanned whole. A file selects what it belongs to: a .tf file its module and the roots
    that call it, a template itself.
    """
    deleted: tuple[str, ...] = ()
    overlay: dict[str, bytes] = {}
    if options.staged:
        paths, deleted, any_code = _staged(paths)
        if not any_code:
            return
    elif options.stdin_filename:
        name = os.path.abspath(options.stdin_filename)
        if name.endswith((".tf", ".tofu", ".tf.json", ".tofu.json", ".tfvars")) and not os.path.isfile(name):
            fail(f"{options.stdin_filename} does not exist yet; Terraform reads whole directories, so save it first")
        overlay[name] = sys.stdin.buffer.read()
        paths = paths or (options.stdin_filename,)
    elif not paths:
        paths = (".",)
    if options.unsafe and not (options.fix or options.diff):
        fail("--unsafe goes with --fix or --diff")
    if options.stdin_filename and options.fix and not options.diff:
        fail("--fix cannot write to stdin; use --diff")
    outputs = [_output(text) for text in options.output]
    asked = request(
        paths,
        inputs,
        choice,
        deleted=deleted,
        honour=options.honour,
        no_inline_ignores=options.no_inline_ignores,
    )
    asked = replace(
        asked,
        skip_other_files=options.force_exclude or options.staged,
        whole_units=options.scope == "unit",
        overlay=overlay,
        with_cfn_lint=options.with_cfn_lint,
        jobs=options.jobs,
    )
    if options.watch:
        _watch(asked, options, outputs)
        return
    ctx.exit(_once(asked, options, outputs))


def _once(asked: Request, options: CheckOptions, outputs: list[tuple[str, str]]) -> int:
    """Run, report, and return the exit code."""
    from iaclint.run.scan import exit_code

    asked = replace(asked, baseline=_baseline(options.baseline_file or asked.config.baseline))
    report = _scan(asked, options.quiet)
    if options.diff:
        _show_diff(report, asked, options)
    else:
        if options.fix:
            report = _fix(report, asked, options)
        _write(report, asked, options, outputs)
    if asked.baseline is not None:
        stale = asked.baseline.stale(report)
        if stale and not options.quiet:
            several = "entry of the baseline is" if len(stale) == 1 else "entries of the baseline are"
            click.echo(
                f"iaclint: {len(stale)} {several} no longer found; `iaclint baseline --prune` drops them", err=True
            )
    hook = options.staged or options.force_exclude
    if not report.deployments and not report.unread and not hook:
        names = ", ".join(click.format_filename(p) for p in asked.paths)
        message = f"no Terraform and no CloudFormation found in {names}; name a directory that holds some"
        click.echo(f"iaclint: {message}", err=True)
        return 2
    gate = "never" if options.exit_zero else options.fail_on or asked.config.fail_on
    code = exit_code(report, gate)
    if code == 2 and options.allow_parse_errors:
        code = exit_code(replace(report, problems=(), unread=()), gate)
    return code


def _scan(asked: Request, quiet: bool) -> Report:
    from iaclint.cli.progress import progress_line
    from iaclint.run.request import UsageError
    from iaclint.run.scan import scan

    progress = None if quiet else progress_line()
    try:
        return scan(replace(asked, progress=progress))
    except UsageError as error:
        fail(str(error))
    finally:
        if progress:
            progress("")


def _baseline(path: str) -> Any:
    if not path:
        return None
    from iaclint.linting import baseline

    try:
        return baseline.read(shown(path))
    except baseline.BaselineError as error:
        fail(str(error))


# -- fixes -----------------------------------------------------------------------------------------------


def _repaired(report: Report, asked: Request, options: CheckOptions) -> Any:
    from iaclint.linting.fixing import repair
    from iaclint.run.scan import scan

    def again(contents: Mapping[str, bytes]) -> Report:
        return scan(replace(asked, overlay=contents, with_cfn_lint=False, progress=None))

    return repair(report, again, unsafe=options.unsafe, contents=asked.overlay)


def _fix(report: Report, asked: Request, options: CheckOptions) -> Report:
    """Write the fixes, and return the report of what is left."""
    from iaclint.linting.fixing import FixError, write

    repaired = _repaired(report, asked, options)
    try:
        write(repaired.changes)
    except FixError as error:
        fail(str(error))
    if repaired.changes:
        asked = replace(asked, overlay={})
        _told(report, repaired, "fixed")
        return _scan(asked, True)
    if not options.quiet:
        _told(report, repaired, "fixed")
    return report


def _show_diff(report: Report, asked: Request, options: CheckOptions) -> None:
    from iaclint.linting.fixing import diff
    from iaclint.report.common import holds_secret

    repaired = _repaired(report, asked, options)
    echo(diff(repaired.changes, holds_secret))
    _told(report, repaired, "would fix")


def _told(report: Report, repaired: Any, verb: str) -> None:
    own = sum(v.rule.family not in report.other_tools for v in report.open)  # other tools are not run between fixes
    number = own - len(repaired.report.open)
    files = len(repaired.changes)
    text = f"{verb} {number} {'finding' if number == 1 else 'findings'} in {files} {'file' if files == 1 else 'files'}"
    if left := repaired.review_left():
        text += f"; {left} more can be fixed with --unsafe, which wants a review"
    if repaired.refused:
        text += f"; {len(repaired.refused)} left alone, since the fix would not hold there"
    click.echo(f"iaclint: {text}", err=True)


# -- git and stdin ---------------------------------------------------------------------------------------


def _staged(within: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    """Return the files that are staged in git, those that the commit deletes or renames, and True if there is any.

    within  only files at or below these paths; none for all
    """
    import subprocess

    command = ["git", "diff", "--cached", "--name-status", "-z", "-M", "--no-ext-diff"]
    try:
        top = subprocess.run(["git", "rev-parse", "--show-toplevel"], capture_output=True, check=True)
        done = subprocess.run(command, capture_output=True, check=True)
    except FileNotFoundError:
        fail("--staged needs git, which is not on the PATH")
    except subprocess.CalledProcessError as error:
        fail(f"--staged needs a git repository: {os.fsdecode(error.stderr).strip()}")
    base = os.fsdecode(top.stdout).rstrip("\n")
    changed: list[str] = []
    deleted: list[str] = []
    fields = iter(os.fsdecode(done.stdout).split("\0"))
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
    for path in within:
        if not os.path.lexists(path):
            fail(f"{path} does not exist")
    bounds = [os.path.realpath(path) for path in within]

    from iaclint.source.files import is_below

    def wanted(path: str) -> bool:
        inside = not bounds or any(is_below(path, bound) for bound in bounds)
        return inside and path.lower().endswith(INFRASTRUCTURE_SUFFIXES)

    kept = tuple(p for p in changed if wanted(p) and os.path.lexists(p))
    gone = tuple(p for p in deleted if wanted(p))
    return kept, gone, bool(kept or gone)


# -- output ----------------------------------------------------------------------------------------------


def _output(text: str) -> tuple[str, str]:
    format_, separator, path = text.partition("=")
    if not separator or not path or format_ not in FORMATS:
        fail(f"--output {text}: write FORMAT=PATH, with a format of {', '.join(FORMATS)}; the path - is stdout")
    return format_, path


def _write(report: Report, asked: Request, options: CheckOptions, outputs: list[tuple[str, str]]) -> None:
    """Write the format of --format to stdout and each --output to its file, whole or not at all."""
    from iaclint.report import SARIF_INCLUDES, Options, notices, render

    include = frozenset(words(options.sarif_include))
    for word in include - set(SARIF_INCLUDES):
        fail(f"--sarif-include {word}: use some of {', '.join(SARIF_INCLUDES)}")
    base = Options(
        colour=colour_wanted(options.color, sys.stdout),
        width=_columns() if sys.stdout.isatty() else None,
        show_unknown=options.show_unknown,
        quiet=options.quiet,
        sarif_include=include,
        sarif_category=options.sarif_category,
        sarif_pretty=options.sarif_pretty,
        can_fix=True,
        changed=frozenset(os.path.abspath(p) for p in asked.paths if os.path.isfile(p)),
    )
    to_stdout = options.format_ or (None if any(path == "-" for _, path in outputs) else "text")
    for format_ in dict.fromkeys([*([to_stdout] if to_stdout else []), *(name for name, _ in outputs)]):
        for notice in notices(format_, report, base):
            click.echo(f"iaclint: {notice}", err=True)
    gone: click.exceptions.Exit | None = None
    for format_, path in [*([(to_stdout, "-")] if to_stdout else []), *outputs]:
        if path != "-":
            write_file(path, render(format_, report, replace(base, colour=False)))
        elif gone is None:
            try:
                echo(render(format_, report, base))
            except click.exceptions.Exit as stop:
                gone = stop  # nothing reads stdout any more; the files are written all the same
    if gone is not None:
        raise gone


def _columns() -> int:
    import shutil  # brings the compression libraries with it

    return shutil.get_terminal_size().columns


# -- watching --------------------------------------------------------------------------------------------


def _watch(asked: Request, options: CheckOptions, outputs: list[tuple[str, str]]) -> None:
    """Lint now and after each change, until Ctrl-C."""
    try:
        from watchfiles import watch
    except ImportError:
        fail("--watch needs the package watchfiles: install iaclint[watch]")
    from iaclint.source.files import is_downloaded

    def concerns(_change: Any, path: str) -> bool:
        return path.lower().endswith((*INFRASTRUCTURE_SUFFIXES, ".toml", ".py")) and not is_downloaded(path)

    def once() -> None:
        if sys.stdout.isatty():
            click.clear()
        _once(asked, options, outputs)
        click.echo("iaclint: watching; Ctrl-C ends it", err=True)

    once()
    gc.collect()
    for _ in watch(*asked.paths, watch_filter=concerns, raise_interrupt=True):
        once()
        gc.collect()
