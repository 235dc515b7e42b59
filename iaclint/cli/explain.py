"""Commands that explain: rules, one rule or one resource, and what was understood."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click
from msgspec.structs import replace

from iaclint.cli.options import ALL_RULES, InputOptions, input_options
from iaclint.cli.output import echo, fail, hint, shown
from iaclint.cli.request import request
from iaclint.cli.rules import all_rules, chosen, complete_rules, configured_rules

if TYPE_CHECKING:
    from iaclint.linting.rule import Rule

ENTRIES_LOOKED_AT = 3_000
"""Files and folders looked at to tell which language a repository is written in."""


@click.command()
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print them.")
@click.option("--family", default="", help="Only this family.")
@click.option(
    "--severity",
    type=click.Choice(["critical", "high", "medium", "low"]),
    default=None,
    help="Only rules of this severity or worse.",
)
@click.option("--soc2", default="", metavar="CRITERION", help="Only rules for this criterion, such as CC6.1.")
@click.option("--equivalent", default="", metavar="ID", help="Only rules that answer this check of another tool.")
@click.option(
    "--coverage",
    type=click.Choice(["checkov", "trivy", "kics", "guard", "cfn_nag", "security_hub", "config", "cis", "prowler"]),
    default=None,
    help="Which checks of this tool have an answer here, and which have none and why.",
)
@click.option("--rules", "packs", multiple=True, type=click.Path(), help="A directory of further rules.")
@click.option("--config", "config_file", type=click.Path(), help="Use this config file.")
@click.option("--isolated", is_flag=True, help="Ignore config files.")
def rules(
    format_: str,
    family: str,
    severity: str | None,
    soc2: str,
    equivalent: str,
    coverage: str | None,
    packs: Sequence[str],
    config_file: str | None,
    isolated: bool,
) -> None:
    """List the rules: those that come with iaclint, and those of the packs that the config names."""
    known = configured_rules((), packs, config_file, isolated)
    if coverage:
        from iaclint.report.coverage import coverage_text

        echo(coverage_text(known, coverage))
        return
    families = {r.family for r in known}
    if family and family not in families:
        fail(f"there is no family {family!r}; there are {', '.join(sorted(families))}")
    found = _matching(known, family, severity, soc2, equivalent)
    if format_ == "json":
        import json

        echo(json.dumps([_record(r) for r in found], indent=2))
        return
    if not found:
        fail(f"no rule answers {equivalent}" if equivalent else "no rule is like that")
    width = max(len(r.id) for r in found)
    for rule in found:
        off = "" if rule.enabled else "  (off by default)"
        echo(f"{rule.id:{width}}  {rule.severity.value:8}  {rule.family:16}  {rule.title}{off}")


def _matching(
    rules: Iterable[Rule[Any]], family: str, severity: str | None, soc2: str, equivalent: str
) -> list[Rule[Any]]:
    """Return the rules that the options of `iaclint rules` ask for; "" and None ask for any."""
    from iaclint.linting.rule import Severity

    return [
        rule
        for rule in rules
        if (not family or rule.family == family)
        and (not severity or rule.severity.rank <= Severity(severity).rank)
        and (not soc2 or soc2.upper() in rule.soc2)
        and (not equivalent or _answers(rule, equivalent))
    ]


def _answers(rule: Rule[Any], check: str) -> bool:
    from iaclint.linting.other_tools import normal

    return any(normal(check) == normal(name) for names in rule.equivalents.values() for name in names)


def _record(rule: Rule[Any]) -> dict[str, Any]:
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
        "options": {name: list(v) if isinstance(v, (tuple, frozenset)) else v for name, v in rule.options.items()},
    }


@click.command()
@click.argument("subject", metavar="RULE|ADDRESS", shell_complete=complete_rules)
@click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH...]")
@click.option(
    "--language",
    type=click.Choice(["terraform", "cloudformation", "both"]),
    default=None,
    help="Language of the examples.  [default: that of the code here]",
)
@input_options
def explain(subject: str, paths: tuple[str, ...], language: str | None, inputs: InputOptions) -> None:
    """Say what a rule means, or what became of one resource.

    \b
    iaclint explain kms-key-not-rotated             why it matters, a bad and a good example
    iaclint explain aws_kms_key.main infra/         its values, their sources, every rule's verdict
    """
    known = {r.id: r for r in configured_rules(paths, inputs.packs, inputs.config_file, inputs.isolated)}
    if subject in known and not paths:
        from iaclint.report.explain import BOTH, rule_text

        names = {"terraform": ("terraform",), "cloudformation": ("cloudformation",), "both": BOTH}
        echo(rule_text(known[subject], names[language] if language else _languages(os.getcwd())))
        return
    if not paths and not _is_address(subject):
        fail(f"there is no rule {subject!r}; {hint(subject, known, '`iaclint rules` lists them')}")
    _explain_address(subject, paths or (".",), inputs)


def _is_address(text: str) -> bool:
    """Return True if a word can only be a resource's address: rules have no dots, brackets, capitals or underscores."""
    return any(c in "._[]" or c.isupper() for c in text)


