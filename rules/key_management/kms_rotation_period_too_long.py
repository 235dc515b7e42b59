"""Key rotates less often than once a year.

The longer one key material is in use, the more a leak of it lays open. KMS rotates each 365 days unless told
otherwise, and takes anything from 90 to 2,560 days.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.kms.Key,
    severity="low",
    soc2=["CC6.1", "C1.1"],
    cwe=["324"],
    applies=lambda key: key.can_rotate & key.rotation.is_(True),
    bad=[
        Example(
            terraform="""
            resource "aws_kms_key" "data" {
              enable_key_rotation     = true
              rotation_period_in_days = 730
            }
            """,
            cloudformation="""
            Resources:
              Data:
                Type: AWS::KMS::Key
                Properties:
                  EnableKeyRotation: true
                  RotationPeriodInDays: 730
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_kms_key" "data" { enable_key_rotation = true }
            resource "aws_kms_key" "off" { rotation_period_in_days = 730 }
            """,
            cloudformation="""
            Resources:
              Data:
                Type: AWS::KMS::Key
                Properties: {EnableKeyRotation: true}
              Off: {Type: AWS::KMS::Key, Properties: {RotationPeriodInDays: 730}}
            """,
        ),
    ],
)
def kms_rotation_period_too_long(key: aws.kms.Key, *, max_days: int = 365) -> Iterator[Finding]:
    period = key.rotation_period
    if period.test(lambda days: isinstance(days, (int, float)) and days > max_days):
        yield Finding(f"the key rotates each {period.data} days only", at=period, fix=period.set(max_days))
