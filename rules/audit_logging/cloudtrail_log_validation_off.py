"""Trail's log files cannot be checked for changes.

With log file validation CloudTrail signs a digest of every file it delivers. Without, nobody can show that a record
was not changed or removed after the fact, which is what an auditor asks of it.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.cloudtrail.Trail,
    severity="medium",
    soc2=["PI1.5", "CC7.3", "CC6.1"],
    cwe=["353"],
    bad=[
        Example(
            terraform="""
            resource "aws_cloudtrail" "audit" {
              name                  = "audit"
              s3_bucket_name        = "audit-logs"
              is_multi_region_trail = true
            }
            """,
            cloudformation="""
            Resources:
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties:
                  S3BucketName: audit-logs
                  IsLogging: true
                  EnableLogFileValidation: false
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_cloudtrail" "audit" {
              name                       = "audit"
              s3_bucket_name             = "audit-logs"
              enable_log_file_validation = true
            }
            """,
            cloudformation="""
            Resources:
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties: {S3BucketName: audit-logs, IsLogging: true, EnableLogFileValidation: true}
            """,
        ),
    ],
)
def cloudtrail_log_validation_off(trail: aws.cloudtrail.Trail) -> Iterator[Finding]:
    if ~trail.validation.is_(True):
        yield Finding(
            "log file validation is off",
            at=trail.validation,
            fix=trail.validation.set(True, "turn log file validation on"),
        )
