"""Amazon API Gateway and AWS AppSync: who may call an API."""

from __future__ import annotations

from typing import Any

from iaclint.aws.model import Typed, attr, beside, views
from iaclint.aws.policy import Document
from iaclint.estate import Deployment, stem
from iaclint.value import NO, YES, Population, Tri, Value


class RestApi(Typed, tf="aws_api_gateway_rest_api", cfn="AWS::ApiGateway::RestApi"):
    types = attr(list, tf="endpoint_configuration.types", cfn="EndpointConfiguration.Types")
    policy = attr(str, tf="policy", cfn="Policy")

    @property
    def documents(self) -> Population[Document]:
        """Its policies, also one that stands beside it."""
        own: Population[Value[Any]] = Population((self.policy,))
        return (own + beside(RestApiPolicy, "api", self).map(lambda p: p.policy)).map(Document.parse)

    @property
    def restricted(self) -> Tri:
        """Whether only a private network can reach it, or its policy has a condition."""
        private = self.types.elements().any(lambda kind: kind.is_("PRIVATE"))
        return private | self.documents.any(lambda d: d.statements.any(lambda s: s.conditions.exists()))


class RestApiPolicy(Typed, tf="aws_api_gateway_rest_api_policy", cfn=()):
    api = attr(str, tf="rest_api_id", cfn=None)
    policy = attr(str, tf="policy", cfn=None)


class Api(Typed, tf="aws_apigatewayv2_api", cfn="AWS::ApiGatewayV2::Api"):
    protocol = attr(str, tf="protocol_type", cfn="ProtocolType")


class Integration(Typed, tf="aws_api_gateway_integration", cfn=()):
    resource_id = attr(str, tf="resource_id", cfn=None)
    method = attr(str, tf="http_method", cfn=None)
    type = attr(str, tf="type", cfn=None)


class Operation(Typed):
    """Something of an API that can be called."""

    what = ""
    """In words."""

    @classmethod
    def select(cls, deployment: Deployment) -> list[Operation]:
        """The operations of this kind in a deployment; those of all kinds where none is named."""
        kinds: tuple[type[Operation], ...] = (Method, Route, GraphqlApi)
        return views((kind for kind in kinds if issubclass(kind, cls)), deployment)

    authorization = attr(
        str, tf=("authorization", "authorization_type", "authentication_type"), cfn=("AuthorizationType",)
    )

    @property
    def applies(self) -> Tri:
        """Whether authorization can be asked for, and something hangs on it."""
        return YES

    @property
    def open(self) -> Tri:
        """Whether everybody may call it."""
        return NO


class Method(Operation, tf="aws_api_gateway_method", cfn="AWS::ApiGateway::Method"):
    what = "method"
    api = attr(str, tf="rest_api_id", cfn="RestApiId")
    http_method = attr(str, tf="http_method", cfn="HttpMethod")
    resource_id = attr(str, tf="resource_id", cfn="ResourceId")
    authorization = attr(str, tf="authorization", cfn="AuthorizationType", default="NONE")
    key = attr(bool, tf="api_key_required", cfn="ApiKeyRequired", default=False)
    integration = attr(str, tf=None, cfn="Integration.Type")

    @property
    def applies(self) -> Tri:
        # browsers ask with OPTIONS before they have credentials
        return ~self.http_method.is_("OPTIONS") & ~self._mocked

    @property
    def _mocked(self) -> Tri:
        """Whether nothing is behind it."""
        if not self.terraform:
            return self.integration.is_("MOCK")
        own = {stem(ref.address) for ref in self.resource_id.refs}
        return Tri.of(
            any(
                own & {stem(ref.address) for ref in mock.resource_id.refs}
                and (
                    any(stem(ref.address) == stem(self.address) for ref in mock.method.refs)
                    or (mock.method.known and mock.method.data == self.http_method.data)
                )
                for mock in _mocks(self.deployment)
            )
        )

    @property
    def open(self) -> Tri:
        unrestricted = ~RestApi.at(self.api, self.deployment).any(lambda api: api.restricted)
        return self.authorization.is_("NONE") & ~self.key.is_(True) & unrestricted


def _mocks(deployment: Deployment) -> tuple[Integration, ...]:
    key = (Integration, "mocks")
    if key not in deployment.memo:
        deployment.memo[key] = tuple(i for i in Integration.select(deployment) if i.type.is_("MOCK").is_true)
    found: tuple[Integration, ...] = deployment.memo[key]
    return found


class Route(Operation, tf="aws_apigatewayv2_route", cfn="AWS::ApiGatewayV2::Route"):
    what = "route"
    api = attr(str, tf="api_id", cfn="ApiId")
    route_key = attr(str, tf="route_key", cfn="RouteKey")
    authorization = attr(str, tf="authorization_type", cfn="AuthorizationType", default="NONE")
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes.html"""
    key = attr(bool, tf="api_key_required", cfn="ApiKeyRequired", default=False)

    @property
    def applies(self) -> Tri:
        # of a WebSocket API only $connect can be authorized:
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-control-access.html
        socket = Api.at(self.api, self.deployment).any(lambda api: api.protocol.is_("WEBSOCKET"))
        preflight = self.route_key.test(lambda key: str(key).startswith("OPTIONS "))
        return ~preflight & (~socket | self.route_key.is_("$connect"))

    @property
    def open(self) -> Tri:
        return self.authorization.is_("NONE") & ~self.key.is_(True)


class GraphqlApi(Operation, tf="aws_appsync_graphql_api", cfn="AWS::AppSync::GraphQLApi"):
    what = "GraphQL API"
    authorization = attr(str, tf="authentication_type", cfn="AuthenticationType")
    visibility = attr(str, tf="visibility", cfn="Visibility", default="GLOBAL")
    others = attr(list, tf="additional_authentication_provider", cfn="AdditionalAuthenticationProviders")

    @property
    def open(self) -> Tri:
        return self.authorization.is_("API_KEY") & ~self.others.elements().exists() & ~self.visibility.is_("PRIVATE")
