"""API route can be called by anyone.

An operation without an authorizer is run for everybody who finds it, as often as he likes and with the rights of
what is behind it. What the code checks itself, no reviewer can see here, and one forgotten check is enough.

A method or route that demands an API key passes, although a key only meters; so does an API that only a private
network reaches, or whose policy has a condition. OPTIONS and mock integrations answer browsers that have no
credentials yet. Of a WebSocket API only $connect can be authorized. A GraphQL API fails whose only way in is an
API key, which anybody can read out of the page.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.api_operations.Operation,
    severity="medium",
    soc2=["CC6.1", "CC6.6"],
    cwe=["306"],
    applies=lambda operation: operation.can_require_authorization,
    bad=[
        Example(
            terraform="""
            resource "aws_api_gateway_method" "orders" {
              rest_api_id   = "api-1"
              http_method   = "POST"
              authorization = "NONE"
            }
            """,
            cloudformation="""
            Resources:
              Orders:
                Type: AWS::ApiGateway::Method
                Properties: {RestApiId: api-1, HttpMethod: POST, AuthorizationType: NONE}
            """,
        ),
        Example(
            terraform="""
            resource "aws_apigatewayv2_route" "orders" {
              api_id    = "api-1"
              route_key = "POST /orders"
            }

            resource "aws_appsync_graphql_api" "shop" { authentication_type = "API_KEY" }
            """,
            cloudformation="""
            Resources:
              Orders: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: api-1, RouteKey: POST /orders}}
              Shop: {Type: AWS::AppSync::GraphQLApi, Properties: {AuthenticationType: API_KEY}}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_api_gateway_method" "orders" {
              rest_api_id   = "api-1"
              http_method   = "POST"
              authorization = "AWS_IAM"
            }

            resource "aws_api_gateway_method" "preflight" {
              rest_api_id   = "api-1"
              http_method   = "OPTIONS"
              authorization = "NONE"
            }

            resource "aws_apigatewayv2_api" "chat" { protocol_type = "WEBSOCKET" }

            resource "aws_apigatewayv2_route" "send" {
              api_id    = aws_apigatewayv2_api.chat.id
              route_key = "send"
            }

            resource "aws_appsync_graphql_api" "shop" { authentication_type = "AWS_IAM" }

            resource "aws_api_gateway_rest_api" "inside" {
              endpoint_configuration { types = ["PRIVATE"] }
            }

            resource "aws_api_gateway_method" "report" {
              rest_api_id   = aws_api_gateway_rest_api.inside.id
              http_method   = "GET"
              authorization = "NONE"
            }
            """,
            cloudformation="""
            Resources:
              Orders:
                Type: AWS::ApiGateway::Method
                Properties: {RestApiId: api-1, HttpMethod: POST, AuthorizationType: AWS_IAM}
              Preflight:
                Type: AWS::ApiGateway::Method
                Properties: {RestApiId: api-1, HttpMethod: OPTIONS, AuthorizationType: NONE}
              Chat: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: WEBSOCKET}}
              Send: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Chat, RouteKey: send}}
              Shop:
                Type: AWS::AppSync::GraphQLApi
                Properties: {AuthenticationType: AWS_IAM}
              Inside: {Type: AWS::ApiGateway::RestApi, Properties: {EndpointConfiguration: {Types: [PRIVATE]}}}
              Report:
                Type: AWS::ApiGateway::Method
                Properties: {RestApiId: !Ref Inside, HttpMethod: GET, AuthorizationType: NONE}
            """,
        ),
    ],
)
def api_method_without_authorization(operation: aws.api_operations.Operation) -> Iterator[Finding]:
    if operation.is_open:
        yield Finding(f"everybody may call this {operation.noun}", at=operation.authorization)
