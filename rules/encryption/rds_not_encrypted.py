"""Database or cluster storage is not encrypted.

Without encryption every copy of the volume, every snapshot and every backup can be read by whoever gets hold of
it, and a snapshot can be shared with another account without a key. It cannot be switched on later: the database
has to be made anew.

Members of a cluster, replicas and what is restored from a snapshot are encrypted as their source is, and are not
judged. The volume of Aurora Serverless v1 is always encrypted.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.rds.Database,
    severity="high",
    soc2=["CC6.1", "C1.1", "PI1.5"],
    cwe=["311"],
    applies=lambda database: ~database.inherits_encryption,
    bad=[
        Example(
            terraform="""
            resource "aws_db_instance" "orders" {
              engine = "postgres"
            }
            """,
            cloudformation="""
            Resources:
              Orders:
                Type: AWS::RDS::DBInstance
                Properties:
                  Engine: postgres
            """,
        ),
        Example(
            terraform="""
            resource "aws_rds_cluster" "orders" {
              engine            = "aurora-postgresql"
              storage_encrypted = false
            }
            """,
            cloudformation="""
            Resources:
              Orders:
                Type: AWS::RDS::DBCluster
                Properties:
                  Engine: aurora-postgresql
                  StorageEncrypted: false
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_db_instance" "orders" {
              engine            = "postgres"
              storage_encrypted = true
            }
            """,
            cloudformation="""
            Resources:
              Orders:
                Type: AWS::RDS::DBInstance
                Properties: {Engine: postgres, StorageEncrypted: "true"}
            """,
        ),
        Example(
            terraform="""
            resource "aws_rds_cluster" "orders" {
              engine      = "aurora"
              engine_mode = "serverless"
            }

            resource "aws_db_instance" "replica" { replicate_source_db = "orders" }
            """,
            cloudformation="""
            Resources:
              Orders: {Type: AWS::RDS::DBCluster, Properties: {Engine: aurora, EngineMode: serverless}}
              Replica: {Type: AWS::RDS::DBInstance, Properties: {SourceDBInstanceIdentifier: orders}}
            """,
        ),
    ],
)
def rds_not_encrypted(database: aws.rds.Database) -> Iterator[Finding]:
    storage = database.storage_encrypted
    fix = storage.set(True)  # the database is replaced, so a person has to look at it
    if ~storage.is_(True) & ~database.always_encrypted:
        yield Finding("the storage is not encrypted", at=storage, fix=fix.for_review() if fix else None)
