"""Explanations for people: of a rule, and of the values and verdicts of a resource."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from json import dumps
from typing import Any

from iaclint.linting.criteria import title as criterion_title
from iaclint.linting.rule import Rule
from iaclint.linting.verdict import Outcome, Report, Verdict
from iaclint.model.address import Address
from iaclint.model.inventory import Deployment, Resource
from iaclint.model.value import Unknown, Value
from iaclint.report.common import chain, clean, place, reason_text, undecided_text
from iaclint.report.help import LANGUAGES
from iaclint.report.show import is_secret, plain

BOTH = ("terraform", "cloudformation")


def rule_text(rule: Rule[Any], languages: Sequence[str] = BOTH) -> str:
    """Return the documentation of a rule, with examples in these languages: "terraform", "cloudformation"."""
    return "\n\n".join(_rule(rule, languages)) + "\n"


def _rule(rule: Rule[Any], languages: Sequence[str]) -> Iterator[str]:
    off = "" if rule.enabled else ", off by default: run it with --extend-select " + rule.id
    yield f"{rule.id} ({rule.severity.value}, {rule.family}{off})"
    yield f"{rule.title}."
    if rule.doc:
        yield rule.doc
    facts = [f"SOC 2 {name}: {criterion_title(name)}" for name in rule.soc2]
    facts += [f"CWE-{number}" for number in rule.cwe]
    facts += [f"Same as {tool.replace('_', ' ')}: {', '.join(ids)}" for tool, ids in rule.equivalents.items() if ids]
    if facts:
        yield "\n".join(facts)
    if rule.options:
        lines = [f"Options, in the config below [options.{rule.id}]:"]
        lines += [f"  {name} = {_toml(value)}" for name, value in rule.options.items()]
        yield "\n".join(lines)
    for heading, examples_ in (("Fails", rule.bad), ("Passes", rule.good)):
        for example in examples_[:1]:
            texts = [(LANGUAGES[side][0], getattr(example, side)) for side in languages]
            if not any(text for _, text in texts):
                texts = [(name, getattr(example, side)) for side, (name, _) in LANGUAGES.items()]
            for language, text in texts:
                if text:
                    yield f"{heading} ({language}):\n\n" + textwrap.indent(textwrap.dedent(text).strip("\n"), "    ")
    if rule.family != "exceptions":
        yield f"To accept a finding: # iaclint: ignore[{rule.id}] the reason"


def _toml(value: Any) -> str:
    return dumps(list(value) if isinstance(value, (tuple, frozenset, set)) else value)


# -- one resource ----------------------------------------------------------------------------------------


def resources_at(deployments: Iterable[Deployment], address: str) -> list[tuple[Deployment, Resource]]:
    """Return the resources of an address, each with its deployment; without an instance key all instances."""
    return [
        (deployment, resource)
        for deployment in deployments
        for resource in deployment.resources
        if Address(address).names(resource.address)
    ]


def address_text(report: Report, found: Sequence[tuple[Deployment, Resource]]) -> str:
    """Return a text about resources: their values with the sources, and the verdict of each rule with its reason."""
    return "\n\n".join("\n".join(_resource(report, *item)) for item in found) + "\n"


def _resource(report: Report, deployment: Deployment, resource: Resource) -> Iterator[str]:
    where = f" in environment {clean(deployment.environment)}" if deployment.environment else ""
    yield f"{clean(resource.address)}  ({clean(resource.kind)})  {place(resource.header)}"
    yield f"  in {clean(deployment.name)}{where}"
    for step in resource.calls:
        yield f"  called by {clean(step.what)}, {place(step.span)}"
    if not resource.exists.is_true:
        yield "  may not exist: " + "; ".join(map(reason_text, resource.exists.reasons))
    yield ""
    yield "Values:"
    lines = list(_values(resource.body, ""))
    yield from lines or ["  none is written"]
    yield ""
    yield "Rules:"
    verdicts = _about(report, deployment, resource)
    if not verdicts:
        yield "  no rule is about this type of resource"
    width = max((len(v.rule.id) for v in verdicts), default=0)
    for verdict in verdicts:
        yield f"  {verdict.rule.id:{width}}  {_said(verdict)}"
        for line in _because(verdict):
            yield f"  {'':{width}}  {line}"


def _values(value: Value[Any], name: str) -> Iterator[str]:
    """Yield a line for each scalar: its path, its value, and the source of the value."""
    data = value.data
    if isinstance(data, dict) and data and not value.sensitive:
        for key, item in data.items():
            yield from _values(item, f"{name}.{clean(str(key))}" if name else clean(str(key)))
        return
    if isinstance(data, tuple) and data and not value.sensitive:
        for index, item in enumerate(data):
            if isinstance(item, Value):
                yield from _values(item, f"{name}[{index}]")
        return
    if isinstance(data, Unknown):
        shown = f"(unknown: {clean(data.detail)})"
    elif (value.sensitive and data is not None) or is_secret(name, value):
        shown = "(sensitive)"
    else:
        shown = clean(dumps(plain(value), ensure_ascii=False))
    source = chain("", value.trail).removeprefix("value = ")
    yield f"  {name or 'all of it'} = {shown}" + (f"  <- {source}" if source else f"  {place(value.span)}")


def _about(report: Report, deployment: Deployment, resource: Resource) -> list[Verdict]:
    """Return the verdicts on a resource. A verdict may hold in several environments."""
    return sorted(
        (
            v
            for v in report.verdicts
            if v.address == resource.address
            and v.deployment.root == deployment.root
            and (not v.environments or deployment.environment in v.environments)
        ),
        key=lambda v: (list(Outcome).index(v.outcome), v.rule.id, v.sort_key),
    )


_WORDS = {
    Outcome.PASS: "passes",
    Outcome.FAIL: "FAILS",
    Outcome.UNKNOWN: "cannot tell",
    Outcome.NOT_APPLICABLE: "does not apply",
    Outcome.ERROR: "broke",
}


def _said(verdict: Verdict) -> str:
    text = _WORDS[verdict.outcome]
    if verdict.outcome is Outcome.UNKNOWN:
        return undecided_text(verdict)
    if verdict.outcome is Outcome.FAIL:
        text += f" ({verdict.severity.value}): {clean(verdict.message)}, {place(verdict.site.span)}"
    elif verdict.message:
        text += f": {clean(verdict.message)}"
    return text


def _because(verdict: Verdict) -> Iterator[str]:
    if verdict.outcome is Outcome.FAIL and (source := chain(verdict.site.attribute, verdict.site.trail)):
        yield source
    for reason in verdict.reasons:
        yield reason_text(reason)
    for step in verdict.related:
        yield f"{clean(step.what)}, {place(step.span)}"
    if verdict.suppressed_by is not None:
        by = verdict.suppressed_by
        until = f" until {clean(by.until)}" if by.until else ""
        yield f"accepted{until} ({by.kind}): {clean(by.reason)}" + (f", {place(by.span)}" if by.span else "")
    elif verdict.outcome is Outcome.FAIL and verdict.fix is not None:
        yield f"fix: {clean(verdict.fix.title)} ({verdict.fix.safety.value})"
