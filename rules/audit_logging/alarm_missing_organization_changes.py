"""No alarm when the organisation changes.

Whoever controls the organization controls every account: a policy that is detached, an account that leaves, a
stranger that is invited. Changes are few, and each deserves a look.

A chain is a metric filter on the trail's log group whose pattern selects the event, an alarm on its metric, and an
action of the alarm that reaches somebody; or a rule of EventBridge that selects the event and has a target.
Patterns are read for what they select, not compared with a text. Asked are deployments with a trail that feeds a
log group. They are asked only where they manage an organization as well.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Undecided, aws, rule

from ._alarms import unmonitored

EVENTS = {
    "changes of the organization": aws.eventpattern.calls(
        "organizations",
        "AcceptHandshake",
        "AttachPolicy",
        "CreateAccount",
        "CreateOrganizationalUnit",
        "CreatePolicy",
        "DeclineHandshake",
        "DeleteOrganization",
        "DeleteOrganizationalUnit",
        "DeletePolicy",
        "DetachPolicy",
        "DisablePolicyType",
        "EnablePolicyType",
        "InviteAccountToOrganization",
        "LeaveOrganization",
        "MoveAccount",
        "RemoveAccountFromOrganization",
        "UpdatePolicy",
        "UpdateOrganizationalUnit",
    ),
}
"""What has to be noticed: CIS AWS Foundations Benchmark 5.0, 4.15."""


@rule(
    on=aws.monitoring.TrailMonitoring,
    severity="low",
    soc2=["CC7.2", "CC5.2"],
    cwe=["778"],
    applies=lambda monitoring: monitoring.manages_organization,
    bad=[
        Example(
            terraform="""
            resource "aws_organizations_organization" "main" { feature_set = "ALL" }
            resource "aws_cloudwatch_log_group" "trail" { name = "trail" }

            resource "aws_cloudtrail" "audit" {
              s3_bucket_name             = "trail"
              cloud_watch_logs_group_arn = "${aws_cloudwatch_log_group.trail.arn}:*"
            }
            """,
            cloudformation="""
            Resources:
              Main: {Type: AWS::Organizations::Organization, Properties: {FeatureSet: ALL}}
              Trail: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: trail}}
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties: {S3BucketName: trail, IsLogging: true, CloudWatchLogsLogGroupArn: !GetAtt Trail.Arn}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_organizations_organization" "main" { feature_set = "ALL" }
            resource "aws_cloudwatch_log_group" "trail" { name = "trail" }

            resource "aws_cloudtrail" "audit" {
              s3_bucket_name             = "trail"
              cloud_watch_logs_group_arn = "${aws_cloudwatch_log_group.trail.arn}:*"
            }

            resource "aws_cloudwatch_log_metric_filter" "organization" {
              log_group_name = aws_cloudwatch_log_group.trail.name
              pattern        = "{ $.eventSource = organizations.amazonaws.com } "
              metric_transformation {
                name      = "organization"
                namespace = "Audit"
                value     = "1"
              }
            }

            resource "aws_cloudwatch_metric_alarm" "organization" {
              metric_name   = aws_cloudwatch_log_metric_filter.organization.metric_transformation[0].name
              namespace     = "Audit"
              alarm_actions = ["arn:aws:sns:eu-west-1:111122223333:security"]
            }
            """,
            cloudformation="""
            Resources:
              Main: {Type: AWS::Organizations::Organization, Properties: {FeatureSet: ALL}}
              Trail: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: trail}}
              Audit:
                Type: AWS::CloudTrail::Trail
                Properties: {S3BucketName: trail, IsLogging: true, CloudWatchLogsLogGroupArn: !GetAtt Trail.Arn}
              Organization:
                Type: AWS::Logs::MetricFilter
                Properties:
                  LogGroupName: !Ref Trail
                  FilterPattern: '{ $.eventSource = organizations.amazonaws.com }'
                  MetricTransformations: [{MetricName: organization, MetricNamespace: Audit, MetricValue: "1"}]
              OrganizationAlarm:
                Type: AWS::CloudWatch::Alarm
                Properties: {MetricName: organization, Namespace: Audit,
                             AlarmActions: ["arn:aws:sns:eu-west-1:111122223333:security"]}
            """,
        ),
        Example(
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
    ],
)
def alarm_missing_organization_changes(monitoring: aws.monitoring.TrailMonitoring) -> Iterator[Finding | Undecided]:
    return unmonitored(monitoring, EVENTS)
