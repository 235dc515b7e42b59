"""Another account may use the key without limits.

A key policy that names another account hands to its administrators whom they let decrypt. Without a condition on
the service, the encryption context or the organization, everything that the key protects is theirs to read, and a
grant that they make outlives the statement.

Which account is the key's own shows in the statement that gives the account everything; where that is not to be
seen, the rule cannot tell. Accounts that are meant to have the key without conditions are named in
`trusted_accounts`.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.kms.Key,
    severity="medium",
    soc2=["CC6.1", "CC6.7"],
    cwe=["732"],
    bad=[
        Example(
            terraform="""
            data "aws_caller_identity" "own" {}

            resource "aws_kms_key" "data" {
              policy = jsonencode({ Version = "2012-10-17", Statement = [
                {
                  Effect = "Allow",
                  Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.own.account_id}:root" },
                  Action = "kms:*", Resource = "*"
                },
                {
                  Sid = "Partner", Effect = "Allow", Principal = { AWS = "arn:aws:iam::444455556666:root" },
                  Action = ["kms:Decrypt", "kms:DescribeKey"], Resource = "*"
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
                      - {Effect: Allow, Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}, Action: "kms:*",
                         Resource: "*"}
                      - {Sid: Partner, Effect: Allow, Principal: {AWS: "arn:aws:iam::444455556666:root"},
                         Action: ["kms:Decrypt", "kms:DescribeKey"], Resource: "*"}
            """,
        ),
        Example(
            terraform="""
            resource "aws_kms_key" "data" {
              policy = jsonencode({ Version = "2012-10-17", Statement = [
                {
                  Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*",
                  Resource = "*"
                },
                {
                  Sid = "Partner", Effect = "Allow",
                  Principal = { AWS = ["111122223333", "arn:aws:iam::444455556666:role/reader"] },
                  Action = "kms:CreateGrant", Resource = "*"
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
                      - {Sid: Partner, Effect: Allow,
                         Principal: {AWS: ["111122223333", "arn:aws:iam::444455556666:role/reader"]},
                         Action: "kms:CreateGrant", Resource: "*"}
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
                  Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:role/app" }, Action = "kms:Decrypt",
                  Resource = "*"
                },
                {
                  Effect = "Allow", Principal = { AWS = "arn:aws:iam::444455556666:root" },
                  Action = ["kms:Decrypt", "kms:DescribeKey"], Resource = "*",
                  Condition = { StringEquals = { "kms:ViaService" = "s3.eu-west-1.amazonaws.com" } }
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
                      - {Effect: Allow, Principal: {AWS: "arn:aws:iam::111122223333:role/app"}, Action: "kms:Decrypt",
                         Resource: "*"}
                      - {Effect: Allow, Principal: {AWS: "arn:aws:iam::444455556666:root"},
                         Action: ["kms:Decrypt", "kms:DescribeKey"], Resource: "*",
                         Condition: {StringEquals: {"kms:ViaService": s3.eu-west-1.amazonaws.com}}}
            """,
        ),
        Example(
            terraform="""
            data "aws_caller_identity" "own" {}

            resource "aws_iam_role" "app" {
              assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
                Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole"
              }] })
            }

            resource "aws_kms_key" "data" {
              policy = jsonencode({ Version = "2012-10-17", Statement = [
                {
                  Effect = "Allow", Principal = { AWS = data.aws_caller_identity.own.account_id }, Action = "kms:*",
                  Resource = "*"
                },
                {
                  Effect = "Allow", Principal = { AWS = aws_iam_role.app.arn }, Action = "kms:Decrypt", Resource = "*"
                },
              ] })
            }
            """,
            cloudformation="""
            Resources:
              App:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: "2012-10-17"
                    Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: "sts:AssumeRole"}]
              Data:
                Type: AWS::KMS::Key
                Properties:
                  KeyPolicy:
                    Version: "2012-10-17"
                    Statement:
                      - {Effect: Allow, Principal: {AWS: !Ref "AWS::AccountId"}, Action: "kms:*", Resource: "*"}
                      - {Effect: Allow, Principal: {AWS: !GetAtt App.Arn}, Action: "kms:Decrypt", Resource: "*"}
            """,
        ),
    ],
)
def kms_key_shared_unconditionally(key: aws.kms.Key, *, trusted_accounts: tuple[str, ...] = ()) -> Iterator[Finding]:
    for policy in key.policies:
        for share in aws.key_policies.shares(aws.policy.Document.parse(policy), trusted_accounts):
            name = share.statement.name
            yield Finding(f"{name} lets account {share.account} use the key without limits", at=share.principal)
