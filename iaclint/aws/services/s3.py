"""Amazon S3 buckets, with the resources beside them that Terraform splits a bucket into."""

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
"""Canned ACLs that admit everybody; "authenticated-read" admits everybody with any AWS account.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl
"""
ANYBODY_ACLS = (*PUBLIC_ACLS, "authenticated-read", "AuthenticatedRead")


class PublicAccessBlock(Block):
    """The four switches that stop public access. One that is not written in a block is off."""

    block_acls = attr(bool, terraform="block_public_acls", cloudformation="BlockPublicAcls", default=False)
    ignore_acls = attr(bool, terraform="ignore_public_acls", cloudformation="IgnorePublicAcls", default=False)
    block_policy = attr(bool, terraform="block_public_policy", cloudformation="BlockPublicPolicy", default=False)
    restrict = attr(bool, terraform="restrict_public_buckets", cloudformation="RestrictPublicBuckets", default=False)

    @property
    def switches(self) -> tuple[tuple[str, Attr[bool]], ...]:
        """Each switch with what it does."""
        return (
            ("refusing new public ACLs", self.block_acls),
            ("ignoring public ACLs", self.ignore_acls),
            ("refusing public policies", self.block_policy),
            ("restricting public buckets", self.restrict),
        )

    @classmethod
    def of(cls, view: Block) -> PublicAccessBlock:
        return cls(view.resource, view.deployment, view.body, view.prefix)


class Retention(Block):
    """How long objects cannot be deleted by default."""

    mode = attr(str, terraform="mode", cloudformation="Mode")
    days = attr(int, terraform="days", cloudformation="Days")
    years = attr(int, terraform="years", cloudformation="Years")

    def at_least(self, days: int) -> Truth:
        return self.mode.is_set() & (
            self.days.test(lambda n: isinstance(n, (int, float)) and n >= days)
            | self.years.test(lambda n: isinstance(n, (int, float)) and n * 365 >= days)
        )


class LifecycleRule(Block):
    status = attr(str, terraform="status", cloudformation="Status", default="Enabled")
    enabled = attr(bool, terraform="enabled", cloudformation=None, default=True)
    days = attr(int, terraform="expiration.days", cloudformation="ExpirationInDays")

    @property
    def expiry(self) -> Attr[int]:
        """After how many days objects are deleted; null for never."""
        return self.days

    @property
    def active(self) -> Truth:
        return self.status.is_("Enabled") & self.enabled.is_(True)


class AccessLog(Block):
    """Where the requests to a bucket are recorded."""

    # CloudFormation takes the bucket itself where no other is named
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-s3-bucket-loggingconfiguration.html
    target = attr(str, terraform="target_bucket", cloudformation="DestinationBucketName")

    def goes_into(self, bucket: Bucket) -> Truth:
        """Whether the record is kept in a bucket."""
        if self.target.implicit:
            return Truth.of(self.resource is bucket.resource)
        return bucket.is_identified_by(self.target, bucket.name)


