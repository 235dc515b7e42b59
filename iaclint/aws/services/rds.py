"""Amazon RDS and Amazon Aurora: DB instances, DB clusters, and the subnet groups that place them."""

from __future__ import annotations

from iaclint.aws.views import View, attr, per_vendor
from iaclint.model.truth import Truth


class Database(View):
    """A DB instance, a DB cluster or a global cluster. Its storage is not encrypted unless a property says so.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/db_instance
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html
    """

    storage_encrypted = attr(bool, terraform="storage_encrypted", cloudformation="StorageEncrypted", default=False)
    cluster = attr(str, terraform=None, cloudformation=None)
    source = attr(str, terraform=None, cloudformation=None)
    snapshot = attr(str, terraform=None, cloudformation=None)
    engine_mode = attr(str, terraform=None, cloudformation=None, default="provisioned")

    @property
    def inherits_encryption(self) -> Truth:
        """Return True if its cluster, its replication source or its snapshot decides whether it is encrypted."""
        return self.cluster.is_set() | self.source.is_set() | self.snapshot.is_set()

    @property
    def always_encrypted(self) -> Truth:
        """Return True if it is encrypted without being told: the cluster volume of Aurora Serverless v1 always is.

        https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless.how-it-works.html
        """
        return self.engine_mode.is_("serverless") & self.storage_encrypted.test(
            lambda _: self.storage_encrypted.implicit
        )


class Instance(Database, terraform="aws_db_instance", cloudformation="AWS::RDS::DBInstance"):
    """A DB instance; in CloudFormation, also one of an Aurora cluster."""

    cluster = attr(str, terraform=None, cloudformation="DBClusterIdentifier")
    source = attr(
        str,
        terraform="replicate_source_db",
        cloudformation=("SourceDBInstanceIdentifier", "SourceDBClusterIdentifier"),
    )
    snapshot = attr(
        str,
        terraform="snapshot_identifier",
        cloudformation=("DBSnapshotIdentifier", "DBClusterSnapshotIdentifier"),
    )
    subnet_group = attr(str, terraform="db_subnet_group_name", cloudformation="DBSubnetGroupName")
    security_groups = attr(list, terraform="vpc_security_group_ids", cloudformation="VPCSecurityGroups")
    publicly_accessible = attr(
        bool,
        terraform="publicly_accessible",
        cloudformation="PubliclyAccessible",
        default=per_vendor(terraform=False, cloudformation=None),
    )

    @property
    def has_own_security_groups(self) -> Truth:
        """Return True if security groups are chosen for the instance; those of a cluster apply to all its instances."""
        return ~self.cluster.is_set()

    @property
    def left_to_default_vpc(self) -> Truth:
        """Return True if neither its place nor its accessibility is set, so that the default VPC decides both.

        "If the default VPC in the target Region has an internet gateway attached to it, the DB instance is public":
        https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html. Terraform's provider sends
        false (https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/db_instance).
        """
        return self.publicly_accessible.is_(None) & ~self.subnet_group.is_set() & ~self.cluster.is_set()


class Cluster(Database, terraform="aws_rds_cluster", cloudformation="AWS::RDS::DBCluster"):
    """A DB cluster: Aurora, or Multi-AZ."""

    source = attr(
        str,
        terraform="replication_source_identifier",
        cloudformation=("SourceDBClusterIdentifier", "ReplicationSourceIdentifier"),
    )
    snapshot = attr(str, terraform="snapshot_identifier", cloudformation="SnapshotIdentifier")
    engine_mode = attr(str, terraform="engine_mode", cloudformation="EngineMode", default="provisioned")
    subnet_group = attr(str, terraform="db_subnet_group_name", cloudformation="DBSubnetGroupName")
    security_groups = attr(list, terraform="vpc_security_group_ids", cloudformation="VpcSecurityGroupIds")
    publicly_accessible = attr(bool, terraform=None, cloudformation="PubliclyAccessible")


class GlobalCluster(Database, terraform="aws_rds_global_cluster", cloudformation="AWS::RDS::GlobalCluster"):
    """An Aurora global database."""

    source = attr(str, terraform="source_db_cluster_identifier", cloudformation="SourceDBClusterIdentifier")


class ClusterInstance(View, terraform="aws_rds_cluster_instance", cloudformation=()):
    """An instance of an Aurora cluster. The cluster has the storage and the security groups."""

    subnet_group = attr(str, terraform="db_subnet_group_name", cloudformation=None)
    publicly_accessible = attr(bool, terraform="publicly_accessible", cloudformation=None, default=False)


class SubnetGroup(View, terraform="aws_db_subnet_group", cloudformation="AWS::RDS::DBSubnetGroup"):
    """A DB subnet group."""

    name = attr(str, terraform="name", cloudformation="DBSubnetGroupName")
    subnets = attr(list, terraform="subnet_ids", cloudformation="SubnetIds")
