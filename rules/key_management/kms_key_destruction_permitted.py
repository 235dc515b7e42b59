"""A policy lets someone destroy any key.

With a key goes all that it encrypted. The calls that schedule its deletion, switch it off, drop imported material,
stop its rotation or replace its policy belong to the few who manage keys, and to named keys.

Full access, "*" on "*", is another rule's matter.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.iam.IdentityPolicy,
    severity="high",
    soc2=["CC6.1", "CC6.3", "A1.2"],
    cwe=["269"],
    bad=[
        Example(
            terraform="""
            resource "aws_iam_policy" "keys" {
              policy = jsonencode({
                Statement = [{ Sid = "Keys", Effect = "Allow", Action = ["kms:*"], Resource = "*" }]
              })
            }
            """,
            cloudformation="""
            Resources:
              Keys:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument: {Statement: [{Sid: Keys, Effect: Allow, Action: ["kms:*"], Resource: "*"}]}
            """,
        ),
        Example(
            terraform="""
            data "aws_iam_policy_document" "keys" {
              statement {
                sid       = "Schedule"
                actions   = ["kms:Sched*"]
                resources = ["arn:aws:kms:*:111122223333:key/*"]
              }
            }

            resource "aws_iam_user_policy" "keys" {
              user   = "ann"
              policy = data.aws_iam_policy_document.keys.json
            }
            """,
            cloudformation="""
            Resources:
              Keys:
                Type: AWS::IAM::UserPolicy
                Properties:
                  UserName: ann
                  PolicyName: keys
                  PolicyDocument:
                    Statement:
                      - {Sid: Schedule, Effect: Allow, Action: ["kms:Sched*"],
                         Resource: ["arn:aws:kms:*:111122223333:key/*"]}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_iam_policy" "keys" {
              policy = jsonencode({ Statement = [
                { Effect = "Allow", Action = ["kms:Decrypt", "kms:List*"], Resource = "*" },
                {
                  Effect = "Allow", Action = "kms:*",
                  Resource = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
                },
              ] })
            }
            """,
            cloudformation="""
            Resources:
              Keys:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Statement:
                      - {Effect: Allow, Action: ["kms:Decrypt", "kms:List*"], Resource: "*"}
                      - {Effect: Allow, Action: "kms:*",
                         Resource: arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab}
            """,
        ),
    ],
)
def kms_key_destruction_permitted(policy: aws.iam.IdentityPolicy) -> Iterator[Finding]:
    for grant in aws.grants.granted_widely(policy.document, aws.policy.KEY_DESTRUCTION, ("key/*", "alias/*")):
        if ~grant.statement.conditions.exists():
            yield Finding(f"{grant.statement.name} allows {grant.actions[0]} on every key", at=grant.value)