def _explain_address(address: str, paths: tuple[str, ...], inputs: InputOptions) -> None:
    from iaclint.report.explain import address_text, resources_at
    from iaclint.run.request import UsageError
    from iaclint.run.scan import scan

    try:
        report = scan(replace(request(paths, inputs, ALL_RULES), whole_units=True))
    except UsageError as error:
        fail(str(error))
    found = resources_at(report.deployments, address)
    if not found:
        addresses = {r.address for d in report.deployments for r in d.resources}
        fail(
            f"there is no resource {address!r} in {', '.join(map(shown, paths))}; "
            + hint(address, addresses, "`iaclint show PATH` lists them")
        )
    echo(address_text(report, found))


def _languages(directory: str) -> tuple[str, ...]:
    """Return the languages of the code below a directory, judged by some of its files; both if no language is found."""
    from iaclint.source.discovery import SKIPPED_DIRECTORIES, TERRAFORM_SUFFIXES

    found: set[str] = set()
    looked = 0
    for folder, folders, files in os.walk(directory):
        folders[:] = sorted(f for f in folders if f not in SKIPPED_DIRECTORIES)
        for name in files:
            looked += 1
            if name.endswith(TERRAFORM_SUFFIXES):
                found.add("terraform")
            elif "cloudformation" not in found and _looks_like_template(os.path.join(folder, name)):
                found.add("cloudformation")
        if len(found) == 2 or looked > ENTRIES_LOOKED_AT:
            break
    return tuple(side for side in ("terraform", "cloudformation") if not found or side in found)


def _looks_like_template(path: str) -> bool:
    if not path.endswith((".yaml", ".yml", ".json", ".template")):
        return False
    try:
        with open(path, "rb") as stream:
            head = stream.read(4096)
    except OSError:
        return False
    return b"AWSTemplateFormatVersion" in head or (b"Resources" in head and b"AWS::" in head)


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(), metavar="PATH...", required=True)
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
@input_options
def show(paths: tuple[str, ...], format_: str, inputs: InputOptions) -> None:
    """Print what iaclint understood of the code.

    Every resource with its evaluated attributes, and what could not be known of them.
    """
    from iaclint.report.show import show_json, show_text
    from iaclint.run.loading import load_deployments
    from iaclint.run.request import UsageError

    try:
        loaded = load_deployments(request(paths, inputs))
    except UsageError as error:
        fail(str(error))
    for problem in loaded.discovered.problems:
        click.echo(f"iaclint: {problem.message}", err=True)
    echo(show_json(loaded.deployments) if format_ == "json" else show_text(loaded.deployments))


@click.command(hidden=True)
@click.argument("directory", type=click.Path(), default="docs")
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit 1 where a page is out of date.")
def docs(directory: str, only_check: bool) -> None:
    """Write a page for each built-in rule into DIRECTORY/rules, and the page of all views into DIRECTORY."""
    from iaclint.cli.output import write_file
    from iaclint.linting.reference import views_page
    from iaclint.report.pages import pages

    rule_pages = pages(chosen(all_rules(()), ("all",), (), ()))
    wanted = {os.path.join(directory, "rules", name): text for name, text in rule_pages.items()}
    wanted[os.path.join(directory, "views.md")] = views_page()
    folder = os.path.join(directory, "rules")
    names = os.listdir(folder) if os.path.isdir(folder) else []
    gone = sorted({os.path.join(folder, name) for name in names if name.endswith(".md")} - set(wanted))
    stale = [path for path, text in wanted.items() if _text_of(path) != text]
    if only_check and (stale or gone):
        names = [os.path.basename(path) for path in (*gone, *stale)]
        click.echo(f"iaclint: out of date: {', '.join(names)}; run `iaclint docs {directory}`", err=True)
        raise click.exceptions.Exit(1)
    for path in stale:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        write_file(path, wanted[path])
    for path in gone:
        os.unlink(path)


def _text_of(path: str) -> str | None:
    """Return the text of a file, or None if there is no such file."""
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as stream:
        return stream.read()
