"""Trail's records are not encrypted with a customer key.

Under a key of one's own, reading the audit trail takes a permission on the key besides one on the bucket, and each
use of the key is itself recorded. With the keys that S3 manages, whoever can read the bucket can read everything.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.cloudtrail.EventRecorder,
    severity="medium",
    soc2=["CC6.1", "C1.1", "PI1.5"],
    cwe=["311"],
    bad=[
        Example(
            terraform="""
            resource "aws_cloudtrail" "audit" {
              name           = "audit"
              s3_bucket_name = "audit-logs"
            }
            """,
            cloudformation="""
            Resources:
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties: {S3BucketName: audit-logs, IsLogging: true}
            """,
        ),
        Example(
            terraform="""
            resource "aws_cloudtrail_event_data_store" "lake" { name = "lake" }
            """,
            cloudformation="""
            Resources:
              Lake: {Type: AWS::CloudTrail::EventDataStore, Properties: {Name: lake}}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_kms_key" "audit" { enable_key_rotation = true }

            resource "aws_cloudtrail" "audit" {
              name           = "audit"
              s3_bucket_name = "audit-logs"
              kms_key_id     = aws_kms_key.audit.arn
            }
            """,
            cloudformation="""
            Resources:
              Key: {Type: AWS::KMS::Key, Properties: {EnableKeyRotation: true}}
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties: {S3BucketName: audit-logs, IsLogging: true, KMSKeyId: !GetAtt Key.Arn}
            """,
        ),
    ],
)
def cloudtrail_not_cmk_encrypted(recorder: aws.cloudtrail.EventRecorder) -> Iterator[Finding]:
    key = recorder.kms_key
    if ~key.is_set():
        yield Finding("no customer key encrypts the records", at=key)
    elif key.known and isinstance(key.data, str) and ("alias/aws/" in key.data):
        yield Finding(f"{key.data} is an AWS-managed key, which CloudTrail does not accept", at=key)
