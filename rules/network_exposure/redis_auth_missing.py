"""Redis or Valkey replication group takes commands without a password.

Without a token or user groups, everybody who reaches the port reads and deletes what is cached: sessions, tokens,
personal data. One compromised container in the network is enough.

User groups give each application its own rights and are to be preferred. Both need encryption in transit. MemoryDB
always has an access control list; the built-in open-access lets everybody in.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.datastores.RedisStore,
    severity="medium",
    soc2=["CC6.1", "CC6.6"],
    cwe=["306"],
    bad=[
        Example(
            terraform="""
            resource "aws_elasticache_replication_group" "sessions" {}
            """,
            cloudformation="""
            Resources:
              Sessions:
                Type: AWS::ElastiCache::ReplicationGroup
                Properties: {ReplicationGroupDescription: sessions}
            """,
        ),
        Example(
            terraform="""
            resource "aws_memorydb_cluster" "sessions" { acl_name = "open-access" }
            """,
            cloudformation="""
            Resources:
              Sessions: {Type: AWS::MemoryDB::Cluster, Properties: {ACLName: open-access}}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_elasticache_replication_group" "sessions" {
              transit_encryption_enabled = true
              user_group_ids             = ["app"]
            }

            resource "aws_memorydb_cluster" "sessions" { acl_name = "app" }

            resource "aws_elasticache_replication_group" "carts" {
              transit_encryption_enabled = true
              auth_token                 = data.aws_secretsmanager_secret_version.token.secret_string
            }

            data "aws_secretsmanager_secret_version" "token" { secret_id = "token" }
            """,
            cloudformation="""
            Resources:
              Sessions:
                Type: AWS::ElastiCache::ReplicationGroup
                Properties: {ReplicationGroupDescription: sessions, TransitEncryptionEnabled: true, UserGroupIds: [app]}
              Durable:
                Type: AWS::MemoryDB::Cluster
                Properties: {ACLName: app}
              Carts:
                Type: AWS::ElastiCache::ReplicationGroup
                Properties: {ReplicationGroupDescription: carts, TransitEncryptionEnabled: true,
                             AuthToken: "{{resolve:secretsmanager:token}}"}
            """,
        ),
    ],
)
def redis_auth_missing(store: aws.datastores.RedisStore) -> Iterator[Finding]:
    if ~store.authenticates:
        yield Finding("clients need no password", at=store.access_setting)
