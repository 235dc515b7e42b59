"""Amazon Cognito."""

from __future__ import annotations

from typing import Any

from iaclint.aws.model import Typed, attr, beside
from iaclint.value import Population, Tri, Value, tri_all


class UserPool(Typed, tf="aws_cognito_user_pool", cfn="AWS::Cognito::UserPool"):
    # YAML reads a bare ON or OFF as a bool; CloudFormation takes the text of it, which Cognito refuses
    mfa = attr(str, tf="mfa_configuration", cfn="MfaConfiguration", default="OFF")

    @property
    def clients(self) -> Population[UserPoolClient]:
        return beside(UserPoolClient, "pool", self)

    @property
    def signs_in_elsewhere(self) -> Tri:
        """Whether no person ever gives this pool a password: all of its clients are federated or machines."""
        clients = self.clients
        return clients.exists() & clients.all(lambda c: c.federated_only | c.machine_only)


class IdentityPool(Typed, tf="aws_cognito_identity_pool", cfn="AWS::Cognito::IdentityPool"):
    """What exchanges tokens for AWS credentials; both languages demand the property or take it for false."""

    guests = attr(bool, tf="allow_unauthenticated_identities", cfn="AllowUnauthenticatedIdentities", default=False)


class UserPoolClient(Typed, tf="aws_cognito_user_pool_client", cfn="AWS::Cognito::UserPoolClient"):
    pool = attr(str, tf="user_pool_id", cfn="UserPoolId")
    providers = attr(list, tf="supported_identity_providers", cfn="SupportedIdentityProviders")
    flows = attr(list, tf="allowed_oauth_flows", cfn="AllowedOAuthFlows")
    sign_in_flows = attr(list, tf="explicit_auth_flows", cfn="ExplicitAuthFlows")

    @property
    def federated_only(self) -> Tri:
        """Whether people sign in at other identity providers only."""
        return _only(self.providers, lambda v: ~v.is_("COGNITO"))

    @property
    def machine_only(self) -> Tri:
        """Whether it only hands tokens to machines: the client credentials flow, and no way to sign in."""
        return tri_all(
            (
                _only(self.flows, lambda v: v.is_("client_credentials")),
                _only(self.sign_in_flows, lambda v: v.is_("ALLOW_REFRESH_TOKEN_AUTH")) | _empty(self.sign_in_flows),
            )
        )


def _only(values: Value[Any], wanted: Any) -> Tri:
    elements = values.elements()
    return elements.exists() & elements.all(wanted)


def _empty(values: Value[Any]) -> Tri:
    return ~values.elements().exists()
