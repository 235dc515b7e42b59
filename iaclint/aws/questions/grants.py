"""Permissions that policies grant: the rights of administrators, and actions on all resources of a type."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from iaclint.aws.reasoning.policy import Document, Statement
from iaclint.aws.services.iam import Identity
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, TRUE, Truth, any_of, merge_reasons
from iaclint.model.value import Value

ADMINISTRATIVE = ("AdministratorAccess", "IAMFullAccess", "PowerUserAccess")
"""The AWS managed policies that give the rights of an administrator, or to become one."""


class AdminGrant(Struct, frozen=True):
    """A permission that makes an identity an administrator.

    value      the statement of a policy of the deployment, or the ARN of an AWS managed policy
    statement  the statement, if it is one
    """

    value: Value[Any]
    statement: Statement | None

    @property
    def requires_mfa(self) -> Truth:
        """Return True if the rights can be used with MFA only."""
        return self.statement.requires_mfa() if self.statement is not None else FALSE


def admin_grants(identity: Identity) -> Partial[AdminGrant]:
    """Return everything that makes an identity an administrator, not through groups."""
    found = [AdminGrant(arn, None) for arn in identity.managed_arns if _administrative(arn).is_true]
    gaps = merge_reasons(*(arn.reasons for arn in identity.managed_arns if _administrative(arn).value is None))
    policies = identity.policies
    gaps = merge_reasons(gaps, policies.gaps)
    for policy in policies.items:
        statements = policy.document.admin_statements()
        found += [AdminGrant(statement.value, statement) for statement in statements.items]
        gaps = merge_reasons(gaps, statements.gaps)
    return Partial(tuple(found), gaps)


def _administrative(arn: Value[Any]) -> Truth:
    """Return True if an ARN is that of a policy of an administrator."""
    return any_of(arn.ends_with(f":policy/{name}") for name in ADMINISTRATIVE)


class Grant(Struct, frozen=True):
    """A statement that allows some actions on all resources of a type.

    actions  the actions that were asked about and are certainly allowed
    value    the element of the statement that allows the first of them
    """

    statement: Statement
    actions: tuple[str, ...]
    value: Value[Any]


def granted_widely(document: Document, actions: tuple[str, ...], types: tuple[str, ...]) -> Partial[Grant]:
    """Return the Allow statements that grant at least one action on all resources of a type.

    types  how the ARNs of all resources of a type end: "trail/*"

    Statements of full access, all actions on all resources, are left out: those are another finding.
    """

    def one(statement: Statement) -> Truth:
        touched = any_of(statement.overlaps_action(action) for action in actions)
        return touched & ~full_access(statement) & covers_all_of_type(statement, types)

    found = document.allowing(one)

    def grant(statement: Statement) -> Grant:
        allowed = tuple(action for action in actions if statement.overlaps_action(action).is_true)
        values = statement.action_values(allowed[0]) if allowed else ()
        return Grant(statement, allowed, values[0] if values else statement.value)

    return found.map(grant)


def full_access(statement: Statement) -> Truth:
    """Return True if a statement covers all actions on all resources."""
    return (statement.covers_action("*") | statement.covers_action("*:*")) & statement.covers_resource("*")


def covers_all_of_type(statement: Statement, types: tuple[str, ...]) -> Truth:
    """Return True if a statement covers all resources, or all of a type in an account.

    "arn:aws:kms:*:111122223333:key/*" covers all of the type "key/*".
    """
    if statement.resources is None:
        return TRUE
    endings = ("*", *types)

    def wide(text: Any) -> bool:
        parts = str(text).split(":", 5)
        return text == "*" or (len(parts) == 6 and parts[5] in endings)

    def names(value: Value[Any]) -> Truth:
        if value.known:
            return value.test(wide)
        if value.refs and not (value.unknown and value.unknown.parts):
            return FALSE  # the ARN of one resource
        return any_of(value.ends_with(":" + ending) for ending in endings)

    return statement.resources.elements.any(names)


def limited_by_principal_tag(statement: Statement) -> Truth:
    """Return True if a condition on a tag of the caller limits a statement."""
    return statement.conditions.any(lambda c: Truth.of(c.key.lower().startswith("aws:principaltag/")))
