"""Amazon S3 buckets, with the resources beside them that Terraform splits a bucket into."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from iaclint.aws.model import Attr, Typed, View, attr, beside, blocks
from iaclint.aws.policy import Document
from iaclint.estate import Deployment
from iaclint.value import NO, YES, Population, Tri, Value, tri_any

PUBLIC_ACLS = ("public-read", "public-read-write", "PublicRead", "PublicReadWrite")
"""Canned ACLs that admit everybody; "authenticated-read" admits everybody with any AWS account.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl
"""
ANYBODY_ACLS = (*PUBLIC_ACLS, "authenticated-read", "AuthenticatedRead")


class PublicAccessBlock(View):
    """The four switches that stop public access. One that is not written in a block is off."""

    block_acls = attr(bool, tf="block_public_acls", cfn="BlockPublicAcls", default=False)
    ignore_acls = attr(bool, tf="ignore_public_acls", cfn="IgnorePublicAcls", default=False)
    block_policy = attr(bool, tf="block_public_policy", cfn="BlockPublicPolicy", default=False)
    restrict = attr(bool, tf="restrict_public_buckets", cfn="RestrictPublicBuckets", default=False)

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
    def of(cls, view: View) -> PublicAccessBlock:
        return cls(view.resource, view.deployment, view.body, view.prefix)


class Retention(View):
    """How long objects cannot be deleted by default."""

    mode = attr(str, tf="mode", cfn="Mode")
    days = attr(int, tf="days", cfn="Days")
    years = attr(int, tf="years", cfn="Years")

    def at_least(self, days: int) -> Tri:
        return self.mode.is_set() & (
            self.days.test(lambda n: isinstance(n, (int, float)) and n >= days)
            | self.years.test(lambda n: isinstance(n, (int, float)) and n * 365 >= days)
        )


class LifecycleRule(View):
    status = attr(str, tf="status", cfn="Status", default="Enabled")
    enabled = attr(bool, tf="enabled", cfn=None, default=True)
    days = attr(int, tf="expiration.days", cfn="ExpirationInDays")

    @property
    def expiry(self) -> Attr[int]:
        """After how many days objects are deleted; null for never."""
        return self.days

    @property
    def active(self) -> Tri:
        return self.status.is_("Enabled") & self.enabled.is_(True)


class AccessLog(View):
    """Where the requests to a bucket are recorded."""

    # CloudFormation takes the bucket itself where no other is named
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-s3-bucket-loggingconfiguration.html
    target = attr(str, tf="target_bucket", cfn="DestinationBucketName")

    def goes_into(self, bucket: Bucket) -> Tri:
        """Whether the record is kept in a bucket."""
        if self.target.implicit:
            return Tri.of(self.resource is bucket.resource)
        return bucket.named_by(self.target, bucket.name)


class Bucket(Typed, tf="aws_s3_bucket", cfn="AWS::S3::Bucket"):
    name = attr(str, tf="bucket", cfn="BucketName")
    inline_acl = attr(str, tf="acl", cfn="AccessControl")
    force_destroy = attr(bool, tf="force_destroy", cfn=None, default=False)
    inline_versioning = attr(bool, tf="versioning.enabled", cfn=None)
    inline_versioning_status = attr(str, tf=None, cfn="VersioningConfiguration.Status")
    inline_policy = attr(dict, tf="policy", cfn=None)
    inline_mfa_delete = attr(bool, tf="versioning.mfa_delete", cfn=None, default=False)
    _logs = blocks(AccessLog, tf="logging", cfn="LoggingConfiguration")
    _blocks = blocks(PublicAccessBlock, tf=None, cfn="PublicAccessBlockConfiguration")
    _rules = blocks(LifecycleRule, tf="lifecycle_rule", cfn="LifecycleConfiguration.Rules")
    _retentions = blocks(
        Retention,
        tf="object_lock_configuration.rule.default_retention",
        cfn="ObjectLockConfiguration.Rule.DefaultRetention",
    )

    @property
    def access_blocks(self) -> Population[PublicAccessBlock]:
        return Population(self._blocks) + beside(_AccessBlock, "bucket", self, self.name).map(PublicAccessBlock.of)

    @property
    def acls(self) -> Population[Value[Any]]:
        """The canned ACLs that it is given."""
        own: tuple[Value[Any], ...] = () if self.inline_acl.implicit else (self.inline_acl,)
        return Population(own) + beside(_Acl, "bucket", self, self.name).map(lambda a: a.acl)

    @property
    def policies(self) -> Population[Value[Any]]:
        own: tuple[Value[Any], ...] = () if self.inline_policy.implicit else (self.inline_policy,)
        return Population(own) + beside(BucketPolicy, "bucket", self, self.name).map(lambda p: p.policy)

    @cached_property
    def documents(self) -> Population[Document]:
        return self.policies.map(Document.parse)

    @property
    def versioned(self) -> Tri:
        """Whether old versions are kept. Buckets are not versioned unless told so."""
        return tri_any(
            (
                self.inline_versioning.is_(True),
                self.inline_versioning_status.is_("Enabled"),
                beside(_Versioning, "bucket", self, self.name).any(lambda v: v.status.is_("Enabled")),
            )
        )

    @property
    def can_ask_for_mfa(self) -> Tri:
        """Whether the language has a word for MFA delete; CloudFormation has none.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-s3-bucket-versioningconfiguration.html
        """
        return Tri.of(self.terraform)

    @property
    def mfa_delete(self) -> Tri:
        """Whether deleting a version takes the MFA device of the root user."""
        satellites = beside(_Versioning, "bucket", self, self.name)
        return self.inline_mfa_delete.is_(True) | satellites.any(lambda v: v.mfa_delete.is_("Enabled"))

    @property
    def versioning(self) -> Value[Any]:
        """What switches versioning on."""
        if not self.inline_versioning.implicit:
            return self.inline_versioning
        satellites = beside(_Versioning, "bucket", self, self.name).items
        return satellites[0].status if satellites else self.inline_versioning_status

    @property
    def access_logs(self) -> Population[AccessLog]:
        """Where requests to it are recorded."""
        return Population(self._logs) + beside(_Logging, "bucket", self, self.name).map(
            lambda log: AccessLog(log.resource, log.deployment)
        )

    @property
    def logs_into_itself(self) -> Tri:
        """Whether all records of requests to it are kept in the bucket itself."""
        return self.access_logs.all(lambda log: log.goes_into(self))

    @property
    def keeps_evidence(self) -> Tri:
        """Whether audit trails, AWS Config or access logs are delivered to it, or backups are by its name."""
        backups = self.name.test(lambda name: "backup" in str(name).lower())
        if self.name.unknown and backups.truth is None:
            backups = NO if "backup" not in self.address.lower() else YES
        delivered = tri_any(
            self.named_by(value, self.name) & view.exists for view, value in _deliveries(self.deployment)
        )
        return backups | delivered

    @property
    def retentions(self) -> Population[Retention]:
        beside_it = beside(_ObjectLock, "bucket", self, self.name)
        found = Population(self._retentions)
        for lock in beside_it.items:
            found = found + Population(lock.retentions)
        return Population(found.items, found.gaps + beside_it.gaps)

    @property
    def lifecycle_rules(self) -> Population[LifecycleRule]:
        beside_it = beside(_Lifecycle, "bucket", self, self.name)
        found = Population(self._rules)
        for lifecycle in beside_it.items:
            found = found + Population(lifecycle.rules)
        return Population(found.items, found.gaps + beside_it.gaps)

    def locked_for(self, days: int) -> Tri:
        """Whether object lock keeps every object for so many days."""
        return self.retentions.any(lambda r: r.at_least(days))

    @property
    def kept(self) -> Tri:
        """Whether the bucket, with what is in it, outlives its removal from the code.

        Terraform refuses to delete a bucket that holds objects unless force_destroy is set; CloudFormation too fails
        to delete it, but DeletionPolicy is what says that it shall be kept.
        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
        """
        if self.terraform:
            return ~self.force_destroy.is_(True)
        return self.meta("DeletionPolicy").one_of("Retain", "RetainExceptOnCreate")

    @property
    def removal(self) -> Value[Any]:
        """What says whether it is deleted with its code."""
        return self.force_destroy if self.terraform else self.meta("DeletionPolicy")


class BucketPolicy(Typed, tf="aws_s3_bucket_policy", cfn="AWS::S3::BucketPolicy"):
    bucket = attr(str, tf="bucket", cfn="Bucket")
    policy = attr(dict, tf="policy", cfn="PolicyDocument")


class _AccessBlock(Typed, tf="aws_s3_bucket_public_access_block", cfn=()):
    bucket = attr(str, tf="bucket", cfn=None)


class _Acl(Typed, tf="aws_s3_bucket_acl", cfn=()):
    bucket = attr(str, tf="bucket", cfn=None)
    acl = attr(str, tf="acl", cfn=None)


class _Versioning(Typed, tf="aws_s3_bucket_versioning", cfn=()):
    bucket = attr(str, tf="bucket", cfn=None)
    status = attr(str, tf="versioning_configuration.status", cfn=None)
    mfa_delete = attr(str, tf="versioning_configuration.mfa_delete", cfn=None)


class _Logging(Typed, tf="aws_s3_bucket_logging", cfn=()):
    bucket = attr(str, tf="bucket", cfn=None)
    target = attr(str, tf="target_bucket", cfn=None)


class _Delivery(
    Typed,
    tf=("aws_cloudtrail", "aws_config_delivery_channel", "aws_s3_bucket_logging"),
    cfn=("AWS::CloudTrail::Trail", "AWS::Config::DeliveryChannel"),
):
    """What delivers records to a bucket."""

    bucket = attr(str, tf=("s3_bucket_name", "target_bucket"), cfn="S3BucketName")


def _deliveries(deployment: Deployment) -> tuple[tuple[Typed, Value[Any]], ...]:
    """Everything that delivers records to a bucket, each with the value that names the bucket."""
    key = "s3 deliveries"
    if key not in deployment.memo:
        named: list[tuple[Typed, Value[Any]]] = [(d, d.bucket) for d in _Delivery.select(deployment)]
        named += [(b, log.target) for b in Bucket.select(deployment) for log in b._logs if not log.target.implicit]
        deployment.memo[key] = tuple(named)
    found: tuple[tuple[Typed, Value[Any]], ...] = deployment.memo[key]
    return found


class _ObjectLock(Typed, tf="aws_s3_bucket_object_lock_configuration", cfn=()):
    bucket = attr(str, tf="bucket", cfn=None)
    retentions = blocks(Retention, tf="rule.default_retention", cfn=None)


class _Lifecycle(Typed, tf="aws_s3_bucket_lifecycle_configuration", cfn=()):
    bucket = attr(str, tf="bucket", cfn=None)
    rules = blocks(LifecycleRule, tf="rule", cfn=None)
