"""AWS Key Management Service."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from iaclint.aws.joins import attached_to, identified_by
from iaclint.aws.reasoning.key_properties import key_values
from iaclint.aws.reasoning.policy import Document, PrincipalEntry, Statement
from iaclint.aws.views import View, attr
from iaclint.model.inventory import Deployment, Resource
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, TRUE, Reason, Truth, all_of, any_of, merge_reasons
from iaclint.model.value import UnknownCause, Value

SYMMETRIC = "SYMMETRIC_DEFAULT"


class Key(
    View,
    terraform=("aws_kms_key", "aws_kms_external_key", "aws_kms_replica_key", "aws_kms_replica_external_key"),
    cloudformation=("AWS::KMS::Key", "AWS::KMS::ReplicaKey"),
):
    """A key. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-key.html"""

    usage = attr(str, terraform="key_usage", cloudformation="KeyUsage", default="ENCRYPT_DECRYPT")
    spec = attr(str, terraform=("customer_master_key_spec", "key_spec"), cloudformation="KeySpec", default=SYMMETRIC)
    rotation = attr(bool, terraform="enable_key_rotation", cloudformation="EnableKeyRotation", default=False)
    rotation_period = attr(int, terraform="rotation_period_in_days", cloudformation="RotationPeriodInDays", default=365)
    deletion_window = attr(int, terraform="deletion_window_in_days", cloudformation="PendingWindowInDays", default=30)
    origin = attr(str, terraform=None, cloudformation="Origin", default="AWS_KMS")
    key_store = attr(str, terraform="custom_key_store_id", cloudformation=None)
    external_store_key = attr(str, terraform="xks_key_id", cloudformation=None)
    enabled = attr(bool, terraform=("is_enabled", "enabled"), cloudformation="Enabled", default=True)
    multi_region = attr(bool, terraform="multi_region", cloudformation="MultiRegion", default=False)
    inline_policy = attr(str, terraform="policy", cloudformation="KeyPolicy")
    valid_to = attr(str, terraform="valid_to", cloudformation=None)

    @property
    def replica(self) -> bool:
        """A copy of a key in another region; it takes the primary's settings."""
        return self.resource.kind in ("aws_kms_replica_key", "aws_kms_replica_external_key", "AWS::KMS::ReplicaKey")

    @property
    def is_replica(self) -> Truth:
        return Truth.of(self.replica)

    @property
    def material_has_date(self) -> Truth:
        """Whether the resource brings key material in, and could say when it ends."""
        return Truth.of(self.resource.kind in ("aws_kms_external_key", "aws_kms_replica_external_key"))

    @property
    def imported(self) -> Truth:
        """Whether its material is brought in from outside."""
        if self.resource.kind in ("aws_kms_external_key", "aws_kms_replica_external_key"):
            return Truth.of(True)
        return self.origin.is_("EXTERNAL")

    @property
    def symmetric(self) -> Truth:
        return self.spec.is_(SYMMETRIC) & self.usage.is_("ENCRYPT_DECRYPT")

    @property
    def in_key_store(self) -> Truth:
        """Whether its material lies in a CloudHSM cluster or outside AWS."""
        return (
            self.key_store.is_set()
            | self.external_store_key.is_set()
            | self.origin.is_one_of("AWS_CLOUDHSM", "EXTERNAL_KEY_STORE")
        )

    @property
    def can_rotate(self) -> Truth:
        """Whether KMS can rotate it by itself: symmetric encryption keys whose material KMS made.

        https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
        """
        if self.replica:
            return FALSE
        return all_of((self.symmetric, ~self.imported, ~self.in_key_store))

    @property
    def policies(self) -> Partial[Value[Any]]:
        """Its policy documents: its own, and one that stands beside it."""
        own: tuple[Value[Any], ...] = () if self.inline_policy.is_set().is_false else (self.inline_policy,)
        return Partial(own) + self.separate_policies.map(lambda p: p.policy)

    @property
    def separate_policies(self) -> Partial[KeyPolicy]:
        return attached_to(KeyPolicy, "key", self)

    @property
    def users(self) -> Partial[Resource]:
        """The resources that encrypt with it: those that refer to it, or to one of its aliases, in a key's property."""
        addresses = {self.resource.address.resource} | {a.resource.address.resource for a in self.aliases.items}
        found: dict[int, Resource] = {}
        for address in addresses:
            for resource in self.deployment.referrers.get(address, ()):
                named = any(ref.address.resource in addresses for v in key_values(resource) for ref in v.refs)
                if named and not resource.kind.startswith(_NOT_USERS):
                    found[id(resource)] = resource
        return Partial(tuple(found.values()), _unknown_keys(self.deployment))

    @property
    def survives_removal(self) -> Truth:
        """Whether it stays when it is removed from the code, or a plan to remove it fails."""
        if self.is_terraform:
            return self.guard.is_(True)
        return self.meta("DeletionPolicy").is_one_of("Retain", "RetainExceptOnCreate") & self.meta(
            "UpdateReplacePolicy"
        ).is_("Retain")

    @property
    def guard(self) -> Value[Any]:
        """What says so: prevent_destroy, or DeletionPolicy."""
        if self.is_terraform:
            found = self.meta("lifecycle").path("prevent_destroy")
            return found if not found.implicit else Value(False, self.header, implicit=True)
        deletion, replacing = self.meta("DeletionPolicy"), self.meta("UpdateReplacePolicy")
        return replacing if deletion.is_("Retain").is_true and not replacing.implicit else deletion

    @property
    def aliases(self) -> Partial[Alias]:
        return attached_to(Alias, "target", self)


