"""SARIF 2.1.0, as GitHub code scanning, GitLab and editors read it.

The objects are sarif-om's; they are written by `serialise` here, since the library's own way drops a value
that equals its class's default, so that a warning of a rule whose default is error would be read as an error, and
writes `state` for what the standard calls `status`.

Standard: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
GitHub:   https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from json import dumps
from typing import Any

import attr
from msgspec.structs import replace

from iaclint.linting.criteria import title as criterion_title
from iaclint.linting.rule import Rule, Severity
from iaclint.linting.verdict import Outcome, Report, Suppression, Verdict
from iaclint.model.inventory import Gap
from iaclint.model.value import Step
from iaclint.report import Options, om
from iaclint.report.common import (
    HOME,
    Group,
    Masks,
    Paths,
    clean,
    clean_block,
    first_line,
    grouped,
    plural,
    sentence,
    uri,
    words,
)
from iaclint.report.help import rule_help
from iaclint.report.linehash import LineHashes
from iaclint.report.provenance import provenance
from iaclint.source.edits import Fix
from iaclint.source.files import UTF_8_WITH_MARK, UTF_16, Problem, SourceFile, Span

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
ROOT = "%SRCROOT%"
SHOWN_BY_GITHUB = 5_000
"""Results of a run that code scanning keeps; it says that it takes the most severe."""
COMPANIONS = {"cfn-lint": "https://github.com/aws-cloudformation/cfn-lint"}
"""Tools that may run along, with where they live."""
TAKEN_BY_GITHUB = 25_000
"""Results of a run above which code scanning refuses the file."""
MAX_REGION = 300
"""Columns of a region and of the context on either side of it: a minified template has one line of a megabyte."""
MAX_STEPS = 100
MAX_NAMES = 10
MAX_TAGS = 10
MAX_DESCRIPTION = 1024
SOC2_GUID = "ed3a8105-e161-5516-ac68-944fcc2a331d"
CWE_GUID = "3804e7c4-0751-548d-a126-8a4f3ffdb3fe"
"""`uuid5(NAMESPACE_URL, f"{HOME}/taxonomies/{name}")`; to work it out brings OpenSSL, which takes 3 ms to load."""

LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
SCORES = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.0"}
"""GitHub's bands are: critical over 9.0, high from 7.0, medium from 4.0, low below."""


def render(report: Report, options: Options) -> str:
    """The report as a SARIF log: a run of iaclint, and one of each tool that ran along."""
    own = [v for v in report.verdicts if v.rule.family not in report.other_tools]
    runs = [_Run(replace(report, verdicts=tuple(own)), options).run()]
    runs += [_Companion(report, options, tool).run() for tool in report.other_tools]
    return write(om.SarifLog(schema_uri=SCHEMA, version="2.1.0", runs=runs), pretty=options.sarif_pretty)


def notices(report: Report, options: Options) -> tuple[str, ...]:
    """Return what GitHub would leave out or refuse."""
    number = len(grouped(_wanted(report, options)))
    if number > TAKEN_BY_GITHUB:
        return (f"{number:,} results: GitHub code scanning refuses a run with more than {TAKEN_BY_GITHUB:,}",)
    if number > SHOWN_BY_GITHUB:
        return (f"{number:,} results: GitHub code scanning keeps {SHOWN_BY_GITHUB:,} of a run, the most severe first",)
    return ()


def _wanted(report: Report, options: Options) -> list[Verdict]:
    return [verdict for verdict in report.verdicts if _is_wanted(verdict, options.sarif_include)]


def _is_wanted(verdict: Verdict, include: frozenset[str]) -> bool:
    if verdict.suppressed_by is not None and "suppressed" not in include:
        return False
    kind = _kind(verdict)
    return kind == "fail" or {"notApplicable": "not-applicable"}.get(kind, kind) in include


def _kind(verdict: Verdict) -> str:
    """SARIF's kind of a result; "" for an ERROR, which is a notification and no result.

    What an input would decide is "open" (the tool lacks information); what no input can decide is for a
    person to "review".
    """
    match verdict.outcome:
        case Outcome.FAIL:
            return "fail"
        case Outcome.PASS:
            return "pass"
        case Outcome.NOT_APPLICABLE:
            return "notApplicable"
        case Outcome.UNKNOWN:
            return "open" if any(reason.inputs for reason in verdict.reasons) else "review"
        case Outcome.ERROR:
            return ""


