"""EKS node group opens SSH to the world.

A managed node group with a key pair and no source security group gets a security group of its own, and that admits
port 22 from the whole internet. Nothing in the code says so.

Name the groups from which administrators come, or leave the key pair out and use Session Manager.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.eks.NodeGroup,
    severity="high",
    soc2=["CC6.6", "CC6.1"],
    cwe=["284"],
    bad=[
        Example(
            terraform="""
            resource "aws_eks_node_group" "workers" {
              cluster_name = "main"
              subnet_ids   = ["subnet-1"]
              remote_access { ec2_ssh_key = "admin" }
            }
            """,
            cloudformation="""
            Resources:
              Workers:
                Type: AWS::EKS::Nodegroup
                Properties: {ClusterName: main, Subnets: [subnet-1], RemoteAccess: {Ec2SshKey: admin}}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_eks_node_group" "workers" {
              cluster_name = "main"
              subnet_ids   = ["subnet-1"]
              remote_access {
                ec2_ssh_key               = "admin"
                source_security_group_ids = ["sg-1"]
              }
            }

            resource "aws_eks_node_group" "closed" {
              cluster_name = "main"
              subnet_ids   = ["subnet-1"]
            }
            """,
            cloudformation="""
            Resources:
              Workers:
                Type: AWS::EKS::Nodegroup
                Properties: {ClusterName: main, Subnets: [subnet-1],
                             RemoteAccess: {Ec2SshKey: admin, SourceSecurityGroups: [sg-1]}}
              Closed:
                Type: AWS::EKS::Nodegroup
                Properties: {ClusterName: main, Subnets: [subnet-1]}
            """,
        ),
    ],
)
def eks_node_remote_access_open(nodes: aws.eks.NodeGroup) -> Iterator[Finding]:
    if nodes.open_to_ssh:
        yield Finding("a key pair without source security groups opens SSH to the internet", at=nodes.ssh_key)
