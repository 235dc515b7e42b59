"""Statements: which actions, resources and principals they are about, and under which conditions.

Questions about actions and resources take patterns and treat them as sets: `covers_...` is true if the statement is
about everything that matches the pattern, `overlaps_...` if it is about something that matches. They ignore conditions
and principals, which have questions of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec import Struct

from iaclint.aws.reasoning.policy.callers import CALLER_CONDITION_KEYS, restricts_caller
from iaclint.aws.reasoning.policy.conditions import Condition
from iaclint.aws.reasoning.policy.context import ABSENT, Context, ContextValue
from iaclint.aws.reasoning.policy.principals import PrincipalEntry
from iaclint.aws.reasoning.policy.texts import Elements, any_text, test_text
from iaclint.aws.reasoning.policy.wildcards import (
    Comparison,
    compare_resource,
    compile_pattern,
    covers,
    overlaps,
    variables_as_stars,
)
from iaclint.model.json_text import scalar_text
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, TRUE, Reason, Truth, all_of, any_of, merge_reasons
from iaclint.model.value import Value
from iaclint.source.files import Span

MFA_PRESENT, MFA_AGE = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"
"""Only temporary credentials have these keys: a request signed with a user's access keys has neither.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent
"""
WITHOUT_MFA_KEYS: dict[str, ContextValue] = {MFA_PRESENT: ABSENT, MFA_AGE: ABSENT}
"""The context of a request that is signed with access keys."""
WITH_MFA_FALSE: dict[str, ContextValue] = {MFA_PRESENT: "false", MFA_AGE: ABSENT}
"""The context of a request of a session that signed in without MFA."""


class Patterns(Struct, frozen=True):
    """The patterns of an Action, NotAction, Resource or NotResource element.

    arn        whether they are compared as resources, and not as actions, for which case makes no difference
    variables  whether ${...} is a variable (policy language 2012-10-17)
    """

    elements: Elements
    arn: bool
    variables: bool

    def cover(self, other: str) -> Truth:
        """Return True if one of the patterns matches everything that the other pattern matches, in every request."""
        theirs = self._compiled(other, variables=False)
        return any_text(self.elements, lambda mine: Truth.of(self._compare(covers, self._compiled(mine), theirs)))

    def overlap(self, other: str) -> Truth:
        """Return True if one of the patterns and the other pattern match a common text, in some request."""
        found = any_of(self._overlaps(value, other) for value in self.elements.items)
        return found | Partial((), self.elements.gaps).exists()

    def overlapping(self, other: str) -> tuple[Value[Any], ...]:
        """Return the elements that certainly match a text that the other pattern matches too."""
        return tuple(value for value in self.elements.items if self._overlaps(value, other).is_true)

    def _overlaps(self, value: Value[Any], other: str) -> Truth:
        theirs = self._compiled(other, variables=False)

        def test(mine: str) -> Truth:
            return Truth.of(self._compare(overlaps, variables_as_stars(self._compiled(mine)), theirs))

        return test_text(value, test)

    def _compiled(self, text: str, variables: bool | None = None) -> str:
        known = self.variables if variables is None else variables
        return compile_pattern(text, variables=known, ignore_case=not self.arn)

    def _compare(self, compare: Comparison, mine: str, other: str) -> bool:
        return compare_resource(compare, mine, other) if self.arn else compare(mine, other)


class Statement(Struct, frozen=True, eq=False):
    """One statement. At most one of each pair such as `actions` and `not_actions` is set.

    effect      the value of Effect; may be unknown
    principals  None in an identity-based policy
    sid         its Sid, or ""
    value       the whole statement
    """

    effect: Value[Any]
    actions: Patterns | None
    not_actions: Patterns | None
    resources: Patterns | None
    not_resources: Patterns | None
    principals: Partial[PrincipalEntry] | None
    not_principals: Partial[PrincipalEntry] | None
    conditions: Partial[Condition]
    sid: str
    value: Value[Any]

    def __repr__(self) -> str:
        return f"Statement({self.name})"

    @property
    def span(self) -> Span:
        """The place of the statement."""
        return self.value.span

    @property
    def name(self) -> str:
        """Its name in a message: its Sid in quotes, or "this statement"."""
        return f'"{self.sid}"' if self.sid else "this statement"

    @property
    def allows(self) -> Truth:
        """True if its effect is Allow."""
        return self.effect.is_("Allow")

    @property
    def denies(self) -> Truth:
        """True if its effect is Deny."""
        return self.effect.is_("Deny")

    # -- actions and resources ---------------------------------------------------------------------

    def overlaps_action(self, pattern: str) -> Truth:
        """Return True if it is about at least one action that matches the pattern ("s3:Get*")."""
        if self.actions is not None:
            return self.actions.overlap(pattern)
        return ~self.not_actions.cover(pattern) if self.not_actions is not None else FALSE

    def covers_action(self, pattern: str) -> Truth:
        """Return True if it is about every action that matches the pattern."""
        if self.actions is not None:
            return self.actions.cover(pattern)
        return ~self.not_actions.overlap(pattern) if self.not_actions is not None else FALSE

    def overlaps_resource(self, pattern: str) -> Truth:
        """Return True if it is about at least one resource that matches the pattern.

        A statement without Resource, as in a trust policy, is about the resource that has the policy.
        """
        if self.resources is not None:
            return self.resources.overlap(pattern)
        return ~self.not_resources.cover(pattern) if self.not_resources is not None else TRUE

    def covers_resource(self, pattern: str) -> Truth:
        """Return True if it is about every resource that matches the pattern."""
        if self.resources is not None:
            return self.resources.cover(pattern)
        return ~self.not_resources.overlap(pattern) if self.not_resources is not None else TRUE

    def covers(self, other: Statement) -> Truth:
        """Return True if it is about every action and resource that the other statement is about."""

        def test(value: Value[Any], covered: Callable[[str], Truth]) -> Truth:
            return covered(scalar_text(value.data)) if value.known else Truth(None, value.reasons)

        if other.actions is not None:
            actions = other.actions.elements.all(lambda value: test(value, self.covers_action))
        elif other.not_actions is not None and self.not_actions is not None:
            # it may exempt only what the other exempts too
            exempt = other.not_actions
            actions = self.not_actions.elements.all(lambda value: test(value, exempt.cover))
        else:
            actions = self.covers_action("*")
        if other.resources is not None:
            return actions & other.resources.elements.all(lambda value: test(value, self.covers_resource))
        return actions & self.covers_resource("*")

    def action_values(self, pattern: str) -> tuple[Value[Any], ...]:
        """Return the values of Action that match an action of the pattern; the value of NotAction if it has that."""
        if self.actions is not None:
            return self.actions.overlapping(pattern)
        return (self.value.key("NotAction"),) if self.not_actions is not None else ()

    # -- principals and conditions -----------------------------------------------------------------

    def names_everyone(self) -> Truth:
        """Return True if it is about everyone: Principal "*" or {"AWS": "*"}, or all but a few (NotPrincipal)."""
        if self.not_principals is not None:
            return TRUE
        return self.principals.any(lambda entry: entry.is_everyone) if self.principals is not None else FALSE

    def restricts_caller(self, keys: Iterable[str] = ()) -> Truth:
        """Return True if a condition restricts the caller to fixed accounts, organizations, resources or networks.

        keys  the condition keys that count; CALLER_CONDITION_KEYS if none are given
        """
        counted = frozenset(key.lower() for key in keys) or CALLER_CONDITION_KEYS
        return self.conditions.any(lambda condition: restricts_caller(condition, counted))

    def conditions_hold(self, context: Context) -> Truth:
        """Return True if a request with this context meets all conditions."""
        return self.conditions.all(lambda condition: condition.holds(context))

    def conditions_can_hold(self, facts: Mapping[str, ContextValue]) -> Truth:
        """Return True if some request with these context keys meets all conditions, whatever its other keys are."""
        answer = self.conditions_hold(Context(facts))
        return TRUE if not answer.decided and self.conditions_known else answer

    def requires_mfa(self) -> Truth:
        """Return True if its conditions hold only for callers with MFA: neither without the keys, nor with false."""
        return all_of(~self.conditions_can_hold(facts) for facts in (WITHOUT_MFA_KEYS, WITH_MFA_FALSE))

    def requires_external_id(self) -> Truth:
        """Return True if its conditions hold only for callers that provide sts:ExternalId."""
        return ~self.conditions_can_hold({"sts:ExternalId": ABSENT})

    @property
    def conditions_known(self) -> bool:
        """True if no part of its conditions is unknown, so that undecided answers depend on the request only."""
        return not self.condition_reasons

    @property
    def condition_reasons(self) -> tuple[Reason, ...]:
        """Why parts of its conditions are unknown."""
        return merge_reasons(self.conditions.gaps, *(c.value.reasons for c in self.conditions.items))
