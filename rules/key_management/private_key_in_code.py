"""Key material or a private key is written in the code, or ends in the state.

What is in a repository is read by everybody who can clone it, and stays in its history. What Terraform makes or is
given also lies in clear text in its state. Keys belong to KMS, ACM or Secrets Manager, which hand out their use
and not themselves.

A key that is read from a secret store at deployment, an ephemeral value and a write-only argument pass; so does
the public half of a key pair. What a module that is not here gives out as a private key is undecided.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Step, aws, rule


@rule(
    on=aws.secrets.KeyMaterial,
    severity="critical",
    soc2=["CC6.1", "CC6.6", "C1.1"],
    cwe=["321"],
    bad=[
        Example(
            terraform="""
            resource "aws_iam_server_certificate" "site" {
              certificate_body = "body"
              private_key      = <<-EOF
                -----BEGIN PRIVATE KEY-----
                bm90IGEga2V5
                -----END PRIVATE KEY-----
              EOF
            }
            """,
            cloudformation="""
            Resources:
              Site:
                Type: AWS::IAM::ServerCertificate
                Properties:
                  CertificateBody: body
                  PrivateKey: |
                    -----BEGIN PRIVATE KEY-----
                    bm90IGEga2V5
                    -----END PRIVATE KEY-----
            """,
        ),
        Example(
            terraform="""
            variable "material" { default = "d2h5IHdvdWxkIHlvdSBkbyB0aGlz" }
            resource "aws_kms_external_key" "imported" { key_material_base64 = var.material }
            resource "tls_private_key" "host" { algorithm = "RSA" }
            resource "aws_key_pair" "host" { public_key = tls_private_key.host.public_key_openssh }
            """,
            only="CloudFormation neither imports key material nor makes keys in a state file",
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_iam_server_certificate" "site" {
              certificate_body = "body"
              private_key      = data.aws_secretsmanager_secret_version.site.secret_string
            }

            data "aws_secretsmanager_secret_version" "site" { secret_id = "site" }
            resource "aws_key_pair" "host" { public_key = "ssh-rsa AAAA host" }
            """,
            cloudformation="""
            Resources:
              Site:
                Type: AWS::IAM::ServerCertificate
                Properties: {CertificateBody: body, PrivateKey: "{{resolve:secretsmanager:site:SecretString:key}}"}
              Host: {Type: AWS::EC2::KeyPair, Properties: {KeyName: host, PublicKeyMaterial: ssh-rsa AAAA host}}
            """,
        ),
    ],
)
def private_key_in_code(material: aws.secrets.KeyMaterial) -> Iterator[Finding]:
    if material.generated:
        if material.users:
            related = tuple(Step(user.header, f"{user.address} uses it") for user in material.users[:3])
            yield Finding("this private key is made by Terraform and lies in its state", at=material, related=related)
        return
    for value in material.values:
        if value.is_set() & material.written(value):
            yield Finding("key material is written in the code", at=value)