class Holder(Struct, frozen=True):
    """A user or role that a key policy names, with the Allow statements that name it."""

    principal: Value[Any]
    statements: tuple[Statement, ...]

    @property
    def name(self) -> str:
        """Its ARN, or the address of the resource that it is."""
        if self.principal.known:
            return str(self.principal.data)
        unknown = self.principal.unknown
        if unknown is not None and unknown.parts:
            return "".join(str(part.data) if part.known else "..." for part in unknown.parts)
        return self.principal.refs[0].address if self.principal.refs else "a principal that is not known"

    def does(self, actions: Iterable[str]) -> Truth:
        """Whether the statements let it do one of the actions, with no condition looked at."""
        return any_of(s.touches_action(action) for s in self.statements for action in actions)


def holders(document: Document) -> Partial[Holder]:
    """The users and roles that a key policy names; not accounts, which hand the permission on to IAM."""
    found: dict[Any, tuple[Value[Any], list[Statement]]] = {}
    allowing = document.allowing(lambda _: TRUE)
    gaps = allowing.gaps
    for statement in allowing.items:
        if statement.principals is None:
            continue
        gaps = merge_reasons(gaps, statement.principals.gaps)
        for entry in statement.principals.items:
            if entry.kind != "AWS" or entry.everyone.is_true:
                continue
            account = _is_account(entry)
            if account.value is None:
                gaps = merge_reasons(gaps, account.reasons)
            elif not account:
                value = entry.value
                key = value.data if value.known else (value.refs, str(value.unknown.parts) if value.unknown else "")
                found.setdefault(key, (value, []))[1].append(statement)
    return Partial(tuple(Holder(value, tuple(statements)) for value, statements in found.values()), gaps)


def _is_account(entry: PrincipalEntry) -> Truth:
    account = entry.is_account
    if account.decided or not entry.value.refs:
        return account
    # the ARN of a resource is a role's or a user's
    return FALSE if all(ref.attribute.lower() == "arn" for ref in entry.value.refs) else account


class KeyPolicy(View, terraform="aws_kms_key_policy", cloudformation=()):
    key = attr(str, terraform="key_id", cloudformation=None)
    policy = attr(str, terraform="policy", cloudformation=None)


class Alias(View, terraform="aws_kms_alias", cloudformation="AWS::KMS::Alias"):
    name = attr(str, terraform="name", cloudformation="AliasName")
    target = attr(str, terraform="target_key_id", cloudformation="TargetKeyId")


_NOT_USERS = (
    *("aws_kms_", "AWS::KMS::", "aws_iam_", "AWS::IAM::", "data.", "aws_s3_bucket_policy", "AWS::S3::BucketPolicy"),
    *("aws_ssm_parameter", "AWS::SSM::Parameter"),
)


def _unknown_keys(deployment: Deployment) -> tuple[Reason, ...]:
    """Why some resource that keeps data may be encrypted with a key that it does not show."""
    memo = deployment.memo
    if "unknown keys" not in memo:
        reasons: tuple[Reason, ...] = ()
        for resource in deployment.resources:
            if resource.kind.startswith(_NOT_USERS) or not resource.kind.startswith(("aws_", "AWS::")):
                continue
            for value in key_values(resource):
                reasons = merge_reasons(reasons, _hiding(value))
        memo["unknown keys"] = reasons
    found: tuple[Reason, ...] = memo["unknown keys"]
    return found


# -- what services need ----------------------------------------------------------------------------------


