"""Versioned audit or backup bucket can be emptied without MFA.

Versioning keeps what is overwritten, but whoever may delete versions still empties the bucket. With MFA delete
that takes the device of the root user as well, so that stolen access keys are not enough to remove the evidence.

Judged are versioned buckets that trails, AWS Config or access logs are delivered to, and those whose name says
that they hold backups. Object Lock in compliance mode counts as much. Only the root user can switch MFA delete on,
and CloudFormation has no property for it, so the rule is off by default and leaves CloudFormation alone.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.s3.Bucket,
    severity="low",
    soc2=["CC6.6", "PI1.5", "A1.2"],
    enabled=False,
    cwe=["308"],
    applies=lambda bucket: bucket.can_require_mfa_delete & aws.monitoring.keeps_evidence(bucket) & bucket.versioned,
    bad=[
        Example(
            terraform="""
            resource "aws_s3_bucket" "trail" { bucket = "trail" }

            resource "aws_s3_bucket_versioning" "trail" {
              bucket = aws_s3_bucket.trail.id
              versioning_configuration { status = "Enabled" }
            }

            resource "aws_cloudtrail" "audit" { s3_bucket_name = aws_s3_bucket.trail.id }
            """,
            only="CloudFormation has no property for MFA delete",
        ),
        Example(
            terraform="""
            resource "aws_s3_bucket" "backups" {
              bucket = "acme-backups"
              versioning {
                enabled    = true
                mfa_delete = false
              }
            }
            """,
            only="CloudFormation has no property for MFA delete",
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_s3_bucket" "trail" { bucket = "trail" }

            resource "aws_s3_bucket_versioning" "trail" {
              bucket = aws_s3_bucket.trail.id
              mfa    = "arn:aws:iam::111122223333:mfa/root 123456"
              versioning_configuration {
                status     = "Enabled"
                mfa_delete = "Enabled"
              }
            }

            resource "aws_cloudtrail" "audit" { s3_bucket_name = aws_s3_bucket.trail.id }
            """,
            cloudformation="""
            Resources:
              Trail:
                Type: AWS::S3::Bucket
                Properties: {BucketName: trail, VersioningConfiguration: {Status: Enabled}}
              Audit: {Type: AWS::CloudTrail::Trail, Properties: {S3BucketName: !Ref Trail, IsLogging: true}}
            """,
        ),
        Example(
            terraform="""
            resource "aws_s3_bucket" "backups" { bucket = "acme-backups" }

            resource "aws_s3_bucket_versioning" "backups" {
              bucket = aws_s3_bucket.backups.id
              versioning_configuration { status = "Enabled" }
            }

            resource "aws_s3_bucket_object_lock_configuration" "backups" {
              bucket = aws_s3_bucket.backups.id
              rule {
                default_retention {
                  mode = "COMPLIANCE"
                  days = 90
                }
              }
            }

            resource "aws_s3_bucket" "assets" {
              bucket = "assets"
              versioning { enabled = true }
            }
            """,
            only="CloudFormation has no property for MFA delete",
        ),
    ],
)
def s3_mfa_delete_disabled(bucket: aws.s3.Bucket) -> Iterator[Finding]:
    if bucket.mfa_delete | bucket.retentions.any(lambda retention: retention.mode.is_("COMPLIANCE")):
        return
    yield Finding("versions can be deleted without MFA", at=bucket.versioning)
