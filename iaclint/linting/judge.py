"""The judge: rule x subject -> Verdict.

If a rule cannot tell, the verdict is UNKNOWN with the reasons. If the reasons are inputs with finitely many possible
values, the judge asks the rule again for each assignment of these inputs.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct
from msgspec.structs import replace

from iaclint.aws.joins import per_deployment
from iaclint.linting.rule import Finding, Rule, Severity, Undecided
from iaclint.linting.verdict import Outcome, Site, Verdict
from iaclint.model.inventory import Deployment, Inventory, Resource
from iaclint.model.truth import Reason, Undetermined, merge_reasons
from iaclint.model.value import Step, Value
from iaclint.source.files import Span, is_downloaded

MAX_ASSIGNMENTS = 64
"""The most input assignments that are explored for one question."""
SHOWN_ASSIGNMENTS = 3

Assignment = tuple[tuple[str, Any], ...]
"""One choice of values for some finite inputs: pairs of a name ("var.internal") and a value."""


class DeploymentSource(Protocol):
    """Where deployments come from: it can evaluate them again."""

    def with_inputs(self, deployment: Deployment, assignment: Mapping[str, Any]) -> Deployment:
        """Return a deployment evaluated again, with the inputs of an assignment in place of its own."""


def judge(
    inventory: Inventory,
    rules: Sequence[Rule[Any]],
    source: DeploymentSource | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Verdict, ...]:
    """Return the verdicts of all rules over the inventory, sorted by place.

    source    evaluates deployments again; None if no input assignments are to be explored
    progress  is called with the number of deployments that are done, and of all deployments
    """
    verdicts: list[Verdict] = []
    for done, deployment in enumerate(inventory.deployments):
        if progress:
            progress(done, len(inventory.deployments))
        verdicts += judge_deployment(inventory, rules, deployment, source)
    return in_order(verdicts, judge_inventory(inventory, rules))


def judge_deployment(
    inventory: Inventory,
    rules: Sequence[Rule[Any]],
    deployment: Deployment,
    source: DeploymentSource | None = None,
) -> list[Verdict]:
    """Return the verdicts of the rules about single resources, for one deployment of the inventory.

    What was computed about the deployment is dropped at the end, since a large inventory would not fit into memory
    with it.
    """
    exploration = _Exploration(deployment, inventory, source)
    verdicts = [v for rule in rules if not _is_about_inventory(rule) for v in exploration.judge(rule)]
    deployment.drop_computed()
    return verdicts


def judge_inventory(inventory: Inventory, rules: Sequence[Rule[Any]]) -> list[Verdict]:
    """Return the verdicts of the rules about the inventory as a whole."""
    return [v for rule in rules if _is_about_inventory(rule) for v in _over_inventory(rule, inventory)]


def in_order(*verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """Return all verdicts sorted by place."""
    return tuple(sorted(itertools.chain(*verdicts), key=lambda v: v.sort_key))


# -- asking a rule ---------------------------------------------------------------------------------------


def _is_about_inventory(rule: Rule[Any]) -> bool:
    return getattr(rule.on, "scope", "") == "inventory"


@per_deployment
def _subjects(deployment: Deployment, view: Any) -> tuple[Any, ...]:
    """Return what a view selects in a deployment. Rules on the same view share the subjects and what these cache."""
    return tuple(view.select(deployment))


def _over_inventory(rule: Rule[Any], inventory: Inventory) -> list[Verdict]:
    try:
        subjects = list(rule.on.select(inventory))
    except Exception as error:
        deployment = inventory.deployments[0]
        return [_error(rule, deployment, "", _site(deployment.header, None), error)]
    return [v for s in subjects for v in _ask(rule, s, s.deployment, inventory)]


def _ask(rule: Rule[Any], subject: Any, deployment: Deployment, inventory: Inventory) -> list[Verdict]:
    """Return the verdicts of a rule on one subject of a deployment."""
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


# -- input assignments -----------------------------------------------------------------------------------


class _Explored(Struct, frozen=True):
    """What a rule answers about one resource under one input assignment."""

    assignment: Assignment
    outcome: Outcome
    verdicts: list[Verdict]


class _Exploration:
    """A deployment, and the same deployment under input assignments, each evaluated once."""

    def __init__(self, deployment: Deployment, inventory: Inventory, source: DeploymentSource | None) -> None:
        self.deployment = deployment
        self.inventory = inventory
        self.source = source
        self.evaluated: dict[Assignment, Deployment] = {}
        self.answers: dict[tuple[str, Assignment], dict[str, list[Verdict]]] = {}

    def judge(self, rule: Rule[Any]) -> Iterator[Verdict]:
        """Yield the verdicts of a rule on the deployment."""
        for address, verdicts in self._by_address(rule, self.deployment, ()).items():
            outcomes = {v.outcome for v in verdicts}
            if Outcome.UNKNOWN in outcomes and Outcome.FAIL not in outcomes and self.source is not None:
                yield from self._explore(rule, address, verdicts, self.source)
            else:
                yield from verdicts

    def _by_address(self, rule: Rule[Any], deployment: Deployment, assignment: Assignment) -> dict[str, list[Verdict]]:
        """Return the verdicts of a rule on a deployment by the address of the subject."""
        key = (rule.id, assignment)
        if key not in self.answers:
            grouped: dict[str, list[Verdict]] = {}
            try:
                for subject in _subjects(deployment, rule.on):
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
            self.answers[key] = grouped
        return self.answers[key]

    def _explore(
        self, rule: Rule[Any], address: str, verdicts: list[Verdict], source: DeploymentSource
    ) -> list[Verdict]:
        """Return the verdicts on one resource after the inputs that decide it were tried out."""
        domains = self._deciding_inputs(verdicts)
        if not domains:
            return verdicts
        explored: list[_Explored] = []
        for values in itertools.product(*domains.values()):
            assignment = tuple(zip(domains, values, strict=True))
            if assignment not in self.evaluated:
                self.evaluated[assignment] = source.with_inputs(self.deployment, dict(assignment))
            answer = self._by_address(rule, self.evaluated[assignment], assignment).get(address, [])
            outcome = _sum(answer)
            if outcome is not None:
                explored.append(_Explored(assignment, outcome, answer))
        if not explored:
            return verdicts
        outcomes = {one.outcome for one in explored}
        if len(outcomes) == 1 and Outcome.UNKNOWN not in outcomes:
            return [replace(v, deployment=self.deployment) for v in explored[0].verdicts]
        return [_with_assignments(v, explored) if v.outcome is Outcome.UNKNOWN else v for v in verdicts]

    def _deciding_inputs(self, verdicts: Iterable[Verdict]) -> dict[str, tuple[Any, ...]]:
        """Return the finite inputs that verdicts name as reasons, with their values; as many as can be explored."""
        domains: dict[str, tuple[Any, ...]] = {}
        assignments = 1
        for reason in itertools.chain.from_iterable(v.reasons for v in verdicts):
            for name in reason.inputs:
                found = self.deployment.inputs.get(name.removeprefix("var."))
                domain = found.domain if found else ()
                if domain and name not in domains and assignments * len(domain) <= MAX_ASSIGNMENTS:
                    domains[name] = domain
                    assignments *= len(domain)
        return domains


def _sum(verdicts: Iterable[Verdict]) -> Outcome | None:
    """Return the outcome for a resource as a whole; None if it does not exist or the rule does not apply."""
    outcomes = {v.outcome for v in verdicts}
    for outcome in (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN, Outcome.PASS):
        if outcome in outcomes:
            return outcome
    return None


def _with_assignments(verdict: Verdict, explored: Iterable[_Explored]) -> Verdict:
    """Return an UNKNOWN verdict with the input assignments under which the rule fails and passes."""
    failing = [one.assignment for one in explored if one.outcome is Outcome.FAIL]
    passing = [one.assignment for one in explored if one.outcome is Outcome.PASS]
    parts: list[str] = []
    if failing:
        parts.append(f"fails when {_assignments_text(failing)}")
    if passing:
        parts.append(f"passes when {_assignments_text(passing)}")
    if not parts:
        return replace(verdict, reasons=merge_reasons(verdict.reasons))
    message = "; ".join(parts)
    return replace(verdict, message=message, reasons=merge_reasons((Reason(message),), verdict.reasons))


def _assignments_text(assignments: Sequence[Assignment]) -> str:
    texts = [
        " and ".join(f"{name} is {_literal(value)}" for name, value in assignment)
        for assignment in assignments[:SHOWN_ASSIGNMENTS]
    ]
    left = len(assignments) - SHOWN_ASSIGNMENTS
    return ", or ".join(texts) + (f", or in {left} more cases" if left > 0 else "")


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if value != "" else '""'


# -- places ----------------------------------------------------------------------------------------------


def _site(at: Any, subject: Any) -> Site:
    """Return the site of a finding.

    at       what a finding points to: a span, a value, a resource, or a subject
    subject  what the rule judges; None if that is the deployment
    """
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
    if is_downloaded(use.file.path):
        # in a downloaded module the user cannot edit: report its call
        span = next((call.span for call in reversed(calls) if not is_downloaded(call.span.file.path)), use)
    return Site(span, use, trail, header, calls, attribute)
