"""Trail does not feed CloudWatch Logs.

Files in a bucket tell what happened when somebody looks. Metric filters and alarms on a log group tell it within
minutes, which is what detecting security events means in a review.

A log group without a role that may write to it is not judged: CloudTrail refuses such a trail when it is deployed.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.cloudtrail.Trail,
    severity="medium",
    soc2=["CC7.2", "CC7.3", "PI1.5"],
    cwe=["778"],
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
    ],
    good=[
        Example(
            terraform="""
            resource "aws_cloudwatch_log_group" "audit" { name = "audit" }

            resource "aws_cloudtrail" "audit" {
              name                       = "audit"
              s3_bucket_name             = "audit-logs"
              cloud_watch_logs_group_arn = "${aws_cloudwatch_log_group.audit.arn}:*"
              cloud_watch_logs_role_arn  = "arn:aws:iam::111122223333:role/trail-to-logs"
            }
            """,
            cloudformation="""
            Resources:
              Logs: {Type: AWS::Logs::LogGroup}
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties: {S3BucketName: audit-logs, IsLogging: true, CloudWatchLogsLogGroupArn: !GetAtt Logs.Arn,
                             CloudWatchLogsRoleArn: arn:aws:iam::111122223333:role/trail-to-logs}
            """,
        ),
    ],
)
def cloudtrail_cloudwatch_missing(trail: aws.cloudtrail.Trail) -> Iterator[Finding]:
    if ~trail.log_group.is_set():
        yield Finding("no log group takes the trail's events", at=trail.log_group)
