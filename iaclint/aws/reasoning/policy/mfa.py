"""Enforcement of multi-factor authentication (MFA) by policies, judged by the requests that they deny.

The usual policy denies all actions to callers without MFA, except those that people need to set up MFA:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from functools import partial
from typing import Any, TypeVar

from msgspec import Struct

from iaclint.aws.reasoning.policy.conditions import Condition, Kind
from iaclint.aws.reasoning.policy.context import ABSENT, Context, ContextValue
from iaclint.aws.reasoning.policy.document import Document
from iaclint.aws.reasoning.policy.statements import MFA_AGE, MFA_PRESENT, WITH_MFA_FALSE, WITHOUT_MFA_KEYS, Statement
from iaclint.aws.reasoning.policy.wildcards import compile_pattern, overlaps
from iaclint.model.json_text import scalar_text
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, TRUE, Reason, Truth, all_of, any_of, merge_reasons
from iaclint.model.value import Value

_Found = TypeVar("_Found")

_FRESH_MFA: dict[str, ContextValue] = {MFA_PRESENT: "true", MFA_AGE: "1"}

_TYPICAL_CALLER: dict[str, ContextValue] = {
    "aws:ViaAWSService": "false",
    "aws:CalledVia": ABSENT,
    "aws:CalledViaFirst": ABSENT,
    "aws:CalledViaLast": ABSENT,
    "aws:PrincipalIsAWSService": "false",
    "aws:PrincipalServiceName": ABSENT,
    "aws:SourceService": ABSENT,
    "aws:SecureTransport": "true",
    "aws:username": "somebody-whom-no-policy-names",
    "aws:userid": "AIDASOMEBODYWHOMNOPOLICYNAMES",
    "aws:PrincipalType": "User",
    "aws:PrincipalArn": "arn:aws:iam::000000000000:user/somebody-whom-no-policy-names",
}
"""The context of a user who calls AWS directly and whom no policy names: what holds for this user holds for most."""

MFA_SELF_SERVICE = frozenset(
    name.lower()
    for name in (
        "iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ResyncMFADevice", "iam:GetUser", "iam:GetMFADevice",
        "iam:ListMFADevices", "iam:ListVirtualMFADevices", "iam:ChangePassword", "iam:GetAccountPasswordPolicy",
        "iam:GetAccountSummary", "iam:ListAccountAliases", "sts:GetSessionToken", "sts:GetCallerIdentity",
    )
)  # fmt: skip
"""The actions that people need to set up MFA, in lower case. sts:GetCallerIdentity cannot be denied at all.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage.html
"""

MFA_REMOVAL = ("iam:DeactivateMFADevice", "iam:DeleteVirtualMFADevice", "iam:CreateAccessKey")
"""Actions that remove MFA from a user, or create credentials that work without it."""


class Bypass(Enum):
    """How callers without MFA get past a statement about MFA."""

    DENY_MISSES_ABSENT_KEY = "the Deny does not apply to requests without the key"
    """A user's access keys are enough: Deny with Bool = false."""
    DENY_MISSES_FALSE = "the Deny does not apply where the key is false"
    """A console session without MFA is enough: Deny with Null alone."""
    DENY_NEVER_APPLIES = "the Deny applies to no request without MFA"
    ALLOW_ADMITS_ABSENT_KEY = "the Allow applies to requests without the key"
    """A user's access keys are enough: Allow with BoolIfExists = true, Null, or an age with IfExists."""


class Weakness(Struct, frozen=True):
    """A statement about MFA that callers without MFA get past.

    condition  the condition with the wrong operator
    operator   the right operator; "" if changing the operator is not enough
    """

    bypass: Bypass
    statement: Statement
    condition: Condition
    operator: str = ""


class Exemption(Struct, frozen=True):
    """Actions that MFA enforcement leaves open beyond MFA_SELF_SERVICE.

    pattern      the actions ("s3:*"); "*" if the Deny is limited in another way
    value        the element of NotAction that exempts them, or the Action or Resource that limits the Deny
    removes_mfa  whether an action of MFA_REMOVAL is among them
    """

    pattern: str
    value: Value[Any]
    statement: Statement
    removes_mfa: bool


class MfaDeny(Struct, frozen=True):
    """A Deny statement with a condition on MFA, and the callers to whom it applies.

    when_absent  it applies to a typical caller without the keys of MFA
    when_false   it applies to a typical caller with aws:MultiFactorAuthPresent = false
    when_fresh   it applies to a typical caller who has just authenticated with MFA
    broad        it denies all actions but a few on all resources
    """

    statement: Statement
    when_absent: Truth
    when_false: Truth
    when_fresh: Truth
    broad: Truth


