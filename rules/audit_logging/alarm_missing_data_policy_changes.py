"""No alarm when a bucket policy changes.

One call makes a bucket public, lets another account replicate it, or has its objects expire. Who is told in time
can still undo it.

A chain is a metric filter on the trail's log group whose pattern selects the event, an alarm on its metric, and an
action of the alarm that reaches somebody; or a rule of EventBridge that selects the event and has a target.
Patterns are read for what they select, not compared with a text. Asked are deployments with a trail that feeds a
log group.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Undecided, aws, rule

from ._alarms import unmonitored

EVENTS = {
    "changes of bucket policies, ACLs, CORS, lifecycles and replication": aws.eventpattern.calls(
        "s3",
        "PutBucketAcl",
        "PutBucketPolicy",
        "PutBucketCors",
        "PutBucketLifecycle",
        "PutBucketReplication",
        "DeleteBucketPolicy",
        "DeleteBucketCors",
        "DeleteBucketLifecycle",
        "DeleteBucketReplication",
    ),
}
"""What has to be noticed: CIS AWS Foundations Benchmark 5.0, 4.8.

https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html
"""


@rule(
    on=aws.monitoring.TrailMonitoring,
    severity="low",
    soc2=["CC7.2", "C1.1", "CC5.2"],
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
            resource "aws_cloudwatch_metric_alarm" "buckets" {
              metric_name   = aws_cloudwatch_log_metric_filter.buckets.metric_transformation[0].name
              namespace     = "Audit"
              alarm_actions = ["arn:aws:sns:eu-west-1:111122223333:security"]
            }

            resource "aws_cloudwatch_log_metric_filter" "buckets" {
              log_group_name = aws_cloudwatch_log_group.trail.name
              pattern        = <<-EOF
                { ($.eventSource = s3.amazonaws.com) && ($.eventName = PutBucketPolicy) }
              EOF
              metric_transformation {
                name      = "buckets"
                namespace = "Audit"
                value     = "1"
              }
            }
            """,
            cloudformation="""
            Resources:
              BucketsAlarm:
                Type: AWS::CloudWatch::Alarm
                Properties: {MetricName: buckets, Namespace: Audit,
                             AlarmActions: ["arn:aws:sns:eu-west-1:111122223333:security"]}
              Buckets:
                Type: AWS::Logs::MetricFilter
                Properties: {LogGroupName: !Ref Trail,
                             FilterPattern: '{ ($.eventSource = s3.amazonaws.com) && ($.eventName = PutBucketPolicy) }',
                             MetricTransformations: [{MetricName: buckets, MetricNamespace: Audit, MetricValue: "1"}]}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_cloudwatch_metric_alarm" "buckets" {
              metric_name   = aws_cloudwatch_log_metric_filter.buckets.metric_transformation[0].name
              namespace     = "Audit"
              alarm_actions = ["arn:aws:sns:eu-west-1:111122223333:security"]
            }

            resource "aws_cloudwatch_log_metric_filter" "buckets" {
              log_group_name = aws_cloudwatch_log_group.trail.name
              pattern        = <<-EOF
                { ($.eventSource = s3.amazonaws.com) && (($.eventName = PutBucket*) || ($.eventName = DeleteBucket*)) }
              EOF
              metric_transformation {
                name      = "buckets"
                namespace = "Audit"
                value     = "1"
              }
            }
            """,
            cloudformation="""
            Resources:
              BucketsAlarm:
                Type: AWS::CloudWatch::Alarm
                Properties: {MetricName: buckets, Namespace: Audit,
                             AlarmActions: ["arn:aws:sns:eu-west-1:111122223333:security"]}
              Buckets:
                Type: AWS::Logs::MetricFilter
                Properties:
                  LogGroupName: !Ref Trail
                  FilterPattern: >-
                    { ($.eventSource = s3.amazonaws.com) &&
                    (($.eventName = PutBucket*) || ($.eventName = DeleteBucket*)) }
                  MetricTransformations:
                    - {MetricName: buckets, MetricNamespace: Audit, MetricValue: "1"}
            """,
        ),
    ],
)
def alarm_missing_data_policy_changes(monitoring: aws.monitoring.TrailMonitoring) -> Iterator[Finding | Undecided]:
    return unmonitored(monitoring, EVENTS)
