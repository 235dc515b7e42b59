"""Whom the policies of KMS keys let in: users and roles, AWS services, and other accounts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from iaclint.aws.joins import identified_by
from iaclint.aws.reasoning.policy import Document, PrincipalEntry, Statement
from iaclint.aws.services.cloudtrail import Trail
from iaclint.aws.services.kms import Alias, Key, hidden_references
from iaclint.aws.services.logs import LogGroup
from iaclint.aws.services.sns import Topic
from iaclint.aws.services.sqs import Queue
from iaclint.aws.views import Attr, Subject
from iaclint.model.inventory import Resource
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, TRUE, Reason, Truth, any_of, merge_reasons
from iaclint.model.value import Value


class KeyIdentity(Struct, frozen=True):
    """A user or role that a key policy names, with the Allow statements that name it."""

    principal: Value[Any]
    statements: tuple[Statement, ...]

    @property
    def name(self) -> str:
        """Its ARN, or the address of the resource."""
        if self.principal.known:
            return str(self.principal.data)
        unknown = self.principal.unknown
        if unknown is not None and unknown.parts:
            return "".join(str(part.data) if part.known else "..." for part in unknown.parts)
        return self.principal.refs[0].address if self.principal.refs else "a principal that is not known"

    def is_allowed_any(self, actions: Iterable[str]) -> Truth:
        """Return True if the statements allow at least one of the actions. Ignores conditions."""
        return any_of(s.overlaps_action(action) for s in self.statements for action in actions)


def named_identities(document: Document) -> Partial[KeyIdentity]:
    """Return the users and roles that a key policy names. Not accounts: these leave it to IAM policies."""
    found: dict[Any, tuple[Value[Any], list[Statement]]] = {}
    allowing = document.allowing(lambda _: TRUE)
    gaps = allowing.gaps
    for statement in allowing.items:
        if statement.principals is None:
            continue
        gaps = merge_reasons(gaps, statement.principals.gaps)
        for entry in statement.principals.items:
            if entry.kind != "AWS" or entry.is_everyone.is_true:
                continue
            account = _is_account(entry)
            if account.value is None:
                gaps = merge_reasons(gaps, account.reasons)
            elif not account:
                value = entry.value
                key = value.data if value.known else (value.refs, str(value.unknown.parts) if value.unknown else "")
                found.setdefault(key, (value, []))[1].append(statement)
    return Partial(tuple(KeyIdentity(value, tuple(statements)) for value, statements in found.values()), gaps)


def _is_account(entry: PrincipalEntry) -> Truth:
    """Return True if a principal is an account, and no user or role of it."""
    account = entry.is_account
    if account.decided or not entry.value.refs:
        return account
    # the ARN of a resource is a role's or a user's
    return FALSE if all(ref.attribute.lower() == "arn" for ref in entry.value.refs) else account


class ServiceKeyUser(Subject):
    """A resource whose KMS key an AWS service must be able to use by itself."""

    anchors = (Trail, LogGroup, Topic, Queue)
    anchor: Trail | LogGroup | Topic | Queue

    @property
    def key(self) -> Attr[str]:
        """The property that names the key."""
        return self.anchor.kms_key

    @property
    def keys(self) -> Partial[Key]:
        """The keys of the deployment that it names, directly or by an alias."""
        found = Key.referenced_by(self.key, self.deployment)
        aliases = identified_by(Alias, self.key, self.deployment, "name")
        through = [k for alias in aliases.items for k in Key.referenced_by(alias.target, self.deployment).items]
        return Partial((*found.items, *through), () if through else found.gaps)

    @property
    def is_aws_managed(self) -> Truth:
        """Return True if the key is AWS managed, so that its policy cannot be changed."""
        if self.key.refs:
            return FALSE
        return self.key.test(lambda text: isinstance(text, str) and "alias/aws/" in text)

    @property
    def uses(self) -> Partial[KeyUse]:
        """The services that must be able to use the key, each with the resource that makes it do so."""
        resource = self.anchor.resource
        if isinstance(self.anchor, Trail):
            return Partial((KeyUse("cloudtrail", resource),))
        if isinstance(self.anchor, LogGroup):
            return Partial((KeyUse("logs", resource),))
        found: dict[str, KeyUse] = {}
        for referrer in self.deployment.referrers.get(resource.address.resource, ()):
            service = _SENDERS.get(referrer.kind)
            if service:
                found.setdefault(service, KeyUse(service, referrer))
        senders = (r for kind in _SENDERS for r in self.deployment.by_kind.get(kind, ()))
        return Partial(tuple(found.values()), merge_reasons(*(hidden_references(r.body) for r in senders)))


class KeyUse(Struct, frozen=True):
    """A service, as in the name of its principal ("logs"), uses a key because of a resource."""

    service: str
    by: Resource


_SENDERS = {
    "aws_s3_bucket_notification": "s3",
    "aws_cloudwatch_metric_alarm": "cloudwatch",
    "aws_cloudwatch_composite_alarm": "cloudwatch",
    "aws_cloudwatch_event_target": "events",
    "aws_cloudtrail": "cloudtrail",
    "AWS::S3::Bucket": "s3",
    "AWS::CloudWatch::Alarm": "cloudwatch",
    "AWS::CloudWatch::CompositeAlarm": "cloudwatch",
    "AWS::Events::Rule": "events",
    "AWS::CloudTrail::Trail": "cloudtrail",
}
"""The services that send to topics and queues, by the resource type that makes them send. They need the topic's key.