class MfaEnforcement(Struct, frozen=True):
    """What policies that apply together demand of callers without MFA.

    enforced    nearly all actions are denied to them, both without the keys and with false
    denies      every Deny statement with a condition on MFA
    weaknesses  statements that callers without MFA get past, unless another statement stops them
    exemptions  what an effective Deny leaves open beyond MFA_SELF_SERVICE
    """

    enforced: Truth
    denies: tuple[MfaDeny, ...]
    weaknesses: Partial[Weakness]
    exemptions: Partial[Exemption]


_When = Callable[[MfaDeny], Truth]
_WITHOUT_MFA: tuple[_When, _When] = (lambda deny: deny.when_absent, lambda deny: deny.when_false)
"""The two ways of being without MFA, each as the question whether a Deny applies."""


def mfa_enforcement(*documents: Document) -> MfaEnforcement:
    """Return whether and how the policies that apply together to one principal enforce MFA."""
    statements = [statement for document in documents for statement in document.statements.items]
    gaps = merge_reasons(*(document.statements.gaps for document in documents))
    hidden = Partial((), gaps).exists()
    denies = tuple(_mfa_deny(s) for s in statements if s.denies.possible and _is_about_mfa(s).possible)
    # one statement may deny requests without the keys, and another one requests with false
    enforced = all_of(any_of(when(d) & d.broad & ~d.when_fresh for d in denies) for when in _WITHOUT_MFA) | hidden
    weaknesses = [_deny_weakness(deny, denies, hidden) for deny in denies]
    weaknesses += [_allow_weakness(s, denies, hidden) for s in statements if (s.allows & _is_about_mfa(s)).possible]
    exemptions = [
        found for when in _WITHOUT_MFA for deny in denies for found in _exemptions(deny, denies, when, hidden)
    ]
    return MfaEnforcement(enforced, denies, _partial(weaknesses, gaps), _partial(exemptions, gaps))


def _partial(found: Iterable[tuple[Truth, _Found | None]], gaps: tuple[Reason, ...]) -> Partial[_Found]:
    """Return the items whose truth is true, each once; an undecided truth is a gap."""
    items: dict[_Found, None] = {}
    for truth, item in found:
        if truth.is_true and item is not None:
            items.setdefault(item)
        elif not truth.decided:
            gaps = merge_reasons(gaps, truth.reasons)
    return Partial(tuple(items), gaps)


def _mfa_conditions(statement: Statement) -> list[Condition]:
    return [condition for condition in statement.conditions.items if condition.has_key(MFA_PRESENT, MFA_AGE)]


def _is_about_mfa(statement: Statement) -> Truth:
    return statement.conditions.any(lambda condition: Truth.of(condition.has_key(MFA_PRESENT, MFA_AGE)))


def _mfa_deny(statement: Statement) -> MfaDeny:
    def applies(facts: Mapping[str, ContextValue]) -> Truth:
        answer = statement.conditions_hold(Context({**_TYPICAL_CALLER, **facts}))
        if not answer.decided and statement.conditions_known:
            # it depends on another key of the request, so it does not apply in general
            return FALSE
        return statement.denies & answer

    if statement.not_actions is not None:
        # a Deny that exempts everything denies nothing
        actions = ~statement.not_actions.cover("*")
    else:
        actions = statement.covers_action("*:*")
    resources = statement.covers_resource("*") if statement.not_resources is None else TRUE
    return MfaDeny(
        statement, applies(WITHOUT_MFA_KEYS), applies(WITH_MFA_FALSE), applies(_FRESH_MFA), actions & resources
    )


def _deny_weakness(deny: MfaDeny, denies: Iterable[MfaDeny], hidden: Truth) -> tuple[Truth, Weakness | None]:
    """Return whether callers without MFA get past a Deny and all others, and what is wrong with it."""
    statement = deny.statement
    weak = statement.denies & ~deny.when_fresh & ~(deny.when_absent & deny.when_false)
    if weak.is_false:
        return FALSE, None
    if not (deny.when_absent.decided and deny.when_false.decided):
        return Truth(None, merge_reasons(deny.when_absent.reasons, deny.when_false.reasons)), None
    facts = WITHOUT_MFA_KEYS if deny.when_absent.is_false else WITH_MFA_FALSE
    wrong = [condition for condition in _mfa_conditions(statement) if condition.holds(Context(facts)).is_false]
    if not wrong:
        # a condition that is not about MFA limits it
        return _undecided_if_unknown(statement), None
    missed = [when for when in _WITHOUT_MFA if when(deny).is_false]
    others = [other for other in denies if other is not deny]
    stopped = all_of(
        any_of(when(other) & ~other.when_fresh & other.statement.covers(statement) for other in others)
        for when in missed
    )
    bypass = _bypass_of(deny)
    operator = ""
    parsed = wrong[0].parsed_operator
    if bypass is Bypass.DENY_MISSES_ABSENT_KEY and len(wrong) == 1 and parsed and parsed.kind is not Kind.NULL:
        operator = f"{wrong[0].operator}IfExists"
    return weak & ~(stopped | hidden), Weakness(bypass, statement, wrong[0], operator)


