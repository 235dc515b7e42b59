"""Amazon Cognito: user pools and identity pools."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from iaclint.aws.joins import attached_to
from iaclint.aws.views import View, attr
from iaclint.model.partial import Partial
from iaclint.model.truth import Truth, all_of
from iaclint.model.value import Value


class UserPool(View, terraform="aws_cognito_user_pool", cloudformation="AWS::Cognito::UserPool"):
    """A user pool: a directory of users, who sign in to applications."""

    # YAML reads a bare ON or OFF as a bool; CloudFormation takes its text, "true" or "false", which Cognito refuses
    mfa = attr(str, terraform="mfa_configuration", cloudformation="MfaConfiguration", default="OFF")

    @property
    def clients(self) -> Partial[UserPoolClient]:
        """The applications whose users sign in with it."""
        return attached_to(UserPoolClient, "pool", self)

    @property
    def domains(self) -> Partial[UserPoolDomain]:
        """The domains of its sign-in page."""
        return attached_to(UserPoolDomain, "pool", self)

    @property
    def takes_no_passwords(self) -> Truth:
        """Return True if no person gives the pool a password: all its clients are federated, or are machines."""
        clients = self.clients
        return clients.exists() & clients.all(lambda c: c.federated_only | c.machine_only)


class UserPoolClient(View, terraform="aws_cognito_user_pool_client", cloudformation="AWS::Cognito::UserPoolClient"):
    """An application whose users sign in with a user pool."""

    pool = attr(str, terraform="user_pool_id", cloudformation="UserPoolId")
    providers = attr(list, terraform="supported_identity_providers", cloudformation="SupportedIdentityProviders")
    flows = attr(list, terraform="allowed_oauth_flows", cloudformation="AllowedOAuthFlows")
    sign_in_flows = attr(list, terraform="explicit_auth_flows", cloudformation="ExplicitAuthFlows")

    @property
    def federated_only(self) -> Truth:
        """Return True if users sign in only with other identity providers."""
        return _has_only(self.providers, lambda provider: ~provider.is_("COGNITO"))

    @property
    def machine_only(self) -> Truth:
        """Return True if it only issues tokens to machines: by client credentials, with no flow to sign in."""
        refresh_only = _has_only(self.sign_in_flows, lambda flow: flow.is_("ALLOW_REFRESH_TOKEN_AUTH"))
        no_sign_in = refresh_only | ~self.sign_in_flows.elements().exists()
        return all_of((_has_only(self.flows, lambda flow: flow.is_("client_credentials")), no_sign_in))


class UserPoolDomain(View, terraform="aws_cognito_user_pool_domain", cloudformation="AWS::Cognito::UserPoolDomain"):
    """A domain of the sign-in page of a user pool."""

    pool = attr(str, terraform="user_pool_id", cloudformation="UserPoolId")


class IdentityPool(View, terraform="aws_cognito_identity_pool", cloudformation="AWS::Cognito::IdentityPool"):
    """An identity pool, which exchanges tokens for AWS credentials.

    CloudFormation requires the property about guests; for Terraform, it is false if it is absent.
    """

    guests = attr(
        bool,
        terraform="allow_unauthenticated_identities",
        cloudformation="AllowUnauthenticatedIdentities",
        default=False,
    )


def _has_only(values: Value[Any], wanted: Callable[[Value[Any]], Truth]) -> Truth:
    """Return True if a list has an element, and all its elements are wanted."""
    elements = values.elements()
    return elements.exists() & elements.all(wanted)
