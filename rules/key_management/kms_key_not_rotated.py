"""Symmetric KMS key does not rotate its key material.

A key that never rotates keeps every ciphertext it ever made within reach of one leaked secret.
With rotation on, KMS makes new material each year and keeps the old only for decrypting.

Only symmetric encryption keys whose material KMS generated can rotate by themselves. Asymmetric and HMAC keys, keys
with imported material, keys in a CloudHSM or external key store, and replicas (which follow their primary) are
not asked for it: turning rotation on there makes the deployment fail.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.kms.Key,
    severity="medium",
    soc2=["CC6.1", "C1.1", "PI1.5"],
    cwe=["324"],
    applies=lambda key: key.can_rotate,
    bad=[
        Example(
            terraform="""
            resource "aws_kms_key" "data" {
              description = "customer data"
            }
            """,
            cloudformation="""
            Resources:
              Data:
                Type: AWS::KMS::Key
                Properties:
                  Description: customer data
            """,
        ),
        Example(
            terraform="""
            resource "aws_kms_key" "data" {
              customer_master_key_spec = null
              enable_key_rotation      = false
            }
            """,
            cloudformation="""
            Resources:
              Data:
                Type: AWS::KMS::Key
                Properties:
                  KeySpec: SYMMETRIC_DEFAULT
                  EnableKeyRotation: "false"
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_kms_key" "data" { enable_key_rotation = true }
            """,
            cloudformation="""
            Resources:
              Data:
                Type: AWS::KMS::Key
                Properties: {EnableKeyRotation: true}
            """,
        ),
        Example(
            terraform="""
            resource "aws_kms_key" "signing" {
              key_usage                = "SIGN_VERIFY"
              customer_master_key_spec = "ECC_NIST_P256"
            }

            resource "aws_kms_key" "mac" {
              key_usage                = "GENERATE_VERIFY_MAC"
              customer_master_key_spec = "HMAC_256"
            }

            resource "aws_kms_key" "hsm" { custom_key_store_id = "cks-1234567890abcdef0" }
            resource "aws_kms_external_key" "imported" { description = "material from outside" }
            """,
            cloudformation="""
            Resources:
              Signing: {Type: AWS::KMS::Key, Properties: {KeyUsage: SIGN_VERIFY, KeySpec: ECC_NIST_P256}}
              Mac: {Type: AWS::KMS::Key, Properties: {KeyUsage: GENERATE_VERIFY_MAC, KeySpec: HMAC_256}}
              Imported: {Type: AWS::KMS::Key, Properties: {Origin: EXTERNAL}}
            """,
        ),
    ],
)
def kms_key_not_rotated(key: aws.kms.Key) -> Iterator[Finding]:
    if ~key.rotation.is_(True):
        yield Finding("key rotation is off", at=key.rotation, fix=key.rotation.set(True, "turn key rotation on"))
