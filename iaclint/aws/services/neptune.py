"""Amazon Neptune."""

from __future__ import annotations

from iaclint.aws.views import View, attr, per_vendor


class Cluster(View, terraform="aws_neptune_cluster", cloudformation="AWS::Neptune::DBCluster"):
    """A DB cluster. Its storage is not encrypted unless a property says so.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-neptune-dbcluster.html
    """

    storage_encrypted = attr(bool, terraform="storage_encrypted", cloudformation="StorageEncrypted", default=False)
    snapshot = attr(
        str,
        terraform=("snapshot_identifier", "replication_source_identifier"),
        cloudformation=("SnapshotIdentifier", "SourceDBClusterIdentifier"),
    )
    subnet_group = attr(str, terraform="neptune_subnet_group_name", cloudformation="DBSubnetGroupName")
    security_groups = attr(list, terraform="vpc_security_group_ids", cloudformation="VpcSecurityGroupIds")


class Instance(View, terraform="aws_neptune_cluster_instance", cloudformation="AWS::Neptune::DBInstance"):
    """An instance of a cluster."""

    publicly_accessible = attr(
        bool,
        terraform="publicly_accessible",
        cloudformation="PubliclyAccessible",
        default=per_vendor(terraform=False, cloudformation=None),
    )


class SubnetGroup(View, terraform="aws_neptune_subnet_group", cloudformation="AWS::Neptune::DBSubnetGroup"):
    """A DB subnet group."""

    name = attr(str, terraform="name", cloudformation="DBSubnetGroupName")
    subnets = attr(list, terraform="subnet_ids", cloudformation="SubnetIds")
