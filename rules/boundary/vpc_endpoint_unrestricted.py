"""VPC endpoint or endpoint service is open to any principal.

A service that takes every connection, or is offered to everybody, joins strangers to your network. An endpoint to S3
or DynamoDB, be it a gateway or an interface, with the policy that it is made with lets stolen data leave for anybody's
bucket, past every firewall.

Limit the policy by aws:PrincipalOrgID or aws:ResourceOrgID, the service to known principals.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Undecided, aws, rule


@rule(
    on=aws.endpoint_access.EndpointAccess,
    severity="low",
    soc2=["CC6.6", "CC6.7"],
    cwe=["284"],
    bad=[
        Example(
            terraform="""
            resource "aws_vpc_endpoint_service" "orders" {
              acceptance_required        = false
              network_load_balancer_arns = ["arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/o/1"]
            }

            resource "aws_vpc_endpoint" "s3" {
              vpc_id       = "vpc-1"
              service_name = "com.amazonaws.eu-west-1.s3"
            }
            """,
            cloudformation="""
            Resources:
              Orders:
                Type: AWS::EC2::VPCEndpointService
                Properties:
                  AcceptanceRequired: false
                  NetworkLoadBalancerArns: ["arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/o/1"]
              S3:
                Type: AWS::EC2::VPCEndpoint
                Properties: {VpcId: vpc-1, ServiceName: com.amazonaws.eu-west-1.s3}
            """,
        ),
        Example(
            terraform="""
            resource "aws_vpc_endpoint_service_allowed_principal" "all" {
              vpc_endpoint_service_id = "vpce-svc-1"
              principal_arn           = "*"
            }
            """,
            cloudformation="""
            Resources:
              All:
                Type: AWS::EC2::VPCEndpointServicePermissions
                Properties: {ServiceId: vpce-svc-1, AllowedPrincipals: ["*"]}
            """,
        ),
        Example(
            terraform="""
            resource "aws_vpc_endpoint" "s3" {
              vpc_id            = "vpc-1"
              service_name      = "com.amazonaws.eu-west-1.s3"
              vpc_endpoint_type = "Interface"
            }
            """,
            cloudformation="""
            Resources:
              S3:
                Type: AWS::EC2::VPCEndpoint
                Properties: {VpcId: vpc-1, ServiceName: com.amazonaws.eu-west-1.s3, VpcEndpointType: Interface}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_vpc_endpoint_service" "orders" {
              acceptance_required        = true
              network_load_balancer_arns = ["arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/o/1"]
            }

            resource "aws_vpc_endpoint" "s3" {
              vpc_id       = "vpc-1"
              service_name = "com.amazonaws.eu-west-1.s3"
              policy = jsonencode({ Statement = [{
                Effect = "Allow", Principal = "*", Action = "*", Resource = "*",
                Condition = { StringEquals = { "aws:ResourceOrgID" = "o-1" } }
              }] })
            }

            resource "aws_vpc_endpoint" "ecr" {
              vpc_id            = "vpc-1"
              service_name      = "com.amazonaws.eu-west-1.ecr.api"
              vpc_endpoint_type = "Interface"
            }
            """,
            cloudformation="""
            Resources:
              Orders:
                Type: AWS::EC2::VPCEndpointService
                Properties:
                  AcceptanceRequired: true
                  NetworkLoadBalancerArns: ["arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/o/1"]
              S3:
                Type: AWS::EC2::VPCEndpoint
                Properties:
                  VpcId: vpc-1
                  ServiceName: com.amazonaws.eu-west-1.s3
                  PolicyDocument:
                    Statement:
                      - {Effect: Allow, Principal: "*", Action: "*", Resource: "*",
                         Condition: {StringEquals: {"aws:ResourceOrgID": o-1}}}
              Ecr:
                Type: AWS::EC2::VPCEndpoint
                Properties: {VpcId: vpc-1, ServiceName: com.amazonaws.eu-west-1.ecr.api, VpcEndpointType: Interface}
            """,
        ),
    ],
)
def vpc_endpoint_unrestricted(access: aws.endpoint_access.EndpointAccess) -> Iterator[Finding | Undecided]:
    if access.acceptance is not None and access.accepts_all.is_true:
        fix = access.acceptance.set(True, "ask before a connection is accepted")
        yield Finding("every connection to the service is accepted", at=access.acceptance, fix=fix)
    for principal in access.open_principals.items:
        yield Finding("the service is offered to everybody", at=principal)
    if access.full_policy.is_true:
        yield Finding("the endpoint keeps the policy that allows everything", at=access)
    for statement in access.open_statements.items:
        yield Finding("the endpoint's policy lets everybody do everything", at=statement.value)
    unknown = (access.accepts_all, access.full_policy, access.open_principals.exists(), access.open_statements.exists())
    for truth in unknown:
        yield Undecided(truth)
