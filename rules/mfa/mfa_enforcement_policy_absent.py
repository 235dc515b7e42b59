"""No policy makes people use MFA.

IAM asks nobody for a second factor by itself. It takes a policy that denies (nearly) everything while MFA is
missing, and it has to reach every person. Without one, a leaked password or access key is all that somebody needs.

Judged are deployments that create people: groups, and users with a password or in a group. Users with access keys
only are machines; roles and Identity Center have no passwords here. A service control policy with such a Deny is
enough, and so are grants that ask for MFA themselves.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.mfa.HumanUsers,
    severity="high",
    soc2=["CC6.6", "CC6.1", "CC6.3"],
    cwe=["308"],
    bad=[
        Example(
            terraform="""
            resource "aws_iam_group" "staff" { name = "staff" }

            resource "aws_iam_group_policy" "staff" {
              group  = aws_iam_group.staff.name
              policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
            }
            """,
            cloudformation="""
            Resources:
              Staff:
                Type: AWS::IAM::Group
                Properties:
                  Policies:
                    - PolicyName: staff
                      PolicyDocument: {Statement: [{Effect: Allow, Action: "s3:*", Resource: "*"}]}
            """,
        ),
        Example(
            terraform="""
            resource "aws_iam_user" "ann" { name = "ann" }
            resource "aws_iam_user_login_profile" "ann" { user = aws_iam_user.ann.name }

            resource "aws_iam_user_policy_attachment" "ann" {
              user       = aws_iam_user.ann.name
              policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
            }
            """,
            cloudformation="""
            Resources:
              Ann:
                Type: AWS::IAM::User
                Properties: {UserName: ann, LoginProfile: {Password: "{{resolve:secretsmanager:ann}}"},
                             ManagedPolicyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"]}
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

            resource "aws_iam_policy" "mfa" {
              name   = "mfa"
              policy = data.aws_iam_policy_document.mfa.json
            }

            data "aws_iam_policy_document" "mfa" {
              statement {
                effect      = "Deny"
                not_actions = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "sts:GetSessionToken"]
                resources   = ["*"]
                condition {
                  test     = "BoolIfExists"
                  variable = "aws:MultiFactorAuthPresent"
                  values   = ["false"]
                }
              }
            }
            """,
            cloudformation="""
            Resources:
              Staff:
                Type: AWS::IAM::Group
              Mfa:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  Groups: [!Ref Staff]
                  PolicyDocument:
                    Statement:
                      - {Effect: Deny,
                         NotAction: ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "sts:GetSessionToken"],
                         Resource: "*", Condition: {BoolIfExists: {"aws:MultiFactorAuthPresent": "false"}}}
            """,
        ),
        Example(
            terraform="""
            resource "aws_iam_user" "robot" { name = "robot" }
            resource "aws_iam_access_key" "robot" { user = aws_iam_user.robot.name }
            """,
            cloudformation="""
            Resources:
              Robot: {Type: AWS::IAM::User}
              Key: {Type: AWS::IAM::AccessKey, Properties: {UserName: !Ref Robot}}
            """,
        ),
    ],
)
def mfa_enforcement_policy_absent(people: aws.mfa.HumanUsers) -> Iterator[Finding]:
    if people.enforced_by_organization | people.enforced_by_policy | people.granted_with_mfa_only:
        return
    yield Finding("people are created, and no policy makes them use MFA", at=people)