https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
"""


def admits_service(key: Key, service: str) -> Truth:
    """Return True if the policy of a key lets a service ("cloudtrail") use it; the default policy lets none."""
    documents = key.policies.map(Document.parse)

    def admits(statement: Statement) -> Truth:
        if statement.principals is None:
            return FALSE
        named = statement.principals.any(lambda entry: _is_service(entry, service))
        return statement.allows & statement.overlaps_action("kms:GenerateDataKey") & named

    return documents.any(lambda document: document.statements.any(admits))


def _is_service(entry: PrincipalEntry, service: str) -> Truth:
    """Return True if a principal is a service, in any region, or everyone."""
    if entry.kind == "AWS":
        return entry.is_everyone
    if entry.kind != "Service":
        return FALSE
    unknown = entry.value.unknown
    if unknown is not None and unknown.prefix:
        # "logs.${region}.amazonaws.com"
        return Truth.of(unknown.prefix.startswith(service + ".") or service.startswith(unknown.prefix))
    return entry.value.test(lambda text: str(text).startswith(service + "."))


SHARING = ("kms:Decrypt", "kms:CreateGrant")
"""The actions that give away what a key protects."""

_LIMITING_KEYS = ("kms:viaservice", "kms:grantisforawsresource", "aws:principalorgid")
"""Condition keys that limit what another account can use a key for, or who of it can."""


class Share(Struct, frozen=True):
    """A statement of a key policy that lets another account use the key."""

    statement: Statement
    principal: Value[Any]
    account: str


def shares(document: Document, trusted: Iterable[str] = ()) -> Partial[Share]:
    """Return the statements that let another account use a key, without a condition that limits the use.

    trusted  numbers of accounts that do not count

    The account of the key is the one that its policy allows everything, by number or as the account that is deployed
    to: every key policy has such a statement. If it is unknown, there are gaps instead.
    """
    trusted_accounts = frozenset(map(str, trusted))
    candidates: list[Share] = []
    gaps = document.statements.gaps
    for statement in document.statements.items:
        hands_out = any_of(statement.overlaps_action(action) for action in SHARING)
        open_ = statement.allows & hands_out & ~statement.conditions.any(lambda c: Truth.of(_limits(c.key)))
        if open_.is_false or statement.principals is None:
            continue
        gaps = merge_reasons(gaps, open_.reasons, statement.principals.gaps)
        for entry in statement.principals.items:
            if entry.kind != "AWS" or entry.is_everyone.is_true or _is_own(entry.value):
                continue
            if entry.account and entry.account not in trusted_accounts and open_.is_true:
                candidates.append(Share(statement, entry.value, entry.account))
            elif not entry.account and entry.value.unknown:
                gaps = merge_reasons(gaps, entry.value.reasons)
    if not candidates:
        return Partial((), gaps)
    own, hidden = _own_accounts(document)
    if hidden:
        return Partial((), merge_reasons(gaps, hidden))
    return Partial(tuple(share for share in candidates if share.account not in own), gaps)


def _limits(key: str) -> bool:
    """Return True if a condition on this key limits the use of a KMS key."""
    return key.lower() in _LIMITING_KEYS or key.lower().startswith("kms:encryptioncontext")


def _is_own(value: Value[Any]) -> bool:
    """Return True if a principal certainly belongs to the account that is deployed to."""
    unknown = value.unknown
    if unknown is None:
        return False
    if "AWS::AccountId" in unknown.inputs or any(
        "AWS::AccountId" in p.unknown.inputs for p in unknown.parts if p.unknown
    ):
        return True
    # resources of the deployment, and the caller's identity
    return bool(value.refs) and all(
        not ref.address.is_data or ref.address.type == "aws_caller_identity" for ref in value.refs
    )


def _own_accounts(document: Document) -> tuple[frozenset[str], tuple[Reason, ...]]:
    """Return the number of the account that is allowed everything, and why it is unknown."""
    numbers: set[str] = set()
    gaps: tuple[Reason, ...] = ()
    for statement in document.statements.items:
        full = statement.allows & statement.covers_action("kms:*")
        if full.is_false or statement.principals is None:
            continue
        for entry in statement.principals.items:
            account = full & entry.is_account
            if _is_own(entry.value):
                return frozenset(), ()
            if account.value is None or not entry.value.known:
                gaps = merge_reasons(gaps, account.reasons or entry.value.reasons)
            elif account:
                numbers.add(entry.account)
    if len(numbers) == 1 or gaps:
        return frozenset(numbers), gaps
    accounts = {e.account for s in document.statements.items if s.principals for e in s.principals.items if e.account}
    if len(accounts) < 2:
        return frozenset(accounts), ()
    return frozenset(), (Reason("which account the key is in is not written here", document.value.span),)
