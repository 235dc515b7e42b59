"""Data stores that live in a VPC, and the subnet groups that place them there."""

from __future__ import annotations

from typing import Any

from iaclint.aws.joins import attached_to
from iaclint.aws.services.vpc import Subnet
from iaclint.aws.views import View, attr
from iaclint.model.partial import Partial
from iaclint.model.truth import Truth
from iaclint.model.value import Value


class DataStore(
    View,
    terraform=(
        *("aws_db_instance", "aws_rds_cluster", "aws_rds_cluster_instance", "aws_redshift_cluster"),
        *("aws_elasticache_cluster", "aws_elasticache_replication_group", "aws_docdb_cluster", "aws_neptune_cluster"),
    ),
    cloudformation=(
        *("AWS::RDS::DBInstance", "AWS::RDS::DBCluster", "AWS::Redshift::Cluster", "AWS::ElastiCache::CacheCluster"),
        *("AWS::ElastiCache::ReplicationGroup", "AWS::DocDB::DBCluster", "AWS::Neptune::DBCluster"),
    ),
):
    """A database, cache or data warehouse."""

    subnet_group = attr(
        str,
        terraform=(
            "db_subnet_group_name",
            "cluster_subnet_group_name",
            "subnet_group_name",
            "neptune_subnet_group_name",
        ),
        cloudformation=("DBSubnetGroupName", "ClusterSubnetGroupName", "CacheSubnetGroupName"),
    )
    security_groups = attr(
        list,
        terraform=("vpc_security_group_ids", "security_group_ids"),
        cloudformation=("VPCSecurityGroups", "VpcSecurityGroupIds", "SecurityGroupIds"),
    )
    cluster = attr(str, terraform=None, cloudformation="DBClusterIdentifier")

    source = attr(
        str,
        terraform=("replicate_source_db", "snapshot_identifier", "replication_source_identifier"),
        cloudformation=(
            "SourceDBInstanceIdentifier",
            "DBSnapshotIdentifier",
            "SnapshotIdentifier",
            "ReplicationSourceIdentifier",
        ),
    )

    @property
    def from_elsewhere(self) -> Truth:
        """Whether it is made from another one, whose place it may take."""
        return self.source.is_set()

    @property
    def has_groups(self) -> Truth:
        """Whether security groups are chosen for it, and not for the cluster that it belongs to."""
        if self.resource.kind == "AWS::RDS::DBInstance":
            return ~self.cluster.is_set()
        return Truth.of(self.resource.kind != "aws_rds_cluster_instance")

    @property
    def subnet_values(self) -> tuple[Value[Any], ...]:
        """The values that name its subnets, as far as its subnet group is written here."""
        if self.subnet_group.unknown and not self.subnet_group.refs:
            return (self.subnet_group,)
        groups = SubnetGroup.referenced_by(self.subnet_group, self.deployment)
        return tuple(
            value
            for group in groups.items
            for value in (group.subnets.items().items if group.subnets.known else (group.subnets,))
        )


class SubnetGroup(
    View,
    terraform=(
        *("aws_db_subnet_group", "aws_redshift_subnet_group", "aws_elasticache_subnet_group"),
        *("aws_docdb_subnet_group", "aws_neptune_subnet_group"),
    ),
    cloudformation=(
        *("AWS::RDS::DBSubnetGroup", "AWS::Redshift::ClusterSubnetGroup", "AWS::ElastiCache::SubnetGroup"),
        *("AWS::DocDB::DBSubnetGroup", "AWS::Neptune::DBSubnetGroup"),
    ),
):
    """The subnets that a data store may be placed in."""

    name = attr(str, terraform="name", cloudformation=("DBSubnetGroupName", "CacheSubnetGroupName"))
    subnets = attr(list, terraform="subnet_ids", cloudformation="SubnetIds")

    @property
    def stores(self) -> Partial[DataStore]:
        """The data stores that use it."""
        return attached_to(DataStore, "subnet_group", self, self.name)

    @property
    def vpc_subnets(self) -> Partial[Subnet]:
        """Its subnets, as far as they are written here; an id that is written down is none of them."""
        if not self.subnets.known:
            return Subnet.referenced_by(self.subnets, self.deployment)
        found: Partial[Subnet] = Partial(())
        for item in self.subnets.items().items:
            found = found + Subnet.referenced_by(item, self.deployment)
        return found

    def place_of(self, subnet: Subnet) -> Value[Any]:
        """Where it names a subnet."""
        named = self.subnets.items().where(lambda item: self.deployment.refers_to(item, subnet.resource))
        return named.items[0] if named.items else self.subnets
