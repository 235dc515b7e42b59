"""Lambda function URL is open to the world.

A function URL without authentication can be called by everybody who learns it, and it is in every log on the way.
The function runs with its role and at your cost. Callers that can sign requests should: with AWS_IAM they need
lambda:InvokeFunctionUrl.

A web hook that checks a signature of its own is a fair reason to accept it.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.lambda_.FunctionUrl,
    severity="high",
    soc2=["CC6.1", "CC6.6"],
    cwe=["306"],
    bad=[
        Example(
            terraform="""
            resource "aws_lambda_function_url" "hook" {
              function_name      = "hook"
              authorization_type = "NONE"
              cors {
                allow_origins = ["*"]
              }
            }
            """,
            cloudformation="""
            Resources:
              Hook:
                Type: AWS::Lambda::Url
                Properties:
                  TargetFunctionArn: hook
                  AuthType: NONE
                  Cors: {AllowOrigins: ["*"]}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_lambda_function_url" "hook" {
              function_name      = "hook"
              authorization_type = "AWS_IAM"
            }
            """,
            cloudformation="""
            Resources:
              Hook:
                Type: AWS::Lambda::Url
                Properties: {TargetFunctionArn: hook, AuthType: AWS_IAM}
            """,
        ),
    ],
)
def function_url_without_auth(url: aws.lambda_.FunctionUrl) -> Iterator[Finding]:
    if url.auth.is_("NONE"):
        everywhere = url.origins.elements().any(lambda origin: origin.is_("*")).is_true
        yield Finding(
            "everybody may call the function" + (", from any web page" if everywhere else ""),
            at=url.auth,
            fix=url.auth.set("AWS_IAM", "demand signed requests"),
        )
