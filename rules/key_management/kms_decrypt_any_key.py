"""A policy lets a principal decrypt with every key.

Encryption at rest is worth what the permission to decrypt is worth. With kms:Decrypt on every key, whoever takes over
the role reads every bucket, volume and secret of the account whose key policy leaves it to IAM, which most do.

Conditions that say which keys (kms:ResourceAliases, tags of the key), or what for (kms:ViaService, the encryption
context) limit the statement enough. Full access, all actions on all resources, is a finding of its own.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Step, Truth, aws, rule

READING = ("kms:Decrypt", "kms:ReEncryptFrom")
MAX_RELATED_KEYS = 5
"""How many keys are named that could stand in place of all of them."""
LIMITS = ("kms:resourcealiases", "kms:requestalias", "kms:viaservice", "kms:encryptioncontextkeys")
LIMIT_STARTS = ("kms:encryptioncontext:", "aws:resourcetag/")


def limits_key_use(condition: aws.policy.Condition) -> Truth:
    """Return True if a condition limits which keys may be used, or for what purpose."""
    key = condition.key.lower()
    return Truth.of(not condition.negated and (key in LIMITS or key.startswith(LIMIT_STARTS)))


@rule(
    on=aws.iam.IdentityPolicy,
    severity="medium",
    soc2=["CC6.1", "CC6.3", "C1.1"],
    cwe=["732"],
    bad=[
        Example(
            terraform="""
            resource "aws_iam_policy" "read" {
              policy = jsonencode({
                Version   = "2012-10-17"
                Statement = [{ Sid = "Read", Effect = "Allow", Action = ["kms:Decrypt"], Resource = "*" }]
              })
            }
            """,
            cloudformation="""
            Resources:
              Read:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement: [{Sid: Read, Effect: Allow, Action: ["kms:Decrypt"], Resource: "*"}]
            """,
        ),
        Example(
            terraform="""
            resource "aws_iam_role_policy" "read" {
              role = "app"
              policy = jsonencode({ Version = "2012-10-17", Statement = [{
                Sid = "Read", Effect = "Allow", Action = "kms:*", Resource = "arn:aws:kms:*:111122223333:key/*"
              }] })
            }
            """,
            cloudformation="""
            Resources:
              Read:
                Type: AWS::IAM::RolePolicy
                Properties:
                  RoleName: app
                  PolicyName: read
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - {Sid: Read, Effect: Allow, Action: "kms:*",
                         Resource: !Sub "arn:aws:kms:*:${AWS::AccountId}:key/*"}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_kms_key" "data" { enable_key_rotation = true }

            resource "aws_iam_policy" "read" {
              policy = jsonencode({
                Version   = "2012-10-17"
                Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = aws_kms_key.data.arn }]
              })
            }
            """,
            cloudformation="""
            Resources:
              Data: {Type: AWS::KMS::Key, Properties: {EnableKeyRotation: true}}
              Read:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement: [{Effect: Allow, Action: "kms:Decrypt", Resource: !GetAtt Data.Arn}]
            """,
        ),
        Example(
            terraform="""
            resource "aws_iam_policy" "read" {
              policy = jsonencode({ Version = "2012-10-17", Statement = [{
                Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = "*",
                Condition = { StringEquals = { "kms:ViaService" = "s3.eu-west-1.amazonaws.com" } }
              }] })
            }
            """,
            cloudformation="""
            Resources:
              Read:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - {Effect: Allow, Action: ["kms:Decrypt", "kms:GenerateDataKey"], Resource: "*",
                         Condition: {StringEquals: {"kms:ViaService": s3.eu-west-1.amazonaws.com}}}
            """,
        ),
        Example(
            terraform="""
            resource "aws_iam_policy" "write" {
              policy = jsonencode({
                Version   = "2012-10-17"
                Statement = [{ Effect = "Allow", Action = ["kms:Encrypt", "kms:Describe*"], Resource = "*" }]
              })
            }
            """,
            cloudformation="""
            Resources:
              Write:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement: [{Effect: Allow, Action: ["kms:Encrypt", "kms:Describe*"], Resource: "*"}]
            """,
        ),
    ],
)
def kms_decrypt_any_key(policy: aws.iam.IdentityPolicy) -> Iterator[Finding]:
    for grant in aws.grants.granted_widely(policy.document, READING, ("key/*",)):
        if ~grant.statement.conditions.any(limits_key_use):
            keys = aws.kms.Key.select(policy.deployment)[:MAX_RELATED_KEYS]
            related = tuple(Step(key.header, f"{key.address} is a key of the deployment") for key in keys)
            yield Finding(
                f"{grant.statement.name} lets its holders decrypt with every key", at=grant.value, related=related
            )
