"""A policy that enforces MFA reaches nobody.

A managed policy does nothing until it is attached. One that is attached to nobody, only to roles, or only to
groups without members is a control in a document and not in force; a reviewer who follows it from the person's
side finds nothing.

A policy whose ARN the deployment exports may be attached by another one and is not judged.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Truth, aws, rule


def enforces(policy: aws.iam.Policy) -> Truth:
    return policy.enforcement.enforced & Truth.of(policy.is_managed and not policy.exported)


@rule(
    on=aws.iam.IdentityPolicy,
    severity="high",
    soc2=["CC6.6", "CC5.2"],
    cwe=["308"],
    applies=enforces,
    scenery=Example(
        terraform="""
        resource "aws_iam_policy" "mfa" {
          name = "mfa"
          policy = jsonencode({ Version = "2012-10-17", Statement = [{
            Effect = "Deny", NotAction = ["iam:EnableMFADevice"], Resource = "*",
            Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
          }] })
        }
        """,
    ),
    bad=[
        Example(
            terraform="""
            resource "aws_iam_role_policy_attachment" "role" {
              role       = "operators"
              policy_arn = aws_iam_policy.mfa.arn
            }
            """,
            cloudformation="""
            Resources:
              Mfa:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  Roles: [operators]
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - {Effect: Deny, NotAction: ["iam:EnableMFADevice"], Resource: "*",
                         Condition: {BoolIfExists: {"aws:MultiFactorAuthPresent": "false"}}}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_iam_group" "staff" { name = "staff" }

            resource "aws_iam_group_policy_attachment" "mfa" {
              group      = aws_iam_group.staff.name
              policy_arn = aws_iam_policy.mfa.arn
            }
            """,
            cloudformation="""
            Resources:
              Staff: {Type: AWS::IAM::Group, Properties: {ManagedPolicyArns: [!Ref Mfa]}}
              Mfa:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: "2012-10-17"
                    Statement:
                      - {Effect: Deny, NotAction: ["iam:EnableMFADevice"], Resource: "*",
                         Condition: {BoolIfExists: {"aws:MultiFactorAuthPresent": "false"}}}
            """,
        ),
        Example(
            terraform="""
            resource "aws_iam_policy" "mfa" {
              policy = jsonencode({ Version = "2012-10-17", Statement = [{
                Effect = "Deny", NotAction = ["iam:EnableMFADevice"], Resource = "*",
                Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
              }] })
            }

            output "mfa_policy" { value = aws_iam_policy.mfa.arn }
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
            Outputs:
              MfaPolicy:
                Value: !Ref Mfa
                Export: {Name: mfa-policy}
            """,
            alone=True,
        ),
    ],
)
def mfa_enforcement_policy_unattached(policy: aws.iam.IdentityPolicy) -> Iterator[Finding]:
    if ~policy.applies_to_a_user:
        yield Finding("this policy enforces MFA, and reaches nobody", at=policy.resource)
