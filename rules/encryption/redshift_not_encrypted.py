"""Redshift cluster is not encrypted.

A data warehouse holds a copy of everything. Without encryption its disks and snapshots can be read by whoever gets
hold of them.

Clusters made since 2025 are encrypted unless told otherwise, but the providers of infrastructure as code have had
different defaults over time; where nothing is said the finding is of medium severity. What is restored from a
snapshot is not judged.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Severity, aws, rule


@rule(
    on=aws.redshift.Cluster,
    severity="high",
    soc2=["CC6.1", "C1.1"],
    cwe=["311"],
    applies=lambda cluster: ~cluster.snapshot.is_set(),
    bad=[
        Example(
            terraform="""
            resource "aws_redshift_cluster" "reports" {
              cluster_identifier = "reports"
              node_type          = "ra3.large"
              encrypted          = false
            }
            """,
            cloudformation="""
            Resources:
              Reports:
                Type: AWS::Redshift::Cluster
                Properties:
                  NodeType: ra3.large
                  Encrypted: false
            """,
        ),
        Example(
            terraform="""
            resource "aws_redshift_cluster" "reports" {
              cluster_identifier = "reports"
              node_type          = "ra3.large"
            }
            """,
            cloudformation="""
            Resources:
              Reports:
                Type: AWS::Redshift::Cluster
                Properties:
                  NodeType: ra3.large
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_redshift_cluster" "reports" {
              cluster_identifier = "reports"
              node_type          = "ra3.large"
              encrypted          = true
            }
            """,
            cloudformation="""
            Resources:
              Reports:
                Type: AWS::Redshift::Cluster
                Properties: {NodeType: ra3.large, Encrypted: true}
            """,
        ),
    ],
)
def redshift_not_encrypted(cluster: aws.redshift.Cluster) -> Iterator[Finding]:
    encrypted = cluster.encrypted
    if encrypted.implicit:
        message = "nothing says that the cluster is encrypted"
        yield Finding(message, at=encrypted, fix=encrypted.set(True), severity=Severity.MEDIUM)
    elif ~encrypted.is_(True):
        yield Finding("the cluster is not encrypted", at=encrypted, fix=encrypted.set(True))
