"""KMS key would be destroyed soon after its deletion.

Between scheduling a key's deletion and its end lies a waiting period of 7 to 30 days. It is the only time in which a
mistake, or an attacker's act, can be noticed and undone; after it, all that the key encrypted is lost.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.kms.Key,
    severity="low",
    soc2=["CC6.1", "A1.2", "C1.2"],
    cwe=["404"],
    bad=[
        Example(
            terraform="""
            resource "aws_kms_key" "data" {
              deletion_window_in_days = 7
              enable_key_rotation     = true
            }
            """,
            cloudformation="""
            Resources:
              Data:
                Type: AWS::KMS::Key
                Properties:
                  PendingWindowInDays: 7
                  EnableKeyRotation: true
            """,
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
        Example(
            terraform="""
            resource "aws_kms_key" "data" { deletion_window_in_days = "30" }
            """,
            cloudformation="""
            Resources:
              Data: {Type: AWS::KMS::Key, Properties: {PendingWindowInDays: "30"}}
            """,
        ),
    ],
)
def kms_key_deletion_window_short(key: aws.kms.Key, *, min_days: int = 30) -> Iterator[Finding]:
    window = key.deletion_window
    if window.test(lambda days: isinstance(days, (int, float)) and days < min_days):
        yield Finding(
            f"the key could be gone {window.data} days after its deletion, fewer than {min_days}",
            at=window,
            fix=window.set(min_days),
        )