class Bucket(View, terraform="aws_s3_bucket", cloudformation="AWS::S3::Bucket"):
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
        return Partial(self._blocks) + attached_to(BucketPublicAccessBlock, "bucket", self, self.name).map(
            PublicAccessBlock.of
        )

    @property
    def acls(self) -> Partial[Value[Any]]:
        """The canned ACLs that it is given."""
        own: tuple[Value[Any], ...] = () if self.inline_acl.implicit else (self.inline_acl,)
        return Partial(own) + attached_to(BucketAcl, "bucket", self, self.name).map(lambda a: a.acl)

    @property
    def policies(self) -> Partial[Value[Any]]:
        own: tuple[Value[Any], ...] = () if self.inline_policy.implicit else (self.inline_policy,)
        return Partial(own) + attached_to(BucketPolicy, "bucket", self, self.name).map(lambda p: p.policy)

    @cached_property
    def documents(self) -> Partial[Document]:
        return self.policies.map(Document.parse)

    @property
    def versioned(self) -> Truth:
        """Whether old versions are kept. Buckets are not versioned unless told so."""
        return any_of(
            (
                self.inline_versioning.is_(True),
                self.inline_versioning_status.is_("Enabled"),
                attached_to(BucketVersioning, "bucket", self, self.name).any(lambda v: v.status.is_("Enabled")),
            )
        )

    @property
    def can_ask_for_mfa(self) -> Truth:
        """Whether the language has a word for MFA delete; CloudFormation has none.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-s3-bucket-versioningconfiguration.html
        """
        return Truth.of(self.is_terraform)

    @property
    def mfa_delete(self) -> Truth:
        """Whether deleting a version takes the MFA device of the root user."""
        satellites = attached_to(BucketVersioning, "bucket", self, self.name)
        return self.inline_mfa_delete.is_(True) | satellites.any(lambda v: v.mfa_delete.is_("Enabled"))

    @property
    def versioning(self) -> Value[Any]:
        """What switches versioning on."""
        if not self.inline_versioning.implicit:
            return self.inline_versioning
        satellites = attached_to(BucketVersioning, "bucket", self, self.name).items
        return satellites[0].status if satellites else self.inline_versioning_status

    @property
    def access_logs(self) -> Partial[AccessLog]:
        """Where requests to it are recorded."""
        return Partial(self.inline_logs) + attached_to(BucketLogging, "bucket", self, self.name).map(
            lambda log: AccessLog(log.resource, log.deployment)
        )

    @property
    def logs_into_itself(self) -> Truth:
        """Whether all records of requests to it are kept in the bucket itself."""
        return self.access_logs.all(lambda log: log.goes_into(self))

    @property
    def retentions(self) -> Partial[Retention]:
        attached = attached_to(BucketObjectLock, "bucket", self, self.name)
        found = Partial(self._retentions)
        for lock in attached.items:
            found = found + Partial(lock.retentions)
        return Partial(found.items, found.gaps + attached.gaps)

    @property
    def lifecycle_rules(self) -> Partial[LifecycleRule]:
        attached = attached_to(BucketLifecycle, "bucket", self, self.name)
        found = Partial(self._rules)
        for lifecycle in attached.items:
            found = found + Partial(lifecycle.rules)
        return Partial(found.items, found.gaps + attached.gaps)

    def locked_for(self, days: int) -> Truth:
        """Whether object lock keeps every object for so many days."""
        return self.retentions.any(lambda r: r.at_least(days))

    @property
    def kept(self) -> Truth:
        """Whether the bucket, with what is in it, outlives its removal from the code.

        Terraform refuses to delete a bucket that holds objects unless force_destroy is set; CloudFormation too fails
        to delete it, but DeletionPolicy is what says that it shall be kept.
        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
        """
        if self.is_terraform:
            return ~self.force_destroy.is_(True)
        return self.meta("DeletionPolicy").is_one_of("Retain", "RetainExceptOnCreate")

    @property
    def removal(self) -> Value[Any]:
        """What says whether it is deleted with its code."""
        return self.force_destroy if self.is_terraform else self.meta("DeletionPolicy")


class BucketPolicy(View, terraform="aws_s3_bucket_policy", cloudformation="AWS::S3::BucketPolicy"):
    bucket = attr(str, terraform="bucket", cloudformation="Bucket")
    policy = attr(dict, terraform="policy", cloudformation="PolicyDocument")


class BucketPublicAccessBlock(View, terraform="aws_s3_bucket_public_access_block", cloudformation=()):
    bucket = attr(str, terraform="bucket", cloudformation=None)


class BucketAcl(View, terraform="aws_s3_bucket_acl", cloudformation=()):
    bucket = attr(str, terraform="bucket", cloudformation=None)
    acl = attr(str, terraform="acl", cloudformation=None)


class BucketVersioning(View, terraform="aws_s3_bucket_versioning", cloudformation=()):
    bucket = attr(str, terraform="bucket", cloudformation=None)
    status = attr(str, terraform="versioning_configuration.status", cloudformation=None)
    mfa_delete = attr(str, terraform="versioning_configuration.mfa_delete", cloudformation=None)


class BucketLogging(View, terraform="aws_s3_bucket_logging", cloudformation=()):
    bucket = attr(str, terraform="bucket", cloudformation=None)
    target = attr(str, terraform="target_bucket", cloudformation=None)


class BucketObjectLock(View, terraform="aws_s3_bucket_object_lock_configuration", cloudformation=()):
    bucket = attr(str, terraform="bucket", cloudformation=None)
    retentions = blocks(Retention, terraform="rule.default_retention", cloudformation=None)


class BucketLifecycle(View, terraform="aws_s3_bucket_lifecycle_configuration", cloudformation=()):
    bucket = attr(str, terraform="bucket", cloudformation=None)
    rules = blocks(LifecycleRule, terraform="rule", cloudformation=None)
