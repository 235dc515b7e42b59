"""Internet-facing load balancer, API or distribution has no web ACL.

A web ACL stops at the edge what no security group can see: injection, known bad clients, floods of sign-ins. AWS
keeps rule sets for the common attacks, so that a first web ACL takes an hour.

Judged are application load balancers that face the internet, stages of REST APIs, AppSync APIs, App Runner
services and distributions, and, as low, user pools with a sign-in page. HTTP APIs, network and classic load
balancers cannot have a web ACL. A load balancer whose security groups let in nothing from the internet but AWS's
own services, such as CloudFront, passes: the distribution before it is what has to be protected. A WAF policy of
Firewall Manager counts.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Severity, aws, rule


@rule(
    on=aws.web_endpoints.WebEndpoint,
    severity="medium",
    soc2=["CC6.6", "CC6.8", "CC7.2"],
    cwe=["693"],
    applies=lambda endpoint: endpoint.public,
    bad=[
        Example(
            terraform="""
            resource "aws_lb" "web" { subnets = ["subnet-1", "subnet-2"] }
            """,
            cloudformation="""
            Resources:
              Web:
                Type: AWS::ElasticLoadBalancingV2::LoadBalancer
                Properties: {Subnets: [subnet-1, subnet-2]}
            """,
        ),
        Example(
            terraform="""
            resource "aws_cloudfront_distribution" "site" { enabled = true }
            """,
            cloudformation="""
            Resources:
              Site: {Type: AWS::CloudFront::Distribution, Properties: {DistributionConfig: {Enabled: true}}}
            """,
        ),
        Example(
            terraform="""
            resource "aws_api_gateway_rest_api" "orders" { name = "orders" }

            resource "aws_api_gateway_stage" "live" {
              rest_api_id   = aws_api_gateway_rest_api.orders.id
              deployment_id = "1"
              stage_name    = "live"
            }

            resource "aws_appsync_graphql_api" "orders" {
              name                = "orders"
              authentication_type = "AWS_IAM"
            }
            """,
            cloudformation="""
            Resources:
              Orders: {Type: AWS::ApiGateway::RestApi, Properties: {Name: orders}}
              Live:
                Type: AWS::ApiGateway::Stage
                Properties: {RestApiId: !Ref Orders, DeploymentId: "1", StageName: live}
              Graph: {Type: AWS::AppSync::GraphQLApi, Properties: {Name: orders, AuthenticationType: AWS_IAM}}
            """,
        ),
        Example(
            terraform="""
            resource "aws_cognito_user_pool" "users" { name = "users" }

            resource "aws_cognito_user_pool_domain" "users" {
              domain       = "sign-in"
              user_pool_id = aws_cognito_user_pool.users.id
            }
            """,
            cloudformation="""
            Resources:
              Users: {Type: AWS::Cognito::UserPool, Properties: {UserPoolName: users}}
              Domain: {Type: AWS::Cognito::UserPoolDomain, Properties: {Domain: sign-in, UserPoolId: !Ref Users}}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_lb" "web" { subnets = ["subnet-1", "subnet-2"] }

            resource "aws_wafv2_web_acl_association" "web" {
              resource_arn = aws_lb.web.arn
              web_acl_arn  = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/common/1"
            }

            resource "aws_lb" "inside" {
              internal = true
              subnets  = ["subnet-1", "subnet-2"]
            }

            resource "aws_lb" "network" {
              load_balancer_type = "network"
              subnets            = ["subnet-1", "subnet-2"]
            }
            """,
            cloudformation="""
            Resources:
              Web:
                Type: AWS::ElasticLoadBalancingV2::LoadBalancer
                Properties: {Subnets: [subnet-1, subnet-2]}
              OfWeb:
                Type: AWS::WAFv2::WebACLAssociation
                Properties:
                  ResourceArn: !Ref Web
                  WebACLArn: arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/common/1
              Inside:
                Type: AWS::ElasticLoadBalancingV2::LoadBalancer
                Properties: {Scheme: internal, Subnets: [subnet-1, subnet-2]}
              Network:
                Type: AWS::ElasticLoadBalancingV2::LoadBalancer
                Properties: {Type: network, Subnets: [subnet-1, subnet-2]}
            """,
        ),
        Example(
            terraform="""
            resource "aws_security_group" "from_cloudfront" {
              vpc_id = "vpc-1"
              ingress {
                protocol        = "tcp"
                from_port       = 443
                to_port         = 443
                prefix_list_ids = ["pl-4fa04526"]
              }
            }

            resource "aws_lb" "origin" {
              security_groups = [aws_security_group.from_cloudfront.id]
              subnets         = ["subnet-1", "subnet-2"]
            }

            resource "aws_cloudfront_distribution" "site" {
              enabled    = true
              web_acl_id = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/common/1"
            }
            """,
            cloudformation="""
            Resources:
              FromCloudFront:
                Type: AWS::EC2::SecurityGroup
                Properties:
                  GroupDescription: from CloudFront
                  VpcId: vpc-1
                  SecurityGroupIngress:
                    - {IpProtocol: tcp, FromPort: 443, ToPort: 443, SourcePrefixListId: pl-4fa04526}
              Origin:
                Type: AWS::ElasticLoadBalancingV2::LoadBalancer
                Properties: {SecurityGroups: [!Ref FromCloudFront], Subnets: [subnet-1, subnet-2]}
              Site:
                Type: AWS::CloudFront::Distribution
                Properties:
                  DistributionConfig:
                    Enabled: true
                    WebACLId: arn:aws:wafv2:us-east-1:111122223333:global/webacl/common/1
            """,
        ),
        Example(
            terraform="""
            resource "aws_api_gateway_rest_api" "orders" {
              name = "orders"
              endpoint_configuration { types = ["PRIVATE"] }
            }

            resource "aws_api_gateway_stage" "live" {
              rest_api_id   = aws_api_gateway_rest_api.orders.id
              deployment_id = "1"
              stage_name    = "live"
            }

            resource "aws_cognito_user_pool" "users" { name = "users" }
            """,
            cloudformation="""
            Resources:
              Orders:
                Type: AWS::ApiGateway::RestApi
                Properties: {Name: orders, EndpointConfiguration: {Types: [PRIVATE]}}
              Live:
                Type: AWS::ApiGateway::Stage
                Properties: {RestApiId: !Ref Orders, DeploymentId: "1", StageName: live}
              Users: {Type: AWS::Cognito::UserPool, Properties: {UserPoolName: users}}
            """,
        ),
    ],
)
def public_endpoint_without_waf(endpoint: aws.web_endpoints.WebEndpoint) -> Iterator[Finding]:
    if ~endpoint.protected & ~endpoint.shielded:
        yield Finding(
            f"no web ACL stands before this {endpoint.noun}",
            at=endpoint,
            severity=Severity.LOW if endpoint.is_minor else None,
        )
