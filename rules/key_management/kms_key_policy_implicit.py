"""Key is created with the default policy.

Without a policy of its own a key gets the default one, which lets the account's IAM policies decide on everything. Who
may use or destroy the key is then found in every policy of the account and in none; an auditor who asks for the design
of access to it is shown nothing.

Writing the default out is the first step to narrowing it. Since the default is sound where IAM policies are, the rule
is off by default.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.kms.Key,
    severity="low",
    soc2=["CC6.1", "CC6.3"],
    enabled=False,
    cwe=["276"],
    bad=[
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
    good=[
        Example(
            terraform="""
            resource "aws_kms_key" "data" {
              enable_key_rotation = true
              policy = jsonencode({ Version = "2012-10-17", Statement = [{
                Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*",
                Resource = "*"
              }] })
            }
            """,
            cloudformation="""
            Resources:
              Data:
                Type: AWS::KMS::Key
                Properties:
                  EnableKeyRotation: true
                  KeyPolicy:
                    Version: "2012-10-17"
                    Statement:
                      - {Effect: Allow, Principal: {AWS: "arn:aws:iam::111122223333:root"}, Action: "kms:*",
                         Resource: "*"}
            """,
        ),
        Example(
            terraform="""
            resource "aws_kms_key" "data" { enable_key_rotation = true }

            resource "aws_kms_key_policy" "data" {
              key_id = aws_kms_key.data.id
              policy = jsonencode({ Version = "2012-10-17", Statement = [{
                Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*",
                Resource = "*"
              }] })
            }
            """,
            only="CloudFormation keeps a key's policy in the key itself",
        ),
    ],
)
def kms_key_policy_implicit(key: aws.kms.Key) -> Iterator[Finding]:
    if ~key.inline_policy.is_set() & ~key.separate_policies.exists():
        yield Finding("the key has the default policy", at=key.inline_policy)
