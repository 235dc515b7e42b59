"""DocumentDB or Neptune storage is not encrypted.

Without encryption every copy of the volume and every snapshot can be read by whoever gets hold of it. It cannot be
switched on later: the cluster has to be made anew.

What is restored from a snapshot, or made from another cluster, is encrypted as that is, and is not judged.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.encryption.DocumentStore,
    severity="high",
    soc2=["CC6.1", "C1.1", "CC7.5"],
    cwe=["311"],
    applies=lambda cluster: ~cluster.snapshot.is_set(),
    bad=[
        Example(
            terraform="""
            resource "aws_docdb_cluster" "orders" {
              cluster_identifier = "orders"
            }
            """,
            cloudformation="""
            Resources:
              Orders:
                Type: AWS::DocDB::DBCluster
            """,
        ),
        Example(
            terraform="""
            resource "aws_neptune_cluster" "graph" {
              cluster_identifier = "graph"
              storage_encrypted  = false
            }
            """,
            cloudformation="""
            Resources:
              Graph:
                Type: AWS::Neptune::DBCluster
                Properties:
                  StorageEncrypted: false
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_docdb_cluster" "orders" { storage_encrypted = true }
            resource "aws_neptune_cluster" "graph" { snapshot_identifier = "graph-2024" }
            """,
            cloudformation="""
            Resources:
              Orders:
                Type: AWS::DocDB::DBCluster
                Properties: {StorageEncrypted: true}
              Graph: {Type: AWS::Neptune::DBCluster, Properties: {SnapshotIdentifier: graph-2024}}
            """,
        ),
    ],
)
def docdb_neptune_not_encrypted(cluster: aws.encryption.DocumentStore) -> Iterator[Finding]:
    storage = cluster.storage_encrypted
    fix = storage.set(True)  # the cluster is replaced, so a person has to look at it
    if ~storage.is_(True):
        yield Finding("the storage is not encrypted", at=storage, fix=fix.for_review() if fix else None)
