"""AWS Key Management Service."""

from __future__ import annotations

from typing import Any

from iaclint.aws.model import Typed, attr, beside
from iaclint.value import NO, Population, Tri, Value, tri_all

SYMMETRIC = "SYMMETRIC_DEFAULT"


class Key(
    Typed,
    tf=("aws_kms_key", "aws_kms_external_key", "aws_kms_replica_key", "aws_kms_replica_external_key"),
    cfn=("AWS::KMS::Key", "AWS::KMS::ReplicaKey"),
):
    """A key. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-key.html"""

    usage = attr(str, tf="key_usage", cfn="KeyUsage", default="ENCRYPT_DECRYPT")
    spec = attr(str, tf=("customer_master_key_spec", "key_spec"), cfn="KeySpec", default=SYMMETRIC)
    rotation = attr(bool, tf="enable_key_rotation", cfn="EnableKeyRotation", default=False)
    rotation_period = attr(int, tf="rotation_period_in_days", cfn="RotationPeriodInDays", default=365)
    deletion_window = attr(int, tf="deletion_window_in_days", cfn="PendingWindowInDays", default=30)
    origin = attr(str, tf=None, cfn="Origin", default="AWS_KMS")
    key_store = attr(str, tf="custom_key_store_id", cfn=None)
    external_store_key = attr(str, tf="xks_key_id", cfn=None)
    enabled = attr(bool, tf=("is_enabled", "enabled"), cfn="Enabled", default=True)
    multi_region = attr(bool, tf="multi_region", cfn="MultiRegion", default=False)
    inline_policy = attr(str, tf="policy", cfn="KeyPolicy")
    valid_to = attr(str, tf="valid_to", cfn=None)

    @property
    def replica(self) -> bool:
        """A copy of a key in another region; it takes the primary's settings."""
        return self.resource.kind in ("aws_kms_replica_key", "aws_kms_replica_external_key", "AWS::KMS::ReplicaKey")

    @property
    def imported(self) -> Tri:
        """Whether its material is brought in from outside."""
        if self.resource.kind in ("aws_kms_external_key", "aws_kms_replica_external_key"):
            return Tri.of(True)
        return self.origin.is_("EXTERNAL")

    @property
    def symmetric(self) -> Tri:
        return self.spec.is_(SYMMETRIC) & self.usage.is_("ENCRYPT_DECRYPT")

    @property
    def in_key_store(self) -> Tri:
        """Whether its material lies in a CloudHSM cluster or outside AWS."""
        return (
            self.key_store.is_set()
            | self.external_store_key.is_set()
            | self.origin.one_of("AWS_CLOUDHSM", "EXTERNAL_KEY_STORE")
        )

    @property
    def can_rotate(self) -> Tri:
        """Whether KMS can rotate it by itself: symmetric encryption keys whose material KMS made.

        https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
        """
        if self.replica:
            return NO
        return tri_all((self.symmetric, ~self.imported, ~self.in_key_store))

    @property
    def policies(self) -> Population[Value[Any]]:
        """Its policy documents: its own, and one that stands beside it."""
        own: tuple[Value[Any], ...] = () if self.inline_policy.is_set().is_false else (self.inline_policy,)
        return Population(own) + self.separate_policies.map(lambda p: p.policy)

    @property
    def separate_policies(self) -> Population[KeyPolicy]:
        return beside(KeyPolicy, "key", self)

    @property
    def aliases(self) -> Population[Alias]:
        return beside(Alias, "target", self)


class KeyPolicy(Typed, tf="aws_kms_key_policy", cfn=()):
    key = attr(str, tf="key_id", cfn=None)
    policy = attr(str, tf="policy", cfn=None)


class Alias(Typed, tf="aws_kms_alias", cfn="AWS::KMS::Alias"):
    name = attr(str, tf="name", cfn="AliasName")
    target = attr(str, tf="target_key_id", cfn="TargetKeyId")
