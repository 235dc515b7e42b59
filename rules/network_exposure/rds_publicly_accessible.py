"""Database instance has a public endpoint.

A database on the internet is found within hours, and from then on its passwords are guessed around the clock; a
flaw in the engine needs no password at all. Nothing but the application has to reach it.

A template that names neither a subnet group nor a cluster, and says nothing, leaves it to the default VPC of the
account, which has an internet gateway unless somebody took it away; that is reported as medium.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Severity, aws, rule


@rule(
    on=aws.datastores.DatabaseEndpoint,
    severity="critical",
    soc2=["CC6.6", "CC6.1", "CC6.2"],
    cwe=["284"],
    bad=[
        Example(
            terraform="""
            resource "aws_db_instance" "orders" {
              instance_class      = "db.t3.micro"
              publicly_accessible = true
            }
            """,
            cloudformation="""
            Resources:
              Orders:
                Type: AWS::RDS::DBInstance
                Properties:
                  DBInstanceClass: db.t3.micro
                  PubliclyAccessible: true
            """,
        ),
        Example(
            cloudformation="""
            Resources:
              Orders:
                Type: AWS::RDS::DBInstance
                Properties:
                  DBInstanceClass: db.t3.micro
            """,
            only="Terraform's provider asks for a private one",
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_db_instance" "orders" {
              instance_class       = "db.t3.micro"
              db_subnet_group_name = "private"
            }

            resource "aws_rds_cluster_instance" "a" {
              cluster_identifier  = "stock"
              instance_class      = "db.r5.large"
              engine              = "aurora-postgresql"
              publicly_accessible = false
            }
            """,
            cloudformation="""
            Resources:
              Orders:
                Type: AWS::RDS::DBInstance
                Properties: {DBInstanceClass: db.t3.micro, DBSubnetGroupName: private}
              A:
                Type: AWS::RDS::DBInstance
                Properties: {DBClusterIdentifier: stock, DBInstanceClass: db.r5.large, Engine: aurora-postgresql,
                             PubliclyAccessible: false}
            """,
        ),
    ],
)
def rds_publicly_accessible(database: aws.datastores.DatabaseEndpoint) -> Iterator[Finding]:
    fix = database.publicly_accessible.set(False, "give the database no public address")
    if database.public:
        yield Finding("the database has a public endpoint", at=database.publicly_accessible, fix=fix)
    elif database.left_to_default_vpc:
        yield Finding(
            "the database is public if the default VPC is",
            at=database.publicly_accessible,
            fix=fix,
            severity=Severity.MEDIUM,
        )
