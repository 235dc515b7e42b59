"""No alarm when security groups, network ACLs, gateways, routes or VPCs change.

A rule that opens a database to the internet, a route around the firewall, a gateway that nobody asked for: each is
one call, and each should be known to somebody within minutes.

A chain is a metric filter on the trail's log group whose pattern selects the event, an alarm on its metric, and an
action of the alarm that reaches somebody; or a rule of EventBridge that selects the event and has a target.
Patterns are read for what they select, not compared with a text. Asked are deployments with a trail that feeds a
log group.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Undecided, aws, rule

from ._alarms import unmonitored

EVENTS = {
    "changes of security groups": aws.eventpattern.calls(
        "ec2",
        "CreateSecurityGroup",
        "DeleteSecurityGroup",
        "AuthorizeSecurityGroupIngress",
        "AuthorizeSecurityGroupEgress",
        "RevokeSecurityGroupIngress",
        "RevokeSecurityGroupEgress",
    ),
    "changes of network ACLs": aws.eventpattern.calls(
        "ec2",
        "CreateNetworkAcl",
        "CreateNetworkAclEntry",
        "DeleteNetworkAcl",
        "DeleteNetworkAclEntry",
        "ReplaceNetworkAclEntry",
        "ReplaceNetworkAclAssociation",
    ),
    "changes of gateways": aws.eventpattern.calls(
        "ec2",
        "CreateCustomerGateway",
        "DeleteCustomerGateway",
        "AttachInternetGateway",
        "CreateInternetGateway",
        "DeleteInternetGateway",
        "DetachInternetGateway",
    ),
    "changes of routes": aws.eventpattern.calls(
        "ec2",
        "CreateRoute",
        "CreateRouteTable",
        "ReplaceRoute",
        "ReplaceRouteTableAssociation",
        "DeleteRouteTable",
        "DeleteRoute",
        "DisassociateRouteTable",
    ),
    "changes of VPCs": aws.eventpattern.calls(
        "ec2",
        "CreateVpc",
        "DeleteVpc",
        "ModifyVpcAttribute",
        "AcceptVpcPeeringConnection",
        "CreateVpcPeeringConnection",
        "DeleteVpcPeeringConnection",
        "RejectVpcPeeringConnection",
    ),
}
"""What has to be noticed: CIS AWS Foundations Benchmark 5.0, 4.10 to 4.14, without EC2-Classic, which is gone.

https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html
"""


@rule(
    on=aws.monitoring.TrailMonitoring,
    severity="low",
    soc2=["CC7.2", "CC7.3", "CC7.4", "CC5.2", "CC6.6"],
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
            resource "aws_cloudwatch_metric_alarm" "network" {
              metric_name   = aws_cloudwatch_log_metric_filter.network.metric_transformation[0].name
              namespace     = "Audit"
              alarm_actions = ["arn:aws:sns:eu-west-1:111122223333:security"]
            }

            resource "aws_cloudwatch_log_metric_filter" "network" {
              log_group_name = aws_cloudwatch_log_group.trail.name
              pattern        = <<-EOF
                { ($.eventName = "*SecurityGroup*") || ($.eventName = CreateNetworkAcl) ||
                ($.eventName = "*Gateway") || ($.eventName = "*Route*") || ($.eventName = "*Vpc*") }
              EOF
              metric_transformation {
                name      = "network"
                namespace = "Audit"
                value     = "1"
              }
            }
            """,
            cloudformation="""
            Resources:
              NetworkAlarm:
                Type: AWS::CloudWatch::Alarm
                Properties: {MetricName: network, Namespace: Audit,
                             AlarmActions: ["arn:aws:sns:eu-west-1:111122223333:security"]}
              Network:
                Type: AWS::Logs::MetricFilter
                Properties:
                  LogGroupName: !Ref Trail
                  FilterPattern: >-
                    { ($.eventName = "*SecurityGroup*") || ($.eventName = CreateNetworkAcl) ||
                    ($.eventName = "*Gateway") || ($.eventName = "*Route*") || ($.eventName = "*Vpc*") }
                  MetricTransformations:
                    - {MetricName: network, MetricNamespace: Audit, MetricValue: "1"}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_cloudwatch_metric_alarm" "network" {
              metric_name   = aws_cloudwatch_log_metric_filter.network.metric_transformation[0].name
              namespace     = "Audit"
              alarm_actions = ["arn:aws:sns:eu-west-1:111122223333:security"]
            }

            resource "aws_cloudwatch_log_metric_filter" "network" {
              log_group_name = aws_cloudwatch_log_group.trail.name
              pattern        = <<-EOF
                { ($.eventName = "*SecurityGroup*") || ($.eventName = "*NetworkAcl*") ||
                ($.eventName = "*Gateway") || ($.eventName = "*Route*") || ($.eventName = "*Vpc*") }
              EOF
              metric_transformation {
                name      = "network"
                namespace = "Audit"
                value     = "1"
              }
            }
            """,
            cloudformation="""
            Resources:
              NetworkAlarm:
                Type: AWS::CloudWatch::Alarm
                Properties: {MetricName: network, Namespace: Audit,
                             AlarmActions: ["arn:aws:sns:eu-west-1:111122223333:security"]}
              Network:
                Type: AWS::Logs::MetricFilter
                Properties:
                  LogGroupName: !Ref Trail
                  FilterPattern: >-
                    { ($.eventName = "*SecurityGroup*") || ($.eventName = "*NetworkAcl*") ||
                    ($.eventName = "*Gateway") || ($.eventName = "*Route*") || ($.eventName = "*Vpc*") }
                  MetricTransformations:
                    - {MetricName: network, MetricNamespace: Audit, MetricValue: "1"}
            """,
        ),
    ],
)
def alarm_missing_network_changes(monitoring: aws.monitoring.TrailMonitoring) -> Iterator[Finding | Undecided]:
    return unmonitored(monitoring, EVENTS)
