"""Trail is declared with its logging off.

A trail that does not log is a control on paper only: nobody's actions are recorded, and the pages of a review that
name the trail are wrong.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.cloudtrail.Trail,
    severity="critical",
    soc2=["PI1.5", "CC7.2"],
    equivalents={
        "checkov": ["CKV_AWS_251"],
        "kics": ["4bb76f17-3d63-4529-bdca-2b454529d774", "5c0b06d5-b7a4-484c-aeb0-75a836269ff0"],
        "guard": ["CLOUD_TRAIL_ENABLED"],
        "security_hub": ["CloudTrail.1", "CloudTrail.3"],
        "config": ["CLOUD_TRAIL_ENABLED", "CLOUDTRAIL_SECURITY_TRAIL_ENABLED"],
        "prowler": ["cloudtrail_multi_region_enabled"],
    },
    cwe=["778"],
    bad=[
        Example(
            terraform="""
            resource "aws_cloudtrail" "audit" {
              name           = "audit"
              s3_bucket_name = "audit-logs"
              enable_logging = false
            }
            """,
            cloudformation="""
            Parameters:
              Enabled:
                Type: String
                Default: "false"
            Resources:
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties:
                  S3BucketName: audit-logs
                  IsLogging: !Ref Enabled
            """,
        ),
    ],
    good=[
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
                Properties:
                  S3BucketName: audit-logs
                  IsLogging: true
            """,
        ),
    ],
)
def cloudtrail_logging_stopped(trail: aws.cloudtrail.Trail) -> Iterator[Finding]:
    if ~trail.is_logging:
        yield Finding("the trail does not log", at=trail.logging, fix=trail.logging.set(True, "switch logging on"))
