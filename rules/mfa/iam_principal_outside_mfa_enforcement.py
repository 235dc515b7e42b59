"""A person's group or user is not covered by the policy that enforces MFA.

Somewhere in this deployment MFA is enforced, so it is meant to be; here is a person whom it does not reach,
neither directly nor through a group. One such account is the way in.

Users for emergencies can be named in the option `break_glass`.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.mfa.HumanIdentity,
    severity="high",
    soc2=["CC6.6", "CC6.2"],
    cwe=["308"],
    applies=lambda identity: aws.mfa.mfa_enforced_anywhere(identity.deployment),
    scenery=Example(
        terraform="""
        resource "aws_iam_policy" "mfa" {
          policy = jsonencode({ Version = "2012-10-17", Statement = [{
            Effect = "Deny", NotAction = ["iam:EnableMFADevice"], Resource = "*",
            Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
          }] })
        }

        resource "aws_iam_group" "staff" { name = "staff" }

        resource "aws_iam_group_policy_attachment" "staff" {
          group      = aws_iam_group.staff.name
          policy_arn = aws_iam_policy.mfa.arn
        }

        resource "aws_iam_user" "ann" { name = "ann" }
        """,
        cloudformation="""
        Resources:
          Mfa:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              Groups: [!Ref Staff]
              PolicyDocument:
                Version: "2012-10-17"
                Statement:
                  - {Effect: Deny, NotAction: ["iam:EnableMFADevice"], Resource: "*",
                     Condition: {BoolIfExists: {"aws:MultiFactorAuthPresent": "false"}}}
        """,
    ),
    bad=[
        Example(
            terraform="""
            resource "aws_iam_user_login_profile" "ann" { user = aws_iam_user.ann.name }
            """,
            cloudformation="""
            Resources:
              Staff: {Type: AWS::IAM::Group}
              Ann:
                Type: AWS::IAM::User
                Properties: {LoginProfile: {Password: "{{resolve:secretsmanager:ann}}"}}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_iam_user_login_profile" "ann" { user = aws_iam_user.ann.name }

            resource "aws_iam_user_group_membership" "ann" {
              user   = aws_iam_user.ann.name
              groups = [aws_iam_group.staff.name]
            }
            """,
            cloudformation="""
            Resources:
              Staff:
                Type: AWS::IAM::Group
              Ann:
                Type: AWS::IAM::User
                Properties: {LoginProfile: {Password: "{{resolve:secretsmanager:ann}}"}, Groups: [!Ref Staff]}
            """,
        ),
    ],
)
def iam_principal_outside_mfa_enforcement(
    identity: aws.mfa.HumanIdentity, *, break_glass: tuple[str, ...] = ()
) -> Iterator[Finding]:
    if break_glass and identity.name.is_one_of(*break_glass):
        return
    if ~identity.must_use_mfa:
        yield Finding(f"MFA is enforced, but not for this {identity.noun}", at=identity)
