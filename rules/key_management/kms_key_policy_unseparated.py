"""One principal can both manage and use the key.

Who may decrypt should not be able to change who may, or to destroy the key; who manages keys needs no look at the
data. With the two in one hand, one stolen credential reads everything and hides it.

The statement that gives the account's root kms:* is how KMS hands permissions over to IAM, and is no finding.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.kms.Key,
    severity="medium",
    soc2=["CC6.3", "CC6.1"],
    cwe=["266"],
    bad=[
        Example(
            terraform="""
            resource "aws_kms_key" "data" {
              policy = jsonencode({ Version = "2012-10-17", Statement = [{
                Sid = "Deploy", Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:role/deploy" },
                Action = "kms:*", Resource = "*"
              }] })
            }
            """,
            cloudformation="""
            Resources:
              Data:
                Type: AWS::KMS::Key
                Properties:
                  KeyPolicy:
                    Version: "2012-10-17"
                    Statement:
                      - {Sid: Deploy, Effect: Allow, Principal: {AWS: "arn:aws:iam::111122223333:role/deploy"},
                         Action: "kms:*", Resource: "*"}
            """,
        ),
        Example(
            terraform="""
            resource "aws_kms_key" "data" {
              policy = jsonencode({ Version = "2012-10-17", Statement = [
                {
                  Sid = "Manage", Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:user/ann" },
                  Action = ["kms:Put*", "kms:ScheduleKeyDeletion"], Resource = "*"
                },
                {
                  Sid = "Use", Effect = "Allow",
                  Principal = { AWS = ["arn:aws:iam::111122223333:user/ann", "arn:aws:iam::111122223333:user/bob"] },
                  Action = ["kms:Decrypt"], Resource = "*"
                },
              ] })
            }
            """,
            cloudformation="""
            Resources:
              Data:
                Type: AWS::KMS::Key
                Properties:
                  KeyPolicy:
                    Version: "2012-10-17"
                    Statement:
                      - {Sid: Manage, Effect: Allow, Principal: {AWS: "arn:aws:iam::111122223333:user/ann"},
                         Action: ["kms:Put*", "kms:ScheduleKeyDeletion"], Resource: "*"}
                      - {Sid: Use, Effect: Allow,
                         Principal: {AWS: ["arn:aws:iam::111122223333:user/ann", "arn:aws:iam::111122223333:user/bob"]},
                         Action: ["kms:Decrypt"], Resource: "*"}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_kms_key" "data" {
              policy = jsonencode({ Version = "2012-10-17", Statement = [
                {
                  Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*",
                  Resource = "*"
                },
                {
                  Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:role/keys" },
                  Action = ["kms:Put*", "kms:Describe*", "kms:ScheduleKeyDeletion"], Resource = "*"
                },
                {
                  Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:role/app" },
                  Action = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*"], Resource = "*"
                },
              ] })
            }
            """,
            cloudformation="""
            Resources:
              Data:
                Type: AWS::KMS::Key
                Properties:
                  KeyPolicy:
                    Version: "2012-10-17"
                    Statement:
                      - {Effect: Allow, Principal: {AWS: "arn:aws:iam::111122223333:root"}, Action: "kms:*",
                         Resource: "*"}
                      - {Effect: Allow, Principal: {AWS: "arn:aws:iam::111122223333:role/keys"},
                         Action: ["kms:Put*", "kms:Describe*", "kms:ScheduleKeyDeletion"], Resource: "*"}
                      - {Effect: Allow, Principal: {AWS: "arn:aws:iam::111122223333:role/app"},
                         Action: ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*"], Resource: "*"}
            """,
        ),
    ],
)
def kms_key_policy_unseparated(key: aws.kms.Key) -> Iterator[Finding]:
    for policy in key.policies:
        for identity in aws.key_policies.named_identities(aws.policy.Document.parse(policy)):
            manages = identity.is_allowed_any(aws.policy.KEY_DESTRUCTION)
            uses = identity.is_allowed_any(aws.policy.KEY_USE)
            if manages & uses:
                yield Finding(f"{identity.name} can both manage and use the key", at=identity.statements[0].value)
