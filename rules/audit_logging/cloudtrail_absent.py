"""Account has no CloudTrail trail.

CloudTrail records who did what in an account. Without a trail nothing is kept beyond the 90 days of event history
that every account has, which nobody can search across regions, protect, or show to an auditor later.

The rule asks only a run that covers an account: one that sets an organization, AWS Config, GuardDuty, Security Hub
or a password policy up, or is declared so with `covers = ["account"]`. Where the trail is kept by another
repository, say so with `provided = {cloudtrail = "where"}`.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.account.Account,
    severity="high",
    soc2=["PI1.5", "CC7.2", "CC7.3", "CC2.1"],
    cwe=["778"],
    bad=[
        Example(
            terraform="""
            resource "aws_config_configuration_recorder" "main" { role_arn = "arn:aws:iam::111122223333:role/config" }
            """,
            cloudformation="""
            Resources:
              Recorder:
                Type: AWS::Config::ConfigurationRecorder
                Properties: {RoleARN: arn:aws:iam::111122223333:role/config}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_config_configuration_recorder" "main" { role_arn = "arn:aws:iam::111122223333:role/config" }

            resource "aws_cloudtrail" "audit" {
              name           = "audit"
              s3_bucket_name = "audit-logs"
            }
            """,
            cloudformation="""
            Resources:
              Recorder:
                Type: AWS::Config::ConfigurationRecorder
                Properties: {RoleARN: arn:aws:iam::111122223333:role/config}
              Audit: {Type: AWS::CloudTrail::Trail, Properties: {S3BucketName: audit-logs, IsLogging: true}}
            """,
        ),
    ],
)
def cloudtrail_absent(account: aws.account.Account) -> Iterator[Finding]:
    if account.provided("cloudtrail") or (account.trails.exists() | account.event_data_stores.exists()):
        return
    if account.is_baseline:
        yield Finding("no trail records what is done in this account", at=account.header)
