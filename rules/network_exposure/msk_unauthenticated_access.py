"""Kafka cluster lets clients in without authentication.

Whoever reaches a broker reads every message and writes what he likes, and nobody can tell later who it was. Kafka
checks no permissions where it does not know the client.

A cluster that names no way to authenticate lets everybody in; so does one that allows both. Serverless clusters
always authenticate by IAM.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Undecided, aws, rule


@rule(
    on=aws.kafka.Cluster,
    severity="high",
    soc2=["CC6.1", "CC6.6"],
    cwe=["306"],
    bad=[
        Example(
            terraform="""
            resource "aws_msk_cluster" "events" { cluster_name = "events" }
            """,
            cloudformation="""
            Resources:
              Events:
                Type: AWS::MSK::Cluster
                Properties: {ClusterName: events}
            """,
        ),
        Example(
            terraform="""
            resource "aws_msk_cluster" "events" {
              cluster_name           = "events"
              client_authentication {
                unauthenticated = true
                sasl {
                  iam = true
                }
              }
            }
            """,
            cloudformation="""
            Resources:
              Events:
                Type: AWS::MSK::Cluster
                Properties:
                  ClusterName: events
                  ClientAuthentication:
                    Unauthenticated: {Enabled: true}
                    Sasl: {Iam: {Enabled: true}}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_msk_cluster" "events" {
              cluster_name = "events"
              client_authentication {
                sasl { iam = true }
              }
            }
            """,
            cloudformation="""
            Resources:
              Events:
                Type: AWS::MSK::Cluster
                Properties: {ClusterName: events, ClientAuthentication: {Sasl: {Iam: {Enabled: true}}}}
            """,
        ),
    ],
)
def msk_unauthenticated_access(cluster: aws.kafka.Cluster) -> Iterator[Finding | Undecided]:
    if cluster.unauthenticated.is_(True).is_true:
        fix = cluster.unauthenticated.set(False, "let in nobody without authentication")
        yield Finding(
            "clients are let in without authentication",
            at=cluster.unauthenticated,
            fix=fix if cluster.authenticates.is_true else None,
        )
    elif ~cluster.authenticates:
        yield Finding("the cluster has no way to authenticate clients", at=cluster)
    else:
        yield Undecided(cluster.unauthenticated.is_(True))
