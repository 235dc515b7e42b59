"""Nobody is told when the trail delivers or stops.

A trail that stopped delivering is found when somebody needs it. A topic of SNS hears of each delivery, and a log group
of CloudWatch can alarm when nothing comes any more.

Either is enough. Few read such notifications, so the rule is off by default.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.cloudtrail.Trail,
    severity="low",
    soc2=["CC7.2"],
    enabled=False,
    cwe=["778"],
    bad=[
        Example(
            terraform="""
            resource "aws_cloudtrail" "audit" {
              name           = "audit"
              s3_bucket_name = "trail"
            }
            """,
            cloudformation="""
            Resources:
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties: {S3BucketName: trail, IsLogging: true}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_sns_topic" "trail" { name = "trail" }

            resource "aws_cloudtrail" "audit" {
              name           = "audit"
              s3_bucket_name = "trail"
              sns_topic_name = aws_sns_topic.trail.name
            }
            """,
            cloudformation="""
            Resources:
              Topic: {Type: AWS::SNS::Topic}
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties: {S3BucketName: trail, IsLogging: true, SnsTopicName: !GetAtt Topic.TopicName}
            """,
        ),
        Example(
            terraform="""
            resource "aws_cloudtrail" "audit" {
              name                       = "audit"
              s3_bucket_name             = "trail"
              cloud_watch_logs_group_arn = "arn:aws:logs:eu-west-1:111122223333:log-group:trail:*"
              cloud_watch_logs_role_arn  = "arn:aws:iam::111122223333:role/trail"
            }
            """,
            cloudformation="""
            Resources:
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties:
                  S3BucketName: trail
                  IsLogging: true
                  CloudWatchLogsLogGroupArn: arn:aws:logs:eu-west-1:111122223333:log-group:trail:*
                  CloudWatchLogsRoleArn: arn:aws:iam::111122223333:role/trail
            """,
        ),
    ],
)
def cloudtrail_delivery_unnoticed(trail: aws.cloudtrail.Trail) -> Iterator[Finding]:
    if ~trail.topic.is_set() & ~trail.log_group.is_set():
        yield Finding("nobody is told of deliveries, and no log group shows when they stop", at=trail)
