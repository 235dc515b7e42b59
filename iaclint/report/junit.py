"""JUnit XML: a suite for each deployment, a case for each rule and resource, passes included.

There is no standard. GitLab, Jenkins and GitHub's actions read these elements: testsuites, testsuite, testcase with
failure, skipped (suppressed or undecided) or error.
https://docs.gitlab.com/ci/testing/unit_test_reports/
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from iaclint.linting.verdict import Outcome, Report, Verdict
from iaclint.report import Options
from iaclint.report.common import Paths, clean, trail_text


def render(report: Report, options: Options) -> str:  # noqa: ARG001 - every format has options
    """Return the XML document."""
    paths = Paths(report.base)
    top = ET.Element("testsuites", name="iaclint")
    suites: dict[str, list[Verdict]] = {}
    for verdict in report.verdicts:
        if verdict.outcome is not Outcome.NOT_APPLICABLE:
            suites.setdefault(_suite_name(verdict, paths), []).append(verdict)
    for name in sorted(suites):
        names: dict[str, int] = {}
        _suite(top, name, [_case(name, verdict, paths, names) for verdict in suites[name]])
    broken = list(_broken(report, paths))
    if broken:
        _suite(top, "input", broken)
    for name in ("tests", "failures", "errors", "skipped"):
        top.set(name, str(sum(int(suite.get(name, "0")) for suite in top)))
    ET.indent(top)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(top, encoding="unicode") + "\n"


def _suite_name(verdict: Verdict, paths: Paths) -> str:
    deployment = verdict.deployment
    name = clean(paths.below(deployment.root) or deployment.name)
    return f"{name} ({clean(deployment.environment)})" if deployment.environment else name


def _suite(top: ET.Element, name: str, cases: list[ET.Element]) -> None:
    suite = ET.SubElement(top, "testsuite", name=name, tests=str(len(cases)))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(sum(case.find(tag) is not None for case in cases)))
    suite.set("time", "0")
    suite.extend(cases)


def _case(suite: str, verdict: Verdict, paths: Paths, names: dict[str, int]) -> ET.Element:
    """Return a case. Its name is unique within its suite, since GitLab ignores a second case of the same name."""
    name = f"{verdict.rule.id}: {clean(verdict.address) or suite}"
    if verdict.site.attribute and verdict.outcome is Outcome.FAIL:
        name += f": {clean(verdict.site.attribute)}"
    names[name] = names.get(name, 0) + 1
    if names[name] > 1:
        name += f" ({names[name]})"
    span = paths.anchor(verdict)
    file = clean(paths.shown(span.file))
    case = ET.Element("testcase", classname=suite, name=name, file=file, line=str(span.line), time="0")
    if verdict.suppressed_by is not None:
        reason = clean(verdict.suppressed_by.reason) or "no reason given"
        ET.SubElement(case, "skipped", message=f"suppressed ({verdict.suppressed_by.kind}): {reason}")
    elif verdict.outcome is Outcome.FAIL:
        _outcome(
            case, "failure", verdict.severity.value, verdict.message, _details(verdict, f"{file}:{span.line}", paths)
        )
    elif verdict.outcome is Outcome.UNKNOWN:
        reasons = "; ".join(map(paths.reason, verdict.reasons)) or clean(verdict.message)
        ET.SubElement(case, "skipped", message=f"cannot tell: {reasons}")
    elif verdict.outcome is Outcome.ERROR:
        _outcome(case, "error", "rule-error", verdict.message, f"{file}:{span.line}")
    return case


def _details(verdict: Verdict, where: str, paths: Paths) -> str:
    lines = [f"{where}: {clean(verdict.message)}", trail_text(verdict, paths)]
    lines += [f"called by {clean(step.what)}, {paths.place(step.span)}" for step in verdict.site.calls]
    lines += [f"{clean(step.what)}, {paths.place(step.span)}" for step in verdict.related]
    lines.append(f"help: {clean(verdict.fix.title if verdict.fix else verdict.rule.title)}")
    return "\n".join(filter(None, lines))


def _outcome(case: ET.Element, tag: str, kind: str, message: str, text: str) -> None:
    ET.SubElement(case, tag, type=kind, message=clean(message)).text = text


def _broken(report: Report, paths: Paths) -> Iterator[ET.Element]:
    """Yield a case with an error for each fatal problem and each file that could not be read."""
    found: dict[str, tuple[str, str]] = {}
    for problem in report.problems:
        if problem.fatal:
            place = paths.place(problem.span) if problem.span else clean(paths.scrub(problem.path)) or "input"
            found.setdefault(f"{place}: {clean(paths.scrub(problem.message))}", (place, "problem"))
    told = "\n".join(found)
    for path in report.unread:
        place = clean(paths.scrub(path))
        if place not in told:
            found.setdefault(f"{place} could not be read", (place, "unread"))
    for text, (place, kind) in found.items():
        case = ET.Element("testcase", classname="input", name=text, file=place.rpartition(":")[0] or place, time="0")
        ET.SubElement(case, "error", type=kind, message=text)
        yield case
