"""Alarm notifies nobody.

An alarm without an action turns red on a page that nobody looks at. So does one whose actions are switched off,
and one that sends to a topic that nobody is subscribed to.

An alarm that something else watches is no finding: an alarm over alarms, a deployment that is rolled back by it, a
health check. Nor is a topic without subscriptions whose ARN the deployment hands out, since others may subscribe
to it.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.cloudwatch.Alarm,
    severity="medium",
    soc2=["CC7.2", "CC7.3", "CC7.4"],
    cwe=["778"],
    applies=lambda alarm: ~alarm.state_is_used,
    bad=[
        Example(
            terraform="""
            resource "aws_cloudwatch_metric_alarm" "errors" {
              metric_name = "Errors"
              namespace   = "AWS/Lambda"
            }
            """,
            cloudformation="""
            Resources:
              Errors:
                Type: AWS::CloudWatch::Alarm
                Properties: {MetricName: Errors, Namespace: AWS/Lambda}
            """,
        ),
        Example(
            terraform="""
            resource "aws_cloudwatch_metric_alarm" "errors" {
              metric_name         = "Errors"
              namespace           = "AWS/Lambda"
              actions_enabled     = false
              alarm_actions       = ["arn:aws:sns:eu-west-1:111122223333:alarms"]
            }
            """,
            cloudformation="""
            Resources:
              Errors:
                Type: AWS::CloudWatch::Alarm
                Properties:
                  MetricName: Errors
                  Namespace: AWS/Lambda
                  ActionsEnabled: false
                  AlarmActions: ["arn:aws:sns:eu-west-1:111122223333:alarms"]
            """,
        ),
        Example(
            terraform="""
            resource "aws_sns_topic" "alarms" { name = "alarms" }

            resource "aws_cloudwatch_composite_alarm" "errors" {
              alarm_rule    = "ALARM(elsewhere)"
              alarm_actions = [aws_sns_topic.alarms.arn]
            }
            """,
            cloudformation="""
            Resources:
              Alarms: {Type: AWS::SNS::Topic}
              Errors:
                Type: AWS::CloudWatch::CompositeAlarm
                Properties: {AlarmRule: ALARM(elsewhere), AlarmActions: [!Ref Alarms]}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_sns_topic" "alarms" { name = "alarms" }

            resource "aws_sns_topic_subscription" "alarms" {
              topic_arn = aws_sns_topic.alarms.arn
              protocol  = "https"
              endpoint  = "https://events.example.com"
            }

            resource "aws_cloudwatch_metric_alarm" "errors" {
              metric_name   = "Errors"
              namespace     = "AWS/Lambda"
              alarm_actions = [aws_sns_topic.alarms.arn]
            }
            """,
            cloudformation="""
            Resources:
              Alarms:
                Type: AWS::SNS::Topic
                Properties: {Subscription: [{Protocol: https, Endpoint: "https://events.example.com"}]}
              Errors:
                Type: AWS::CloudWatch::Alarm
                Properties: {MetricName: Errors, Namespace: AWS/Lambda, AlarmActions: [!Ref Alarms]}
            """,
        ),
        Example(
            terraform="""
            resource "aws_cloudwatch_metric_alarm" "errors" {
              metric_name = "Errors"
              namespace   = "AWS/Lambda"
            }

            resource "aws_cloudwatch_composite_alarm" "any" {
              alarm_rule    = "ALARM(${aws_cloudwatch_metric_alarm.errors.alarm_name})"
              alarm_actions = ["arn:aws:sns:eu-west-1:111122223333:alarms"]
            }
            """,
            cloudformation="""
            Resources:
              Errors: {Type: AWS::CloudWatch::Alarm, Properties: {MetricName: Errors, Namespace: AWS/Lambda}}
              Any:
                Type: AWS::CloudWatch::CompositeAlarm
                Properties:
                  AlarmRule: !Sub "ALARM(${Errors})"
                  AlarmActions: ["arn:aws:sns:eu-west-1:111122223333:alarms"]
            """,
        ),
    ],
)
def alarm_without_action(alarm: aws.cloudwatch.Alarm) -> Iterator[Finding]:
    actions, enabled = alarm.actions.elements(), alarm.actions_enabled
    if ~actions.exists():
        yield Finding("the alarm has no action", at=alarm.actions)
    elif ~enabled.is_(True):
        yield Finding("the alarm's actions are switched off", at=enabled, fix=enabled.set(True))
    elif ~actions.any(alarm.has_receiver):
        yield Finding("nobody is subscribed to the topic that the alarm sends to", at=alarm.actions)
