"""Results: a verdict, or the same verdict on several instances of one block, each with its message, places and fix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iaclint.linting.rule import Rule
from iaclint.linting.verdict import Outcome, Report, Suppression, Verdict
from iaclint.model.value import Step
from iaclint.report import Options
from iaclint.report.common import Group, clean, grouped, plural, sentence, words
from iaclint.report.sarif import om
from iaclint.report.sarif.descriptors import LEVELS, Taxonomy, taxa_of
from iaclint.report.sarif.linehash import LineHashes
from iaclint.report.sarif.places import MAX_NAMES, Places, artifact
from iaclint.source.edits import Fix
from iaclint.source.files import UTF_8_WITH_MARK, UTF_16, SourceFile, Span

SHOWN_BY_GITHUB = 5_000
"""The most results of a run that code scanning keeps; by its documentation the most severe ones."""
MAX_STEPS = 100


def wanted(report: Report, options: Options) -> list[Verdict]:
    """Return the verdicts that become results."""
    return [verdict for verdict in report.verdicts if _is_wanted(verdict, options.sarif_include)]


class Results:
    """Makes the results of a run.

    rules       the rules of the run, in order: a result refers to its rule by index
    taxonomies  those of the run
    """

    def __init__(
        self, report: Report, options: Options, rules: Sequence[Rule[Any]], taxonomies: Sequence[Taxonomy]
    ) -> None:
        self.report = report
        self.options = options
        self.taxonomies = taxonomies
        self.places = Places(report)
        self.rule_index = {rule.id: index for index, rule in enumerate(rules)}
        self._hashes: dict[str, Sequence[str]] = {}

    def all(self) -> list[Any]:
        """Return the results by place; by severity first if there are more than code scanning keeps."""
        anchored = [
            (self.places.paths.anchor(group.first), group) for group in grouped(wanted(self.report, self.options))
        ]
        too_many = len(anchored) > SHOWN_BY_GITHUB

        def order(item: tuple[Span, Group]) -> tuple[Any, ...]:
            span, group = item
            verdict = group.first
            urgency = (verdict.outcome is not Outcome.FAIL, verdict.severity.rank) if too_many else ()
            place = (self.places.paths.shown(span.file), span.start, span.end)
            return (urgency, place, verdict.rule.id, verdict.address, verdict.message, verdict.environments)

        return [self._result(span, group) for span, group in sorted(anchored, key=order)]

    def _result(self, span: Span, group: Group) -> Any:
        verdict = group.first
        kind = kind_of(verdict)
        related = self._related(verdict, span)
        result = om.Result(
            rule_id=verdict.rule.id,
            rule_index=self.rule_index[verdict.rule.id],
            kind=kind,
            level=LEVELS[verdict.severity] if kind == "fail" else "none",
            message=self._message(group, related),
            locations=[self.places.location(span, [v.address or self.places.root_name(v) for v in group.all])],
            partial_fingerprints=self._fingerprints(verdict, span),
            code_flows=self._code_flows(verdict, span) or None,
            related_locations=related or None,
            taxa=taxa_of(verdict.rule, self.taxonomies) or None,
            properties=self._properties(group),
        )
        if len(group.all) > 1:
            result.occurrence_count = len(group.all)
        fix = self._fix(verdict.fix) if verdict.fix else None
        if fix is not None:
            result.fixes = [fix]
        if verdict.suppressed_by:
            result.suppressions = [self._suppression(verdict.suppressed_by)]
        return result

    def _message(self, group: Group, related: list[Any]) -> Any:
        """Return the message as a text, for GitHub, and as template and arguments, for viewers that translate.

        The template quotes the finding, as validators ask; the text, which is what people read, does not.
        """
        verdict = group.first
        name = _unlinked(clean(verdict.address) or clean(self.places.root_name(verdict)))
        finding = _unlinked(headline(verdict).rstrip("."))
        more: list[str] = []
        if self.places.paths.inside(verdict.site.inner.file.path) is None:
            inner = verdict.site.inner
            more.append(f"It lies in a module from elsewhere, at {_unlinked(self.places.paths.place(inner))}.")
        if verdict.reasons:
            known = "Where it exists" if verdict.outcome is Outcome.FAIL else "Not known"
            more.append(f"{known}: " + _unlinked("; ".join(map(self.places.paths.reason, verdict.reasons))) + ".")
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

    def _fingerprints(self, verdict: Verdict, span: Span) -> dict[str, str]:
        found = {"iaclint/v1": verdict.fingerprint(self.report.base)}
        file = span.file
        if file.path not in self._hashes:
            self._hashes[file.path] = hashes_of(file)
        hashes = self._hashes[file.path]
        if span.line <= len(hashes):
            found["primaryLocationLineHash"] = hashes[span.line - 1]
        return found

    def _properties(self, group: Group) -> dict[str, Any]:
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

    def _suppression(self, by: Suppression) -> Any:
        kind = "inSource" if by.kind in ("inline", "metadata") else "external"
        reason = clean(by.reason) + (f" (until {clean(by.until)})" if by.until else "")
        return om.Suppression(
            kind=kind,
            state="accepted",
            justification=reason or None,
            location=self.places.place(by.span) if by.span and self.places.paths.inside(by.span.file.path) else None,
        )

    def _fix(self, fix: Fix) -> Any | None:
        """Return a fix, or None if it edits a file that is not in the repository."""
        changes: dict[str, list[Any]] = {}
        for edit in fix.edits:
            address = self.places.paths.uri(edit.span.file)
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
                om.ArtifactChange(artifact_location=artifact(address), replacements=replacements)
                for address, replacements in changes.items()
            ],
        )

    def _related(self, verdict: Verdict, span: Span) -> list[Any]:
        """Return the places that explain a finding, each once: the literal, the module calls, those of the rule."""
        site = verdict.site
        steps = [*site.trail[-1:], *reversed(site.calls), *verdict.related]
        seen = {(span.file.path, span.line)}
        found: list[Any] = []
        for step in steps[:MAX_STEPS]:
            key = (step.span.file.path, step.span.line)
            if key in seen or not self.places.paths.inside(step.span.file.path):
                continue
            seen.add(key)
            location = self.places.place(step.span, sentence(step.what) if step.what.strip() else "")
            location.id = len(found) + 1
            found.append(location)
        return found

    def _code_flows(self, verdict: Verdict, span: Span) -> list[Any]:
        """Return up to three paths to a finding: of the value, of the module calls, and the one that the rule gives."""
        site = verdict.site
        end = Step(span, headline(verdict))
        flows = [
            ("Where the value comes from.", (*reversed(site.trail), end) if site.trail else ()),
            ("How the module is called.", (*site.calls, end) if site.calls else ()),
            ("What leads there.", (end, *verdict.related) if verdict.related else ()),
        ]
        found: list[Any] = []
        for text, steps in flows:
            inside = [step for step in steps if self.places.paths.inside(step.span.file.path)]
            if len(inside) < 2:
                continue
            locations = [
                om.ThreadFlowLocation(location=self.places.place(step.span, sentence(step.what or "value")))
                for step in inside[:MAX_STEPS]
            ]
            found.append(om.CodeFlow(message=om.Message(text=text), thread_flows=[om.ThreadFlow(locations=locations)]))
        return found


def _is_wanted(verdict: Verdict, include: frozenset[str]) -> bool:
    if verdict.suppressed_by is not None and "suppressed" not in include:
        return False
    kind = kind_of(verdict)
    return kind == "fail" or {"notApplicable": "not-applicable"}.get(kind, kind) in include


def kind_of(verdict: Verdict) -> str:
    """Return SARIF's kind of a result; "" for an ERROR, which is a notification and no result.

    An UNKNOWN that an input decides is "open": the tool lacks information. One that no input decides is for a person to
    "review".
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


def headline(verdict: Verdict) -> str:
    """Return the message of a verdict as a sentence; "cannot tell" for an undecided one without its own message."""
    text = verdict.message.strip()
    if verdict.outcome is Outcome.PASS:
        text = text or "passes"
    elif verdict.outcome is Outcome.NOT_APPLICABLE:
        text = text or "does not apply"
    elif verdict.outcome is Outcome.UNKNOWN and (not text or text.startswith("cannot tell")):
        text = "cannot tell"
    return sentence(text or verdict.rule.title or verdict.rule.id)


def hashes_of(file: SourceFile) -> Sequence[str]:
    """Return the line hashes of a file as GitHub computes them; none if the file is not UTF-8.

    A byte order mark counts for GitHub, but is not part of the text.
    """
    if file.encoding == UTF_16:
        return []
    return LineHashes(("\ufeff" if file.encoding == UTF_8_WITH_MARK else "") + file.text)


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _unlinked(text: str) -> str:
    """Return the text without anything that reads as a link."""
    return text.replace("](", "] (")


def _link_text(location: Any) -> str:
    place = location.physical_location
    name = clean(place.artifact_location.uri).replace("[", "(").replace("]", ")")
    return f"{name}:{place.region.start_line}"
