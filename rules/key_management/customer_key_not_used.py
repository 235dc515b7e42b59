"""Sensitive store relies on an AWS-managed or AWS-owned key.

Encryption is on, and the key is one that AWS keeps. Its policy cannot be narrowed, it cannot be disabled when
something went wrong, another account cannot be given it, and nobody can show when it rotates. For confidential
data a customer key puts all of that in your hands.

Judged is what encrypts: a store that is not encrypted at all is another finding. Which data deserves a key of its
own is for you to say, so the rule is off by default.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.encryption.Store,
    severity="low",
    soc2=["CC6.1", "C1.1"],
    equivalents={
        "checkov": [
            "CKV_AWS_119",
            "CKV_AWS_136",
            "CKV_AWS_142",
            "CKV_AWS_145",
            "CKV_AWS_147",
            "CKV_AWS_149",
            "CKV_AWS_166",
            "CKV_AWS_173",
            "CKV_AWS_182",
            "CKV_AWS_185",
            "CKV_AWS_189",
            "CKV_AWS_191",
            "CKV_AWS_212",
            "CKV_AWS_241",
            "CKV_AWS_247",
            "CKV_AWS_327",
            "CKV_AWS_337",
            "CKV_AWS_347",
            "CKV2_AWS_73",
        ],
        "trivy": [
            "AVD-AWS-0022",
            "AVD-AWS-0025",
            "AVD-AWS-0027",
            "AVD-AWS-0033",
            "AVD-AWS-0098",
            "AVD-AWS-0128",
            "AVD-AWS-0132",
            "AVD-AWS-0135",
            "AVD-AWS-0136",
        ],
        "kics": [
            "0e32d561-4b5a-4664-a6e3-a3fa85649157",
            "a2f548f2-188c-4fff-b172-e9a6acb216bd",
            "b0d3ef3f-845d-4b1b-83d6-63a5a380375f",
            "b1a72f66-2236-4f3b-87ba-0da1b366956f",
            "25d251f3-f348-4f95-845c-1090e41a615c",
            "4766d3ea-241c-4ee6-93ff-c380c996bd1a",
            "2134641d-30a4-4b16-8ffc-2cd4c4ffd15d",
            "3deec14b-03d2-4d27-9670-7d79322e3340",
            "7af2f4a3-00d9-47f3-8d15-ca0888f4e5b2",
            "e52395b4-250b-4c60-81d5-2e58c1d37abc",
            "b7063015-6c31-4658-a8e7-14f98f37fd42",
            "6d087495-2a42-4735-abf7-02ef5660a7e6",
            "c8ae9ba9-c2f7-4e5c-b32e-a4b7712d4d22",
            "de76a0d6-66d5-45c9-9022-f05545b85c78",
            "c8dee387-a2e6-4a73-a942-183c975549ac",
            "d926aa95-0a04-4abc-b20c-acf54afe38a1",
            "9d13b150-a2ab-42a1-b6f4-142e41f81e52",
        ],
        "cfn_nag": ["W37", "W48", "W47", "W77", "W74", "W32"],
        "guard": [
            "EBS_VOLUME_ENCRYPTION_KEY_RULE",
            "SECRETSMANAGER_USING_CMK",
            "SNS_ENCRYPTED_KMS",
            "SQS_QUEUE_KMS_MASTER_KEY_ID_RULE",
            "DYNAMODB_TABLE_ENCRYPTED_KMS",
            "CODEBUILD_ENCRYPTION_KEY_RULE",
        ],
        "config": [
            "SECRETSMANAGER_USING_CMK",
            "DYNAMODB_TABLE_ENCRYPTED_KMS",
            "REDSHIFT_CLUSTER_KMS_ENABLED",
            "ECR_REPOSITORY_CMK_ENCRYPTION_ENABLED",
        ],
        "prowler": [
            "dynamodb_tables_kms_cmk_encryption_enabled",
            "backup_vaults_encrypted",
            "kafka_cluster_encryption_at_rest_uses_cmk",
            "awslambda_function_env_vars_not_encrypted_with_cmk",
        ],
    },
    enabled=False,
    cwe=["320"],
    applies=lambda store: store.encrypted,
    bad=[
        Example(
            terraform="""
            resource "aws_db_instance" "orders" {
              engine            = "postgres"
              storage_encrypted = true
            }
            """,
            cloudformation="""
            Resources:
              Orders:
                Type: AWS::RDS::DBInstance
                Properties:
                  Engine: postgres
                  StorageEncrypted: true
            """,
        ),
        Example(
            terraform="""
            resource "aws_sqs_queue" "orders" {
              kms_master_key_id = "alias/aws/sqs"
            }
            """,
            cloudformation="""
            Resources:
              Orders:
                Type: AWS::SQS::Queue
                Properties:
                  KmsMasterKeyId: alias/aws/sqs
            """,
        ),
        Example(
            terraform="""
            resource "aws_s3_bucket_server_side_encryption_configuration" "orders" {
              bucket = "orders"

              rule {
                apply_server_side_encryption_by_default {
                  sse_algorithm = "AES256"
                }
              }
            }
            """,
            cloudformation="""
            Resources:
              Orders:
                Type: AWS::S3::Bucket
                Properties:
                  BucketEncryption:
                    ServerSideEncryptionConfiguration:
                      - ServerSideEncryptionByDefault: {SSEAlgorithm: AES256}
            """,
        ),
        Example(
            terraform="""
            resource "aws_lambda_function" "pay" {
              function_name = "pay"
              role          = "arn:aws:iam::111122223333:role/pay"

              environment {
                variables = { TABLE = "orders" }
              }
            }
            """,
            cloudformation="""
            Resources:
              Pay:
                Type: AWS::Lambda::Function
                Properties:
                  Role: arn:aws:iam::111122223333:role/pay
                  Code: {S3Bucket: code, S3Key: pay.zip}
                  Environment: {Variables: {TABLE: orders}}
            """,
        ),
        Example(
            terraform="""
            data "aws_kms_alias" "secrets" {
              name = "alias/aws/secretsmanager"
            }

            resource "aws_secretsmanager_secret" "token" {
              kms_key_id = data.aws_kms_alias.secrets.target_key_arn
            }
            """,
            only="CloudFormation looks up no key by its alias",
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_kms_key" "data" {
              enable_key_rotation = true
            }

            resource "aws_db_instance" "orders" {
              engine            = "postgres"
              storage_encrypted = true
              kms_key_id        = aws_kms_key.data.arn
            }

            resource "aws_dynamodb_table" "orders" {
              name     = "orders"
              hash_key = "id"

              server_side_encryption {
                enabled     = true
                kms_key_arn = aws_kms_key.data.arn
              }
            }
            """,
            cloudformation="""
            Resources:
              Data:
                Type: AWS::KMS::Key
                Properties:
                  EnableKeyRotation: true
              Orders:
                Type: AWS::RDS::DBInstance
                Properties:
                  Engine: postgres
                  StorageEncrypted: true
                  KmsKeyId: !GetAtt Data.Arn
              Table:
                Type: AWS::DynamoDB::Table
                Properties:
                  KeySchema: [{AttributeName: id, KeyType: HASH}]
                  SSESpecification: {SSEEnabled: true, SSEType: KMS, KMSMasterKeyId: !GetAtt Data.Arn}
            """,
        ),
        Example(
            terraform="""
            resource "aws_ebs_volume" "scratch" {
              availability_zone = "eu-west-1a"
              size              = 8
              encrypted         = false
            }

            resource "aws_lambda_function" "pay" {
              function_name = "pay"
              role          = "arn:aws:iam::111122223333:role/pay"
            }
            """,
            cloudformation="""
            Resources:
              Scratch:
                Type: AWS::EC2::Volume
                Properties:
                  AvailabilityZone: eu-west-1a
                  Size: 8
                  Encrypted: false
              Pay:
                Type: AWS::Lambda::Function
                Properties:
                  Role: arn:aws:iam::111122223333:role/pay
                  Code: {S3Bucket: code, S3Key: pay.zip}
            """,
        ),
    ],
)
def customer_key_not_used(store: aws.encryption.Store) -> Iterator[Finding]:
    if ~store.by_key_of_aws:
        return
    key = store.key
    if ~key.is_set():
        yield Finding("no customer key is named, so one that AWS keeps is used", at=key)
    else:
        yield Finding("the key that is named is one that AWS keeps", at=key)
