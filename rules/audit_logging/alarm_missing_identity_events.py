"""No alarm on root use, console sign-in failures, sign-in without MFA, denied calls or IAM policy changes.

These are the traces that somebody leaves who got hold of an identity and tries it out. The trail keeps them;
unless somebody is told, they are read weeks later.

A chain is a metric filter on the trail's log group whose pattern selects the event, an alarm on its metric, and an
action of the alarm that reaches somebody; or a rule of EventBridge that selects the event and has a target.
Patterns are read for what they select, not compared with a text. Asked are deployments with a trail that feeds a
log group.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Undecided, aws, rule

from ._alarms import unmonitored

_SIGN_IN = {"eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin", "eventType": "AwsConsoleSignIn"}

EVENTS = {
    "use of the root user": (
        aws.eventpattern.Event(
            "Root", {"userIdentity.type": "Root", "userIdentity.invokedBy": None, "eventType": "AwsApiCall"}
        ),
    ),
    "failed sign-ins": (
        aws.eventpattern.Event(
            "ConsoleLogin",
            {**_SIGN_IN, "errorMessage": "Failed authentication", "responseElements.ConsoleLogin": "Failure"},
        ),
    ),
    "sign-ins without MFA": (
        aws.eventpattern.Event(
            "ConsoleLogin",
            {
                **_SIGN_IN,
                "userIdentity.type": "IAMUser",
                "additionalEventData.MFAUsed": "No",
                "responseElements.ConsoleLogin": "Success",
                "errorMessage": None,
            },
        ),
    ),
    "denied calls": tuple(
        aws.eventpattern.Event(code, {"errorCode": code, "eventType": "AwsApiCall"})
        for code in ("AccessDenied", "Client.UnauthorizedOperation")
    ),
    "changes of IAM policies": aws.eventpattern.calls(
        "iam",
        "CreatePolicy",
        "DeletePolicy",
        "CreatePolicyVersion",
        "DeletePolicyVersion",
        "PutUserPolicy",
        "PutGroupPolicy",
        "PutRolePolicy",
        "DeleteUserPolicy",
        "DeleteGroupPolicy",
        "DeleteRolePolicy",
        "AttachUserPolicy",
        "AttachGroupPolicy",
        "AttachRolePolicy",
        "DetachUserPolicy",
        "DetachGroupPolicy",
        "DetachRolePolicy",
    ),
}
"""What has to be noticed: CIS AWS Foundations Benchmark 5.0, 4.1 to 4.4 and 4.6.

