"""Certificates: AWS Certificate Manager, private authorities, and those that IAM keeps."""

from __future__ import annotations

from datetime import UTC, datetime

from iaclint.aws.joins import attached_to
from iaclint.aws.reasoning import x509
from iaclint.aws.views import View, attr, per_vendor
from iaclint.model.truth import Truth

STRONG_BITS = 2048
"""The shortest RSA key that is still taken for safe: https://csrc.nist.gov/pubs/sp/800/131/a/r2/final"""


class Certificate(
    View,
    terraform=("aws_acm_certificate", "aws_iam_server_certificate", "aws_acmpca_certificate_authority"),
    cloudformation=(
        "AWS::CertificateManager::Certificate",
        "AWS::IAM::ServerCertificate",
        "AWS::ACMPCA::CertificateAuthority",
    ),
):
    """A certificate, or a private authority, which is one that signs others.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-certificatemanager-certificate.html
    """

    algorithm = attr(
        str,
        terraform=("key_algorithm", "certificate_authority_configuration.key_algorithm"),
        cloudformation="KeyAlgorithm",
        default="RSA_2048",
    )
    # RequestCertificate sends mails where nothing is said; Terraform demands it where ACM issues a public certificate
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-certificatemanager-certificate.html
    validation = attr(
        str,
        terraform="validation_method",
        cloudformation="ValidationMethod",
        default=per_vendor(terraform=None, cloudformation="EMAIL"),
    )
    issuer = attr(str, terraform="certificate_authority_arn", cloudformation="CertificateAuthorityArn")
    text = attr(str, terraform="certificate_body", cloudformation="CertificateBody")
    transparency = attr(
        str,
        terraform="options.certificate_transparency_logging_preference",
        cloudformation="CertificateTransparencyLoggingPreference",
        default="ENABLED",
    )
    # https://registry.is_terraform.io/providers/hashicorp/aws/latest/docs/resources/acmpca_certificate_authority
    # has these defaults; CloudFormation demands the type
    type = attr(str, terraform="type", cloudformation="Type")
    enabled = attr(bool, terraform="enabled", cloudformation=None, default=True)

    @property
    def in_acm(self) -> Truth:
        return Truth.of(self.resource.kind in ("aws_acm_certificate", "AWS::CertificateManager::Certificate"))

    @property
    def in_iam(self) -> Truth:
        """Whether it is kept in IAM, which neither renews it nor tells of its end."""
        return Truth.of(self.resource.kind in ("aws_iam_server_certificate", "AWS::IAM::ServerCertificate"))

    @property
    def imported(self) -> Truth:
        """Whether ACM was handed it from outside, so that nothing renews it."""
        return self.in_acm & self.text.is_set()

    @property
    def validated_by_mail(self) -> Truth:
        """Whether somebody has to answer a mail for each renewal; a private authority asks for nothing."""
        return self.in_acm & ~self.issuer.is_set() & ~self.imported & self.validation.is_("EMAIL")

    @property
    def weak_algorithm(self) -> Truth:
        return self.algorithm.is_("RSA_1024")

    @property
    def short_key(self) -> Truth:
        """Whether its text is here and has a short RSA key."""
        return x509.test(self.text, lambda certificate: 0 < certificate.rsa_bits < STRONG_BITS)

    @property
    def over(self) -> Truth:
        """Whether its text is here and it has ended."""
        return x509.test(self.text, lambda certificate: certificate.not_after < datetime.now(UTC))

    @property
    def active_root(self) -> Truth:
        """Whether it is a root authority that is in service, able to issue anything."""
        return (
            self.type.is_("ROOT")
            & self.enabled.is_(True)
            & attached_to(Activation, "authority", self).any(lambda a: a.status.is_("ACTIVE"))
        )


class Activation(
    View,
    terraform="aws_acmpca_certificate_authority_certificate",
    cloudformation="AWS::ACMPCA::CertificateAuthorityActivation",
):
    """What puts an authority into service.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-acmpca-certificateauthorityactivation.html
    """

    authority = attr(str, terraform="certificate_authority_arn", cloudformation="CertificateAuthorityArn")
    status = attr(str, terraform=None, cloudformation="Status", default="ACTIVE")
