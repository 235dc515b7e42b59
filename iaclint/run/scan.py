"""A run: discover, load, judge, apply suppressions, and make the Report."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from iaclint.linting.config import Config
from iaclint.linting.rule import Rule, Severity
from iaclint.linting.suppression_rules import SUPPRESSION_RULES
from iaclint.linting.suppressions import Policy, SuppressionRecord, suppress
from iaclint.linting.verdict import Outcome, Report, Verdict
from iaclint.model.inventory import Inventory
from iaclint.run.loading import Loaded, load_deployments
from iaclint.run.processes import can_fork, default_jobs
from iaclint.run.request import Request
from iaclint.source.discovery import VARIABLES_SUFFIXES
from iaclint.source.files import Problem, SourceFile, is_below, shown_path
from iaclint.version import __version__

PARALLEL_JUDGE_MIN_RESOURCES = 700
"""Resources from which a second process makes a run faster: to judge them takes 0.15 s."""


def scan(request: Request) -> Report:
    """Return what a run finds. Raises UsageError if a path or a file of inputs does not exist."""
    return scan_with_suppressions(request)[0]


def scan_with_suppressions(request: Request) -> tuple[Report, tuple[SuppressionRecord, ...]]:
    """Return what a run finds, and each suppression that it met. Raises UsageError as `scan` does."""
    loaded = load_deployments(request)
    config = request.config
    inventory = Inventory(loaded.deployments, config.covers, config.provided, config.options)
    unchecked = {rule.id for rule in SUPPRESSION_RULES}
    rules = tuple(rule for rule in request.rules if rule.id not in unchecked)
    verdicts = _judge(inventory, rules, loaded, request)
    verdicts = _with_configured_severity(verdicts, config)
    verdicts = _merge_environments(verdicts, config)
    suppressed = suppress(verdicts, loaded.deployments, _policy(request))
    verdicts = suppressed.verdicts
    problems = [*loaded.discovered.problems, *(p for d in loaded.deployments for p in d.problems)]
    other_tools: tuple[str, ...] = ()
    if request.with_cfn_lint:
        from iaclint.run.cfn_lint import NAME, cfn_lint_verdicts

        templates = [path for path in loaded.discovered.templates if path not in request.overlay]
        more, hindrances = cfn_lint_verdicts(loaded.deployments, templates)
        verdicts = tuple(sorted((*verdicts, *more), key=lambda v: v.sort_key))
        problems += hindrances
        other_tools = (NAME,)
    baseline_met: Mapping[str, int] = {}
    if request.baseline is not None:
        verdicts, baseline_met = request.baseline.mark(verdicts, loaded.base)
    files: dict[str, SourceFile] = {s.path: s for d in loaded.deployments for s in d.files}
    gaps = {(g.span, g.detail): g for d in loaded.deployments for g in d.gaps}
    report = Report(
        rules=request.rules,
        verdicts=_select(verdicts, request, loaded.discovered.units_with_deletions),
        problems=tuple(dict.fromkeys(map(_with_whole_path, problems))),
        gaps=tuple(gaps.values()),
        deployments=loaded.deployments,
        files=tuple(sorted(files.values(), key=lambda s: s.path)),
        unread=tuple(loaded.discovered.unread),
        base=loaded.base,
        version=__version__,
        other_tools=other_tools,
        baseline_met=baseline_met,
    )
    return report, suppressed.records


def exit_code(report: Report, fail_on: str) -> int:
    """Return 2 if the input was not analyzed completely, 1 if there is a failure at or above the gate, else 0.

    fail_on  the least severity that makes the exit code 1, or "never"
    """
    if not report.complete:
        return 2
    if fail_on == "never":
        return 0
    gate = Severity(fail_on).rank
    return 1 if any(v.severity.rank <= gate for v in report.of(Outcome.FAIL)) else 0


# -- judging -------------------------------------------------------------------------------------------


def _judge(inventory: Inventory, rules: Sequence[Rule[Any]], loaded: Loaded, request: Request) -> tuple[Verdict, ...]:
    """Return the verdicts over the inventory, from several processes if there is much to judge."""
    from iaclint.linting.judge import judge

    if not loaded.deployments:
        return ()
    weights = [len(deployment.resources) for deployment in loaded.deployments]
    jobs = (request.jobs or default_jobs()) if can_fork() and len(weights) > 1 else 1
    progress = _progress_of_judging(request)
    if jobs < 2 or sum(weights) < (1 if request.jobs else PARALLEL_JUDGE_MIN_RESOURCES):
        return judge(inventory, rules, loaded, progress)
    from iaclint.run.parallel import judge_shared

    return judge_shared(inventory, rules, loaded.workspace, weights, jobs, loaded, progress)


def _progress_of_judging(request: Request) -> Callable[[int, int], None] | None:
    if request.progress is None:
        return None
    progress = request.progress
    return lambda done, total: progress(f"judging {done + 1} of {total}")


def _policy(request: Request) -> Policy:
    """Return what decides which verdicts are suppressed."""
    config = request.config
    known = {rule.id: rule for rule in (*request.known, *request.rules, *SUPPRESSION_RULES)}
    crosswalk = None
    if config.honour:
        from iaclint.linting.other_tools import Crosswalk

        crosswalk = Crosswalk((r.id, r.equivalents) for r in known.values())
    return Policy(
        config=config,
        families={rule.id: rule.family for rule in known.values()},
        run=frozenset(rule.id for rule in request.rules),
        today=request.today,
        crosswalk=crosswalk,
        whole=any(is_below(config.directory, os.path.abspath(path)) for path in request.paths if config.file),
        source=_config_source(config.file) if config.exceptions else None,
    )


def _config_source(path: str) -> SourceFile | None:
    """Return the config file as something that a finding can point to, or None if it cannot be read."""
    if not path:
        return None
    try:
        with open(path, encoding="utf-8") as stream:
            return SourceFile(path, stream.read(), shown_path(path))
    except (OSError, UnicodeDecodeError):
        return None


# -- the report ----------------------------------------------------------------------------------------


def _with_configured_severity(verdicts: Iterable[Verdict], config: Config) -> tuple[Verdict, ...]:
    """Return the verdicts with the severities that the config sets for their rules."""
    return tuple(
        replace(v, severity=Severity(config.severity[v.rule.id])) if v.rule.id in config.severity else v
        for v in verdicts
    )


def _merge_environments(verdicts: Sequence[Verdict], config: Config) -> tuple[Verdict, ...]:
    """Return one verdict for those that are the same in several environments, with the names of these."""
    if not config.environments:
        return tuple(verdicts)
    merged: dict[object, Verdict] = {}
    for verdict in verdicts:
        key = (
            verdict.rule.id,
            verdict.deployment.root,
            verdict.address,
            verdict.site.attribute,
            verdict.site.span,
            verdict.outcome,
            verdict.message,
        )
        known = merged.get(key)
        environments = known.environments if known else ()
        merged[key] = replace(known or verdict, environments=(*environments, verdict.deployment.environment))
    return tuple(merged.values())


def _select(verdicts: Sequence[Verdict], request: Request, units_with_deletions: set[str]) -> tuple[Verdict, ...]:
    """Return the verdicts that a request with named files asks for: those that touch one of the files.

    In a unit that a file was deleted from, all verdicts are; so are those on files next to a deleted file or a file of
    variables.
    """
    paths = [os.path.abspath(path) for path in request.paths]
    directories = [path for path in paths if os.path.isdir(path)]
    files = {path for path in paths if not os.path.isdir(path)}
    if request.whole_units or (not files and not request.deleted):
        return tuple(verdicts)
    variables = [file for file in files if file.endswith(VARIABLES_SUFFIXES)]
    homes = {os.path.dirname(os.path.abspath(path)) for path in (*request.deleted, *variables)}

    def is_asked_for(verdict: Verdict) -> bool:
        site = verdict.site
        steps = (*site.trail, *site.calls, *verdict.related)
        spans = (site.span, site.inner, site.header, *(step.span for step in steps))
        touched = {span.file.path for span in spans}
        return (
            bool(touched & files)
            or verdict.deployment.root in units_with_deletions
            or any(os.path.dirname(path) in homes for path in touched)
            or any(is_below(path, directory) for directory in directories for path in touched)
        )

    return tuple(filter(is_asked_for, verdicts))


def _with_whole_path(problem: Problem) -> Problem:
    """Return the problem with the absolute path in its message: each report shortens it for its own readers."""
    path = problem.path or (problem.span.file.path if problem.span else "")
    name = problem.span.file.name if problem.span else shown_path(path) if path else ""
    if name in ("", ".", path) or name not in problem.message or path in problem.message:
        return problem
    return replace(problem, message=problem.message.replace(name, path))
