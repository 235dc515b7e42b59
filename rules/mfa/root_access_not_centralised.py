"""Organisation leaves member-account root users in place.

Every member account has a root user whom no IAM policy limits and whose MFA no code can enforce. An organization
can take their credentials away (root access management of IAM), or deny them everything with a service control
policy. Without either, a forgotten root password of a forgotten account is the way in.

Judged are runs that declare an organization. CloudFormation has no resource for root access management, so there
only the service control policy is looked for. The management account's own root user, and whether a root user has
MFA or access keys, show in no code.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Truth, aws, rule


@rule(
    on=aws.account.Account,
    severity="medium",
    soc2=["CC6.1", "CC6.6"],
    cwe=["250"],
    applies=lambda account: Truth.of(bool(account.all(aws.organizations.Organization).items)),
    bad=[
        Example(
            terraform="""
            resource "aws_organizations_organization" "main" {}
            """,
            cloudformation="""
            Resources:
              Main: {Type: AWS::Organizations::Organization}
            """,
        ),
        Example(
            terraform="""
            resource "aws_organizations_organization" "main" {}

            resource "aws_organizations_policy" "root" {
              content = jsonencode({ Statement = [{
                Effect = "Deny", Action = "*", Resource = "*",
                Condition = { StringLike = { "aws:PrincipalArn" = "arn:aws:iam::*:root" } }
              }] })
            }
            """,
            cloudformation="""
            Resources:
              Main: {Type: AWS::Organizations::Organization}
              Root:
                Type: AWS::Organizations::Policy
                Properties:
                  Name: no-root
                  Type: SERVICE_CONTROL_POLICY
                  Content:
                    Statement:
                      - {Effect: Deny, Action: "*", Resource: "*",
                         Condition: {StringLike: {"aws:PrincipalArn": "arn:aws:iam::*:root"}}}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_organizations_organization" "main" {}
            resource "aws_iam_organizations_features" "main" { enabled_features = ["RootCredentialsManagement"] }
            """,
            only="CloudFormation has no resource for root access management",
        ),
        Example(
            terraform="""
            resource "aws_organizations_organization" "main" {}

            resource "aws_organizations_policy" "root" {
              content = jsonencode({ Statement = [{
                Effect = "Deny", Action = "*", Resource = "*",
                Condition = { StringLike = { "aws:PrincipalArn" = "arn:aws:iam::*:root" } }
              }] })
            }

            resource "aws_organizations_policy_attachment" "root" {
              policy_id = aws_organizations_policy.root.id
              target_id = "r-1234"
            }
            """,
            cloudformation="""
            Resources:
              Main: {Type: AWS::Organizations::Organization}
              Root:
                Type: AWS::Organizations::Policy
                Properties:
                  Name: no-root
                  Type: SERVICE_CONTROL_POLICY
                  TargetIds: [r-1234]
                  Content:
                    Statement:
                      - {Effect: Deny, Action: "*", Resource: "*",
                         Condition: {StringLike: {"aws:PrincipalArn": "arn:aws:iam::*:root"}}}
            """,
        ),
    ],
)
def root_access_not_centralised(account: aws.account.Account) -> Iterator[Finding]:
    if account.root_users_limited:
        return
    for organization in account.all(aws.organizations.Organization).items:
        if organization.exists:
            yield Finding("the root users of member accounts keep their credentials", at=organization)
