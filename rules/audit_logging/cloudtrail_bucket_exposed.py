"""The bucket that keeps the trail is public.

The trail lists every call, every principal and every resource name of the account: a map for an attacker, and
personal data besides. The bucket must admit nobody but those who audit.

Public are a canned ACL for everybody, a policy statement for Principal "*" that no condition ties to known
callers, and a public access block with one of its four switches off. A bucket without such a block has all four
on, since S3 turns them on for new buckets.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Step, aws, rule


@rule(
    on=aws.cloudtrail.Trail,
    severity="critical",
    soc2=["PI1.5", "CC6.1", "C1.1"],
    cwe=["732"],
    scenery=Example(
        terraform="""
        resource "aws_s3_bucket" "logs" { bucket = "audit-logs" }

        resource "aws_cloudtrail" "audit" {
          name           = "audit"
          s3_bucket_name = aws_s3_bucket.logs.id
        }
        """,
    ),
    bad=[
        Example(
            terraform="""
            resource "aws_s3_bucket_public_access_block" "logs" {
              bucket                  = aws_s3_bucket.logs.id
              block_public_acls       = true
              ignore_public_acls      = true
              block_public_policy     = true
              restrict_public_buckets = false
            }
            """,
            cloudformation="""
            Resources:
              Logs:
                Type: AWS::S3::Bucket
                Properties:
                  PublicAccessBlockConfiguration:
                    BlockPublicAcls: true
                    IgnorePublicAcls: true
                    BlockPublicPolicy: true
                    RestrictPublicBuckets: false
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties: {S3BucketName: !Ref Logs, IsLogging: true}
            """,
        ),
        Example(
            terraform="""
            resource "aws_s3_bucket_policy" "logs" {
              bucket = aws_s3_bucket.logs.bucket
              policy = jsonencode({ Version = "2012-10-17", Statement = [{
                Sid = "Read", Effect = "Allow", Principal = "*", Action = "s3:GetObject",
                Resource = "arn:aws:s3:::audit-logs/*"
              }] })
            }
            """,
            cloudformation="""
            Resources:
              Logs: {Type: AWS::S3::Bucket}
              Policy:
                Type: AWS::S3::BucketPolicy
                Properties:
                  Bucket: !Ref Logs
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Sid: Read
                        Effect: Allow
                        Principal: "*"
                        Action: "s3:GetObject"
                        Resource: arn:aws:s3:::audit-logs/*
              Audit: {Type: AWS::CloudTrail::Trail, Properties: {S3BucketName: !Ref Logs, IsLogging: true}}
            """,
        ),
        Example(
            terraform="""
            resource "aws_s3_bucket" "logs" { bucket = "audit-logs" }

            resource "aws_s3_bucket_acl" "logs" {
              bucket = aws_s3_bucket.logs.id
              acl    = "public-read"
            }

            resource "aws_cloudtrail" "audit" {
              name           = "audit"
              s3_bucket_name = "audit-logs"
            }
            """,
            only="an ACL is spelt differently in CloudFormation",
            alone=True,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_s3_bucket_policy" "logs" {
              bucket = aws_s3_bucket.logs.bucket
              policy = jsonencode({ Version = "2012-10-17", Statement = [{
                Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Action = "s3:PutObject",
                Resource = "arn:aws:s3:::audit-logs/*"
              }] })
            }
            """,
            cloudformation="""
            Resources:
              Logs: {Type: AWS::S3::Bucket, Properties: {AccessControl: LogDeliveryWrite}}
              Policy:
                Type: AWS::S3::BucketPolicy
                Properties:
                  Bucket: !Ref Logs
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Effect: Allow
                        Principal: {Service: cloudtrail.amazonaws.com}
                        Action: "s3:PutObject"
                        Resource: arn:aws:s3:::audit-logs/*
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties: {S3BucketName: !Ref Logs, IsLogging: true}
            """,
        ),
    ],
)
def cloudtrail_bucket_exposed(trail: aws.cloudtrail.Trail) -> Iterator[Finding]:
    for bucket in trail.buckets:
        keeps = (Step(trail.bucket.span, f"{trail.address} is kept there"),)
        for acl in bucket.acls:
            if acl.is_one_of(*aws.s3.ANYBODY_ACLS):
                yield Finding(f"the trail's bucket is open through its ACL {acl.data}", at=acl, related=keeps)
        for document in bucket.documents:
            for statement in document.public_statements():
                message = f"the trail's bucket is open: {statement.name} admits everybody"
                yield Finding(message, at=statement.value, related=keeps)
        for block in bucket.access_blocks:
            for does, switch in block.switches:
                if ~switch.is_(True):
                    yield Finding(
                        f"the public access block of the trail's bucket has a switch off: {does}",
                        at=switch,
                        fix=switch.set(True),
                        related=keeps,
                    )
