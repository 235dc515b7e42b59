"""Trail records can be deleted, or expire too soon.

A record that can be removed proves nothing, and a review of a year needs the records of a year. The trail's bucket
should keep old versions, should not be deleted with the code, and neither it nor the trail's log group should let
records expire early. Object lock for long enough does all of this for the bucket.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Step, aws, rule


@rule(
    on=aws.cloudtrail.Trail,
    severity="medium",
    soc2=["PI1.5", "CC7.3", "C1.2"],
    cwe=["404"],
    scenery=Example(
        terraform="""
        resource "aws_cloudtrail" "audit" {
          name           = "audit"
          s3_bucket_name = aws_s3_bucket.logs.id
        }
        """,
    ),
    bad=[
        Example(
            terraform="""
            resource "aws_s3_bucket" "logs" {
              bucket        = "audit-logs"
              force_destroy = true
            }
            """,
            cloudformation="""
            Resources:
              Logs: {Type: AWS::S3::Bucket}
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties: {S3BucketName: !Ref Logs, IsLogging: true}
            """,
        ),
        Example(
            terraform="""
            resource "aws_s3_bucket" "logs" { bucket = "audit-logs" }

            resource "aws_s3_bucket_versioning" "logs" {
              bucket = aws_s3_bucket.logs.id
              versioning_configuration { status = "Enabled" }
            }

            resource "aws_s3_bucket_lifecycle_configuration" "logs" {
              bucket = aws_s3_bucket.logs.id
              rule {
                id     = "expire"
                status = "Enabled"
                expiration { days = 90 }
              }
            }
            """,
            cloudformation="""
            Resources:
              Logs:
                Type: AWS::S3::Bucket
                DeletionPolicy: Retain
                Properties:
                  VersioningConfiguration: {Status: Enabled}
                  LifecycleConfiguration: {Rules: [{Id: expire, Status: Enabled, ExpirationInDays: 90}]}
              Audit: {Type: AWS::CloudTrail::Trail, Properties: {S3BucketName: !Ref Logs, IsLogging: true}}
            """,
        ),
        Example(
            terraform="""
            resource "aws_cloudwatch_log_group" "audit" {
              name              = "audit"
              retention_in_days = 30
            }

            resource "aws_cloudtrail" "audit" {
              name                       = "audit"
              s3_bucket_name             = "audit-logs"
              cloud_watch_logs_group_arn = "${aws_cloudwatch_log_group.audit.arn}:*"
              cloud_watch_logs_role_arn  = "arn:aws:iam::111122223333:role/trail-to-logs"
            }
            """,
            cloudformation="""
            Resources:
              Group: {Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: 30}}
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties: {S3BucketName: audit-logs, IsLogging: true, CloudWatchLogsLogGroupArn: !GetAtt Group.Arn,
                             CloudWatchLogsRoleArn: arn:aws:iam::111122223333:role/trail-to-logs}
            """,
            alone=True,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_s3_bucket" "logs" { bucket = "audit-logs" }

            resource "aws_s3_bucket_versioning" "logs" {
              bucket = aws_s3_bucket.logs.id
              versioning_configuration { status = "Enabled" }
            }
            """,
            cloudformation="""
            Resources:
              Logs:
                Type: AWS::S3::Bucket
                DeletionPolicy: Retain
                Properties: {VersioningConfiguration: {Status: Enabled}}
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties: {S3BucketName: !Ref Logs, IsLogging: true}
            """,
        ),
        Example(
            terraform="""
            resource "aws_s3_bucket" "logs" {
              bucket              = "audit-logs"
              object_lock_enabled = true
            }

            resource "aws_s3_bucket_object_lock_configuration" "logs" {
              bucket = aws_s3_bucket.logs.id
              rule {
                default_retention {
                  mode  = "COMPLIANCE"
                  years = 1
                }
              }
            }
            """,
            cloudformation="""
            Resources:
              Logs:
                Type: AWS::S3::Bucket
                DeletionPolicy: Retain
                Properties:
                  ObjectLockEnabled: true
                  ObjectLockConfiguration:
                    ObjectLockEnabled: Enabled
                    Rule: {DefaultRetention: {Mode: COMPLIANCE, Years: 1}}
              Audit: {Type: AWS::CloudTrail::Trail, Properties: {S3BucketName: !Ref Logs, IsLogging: true}}
            """,
        ),
    ],
)
def cloudtrail_bucket_erasable(trail: aws.cloudtrail.Trail, *, min_days: int = 365) -> Iterator[Finding]:
    for bucket in trail.buckets:
        yield from _erasable(bucket, min_days, (Step(trail.bucket.span, f"{trail.address} is kept there"),))
    for group in trail.log_groups:
        if group.retention.test(lambda days: isinstance(days, (int, float)) and 0 < days < min_days):
            yield Finding(
                f"the trail's log group keeps events for {group.retention.data} days, fewer than {min_days}",
                at=group.retention,
                related=(Step(trail.log_group.span, f"{trail.address} sends its events there"),),
            )


def _erasable(bucket: aws.s3.Bucket, min_days: int, related: tuple[Step, ...]) -> Iterator[Finding]:
    """Yield the ways in which logs can be lost from a bucket that a trail writes to."""
    locked = bucket.locked_for(min_days)
    if ~bucket.survives_removal:
        yield Finding("the trail's bucket is deleted with its code", at=bucket.removal_setting, related=related)
    if ~locked & ~bucket.versioned:
        yield Finding("the trail's bucket keeps no old versions", at=bucket, related=related)
    if ~locked:
        for lifecycle in bucket.lifecycle_rules:
            short = lifecycle.expiry.test(lambda days: isinstance(days, (int, float)) and days < min_days)
            if lifecycle.active & short:
                message = f"the trail's records are deleted after {lifecycle.expiry.data} days, fewer than {min_days}"
                yield Finding(message, at=lifecycle.expiry, related=related)
