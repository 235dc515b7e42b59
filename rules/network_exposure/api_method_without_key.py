"""API method asks for no API key.

A key of API Gateway is no proof of identity, but it ties calls to a usage plan, which limits how often each client
may call and shows who does. Without keys one client can use up what all share.

Off by default: most APIs limit their clients in other ways. Whether callers are known at all is asked by api-
method-without-authorization.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.apigateway.Method,
    severity="low",
    soc2=["CC6.6", "A1.1"],
    enabled=False,
    applies=lambda method: method.can_require_authorization,
    bad=[
        Example(
            terraform="""
            resource "aws_api_gateway_method" "orders" {
              rest_api_id   = "api-1"
              resource_id   = "resource-1"
              http_method   = "POST"
              authorization = "AWS_IAM"
            }
            """,
            cloudformation="""
            Resources:
              Orders:
                Type: AWS::ApiGateway::Method
                Properties: {RestApiId: api-1, ResourceId: resource-1, HttpMethod: POST, AuthorizationType: AWS_IAM}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_api_gateway_method" "orders" {
              rest_api_id      = "api-1"
              resource_id      = "resource-1"
              http_method      = "POST"
              authorization    = "AWS_IAM"
              api_key_required = true
            }
            """,
            cloudformation="""
            Resources:
              Orders:
                Type: AWS::ApiGateway::Method
                Properties: {RestApiId: api-1, ResourceId: resource-1, HttpMethod: POST, AuthorizationType: AWS_IAM,
                             ApiKeyRequired: true}
            """,
        ),
    ],
)
def api_method_without_key(method: aws.apigateway.Method) -> Iterator[Finding]:
    if ~method.key.is_(True):
        yield Finding("the method asks for no API key", at=method.key, fix=method.key.set(True, "ask for an API key"))
