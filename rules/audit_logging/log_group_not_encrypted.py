"""Log group has no customer key.

CloudWatch encrypts every log group with a key of its own, which opens for everybody who may read the group. Under
a key of yours, reading takes a permission on the key besides, each use of it is recorded, and taking the key away
closes everything that was ever logged.

The key's policy has to admit logs.REGION.amazonaws.com.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.logs.LogGroup,
    severity="low",
    soc2=["CC6.1", "CC7.3", "PI1.4"],
    cwe=["311"],
    bad=[
        Example(
            terraform="""
            resource "aws_cloudwatch_log_group" "app" { name = "app" }
            """,
            cloudformation="""
            Resources:
              App:
                Type: AWS::Logs::LogGroup
                Properties: {LogGroupName: app}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_kms_key" "logs" { enable_key_rotation = true }

            resource "aws_cloudwatch_log_group" "app" {
              name       = "app"
              kms_key_id = aws_kms_key.logs.arn
            }
            """,
            cloudformation="""
            Resources:
              Logs: {Type: AWS::KMS::Key, Properties: {EnableKeyRotation: true}}
              App:
                Type: AWS::Logs::LogGroup
                Properties: {LogGroupName: app, KmsKeyId: !GetAtt Logs.Arn}
            """,
        ),
    ],
)
def log_group_not_encrypted(group: aws.logs.LogGroup) -> Iterator[Finding]:
    if ~group.kms_key.is_set():
        yield Finding("no customer key encrypts the events", at=group.kms_key)
