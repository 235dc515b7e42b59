"""AWS AppSync."""

from __future__ import annotations

from iaclint.aws.views import View, attr
from iaclint.model.truth import TRUE, Truth


class GraphqlApi(View, terraform="aws_appsync_graphql_api", cloudformation="AWS::AppSync::GraphQLApi"):
    """A GraphQL API."""

    authorization = attr(str, terraform="authentication_type", cloudformation="AuthenticationType")
    visibility = attr(str, terraform="visibility", cloudformation="Visibility", default="GLOBAL")
    more_authorizations = attr(
        list, terraform="additional_authentication_provider", cloudformation="AdditionalAuthenticationProviders"
    )

    @property
    def is_private(self) -> Truth:
        """Return True if only VPC endpoints reach it."""
        return self.visibility.is_("PRIVATE")

    @property
    def can_require_authorization(self) -> Truth:
        """Return True if authorization can be required for its calls."""
        return TRUE

    @property
    def is_open(self) -> Truth:
        """Return True if anyone with its API key, which web pages hold, can call it from the internet."""
        by_key_alone = self.authorization.is_("API_KEY") & ~self.more_authorizations.elements().exists()
        return by_key_alone & ~self.is_private
