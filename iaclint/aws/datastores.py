"""Data stores that live in a VPC, and the subnet groups that place them there."""

from __future__ import annotations

from typing import Any

from iaclint.aws.model import Typed, attr, beside
from iaclint.aws.vpc import Subnet
from iaclint.value import Population, Tri, Value


class DataStore(
    Typed,
    tf=(
        *("aws_db_instance", "aws_rds_cluster", "aws_rds_cluster_instance", "aws_redshift_cluster"),
        *("aws_elasticache_cluster", "aws_elasticache_replication_group", "aws_docdb_cluster", "aws_neptune_cluster"),
    ),
    cfn=(
        *("AWS::RDS::DBInstance", "AWS::RDS::DBCluster", "AWS::Redshift::Cluster", "AWS::ElastiCache::CacheCluster"),
        *("AWS::ElastiCache::ReplicationGroup", "AWS::DocDB::DBCluster", "AWS::Neptune::DBCluster"),
    ),
):
    """A database, cache or data warehouse."""

    subnet_group = attr(
        str,
        tf=("db_subnet_group_name", "cluster_subnet_group_name", "subnet_group_name", "neptune_subnet_group_name"),
        cfn=("DBSubnetGroupName", "ClusterSubnetGroupName", "CacheSubnetGroupName"),
    )
    security_groups = attr(
        list,
        tf=("vpc_security_group_ids", "security_group_ids"),
        cfn=("VPCSecurityGroups", "VpcSecurityGroupIds", "SecurityGroupIds"),
    )
    cluster = attr(str, tf=None, cfn="DBClusterIdentifier")

    source = attr(
        str,
        tf=("replicate_source_db", "snapshot_identifier", "replication_source_identifier"),
        cfn=("SourceDBInstanceIdentifier", "DBSnapshotIdentifier", "SnapshotIdentifier", "ReplicationSourceIdentifier"),
    )

    @property
    def from_elsewhere(self) -> Tri:
        """Whether it is made from another one, whose place it may take."""
        return self.source.is_set()

    @property
    def has_groups(self) -> Tri:
        """Whether security groups are chosen for it, and not for the cluster that it belongs to."""
        if self.resource.kind == "AWS::RDS::DBInstance":
            return ~self.cluster.is_set()
        return Tri.of(self.resource.kind != "aws_rds_cluster_instance")

    @property
    def subnet_values(self) -> tuple[Value[Any], ...]:
        """The values that name its subnets, as far as its subnet group is written here."""
        if self.subnet_group.unknown and not self.subnet_group.refs:
            return (self.subnet_group,)
        groups = SubnetGroup.at(self.subnet_group, self.deployment)
        return tuple(
            value
            for group in groups.items
            for value in (group.subnets.items().items if group.subnets.known else (group.subnets,))
        )


class SubnetGroup(
    Typed,
    tf=(
        *("aws_db_subnet_group", "aws_redshift_subnet_group", "aws_elasticache_subnet_group"),
        *("aws_docdb_subnet_group", "aws_neptune_subnet_group"),
    ),
    cfn=(
        *("AWS::RDS::DBSubnetGroup", "AWS::Redshift::ClusterSubnetGroup", "AWS::ElastiCache::SubnetGroup"),
        *("AWS::DocDB::DBSubnetGroup", "AWS::Neptune::DBSubnetGroup"),
    ),
):
    """The subnets that a data store may be placed in."""

    name = attr(str, tf="name", cfn=("DBSubnetGroupName", "CacheSubnetGroupName"))
    subnets = attr(list, tf="subnet_ids", cfn="SubnetIds")

    @property
    def stores(self) -> Population[DataStore]:
        """The data stores that use it."""
        return beside(DataStore, "subnet_group", self, self.name)

    @property
    def vpc_subnets(self) -> Population[Subnet]:
        """Its subnets, as far as they are written here; an id that is written down is none of them."""
        if not self.subnets.known:
            return Subnet.at(self.subnets, self.deployment)
        found: Population[Subnet] = Population(())
        for item in self.subnets.items().items:
            found = found + Subnet.at(item, self.deployment)
        return found

    def place_of(self, subnet: Subnet) -> Value[Any]:
        """Where it names a subnet."""
        named = self.subnets.items().where(lambda item: self.deployment.refers_to(item, subnet.resource))
        return named.items[0] if named.items else self.subnets