https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html
"""


@rule(
    on=aws.monitoring.TrailMonitoring,
    severity="low",
    soc2=["CC7.2", "CC7.3", "CC6.1", "PI1.3"],
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
            resource "aws_cloudwatch_log_metric_filter" "root" {
              log_group_name = aws_cloudwatch_log_group.trail.name
              pattern        = <<-EOF
                { $.userIdentity.type = "Root" }
              EOF
              metric_transformation {
                name      = "root"
                namespace = "Audit"
                value     = "1"
              }
            }

            resource "aws_cloudwatch_metric_alarm" "root" {
              metric_name   = aws_cloudwatch_log_metric_filter.root.metric_transformation[0].name
              namespace     = "Audit"
              alarm_actions = ["arn:aws:sns:eu-west-1:111122223333:security"]
            }

            resource "aws_cloudwatch_log_metric_filter" "other" {
              log_group_name = aws_cloudwatch_log_group.trail.name
              pattern        = <<-EOF
                { ($.eventName = "ConsoleLogin") && ($.eventName = "StopLogging") }
              EOF
              metric_transformation {
                name      = "other"
                namespace = "Audit"
                value     = "1"
              }
            }

            resource "aws_cloudwatch_metric_alarm" "other" {
              metric_name   = aws_cloudwatch_log_metric_filter.other.metric_transformation[0].name
              namespace     = "Audit"
              alarm_actions = ["arn:aws:sns:eu-west-1:111122223333:security"]
            }
            """,
            cloudformation="""
            Resources:
              Root:
                Type: AWS::Logs::MetricFilter
                Properties: {LogGroupName: !Ref Trail, FilterPattern: '{ $.userIdentity.type = "Root" }',
                             MetricTransformations: [{MetricName: root, MetricNamespace: Audit, MetricValue: "1"}]}
              RootAlarm:
                Type: AWS::CloudWatch::Alarm
                Properties: {MetricName: root, Namespace: Audit,
                             AlarmActions: ["arn:aws:sns:eu-west-1:111122223333:security"]}
              Other:
                Type: AWS::Logs::MetricFilter
                Properties: {LogGroupName: !Ref Trail,
                             FilterPattern: '{ ($.eventName = "ConsoleLogin") && ($.eventName = "StopLogging") }',
                             MetricTransformations: [{MetricName: other, MetricNamespace: Audit, MetricValue: "1"}]}
              OtherAlarm:
                Type: AWS::CloudWatch::Alarm
                Properties: {MetricName: other, Namespace: Audit,
                             AlarmActions: ["arn:aws:sns:eu-west-1:111122223333:security"]}
            """,
        ),
        Example(
            terraform="""
            resource "aws_cloudwatch_log_metric_filter" "root" {
              log_group_name = aws_cloudwatch_log_group.trail.name
              pattern        = <<-EOF
                { $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS &&
                $.eventType != "AwsServiceEvent" }
              EOF
              metric_transformation {
                name      = "root"
                namespace = "Audit"
                value     = "1"
              }
            }

            resource "aws_cloudwatch_metric_alarm" "root" {
              metric_name = aws_cloudwatch_log_metric_filter.root.metric_transformation[0].name
              namespace   = "Audit"
            }
            """,
            cloudformation="""
            Resources:
              Root:
                Type: AWS::Logs::MetricFilter
                Properties:
                  LogGroupName: !Ref Trail
                  FilterPattern: >-
                    { $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS &&
                    $.eventType != "AwsServiceEvent" }
                  MetricTransformations:
                    - {MetricName: root, MetricNamespace: Audit, MetricValue: "1"}
              RootAlarm: {Type: AWS::CloudWatch::Alarm, Properties: {MetricName: root, Namespace: Audit}}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_cloudwatch_log_metric_filter" "root" {
              log_group_name = aws_cloudwatch_log_group.trail.name
              pattern        = <<-EOF
                { $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS &&
                $.eventType != "AwsServiceEvent" }
              EOF
              metric_transformation {
                name      = "root"
                namespace = "Audit"
                value     = "1"
              }
            }

            resource "aws_cloudwatch_metric_alarm" "root" {
              metric_name   = aws_cloudwatch_log_metric_filter.root.metric_transformation[0].name
              namespace     = "Audit"
              alarm_actions = ["arn:aws:sns:eu-west-1:111122223333:security"]
            }

            resource "aws_cloudwatch_log_metric_filter" "others" {
              log_group_name = aws_cloudwatch_log_group.trail.name
              pattern        = <<-EOF
                { ($.eventName = ConsoleLogin && $.errorMessage = "Failed authentication") ||
                ($.eventName = "ConsoleLogin" && $.additionalEventData.MFAUsed != "Yes") ||
                ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") ||
                ($.eventSource = iam.amazonaws.com && $.eventName = "*Policy*") }
              EOF
              metric_transformation {
                name      = "others"
                namespace = "Audit"
                value     = "1"
              }
            }

            resource "aws_cloudwatch_metric_alarm" "others" {
              metric_name   = aws_cloudwatch_log_metric_filter.others.metric_transformation[0].name
              namespace     = "Audit"
              alarm_actions = ["arn:aws:sns:eu-west-1:111122223333:security"]
            }
            """,
            cloudformation="""
            Resources:
              Root:
                Type: AWS::Logs::MetricFilter
                Properties:
                  LogGroupName: !Ref Trail
                  FilterPattern: >-
                    { $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS &&
                    $.eventType != "AwsServiceEvent" }
                  MetricTransformations: [{MetricName: root, MetricNamespace: Audit, MetricValue: "1"}]
              RootAlarm:
                Type: AWS::CloudWatch::Alarm
                Properties: {MetricName: root, Namespace: Audit,
                             AlarmActions: ["arn:aws:sns:eu-west-1:111122223333:security"]}
              Others:
                Type: AWS::Logs::MetricFilter
                Properties:
                  LogGroupName: !Ref Trail
                  FilterPattern: >-
                    { ($.eventName = ConsoleLogin && $.errorMessage = "Failed authentication") ||
                    ($.eventName = "ConsoleLogin" && $.additionalEventData.MFAUsed != "Yes") ||
                    ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") ||
                    ($.eventSource = iam.amazonaws.com && $.eventName = "*Policy*") }
                  MetricTransformations: [{MetricName: others, MetricNamespace: Audit, MetricValue: "1"}]
              OthersAlarm:
                Type: AWS::CloudWatch::Alarm
                Properties: {MetricName: others, Namespace: Audit,
                             AlarmActions: ["arn:aws:sns:eu-west-1:111122223333:security"]}
            """,
        ),
    ],
)
def alarm_missing_identity_events(monitoring: aws.monitoring.TrailMonitoring) -> Iterator[Finding | Undecided]:
    return unmonitored(monitoring, EVENTS)
