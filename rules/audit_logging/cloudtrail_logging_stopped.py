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
                Properties: {S3BucketName: audit-logs, IsLogging: !Ref Enabled}
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
                Properties: {S3BucketName: audit-logs, IsLogging: true}
            """,
        ),
    ],
)
def cloudtrail_logging_stopped(trail: aws.cloudtrail.Trail) -> Iterator[Finding]:
    if ~trail.is_logging:
        yield Finding("the trail does not log", at=trail.logging, fix=trail.logging.set(True, "switch logging on"))
