"""`iaclint check`, the default command: lint, fix, watch."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click
from msgspec.structs import replace

from iaclint.cli.common import (
    FORMATS,
    LEVELS,
    colour_wanted,
    echo,
    fail,
    input_options,
    request,
    rule_options,
    shown,
    words,
    write_file,
)

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
"""The options by what they are for, as help shows them."""


class Sectioned(click.Command):
    """A command whose help has its options under headings."""

    def __init__(self, *arguments: Any, sections: Mapping[str, Sequence[str]] = SECTIONS, **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        self.sections = sections

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
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
@click.pass_context
def check(ctx: click.Context, /, paths: tuple[str, ...], **given: Any) -> None:
    """Lint directories and files (the default command).

    A directory is scanned whole. A file selects what it belongs to: a .tf file its module and the roots
    that call it, a template itself.
    """
    deleted: tuple[str, ...] = ()
    overlay: dict[str, bytes] = {}
    if given["staged"]:
        paths, deleted, any_code = _staged(paths)
        if not any_code:
            return
    elif given["stdin_filename"]:
        name = os.path.abspath(given["stdin_filename"])
        if name.endswith((".tf", ".tofu", ".tf.json", ".tofu.json", ".tfvars")) and not os.path.isfile(name):
            fail(f"{given['stdin_filename']} does not exist yet; Terraform reads whole directories, so save it first")
        overlay[name] = sys.stdin.buffer.read()
        paths = paths or (given["stdin_filename"],)
    elif not paths:
        paths = (".",)
    if given["unsafe"] and not (given["fix"] or given["diff"]):
        fail("--unsafe goes with --fix or --diff")
    if given["stdin_filename"] and given["fix"] and not given["diff"]:
        fail("--fix cannot write to stdin; use --diff")
    outputs = [_output(text) for text in given["output"]]
    asked = request(
        paths,
        given,
        deleted=deleted,
        skip_other_files=given["force_exclude"] or given["staged"],
        whole_units=given["scope"] == "unit",
        overlay=overlay,
        with_cfn_lint=given["with_cfn_lint"],
    )
    if given["watch"]:
        _watch(asked, given, outputs)
        return
    ctx.exit(_once(asked, given, outputs))


def _once(asked: Request, given: Mapping[str, Any], outputs: list[tuple[str, str]]) -> int:
    """One run, reported; the exit code."""
    from iaclint.run.scan import exit_code

    asked = replace(asked, baseline=_baseline(given["baseline_file"] or asked.config.baseline))
    report = _scan(asked, given["quiet"])
    if given["diff"]:
        _show_diff(report, asked, given)
    else:
        if given["fix"]:
            report = _fix(report, asked, given)
        _write(report, asked, given, outputs)
    if asked.baseline is not None:
        stale = asked.baseline.stale(report)
        if stale and not given["quiet"]:
            several = "entry of the baseline is" if len(stale) == 1 else "entries of the baseline are"
            click.echo(
                f"iaclint: {len(stale)} {several} no longer found; `iaclint baseline --prune` drops them", err=True
            )
    hook = given["staged"] or given["force_exclude"]
    if not report.deployments and not report.unread and not hook:
        names = ", ".join(click.format_filename(p) for p in asked.paths)
        message = f"no Terraform and no CloudFormation found in {names}; name a directory that holds some"
        click.echo(f"iaclint: {message}", err=True)
        return 2
    gate = "never" if given["exit_zero"] else given["fail_on"] or asked.config.fail_on
    code = exit_code(report, gate)
    if code == 2 and given["allow_parse_errors"]:
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


def _repaired(report: Report, asked: Request, given: Mapping[str, Any]) -> Any:
    from iaclint.linting.fixing import repair
    from iaclint.run.scan import scan

    def again(contents: Mapping[str, bytes]) -> Report:
        return scan(replace(asked, overlay=contents, with_cfn_lint=False, progress=None))

    return repair(report, again, unsafe=given["unsafe"], contents=asked.overlay)


def _fix(report: Report, asked: Request, given: Mapping[str, Any]) -> Report:
    """Write the fixes; the report of what is left."""
    from iaclint.linting.fixing import FixError, write

    repaired = _repaired(report, asked, given)
    try:
        write(repaired.changes)
    except FixError as error:
        fail(str(error))
    if repaired.changes:
        asked = replace(asked, overlay={})
        _told(report, repaired, "fixed")
        return _scan(asked, True)
    if not given["quiet"]:
        _told(report, repaired, "fixed")
    return report


def _show_diff(report: Report, asked: Request, given: Mapping[str, Any]) -> None:
    from iaclint.linting.fixing import diff
    from iaclint.report.common import holds_secret

    repaired = _repaired(report, asked, given)
    echo(diff(repaired.changes, holds_secret))
    _told(report, repaired, "would fix")


def _told(report: Report, repaired: Any, verb: str) -> None:
    own = sum(v.rule.family not in report.other_tools for v in report.open)  # other tools do not run between fixes
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
    """Files that are staged in git, those that the commit deletes or renames away, and whether there is any."""
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


def _write(report: Report, asked: Request, given: Mapping[str, Any], outputs: list[tuple[str, str]]) -> None:
    """The chosen format to stdout, and each --output to its file, whole or not at all."""
    from iaclint.report import SARIF_INCLUDES, Options, notices, render

    include = frozenset(words(given["sarif_include"]))
    for word in include - set(SARIF_INCLUDES):
        fail(f"--sarif-include {word}: use some of {', '.join(SARIF_INCLUDES)}")
    base = Options(
        colour=colour_wanted(given["color"], sys.stdout),
        width=_columns() if sys.stdout.isatty() else None,
        show_unknown=given["show_unknown"],
        quiet=given["quiet"],
        sarif_include=include,
        sarif_category=given["sarif_category"],
        sarif_pretty=given["sarif_pretty"],
        can_fix=True,
        changed=frozenset(os.path.abspath(p) for p in asked.paths if os.path.isfile(p)),
    )
    to_stdout = given["format_"] or (None if any(path == "-" for _, path in outputs) else "text")
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
                gone = stop  # whoever reads stdout; the files are wanted even so
    if gone is not None:
        raise gone


def _columns() -> int:
    import shutil  # brings the compression libraries with it

    return shutil.get_terminal_size().columns


# -- watching --------------------------------------------------------------------------------------------


def _watch(asked: Request, given: Mapping[str, Any], outputs: list[tuple[str, str]]) -> None:
    """Lint at once and after each change, until Ctrl-C."""
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
        _once(asked, given, outputs)
        click.echo("iaclint: watching; Ctrl-C ends it", err=True)

    once()
    gc.collect()
    for _ in watch(*asked.paths, watch_filter=concerns, raise_interrupt=True):
        once()
        gc.collect()
