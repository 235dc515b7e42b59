"""Data stores that live in a VPC, and the subnet groups that place them there."""

from __future__ import annotations

from iaclint.aws.model import Typed, attr, beside
from iaclint.aws.vpc import Subnet
from iaclint.value import Population


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
        """Its subnets, as far as they are written here."""
        return Subnet.at(self.subnets, self.deployment)
