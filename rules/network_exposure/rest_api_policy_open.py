"""REST API's policy lets everybody in.

A resource policy is there to say from where, or by whom, an API may be called. One that allows everybody without a
condition says nothing, and looks in a review as if it did.

Off by default: a public API with an authorizer may have such a policy. Whether a method asks who calls is another
rule's question.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Undecided, aws, rule


@rule(
    on=aws.apigateway.RestApi,
    severity="low",
    soc2=["CC6.1", "CC6.6"],
    enabled=False,
    cwe=["732"],
    bad=[
        Example(
            terraform="""
            resource "aws_api_gateway_rest_api" "orders" {
              name = "orders"
              policy = jsonencode({
                Statement = [{ Effect = "Allow", Principal = "*", Action = "execute-api:Invoke", Resource = "*" }]
              })
            }
            """,
            cloudformation="""
            Resources:
              Orders:
                Type: AWS::ApiGateway::RestApi
                Properties:
                  Name: orders
                  Policy: {Statement: [{Effect: Allow, Principal: "*", Action: "execute-api:Invoke", Resource: "*"}]}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_api_gateway_rest_api" "orders" {
              name = "orders"
              policy = jsonencode({ Statement = [{
                Effect = "Allow", Principal = "*", Action = "execute-api:Invoke", Resource = "*",
                Condition = { IpAddress = { "aws:SourceIp" = "192.0.2.0/24" } }
              }] })
            }
            """,
            cloudformation="""
            Resources:
              Orders:
                Type: AWS::ApiGateway::RestApi
                Properties:
                  Name: orders
                  Policy:
                    Statement:
                      - {Effect: Allow, Principal: "*", Action: "execute-api:Invoke", Resource: "*",
                         Condition: {IpAddress: {"aws:SourceIp": 192.0.2.0/24}}}
            """,
        ),
    ],
)
def rest_api_policy_open(api: aws.apigateway.RestApi) -> Iterator[Finding | Undecided]:
    for document in api.documents:
        open_to_all = document.public_statements()
        for statement in open_to_all.items:
            yield Finding("the policy lets everybody call the API", at=statement.value)
        yield Undecided(open_to_all.exists())
