"""Amazon Cognito."""

from __future__ import annotations

from typing import Any

from iaclint.aws.joins import attached_to
from iaclint.aws.views import View, attr
from iaclint.model.partial import Partial
from iaclint.model.truth import Truth, all_of
from iaclint.model.value import Value


class UserPool(View, terraform="aws_cognito_user_pool", cloudformation="AWS::Cognito::UserPool"):
    """A user pool: a directory of users with their passwords."""

    # YAML reads a bare ON or OFF as a bool; CloudFormation takes the text of it, which Cognito refuses
    mfa = attr(str, terraform="mfa_configuration", cloudformation="MfaConfiguration", default="OFF")

    @property
    def domains(self) -> Partial[UserPoolDomain]:
        """Its domains, which put its sign-in pages on the internet."""
        return attached_to(UserPoolDomain, "pool", self)

    @property
    def clients(self) -> Partial[UserPoolClient]:
        """The applications that use it."""
        return attached_to(UserPoolClient, "pool", self)

    @property
    def signs_in_elsewhere(self) -> Truth:
        """Whether no person ever gives this pool a password: all of its clients are federated or machines."""
        clients = self.clients
        return clients.exists() & clients.all(lambda c: c.federated_only | c.machine_only)


class UserPoolDomain(View, terraform="aws_cognito_user_pool_domain", cloudformation="AWS::Cognito::UserPoolDomain"):
    """A domain of a user pool."""

    pool = attr(str, terraform="user_pool_id", cloudformation="UserPoolId")


class IdentityPool(View, terraform="aws_cognito_identity_pool", cloudformation="AWS::Cognito::IdentityPool"):
    """What exchanges tokens for AWS credentials; both languages demand the property or take it for false."""

    guests = attr(
        bool,
        terraform="allow_unauthenticated_identities",
        cloudformation="AllowUnauthenticatedIdentities",
        default=False,
    )


class UserPoolClient(View, terraform="aws_cognito_user_pool_client", cloudformation="AWS::Cognito::UserPoolClient"):
    pool = attr(str, terraform="user_pool_id", cloudformation="UserPoolId")
    providers = attr(list, terraform="supported_identity_providers", cloudformation="SupportedIdentityProviders")
    flows = attr(list, terraform="allowed_oauth_flows", cloudformation="AllowedOAuthFlows")
    sign_in_flows = attr(list, terraform="explicit_auth_flows", cloudformation="ExplicitAuthFlows")

    @property
    def federated_only(self) -> Truth:
        """Whether people sign in at other identity providers only."""
        return _only(self.providers, lambda v: ~v.is_("COGNITO"))

    @property
    def machine_only(self) -> Truth:
        """Whether it only hands tokens to machines: the client credentials flow, and no way to sign in."""
        return all_of(
            (
                _only(self.flows, lambda v: v.is_("client_credentials")),
                _only(self.sign_in_flows, lambda v: v.is_("ALLOW_REFRESH_TOKEN_AUTH")) | _empty(self.sign_in_flows),
            )
        )


def _only(values: Value[Any], wanted: Any) -> Truth:
    elements = values.elements()
    return elements.exists() & elements.all(wanted)


def _empty(values: Value[Any]) -> Truth:
    return ~values.elements().exists()
