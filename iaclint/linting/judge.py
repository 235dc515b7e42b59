"""Runs rules over the inventory: rule x subject -> Verdict.

An undecided question becomes UNKNOWN with its reasons. Where the reasons are inputs with finitely many values,
the question is asked again in each of these worlds.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from iaclint.linting.rule import Finding, Rule, Severity, Undecided
from iaclint.linting.verdict import Outcome, Site, Verdict
from iaclint.model.inventory import Deployment, Inventory, Resource
from iaclint.model.truth import Reason, Undetermined, merge_reasons
from iaclint.model.value import Step, Value
from iaclint.source.files import Span, fetched

MAX_WORLDS = 64
"""Worlds tried for one question."""

World = tuple[tuple[str, Any], ...]
Reload = Callable[[Deployment, Mapping[str, Any]], Deployment]


def judge(
    inventory: Inventory,
    rules: Sequence[Rule[Any]],
    reload: Reload | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Verdict, ...]:
    """The verdicts of all rules over the inventory, sorted by place.

    reload    evaluates a deployment again with some inputs set; without it no worlds are tried
    progress  is called with (deployments done, deployments in all)
    """
    verdicts: list[Verdict] = []
    for done, deployment in enumerate(inventory.deployments):
        if progress:
            progress(done, len(inventory.deployments))
        verdicts += judge_each(inventory, rules, deployment, reload)
    return in_order(verdicts, judge_all(inventory, rules))


def judge_each(
    inventory: Inventory,
    rules: Sequence[Rule[Any]],
    deployment: Deployment,
    reload: Reload | None = None,
) -> list[Verdict]:
    """The verdicts of the rules about single things, over one deployment."""
    verdicts: list[Verdict] = []
    worlds = _Worlds(deployment, inventory, reload)
    for rule in rules:
        if not _is_over_all(rule) and deployment.memo.get(("subjects", rule.on)) != ():
            verdicts += worlds.judge(rule)
    deployment.memo.clear()  # the next one needs the room
    return verdicts


def judge_all(inventory: Inventory, rules: Sequence[Rule[Any]]) -> list[Verdict]:
    """The verdicts of the rules about everything together."""
    return [v for rule in rules if _is_over_all(rule) for v in _over_inventory(rule, inventory)]


def _is_over_all(rule: Rule[Any]) -> bool:
    return getattr(rule.on, "scope", "") == "inventory"


def in_order(*verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """The verdicts sorted by place."""
    return tuple(sorted(itertools.chain(*verdicts), key=lambda v: v.sort_key))


def _subjects(on: Any, deployment: Deployment) -> tuple[Any, ...]:
    """What a view selects in a deployment. Rules about the same things share them, and what these work out once."""
    key = ("subjects", on)
    found: tuple[Any, ...] | None = deployment.memo.get(key)
    if found is None:
        found = deployment.memo[key] = tuple(on.select(deployment))
    return found


def _over_inventory(rule: Rule[Any], inventory: Inventory) -> list[Verdict]:
    try:
        subjects = list(rule.on.select(inventory))
    except Exception as error:
        deployment = inventory.deployments[0]
        return [_error(rule, deployment, "", _site(deployment.header, None), error)]
    return [v for s in subjects for v in _ask(rule, s, s.deployment, inventory)]


def _ask(rule: Rule[Any], subject: Any, deployment: Deployment, inventory: Inventory) -> list[Verdict]:
    """The verdicts of a rule on one subject, in the world at hand."""
    here = _site(subject, subject)
    address = subject.address
    options = dict(inventory.options.get(rule.id, {})) if rule.options else {}
    findings: list[Finding] = []
    reasons: tuple[Reason, ...] = ()
    try:
        if subject.exists.is_false:
            return []
        if rule.applies is not None and not rule.applies(subject):
            return [Verdict(rule, Outcome.NOT_APPLICABLE, deployment, address, here)]
        for found in _checked(rule, subject, options):  # keeps what came before an Undetermined
            if isinstance(found, Finding):
                findings.append(found)
            elif found.truth.value is None:
                reasons = merge_reasons(reasons, found.truth.reasons)
    except Undetermined as undetermined:
        reasons = merge_reasons(reasons, undetermined.reasons)
    except Exception as error:
        return [_error(rule, deployment, address, here, error)]
    if findings:
        failures: dict[tuple[Span, str], Verdict] = {}
        for finding in findings:
            site = _site(finding.at, subject)
            failure = Verdict(
                rule,
                Outcome.FAIL,
                deployment,
                address,
                site,
                message=finding.message,
                reasons=subject.exists.reasons,
                severity=finding.severity or rule.severity,
                fix=finding.fix,
                related=finding.related,
            )
            # the elements of a list that one expression gives are all at its place
            failures.setdefault((site.span, finding.message), failure)
        return list(failures.values())
    if reasons:
        return [
            Verdict(
                rule,
                Outcome.UNKNOWN,
                deployment,
                address,
                here,
                message=f"cannot tell: {reasons[0].detail}",
                reasons=reasons,
                severity=rule.severity,
            )
        ]
    return [Verdict(rule, Outcome.PASS, deployment, address, here, severity=rule.severity)]


def _checked(rule: Rule[Any], subject: Any, options: Mapping[str, Any]) -> Iterable[Finding | Undecided]:
    """Return what a rule yields about a subject. Raises TypeError if it returns a finding instead of yielding it."""
    found = rule.check(subject, **options)
    if isinstance(found, (Finding, Undecided)):
        raise TypeError(f"it returns its {type(found).__name__}: write `yield` instead of `return`")
    return found


def _error(rule: Rule[Any], deployment: Deployment, address: str, site: Site, error: Exception) -> Verdict:
    return Verdict(
        rule,
        Outcome.ERROR,
        deployment,
        address,
        site,
        message=f"the rule raised {type(error).__name__}: {error}",
        severity=Severity.LOW,
    )


class _Worlds:
    """A deployment, and the same with inputs set, each evaluated once."""

    def __init__(self, deployment: Deployment, inventory: Inventory, reload: Reload | None) -> None:
        self.deployment = deployment
        self.inventory = inventory
        self.reload = reload
        self.evaluated: dict[World, Deployment | None] = {}
        self.asked: dict[tuple[str, World], dict[str, list[Verdict]]] = {}

    def judge(self, rule: Rule[Any]) -> Iterator[Verdict]:
        for address, verdicts in self._by_address(rule, self.deployment, ()).items():
            outcomes = {v.outcome for v in verdicts}
            if Outcome.UNKNOWN in outcomes and Outcome.FAIL not in outcomes and self.reload is not None:
                yield from self._explore(rule, address, verdicts)
            else:
                yield from verdicts

    def _by_address(self, rule: Rule[Any], deployment: Deployment, world: World) -> dict[str, list[Verdict]]:
        key = (rule.id, world)
        if key not in self.asked:
            grouped: dict[str, list[Verdict]] = {}
            try:
                for subject in _subjects(rule.on, deployment):
                    grouped.setdefault(subject.address, []).extend(_ask(rule, subject, deployment, self.inventory))
            except Undetermined as undetermined:
                site = _site(deployment.header, None)
                message = f"cannot tell: {undetermined.reasons[0].detail}" if undetermined.reasons else "cannot tell"
                grouped.setdefault("", []).append(
                    Verdict(rule, Outcome.UNKNOWN, deployment, "", site, message, undetermined.reasons, rule.severity)
                )
            except Exception as error:
                site = _site(deployment.header, None)
                grouped.setdefault("", []).append(_error(rule, deployment, "", site, error))
            self.asked[key] = grouped
        return self.asked[key]

    def _explore(self, rule: Rule[Any], address: str, verdicts: list[Verdict]) -> list[Verdict]:
        """The verdicts on one resource after trying the worlds that decide it."""
        names: dict[str, tuple[Any, ...]] = {}
        worlds = 1
        for reason in itertools.chain.from_iterable(v.reasons for v in verdicts):
            for name in reason.inputs:
                found = self.deployment.inputs.get(name.removeprefix("var."))
                domain = found.domain if found else ()
                if domain and name not in names and worlds * len(domain) <= MAX_WORLDS:
                    names[name] = domain
                    worlds *= len(domain)
        if not names:
            return verdicts
        seen: list[tuple[World, Outcome, list[Verdict]]] = []
        for combination in itertools.product(*names.values()):
            world = tuple(zip(names, combination, strict=True))
            deployment = self._world(world)
            if deployment is None:
                continue
            there = self._by_address(rule, deployment, world).get(address, [])
            outcome = _sum(there)
            if outcome is not None:
                seen.append((world, outcome, there))
        if not seen:
            return verdicts
        outcomes = {outcome for _, outcome, _ in seen}
        if len(outcomes) == 1 and Outcome.UNKNOWN not in outcomes:
            return [replace(v, deployment=self.deployment) for v in seen[0][2]]
        return [_with_worlds(v, seen) if v.outcome is Outcome.UNKNOWN else v for v in verdicts]

    def _world(self, world: World) -> Deployment | None:
        if world not in self.evaluated:
            assert self.reload is not None
            self.evaluated[world] = self.reload(self.deployment, dict(world))
        return self.evaluated[world]


def _sum(verdicts: Iterable[Verdict]) -> Outcome | None:
    """The outcome for a resource as a whole; None where it is not there or the rule does not apply."""
    outcomes = {v.outcome for v in verdicts}
    for outcome in (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN, Outcome.PASS):
        if outcome in outcomes:
            return outcome
    return None


def _with_worlds(verdict: Verdict, seen: list[tuple[World, Outcome, list[Verdict]]]) -> Verdict:
    failing = [world for world, outcome, _ in seen if outcome is Outcome.FAIL]
    passing = [world for world, outcome, _ in seen if outcome is Outcome.PASS]
    says: list[str] = []
    if failing:
        says.append(f"fails when {_worlds_text(failing)}")
    if passing:
        says.append(f"passes when {_worlds_text(passing)}")
    reason = Reason("; ".join(says)) if says else None
    reasons = merge_reasons(*([(reason,)] if reason else []), verdict.reasons)
    return replace(verdict, message="; ".join(says) if says else verdict.message, reasons=reasons)


def _worlds_text(worlds: list[World]) -> str:
    shown = [" and ".join(f"{name} is {_shown(value)}" for name, value in world) for world in worlds[:3]]
    more = f", or in {len(worlds) - 3} more cases" if len(worlds) > 3 else ""
    return ", or ".join(shown) + more


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if value != "" else '""'


def _site(at: Any, subject: Any) -> Site:
    """Where a finding is, from whatever knows where it is written."""
    trail: tuple[Step, ...] = ()
    attribute = ""
    if isinstance(at, Span):
        use = at
    elif isinstance(at, Value):
        use, trail = at.span, at.trail
        attribute = getattr(at, "path_name", "")
    elif isinstance(at, Resource):
        use = at.header
    else:
        use = getattr(at, "span", None) or at.header
        attribute = getattr(at, "prefix", "")
    header: Span = subject.header if subject is not None else use
    calls: tuple[Step, ...] = subject.calls if subject is not None else ()
    span = use
    if not owned(use):
        # somebody else's module: the call is what the reader can edit
        span = next((call.span for call in reversed(calls) if owned(call.span)), use)
    return Site(span, use, trail, header, calls, attribute)


def owned(span: Span) -> bool:
    """Whether the reader of the report keeps this file: not one that a module installer fetched."""
    return not fetched(span.file.path)
