"""A disabled key is named by resources that need it.

What a disabled key encrypted cannot be read. A database that names it does not start, a bucket refuses its objects, a
trail stops delivering; and so it stays until somebody finds out why.

A disabled key that nothing here names is reported as low: it is either a leftover or used elsewhere.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Severity, Step, aws, rule


@rule(
    on=aws.kms.Key,
    severity="medium",
    soc2=["CC6.1", "A1.2"],
    cwe=["404"],
    scenery=Example(
        terraform="""
        resource "aws_db_instance" "orders" {
          engine            = "postgres"
          storage_encrypted = true
          kms_key_id        = aws_kms_key.data.arn
        }
        """,
        cloudformation="""
        Resources:
          Orders:
            Type: AWS::RDS::DBInstance
            Properties: {Engine: postgres, StorageEncrypted: true, KmsKeyId: !GetAtt Data.Arn}
        """,
    ),
    bad=[
        Example(
            terraform="""
            resource "aws_kms_key" "data" {
              is_enabled = false
            }
            """,
            cloudformation="""
            Resources:
              Data:
                Type: AWS::KMS::Key
                Properties:
                  Enabled: false
            """,
        ),
        Example(
            terraform="""
            resource "aws_kms_key" "old" {
              is_enabled = "false"
            }
            """,
            cloudformation="""
            Resources:
              Old:
                Type: AWS::KMS::Key
                Properties:
                  Enabled: "false"
            """,
            alone=True,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_kms_key" "data" { enable_key_rotation = true }
            """,
            cloudformation="""
            Resources:
              Data:
                Type: AWS::KMS::Key
                Properties: {EnableKeyRotation: true}
            """,
        ),
    ],
)
def kms_key_disabled_in_use(key: aws.kms.Key) -> Iterator[Finding]:
    if ~key.enabled.is_(False):
        return
    users = key.users.items
    used = tuple(Step(user.header, f"{user.address} is encrypted with it") for user in users)
    if used:
        yield Finding("a key that is needed is disabled", at=key.enabled, fix=key.enabled.set(True), related=used)
    else:
        yield Finding("the key is disabled", at=key.enabled, fix=key.enabled.set(True), severity=Severity.LOW)
