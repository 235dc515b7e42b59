"""What keeps data encrypted, and which key it is told to use."""

from __future__ import annotations

from iaclint.aws.reasoning.key_properties import KEY_PROPERTIES, KeyProperty, kinds_with_key
from iaclint.aws.views import Attr, View, attr
from iaclint.model.truth import TRUE, Truth, any_of


class Store(View, terraform=kinds_with_key("aws_"), cloudformation=kinds_with_key("AWS::")):
    """Something that keeps data, and can be told which key to encrypt it with."""

    @property
    def _key_property(self) -> KeyProperty:
        return KEY_PROPERTIES[self.resource.kind]

    @property
    def key(self) -> Attr[str]:
        """The property that names the key."""
        return self.read(self._key_property.path, str)

    @property
    def encrypted(self) -> Truth:
        """Whether it encrypts at all."""
        row = self._key_property
        if not row.switch:
            return TRUE
        if row.on:
            return self.read(row.switch, type(row.on[0])).is_one_of(*row.on)
        value = self.read(row.switch, dict)
        return value.test(lambda data: data is not None) if value.unknown is None else Truth(None, value.reasons)

    @property
    def by_key_of_aws(self) -> Truth:
        """Whether the key is one that AWS keeps, named ("alias/aws/rds") or taken where none is named."""
        key = self.key
        if key.refs:
            looked_up = self.deployment.targets(key, "data.aws_kms_key", "data.aws_kms_alias").items
            names = (r.attribute("key_id" if r.kind == "data.aws_kms_key" else "name") for r in looked_up)
            return any_of(name.test(lambda text: "alias/aws/" in str(text)) for name in names)
        return key.test(lambda text: text is None or text == "" or "alias/aws/" in str(text))


class Database(
    View,
    terraform=("aws_db_instance", "aws_rds_cluster", "aws_rds_global_cluster"),
    cloudformation=("AWS::RDS::DBInstance", "AWS::RDS::DBCluster", "AWS::RDS::GlobalCluster"),
):
    """An RDS database, or a cluster of Aurora. Nothing is encrypted unless it is said.

    https://registry.is_terraform.io/providers/hashicorp/aws/latest/docs/resources/db_instance
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html
    """

    storage = attr(bool, terraform="storage_encrypted", cloudformation="StorageEncrypted", default=False)
    cluster = attr(str, terraform=None, cloudformation="DBClusterIdentifier")
    source = attr(
        str,
        terraform=("replicate_source_db", "replication_source_identifier", "source_db_cluster_identifier"),
        cloudformation=("SourceDBInstanceIdentifier", "SourceDBClusterIdentifier", "ReplicationSourceIdentifier"),
    )
    snapshot = attr(
        str,
        terraform="snapshot_identifier",
        cloudformation=("DBSnapshotIdentifier", "SnapshotIdentifier", "DBClusterSnapshotIdentifier"),
    )
    engine_mode = attr(str, terraform="engine_mode", cloudformation="EngineMode", default="provisioned")

    @property
    def inherits(self) -> Truth:
        """Whether it is encrypted as its cluster, what it replicates, or the snapshot it is made from is."""
        member = self.cluster.is_set() & Truth.of(self.resource.kind == "AWS::RDS::DBInstance")
        return member | self.source.is_set() | self.snapshot.is_set()

    @property
    def always_encrypted(self) -> Truth:
        """Whether nobody has to ask: the volume of Aurora Serverless v1 is always encrypted.

        https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless.how-it-works.html
        """
        return self.engine_mode.is_("serverless") & self.storage.test(lambda _: self.storage.implicit)


class DocumentStore(
    View,
    terraform=("aws_docdb_cluster", "aws_neptune_cluster", "aws_docdb_global_cluster"),
    cloudformation=("AWS::DocDB::DBCluster", "AWS::Neptune::DBCluster"),
):
    """A cluster of DocumentDB or Neptune. Nothing is encrypted unless it is said.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-docdb-dbcluster.html
    """

    storage = attr(bool, terraform="storage_encrypted", cloudformation="StorageEncrypted", default=False)
    snapshot = attr(
        str,
        terraform=("snapshot_identifier", "source_db_cluster_identifier", "replication_source_identifier"),
        cloudformation=("SnapshotIdentifier", "SourceDBClusterIdentifier"),
    )


class Warehouse(View, terraform="aws_redshift_cluster", cloudformation="AWS::Redshift::Cluster"):
    """A cluster of Redshift."""

    storage = attr(bool, terraform="encrypted", cloudformation="Encrypted")
    snapshot = attr(str, terraform=("snapshot_identifier", "snapshot_arn"), cloudformation="SnapshotIdentifier")
