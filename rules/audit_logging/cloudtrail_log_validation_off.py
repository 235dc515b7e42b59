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
    equivalents={
        "checkov": ["CKV_AWS_36"],
        "trivy": ["AVD-AWS-0016"],
        "kics": ["52ffcfa6-6c70-4ea6-8376-d828d3961669", "2a3560fe-52ca-4443-b34f-bf0ed5eb74c8"],
        "guard": ["CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED"],
        "security_hub": ["CloudTrail.4"],
        "config": ["CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED"],
        "cis": ["5.0/3.2", "7.0/4.2"],
        "prowler": ["cloudtrail_log_file_validation_enabled"],
    },
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
                Properties:
                  S3BucketName: audit-logs
                  IsLogging: true
                  EnableLogFileValidation: true
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
