"""Log group keeps events for under a year or for ever without saying so.

Break-ins are found months after they happen, and what was deleted by then cannot be looked into. A year is what
auditors of most frameworks take for enough; set `min_days` for another number.

A group without a retention keeps everything for ever. That loses no evidence, but nobody decided on it, and what
people asked to have deleted stays; it is reported as low. Zero, written in Terraform, says that events are to be
kept for ever and is no finding.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Severity, aws, rule


@rule(
    on=aws.logs.LogGroup,
    severity="medium",
    soc2=["CC7.2", "CC7.3", "C1.2"],
    cwe=["779"],
    bad=[
        Example(
            terraform="""
            resource "aws_cloudwatch_log_group" "app" {
              name              = "app"
              retention_in_days = 30
            }
            """,
            cloudformation="""
            Resources:
              App:
                Type: AWS::Logs::LogGroup
                Properties:
                  LogGroupName: app
                  RetentionInDays: 30
            """,
        ),
        Example(
            terraform="""
            resource "aws_cloudwatch_log_group" "app" { name = "app" }
            """,
            cloudformation="""
            Resources:
              App: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: app}}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_cloudwatch_log_group" "app" {
              name              = "app"
              retention_in_days = "365"
            }
            """,
            cloudformation="""
            Resources:
              App:
                Type: AWS::Logs::LogGroup
                Properties: {LogGroupName: app, RetentionInDays: "365"}
            """,
        ),
        Example(
            terraform="""
            resource "aws_cloudwatch_log_group" "app" {
              name              = "app"
              retention_in_days = 0
            }
            """,
            only="CloudFormation has no word for keeping events for ever but leaving the property out",
        ),
    ],
)
def log_group_retention_short(group: aws.logs.LogGroup, *, min_days: int = 365) -> Iterator[Finding]:
    days = group.retention
    if days.implicit:
        yield Finding("events are kept for ever, and nobody said so", at=days, severity=Severity.LOW)
    elif days.test(lambda number: isinstance(number, (int, float)) and 0 < number < min_days):
        enough = min((n for n in aws.logs.RETENTIONS if n >= min_days), default=None)
        kept = f"{days.data} days, less than {min_days}" if days.known else f"less than {min_days} days"
        yield Finding(
            f"events are kept for {kept}",
            at=days,
            fix=days.set(enough) if enough is not None else None,
        )
