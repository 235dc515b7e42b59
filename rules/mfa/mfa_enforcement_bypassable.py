"""The MFA condition can be walked around.

The key aws:MultiFactorAuthPresent comes only with temporary credentials: a request signed with a user's long-term
access keys does not carry it at all. So a Deny with Bool "false" never stops such a request, and an Allow with
BoolIfExists "true" lets it through. A Deny needs BoolIfExists, an Allow needs Bool.
"""

from collections.abc import Iterator

from iaclint import Edit, Example, Finding, Fix, Safety, aws, rule

Bypass = aws.policy.Bypass

MESSAGES = {
    Bypass.DENY_MISSES_ABSENT_KEY: "does not stop requests signed with access keys, which carry no MFA key",
    Bypass.DENY_MISSES_FALSE: "does not stop sessions without MFA",
    Bypass.DENY_NEVER_APPLIES: "stops no request without MFA",
    Bypass.ALLOW_ADMITS_ABSENT_KEY: "admits requests signed with access keys, which carry no MFA key",
}


@rule(
    on=aws.iam.Policy,
    severity="high",
    soc2=["CC6.6", "CC6.1"],
    cwe=["308"],
    bad=[
        Example(
            terraform="""
            resource "aws_iam_policy" "mfa" {
              name = "mfa"
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Sid       = "Mfa"
                  Effect    = "Deny"
                  NotAction = ["iam:EnableMFADevice"]
                  Resource  = "*"
                  Condition = { Bool = { "aws:MultiFactorAuthPresent" = "false" } }
                }]
              })
            }
            """,
            cloudformation="""
            Resources:
              Mfa:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Sid: Mfa
                        Effect: Deny
                        NotAction: ["iam:EnableMFADevice"]
                        Resource: "*"
                        Condition: {Bool: {"aws:MultiFactorAuthPresent": "false"}}
            """,
        ),
        Example(
            terraform="""
            resource "aws_iam_group_policy" "all" {
              group  = "staff"
              policy = <<-EOF
                {
                  "Version": "2012-10-17",
                  "Statement": [{
                    "Sid": "Work",
                    "Effect": "Allow",
                    "Action": "*",
                    "Resource": "*",
                    "Condition": {"BoolIfExists": {"aws:multifactorauthpresent": true}}
                  }]
                }
              EOF
            }
            """,
            cloudformation="""
            Resources:
              All:
                Type: AWS::IAM::GroupPolicy
                Properties:
                  GroupName: staff
                  PolicyName: all
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - Sid: Work
                        Effect: Allow
                        Action: "*"
                        Resource: "*"
                        Condition: {BoolIfExists: {"aws:multifactorauthpresent": true}}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_iam_policy" "mfa" {
              policy = jsonencode({ Version = "2012-10-17", Statement = [
                {
                  Effect = "Deny", NotAction = ["iam:EnableMFADevice"], Resource = "*",
                  Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
                },
                {
                  Effect = "Allow", Action = "*", Resource = "*",
                  Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
                },
              ] })
            }
            """,
            cloudformation="""
            Resources:
              Mfa:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - {Effect: Deny, NotAction: ["iam:EnableMFADevice"], Resource: "*",
                         Condition: {BoolIfExists: {"aws:MultiFactorAuthPresent": "false"}}}
                      - {Effect: Allow, Action: "*", Resource: "*",
                         Condition: {Bool: {"aws:MultiFactorAuthPresent": "true"}}}
            """,
        ),
    ],
)
def mfa_enforcement_bypassable(policy: aws.iam.Policy) -> Iterator[Finding]:
    for weakness in aws.policy.mfa_enforcement(policy.document).weaknesses:
        span = weakness.condition.operator_span
        fix = None
        if weakness.operator and span is not None and weakness.condition.operator in span.text:
            edit = Edit(span, span.text.replace(weakness.condition.operator, weakness.operator))
            fix = Fix(f"use {weakness.operator}", (edit,), Safety.REVIEW)
        yield Finding(
            f"{weakness.statement.name} {MESSAGES[weakness.bypass]}",
            at=span or weakness.condition.value,
            fix=fix,
        )
