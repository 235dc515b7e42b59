"""Amazon API Gateway and AWS AppSync: who may call an API."""

from __future__ import annotations

from typing import Any

from iaclint.aws.joins import attached_to
from iaclint.aws.reasoning.policy import Document
from iaclint.aws.views import View, attr, views
from iaclint.model.inventory import Deployment
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, TRUE, Truth
from iaclint.model.value import Value


class RestApi(View, terraform="aws_api_gateway_rest_api", cloudformation="AWS::ApiGateway::RestApi"):
    types = attr(list, terraform="endpoint_configuration.types", cloudformation="EndpointConfiguration.Types")
    policy = attr(str, terraform="policy", cloudformation="Policy")

    @property
    def documents(self) -> Partial[Document]:
        """Its policies, also one that stands beside it."""
        own: Partial[Value[Any]] = Partial((self.policy,))
        return (own + attached_to(RestApiPolicy, "api", self).map(lambda p: p.policy)).map(Document.parse)

    @property
    def restricted(self) -> Truth:
        """Whether only a private network can reach it, or its policy has a condition."""
        private = self.types.elements().any(lambda kind: kind.is_("PRIVATE"))
        return private | self.documents.any(lambda d: d.statements.any(lambda s: s.conditions.exists()))


class RestApiPolicy(View, terraform="aws_api_gateway_rest_api_policy", cloudformation=()):
    api = attr(str, terraform="rest_api_id", cloudformation=None)
    policy = attr(str, terraform="policy", cloudformation=None)


class Api(View, terraform="aws_apigatewayv2_api", cloudformation="AWS::ApiGatewayV2::Api"):
    protocol = attr(str, terraform="protocol_type", cloudformation="ProtocolType")


class Integration(View, terraform="aws_api_gateway_integration", cloudformation=()):
    resource_id = attr(str, terraform="resource_id", cloudformation=None)
    method = attr(str, terraform="http_method", cloudformation=None)
    type = attr(str, terraform="type", cloudformation=None)


class Operation(View):
    """Something of an API that can be called."""

    what = ""
    """In words."""

    @classmethod
    def select(cls, deployment: Deployment) -> list[Operation]:
        """The operations of this kind in a deployment; those of all kinds where none is named."""
        kinds: tuple[type[Operation], ...] = (Method, Route, GraphqlApi)
        return views((kind for kind in kinds if issubclass(kind, cls)), deployment)

    authorization = attr(
        str,
        terraform=("authorization", "authorization_type", "authentication_type"),
        cloudformation=("AuthorizationType",),
    )

    @property
    def applies(self) -> Truth:
        """Whether authorization can be asked for, and something hangs on it."""
        return TRUE

    @property
    def open(self) -> Truth:
        """Whether everybody may call it."""
        return FALSE


class Method(Operation, terraform="aws_api_gateway_method", cloudformation="AWS::ApiGateway::Method"):
    what = "method"
    api = attr(str, terraform="rest_api_id", cloudformation="RestApiId")
    http_method = attr(str, terraform="http_method", cloudformation="HttpMethod")
    resource_id = attr(str, terraform="resource_id", cloudformation="ResourceId")
    authorization = attr(str, terraform="authorization", cloudformation="AuthorizationType", default="NONE")
    key = attr(bool, terraform="api_key_required", cloudformation="ApiKeyRequired", default=False)
    integration = attr(str, terraform=None, cloudformation="Integration.Type")

    @property
    def applies(self) -> Truth:
        # browsers ask with OPTIONS before they have credentials
        return ~self.http_method.is_("OPTIONS") & ~self._mocked

    @property
    def _mocked(self) -> Truth:
        """Whether nothing is behind it."""
        if not self.is_terraform:
            return self.integration.is_("MOCK")
        own = {ref.address.resource for ref in self.resource_id.refs}
        return Truth.of(
            any(
                own & {ref.address.resource for ref in mock.resource_id.refs}
                and (
                    any(ref.address.resource == self.address.resource for ref in mock.method.refs)
                    or (mock.method.known and mock.method.data == self.http_method.data)
                )
                for mock in _mocks(self.deployment)
            )
        )

    @property
    def open(self) -> Truth:
        unrestricted = ~RestApi.referenced_by(self.api, self.deployment).any(lambda api: api.restricted)
        return self.authorization.is_("NONE") & ~self.key.is_(True) & unrestricted


def _mocks(deployment: Deployment) -> tuple[Integration, ...]:
    key = (Integration, "mocks")
    if key not in deployment.memo:
        deployment.memo[key] = tuple(i for i in Integration.select(deployment) if i.type.is_("MOCK").is_true)
    found: tuple[Integration, ...] = deployment.memo[key]
    return found


class Route(Operation, terraform="aws_apigatewayv2_route", cloudformation="AWS::ApiGatewayV2::Route"):
    what = "route"
    api = attr(str, terraform="api_id", cloudformation="ApiId")
    route_key = attr(str, terraform="route_key", cloudformation="RouteKey")
    authorization = attr(str, terraform="authorization_type", cloudformation="AuthorizationType", default="NONE")
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes.html"""
    key = attr(bool, terraform="api_key_required", cloudformation="ApiKeyRequired", default=False)

    @property
    def applies(self) -> Truth:
        # of a WebSocket API only $connect can be authorized:
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-control-access.html
        socket = Api.referenced_by(self.api, self.deployment).any(lambda api: api.protocol.is_("WEBSOCKET"))
        preflight = self.route_key.test(lambda key: str(key).startswith("OPTIONS "))
        return ~preflight & (~socket | self.route_key.is_("$connect"))

    @property
    def open(self) -> Truth:
        return self.authorization.is_("NONE") & ~self.key.is_(True)


class GraphqlApi(Operation, terraform="aws_appsync_graphql_api", cloudformation="AWS::AppSync::GraphQLApi"):
    what = "GraphQL API"
    authorization = attr(str, terraform="authentication_type", cloudformation="AuthenticationType")
    visibility = attr(str, terraform="visibility", cloudformation="Visibility", default="GLOBAL")
    others = attr(
        list, terraform="additional_authentication_provider", cloudformation="AdditionalAuthenticationProviders"
    )

    @property
    def open(self) -> Truth:
        return self.authorization.is_("API_KEY") & ~self.others.elements().exists() & ~self.visibility.is_("PRIVATE")
