"""Commands about what is accepted: exceptions, the baseline, and other tools' comments."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from iaclint.cli.options import ALL_RULES, InputOptions, RuleOptions, input_options, rule_options, words
from iaclint.cli.output import echo, fail, shown, write_file
from iaclint.cli.request import request
from iaclint.cli.rules import complete_rules

if TYPE_CHECKING:
    from datetime import date

    from iaclint.linting.suppressions import SuppressionRecord
    from iaclint.report.common import Paths
    from iaclint.run.request import Request
    from iaclint.source.files import Span


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH...]")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print them.")
@click.option("--rule", default="", help="Only those for this rule.", shell_complete=complete_rules)
@click.option("--honour", multiple=True, metavar="TOOL,...", help="Also those written for checkov, trivy, ...")
@click.option("--since", "revision", default="", metavar="REV", help="Only what changed since this revision of git.")
@input_options
def exceptions(
    paths: tuple[str, ...], format_: str, rule: str, honour: tuple[str, ...], revision: str, inputs: InputOptions
) -> None:
    """List what is accepted: where, why and until when."""

    def read(where: tuple[str, ...]) -> tuple[list[dict[str, Any]], Request]:
        return _records(request(where, inputs, ALL_RULES, honour=honour), rule)

    records, asked = read(paths or (".",))
    if revision:
        _show_changes(paths or (".",), read, rule, revision, records, asked, format_)
        return
    if format_ == "json":
        import json

        echo(json.dumps({"version": 1, "exceptions": records}, indent=2, ensure_ascii=False))
        return
    if not records:
        echo("no exceptions")
        return
    for record in records:
        echo(_line(record))
    counts: dict[str, int] = {}
    for record in records:
        counts[record["state"]] = counts.get(record["state"], 0) + 1
    plural = "exception" if len(records) == 1 else "exceptions"
    echo(f"{len(records)} {plural}: " + ", ".join(f"{n} {state}" for state, n in sorted(counts.items())))


def _records(asked: Request, rule: str) -> tuple[list[dict[str, Any]], Request]:
    """Return the exceptions that a run meets, those for one rule if it is not "", and the request of the run."""
    from msgspec.structs import replace

    from iaclint.report.common import Paths
    from iaclint.run.request import UsageError
    from iaclint.run.scan import scan_with_suppressions

    config = replace(asked.config, inline_ignores=True)
    try:
        report, found = scan_with_suppressions(replace(asked, config=config, whole_units=True))
    except UsageError as error:
        fail(str(error))
    shown_paths = Paths(report.base)
    ages = _Ages()
    records = [
        _as_dict(record, shown_paths, ages.since(record.declared.span), asked.day)
        for record in sorted(found, key=_order)
        if not rule or rule in record.declared.rules
    ]
    return records, asked


def _show_changes(
    paths: tuple[str, ...],
    read: Callable[[tuple[str, ...]], tuple[list[dict[str, Any]], Request]],
    rule: str,
    revision: str,
    records: list[dict[str, Any]],
    asked: Request,
    format_: str,
) -> None:
    """Print what changed since a revision in exceptions, in the config and in the baseline.

    read     returns the exceptions below some paths, and the request that they were read with
    records  the exceptions of the present state;  asked: the request that they were read with
    """
    import json

    from iaclint.cli.since import accepted, changed, compared, settings, tree_at
    from iaclint.linting import baseline
    from iaclint.report.common import clean

    with tree_at(revision, os.path.realpath(paths[0])) as (root, place):

        def then(path: str) -> str:
            return os.path.join(place, os.path.relpath(os.path.realpath(path), root))

        old_paths = tuple(path for path in map(then, paths) if os.path.lexists(path)) or (place,)
        before, old = read(old_paths)
        new, gone = compared(before, records)
        table = changed(settings(old.config.file), settings(asked.config.file))
        name = asked.config.baseline or os.path.join(root, baseline.FILE_NAME)
        old_name = old.config.baseline or os.path.join(place, baseline.FILE_NAME)
        was, now = ([e for e in accepted(n) if not rule or e["rule"] == rule] for n in (old_name, name))
    taken, dropped = ([e for e in those if e not in others] for those, others in ((now, was), (was, now)))
    if format_ == "json":
        document = {"version": 1, "since": revision, "added": new, "removed": gone, "settings": table}
        document["baseline"] = {"added": taken, "removed": dropped}
        echo(json.dumps(document, indent=2, ensure_ascii=False, default=str))
        return
    lines = [f"{sign} {_line(record)}" for sign, those in (("+", new), ("-", gone)) for record in those]
    for item in table:
        lines.append(clean(f"~ config: {item['setting']} was {item['before']!r} and is {item['after']!r}"))
    for sign, entries in (("+", taken), ("-", dropped)):
        lines += [clean(f"{sign} baseline: {e['file']}: {e['rule']} {e['address']}: {e['message']}") for e in entries]
    echo("\n".join(lines) or f"no exception, setting or baseline entry changed since {clean(revision)}")


def _order(record: SuppressionRecord) -> tuple[str, str, int]:
    declared = record.declared
    return (declared.kind, declared.span.file.path, declared.span.start)


def _as_dict(record: SuppressionRecord, paths: Paths, since: str, today: date) -> dict[str, Any]:
    """Return a suppression as JSON has it. `since` is the day on which its line was last changed, or ""."""
    from datetime import date

    declared = record.declared
    entry = declared.accepted
    return {
        "rules": list(declared.rules),
        "kind": declared.kind,
        "state": record.state,
        "file": paths.shown(declared.span.file),
        "line": declared.span.line,
        "path": entry.path if entry else "",
        "address": entry.address if entry else "",
        "reason": declared.reason,
        "until": declared.until or None,
        "since": since or None,
        "age_days": (today - date.fromisoformat(since)).days if since else None,
        "hides": record.hides,
        "written_for": declared.other_tool or None,
    }


def _line(record: Mapping[str, Any]) -> str:
    from iaclint.report.common import clean

    scope = " ".join(f"{name}={record[name]}" for name in ("path", "address") if record[name])
    parts = [f"{record['file']}:{record['line']}: {', '.join(record['rules']) or 'no rule'}"]
    if scope:
        parts.append(scope)
    parts.append(record["state"] + (f", hides {record['hides']}" if record["hides"] else ""))
    if record["until"]:
        parts.append(f"until {record['until']}")
    if record["since"]:
        parts.append(f"since {record['since']} ({record['age_days']} days)")
    return clean("; ".join(parts)) + f"\n    {clean(record['reason']) or '(no reason)'}"


class _Ages:
    """When lines were last changed, as git knows it. Names of people are not read."""

    def __init__(self) -> None:
        self._files: dict[str, dict[int, str]] = {}

    def since(self, span: Span) -> str:
        """Return the day on which the line of a suppression was last changed; "" if git does not know."""
        path = span.file.path
        if path not in self._files:
            self._files[path] = self._blame(path)
        return self._files[path].get(span.line, "")

    def _blame(self, path: str) -> dict[int, str]:
        import subprocess
        from datetime import UTC, datetime

        directory, name = os.path.split(path)
        command = ["git", "-c", "core.fsmonitor=false", "-C", directory, "blame", "--no-textconv", "--line-porcelain"]
        try:
            done = subprocess.run([*command, "--", name], capture_output=True, check=True)
        except (OSError, ValueError, subprocess.CalledProcessError):
            return {}
        days: dict[int, str] = {}
        number, committed = 0, True
        for line in done.stdout.decode("utf-8", "replace").split("\n"):
            head = line.split(" ")
            if len(head[0]) == 40 and len(head) >= 3 and head[2].isdigit():
                number, committed = int(head[2]), head[0].strip("0") != ""
            elif head[0] == "author-time" and committed:
                days[number] = datetime.fromtimestamp(int(head[1]), UTC).date().isoformat()
        return days


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH...]")
@click.option(
    "--file", "file", type=click.Path(), default=None, help="The baseline.  [default: .iaclint-baseline.json]"
)
@click.option("--prune", is_flag=True, help="Only drop what is no longer found; accept nothing new.")
@rule_options
@input_options
def baseline(paths: tuple[str, ...], file: str | None, prune: bool, inputs: InputOptions, choice: RuleOptions) -> None:
    """Accept what is there, so that only new findings fail.

    Writes all open findings to the file; `iaclint --baseline FILE PATH` then fails for others only.
    """
    from msgspec.structs import replace

    from iaclint.linting import baseline as baselines
    from iaclint.run.request import UsageError
    from iaclint.run.scan import scan

    asked = request(paths or (".",), inputs, choice)
    path = file or (shown(asked.config.baseline) if asked.config.baseline else baselines.FILE_NAME)
    try:
        before = baselines.read(path) if prune or os.path.exists(path) else None
        report = scan(replace(asked, baseline=before if prune else None))
    except (UsageError, baselines.BaselineError) as error:
        fail(str(error))
    if not report.complete:
        click.echo("iaclint: not everything could be read; run `iaclint` to see what, and then again", err=True)
        raise click.exceptions.Exit(2)
    if prune:
        assert before is not None
        after = before.pruned(report)
        added = 0
    else:
        after = baselines.of_report(report)
        known = {entry.fingerprint for entry in before.entries} if before else set()
        added = sum(entry.fingerprint not in known for entry in after.entries)
    kept = {entry.fingerprint for entry in after.entries}
    dropped = sum(entry.fingerprint not in kept for entry in before.entries) if before else 0
    write_file(path, baselines.write(after))
    click.echo(f"iaclint: {path}: {len(after.entries)} accepted, {added} new, {dropped} dropped", err=True)


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH...]")
@click.option("--from", "tools", multiple=True, metavar="TOOL,...", help="Only the comments for these tools.")
@click.option("--keep", is_flag=True, help="Leave the other tools' comments, since these are still run.")
@click.option("--write", is_flag=True, help="Write the files; otherwise the change is printed.")
@input_options
def migrate(paths: tuple[str, ...], tools: tuple[str, ...], keep: bool, write: bool, inputs: InputOptions) -> None:
    """Rewrite other scanners' exceptions as iaclint's own.

    Understands the comments and metadata of checkov, trivy, tfsec, kics, cfn_nag, cfn-lint and guard.
    """
    from iaclint.linting import migration
    from iaclint.linting.fixing import Change, FixError, diff, encode
    from iaclint.linting.fixing import write as write_changes
    from iaclint.linting.other_tools import TOOLS, Crosswalk
    from iaclint.report.common import holds_secret
    from iaclint.run.loading import load_deployments
    from iaclint.run.request import UsageError
    from iaclint.source.edits import apply_edits
    from iaclint.source.files import SourceFile, relative

    wanted = words(tools) or TOOLS
    for tool in wanted:
        if tool not in TOOLS:
            fail(f"--from {tool}: use some of {', '.join(TOOLS)}")
    asked = request(paths or (".",), inputs)
    try:
        loaded = load_deployments(asked)
    except UsageError as error:
        fail(str(error))
    crosswalk = Crosswalk((r.id, r.equivalents) for r in asked.known)
    done = migration.migrate(loaded.deployments, crosswalk, frozenset(wanted), keep=keep)
    files: dict[str, SourceFile] = {edit.span.file.path: edit.span.file for edit in done.edits}
    changes: list[Change] = []
    base = os.path.realpath(loaded.base)
    for path, source in sorted(files.items()):
        with open(path, "rb") as stream:
            before = stream.read()
        text = apply_edits(source.text, [edit for edit in done.edits if edit.span.file.path == path])
        name = relative(os.path.realpath(path), base)
        changes.append(Change(path, name, before, encode(text, before)))
    if write:
        try:
            write_changes(changes)
        except FixError as error:
            fail(str(error))
    else:
        echo(diff(changes, holds_secret))
    for left in done.left:
        click.echo(f"iaclint: {left.span.file.name}:{left.span.line}: left {left.text}: {left.reason}", err=True)
    verb = "rewrote" if write else "would rewrite"
    number = f"{done.rewritten} {'exception' if done.rewritten == 1 else 'exceptions'}"
    more = "" if write or not done.rewritten else "; add --write to do it"
    click.echo(f"iaclint: {verb} {number} in {len(changes)} {'file' if len(changes) == 1 else 'files'}{more}", err=True)