class ServiceUser(
    View,
    terraform=("aws_cloudtrail", "aws_cloudwatch_log_group", "aws_sns_topic", "aws_sqs_queue"),
    cloudformation=("AWS::CloudTrail::Trail", "AWS::Logs::LogGroup", "AWS::SNS::Topic", "AWS::SQS::Queue"),
):
    """A resource for which a service of AWS, not its caller, has to use the key."""

    key = attr(
        str, terraform=("kms_key_id", "kms_master_key_id"), cloudformation=("KMSKeyId", "KmsKeyId", "KmsMasterKeyId")
    )

    @property
    def keys(self) -> Partial[Key]:
        """The keys of the deployment that it names, directly or by an alias."""
        found = Key.referenced_by(self.key, self.deployment)
        aliases = identified_by(Alias, self.key, self.deployment, "name")
        through = [k for alias in aliases.items for k in Key.referenced_by(alias.target, self.deployment).items]
        return Partial((*found.items, *through), () if through else found.gaps)

    @property
    def managed_by_aws(self) -> Truth:
        """Whether the key is one that AWS keeps, whose policy nobody can change."""
        if self.key.refs:
            return FALSE
        return self.key.test(lambda text: isinstance(text, str) and "alias/aws/" in text)

    @property
    def needs(self) -> Partial[Need]:
        """The services that have to use the key, and what for."""
        kind = self.resource.kind
        if kind in ("aws_cloudtrail", "AWS::CloudTrail::Trail"):
            return Partial((Need("cloudtrail", "kms:GenerateDataKey", self.resource),))
        if kind in ("aws_cloudwatch_log_group", "AWS::Logs::LogGroup"):
            return Partial((Need("logs", "kms:GenerateDataKey", self.resource),))
        found: dict[str, Need] = {}
        for resource in self.deployment.referrers.get(self.resource.address.resource, ()):
            service = _SENDERS.get(resource.kind)
            if service:
                found.setdefault(service, Need(service, "kms:GenerateDataKey", resource))
        hidden = (r for kind in _SENDERS for r in self.deployment.by_kind.get(kind, ()))
        return Partial(tuple(found.values()), merge_reasons(*(_hiding(r.body) for r in hidden)))


def _hiding(body: Value[Any]) -> tuple[Reason, ...]:
    """Why a body may refer to more than it shows: parts of it that are unknown, and not merely given as inputs."""
    return merge_reasons(
        *(v.reasons for v in body.walk() if v.unknown and v.unknown.cause is not UnknownCause.INPUT and not v.refs)
    )


class Need(Struct, frozen=True):
    """A service has to call an action of KMS on behalf of a resource."""

    service: str
    action: str
    by: Resource


# who sends to topics and queues by itself, and needs the key for it
# https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
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


def admits_service(key: Key, need: Need) -> Truth:
    """Whether the key's policy lets a service use it. A key without a policy of its own admits only its account."""
    documents = key.policies.map(Document.parse)

    def admits(statement: Statement) -> Truth:
        if statement.principals is None:
            return FALSE
        named = statement.principals.any(lambda entry: _is_service(entry, need.service))
        return statement.allows & statement.touches_action(need.action) & named

    return documents.any(lambda document: document.statements.any(admits))


def _is_service(entry: PrincipalEntry, service: str) -> Truth:
    if entry.kind == "AWS":
        return entry.everyone
    if entry.kind != "Service":
        return FALSE
    unknown = entry.value.unknown
    if unknown is not None and unknown.prefix:
        # "logs.${region}.amazonaws.com"
        return Truth.of(unknown.prefix.startswith(service + ".") or service.startswith(unknown.prefix))
    return entry.value.test(lambda text: str(text).startswith(service + "."))


# -- other accounts --------------------------------------------------------------------------------------

SHARING = ("kms:Decrypt", "kms:CreateGrant")
"""Calls that hand out what a key protects."""

_LIMITING = ("kms:viaservice", "kms:grantisforawsresource", "aws:principalorgid")


class Share(Struct, frozen=True):
    """A statement of a key policy that lets another account use the key."""

    statement: Statement
    principal: Value[Any]
    account: str


def shares(document: Document, trusted: Iterable[str] = ()) -> Partial[Share]:
    """The statements that let another account read what a key protects, and no condition limits what for.

    Which account is the key's own shows in the statement that every key policy has: the account, by its number or as
    the caller's own, may do everything.
    """
    known_to_us = frozenset(map(str, trusted))
    candidates: list[Share] = []
    gaps = document.statements.gaps
    for statement in document.statements.items:
        hands_out = any_of(statement.touches_action(action) for action in SHARING)
        open_ = statement.allows & hands_out & ~statement.conditions.any(lambda c: Truth.of(_limits(c.key)))
        if open_.is_false or statement.principals is None:
            continue
        gaps = merge_reasons(gaps, open_.reasons, statement.principals.gaps)
        for entry in statement.principals.items:
            if entry.kind != "AWS" or entry.everyone.is_true or _is_own(entry.value):
                continue
            if entry.account and entry.account not in known_to_us and open_.is_true:
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
    return key.lower() in _LIMITING or key.lower().startswith("kms:encryptioncontext")


def _is_own(value: Value[Any]) -> bool:
    """Whether a principal is certainly of the account that the deployment goes to."""
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
    """The numbers of the account that may do everything; why they are not known."""
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
    everybody = {e.account for s in document.statements.items if s.principals for e in s.principals.items if e.account}
    if len(everybody) < 2:
        return frozenset(everybody), ()
    return frozenset(), (Reason("which account the key is in is not written here", document.value.span),)
