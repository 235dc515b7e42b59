"""Administrator rights can be used with one factor.

Whoever holds the rights of an administrator can undo every other control. A password or an access key alone must
not be enough to use them: either the grant asks for MFA itself, or a policy that enforces MFA reaches the same
user or group.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Severity, aws, rule


@rule(
    on=aws.mfa.Administrator,
    severity="high",
    soc2=["CC6.6", "CC6.3"],
    cwe=["308"],
    bad=[
        Example(
            terraform="""
            resource "aws_iam_group" "admins" { name = "admins" }

            resource "aws_iam_group_policy_attachment" "admins" {
              group      = aws_iam_group.admins.name
              policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
            }
            """,
            cloudformation="""
            Resources:
              Admins:
                Type: AWS::IAM::Group
                Properties: {ManagedPolicyArns: ["arn:aws:iam::aws:policy/AdministratorAccess"]}
            """,
        ),
        Example(
            terraform="""
            resource "aws_iam_role" "admin" {
              assume_role_policy = jsonencode({ Statement = [{
                Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "sts:AssumeRole"
              }] })
            }

            resource "aws_iam_role_policy" "admin" {
              role   = aws_iam_role.admin.id
              policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
            }
            """,
            cloudformation="""
            Resources:
              Admin:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Statement:
                      - {Effect: Allow, Principal: {AWS: "arn:aws:iam::111122223333:root"}, Action: "sts:AssumeRole"}
                  Policies:
                    - {PolicyName: admin, PolicyDocument: {Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_iam_group" "admins" { name = "admins" }

            resource "aws_iam_group_policy" "admins" {
              group = aws_iam_group.admins.name
              policy = jsonencode({ Statement = [{
                Effect = "Allow", Action = "*", Resource = "*",
                Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
              }] })
            }

            resource "aws_iam_role" "deploy" {
              managed_policy_arns = ["arn:aws:iam::aws:policy/AdministratorAccess"]
              assume_role_policy = jsonencode({ Statement = [{
                Effect = "Allow", Principal = { Service = "codebuild.amazonaws.com" }, Action = "sts:AssumeRole"
              }] })
            }
            """,
            cloudformation="""
            Resources:
              Admins:
                Type: AWS::IAM::Group
                Properties:
                  Policies:
                    - PolicyName: admins
                      PolicyDocument:
                        Statement:
                          - {Effect: Allow, Action: "*", Resource: "*",
                             Condition: {Bool: {"aws:MultiFactorAuthPresent": "true"}}}
              Deploy:
                Type: AWS::IAM::Role
                Properties:
                  ManagedPolicyArns: ["arn:aws:iam::aws:policy/AdministratorAccess"]
                  AssumeRolePolicyDocument:
                    Statement:
                      - {Effect: Allow, Principal: {Service: codebuild.amazonaws.com}, Action: "sts:AssumeRole"}
            """,
        ),
    ],
)
def iam_admin_access_without_mfa(administrator: aws.mfa.Administrator) -> Iterator[Finding]:
    grants = administrator.grants.where(lambda grant: ~grant.requires_mfa)
    if ~administrator.must_use_mfa & grants.exists():
        severity = Severity.CRITICAL if administrator.has_password.is_true else Severity.HIGH
        message = f"this {administrator.noun} has the rights of an administrator without MFA"
        yield Finding(message, at=grants.items[0].value, severity=severity)
