"""Amazon S3 buckets, and the resources into which Terraform splits the settings of a bucket."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from iaclint.aws.joins import attached_to
from iaclint.aws.reasoning.policy import Document
from iaclint.aws.views import Attr, Block, View, attr, blocks
from iaclint.model.partial import Partial
from iaclint.model.truth import Truth, any_of
from iaclint.model.value import Value

PUBLIC_ACLS = ("public-read", "public-read-write", "PublicRead", "PublicReadWrite")
"""Canned ACLs that admit everyone; "authenticated-read" admits everyone with an AWS account.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl
"""
ANYBODY_ACLS = (*PUBLIC_ACLS, "authenticated-read", "AuthenticatedRead")


class PublicAccessBlock(Block):
    """The four settings that block public access. One that a block does not set is off."""

    block_acls = attr(bool, terraform="block_public_acls", cloudformation="BlockPublicAcls", default=False)
    ignore_acls = attr(bool, terraform="ignore_public_acls", cloudformation="IgnorePublicAcls", default=False)
    block_policy = attr(bool, terraform="block_public_policy", cloudformation="BlockPublicPolicy", default=False)
    restrict = attr(bool, terraform="restrict_public_buckets", cloudformation="RestrictPublicBuckets", default=False)

    @property
    def switches(self) -> tuple[tuple[str, Attr[bool]], ...]:
        """Each setting, with its effect in words for messages."""
        return (
            ("refusing new public ACLs", self.block_acls),
            ("ignoring public ACLs", self.ignore_acls),
            ("refusing public policies", self.block_policy),
            ("restricting public buckets", self.restrict),
        )

    @classmethod
    def of(cls, view: Block) -> PublicAccessBlock:
        """Return the settings that another view has among its own properties."""
        return cls(view.resource, view.deployment, view.body, view.prefix)


class Retention(Block):
    """The default retention of object lock: how long objects cannot be deleted."""

    mode = attr(str, terraform="mode", cloudformation="Mode")
    days = attr(int, terraform="days", cloudformation="Days")
    years = attr(int, terraform="years", cloudformation="Years")

    def at_least(self, days: int) -> Truth:
        """Return True if objects are retained for at least this many days."""
        return self.mode.is_set() & (
            self.days.test(lambda n: isinstance(n, (int, float)) and n >= days)
            | self.years.test(lambda n: isinstance(n, (int, float)) and n * 365 >= days)
        )


class LifecycleRule(Block):
    """A rule that deletes objects after some days."""

    status = attr(str, terraform="status", cloudformation="Status", default="Enabled")
    enabled = attr(bool, terraform="enabled", cloudformation=None, default=True)
    days = attr(int, terraform="expiration.days", cloudformation="ExpirationInDays")

    @property
    def expiry(self) -> Attr[int]:
        """The days after which objects are deleted; null if never."""
        return self.days

    @property
    def active(self) -> Truth:
        """Return True if the rule is enabled."""
        return self.status.is_("Enabled") & self.enabled.is_(True)


class AccessLog(Block):
    """Server access logging: the bucket that access logs are delivered to."""

    # CloudFormation delivers to the bucket itself if the property is not set
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-s3-bucket-loggingconfiguration.html
    target = attr(str, terraform="target_bucket", cloudformation="DestinationBucketName")

    def goes_into(self, bucket: Bucket) -> Truth:
        """Return True if the access logs are delivered to a bucket."""
        if self.target.implicit:
            return Truth.of(self.resource is bucket.resource)
        return bucket.is_identified_by(self.target, bucket.name)


class Bucket(View, terraform="aws_s3_bucket", cloudformation="AWS::S3::Bucket"):
    """A bucket."""

    name = attr(str, terraform="bucket", cloudformation="BucketName")
    inline_acl = attr(str, terraform="acl", cloudformation="AccessControl")
    force_destroy = attr(bool, terraform="force_destroy", cloudformation=None, default=False)
    inline_versioning = attr(bool, terraform="versioning.enabled", cloudformation=None)
    inline_versioning_status = attr(str, terraform=None, cloudformation="VersioningConfiguration.Status")
    inline_policy = attr(dict, terraform="policy", cloudformation=None)
    inline_mfa_delete = attr(bool, terraform="versioning.mfa_delete", cloudformation=None, default=False)
    inline_logs = blocks(AccessLog, terraform="logging", cloudformation="LoggingConfiguration")
    _blocks = blocks(PublicAccessBlock, terraform=None, cloudformation="PublicAccessBlockConfiguration")
    _rules = blocks(LifecycleRule, terraform="lifecycle_rule", cloudformation="LifecycleConfiguration.Rules")
    _retentions = blocks(
        Retention,
        terraform="object_lock_configuration.rule.default_retention",
        cloudformation="ObjectLockConfiguration.Rule.DefaultRetention",
    )

    @property
    def access_blocks(self) -> Partial[PublicAccessBlock]:
        """The settings that block public access, of its own and attached."""
        return Partial(self._blocks) + attached_to(BucketPublicAccessBlock, "bucket", self, self.name).map(
            PublicAccessBlock.of
        )

    @property
    def acls(self) -> Partial[Value[Any]]:
        """The canned ACLs of the bucket."""
        own: tuple[Value[Any], ...] = () if self.inline_acl.implicit else (self.inline_acl,)
        return Partial(own) + attached_to(BucketAcl, "bucket", self, self.name).map(lambda a: a.acl)

    @property
    def policies(self) -> Partial[Value[Any]]:
        """The bucket policies, of its own and attached."""
        own: tuple[Value[Any], ...] = () if self.inline_policy.implicit else (self.inline_policy,)
        return Partial(own) + attached_to(BucketPolicy, "bucket", self, self.name).map(lambda p: p.policy)

    @cached_property
    def documents(self) -> Partial[Document]:
        """The bucket policies, parsed."""
        return self.policies.map(Document.parse)

    @property
    def versioned(self) -> Truth:
        """Return True if versioning is enabled; by default it is not."""
        return any_of(
            (
                self.inline_versioning.is_(True),
                self.inline_versioning_status.is_("Enabled"),
                attached_to(BucketVersioning, "bucket", self, self.name).any(lambda v: v.status.is_("Enabled")),
            )
        )

    @property
    def can_require_mfa_delete(self) -> Truth:
        """Return True if the language has a property for MFA delete; CloudFormation has none.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-s3-bucket-versioningconfiguration.html
        """
        return Truth.of(self.is_terraform)

    @property
    def mfa_delete(self) -> Truth:
        """Return True if deleting an object version requires MFA."""
        attached = attached_to(BucketVersioning, "bucket", self, self.name)
        return self.inline_mfa_delete.is_(True) | attached.any(lambda v: v.mfa_delete.is_("Enabled"))

    @property
    def versioning(self) -> Value[Any]:
        """The property that enables versioning."""
        if not self.inline_versioning.implicit:
            return self.inline_versioning
        attached = attached_to(BucketVersioning, "bucket", self, self.name).items
        return attached[0].status if attached else self.inline_versioning_status

    @property
    def access_logs(self) -> Partial[AccessLog]:
        """The settings of server access logging, of its own and attached."""
        return Partial(self.inline_logs) + attached_to(BucketLogging, "bucket", self, self.name).map(
            lambda log: AccessLog(log.resource, log.deployment)
        )

    @property
    def logs_into_itself(self) -> Truth:
        """Return True if all access logs are delivered to the bucket itself."""
        return self.access_logs.all(lambda log: log.goes_into(self))

    @property
    def retentions(self) -> Partial[Retention]:
        """The default retentions of object lock, of its own and attached."""
        attached = attached_to(BucketObjectLock, "bucket", self, self.name)
        found = Partial(self._retentions)
        for lock in attached.items:
            found = found + Partial(lock.retentions)
        return Partial(found.items, found.gaps + attached.gaps)

    @property
    def lifecycle_rules(self) -> Partial[LifecycleRule]:
        """The lifecycle rules, of its own and attached."""
        attached = attached_to(BucketLifecycle, "bucket", self, self.name)
        found = Partial(self._rules)
        for lifecycle in attached.items:
            found = found + Partial(lifecycle.rules)
        return Partial(found.items, found.gaps + attached.gaps)

    def locked_for(self, days: int) -> Truth:
        """Return True if object lock retains every object for at least this many days."""
        return self.retentions.any(lambda r: r.at_least(days))

    @property
    def survives_removal(self) -> Truth:
        """Return True if the bucket and its objects are kept when its code is removed.

        Terraform refuses to delete a bucket with objects unless force_destroy is set. CloudFormation fails to delete it
        too, but only DeletionPolicy declares that it is to be kept.
        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
        """
        if self.is_terraform:
            return ~self.force_destroy.is_(True)
        return self.meta("DeletionPolicy").is_one_of("Retain", "RetainExceptOnCreate")

    @property
    def removal_setting(self) -> Value[Any]:
        """The setting that decides whether it is deleted with its code."""
        return self.force_destroy if self.is_terraform else self.meta("DeletionPolicy")


class BucketPolicy(View, terraform="aws_s3_bucket_policy", cloudformation="AWS::S3::BucketPolicy"):
    """A bucket policy."""

    bucket = attr(str, terraform="bucket", cloudformation="Bucket")
    policy = attr(dict, terraform="policy", cloudformation="PolicyDocument")


class BucketPublicAccessBlock(View, terraform="aws_s3_bucket_public_access_block", cloudformation=()):
    """The settings that block public access to a bucket."""

    bucket = attr(str, terraform="bucket", cloudformation=None)


class BucketAcl(View, terraform="aws_s3_bucket_acl", cloudformation=()):
    """A canned ACL of a bucket."""

    bucket = attr(str, terraform="bucket", cloudformation=None)
    acl = attr(str, terraform="acl", cloudformation=None)


class BucketVersioning(View, terraform="aws_s3_bucket_versioning", cloudformation=()):
    """The versioning of a bucket."""

    bucket = attr(str, terraform="bucket", cloudformation=None)
    status = attr(str, terraform="versioning_configuration.status", cloudformation=None)
    mfa_delete = attr(str, terraform="versioning_configuration.mfa_delete", cloudformation=None)


class BucketLogging(View, terraform="aws_s3_bucket_logging", cloudformation=()):
    """The server access logging of a bucket."""

    bucket = attr(str, terraform="bucket", cloudformation=None)
    target = attr(str, terraform="target_bucket", cloudformation=None)


class BucketObjectLock(View, terraform="aws_s3_bucket_object_lock_configuration", cloudformation=()):
    """The object lock of a bucket."""

    bucket = attr(str, terraform="bucket", cloudformation=None)
    retentions = blocks(Retention, terraform="rule.default_retention", cloudformation=None)


class BucketLifecycle(View, terraform="aws_s3_bucket_lifecycle_configuration", cloudformation=()):
    """The lifecycle rules of a bucket."""

    bucket = attr(str, terraform="bucket", cloudformation=None)
    rules = blocks(LifecycleRule, terraform="rule", cloudformation=None)
