"""No alarm when a KMS key is disabled or scheduled for deletion.

Deleting a key destroys everything that was ever encrypted with it. AWS waits a week to a month before it does, and
that time is worth nothing unless somebody knows.

A chain is a metric filter on the trail's log group whose pattern selects the event, an alarm on its metric, and an
action of the alarm that reaches somebody; or a rule of EventBridge that selects the event and has a target.
Patterns are read for what they select, not compared with a text. Asked are deployments with a trail that feeds a
log group.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Undecided, aws, rule

from ._alarms import unmonitored

EVENTS = {"the disabling and deletion of keys": aws.eventpattern.calls("kms", "DisableKey", "ScheduleKeyDeletion")}
"""What has to be noticed: CIS AWS Foundations Benchmark 5.0, 4.7.

https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html
"""


@rule(
    on=aws.monitoring.TrailMonitoring,
    severity="low",
    soc2=["CC6.1", "CC7.2", "A1.2"],
    cwe=["778"],
    scenery=Example(
        terraform="""
        resource "aws_cloudwatch_log_group" "trail" { name = "trail" }

        resource "aws_cloudtrail" "audit" {
          s3_bucket_name             = "trail"
          cloud_watch_logs_group_arn = "${aws_cloudwatch_log_group.trail.arn}:*"
        }
        """,
        cloudformation="""
        Resources:
          Trail: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: trail}}
          Audit:
            Type: AWS::CloudTrail::Trail
            Properties: {S3BucketName: trail, IsLogging: true, CloudWatchLogsLogGroupArn: !GetAtt Trail.Arn}
        """,
    ),
    bad=[
        Example(
            terraform="""
            resource "aws_sns_topic" "security" { name = "security" }
            """,
            cloudformation="""
            Resources:
              Security: {Type: AWS::SNS::Topic, Properties: {TopicName: security}}
            """,
        ),
        Example(
            terraform="""
            resource "aws_cloudwatch_metric_alarm" "keys" {
              metric_name   = aws_cloudwatch_log_metric_filter.keys.metric_transformation[0].name
              namespace     = "Audit"
              alarm_actions = ["arn:aws:sns:eu-west-1:111122223333:security"]
            }

            resource "aws_cloudwatch_log_metric_filter" "keys" {
              log_group_name = aws_cloudwatch_log_group.trail.name
              pattern        = "{ ($.eventSource = kms.amazonaws.com) && ($.eventName = DisableKey) } "
              metric_transformation {
                name      = "keys"
                namespace = "Audit"
                value     = "1"
              }
            }
            """,
            cloudformation="""
            Resources:
              KeysAlarm:
                Type: AWS::CloudWatch::Alarm
                Properties: {MetricName: keys, Namespace: Audit,
                             AlarmActions: ["arn:aws:sns:eu-west-1:111122223333:security"]}
              Keys:
                Type: AWS::Logs::MetricFilter
                Properties: {LogGroupName: !Ref Trail,
                             FilterPattern: '{ ($.eventSource = kms.amazonaws.com) && ($.eventName = DisableKey) }',
                             MetricTransformations: [{MetricName: keys, MetricNamespace: Audit, MetricValue: "1"}]}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_cloudwatch_metric_alarm" "keys" {
              metric_name   = aws_cloudwatch_log_metric_filter.keys.metric_transformation[0].name
              namespace     = "Audit"
              alarm_actions = ["arn:aws:sns:eu-west-1:111122223333:security"]
            }

            resource "aws_cloudwatch_log_metric_filter" "keys" {
              log_group_name = aws_cloudwatch_log_group.trail.name
              pattern        = <<-EOF
                { ($.eventSource = kms.amazonaws.com) &&
                ($.eventName = DisableKey || $.eventName = ScheduleKeyDeletion) }
              EOF
              metric_transformation {
                name      = "keys"
                namespace = "Audit"
                value     = "1"
              }
            }
            """,
            cloudformation="""
            Resources:
              KeysAlarm:
                Type: AWS::CloudWatch::Alarm
                Properties: {MetricName: keys, Namespace: Audit,
                             AlarmActions: ["arn:aws:sns:eu-west-1:111122223333:security"]}
              Keys:
                Type: AWS::Logs::MetricFilter
                Properties:
                  LogGroupName: !Ref Trail
                  FilterPattern: >-
                    { ($.eventSource = kms.amazonaws.com) &&
                    ($.eventName = DisableKey || $.eventName = ScheduleKeyDeletion) }
                  MetricTransformations:
                    - {MetricName: keys, MetricNamespace: Audit, MetricValue: "1"}
            """,
        ),
    ],
)
def alarm_missing_key_events(monitoring: aws.monitoring.TrailMonitoring) -> Iterator[Finding | Undecided]:
    return unmonitored(monitoring, EVENTS)
