"""Any account's trail may write to the log bucket.

The bucket of a trail lets CloudTrail write. CloudTrail writes for every customer of AWS: unless the statement names
the trail (aws:SourceArn), the account or the organization that it writes for, anybody can point a trail of theirs at
the bucket and put records of their own making among yours.

Without any policy CloudTrail cannot write at all, and the deployment fails; that is reported too where the bucket is
declared here.
"""

from collections.abc import Iterator

from iaclint import Finding, Step, Twin, aws, rule

SCOPES = ("aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths")


@rule(
    on=aws.cloudtrail.Trail,
    severity="medium",
    soc2=["PI1.5", "CC6.1"],
    equivalents={},
    cwe=["441"],
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

            resource "aws_s3_bucket_policy" "trail" {
              bucket = aws_s3_bucket.trail.id
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Sid       = "Write"
                  Effect    = "Allow"
                  Principal = { Service = "cloudtrail.amazonaws.com" }
                  Action    = "s3:PutObject"
                  Resource  = "arn:aws:s3:::trail/AWSLogs/111122223333/*"
                  Condition = { StringEquals = { "s3:x-amz-acl" = "bucket-owner-full-control" } }
                }]
              })
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

            resource "aws_s3_bucket_policy" "trail" {
              bucket = aws_s3_bucket.trail.id
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Sid       = "Write"
                  Effect    = "Allow"
                  Principal = { Service = "cloudtrail.amazonaws.com" }
                  Action    = "s3:PutObject"
                  Resource  = "arn:aws:s3:::trail/AWSLogs/111122223333/*"
                  Condition = {
                    StringEquals = { "aws:SourceArn" = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/audit" }
                  }
                }]
              })
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
def cloudtrail_bucket_policy_unscoped(trail: aws.cloudtrail.Trail) -> Iterator[Finding]:
    for bucket in trail.buckets:
        keeps = (Step(trail.bucket.span, f"{trail.address} is kept there"),)
        if ~bucket.policies.exists():
            yield Finding("no policy lets CloudTrail write to the trail's bucket", at=bucket, related=keeps)
        for document in bucket.documents:
            for statement in aws.cloudtrail.lets_trails_write(document):
                if ~statement.tied(SCOPES):
                    message = f"{statement.name} lets the trails of any account write to the bucket"
                    yield Finding(message, at=statement.value, related=keeps)