def _bypass_of(deny: MfaDeny) -> Bypass:
    """Return how callers get past a Deny that does not apply without the keys, with false, or both."""
    if deny.when_absent.is_false and deny.when_false.is_false:
        conditions = _mfa_conditions(deny.statement)
        # if it limits the age of MFA, it applies to neither because its operator is wrong
        if all(condition.has_key(MFA_PRESENT) for condition in conditions):
            return Bypass.DENY_NEVER_APPLIES
    return Bypass.DENY_MISSES_ABSENT_KEY if deny.when_absent.is_false else Bypass.DENY_MISSES_FALSE


def _allow_weakness(statement: Statement, denies: Iterable[MfaDeny], hidden: Truth) -> tuple[Truth, Weakness | None]:
    """Return whether an Allow with a condition on MFA works without MFA and no Deny stops that, and its weakness."""
    weak = (
        statement.allows
        & statement.conditions_can_hold({**_TYPICAL_CALLER, **WITHOUT_MFA_KEYS})
        & statement.conditions_can_hold({**_TYPICAL_CALLER, **_FRESH_MFA})  # else it is for callers without MFA
        & ~_is_only_self_service(statement)
    )
    if weak.is_false:
        return FALSE, None
    stopped = any_of(deny.when_absent & ~deny.when_fresh & deny.statement.covers(statement) for deny in denies)
    for condition in _mfa_conditions(statement):
        if condition.holds(Context(WITHOUT_MFA_KEYS)).is_true:
            operator = condition.operator[: -len("IfExists")] if condition.if_exists else ""
            found = Weakness(Bypass.ALLOW_ADMITS_ABSENT_KEY, statement, condition, operator)
            return weak & ~(stopped | hidden), found
    return _undecided_if_unknown(statement), None


def _undecided_if_unknown(statement: Statement) -> Truth:
    return FALSE if statement.conditions_known else Truth(None, statement.condition_reasons)


def _is_only_self_service(statement: Statement) -> Truth:
    if statement.actions is None:
        return FALSE
    return statement.actions.elements.all(_is_self_service)


def _is_self_service(value: Value[Any]) -> Truth:
    return value.test(lambda data: scalar_text(data).lower() in MFA_SELF_SERVICE)


def _exemptions(
    deny: MfaDeny, denies: Iterable[MfaDeny], when: _When, hidden: Truth
) -> Iterator[tuple[Truth, Exemption | None]]:
    """Yield what a Deny leaves open beyond MFA_SELF_SERVICE, and whether no other Deny closes it."""
    statement = deny.statement
    effective = when(deny) & ~deny.when_fresh
    if effective.is_false:
        return

    def left_open(closes: Callable[[Statement], Truth]) -> Truth:
        others = (when(o) & ~o.when_fresh & closes(o.statement) for o in denies if o is not deny)
        return effective & ~(any_of(others) | hidden)

    if statement.not_actions is not None:
        listed = statement.not_actions.elements
        yield effective & Partial((), listed.gaps).exists(), None
        for value in listed.items:
            beyond = ~_is_self_service(value)
            if not value.known:
                # even if it certainly is beyond self-service, another Deny may close it
                yield effective & beyond & Truth(None, value.reasons), None
            elif not beyond.is_false:
                pattern = scalar_text(value.data)
                yield left_open(partial(_closes, pattern)), Exemption(pattern, value, statement, _removes_mfa(pattern))
    else:
        some = ~(statement.covers_action("*") | statement.covers_action("*:*"))
        removes_mfa = not all(statement.covers_action(action).possible for action in MFA_REMOVAL)
        found = Exemption("*", statement.value.key("Action"), statement, removes_mfa)
        yield some & left_open(lambda s: s.covers_action("*") | Truth.of(s.not_actions is not None)), found
    name = "Resource" if statement.resources is not None else "NotResource"
    found = Exemption("*", statement.value.key(name), statement, False)
    yield ~statement.covers_resource("*") & left_open(lambda s: s.covers_resource("*")), found


def _closes(pattern: str, statement: Statement) -> Truth:
    return statement.covers_action(pattern) & statement.covers_resource("*")


def _removes_mfa(pattern: str) -> bool:
    mine = compile_pattern(pattern, variables=False, ignore_case=True)
    return any(overlaps(mine, compile_pattern(a, variables=False, ignore_case=True)) for a in MFA_REMOVAL)
