"""Function runs outside any VPC.

Outside a VPC no firewall, flow log or endpoint policy sees what a function sends, and it cannot reach what is kept
private. A function that only calls AWS's own services may be better off there, which is why this is off by
default.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.lambda_.Function,
    severity="low",
    soc2=["CC6.1", "CC6.6"],
    enabled=False,
    bad=[
        Example(
            terraform="""
            resource "aws_lambda_function" "orders" {
              function_name = "orders"
              role          = "arn:aws:iam::111122223333:role/orders"
            }
            """,
            cloudformation="""
            Resources:
              Orders:
                Type: AWS::Lambda::Function
                Properties: {Role: arn:aws:iam::111122223333:role/orders, Code: {S3Bucket: code, S3Key: orders.zip}}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_lambda_function" "orders" {
              function_name = "orders"
              role          = "arn:aws:iam::111122223333:role/orders"
              vpc_config {
                subnet_ids         = ["subnet-1"]
                security_group_ids = ["sg-1"]
              }
            }
            """,
            cloudformation="""
            Resources:
              Orders:
                Type: AWS::Lambda::Function
                Properties: {Role: arn:aws:iam::111122223333:role/orders, Code: {S3Bucket: code, S3Key: orders.zip},
                             VpcConfig: {SubnetIds: [subnet-1], SecurityGroupIds: [sg-1]}}
            """,
        ),
    ],
)
def lambda_outside_vpc(function: aws.lambda_.Function) -> Iterator[Finding]:
    if ~function.in_vpc:
        yield Finding("the function runs outside any VPC", at=function)
