"""Amazon DocumentDB (with MongoDB compatibility)."""

from __future__ import annotations

from iaclint.aws.views import View, attr


class Cluster(View, terraform="aws_docdb_cluster", cloudformation="AWS::DocDB::DBCluster"):
    """A DB cluster. Its storage is not encrypted unless a property says so.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-docdb-dbcluster.html
    """

    storage_encrypted = attr(bool, terraform="storage_encrypted", cloudformation="StorageEncrypted", default=False)
    snapshot = attr(
        str, terraform="snapshot_identifier", cloudformation=("SnapshotIdentifier", "SourceDBClusterIdentifier")
    )
    subnet_group = attr(str, terraform="db_subnet_group_name", cloudformation="DBSubnetGroupName")
    security_groups = attr(list, terraform="vpc_security_group_ids", cloudformation="VpcSecurityGroupIds")


class GlobalCluster(View, terraform="aws_docdb_global_cluster", cloudformation=()):
    """A global cluster."""

    storage_encrypted = attr(bool, terraform="storage_encrypted", cloudformation=None, default=False)
    snapshot = attr(str, terraform="source_db_cluster_identifier", cloudformation=None)


class Instance(View, terraform="aws_docdb_cluster_instance", cloudformation=()):
    """An instance of a cluster."""

    publicly_accessible = attr(bool, terraform="publicly_accessible", cloudformation=None, default=False)


class SubnetGroup(View, terraform="aws_docdb_subnet_group", cloudformation="AWS::DocDB::DBSubnetGroup"):
    """A DB subnet group."""

    name = attr(str, terraform="name", cloudformation="DBSubnetGroupName")
    subnets = attr(list, terraform="subnet_ids", cloudformation="SubnetIds")
