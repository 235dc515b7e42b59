"""Which property of a resource type names the KMS key that encrypts its data.

One table for both languages. `encryption` reads from it whether a resource is encrypted and with whose key; `kms` reads
which resources use a key and which of them lose their data with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from iaclint.model.inventory import Resource
from iaclint.model.value import Value

ANY_VALUE: tuple[Any, ...] = ()
"""The setting switches encryption on with any value."""


class KeyProperty(Struct, frozen=True):
    """How one resource type is told to encrypt its data, and with which key.

    path        dotted path of the property that names the key
    switch      dotted path of the setting that switches encryption on; "" if the service always encrypts
    on          the values of the switch that do so, or ANY_VALUE
    keeps_data  whether the resource stores data that would be lost with the key
    judged      whether a rule asks whose key it is; False for aws_s3_bucket, whose encryption is configured by a
                resource of its own today, and for FSx
    """

    path: str
    switch: str = ""
    on: tuple[Any, ...] = (True,)
    keeps_data: bool = False
    judged: bool = True


KEY_PROPERTIES: dict[str, KeyProperty] = {
    "aws_s3_bucket_server_side_encryption_configuration": KeyProperty(
        "rule.apply_server_side_encryption_by_default.kms_master_key_id", keeps_data=True
    ),
    "aws_db_instance": KeyProperty("kms_key_id", "storage_encrypted", keeps_data=True),
    "aws_rds_cluster": KeyProperty("kms_key_id", "storage_encrypted", keeps_data=True),
    "aws_ebs_volume": KeyProperty("kms_key_id", "encrypted", keeps_data=True),
    "aws_efs_file_system": KeyProperty("kms_key_id", "encrypted", keeps_data=True),
    "aws_dynamodb_table": KeyProperty("server_side_encryption.kms_key_arn", keeps_data=True),
    "aws_secretsmanager_secret": KeyProperty("kms_key_id", keeps_data=True),
    "aws_sns_topic": KeyProperty("kms_master_key_id"),
    "aws_sqs_queue": KeyProperty("kms_master_key_id"),
    "aws_ecr_repository": KeyProperty("encryption_configuration.kms_key"),
    "aws_kinesis_stream": KeyProperty("kms_key_id", "encryption_type", ("KMS",)),
    "aws_redshift_cluster": KeyProperty("kms_key_id", "encrypted", keeps_data=True),
    "aws_docdb_cluster": KeyProperty("kms_key_id", "storage_encrypted", keeps_data=True),
    "aws_neptune_cluster": KeyProperty("kms_key_arn", "storage_encrypted", keeps_data=True),
    "aws_opensearch_domain": KeyProperty("encrypt_at_rest.kms_key_id", "encrypt_at_rest.enabled"),
    "aws_elasticsearch_domain": KeyProperty("encrypt_at_rest.kms_key_id", "encrypt_at_rest.enabled"),
    "aws_backup_vault": KeyProperty("kms_key_arn", keeps_data=True),
    "aws_sagemaker_endpoint_configuration": KeyProperty("kms_key_arn"),
    "aws_codebuild_project": KeyProperty("encryption_key"),
    "aws_lambda_function": KeyProperty("kms_key_arn", "environment.variables", ANY_VALUE),
    "aws_elasticache_replication_group": KeyProperty("kms_key_id", "at_rest_encryption_enabled"),
    "aws_dms_replication_instance": KeyProperty("kms_key_arn"),
    "aws_kinesis_firehose_delivery_stream": KeyProperty(
        "server_side_encryption.key_arn", "server_side_encryption.enabled"
    ),
    "aws_ssm_parameter": KeyProperty("key_id", "type", ("SecureString",)),
    "aws_msk_cluster": KeyProperty("encryption_info.encryption_at_rest_kms_key_arn"),
    "aws_s3_bucket": KeyProperty(
        "server_side_encryption_configuration.rule.apply_server_side_encryption_by_default.kms_master_key_id",
        "server_side_encryption_configuration",
        ANY_VALUE,
        keeps_data=True,
        judged=False,
    ),
    "aws_fsx_lustre_file_system": KeyProperty("kms_key_id", keeps_data=True, judged=False),
    "AWS::S3::Bucket": KeyProperty(
        "BucketEncryption.ServerSideEncryptionConfiguration.ServerSideEncryptionByDefault.KMSMasterKeyID",
        "BucketEncryption",
        ANY_VALUE,
        keeps_data=True,
    ),
    "AWS::RDS::DBInstance": KeyProperty("KmsKeyId", "StorageEncrypted", keeps_data=True),
    "AWS::RDS::DBCluster": KeyProperty("KmsKeyId", "StorageEncrypted", keeps_data=True),
    "AWS::EC2::Volume": KeyProperty("KmsKeyId", "Encrypted", keeps_data=True),
    "AWS::EFS::FileSystem": KeyProperty("KmsKeyId", "Encrypted", keeps_data=True),
    "AWS::DynamoDB::Table": KeyProperty("SSESpecification.KMSMasterKeyId", keeps_data=True),
    "AWS::SecretsManager::Secret": KeyProperty("KmsKeyId", keeps_data=True),
    "AWS::SNS::Topic": KeyProperty("KmsMasterKeyId"),
    "AWS::SQS::Queue": KeyProperty("KmsMasterKeyId"),
    "AWS::ECR::Repository": KeyProperty("EncryptionConfiguration.KmsKey"),
    "AWS::Kinesis::Stream": KeyProperty("StreamEncryption.KeyId", "StreamEncryption.EncryptionType", ("KMS",)),
    "AWS::Redshift::Cluster": KeyProperty("KmsKeyId", "Encrypted", keeps_data=True),
    "AWS::DocDB::DBCluster": KeyProperty("KmsKeyId", "StorageEncrypted", keeps_data=True),
    "AWS::Neptune::DBCluster": KeyProperty("KmsKeyId", "StorageEncrypted", keeps_data=True),
    "AWS::OpenSearchService::Domain": KeyProperty(
        "EncryptionAtRestOptions.KmsKeyId", "EncryptionAtRestOptions.Enabled"
    ),
    "AWS::Elasticsearch::Domain": KeyProperty("EncryptionAtRestOptions.KmsKeyId", "EncryptionAtRestOptions.Enabled"),
    "AWS::Backup::BackupVault": KeyProperty("EncryptionKeyArn", keeps_data=True),
    "AWS::SageMaker::EndpointConfig": KeyProperty("KmsKeyId"),
    "AWS::CodeBuild::Project": KeyProperty("EncryptionKey"),
    "AWS::Lambda::Function": KeyProperty("KmsKeyArn", "Environment.Variables", ANY_VALUE),
    "AWS::ElastiCache::ReplicationGroup": KeyProperty("KmsKeyId", "AtRestEncryptionEnabled"),
    "AWS::DMS::ReplicationInstance": KeyProperty("KmsKeyId"),
    "AWS::KinesisFirehose::DeliveryStream": KeyProperty(
        "DeliveryStreamEncryptionConfigurationInput.KeyARN", "DeliveryStreamEncryptionConfigurationInput", ANY_VALUE
    ),
    "AWS::MSK::Cluster": KeyProperty("EncryptionInfo.EncryptionAtRest.DataVolumeKMSKeyId"),
    "AWS::FSx::FileSystem": KeyProperty("KmsKeyId", keeps_data=True, judged=False),
}
"""The property of each resource type, as named by the Terraform provider and the CloudFormation resource reference.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/
"""


def kinds_with_key() -> tuple[str, ...]:
    """Return the judged resource types of the table, in both languages."""
    return tuple(kind for kind, row in KEY_PROPERTIES.items() if row.judged)


def keeps_data(resource: Resource) -> bool:
    """Return True if the resource stores data that would be lost with its KMS key."""
    row = KEY_PROPERTIES.get(resource.kind)
    return row is not None and row.keeps_data


def key_values(resource: Resource) -> Iterator[Value[Any]]:
    """Yield the values of a resource that may name a KMS key.

    A resource may name several keys (an aws_db_instance has kms_key_id, performance_insights_kms_key_id and
    master_user_secret_kms_key_id), and types that are not in KEY_PROPERTIES use keys too. So the properties are told by
    their names. A body that is unknown as a whole is yielded itself.
    """
    return (value for name, value in _leaves(resource.body) if not name or names_key(name))


_NAMES = frozenset({"keyid", "keyarn", "customermanagedkey", "encryptionconfigkeyarn", "keymanagementservicearn"})
"""Names without "kms" or "encryption key" of properties that name a KMS key, in lower case and without underscores."""


def names_key(property_name: str) -> bool:
    """Return True if a property of this name may name a KMS key, and not an SSH key, a table's key or a tag's key."""
    spelled = property_name.replace("_", "").lower()
    return "kms" in spelled or "encryptionkey" in spelled or spelled in _NAMES


def _leaves(body: Value[Any], name: str = "") -> Iterator[tuple[str, Value[Any]]]:
    """Yield the scalar values of a body, each with the name of the innermost property that holds it."""
    data = body.data
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _leaves(value, key)
    elif isinstance(data, tuple):
        for value in data:
            yield from _leaves(value, name)
    else:
        yield name, body
