"""The rules about suppressions: an accepted finding needs a reason, must hide something, and ends on its day."""

from __future__ import annotations

from typing import Any

from iaclint.linting.rule import Rule, Severity, rule_without_check


def _rule(name: str, severity: Severity, title: str, doc: str) -> Rule[Any]:
    return rule_without_check(name, "exceptions", title, doc, severity, ("CC8.1",))


SUPPRESSION_RULES: tuple[Rule[Any], ...] = (
    _rule(
        "ignore-expired",
        Severity.LOW,
        "Exceptions should end on the day that they name",
        "An exception with a date was accepted for a while only. After that day it no longer counts, and what it hid "
        "is reported again.\n\nFix what it covers, or have it accepted anew with a later date.",
    ),
    _rule(
        "ignore-invalid",
        Severity.LOW,
        "Ignore comments should name rules that exist, and real dates",
        "A comment that names no rule, or one that does not exist, silences nothing, though its author believes that "
        "it does.\n\nWrite `iaclint: ignore[rule-id] the reason`; `iaclint rules` lists the ids.",
    ),
    _rule(
        "ignore-open-ended",
        Severity.LOW,
        "Exceptions should end within the time that the config allows",
        "Where the config sets `exception-days`, each exception must name a last day that is no further ahead, so that "
        "somebody looks at it again. One that does not still counts, and this finding says so.\n\nWrite "
        "`until=` and the day behind the brackets, or `until` into the exception of the config.",
    ),
    _rule(
        "ignore-not-allowed",
        Severity.MEDIUM,
        "Protected rules should not be silenced in the code",
        "The config lists rules under `protected` that whoever writes the code may not silence. Such a comment does "
        "not count.\n\nFix the finding, or ask those who own the config for an exception there.",
    ),
    _rule(
        "ignore-unused",
        Severity.LOW,
        "Exceptions should hide something",
        "An exception that hides nothing is left over: what it was for has been fixed or has moved. It would silently "
        "hide the next mistake at its place.\n\nRemove it.",
    ),
    _rule(
        "ignore-without-reason",
        Severity.LOW,
        "Exceptions should give a reason",
        "Whoever reviews an exception, today or in an audit, needs to know why the risk was accepted. An exception "
        "without a reason does not count.\n\nWrite the reason behind the brackets: "
        "`iaclint: ignore[rule-id] the reason`.",
    ),
)
"""The rules about suppressions. They have no check: `linting.suppressions` finds what is wrong."""
