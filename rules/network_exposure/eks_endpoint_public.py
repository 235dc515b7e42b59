"""Kubernetes API endpoint is open to the internet.

Whoever reaches the API needs one stolen token, one forgotten binding for anonymous users or one flaw in the API
server to take the cluster. Administration belongs inside the network, or behind a list of known addresses.

The public endpoint is on unless it is switched off, and without a list of ranges it answers everybody. One that is
limited to some addresses is left to the rule eks-endpoint-public-limited.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Step, aws, rule


@rule(
    on=aws.eks.Cluster,
    severity="high",
    soc2=["CC6.6", "CC6.1"],
    cwe=["284"],
    bad=[
        Example(
            terraform="""
            resource "aws_eks_cluster" "main" {
              vpc_config { subnet_ids = ["subnet-1", "subnet-2"] }
            }
            """,
            cloudformation="""
            Resources:
              Main:
                Type: AWS::EKS::Cluster
                Properties: {ResourcesVpcConfig: {SubnetIds: [subnet-1, subnet-2]}}
            """,
        ),
        Example(
            terraform="""
            resource "aws_eks_cluster" "main" {
              vpc_config {
                endpoint_public_access = true
                public_access_cidrs    = ["192.0.2.0/24", "0.0.0.0/0"]
              }
            }
            """,
            cloudformation="""
            Resources:
              Main:
                Type: AWS::EKS::Cluster
                Properties:
                  ResourcesVpcConfig: {EndpointPublicAccess: true, PublicAccessCidrs: [192.0.2.0/24, 0.0.0.0/0]}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_eks_cluster" "main" {
              vpc_config {
                endpoint_public_access  = false
                endpoint_private_access = true
              }
            }

            resource "aws_eks_cluster" "limited" {
              vpc_config { public_access_cidrs = ["192.0.2.0/24"] }
            }
            """,
            cloudformation="""
            Resources:
              Main:
                Type: AWS::EKS::Cluster
                Properties: {ResourcesVpcConfig: {EndpointPublicAccess: false, EndpointPrivateAccess: true}}
              Limited:
                Type: AWS::EKS::Cluster
                Properties: {ResourcesVpcConfig: {PublicAccessCidrs: [192.0.2.0/24]}}
            """,
        ),
    ],
)
def eks_endpoint_public(cluster: aws.eks.Cluster) -> Iterator[Finding]:
    if ~cluster.public.is_(False) & ~cluster.limited:
        # closing the public endpoint is safe only if the private one is open
        fix = cluster.public.set(False, "close the public endpoint") if cluster.private.is_(True).is_true else None
        switch, opening = cluster.public, cluster.opening
        elsewhere = opening.span != switch.span and not switch.implicit
        related = (Step(switch.span, "the public endpoint is switched on"),) if elsewhere else ()
        yield Finding("the Kubernetes API answers the whole internet", at=opening, fix=fix, related=related)
