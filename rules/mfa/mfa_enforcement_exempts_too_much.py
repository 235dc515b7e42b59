"""The policy that enforces MFA leaves more open than setting up a device.

Before MFA is there, a person needs a handful of calls: to create and enable a device, to see oneself, to change
the password. Whatever else the Deny leaves out can be done with a stolen password or access key. Worst are the
calls that take MFA away again, or make new access keys.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Severity, aws, rule


@rule(
    on=aws.iam.Policy,
    severity="medium",
    soc2=["CC6.6", "CC6.3"],
    cwe=["308"],
    bad=[
        Example(
            terraform="""
            resource "aws_iam_policy" "mfa" {
              policy = jsonencode({ Statement = [{
                Effect = "Deny", NotAction = ["iam:EnableMFADevice", "iam:CreateVirtualMFADevice", "s3:*"],
                Resource = "*", Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
              }] })
            }
            """,
            cloudformation="""
            Resources:
              Mfa:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Statement:
                      - {Effect: Deny, NotAction: ["iam:EnableMFADevice", "iam:CreateVirtualMFADevice", "s3:*"],
                         Resource: "*", Condition: {BoolIfExists: {"aws:MultiFactorAuthPresent": "false"}}}
            """,
        ),
        Example(
            terraform="""
            resource "aws_iam_group_policy" "mfa" {
              group = "staff"
              policy = jsonencode({ Statement = [{
                Effect = "Deny", NotAction = ["iam:EnableMFADevice", "iam:Deactivate*"], Resource = "*",
                Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
              }] })
            }
            """,
            cloudformation="""
            Resources:
              Mfa:
                Type: AWS::IAM::GroupPolicy
                Properties:
                  GroupName: staff
                  PolicyDocument:
                    Statement:
                      - {Effect: Deny, NotAction: ["iam:EnableMFADevice", "iam:Deactivate*"], Resource: "*",
                         Condition: {BoolIfExists: {"aws:MultiFactorAuthPresent": "false"}}}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_iam_policy" "mfa" {
              policy = jsonencode({ Statement = [{
                Effect    = "Deny"
                NotAction = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ResyncMFADevice",
                  "iam:GetUser", "iam:ListMFADevices", "iam:ChangePassword", "sts:GetSessionToken"]
                Resource  = "*"
                Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
              }] })
            }
            """,
            cloudformation="""
            Resources:
              Mfa:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Statement:
                      - Effect: Deny
                        NotAction: ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ResyncMFADevice",
                                    "iam:GetUser", "iam:ListMFADevices", "iam:ChangePassword", "sts:GetSessionToken"]
                        Resource: "*"
                        Condition: {BoolIfExists: {"aws:MultiFactorAuthPresent": "false"}}
            """,
        ),
    ],
)
def mfa_enforcement_exempts_too_much(policy: aws.iam.Policy) -> Iterator[Finding]:
    for exemption in policy.enforcement.exemptions:
        exempted = "more than setting up MFA" if exemption.pattern == "*" else exemption.pattern
        severity = Severity.HIGH if exemption.removes_mfa else Severity.MEDIUM
        yield Finding(f"{exempted} stays possible without MFA", at=exemption.value, severity=severity)
