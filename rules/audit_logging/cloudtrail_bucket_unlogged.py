"""Reads of the trail's bucket are not logged.

Who looked at the audit trail, and who tried to change it, is the first question after a break-in. It is answered by
server access logs of the bucket that keeps the trail, or by a trail that records the bucket's data events.

Access logs that go into the bucket itself make a record of every record, and stand and fall with what they are to
watch; they are a finding too. A bucket that is not declared here is not judged.
"""

from collections.abc import Iterator

from iaclint import Finding, Step, Twin, aws, rule


@rule(
    on=aws.cloudtrail.Trail,
    severity="low",
    soc2=["PI1.5", "CC7.2"],
    equivalents={
        "trivy": ["AVD-AWS-0163"],
        "kics": ["ee9e50e8-b2ed-4176-ad42-8fc0cf7593f4", "c3ce69fd-e3df-49c6-be78-1db3f802261c"],
        "security_hub": ["CloudTrail.7"],
        "config": ["CLOUDTRAIL_S3_BUCKET_ACCESS_LOGGING"],
        "cis": ["5.0/3.4", "7.0/4.4"],
        "prowler": ["cloudtrail_logs_s3_bucket_access_logging_enabled"],
    },
    cwe=["778"],
    bad=[
        Twin(
            tf="""
            resource "aws_cloudtrail" "audit" {
              name           = "audit"
              s3_bucket_name = aws_s3_bucket.trail.id
            }

            resource "aws_s3_bucket" "trail" {
              bucket = "trail"
            }
            """,
            cfn="""
            Resources:
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties:
                  S3BucketName: !Ref Trail
                  IsLogging: true
              Trail:
                Type: AWS::S3::Bucket
                Properties:
                  BucketName: trail
            """,
        ),
        Twin(
            tf="""
            resource "aws_cloudtrail" "audit" {
              name           = "audit"
              s3_bucket_name = aws_s3_bucket.trail.id
            }

            resource "aws_s3_bucket" "trail" {
              bucket = "trail"
            }

            resource "aws_s3_bucket_logging" "trail" {
              bucket        = aws_s3_bucket.trail.id
              target_bucket = aws_s3_bucket.trail.id
              target_prefix = "access/"
            }
            """,
            cfn="""
            Resources:
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties:
                  S3BucketName: !Ref Trail
                  IsLogging: true
              Trail:
                Type: AWS::S3::Bucket
                Properties:
                  BucketName: trail
                  LoggingConfiguration: {LogFilePrefix: access/}
            """,
        ),
    ],
    good=[
        Twin(
            tf="""
            resource "aws_cloudtrail" "audit" {
              name           = "audit"
              s3_bucket_name = aws_s3_bucket.trail.id
            }

            resource "aws_s3_bucket" "trail" {
              bucket = "trail"
            }

            resource "aws_s3_bucket_logging" "trail" {
              bucket        = aws_s3_bucket.trail.id
              target_bucket = "access-logs"
              target_prefix = "trail/"
            }
            """,
            cfn="""
            Resources:
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties:
                  S3BucketName: !Ref Trail
                  IsLogging: true
              Trail:
                Type: AWS::S3::Bucket
                Properties:
                  BucketName: trail
                  LoggingConfiguration: {DestinationBucketName: access-logs}
            """,
        ),
        Twin(
            tf="""
            resource "aws_cloudtrail" "audit" {
              name           = "audit"
              s3_bucket_name = aws_s3_bucket.trail.id

              event_selector {
                data_resource {
                  type   = "AWS::S3::Object"
                  values = ["${aws_s3_bucket.trail.arn}/"]
                }
              }
            }

            resource "aws_s3_bucket" "trail" {
              bucket = "trail"
            }
            """,
            cfn="""
            Resources:
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties:
                  S3BucketName: !Ref Trail
                  IsLogging: true
                  EventSelectors:
                    - DataResources:
                        - {Type: "AWS::S3::Object", Values: [!Sub "${Trail.Arn}/"]}
              Trail:
                Type: AWS::S3::Bucket
                Properties:
                  BucketName: trail
            """,
        ),
    ],
)
def cloudtrail_bucket_unlogged(trail: aws.cloudtrail.Trail) -> Iterator[Finding]:
    for bucket in trail.buckets:
        if aws.cloudtrail.reads_recorded(bucket):
            continue
        keeps = (Step(trail.bucket.span, f"{trail.address} is kept there"),)
        logs = bucket.access_logs
        if not logs.exists():
            yield Finding("reads of the trail's bucket are not logged", at=bucket, related=keeps)
        elif bucket.logs_into_itself:
            at = logs.items[0]
            yield Finding("the access logs of the trail's bucket go into the bucket itself", at=at, related=keeps)
