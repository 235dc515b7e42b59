"""Removing the key from the code would destroy data.

A key that encrypts a database or a bucket outlives them in worth: without it every copy and every backup is lost.
One deleted block, or a stack that is torn down, schedules its deletion, unless the code says that the key is to be
kept.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Severity, Step, aws, rule


@rule(
    on=aws.kms.Key,
    severity="medium",
    soc2=["CC6.1", "A1.2", "C1.2"],
    cwe=["404"],
    bad=[
        Example(
            terraform="""
            resource "aws_kms_key" "data" {}

            resource "aws_db_instance" "orders" {
              storage_encrypted = true
              kms_key_id        = aws_kms_key.data.arn
            }
            """,
            cloudformation="""
            Resources:
              Data:
                Type: AWS::KMS::Key
              Orders: {Type: AWS::RDS::DBInstance, Properties: {StorageEncrypted: true, KmsKeyId: !GetAtt Data.Arn}}
            """,
        ),
        Example(
            terraform="""
            resource "aws_kms_key" "logs" {}
            resource "aws_cloudwatch_log_group" "app" { kms_key_id = aws_kms_key.logs.arn }
            """,
            cloudformation="""
            Resources:
              Logs: {Type: AWS::KMS::Key}
              App: {Type: AWS::Logs::LogGroup, Properties: {KmsKeyId: !GetAtt Logs.Arn}}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_kms_key" "data" {
              lifecycle { prevent_destroy = true }
            }

            resource "aws_dynamodb_table" "orders" {
              server_side_encryption {
                enabled     = true
                kms_key_arn = aws_kms_key.data.arn
              }
            }

            resource "aws_kms_key" "unused" {}
            """,
            cloudformation="""
            Resources:
              Data:
                Type: AWS::KMS::Key
                DeletionPolicy: Retain
                UpdateReplacePolicy: Retain
              Orders:
                Type: AWS::DynamoDB::Table
                Properties: {SSESpecification: {SSEEnabled: true, SSEType: KMS, KMSMasterKeyId: !GetAtt Data.Arn}}
              Unused: {Type: AWS::KMS::Key}
            """,
        ),
    ],
)
def kms_key_removal_unguarded(key: aws.kms.Key) -> Iterator[Finding]:
    if key.survives_removal | ~key.users.exists():
        return
    users = key.users.items
    stateful = [u for u in users if aws.key_properties.keeps_data(u)]
    user = (stateful or users)[0]
    yield Finding(
        "deleting the key with its code would make what it encrypts unreadable",
        at=key.guard,
        severity=Severity.MEDIUM if stateful else Severity.LOW,
        related=(Step(user.header, f"{user.address} is encrypted with it"),),
    )
