"""Any account's trail may write to the log bucket.

The bucket of a trail lets CloudTrail write. CloudTrail writes for every customer of AWS: unless the statement
names the trail (aws:SourceArn), the account or the organization that it writes for, anybody can point a trail of
theirs at the bucket and put records of their own making among yours.

Without any policy CloudTrail cannot write at all, and the deployment fails; that is reported too where a trail
here names the bucket. The bucket of an archive is judged as well, which keeps the trails of other accounts.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Step, Truth, aws, rule

SCOPES = ("aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths")


@rule(
    on=aws.monitoring.TrailBucket,
    severity="medium",
    soc2=["PI1.5", "CC6.1"],
    cwe=["441"],
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

            resource "aws_s3_bucket_policy" "trail" {
              bucket = aws_s3_bucket.trail.id
              policy = jsonencode({ Version = "2012-10-17", Statement = [{
                Sid = "Write", Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" },
                Action = "s3:PutObject", Resource = "arn:aws:s3:::trail/AWSLogs/111122223333/*",
                Condition = { StringEquals = { "s3:x-amz-acl" = "bucket-owner-full-control" } }
              }] })
            }
            """,
            cloudformation="""
            Resources:
              Trail:
                Type: AWS::S3::Bucket
                Properties: {BucketName: trail}
              Policy:
                Type: AWS::S3::BucketPolicy
                Properties:
                  Bucket: !Ref Trail
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Sid: Write
                        Effect: Allow
                        Principal: {Service: cloudtrail.amazonaws.com}
                        Action: "s3:PutObject"
                        Resource: arn:aws:s3:::trail/AWSLogs/111122223333/*
                        Condition: {StringEquals: {"s3:x-amz-acl": bucket-owner-full-control}}
            """,
        ),
        Example(
            terraform="""
            resource "aws_s3_bucket" "trail" { bucket = "trail" }
            """,
            cloudformation="""
            Resources:
              Trail: {Type: AWS::S3::Bucket, Properties: {BucketName: trail}}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_s3_bucket" "trail" { bucket = "trail" }

            resource "aws_s3_bucket_policy" "trail" {
              bucket = aws_s3_bucket.trail.id
              policy = jsonencode({ Version = "2012-10-17", Statement = [{
                Sid = "Write", Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" },
                Action = "s3:PutObject", Resource = "arn:aws:s3:::trail/AWSLogs/111122223333/*"
                Condition = {
                  StringEquals = { "aws:SourceArn" = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/audit" }
                }
              }] })
            }
            """,
            cloudformation="""
            Resources:
              Trail:
                Type: AWS::S3::Bucket
                Properties: {BucketName: trail}
              Policy:
                Type: AWS::S3::BucketPolicy
                Properties:
                  Bucket: !Ref Trail
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Sid: Write
                        Effect: Allow
                        Principal: {Service: cloudtrail.amazonaws.com}
                        Action: "s3:PutObject"
                        Resource: arn:aws:s3:::trail/AWSLogs/111122223333/*
                        Condition:
                          StringEquals:
                            "aws:SourceArn": !Sub "arn:aws:cloudtrail:eu-west-1:${AWS::AccountId}:trail/audit"
            """,
        ),
    ],
)
def cloudtrail_bucket_policy_unscoped(keeper: aws.monitoring.TrailBucket) -> Iterator[Finding]:
    kept = tuple(Step(trail.bucket.span, f"{trail.address} is kept there") for trail in keeper.trails.items)
    if ~keeper.bucket.policies.exists() & keeper.trails.exists():
        yield Finding("no policy lets CloudTrail write to the trail's bucket", at=keeper, related=kept)
    for statement in keeper.writers:
        if ~statement.restricts_caller(SCOPES):
            message = f"{statement.name} lets the trails of any account write to the bucket"
            yield Finding(message, at=statement.value, related=kept)
