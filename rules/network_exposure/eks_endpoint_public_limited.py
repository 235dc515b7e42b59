"""Kubernetes API endpoint is public, for some addresses.

A list of ranges keeps most of the internet away, and many teams leave it at that. An auditor will ask who owns the
ranges, and whether everybody behind them should reach the API; with the endpoint inside the network the question
does not arise.

An endpoint that is open to everybody is reported by eks-endpoint-public.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.eks.Cluster,
    severity="low",
    soc2=["CC6.6", "CC6.1"],
    cwe=["284"],
    bad=[
        Example(
            terraform="""
            resource "aws_eks_cluster" "main" {
              name     = "main"
              role_arn = "arn:aws:iam::111122223333:role/eks"
              vpc_config {
                subnet_ids          = ["subnet-1", "subnet-2"]
                public_access_cidrs = ["192.0.2.0/24"]
              }
            }
            """,
            cloudformation="""
            Resources:
              Main:
                Type: AWS::EKS::Cluster
                Properties:
                  RoleArn: arn:aws:iam::111122223333:role/eks
                  ResourcesVpcConfig: {SubnetIds: [subnet-1, subnet-2], PublicAccessCidrs: [192.0.2.0/24]}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_eks_cluster" "main" {
              name     = "main"
              role_arn = "arn:aws:iam::111122223333:role/eks"
              vpc_config {
                subnet_ids              = ["subnet-1", "subnet-2"]
                endpoint_public_access  = false
                endpoint_private_access = true
                public_access_cidrs     = ["192.0.2.0/24"]
              }
            }
            """,
            cloudformation="""
            Resources:
              Main:
                Type: AWS::EKS::Cluster
                Properties:
                  RoleArn: arn:aws:iam::111122223333:role/eks
                  ResourcesVpcConfig: {SubnetIds: [subnet-1, subnet-2], EndpointPublicAccess: false,
                                       EndpointPrivateAccess: true, PublicAccessCidrs: [192.0.2.0/24]}
            """,
        ),
    ],
)
def eks_endpoint_public_limited(cluster: aws.eks.Cluster) -> Iterator[Finding]:
    if ~cluster.public.is_(False) & cluster.limited:
        yield Finding("the Kubernetes API answers some addresses of the internet", at=cluster.opening)
