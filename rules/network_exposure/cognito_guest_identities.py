"""Identity pool hands AWS credentials to guests.

Anybody who reads the id of the pool out of an app gets credentials for its guest role, without signing in, as
often as he likes. What that role may do is then done by the internet, and CloudTrail names nobody.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.cognito.IdentityPool,
    severity="medium",
    soc2=["CC6.1", "CC6.2"],
    cwe=["306"],
    bad=[
        Example(
            terraform="""
            resource "aws_cognito_identity_pool" "app" {
              identity_pool_name               = "app"
              allow_unauthenticated_identities = true
            }
            """,
            cloudformation="""
            Resources:
              App:
                Type: AWS::Cognito::IdentityPool
                Properties: {IdentityPoolName: app, AllowUnauthenticatedIdentities: true}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_cognito_identity_pool" "app" {
              identity_pool_name               = "app"
              allow_unauthenticated_identities = false
            }
            """,
            cloudformation="""
            Resources:
              App:
                Type: AWS::Cognito::IdentityPool
                Properties: {IdentityPoolName: app, AllowUnauthenticatedIdentities: false}
            """,
        ),
    ],
)
def cognito_guest_identities(pool: aws.cognito.IdentityPool) -> Iterator[Finding]:
    if pool.guests.is_(True):
        yield Finding(
            "guests get AWS credentials", at=pool.guests, fix=pool.guests.set(False, "give guests no credentials")
        )
