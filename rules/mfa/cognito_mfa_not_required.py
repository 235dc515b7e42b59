"""User pool does not require a second factor.

A password alone opens every account whose owner used it twice. With MFA on, a leaked password is not enough.

Pools whose clients only send people to other identity providers, and pools that only hand tokens to machines,
never ask anybody for a password and are not asked for MFA. In YAML, write "ON" in quotes: bare, it is a bool.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Severity, aws, rule


@rule(
    on=aws.cognito.UserPool,
    severity="medium",
    soc2=["CC6.6", "CC6.1"],
    cwe=["308"],
    applies=lambda pool: ~pool.takes_no_passwords,
    bad=[
        Example(
            terraform="""
            resource "aws_cognito_user_pool" "people" { name = "people" }
            """,
            cloudformation="""
            Resources:
              People:
                Type: AWS::Cognito::UserPool
                Properties: {UserPoolName: people}
            """,
        ),
        Example(
            terraform="""
            resource "aws_cognito_user_pool" "people" {
              name              = "people"
              mfa_configuration = "OPTIONAL"
            }
            """,
            cloudformation="""
            Resources:
              People:
                Type: AWS::Cognito::UserPool
                Properties:
                  MfaConfiguration: OPTIONAL
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_cognito_user_pool" "people" {
              name              = "people"
              mfa_configuration = "ON"
              software_token_mfa_configuration { enabled = true }
            }
            """,
            cloudformation="""
            Resources:
              People:
                Type: AWS::Cognito::UserPool
                Properties: {MfaConfiguration: "ON", EnabledMfas: [SOFTWARE_TOKEN_MFA]}
            """,
        ),
        Example(
            terraform="""
            resource "aws_cognito_user_pool" "machines" { name = "machines" }

            resource "aws_cognito_user_pool_client" "service" {
              name                = "service"
              user_pool_id        = aws_cognito_user_pool.machines.id
              allowed_oauth_flows = ["client_credentials"]
            }
            """,
            cloudformation="""
            Resources:
              Machines: {Type: AWS::Cognito::UserPool}
              Service:
                Type: AWS::Cognito::UserPoolClient
                Properties: {UserPoolId: !Ref Machines, AllowedOAuthFlows: [client_credentials]}
            """,
        ),
    ],
)
def cognito_mfa_not_required(pool: aws.cognito.UserPool) -> Iterator[Finding]:
    if pool.mfa.is_("OPTIONAL"):
        yield Finding("each user may leave MFA out", at=pool.mfa, fix=pool.mfa.set("ON"), severity=Severity.LOW)
    elif ~pool.mfa.is_("ON"):
        yield Finding("users sign in with a password alone", at=pool.mfa)
