"""Amazon API Gateway."""

from __future__ import annotations

from typing import Any

from iaclint.aws.joins import attached_to, per_deployment
from iaclint.aws.reasoning.policy import Document
from iaclint.aws.views import View, attr
from iaclint.model.inventory import Deployment
from iaclint.model.partial import Partial
from iaclint.model.truth import Truth
from iaclint.model.value import Value


class RestApi(View, terraform="aws_api_gateway_rest_api", cloudformation="AWS::ApiGateway::RestApi"):
    """A REST API."""

    types = attr(list, terraform="endpoint_configuration.types", cloudformation="EndpointConfiguration.Types")
    policy = attr(str, terraform="policy", cloudformation="Policy")

    @property
    def documents(self) -> Partial[Document]:
        """Its resource policies, inline or as resources of their own."""
        inline: Partial[Value[Any]] = Partial((self.policy,))
        return (inline + attached_to(RestApiPolicy, "api", self).map(lambda other: other.policy)).map(Document.parse)

    @property
    def is_private(self) -> Truth:
        """Return True if only VPC endpoints reach it."""
        return self.types.elements().any(lambda endpoint_type: endpoint_type.is_("PRIVATE"))

    @property
    def restricted(self) -> Truth:
        """Return True if it is private, or its policy has a condition."""
        return self.is_private | self.documents.any(lambda d: d.statements.any(lambda s: s.conditions.exists()))


class RestApiPolicy(View, terraform="aws_api_gateway_rest_api_policy", cloudformation=()):
    """The resource policy of a REST API, as a resource of its own."""

    api = attr(str, terraform="rest_api_id", cloudformation=None)
    policy = attr(str, terraform="policy", cloudformation=None)


class Stage(View, terraform="aws_api_gateway_stage", cloudformation="AWS::ApiGateway::Stage"):
    """A stage: a deployed version of a REST API."""

    api = attr(str, terraform="rest_api_id", cloudformation="RestApiId")


class Method(View, terraform="aws_api_gateway_method", cloudformation="AWS::ApiGateway::Method"):
    """A method of a REST API."""

    api = attr(str, terraform="rest_api_id", cloudformation="RestApiId")
    http_method = attr(str, terraform="http_method", cloudformation="HttpMethod")
    resource_id = attr(str, terraform="resource_id", cloudformation="ResourceId")
    authorization = attr(str, terraform="authorization", cloudformation="AuthorizationType", default="NONE")
    key = attr(bool, terraform="api_key_required", cloudformation="ApiKeyRequired", default=False)
    integration = attr(str, terraform=None, cloudformation="Integration.Type")

    @property
    def can_require_authorization(self) -> Truth:
        """Return True if authorization can be required for its calls, and a backend answers them.

        Browsers send OPTIONS without credentials.
        """
        return ~self.http_method.is_("OPTIONS") & ~self._is_mocked

    @property
    def is_open(self) -> Truth:
        """Return True if anyone can call it."""
        unrestricted = ~RestApi.referenced_by(self.api, self.deployment).any(lambda api: api.restricted)
        return self.authorization.is_("NONE") & ~self.key.is_(True) & unrestricted

    @property
    def _is_mocked(self) -> Truth:
        """Return True if a mock integration answers its calls; in Terraform an integration is a resource of its own."""
        paths = {ref.address.resource for ref in self.resource_id.refs}
        mocked = any(
            paths & {ref.address.resource for ref in mock.resource_id.refs} and self._is_named_by(mock)
            for mock in _mock_integrations(self.deployment)
        )
        return self.integration.is_("MOCK") | Truth.of(mocked)

    def _is_named_by(self, integration: Integration) -> bool:
        """Return True if an integration of the same path is for this method."""
        named = integration.method
        if any(ref.address.resource == self.address.resource for ref in named.refs):
            return True
        return bool(named.known and named.data == self.http_method.data)


class Integration(View, terraform="aws_api_gateway_integration", cloudformation=()):
    """The backend of a method, as a resource of its own."""

    resource_id = attr(str, terraform="resource_id", cloudformation=None)
    method = attr(str, terraform="http_method", cloudformation=None)
    type = attr(str, terraform="type", cloudformation=None)


@per_deployment
def _mock_integrations(deployment: Deployment) -> tuple[Integration, ...]:
    return tuple(i for i in Integration.select(deployment) if i.type.is_("MOCK").is_true)


class Api(View, terraform="aws_apigatewayv2_api", cloudformation="AWS::ApiGatewayV2::Api"):
    """An HTTP API or a WebSocket API."""

    protocol = attr(str, terraform="protocol_type", cloudformation="ProtocolType")


class Route(View, terraform="aws_apigatewayv2_route", cloudformation="AWS::ApiGatewayV2::Route"):
    """A route of an HTTP API or a WebSocket API."""

    api = attr(str, terraform="api_id", cloudformation="ApiId")
    route_key = attr(str, terraform="route_key", cloudformation="RouteKey")
    authorization = attr(str, terraform="authorization_type", cloudformation="AuthorizationType", default="NONE")
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes.html"""
    key = attr(bool, terraform="api_key_required", cloudformation="ApiKeyRequired", default=False)

    @property
    def can_require_authorization(self) -> Truth:
        """Return True if authorization can be required for its calls.

        Browsers send OPTIONS without credentials. Of a WebSocket API, only the route $connect can have authorization:
        https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-control-access.html
        """
        socket = Api.referenced_by(self.api, self.deployment).any(lambda api: api.protocol.is_("WEBSOCKET"))
        preflight = self.route_key.test(lambda key: str(key).startswith("OPTIONS "))
        return ~preflight & (~socket | self.route_key.is_("$connect"))

    @property
    def is_open(self) -> Truth:
        """Return True if anyone can call it."""
        return self.authorization.is_("NONE") & ~self.key.is_(True)
