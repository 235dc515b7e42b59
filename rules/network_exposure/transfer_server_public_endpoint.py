"""Transfer Family server uses a public endpoint.

The public kind of endpoint cannot have a security group: the whole internet may knock, and passwords are tried
from the first hour. An endpoint inside a VPC can be limited to the partners' addresses, even where it faces the
internet.

PUBLIC is what a server gets that says nothing.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.transfer.Server,
    severity="medium",
    soc2=["CC6.6"],
    cwe=["284"],
    bad=[
        Example(
            terraform="""
            resource "aws_transfer_server" "files" {}
            """,
            cloudformation="""
            Resources:
              Files:
                Type: AWS::Transfer::Server
            """,
        ),
        Example(
            terraform="""
            resource "aws_transfer_server" "files" { endpoint_type = "PUBLIC" }
            """,
            cloudformation="""
            Resources:
              Files: {Type: AWS::Transfer::Server, Properties: {EndpointType: PUBLIC}}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_transfer_server" "files" {
              endpoint_type = "VPC"
              endpoint_details {
                vpc_id     = "vpc-1"
                subnet_ids = ["subnet-1"]
              }
            }
            """,
            cloudformation="""
            Resources:
              Files:
                Type: AWS::Transfer::Server
                Properties: {EndpointType: VPC, EndpointDetails: {VpcId: vpc-1, SubnetIds: [subnet-1]}}
            """,
        ),
    ],
)
def transfer_server_public_endpoint(server: aws.transfer.Server) -> Iterator[Finding]:
    if server.endpoint_type.is_("PUBLIC"):
        yield Finding("the server has a public endpoint, which no security group can limit", at=server.endpoint_type)
