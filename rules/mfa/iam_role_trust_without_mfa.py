"""People can assume a role without MFA.

A trust policy that names an account or users lets people step up into the role. With a condition on MFA in it, a
stolen access key cannot.

Not judged are services, identity providers (which ask for a second factor themselves), roles (MFA is not passed on
from role to role), and third parties who have to bring an external id.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Severity, aws, rule


@rule(
    on=aws.iam.TrustPolicy,
    severity="medium",
    soc2=["CC6.6", "CC6.1"],
    cwe=["308"],
    bad=[
        Example(
            terraform="""
            resource "aws_iam_role" "operators" {
              assume_role_policy = jsonencode({ Statement = [{
                Effect = "Allow", Principal = { AWS = ["arn:aws:iam::111122223333:root"] }, Action = "sts:AssumeRole"
              }] })
            }
            """,
            cloudformation="""
            Resources:
              Operators:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Statement:
                      - {Effect: Allow, Principal: {AWS: ["arn:aws:iam::111122223333:root"]}, Action: "sts:AssumeRole"}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_iam_role" "operators" {
              assume_role_policy = jsonencode({ Statement = [{
                Effect = "Allow", Principal = { AWS = "111122223333" }, Action = "sts:AssumeRole",
                Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
              }] })
            }

            resource "aws_iam_role" "service" {
              assume_role_policy = jsonencode({ Statement = [
                { Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" },
                {
                  Effect = "Allow", Principal = { AWS = "arn:aws:iam::444455556666:root" }, Action = "sts:AssumeRole",
                  Condition = { StringEquals = { "sts:ExternalId" = "a1b2" } }
                },
                {
                  Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:role/pipeline" },
                  Action = "sts:AssumeRole"
                },
              ] })
            }
            """,
            cloudformation="""
            Resources:
              Operators:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Statement:
                      - {Effect: Allow, Principal: {AWS: "111122223333"}, Action: "sts:AssumeRole",
                         Condition: {Bool: {"aws:MultiFactorAuthPresent": "true"}}}
              Service:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Statement:
                      - {Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: "sts:AssumeRole"}
                      - {Effect: Allow, Principal: {AWS: "arn:aws:iam::444455556666:root"}, Action: "sts:AssumeRole",
                         Condition: {StringEquals: {"sts:ExternalId": a1b2}}}
                      - {Effect: Allow, Principal: {AWS: "arn:aws:iam::111122223333:role/pipeline"},
                         Action: "sts:AssumeRole"}
            """,
        ),
    ],
)
def iam_role_trust_without_mfa(policy: aws.iam.TrustPolicy) -> Iterator[Finding]:
    for trust in policy.document.trust():
        if aws.mfa.admits_people_without_mfa(trust, policy.deployment):
            role = aws.iam.Role(policy.resource, policy.deployment)
            severity = Severity.HIGH if aws.grants.admin_grants(role).exists().is_true else Severity.MEDIUM
            yield Finding("people can assume this role without MFA", at=trust.principal.value, severity=severity)
