"""Key policy lets anyone use or manage the key.

A key policy is the first word on who may use a key. Principal "*" without a condition that ties the caller to
known accounts or organizations opens it to every AWS account there is. kms:ViaService alone does not tie anybody:
any account can call through a service.

In a key policy, Resource "*" means this key only and is no finding.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.kms.Key,
    severity="critical",
    soc2=["CC6.1", "C1.1", "CC6.3"],
    cwe=["732"],
    bad=[
        Example(
            terraform="""
            resource "aws_kms_key" "data" {
              policy = jsonencode({ Statement = [{
                Sid = "Everyone", Effect = "Allow", Principal = { AWS = "*" }, Action = ["kms:Decrypt"],
                Resource = "*", Condition = { StringEquals = { "kms:ViaService" = "s3.eu-west-1.amazonaws.com" } }
              }] })
            }
            """,
            cloudformation="""
            Resources:
              Data:
                Type: AWS::KMS::Key
                Properties:
                  KeyPolicy:
                    Statement:
                      - {Sid: Everyone, Effect: Allow, Principal: {AWS: "*"}, Action: ["kms:Decrypt"], Resource: "*",
                         Condition: {StringEquals: {"kms:ViaService": s3.eu-west-1.amazonaws.com}}}
            """,
        ),
        Example(
            terraform="""
            resource "aws_kms_key" "data" {}

            resource "aws_kms_key_policy" "data" {
              key_id = aws_kms_key.data.id
              policy = <<-EOF
                {"Statement": {"Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}}
              EOF
            }
            """,
            only="CloudFormation keeps a key's policy in the key itself",
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_kms_key" "data" {
              policy = jsonencode({ Statement = [{
                Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*",
                Resource = "*"
              }] })
            }

            resource "aws_kms_key" "own" {
              policy = jsonencode({ Statement = [{
                Effect = "Allow", Principal = "*", Action = "kms:Decrypt", Resource = "*",
                Condition = { StringEquals = { "kms:CallerAccount" = "111122223333" } }
              }] })
            }
            """,
            cloudformation="""
            Resources:
              Data:
                Type: AWS::KMS::Key
                Properties:
                  KeyPolicy:
                    Statement:
                      - {Effect: Allow, Principal: {AWS: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"},
                         Action: "kms:*", Resource: "*"}
              Own:
                Type: AWS::KMS::Key
                Properties:
                  KeyPolicy:
                    Statement:
                      - {Effect: Allow, Principal: "*", Action: "kms:Decrypt", Resource: "*",
                         Condition: {StringEquals: {"kms:CallerAccount": "111122223333"}}}
            """,
        ),
    ],
)
def kms_key_policy_public(key: aws.kms.Key) -> Iterator[Finding]:
    for policy in key.policies:
        for statement in aws.policy.Document.parse(policy).public_statements():
            yield Finding(f"{statement.name} lets everyone use the key", at=statement.value)