class _Run:
    """One report on its way to a SARIF run."""

    def __init__(self, report: Report, options: Options) -> None:
        self.report = report
        self.options = options
        self.paths = Paths(report.base)
        self.masks = Masks(report)
        self.hashes: dict[str, Sequence[str]] = {}
        rules = {rule.id: rule for rule in report.rules}
        rules |= {v.rule.id: v.rule for v in report.verdicts if v.rule.id not in rules}
        self.rules: list[Rule[Any]] = [rules[name] for name in sorted(rules)]
        self.rule_index = {rule.id: index for index, rule in enumerate(self.rules)}
        self.taxonomies = [
            _Taxonomy.soc2({name for rule in self.rules for name in rule.soc2}),
            _Taxonomy.cwe({number for rule in self.rules for number in rule.cwe}),
        ]

    def driver(self) -> Any:
        report = self.report
        return om.ToolComponent(
            name="iaclint",
            full_name=f"iaclint {report.version}",
            version=report.version,
            semantic_version=report.version,
            information_uri=HOME,
            rules=[self.rule(rule) for rule in self.rules],
            notifications=_notification_descriptors(),
            supported_taxonomies=[taxonomy.reference for taxonomy in self.taxonomies],
        )

    def run(self) -> Any:
        report = self.report
        source = provenance(report.base, os.environ)
        run = om.Run(
            tool=om.Tool(driver=self.driver()),
            column_kind="unicodeCodePoints",
            results=self.results(),
            invocations=[self.invocation()],
            taxonomies=[taxonomy.component for taxonomy in self.taxonomies] or None,
            original_uri_base_ids={
                ROOT: om.ArtifactLocation(description=om.Message(text="The root of the repository."))
            },
        )
        if source:
            run.version_control_provenance = [
                om.VersionControlDetails(
                    repository_uri=source.repository,
                    revision_id=source.revision,
                    branch=clean(source.branch),
                    mapped_to=om.ArtifactLocation(uri_base_id=ROOT),
                )
            ]
        if self.options.sarif_category:
            # code scanning reads the text up to the last slash as the category
            run.automation_details = om.RunAutomationDetails(id=clean(self.options.sarif_category).strip("/") + "/")
        return run

    # -- rules ---------------------------------------------------------------------------------

    def rule(self, rule: Rule[Any]) -> Any:
        text, markdown = rule_help(rule)
        title = sentence(rule.title or rule.id)
        first_paragraph = " ".join(rule.doc.split("\n\n", 1)[0].split())
        relationships = [
            om.ReportingDescriptorRelationship(target=target, kinds=["relevant"]) for target in self.taxa(rule)
        ]
        return om.ReportingDescriptor(
            id=rule.id,
            # the validator takes a name that only differs in case for the id itself
            name=rule.name if rule.name.lower() != rule.id.lower() else f"{rule.name}Rule",
            short_description=_multiformat(_cut(title, MAX_DESCRIPTION)),
            full_description=_multiformat(_cut(sentence(first_paragraph or title), MAX_DESCRIPTION)),
            help=om.MultiformatMessageString(text=clean_block(text), markdown=clean_block(markdown)),
            help_uri=f"{HOME}/blob/main/docs/rules/{uri(rule.id)}.md",
            message_strings={name: _multiformat(template) for name, template in TEMPLATES.items()},
            default_configuration=om.ReportingConfiguration(enabled=rule.enabled, level=LEVELS[rule.severity]),
            relationships=relationships or None,
            properties={
                "tags": _tags(rule),
                "precision": "high",
                "problem.severity": {"error": "error", "warning": "warning"}.get(
                    LEVELS[rule.severity], "recommendation"
                ),
                "security-severity": SCORES[rule.severity],
                "equivalents": {tool: list(ids) for tool, ids in sorted(rule.equivalents.items())},
            },
        )

    def taxa(self, rule: Rule[Any]) -> list[Any]:
        soc2, cwe = self.taxonomies
        return [soc2.taxon(name) for name in dict.fromkeys(rule.soc2)] + [
            cwe.taxon(number) for number in dict.fromkeys(rule.cwe)
        ]

    # -- results -------------------------------------------------------------------------------

    def results(self) -> list[Any]:
        """The results by place; by severity first where there are more than code scanning keeps."""
        anchored = [(self.paths.anchor(group.first), group) for group in grouped(_wanted(self.report, self.options))]
        too_many = len(anchored) > SHOWN_BY_GITHUB

        def order(item: tuple[Span, Group]) -> tuple[Any, ...]:
            span, group = item
            verdict = group.first
            urgency = (verdict.outcome is not Outcome.FAIL, verdict.severity.rank) if too_many else ()
            place = (self.paths.shown(span.file), span.start, span.end)
            return (urgency, place, verdict.rule.id, verdict.address, verdict.message, verdict.environments)

        return [self.result(span, group) for span, group in sorted(anchored, key=order)]

    def result(self, span: Span, group: Group) -> Any:
        verdict = group.first
        kind = _kind(verdict)
        related = self.related(verdict, span)
        result = om.Result(
            rule_id=verdict.rule.id,
            rule_index=self.rule_index[verdict.rule.id],
            kind=kind,
            level=LEVELS[verdict.severity] if kind == "fail" else "none",
            message=self.message(group, related),
            locations=[self.location(span, [v.address or self.root(v) for v in group.all])],
            partial_fingerprints=self.fingerprints(verdict, span),
            code_flows=self.code_flows(verdict, span) or None,
            related_locations=related or None,
            taxa=self.taxa(verdict.rule) or None,
            properties=self.properties(group),
        )
        if len(group.all) > 1:
            result.occurrence_count = len(group.all)
        fix = self.fix(verdict.fix) if verdict.fix else None
        if fix is not None:
            result.fixes = [fix]
        if verdict.suppressed_by:
            result.suppressions = [self.suppression(verdict.suppressed_by)]
        return result

    def root(self, verdict: Verdict) -> str:
        """Return the subject of a verdict on no single resource."""
        root = verdict.deployment.root
        return self.paths.inside(root) or os.path.basename(root.rstrip("/\\")) or "."

    def message(self, group: Group, related: list[Any]) -> Any:
        """The message, written out for GitHub, and as template and arguments for viewers that translate.

        The template quotes the finding, as validators ask; the text, which is what people read, does not.
        """
        verdict = group.first
        name = _unlinked(clean(verdict.address) or clean(self.root(verdict)))
        finding = _unlinked(_headline(verdict).rstrip("."))
        more: list[str] = []
        if self.paths.inside(verdict.site.inner.file.path) is None:
            inner = verdict.site.inner
            more.append(f"It lies in a module from elsewhere, at {_unlinked(self.paths.place(inner))}.")
        if verdict.reasons:
            known = "Where it exists" if verdict.outcome is Outcome.FAIL else "Not known"
            more.append(f"{known}: " + _unlinked("; ".join(map(self.paths.reason, verdict.reasons))) + ".")
        if group.rest:
            more.append(f"The same holds for {plural(len(group.rest), 'more instance')} of it.")
        if verdict.environments:
            more.append(f"In {_unlinked(words(map(clean, verdict.environments)))}.")
        if related:
            links = [f"[{_link_text(location)}]({location.id})" for location in related[:MAX_NAMES]]
            more.append(f"See {words(links, MAX_NAMES)}.")
        head = f"{finding} in '{name}'."
        if not more:
            return om.Message(id="finding", arguments=[finding, name], text=head)
        rest = " ".join(more)
        return om.Message(id="explained", arguments=[finding, name, rest.rstrip(".")], text=f"{head} {rest}")

    def fingerprints(self, verdict: Verdict, span: Span) -> dict[str, str]:
        found = {"iaclint/v1": verdict.fingerprint(self.report.base)}
        file = span.file
        if file.path not in self.hashes:
            self.hashes[file.path] = _hashes_of(file)
        hashes = self.hashes[file.path]
        if span.line <= len(hashes):
            found["primaryLocationLineHash"] = hashes[span.line - 1]
        return found

    def properties(self, group: Group) -> dict[str, Any]:
        verdict = group.first
        found: dict[str, Any] = {"severity": verdict.severity.value, "outcome": verdict.outcome.value}
        if verdict.site.attribute:
            found["attribute"] = clean(verdict.site.attribute)
        if verdict.environments:
            found["environments"] = [clean(name) for name in verdict.environments]
        if group.rest:
            # one result a block, but an identity an instance
            found["fingerprints"] = [v.fingerprint(self.report.base) for v in group.all]
        return found

    def suppression(self, by: Suppression) -> Any:
        kind = "inSource" if by.kind in ("inline", "metadata") else "external"
        reason = clean(by.reason) + (f" (until {clean(by.until)})" if by.until else "")
        return om.Suppression(
            kind=kind,
            state="accepted",
            justification=reason or None,
            location=self.place(by.span) if by.span and self.paths.inside(by.span.file.path) else None,
        )

    def fix(self, fix: Fix) -> Any | None:
        """The fix; None where it would edit a file that is not in the repository."""
        changes: dict[str, list[Any]] = {}
        for edit in fix.edits:
            address = self.paths.uri(edit.span.file)
            if address is None:
                return None
            line, column = edit.span.file.position(edit.span.start)
            end_line, end_column = edit.span.file.position(edit.span.end)
            deleted = om.Region(start_line=line, start_column=column, end_line=end_line, end_column=end_column)
            changes.setdefault(address, []).append(
                om.Replacement(deleted_region=deleted, inserted_content=om.ArtifactContent(text=_encodable(edit.text)))
            )
        if not changes:
            return None
        return om.Fix(
            description=om.Message(text=sentence(fix.title)),
            artifact_changes=[
                om.ArtifactChange(artifact_location=_artifact(address), replacements=replacements)
                for address, replacements in changes.items()
            ],
        )

    # -- locations -----------------------------------------------------------------------------

    def location(self, span: Span, addresses: list[str]) -> Any:
        location = self.place(span)
        location.logical_locations = [
            om.LogicalLocation(fully_qualified_name=clean(address), kind="resource")
            for address in dict.fromkeys(addresses[:MAX_NAMES])
        ]
        return location

    def place(self, span: Span, text: str = "") -> Any:
        region, context = self.regions(span)
        address = self.paths.uri(span.file) or uri(self.paths.shown(span.file))
        location = om.Location(
            physical_location=om.PhysicalLocation(
                artifact_location=_artifact(address), region=region, context_region=context
            )
        )
        if text:
            location.message = om.Message(text=text)
        return location

    def regions(self, span: Span) -> tuple[Any, Any]:
        """One line of the span, and a context that is more than it: two lines around, cut at the sides."""
        file = span.file
        part = first_line(span)
        line, column = file.position(part.start)
        length = len(file.line_text(line))
        column = min(column, length + 1)
        end = min(part.end - part.start, MAX_REGION) + column
        if end == column:  # nothing to point at: the line's own text
            indent = length - len(file.line_text(line).lstrip())
            column, end = (indent + 1, min(length, indent + MAX_REGION) + 1) if length > indent else (1, 1)
        if len(file.text.rstrip("\r\n")) == length and column == 1 and end == length + 1 and length > 1:
            end -= 1  # the whole of a file has no context: point at a little less
        first, last = max(1, line - 2), min(line + 2, len(file.lines))
        while last > line and not file.line_text(last):
            last -= 1
        while first < line and not file.line_text(first):
            first += 1
        left = 1
        right = len(file.line_text(last)) + 1
        if any(len(file.line_text(number)) > MAX_REGION for number in range(first, last + 1)):
            first = last = line
            left = max(1, column - MAX_REGION // 2)
            right = min(length + 1, end + MAX_REGION // 2)
        region = om.Region(
            start_line=line,
            start_column=column,
            end_line=line,
            end_column=end,
            snippet=self.snippet(file, (line, column), (line, end)),
        )
        if (first, last, left, right) == (line, line, column, end):
            return region, None
        context = om.Region(
            start_line=first,
            start_column=left,
            end_line=last,
            end_column=right,
            snippet=self.snippet(file, (first, left), (last, right)),
        )
        return region, context

    def snippet(self, file: SourceFile, start: tuple[int, int], end: tuple[int, int]) -> Any:
        low = file.lines[start[0] - 1] + start[1] - 1
        high = file.lines[end[0] - 1] + end[1] - 1
        return om.ArtifactContent(text=clean_block(self.masks.text(file, low, high)))

    def related(self, verdict: Verdict, span: Span) -> list[Any]:
        """Places that belong to the finding, each once: what decides the value, the calls, the rule's own."""
        site = verdict.site
        steps = [*site.trail[-1:], *reversed(site.calls), *verdict.related]
        seen = {(span.file.path, span.line)}
        found: list[Any] = []
        for step in steps[:MAX_STEPS]:
            key = (step.span.file.path, step.span.line)
            if key in seen or not self.paths.inside(step.span.file.path):
                continue
            seen.add(key)
            location = self.place(step.span, sentence(step.what) if step.what.strip() else "")
            location.id = len(found) + 1
            found.append(location)
        return found

    def code_flows(self, verdict: Verdict, span: Span) -> list[Any]:
        """Up to three ways to the finding: from what decides the value, by the calls, along the rule's own hops."""
        site = verdict.site
        end = Step(span, _headline(verdict))
        flows = [
            ("Where the value comes from.", (*reversed(site.trail), end) if site.trail else ()),
            ("How the module is called.", (*site.calls, end) if site.calls else ()),
            ("What leads there.", (end, *verdict.related) if verdict.related else ()),
        ]
        found: list[Any] = []
        for text, steps in flows:
            inside = [step for step in steps if self.paths.inside(step.span.file.path)]
            if len(inside) < 2:
                continue
            locations = [
                om.ThreadFlowLocation(location=self.place(step.span, sentence(step.what or "value")))
                for step in inside[:MAX_STEPS]
            ]
            found.append(om.CodeFlow(message=om.Message(text=text), thread_flows=[om.ThreadFlow(locations=locations)]))
        return found

    # -- what could not be seen ----------------------------------------------------------------

    def invocation(self) -> Any:
        report = self.report
        told = "\n".join(f"{problem.path}\n{problem.message}" for problem in report.problems)
        notifications = [self.problem(problem) for problem in report.problems]
        notifications += [
            self.notification("input-unreadable", "error", f"{self.paths.scrub(path)} could not be read", None)
            for path in report.unread
            if path not in told
        ]
        notifications += [self.gap(gap) for gap in report.gaps]
        for verdict in report.of(Outcome.ERROR):
            text = f"the check of {clean(verdict.address) or self.root(verdict)} broke: {verdict.message}"
            broken = self.notification("rule-error", "error", text, self.paths.anchor(verdict))
            broken.associated_rule = om.ReportingDescriptorReference(
                id=verdict.rule.id, index=self.rule_index[verdict.rule.id]
            )
            notifications.append(broken)
        return om.Invocation(execution_successful=report.complete, tool_execution_notifications=notifications or None)

    def problem(self, problem: Problem) -> Any:
        name = "input-unreadable" if problem.fatal else "input-doubtful"
        text = self.here(problem.message, problem.span)
        if problem.path and problem.span is None and problem.path not in problem.message:
            text = f"{self.paths.scrub(problem.path)}: {text}"
        return self.notification(name, "error" if problem.fatal else "warning", text, problem.span)

    def gap(self, gap: Gap) -> Any:
        text = self.here(gap.detail, gap.span)
        if gap.address and gap.address not in text:
            text = f"{gap.address}: {text}"
        return self.notification("input-not-seen", "note", text, gap.span)

    def here(self, text: str, span: Span | None) -> str:
        """A message with the file named from the repository's root, not from the working directory."""
        if span is not None and span.file.name not in ("", "."):
            text = text.replace(span.file.name, self.paths.shown(span.file))
        return self.paths.scrub(text)

    def notification(self, name: str, level: str, text: str, span: Span | None) -> Any:
        index = list(NOTIFICATIONS).index(name)
        found = om.Notification(
            descriptor=om.ReportingDescriptorReference(id=name, index=index),
            level=level,
            message=om.Message(text=sentence(text)),
        )
        if span is not None and self.paths.inside(span.file.path):
            found.locations = [self.place(span)]
        return found


class _Companion(_Run):
    """What another tool said that ran along: a run of its own, so that its alerts are its own."""

    def __init__(self, report: Report, options: Options, tool: str) -> None:
        self.tool = tool
        verdicts = [self.renamed(v) for v in report.verdicts if v.rule.family == tool]
        super().__init__(replace(report, rules=(), verdicts=tuple(verdicts), problems=(), gaps=(), unread=()), options)
        self.taxonomies = []

    def renamed(self, verdict: Verdict) -> Verdict:
        """The verdict with its rule called as the tool calls it."""
        return replace(verdict, rule=replace(verdict.rule, id=verdict.rule.id.removeprefix(f"{self.tool}/")))

    def driver(self) -> Any:
        home = COMPANIONS[self.tool]
        return om.ToolComponent(
            name=self.tool,
            version=_installed(self.tool),
            information_uri=home,
            rules=[self.rule(rule) for rule in self.rules],
        )

    def rule(self, rule: Rule[Any]) -> Any:
        description, _, url = rule.doc.rpartition("\n\n")
        title = sentence(rule.title or rule.id)
        text = clean_block(f"{title} {description}".strip())
        words_of_title = re.findall("[A-Za-z0-9]+", rule.title) or ["Rule"]
        return om.ReportingDescriptor(
            id=rule.id,
            name="".join(word.capitalize() for word in words_of_title)[:255],
            short_description=_multiformat(_cut(title, MAX_DESCRIPTION)),
            full_description=_multiformat(_cut(sentence(description or title), MAX_DESCRIPTION)),
            help=om.MultiformatMessageString(text=text, markdown=text),
            help_uri=url if url.startswith("https://") else COMPANIONS[self.tool],
            message_strings={name: _multiformat(template) for name, template in TEMPLATES.items()},
            default_configuration=om.ReportingConfiguration(level=LEVELS[rule.severity]),
            properties={"tags": ["correctness", "aws", "cloudformation"], "precision": "high"},
        )

    def taxa(self, rule: Rule[Any]) -> list[Any]:  # noqa: ARG002 - it is iaclint's rules that answer criteria
        return []


# -- parts -------------------------------------------------------------------------------------

TEMPLATES = {"finding": "'{0}' in '{1}'.", "explained": "'{0}' in '{1}'. '{2}'."}
"""Message templates; they are the same for all rules, since a rule's metadata must not vary with what it finds."""

NOTIFICATIONS = {
    "input-unreadable": (
        "InputUnreadable",
        "Input that could not be used.",
        "A file could not be read or parsed, so that nothing in it was judged.",
        "Put the file right, or exclude it, and run iaclint again.",
    ),
    "input-doubtful": (
        "InputDoubtful",
        "Input that looks wrong.",
        "A part of the input is wrong, though the rest of it could be judged.",
        "Put the place right: what depends on it is unknown to iaclint.",
    ),
    "input-not-seen": (
        "InputNotSeen",
        "Code that is not here.",
        "A module, macro or other part of the deployment could not be seen, so that what hangs on it is undecided.",
        "Run `terraform init` where modules come from a registry, or scan the directory that holds the missing code.",
    ),
    "rule-error": (
        "RuleError",
        "A rule broke.",
        "A rule raised an exception for a resource, which was therefore not judged by it.",
        "Please report the rule and the resource to the project.",
    ),
}


def _notification_descriptors() -> list[Any]:
    return [
        om.ReportingDescriptor(
            id=name,
            name=title,
            short_description=_multiformat(short),
            full_description=_multiformat(full),
            help=_multiformat(what_to_do),
            help_uri=HOME,
        )
        for name, (title, short, full, what_to_do) in NOTIFICATIONS.items()
    ]


class _Taxonomy:
    """A taxonomy with the taxa that this run's rules refer to."""

    def __init__(
        self, index: int, name: str, guid: str, properties: Mapping[str, Any], taxa: Mapping[str, Any]
    ) -> None:
        self.reference = om.ToolComponentReference(name=name, index=index, guid=guid)
        self.component = om.ToolComponent(name=name, guid=guid, taxa=list(taxa.values()), **properties)
        self._taxa = {key: (taxon.id, position) for position, (key, taxon) in enumerate(taxa.items())}

    def taxon(self, key: str) -> Any:
        name, position = self._taxa[key]
        return om.ReportingDescriptorReference(id=name, index=position, tool_component=self.reference)

    @classmethod
    def soc2(cls, criteria: set[str]) -> _Taxonomy:
        taxa = {
            name: om.ReportingDescriptor(id=name, short_description=_multiformat(criterion_title(name) + "."))
            for name in sorted(criteria)
        }
        properties = {
            "version": "2017",
            "organization": "AICPA",
            "information_uri": "https://www.aicpa-cima.com/resources/download/"
            "2017-trust-services-criteria-with-revised-points-of-focus-2022",
            "short_description": _multiformat("Trust services criteria, with titles in iaclint's words."),
        }
        return cls(0, "SOC2", SOC2_GUID, properties, taxa)

    @classmethod
    def cwe(cls, numbers: set[str]) -> _Taxonomy:
        taxa = {
            number: om.ReportingDescriptor(
                id=f"CWE-{_digits(number)}", help_uri=f"https://cwe.mitre.org/data/definitions/{_digits(number)}.html"
            )
            for number in sorted(numbers, key=lambda n: (len(_digits(n)), n))
        }
        properties = {
            "organization": "MITRE",
            "information_uri": "https://cwe.mitre.org/",
            "short_description": _multiformat("Common Weakness Enumeration."),
        }
        return cls(1, "CWE", CWE_GUID, properties, taxa)


def _installed(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return "0"


def _digits(number: str) -> str:
    return number.upper().removeprefix("CWE-")


def _tags(rule: Rule[Any]) -> list[str]:
    """At most ten, the most useful first: code scanning shows no more."""
    tags = ["security", *(f"external/cwe/cwe-{_digits(number)}" for number in rule.cwe)]
    tags += [f"SOC2/{name}" for name in rule.soc2]
    tags += [*([rule.family] if rule.family else []), "aws", "terraform", "cloudformation"]
    return list(dict.fromkeys(tags))[:MAX_TAGS]


def _headline(verdict: Verdict) -> str:
    text = verdict.message.strip()
    if verdict.outcome is Outcome.PASS:
        text = text or "passes"
    elif verdict.outcome is Outcome.NOT_APPLICABLE:
        text = text or "does not apply"
    elif verdict.outcome is Outcome.UNKNOWN and (not text or text.startswith("cannot tell")):
        text = "cannot tell"
    return sentence(text or verdict.rule.title or verdict.rule.id)


def _hashes_of(file: SourceFile) -> Sequence[str]:
    """Return the line hashes of a file as GitHub computes them; none if the file is not UTF-8.

    A byte order mark counts for GitHub, but is not part of the text.
    """
    if file.encoding == UTF_16:
        return []
    return LineHashes(("\ufeff" if file.encoding == UTF_8_WITH_MARK else "") + file.text)


def _artifact(address: str) -> Any:
    return om.ArtifactLocation(uri=address, uri_base_id=ROOT)


def _multiformat(text: str) -> Any:
    return om.MultiformatMessageString(text=text)


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _unlinked(text: str) -> str:
    """Text in which nothing reads as a link of ours."""
    return text.replace("](", "] (")


def _link_text(location: Any) -> str:
    place = location.physical_location
    name = clean(place.artifact_location.uri).replace("[", "(").replace("]", ")")
    return f"{name}:{place.region.start_line}"


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 2].rstrip() + "…."


# -- writing -----------------------------------------------------------------------------------

_ALWAYS = {
    (om.Result, "level"),
    (om.Result, "kind"),
    (om.ReportingConfiguration, "level"),
    (om.Notification, "level"),
}
"""Written even where they equal the class's default: a reader would take the rule's default instead."""
_RENAMED = {(om.Suppression, "state"): "status"}
_OBEYED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]")
_PLAIN = frozenset((str, int, float, bool))
_FIELDS: dict[type, list[tuple[str, str, Any, bool]]] = {}


def serialise(thing: Any) -> Any:
    """A sarif-om object, or lists and dicts of them, as JSON data."""
    if thing is None or isinstance(thing, (str, int, float)):
        return thing
    if isinstance(thing, list):
        return [serialise(item) for item in thing]
    if isinstance(thing, dict):
        return {name: serialise(item) for name, item in thing.items()}
    kind = type(thing)
    if kind not in _FIELDS:
        _FIELDS[kind] = list(_fields(kind))
    found: dict[str, Any] = {}
    for name, member, default, always in _FIELDS[kind]:
        value = getattr(thing, name)
        if value is not None and (always or default is None or value != default):
            found[member] = value if type(value) in _PLAIN else serialise(value)
    return found


def _fields(kind: type) -> Iterator[tuple[str, str, Any, bool]]:
    for field in attr.fields(kind):
        default: Any = field.default
        if isinstance(default, attr.Factory):  # type: ignore[arg-type]
            default = default.factory()
        member = _RENAMED.get((kind, field.name), field.metadata["schema_property_name"])
        yield field.name, member, default, (kind, field.name) in _ALWAYS


def write(log: Any, *, pretty: bool = False) -> str:
    """The log as text: compact, or indented for people."""
    data = serialise(log)
    first = ("$schema", "version")  # what tells a reader how to read the rest
    data = {name: data[name] for name in (*first, *(n for n in data if n not in first))}
    text = dumps(data, ensure_ascii=False, **({"indent": 2} if pretty else {"separators": (",", ":")}))
    # the text of a fix is exact; what a terminal would obey in it is escaped as JSON allows
    return _OBEYED.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n"
