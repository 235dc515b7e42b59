"""What keeps data encrypted, and which key it is told to use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from iaclint.aws.views import Attr, View, attr
from iaclint.model.truth import TRUE, Truth, any_of


class _Way(Struct, frozen=True):
    """How a resource type is told to encrypt.

    key      the property that names the key
    on       the property that switches encryption on; "" where everything is encrypted anyhow
    wanted   its values that do; none where it is enough that it is there
    """

    key: str
    on: str = ""
    wanted: tuple[Any, ...] = (True,)


_PRESENT = ()

_WAYS: dict[str, _Way] = {
    "aws_s3_bucket_server_side_encryption_configuration": _Way(
        "rule.apply_server_side_encryption_by_default.kms_master_key_id"
    ),
    "aws_db_instance": _Way("kms_key_id", "storage_encrypted"),
    "aws_rds_cluster": _Way("kms_key_id", "storage_encrypted"),
    "aws_ebs_volume": _Way("kms_key_id", "encrypted"),
    "aws_efs_file_system": _Way("kms_key_id", "encrypted"),
    "aws_dynamodb_table": _Way("server_side_encryption.kms_key_arn"),
    "aws_secretsmanager_secret": _Way("kms_key_id"),
    "aws_sns_topic": _Way("kms_master_key_id"),
    "aws_sqs_queue": _Way("kms_master_key_id"),
    "aws_ecr_repository": _Way("encryption_configuration.kms_key"),
    "aws_kinesis_stream": _Way("kms_key_id", "encryption_type", ("KMS",)),
    "aws_redshift_cluster": _Way("kms_key_id", "encrypted"),
    "aws_docdb_cluster": _Way("kms_key_id", "storage_encrypted"),
    "aws_neptune_cluster": _Way("kms_key_arn", "storage_encrypted"),
    "aws_opensearch_domain": _Way("encrypt_at_rest.kms_key_id", "encrypt_at_rest.enabled"),
    "aws_elasticsearch_domain": _Way("encrypt_at_rest.kms_key_id", "encrypt_at_rest.enabled"),
    "aws_backup_vault": _Way("kms_key_arn"),
    "aws_sagemaker_endpoint_configuration": _Way("kms_key_arn"),
    "aws_codebuild_project": _Way("encryption_key"),
    "aws_lambda_function": _Way("kms_key_arn", "environment.variables", _PRESENT),
    "aws_elasticache_replication_group": _Way("kms_key_id", "at_rest_encryption_enabled"),
    "aws_dms_replication_instance": _Way("kms_key_arn"),
    "aws_kinesis_firehose_delivery_stream": _Way("server_side_encryption.key_arn", "server_side_encryption.enabled"),
    "aws_ssm_parameter": _Way("key_id", "type", ("SecureString",)),
    "aws_msk_cluster": _Way("encryption_info.encryption_at_rest_kms_key_arn"),
    "AWS::S3::Bucket": _Way(
        "BucketEncryption.ServerSideEncryptionConfiguration.ServerSideEncryptionByDefault.KMSMasterKeyID",
        "BucketEncryption",
        _PRESENT,
    ),
    "AWS::RDS::DBInstance": _Way("KmsKeyId", "StorageEncrypted"),
    "AWS::RDS::DBCluster": _Way("KmsKeyId", "StorageEncrypted"),
    "AWS::EC2::Volume": _Way("KmsKeyId", "Encrypted"),
    "AWS::EFS::FileSystem": _Way("KmsKeyId", "Encrypted"),
    "AWS::DynamoDB::Table": _Way("SSESpecification.KMSMasterKeyId"),
    "AWS::SecretsManager::Secret": _Way("KmsKeyId"),
    "AWS::SNS::Topic": _Way("KmsMasterKeyId"),
    "AWS::SQS::Queue": _Way("KmsMasterKeyId"),
    "AWS::ECR::Repository": _Way("EncryptionConfiguration.KmsKey"),
    "AWS::Kinesis::Stream": _Way("StreamEncryption.KeyId", "StreamEncryption.EncryptionType", ("KMS",)),
    "AWS::Redshift::Cluster": _Way("KmsKeyId", "Encrypted"),
    "AWS::DocDB::DBCluster": _Way("KmsKeyId", "StorageEncrypted"),
    "AWS::Neptune::DBCluster": _Way("KmsKeyId", "StorageEncrypted"),
    "AWS::OpenSearchService::Domain": _Way("EncryptionAtRestOptions.KmsKeyId", "EncryptionAtRestOptions.Enabled"),
    "AWS::Elasticsearch::Domain": _Way("EncryptionAtRestOptions.KmsKeyId", "EncryptionAtRestOptions.Enabled"),
    "AWS::Backup::BackupVault": _Way("EncryptionKeyArn"),
    "AWS::SageMaker::EndpointConfig": _Way("KmsKeyId"),
    "AWS::CodeBuild::Project": _Way("EncryptionKey"),
    "AWS::Lambda::Function": _Way("KmsKeyArn", "Environment.Variables", _PRESENT),
    "AWS::ElastiCache::ReplicationGroup": _Way("KmsKeyId", "AtRestEncryptionEnabled"),
    "AWS::DMS::ReplicationInstance": _Way("KmsKeyId"),
    "AWS::KinesisFirehose::DeliveryStream": _Way(
        "DeliveryStreamEncryptionConfigurationInput.KeyARN", "DeliveryStreamEncryptionConfigurationInput", _PRESENT
    ),
    "AWS::MSK::Cluster": _Way("EncryptionInfo.EncryptionAtRest.DataVolumeKMSKeyId"),
}
"""Where each type names its key, as the Terraform provider and the CloudFormation resource reference have it."""


def _of(prefix: str) -> Iterable[str]:
    return (kind for kind in _WAYS if kind.startswith(prefix))


class Store(View, terraform=tuple(_of("aws_")), cloudformation=tuple(_of("AWS::"))):
    """Something that keeps data, and can be told which key to encrypt it with."""

    @property
    def _way(self) -> _Way:
        return _WAYS[self.resource.kind]

    @property
    def key(self) -> Attr[str]:
        """The property that names the key."""
        return self.read(self._way.key, str)

    @property
    def encrypted(self) -> Truth:
        """Whether it encrypts at all."""
        way = self._way
        if not way.on:
            return TRUE
        if way.wanted:
            return self.read(way.on, type(way.wanted[0])).one_of(*way.wanted)
        value = self.read(way.on, dict)
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
