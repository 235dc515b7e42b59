"""Firewall writes no flow or alert logs.

A firewall that writes nothing down cannot tell what it stopped, nor what got through: after an incident there is
no trace, and before one nobody is warned. Alerts are what a review asks for first; flows show what happened around
them.

Where the logs go, and how long they stay, other rules judge.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Severity, aws, rule


@rule(
    on=aws.networkfirewall.Firewall,
    severity="medium",
    soc2=["CC7.2", "CC6.6", "A1.2"],
    cwe=["778"],
    bad=[
        Example(
            terraform="""
            resource "aws_networkfirewall_firewall" "edge" {
              firewall_policy_arn = "arn:aws:network-firewall:eu-west-1:111122223333:firewall-policy/edge"
            }
            """,
            cloudformation="""
            Resources:
              Edge:
                Type: AWS::NetworkFirewall::Firewall
                Properties: {FirewallPolicyArn: arn:aws:network-firewall:eu-west-1:111122223333:firewall-policy/edge}
            """,
        ),
        Example(
            terraform="""
            resource "aws_networkfirewall_firewall" "edge" {
              firewall_policy_arn = "arn:aws:network-firewall:eu-west-1:111122223333:firewall-policy/edge"
            }

            resource "aws_networkfirewall_logging_configuration" "edge" {
              firewall_arn = aws_networkfirewall_firewall.edge.arn
              logging_configuration {
                log_destination_config {
                  log_destination      = { bucketName = "logs" }
                  log_destination_type = "S3"
                  log_type             = "FLOW"
                }
              }
            }
            """,
            cloudformation="""
            Resources:
              Edge:
                Type: AWS::NetworkFirewall::Firewall
                Properties: {FirewallPolicyArn: arn:aws:network-firewall:eu-west-1:111122223333:firewall-policy/edge}
              Logging:
                Type: AWS::NetworkFirewall::LoggingConfiguration
                Properties:
                  FirewallArn: !Ref Edge
                  LoggingConfiguration:
                    LogDestinationConfigs:
                      - {LogType: FLOW, LogDestinationType: S3, LogDestination: {bucketName: logs}}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_networkfirewall_firewall" "edge" {
              firewall_policy_arn = "arn:aws:network-firewall:eu-west-1:111122223333:firewall-policy/edge"
            }

            resource "aws_networkfirewall_logging_configuration" "edge" {
              firewall_arn = aws_networkfirewall_firewall.edge.arn
              logging_configuration {
                log_destination_config {
                  log_destination      = { bucketName = "logs" }
                  log_destination_type = "S3"
                  log_type             = "FLOW"
                }
                log_destination_config {
                  log_destination      = { logGroup = "alerts" }
                  log_destination_type = "CloudWatchLogs"
                  log_type             = "ALERT"
                }
              }
            }
            """,
            cloudformation="""
            Resources:
              Edge:
                Type: AWS::NetworkFirewall::Firewall
                Properties: {FirewallPolicyArn: arn:aws:network-firewall:eu-west-1:111122223333:firewall-policy/edge}
              Logging:
                Type: AWS::NetworkFirewall::LoggingConfiguration
                Properties:
                  FirewallArn: !GetAtt Edge.FirewallArn
                  LoggingConfiguration:
                    LogDestinationConfigs:
                      - {LogType: FLOW, LogDestinationType: S3, LogDestination: {bucketName: logs}}
                      - {LogType: ALERT, LogDestinationType: CloudWatchLogs, LogDestination: {logGroup: alerts}}
            """,
        ),
    ],
)
def network_firewall_logging_missing(firewall: aws.networkfirewall.Firewall) -> Iterator[Finding]:
    logging = firewall.logging
    if ~logging.exists():
        yield Finding("the firewall writes no logs", at=firewall)
        return
    for log_type, contents, severity in (("ALERT", "alerts", Severity.MEDIUM), ("FLOW", "flows", Severity.LOW)):
        if ~logging.any(lambda configuration, log_type=log_type: configuration.logs(log_type)):  # type: ignore[misc]
            yield Finding(f"the firewall does not log {contents}", at=logging.items[0], severity=severity)
