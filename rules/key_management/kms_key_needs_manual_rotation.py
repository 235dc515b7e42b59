"""Key cannot rotate by itself, and no plan to replace it is visible.

KMS does not rotate asymmetric and HMAC keys, keys with imported material, nor keys in a CloudHSM or external key
store. They are replaced by hand: a new key is made, and the alias that everybody uses is moved to it. Without an
alias nobody can replace the key without touching every user of it; imported material without an end date is never
replaced at all.

Turning rotation on for such a key makes the deployment fail.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Severity, aws, rule


@rule(
    on=aws.kms.Key,
    severity="low",
    soc2=["CC6.1", "CC5.2"],
    cwe=["324"],
    applies=lambda key: ~key.is_replica & ~key.can_rotate,
    bad=[
        Example(
            terraform="""
            resource "aws_kms_key" "signing" {
              key_usage                = "SIGN_VERIFY"
              customer_master_key_spec = "RSA_2048"
            }
            """,
            cloudformation="""
            Resources:
              Signing:
                Type: AWS::KMS::Key
                Properties: {KeyUsage: SIGN_VERIFY, KeySpec: RSA_2048}
            """,
        ),
        Example(
            terraform="""
            resource "aws_kms_key" "signing" {
              customer_master_key_spec = "RSA_2048"
              enable_key_rotation      = true
            }

            resource "aws_kms_alias" "signing" { target_key_id = aws_kms_key.signing.id }
            """,
            cloudformation="""
            Resources:
              Signing:
                Type: AWS::KMS::Key
                Properties:
                  KeyUsage: SIGN_VERIFY
                  KeySpec: RSA_2048
                  EnableKeyRotation: true
              Alias: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/signing, TargetKeyId: !Ref Signing}}
            """,
        ),
        Example(
            terraform="""
            resource "aws_kms_external_key" "imported" { description = "material of our own" }
            resource "aws_kms_alias" "imported" { target_key_id = aws_kms_external_key.imported.id }
            """,
            only="CloudFormation does not import key material, so it has no date for it",
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_kms_key" "signing" { customer_master_key_spec = "RSA_2048" }
            resource "aws_kms_alias" "signing" { target_key_id = aws_kms_key.signing.key_id }
            """,
            cloudformation="""
            Resources:
              Signing:
                Type: AWS::KMS::Key
                Properties: {KeyUsage: SIGN_VERIFY, KeySpec: RSA_2048}
              Alias: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/signing, TargetKeyId: !Ref Signing}}
            """,
        ),
    ],
)
def kms_key_needs_manual_rotation(key: aws.kms.Key) -> Iterator[Finding]:
    if key.rotation.is_(True):
        yield Finding(
            "this kind of key cannot rotate, so the deployment fails",
            at=key.rotation,
            fix=key.rotation.set(False, "turn the impossible rotation off"),
            severity=Severity.HIGH,
        )
    if ~key.aliases.exists():
        yield Finding("the key cannot rotate, and has no alias by which it could be replaced", at=key)
    if key.imports_material & ~key.valid_to.is_set():
        yield Finding("imported key material has no date on which it ends", at=key.valid_to)
