"""Notifications: input that could not be used, code that is not there, rules that broke."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iaclint.linting.verdict import Outcome, Report
from iaclint.model.inventory import Gap
from iaclint.report.common import HOME, clean, sentence
from iaclint.report.sarif import om
from iaclint.report.sarif.descriptors import multiformat
from iaclint.report.sarif.places import Places
from iaclint.source.files import Problem, Span

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
"""Name, short and full description, and what to do, by the id of the notification."""


def notification_descriptors() -> list[Any]:
    """Return the descriptions of all notifications."""
    return [
        om.ReportingDescriptor(
            id=name,
            name=title,
            short_description=multiformat(short),
            full_description=multiformat(full),
            help=multiformat(what_to_do),
            help_uri=HOME,
        )
        for name, (title, short, full, what_to_do) in NOTIFICATIONS.items()
    ]


class Notifications:
    """Makes the invocation of a run, with its notifications.

    rule_index  the place of each rule in the run, by its id
    """

    def __init__(self, report: Report, places: Places, rule_index: Mapping[str, int]) -> None:
        self.report = report
        self.places = places
        self.rule_index = rule_index

    def invocation(self) -> Any:
        """Return the invocation: whether it was complete, and a notification for what was not judged."""
        report = self.report
        told = "\n".join(f"{problem.path}\n{problem.message}" for problem in report.problems)
        notifications = [self._of_problem(problem) for problem in report.problems]
        notifications += [
            self._notification("input-unreadable", "error", f"{self.places.paths.scrub(path)} could not be read", None)
            for path in report.unread
            if path not in told
        ]
        notifications += [self._of_gap(gap) for gap in report.gaps]
        for verdict in report.of(Outcome.ERROR):
            text = f"the check of {clean(verdict.address) or self.places.root_name(verdict)} broke: {verdict.message}"
            broken = self._notification("rule-error", "error", text, self.places.paths.anchor(verdict))
            broken.associated_rule = om.ReportingDescriptorReference(
                id=verdict.rule.id, index=self.rule_index[verdict.rule.id]
            )
            notifications.append(broken)
        return om.Invocation(execution_successful=report.complete, tool_execution_notifications=notifications or None)

    def _of_problem(self, problem: Problem) -> Any:
        name = "input-unreadable" if problem.fatal else "input-doubtful"
        text = self._relative(problem.message, problem.span)
        if problem.path and problem.span is None and problem.path not in problem.message:
            text = f"{self.places.paths.scrub(problem.path)}: {text}"
        return self._notification(name, "error" if problem.fatal else "warning", text, problem.span)

    def _of_gap(self, gap: Gap) -> Any:
        text = self._relative(gap.detail, gap.span)
        if gap.address and gap.address not in text:
            text = f"{gap.address}: {text}"
        return self._notification("input-not-seen", "note", text, gap.span)

    def _relative(self, text: str, span: Span | None) -> str:
        """Return a message with the file relative to the root of the repository, not to the working directory."""
        if span is not None and span.file.name not in ("", "."):
            text = text.replace(span.file.name, self.places.paths.shown(span.file))
        return self.places.paths.scrub(text)

    def _notification(self, name: str, level: str, text: str, span: Span | None) -> Any:
        index = list(NOTIFICATIONS).index(name)
        found = om.Notification(
            descriptor=om.ReportingDescriptorReference(id=name, index=index),
            level=level,
            message=om.Message(text=sentence(text)),
        )
        if span is not None and self.places.paths.inside(span.file.path):
            found.locations = [self.places.place(span)]
        return found
