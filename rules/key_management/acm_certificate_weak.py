"""Certificate has a short key, is imported, or cannot renew by itself.

A certificate that lapses takes the service with it, and one with a key of 1024 bits protects nothing against those who
can afford to break it. ACM renews by itself what it issued and validated by DNS. It does not renew what was imported;
a certificate validated by mail lapses when nobody answers the mail; what is kept in IAM neither renews nor warns.

Without transparency logging, nobody notices a certificate that was issued for your name by mistake, and browsers
refuse yours. A private root authority that stays in service can issue anything at any time: keep it disabled
and let subordinate ones issue.

The key and the end of an imported certificate are read where its text is in the code.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.acm.Certificate,
    severity="medium",
    soc2=["CC6.1", "CC6.7", "A1.2"],
    cwe=["326"],
    bad=[
        Example(
            terraform="""
            resource "aws_acm_certificate" "shop" {
              domain_name       = "shop.example"
              validation_method = "EMAIL"
            }
            """,
            cloudformation="""
            Resources:
              Shop:
                Type: AWS::CertificateManager::Certificate
                Properties:
                  DomainName: shop.example
            """,
        ),
        Example(
            terraform="""
            resource "aws_acm_certificate" "shop" {
              domain_name       = "shop.example"
              validation_method = "DNS"
              key_algorithm     = "RSA_1024"
              options {
                certificate_transparency_logging_preference = "DISABLED"
              }
            }
            """,
            cloudformation="""
            Resources:
              Shop:
                Type: AWS::CertificateManager::Certificate
                Properties:
                  DomainName: shop.example
                  ValidationMethod: DNS
                  KeyAlgorithm: RSA_1024
                  CertificateTransparencyLoggingPreference: DISABLED
            """,
        ),
        Example(
            terraform="""
            variable "key" {}

            resource "aws_acm_certificate" "shop" {
              private_key      = var.key
              certificate_body = <<-EOF
                -----BEGIN CERTIFICATE-----
                MIIBnDCCAQWgAwIBAgIBATANBgkqhkiG9w0BAQsFADAUMRIwEAYDVQQDDAlhLmV4
                YW1wbGUwHhcNMTAwMTAxMDAwMDAwWhcNMTUwMTAxMDAwMDAwWjAUMRIwEAYDVQQD
                DAlhLmV4YW1wbGUwgZ8wDQYJKoZIhvcNAQEBBQADgY0AMIGJAoGBAK2HCIDJMNXG
                PxzZ1wS7Yms7kjfIAjAgcBiU2PhbsH+lpllEsk73fv97o5qgKI2KPwVh+2A/1MNn
                lR50CcCIlbsLSNs8Py9wvuk+KfWM7IpcqNX4liSn7kHsj0RIHmDH+3wZ5hxocNVz
                oENWupHdkIjjsGMRf5cuQuBA8sbfiaspAgMBAAEwDQYJKoZIhvcNAQELBQADgYEA
                jrV4osUm3fH9MidS6p9gJYAPyVECnqjbNGIqsBSAXyPIuYbEoRdaKK46FNeKragh
                9lq+/046QEsQRzfmYiWVMUpwAsZ0I/AoGO9QWiYAzywSegk9iBtWLkZ2GfZiZgYt
                /SGiuSQ1wpOvjeWSr78uSG1WInFtpOX269bZmSqzmpE=
                -----END CERTIFICATE-----
              EOF
            }
            """,
            only="CloudFormation cannot import a certificate into ACM",
        ),
        Example(
            terraform="""
            variable "key" {}

            resource "aws_iam_server_certificate" "shop" {
              name             = "shop"
              private_key      = var.key
              certificate_body = <<-EOF
                -----BEGIN CERTIFICATE-----
                MIIBgjCCASmgAwIBAgIUJnPhkMjvqNpNWM7/mg9GhEHOnW0wCgYIKoZIzj0EAwIw
                FjEUMBIGA1UEAwwLZXhhbXBsZS5jb20wIBcNMjYxMTI1MTQyMTI2WhgPMjEyNjEx
                MDExNDIxMjZaMBYxFDASBgNVBAMMC2V4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYI
                KoZIzj0DAQcDQgAE/grW9AB3D0Dhg7cb0frcswcmzokuMSX5EgRsC5OD3FtZBsLA
                obIbYX0jQxzhXx8NIBUcwlOV9o6g6RLZALlH8aNTMFEwHQYDVR0OBBYEFAXjO82X
                T7xJRg5Oa6XYsZOmz6TBMB8GA1UdIwQYMBaAFAXjO82XT7xJRg5Oa6XYsZOmz6TB
                MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgJAw7qZji3JX7/N50
                LdQwOKx3g8F4DM2VHToWaNY82HACIHIwysnKtVojAHO8EsYdNM2mPjgsMe4AWUxX
                2+86yGaF
                -----END CERTIFICATE-----
              EOF
            }
            """,
            cloudformation="""
            Parameters:
              Key: {Type: String, NoEcho: true}
            Resources:
              Shop:
                Type: AWS::IAM::ServerCertificate
                Properties:
                  PrivateKey: !Ref Key
                  CertificateBody: |
                    -----BEGIN CERTIFICATE-----
                    MIIBgjCCASmgAwIBAgIUJnPhkMjvqNpNWM7/mg9GhEHOnW0wCgYIKoZIzj0EAwIw
                    FjEUMBIGA1UEAwwLZXhhbXBsZS5jb20wIBcNMjYxMTI1MTQyMTI2WhgPMjEyNjEx
                    MDExNDIxMjZaMBYxFDASBgNVBAMMC2V4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYI
                    KoZIzj0DAQcDQgAE/grW9AB3D0Dhg7cb0frcswcmzokuMSX5EgRsC5OD3FtZBsLA
                    obIbYX0jQxzhXx8NIBUcwlOV9o6g6RLZALlH8aNTMFEwHQYDVR0OBBYEFAXjO82X
                    T7xJRg5Oa6XYsZOmz6TBMB8GA1UdIwQYMBaAFAXjO82XT7xJRg5Oa6XYsZOmz6TB
                    MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgJAw7qZji3JX7/N50
                    LdQwOKx3g8F4DM2VHToWaNY82HACIHIwysnKtVojAHO8EsYdNM2mPjgsMe4AWUxX
                    2+86yGaF
                    -----END CERTIFICATE-----
            """,
        ),
        Example(
            terraform="""
            resource "aws_acmpca_certificate_authority" "root" {
              type = "ROOT"
              certificate_authority_configuration {
                key_algorithm     = "RSA_4096"
                signing_algorithm = "SHA512WITHRSA"
                subject { common_name = "root.example" }
              }
            }

            resource "aws_acmpca_certificate_authority_certificate" "root" {
              certificate_authority_arn = aws_acmpca_certificate_authority.root.arn
              certificate               = "root"
            }
            """,
            cloudformation="""
            Resources:
              Root:
                Type: AWS::ACMPCA::CertificateAuthority
                Properties: {Type: ROOT, KeyAlgorithm: RSA_4096, SigningAlgorithm: SHA512WITHRSA,
                             Subject: {CommonName: root.example}}
              Activation:
                Type: AWS::ACMPCA::CertificateAuthorityActivation
                Properties: {CertificateAuthorityArn: !Ref Root, Certificate: root}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_acm_certificate" "shop" {
              domain_name       = "shop.example"
              validation_method = "DNS"
            }
            """,
            cloudformation="""
            Resources:
              Shop:
                Type: AWS::CertificateManager::Certificate
                Properties: {DomainName: shop.example, ValidationMethod: DNS}
            """,
        ),
        Example(
            terraform="""
            resource "aws_acm_certificate" "inner" {
              domain_name               = "inner.example"
              certificate_authority_arn = "arn:aws:acm-pca:eu-west-1:111122223333:certificate-authority/a"
            }

            resource "aws_acmpca_certificate_authority" "inner" {
              certificate_authority_configuration {
                key_algorithm     = "EC_prime256v1"
                signing_algorithm = "SHA256WITHECDSA"
                subject { common_name = "inner.example" }
              }
            }
            """,
            cloudformation="""
            Resources:
              Inner:
                Type: AWS::CertificateManager::Certificate
                Properties:
                  DomainName: inner.example
                  CertificateAuthorityArn: arn:aws:acm-pca:eu-west-1:111122223333:certificate-authority/a
              Authority:
                Type: AWS::ACMPCA::CertificateAuthority
                Properties: {Type: SUBORDINATE, KeyAlgorithm: EC_prime256v1, SigningAlgorithm: SHA256WITHECDSA,
                             Subject: {CommonName: inner.example}}
            """,
        ),
    ],
)
def acm_certificate_weak(certificate: aws.acm.Certificate) -> Iterator[Finding]:
    algorithm, validation, transparency = certificate.algorithm, certificate.validation, certificate.transparency
    if certificate.weak_algorithm:
        yield Finding("the key has 1024 bits only", at=algorithm, fix=algorithm.set("RSA_2048"))
    if certificate.short_key:
        yield Finding("the certificate has a key of less than 2048 bits", at=certificate.text)
    if certificate.expired:
        yield Finding("the certificate has ended", at=certificate.text)
    if certificate.validated_by_mail:
        yield Finding("renewal waits for somebody to answer a mail", at=validation, fix=validation.set("DNS"))
    if certificate.imported:
        yield Finding("an imported certificate is not renewed", at=certificate.text)
    if certificate.in_iam:
        yield Finding("IAM neither renews the certificate nor tells of its end", at=certificate)
    if transparency.is_("DISABLED"):
        message = "the certificate is kept out of the transparency logs"
        yield Finding(message, at=transparency, fix=transparency.set("ENABLED"))
    if certificate.active_root:
        yield Finding("a root authority stays in service", at=certificate.type)
