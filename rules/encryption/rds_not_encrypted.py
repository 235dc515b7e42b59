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
    on=aws.encryption.Database,
    severity="high",
    soc2=["CC6.1", "C1.1", "PI1.5"],
    equivalents={
        "checkov": [
            "CKV_AWS_16",
            "CKV_AWS_96",
            "CKV_AWS_140",
        ],
        "trivy": ["AVD-AWS-0079", "AVD-AWS-0080"],
        "kics": [
            "ffee2785-c347-451e-89f3-11aeb08e5c84",
            "08bd0760-8752-44e1-9779-7bb369b2b4e4",
            "3199c26c-7871-4cb3-99c2-10a59244ce7f",
            "656880aa-1388-488f-a6d4-8f73c23149b2",
            "1a690d1d-0ae7-49fa-b2db-b75ae0dd1d3e",
            "65844ba3-03a1-40a8-b3dd-919f122e8c95",
            "5beacce3-4020-4a3d-9e1d-a36f953df630",
        ],
        "cfn_nag": ["F26", "F27"],
        "guard": ["RDS_STORAGE_ENCRYPTED"],
        "security_hub": [
            "RDS.3",
            "RDS.27",
        ],
        "config": [
            "RDS_STORAGE_ENCRYPTED",
            "RDS_CLUSTER_ENCRYPTED_AT_REST",
        ],
        "cis": ["5.0/2.2.1", "7.0/3.2.1"],
        "prowler": [
            "rds_instance_storage_encrypted",
            "rds_cluster_storage_encrypted",
        ],
    },
    cwe=["311"],
    applies=lambda database: ~database.inherits,
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
                Properties:
                  Engine: postgres
                  StorageEncrypted: "true"
            """,
        ),
        Example(
            terraform="""
            resource "aws_rds_cluster" "orders" {
              engine      = "aurora"
              engine_mode = "serverless"
            }

            resource "aws_db_instance" "replica" {
              replicate_source_db = "orders"
            }
            """,
            cloudformation="""
            Resources:
              Orders:
                Type: AWS::RDS::DBCluster
                Properties:
                  Engine: aurora
                  EngineMode: serverless
              Replica:
                Type: AWS::RDS::DBInstance
                Properties:
                  SourceDBInstanceIdentifier: orders
            """,
        ),
    ],
)
def rds_not_encrypted(database: aws.encryption.Database) -> Iterator[Finding]:
    storage = database.storage
    fix = storage.set(True)  # the database is made anew
    if ~storage.is_(True) & ~database.always_encrypted:
        yield Finding("the storage is not encrypted", at=storage, fix=fix.for_review() if fix else None)
