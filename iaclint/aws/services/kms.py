"""AWS Key Management Service."""

from __future__ import annotations

from typing import Any

from iaclint.aws.joins import attached_to, per_deployment
from iaclint.aws.reasoning.key_properties import key_values
from iaclint.aws.views import View, attr
from iaclint.model.inventory import Deployment, Resource
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, TRUE, Reason, Truth, all_of, merge_reasons
from iaclint.model.value import UnknownCause, Value

SYMMETRIC = "SYMMETRIC_DEFAULT"


class Key(View):
    """A KMS key. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-key.html"""

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

    is_replica = FALSE
    """A copy of a key in another region has the settings of the primary key."""
    imports_material = FALSE
    """Whether the resource itself brings the key material, and could give its expiry date."""

    @property
    def imported(self) -> Truth:
        """Return True if the key material comes from outside AWS."""
        return self.imports_material | self.origin.is_("EXTERNAL")

    @property
    def symmetric(self) -> Truth:
        """Return True if it is a symmetric encryption key."""
        return self.spec.is_(SYMMETRIC) & self.usage.is_("ENCRYPT_DECRYPT")

    @property
    def in_key_store(self) -> Truth:
        """Return True if the key material is in a custom key store: in CloudHSM, or in a key manager outside AWS."""
        return (
            self.key_store.is_set()
            | self.external_store_key.is_set()
            | self.origin.is_one_of("AWS_CLOUDHSM", "EXTERNAL_KEY_STORE")
        )

    @property
    def can_rotate(self) -> Truth:
        """Return True if KMS can rotate the key: a symmetric encryption key whose material KMS generated.

        https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
        """
        return all_of((~self.is_replica, self.symmetric, ~self.imported, ~self.in_key_store))

    @property
    def policies(self) -> Partial[Value[Any]]:
        """Its policy documents: the one among its own properties, and those attached to it."""
        own: tuple[Value[Any], ...] = () if self.inline_policy.is_set().is_false else (self.inline_policy,)
        return Partial(own) + self.separate_policies.map(lambda p: p.policy)

    @property
    def separate_policies(self) -> Partial[KeyPolicy]:
        """The key policies that are resources of their own."""
        return attached_to(KeyPolicy, "key", self)

    @property
    def users(self) -> Partial[Resource]:
        """The resources that encrypt with it: those with a key property that refers to it or to one of its aliases."""
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
        """Return True if the key is kept when its code is removed, or Terraform refuses to destroy it."""
        if self.is_terraform:
            return self.guard.is_(True)
        return self.meta("DeletionPolicy").is_one_of("Retain", "RetainExceptOnCreate") & self.meta(
            "UpdateReplacePolicy"
        ).is_("Retain")

    @property
    def guard(self) -> Value[Any]:
        """The setting that keeps the key: prevent_destroy, DeletionPolicy or UpdateReplacePolicy."""
        if self.is_terraform:
            found = self.meta("lifecycle").path("prevent_destroy")
            return found if not found.implicit else Value(False, self.header, implicit=True)
        deletion, replacing = self.meta("DeletionPolicy"), self.meta("UpdateReplacePolicy")
        return replacing if deletion.is_("Retain").is_true and not replacing.implicit else deletion

    @property
    def aliases(self) -> Partial[Alias]:
        """The aliases of the key."""
        return attached_to(Alias, "target", self)


class CustomerKey(Key, terraform="aws_kms_key", cloudformation="AWS::KMS::Key"):
    """A customer managed key. In CloudFormation its material may be imported later."""


class ExternalKey(Key, terraform="aws_kms_external_key", cloudformation=()):
    """A key whose material is imported."""

    imports_material = TRUE


class ReplicaKey(Key, terraform="aws_kms_replica_key", cloudformation="AWS::KMS::ReplicaKey"):
    """A replica of a multi-Region key."""

    is_replica = TRUE


class ReplicaExternalKey(Key, terraform="aws_kms_replica_external_key", cloudformation=()):
    """A replica of a multi-Region key whose material is imported."""

    is_replica = TRUE
    imports_material = TRUE


class KeyPolicy(View, terraform="aws_kms_key_policy", cloudformation=()):
    """A key policy that is a resource of its own."""

    key = attr(str, terraform="key_id", cloudformation=None)
    policy = attr(str, terraform="policy", cloudformation=None)


class Alias(View, terraform="aws_kms_alias", cloudformation="AWS::KMS::Alias"):
    """An alias of a key."""

    name = attr(str, terraform="name", cloudformation="AliasName")
    target = attr(str, terraform="target_key_id", cloudformation="TargetKeyId")


_NOT_USERS = (
    *("aws_kms_", "AWS::KMS::", "aws_iam_", "AWS::IAM::", "data.", "aws_s3_bucket_policy", "AWS::S3::BucketPolicy"),
    *("aws_ssm_parameter", "AWS::SSM::Parameter"),
)
"""Beginnings of the resource types that refer to keys without encrypting data of their own."""


@per_deployment
def _unknown_keys(deployment: Deployment) -> tuple[Reason, ...]:
    """Return why some resource that keeps data may use a key that its known properties do not show."""
    reasons: tuple[Reason, ...] = ()
    for resource in deployment.resources:
        if resource.kind.startswith(_NOT_USERS) or not resource.kind.startswith(("aws_", "AWS::")):
            continue
        for value in key_values(resource):
            reasons = merge_reasons(reasons, hidden_references(value))
    return reasons


def hidden_references(body: Value[Any]) -> tuple[Reason, ...]:
    """Return why a body may refer to more resources than are known: its unknown parts that are no inputs."""
    return merge_reasons(
        *(v.reasons for v in body.walk() if v.unknown and v.unknown.cause is not UnknownCause.INPUT and not v.refs)
    )
