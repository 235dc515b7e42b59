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
    on=aws.encryption.EncryptedResource,
    severity="low",
    soc2=["CC6.1", "C1.1"],
    enabled=False,
    cwe=["320"],
    applies=lambda resource: resource.encrypted,
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
                Properties: {Engine: postgres, StorageEncrypted: true}
            """,
        ),
        Example(
            terraform="""
            resource "aws_sqs_queue" "orders" { kms_master_key_id = "alias/aws/sqs" }
            """,
            cloudformation="""
            Resources:
              Orders: {Type: AWS::SQS::Queue, Properties: {KmsMasterKeyId: alias/aws/sqs}}
            """,
        ),
        Example(
            terraform="""
            resource "aws_s3_bucket_server_side_encryption_configuration" "orders" {
              bucket = "orders"
              rule {
                apply_server_side_encryption_by_default { sse_algorithm = "AES256" }
              }
            }
            """,
            cloudformation="""
            Resources:
              Orders:
                Type: AWS::S3::Bucket
                Properties:
                  BucketEncryption:
                    ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: AES256}}]
            """,
        ),
        Example(
            terraform="""
            resource "aws_lambda_function" "pay" {
              function_name = "pay"
              role          = "arn:aws:iam::111122223333:role/pay"
              environment { variables = { TABLE = "orders" } }
            }
            """,
            cloudformation="""
            Resources:
              Pay:
                Type: AWS::Lambda::Function
                Properties: {Role: arn:aws:iam::111122223333:role/pay, Code: {S3Bucket: code, S3Key: pay.zip},
                             Environment: {Variables: {TABLE: orders}}}
            """,
        ),
        Example(
            terraform="""
            data "aws_kms_alias" "secrets" { name = "alias/aws/secretsmanager" }
            resource "aws_secretsmanager_secret" "token" { kms_key_id = data.aws_kms_alias.secrets.target_key_arn }
            """,
            only="CloudFormation looks up no key by its alias",
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_kms_key" "data" { enable_key_rotation = true }

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
              Data: {Type: AWS::KMS::Key, Properties: {EnableKeyRotation: true}}
              Orders:
                Type: AWS::RDS::DBInstance
                Properties: {Engine: postgres, StorageEncrypted: true, KmsKeyId: !GetAtt Data.Arn}
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
              Scratch: {Type: AWS::EC2::Volume, Properties: {AvailabilityZone: eu-west-1a, Size: 8, Encrypted: false}}
              Pay:
                Type: AWS::Lambda::Function
                Properties: {Role: arn:aws:iam::111122223333:role/pay, Code: {S3Bucket: code, S3Key: pay.zip}}
            """,
        ),
    ],
)
def customer_key_not_used(resource: aws.encryption.EncryptedResource) -> Iterator[Finding]:
    if ~resource.by_aws_key:
        return
    key = resource.key
    if ~key.is_set():
        yield Finding("no customer key is named, so one that AWS keeps is used", at=key)
    else:
        yield Finding("the key that is named is one that AWS keeps", at=key)
