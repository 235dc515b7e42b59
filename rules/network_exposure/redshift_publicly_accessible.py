"""Redshift cluster or workgroup has a public endpoint.

A warehouse holds what a company knows about its customers, all in one place. On the internet one guessed or leaked
password is enough to copy it; inside the network it takes a way in first.

Terraform's provider asked for a public endpoint where nothing is said until version 6, so that a cluster without
the property cannot be judged.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.redshift.Warehouse,
    severity="high",
    soc2=["CC6.6", "CC6.1"],
    cwe=["284"],
    bad=[
        Example(
            terraform="""
            resource "aws_redshift_cluster" "sales" {
              cluster_identifier  = "sales"
              node_type           = "ra3.large"
              publicly_accessible = true
            }

            resource "aws_redshiftserverless_workgroup" "sales" {
              namespace_name      = "sales"
              workgroup_name      = "sales"
              publicly_accessible = true
            }
            """,
            cloudformation="""
            Resources:
              Sales:
                Type: AWS::Redshift::Cluster
                Properties:
                  ClusterType: single-node
                  DBName: sales
                  MasterUsername: admin
                  NodeType: ra3.large
                  PubliclyAccessible: true
              Workgroup:
                Type: AWS::RedshiftServerless::Workgroup
                Properties:
                  NamespaceName: sales
                  WorkgroupName: sales
                  PubliclyAccessible: true
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_redshift_cluster" "sales" {
              cluster_identifier  = "sales"
              node_type           = "ra3.large"
              publicly_accessible = false
            }

            resource "aws_redshiftserverless_workgroup" "sales" {
              namespace_name = "sales"
              workgroup_name = "sales"
            }
            """,
            cloudformation="""
            Resources:
              Sales:
                Type: AWS::Redshift::Cluster
                Properties: {ClusterType: single-node, DBName: sales, MasterUsername: admin, NodeType: ra3.large}
              Workgroup:
                Type: AWS::RedshiftServerless::Workgroup
                Properties: {NamespaceName: sales, WorkgroupName: sales}
            """,
        ),
    ],
)
def redshift_publicly_accessible(warehouse: aws.redshift.Warehouse) -> Iterator[Finding]:
    if warehouse.public:
        yield Finding(
            "the warehouse has a public endpoint",
            at=warehouse.publicly_accessible,
            fix=warehouse.publicly_accessible.set(False, "give the warehouse no public endpoint"),
        )
