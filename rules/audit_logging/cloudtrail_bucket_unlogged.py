"""Reads of the trail's bucket are not logged.

Who looked at the audit trail, and who tried to change it, is the first question after a break-in. It is answered by
server access logs of the bucket that keeps the trail, or by a trail that records the bucket's data events.

Access logs that go into the bucket itself make a record of every record, and stand and fall with what they are to
watch; they are a finding too.

Judged is each bucket that a trail here names, or whose policy speaks to CloudTrail, as that of an archive does for the
trails of other accounts.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Step, Truth, aws, rule


@rule(
    on=aws.monitoring.TrailBucket,
    severity="low",
    soc2=["PI1.5", "CC7.2"],
    cwe=["778"],
    applies=lambda bucket: Truth.of(bucket.keeps_trails.possible),
    scenery=Example(
        terraform="""
        resource "aws_cloudtrail" "audit" {
          name           = "audit"
          s3_bucket_name = aws_s3_bucket.trail.id
        }
        """,
        cloudformation="""
        Resources:
          Audit: {Type: AWS::CloudTrail::Trail, Properties: {S3BucketName: !Ref Trail, IsLogging: true}}
        """,
    ),
    bad=[
        Example(
            terraform="""
            resource "aws_s3_bucket" "trail" { bucket = "trail" }
            """,
            cloudformation="""
            Resources:
              Trail:
                Type: AWS::S3::Bucket
                Properties: {BucketName: trail}
            """,
        ),
        Example(
            terraform="""
            resource "aws_s3_bucket" "trail" { bucket = "trail" }

            resource "aws_s3_bucket_logging" "trail" {
              bucket        = aws_s3_bucket.trail.id
              target_bucket = aws_s3_bucket.trail.id
              target_prefix = "access/"
            }
            """,
            cloudformation="""
            Resources:
              Trail:
                Type: AWS::S3::Bucket
                Properties: {BucketName: trail, LoggingConfiguration: {LogFilePrefix: access/}}
            """,
        ),
        Example(
            terraform="""
            resource "aws_s3_bucket" "archive" { bucket = "archive" }

            resource "aws_s3_bucket_policy" "archive" {
              bucket = aws_s3_bucket.archive.id
              policy = jsonencode({ Version = "2012-10-17", Statement = [{
                Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Action = "s3:PutObject",
                Resource = "arn:aws:s3:::archive/AWSLogs/*",
                Condition = { StringEquals = { "aws:SourceOrgID" = "o-1234567890" } }
              }] })
            }
            """,
            cloudformation="""
            Resources:
              Archive: {Type: AWS::S3::Bucket, Properties: {BucketName: archive}}
              Policy:
                Type: AWS::S3::BucketPolicy
                Properties:
                  Bucket: !Ref Archive
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {Service: cloudtrail.amazonaws.com}
                        Action: "s3:PutObject"
                        Resource: arn:aws:s3:::archive/AWSLogs/*
                        Condition: {StringEquals: {"aws:SourceOrgID": o-1234567890}}
            """,
            alone=True,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_s3_bucket" "trail" { bucket = "trail" }

            resource "aws_s3_bucket_logging" "trail" {
              bucket        = aws_s3_bucket.trail.id
              target_bucket = "access-logs"
              target_prefix = "trail/"
            }
            """,
            cloudformation="""
            Resources:
              Trail:
                Type: AWS::S3::Bucket
                Properties: {BucketName: trail, LoggingConfiguration: {DestinationBucketName: access-logs}}
            """,
        ),
        Example(
            terraform="""
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

            resource "aws_s3_bucket" "trail" { bucket = "trail" }
            """,
            cloudformation="""
            Resources:
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties:
                  S3BucketName: !Ref Trail
                  IsLogging: true
                  EventSelectors: [{DataResources: [{Type: "AWS::S3::Object", Values: [!Sub "${Trail.Arn}/"]}]}]
              Trail: {Type: AWS::S3::Bucket, Properties: {BucketName: trail}}
            """,
            alone=True,
        ),
    ],
)
def cloudtrail_bucket_unlogged(keeper: aws.monitoring.TrailBucket) -> Iterator[Finding]:
    logs = keeper.bucket.access_logs
    into_itself = logs.exists() & keeper.bucket.logs_into_itself
    if keeper.reads_recorded | (logs.exists() & ~into_itself):
        return
    if keeper.keeps_trails:
        kept = tuple(Step(trail.bucket.span, f"{trail.address} is kept there") for trail in keeper.trails.items)
        if into_itself:
            yield Finding(
                "the access logs of the trail's bucket go into the bucket itself", at=logs.items[0], related=kept
            )
        else:
            yield Finding("reads of the trail's bucket are not logged", at=keeper, related=kept)
