"""No alarm when CloudTrail or Config is changed.

The first thing that a careful intruder does is to switch the record off. It is the last thing that the record
holds, and somebody has to be told of it at once.

A chain is a metric filter on the trail's log group whose pattern selects the event, an alarm on its metric, and an
action of the alarm that reaches somebody; or a rule of EventBridge that selects the event and has a target.
Patterns are read for what they select, not compared with a text. Asked are deployments with a trail that feeds a
log group.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Undecided, aws, rule

from ._alarms import unmonitored

EVENTS = {
    "changes of CloudTrail": aws.eventpattern.calls(
        "cloudtrail", "CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"
    ),
    "changes of AWS Config": aws.eventpattern.calls(
        "config", "StopConfigurationRecorder", "DeleteDeliveryChannel", "PutDeliveryChannel", "PutConfigurationRecorder"
    ),
}
"""What has to be noticed: CIS AWS Foundations Benchmark 5.0, 4.5 and 4.9.

https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html
"""


@rule(
    on=aws.monitoring.TrailMonitoring,
    severity="low",
    soc2=["CC7.2", "CC5.2"],
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
            resource "aws_cloudwatch_metric_alarm" "trails" {
              metric_name   = aws_cloudwatch_log_metric_filter.trails.metric_transformation[0].name
              namespace     = "Audit"
              alarm_actions = ["arn:aws:sns:eu-west-1:111122223333:security"]
            }

            resource "aws_cloudwatch_log_metric_filter" "config" {
              log_group_name = aws_cloudwatch_log_group.trail.name
              pattern        = <<-EOF
                { ($.eventSource = config.amazonaws.com) && ($.eventName = StopConfigurationRecorder ||
                $.eventName = "*DeliveryChannel" || $.eventName = PutConfigurationRecorder) }
              EOF
              metric_transformation {
                name      = "config"
                namespace = "Audit"
                value     = "1"
              }
            }

            resource "aws_cloudwatch_metric_alarm" "config" {
              metric_name   = aws_cloudwatch_log_metric_filter.config.metric_transformation[0].name
              namespace     = "Audit"
              alarm_actions = ["arn:aws:sns:eu-west-1:111122223333:security"]
            }

            resource "aws_cloudwatch_log_metric_filter" "trails" {
              log_group_name = aws_cloudwatch_log_group.trail.name
              pattern        = "{ ($.eventName = CreateTrail) || ($.eventName = UpdateTrail) } "
              metric_transformation {
                name      = "trails"
                namespace = "Audit"
                value     = "1"
              }
            }
            """,
            cloudformation="""
            Resources:
              TrailsAlarm:
                Type: AWS::CloudWatch::Alarm
                Properties: {MetricName: trails, Namespace: Audit,
                             AlarmActions: ["arn:aws:sns:eu-west-1:111122223333:security"]}
              Config:
                Type: AWS::Logs::MetricFilter
                Properties:
                  LogGroupName: !Ref Trail
                  FilterPattern: >-
                    { ($.eventSource = config.amazonaws.com) && ($.eventName = StopConfigurationRecorder ||
                    $.eventName = "*DeliveryChannel" || $.eventName = PutConfigurationRecorder) }
                  MetricTransformations:
                    - {MetricName: config, MetricNamespace: Audit, MetricValue: "1"}
              ConfigAlarm:
                Type: AWS::CloudWatch::Alarm
                Properties: {MetricName: config, Namespace: Audit,
                             AlarmActions: ["arn:aws:sns:eu-west-1:111122223333:security"]}
              Trails:
                Type: AWS::Logs::MetricFilter
                Properties: {LogGroupName: !Ref Trail,
                             FilterPattern: '{ ($.eventName = CreateTrail) || ($.eventName = UpdateTrail) }',
                             MetricTransformations: [{MetricName: trails, MetricNamespace: Audit, MetricValue: "1"}]}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_cloudwatch_metric_alarm" "trails" {
              metric_name   = aws_cloudwatch_log_metric_filter.trails.metric_transformation[0].name
              namespace     = "Audit"
              alarm_actions = ["arn:aws:sns:eu-west-1:111122223333:security"]
            }

            resource "aws_cloudwatch_log_metric_filter" "config" {
              log_group_name = aws_cloudwatch_log_group.trail.name
              pattern        = <<-EOF
                { ($.eventSource = config.amazonaws.com) && ($.eventName = StopConfigurationRecorder ||
                $.eventName = "*DeliveryChannel" || $.eventName = PutConfigurationRecorder) }
              EOF
              metric_transformation {
                name      = "config"
                namespace = "Audit"
                value     = "1"
              }
            }

            resource "aws_cloudwatch_metric_alarm" "config" {
              metric_name   = aws_cloudwatch_log_metric_filter.config.metric_transformation[0].name
              namespace     = "Audit"
              alarm_actions = ["arn:aws:sns:eu-west-1:111122223333:security"]
            }

            resource "aws_cloudwatch_log_metric_filter" "trails" {
              log_group_name = aws_cloudwatch_log_group.trail.name
              pattern        = <<-EOF
                { ($.eventName = CreateTrail) || ($.eventName = UpdateTrail) || ($.eventName = DeleteTrail) ||
                ($.eventName = StartLogging) || ($.eventName = StopLogging) }
              EOF
              metric_transformation {
                name      = "trails"
                namespace = "Audit"
                value     = "1"
              }
            }
            """,
            cloudformation="""
            Resources:
              TrailsAlarm:
                Type: AWS::CloudWatch::Alarm
                Properties: {MetricName: trails, Namespace: Audit,
                             AlarmActions: ["arn:aws:sns:eu-west-1:111122223333:security"]}
              Config:
                Type: AWS::Logs::MetricFilter
                Properties:
                  LogGroupName: !Ref Trail
                  FilterPattern: >-
                    { ($.eventSource = config.amazonaws.com) && ($.eventName = StopConfigurationRecorder ||
                    $.eventName = "*DeliveryChannel" || $.eventName = PutConfigurationRecorder) }
                  MetricTransformations:
                    - {MetricName: config, MetricNamespace: Audit, MetricValue: "1"}
              ConfigAlarm:
                Type: AWS::CloudWatch::Alarm
                Properties: {MetricName: config, Namespace: Audit,
                             AlarmActions: ["arn:aws:sns:eu-west-1:111122223333:security"]}
              Trails:
                Type: AWS::Logs::MetricFilter
                Properties:
                  LogGroupName: !Ref Trail
                  FilterPattern: >-
                    { ($.eventName = CreateTrail) || ($.eventName = UpdateTrail) || ($.eventName = DeleteTrail) ||
                    ($.eventName = StartLogging) || ($.eventName = StopLogging) }
                  MetricTransformations:
                    - {MetricName: trails, MetricNamespace: Audit, MetricValue: "1"}
            """,
        ),
        Example(
            terraform="""
            resource "aws_cloudwatch_event_rule" "audit" {
              event_pattern = jsonencode({
                source      = ["aws.cloudtrail", "aws.config"]
                detail-type = ["AWS API Call via CloudTrail"]
                detail = {
                  eventName = [{ prefix = "St" }, { wildcard = "*Trail" }, { prefix = "Put" }, "DeleteDeliveryChannel"]
                }
              })
            }

            resource "aws_cloudwatch_event_target" "audit" {
              rule = aws_cloudwatch_event_rule.audit.name
              arn  = "arn:aws:sns:eu-west-1:111122223333:security"
            }
            """,
            cloudformation="""
            Resources:
              Rule:
                Type: AWS::Events::Rule
                Properties:
                  EventPattern:
                    source: [aws.cloudtrail, aws.config]
                    detail-type: ["AWS API Call via CloudTrail"]
                    detail: {eventName: [{prefix: St}, {wildcard: "*Trail"}, {prefix: Put}, DeleteDeliveryChannel]}
                  Targets: [{Id: security, Arn: "arn:aws:sns:eu-west-1:111122223333:security"}]
            """,
        ),
    ],
)
def alarm_missing_audit_changes(monitoring: aws.monitoring.TrailMonitoring) -> Iterator[Finding | Undecided]:
    return unmonitored(monitoring, EVENTS)
