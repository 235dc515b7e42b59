"""Certificates: AWS Certificate Manager, private authorities, and those that IAM keeps."""

from __future__ import annotations

from datetime import UTC, datetime

from iaclint.aws import x509
from iaclint.aws.model import Typed, attr, beside, per
from iaclint.value import Tri

STRONG_BITS = 2048
"""The shortest RSA key that is still taken for safe: https://csrc.nist.gov/pubs/sp/800/131/a/r2/final"""


class Certificate(
    Typed,
    tf=("aws_acm_certificate", "aws_iam_server_certificate", "aws_acmpca_certificate_authority"),
    cfn=("AWS::CertificateManager::Certificate", "AWS::IAM::ServerCertificate", "AWS::ACMPCA::CertificateAuthority"),
):
    """A certificate, or a private authority, which is one that signs others.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-certificatemanager-certificate.html
    """

    algorithm = attr(
        str,
        tf=("key_algorithm", "certificate_authority_configuration.key_algorithm"),
        cfn="KeyAlgorithm",
        default="RSA_2048",
    )
    # RequestCertificate sends mails where nothing is said; Terraform demands it where ACM issues a public certificate
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-certificatemanager-certificate.html
    validation = attr(str, tf="validation_method", cfn="ValidationMethod", default=per(tf=None, cfn="EMAIL"))
    issuer = attr(str, tf="certificate_authority_arn", cfn="CertificateAuthorityArn")
    text = attr(str, tf="certificate_body", cfn="CertificateBody")
    transparency = attr(
        str,
        tf="options.certificate_transparency_logging_preference",
        cfn="CertificateTransparencyLoggingPreference",
        default="ENABLED",
    )
    # https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/acmpca_certificate_authority
    # has these defaults; CloudFormation demands the type
    type = attr(str, tf="type", cfn="Type")
    enabled = attr(bool, tf="enabled", cfn=None, default=True)

    @property
    def in_acm(self) -> Tri:
        return Tri.of(self.resource.kind in ("aws_acm_certificate", "AWS::CertificateManager::Certificate"))

    @property
    def in_iam(self) -> Tri:
        """Whether it is kept in IAM, which neither renews it nor tells of its end."""
        return Tri.of(self.resource.kind in ("aws_iam_server_certificate", "AWS::IAM::ServerCertificate"))

    @property
    def imported(self) -> Tri:
        """Whether ACM was handed it from outside, so that nothing renews it."""
        return self.in_acm & self.text.is_set()

    @property
    def validated_by_mail(self) -> Tri:
        """Whether somebody has to answer a mail for each renewal; a private authority asks for nothing."""
        return self.in_acm & ~self.issuer.is_set() & ~self.imported & self.validation.is_("EMAIL")

    @property
    def weak_algorithm(self) -> Tri:
        return self.algorithm.is_("RSA_1024")

    @property
    def short_key(self) -> Tri:
        """Whether its text is here and has a short RSA key."""
        return self.text.test(lambda text: 0 < _bits(text) < STRONG_BITS)

    @property
    def over(self) -> Tri:
        """Whether its text is here and it has ended."""
        return self.text.test(_ended)

    @property
    def active_root(self) -> Tri:
        """Whether it is a root authority that is in service, able to issue anything."""
        return (
            self.type.is_("ROOT")
            & self.enabled.is_(True)
            & beside(Activation, "authority", self).any(lambda a: a.status.is_("ACTIVE"))
        )


class Activation(
    Typed, tf="aws_acmpca_certificate_authority_certificate", cfn="AWS::ACMPCA::CertificateAuthorityActivation"
):
    """What puts an authority into service.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-acmpca-certificateauthorityactivation.html
    """

    authority = attr(str, tf="certificate_authority_arn", cfn="CertificateAuthorityArn")
    status = attr(str, tf=None, cfn="Status", default="ACTIVE")


def _bits(text: object) -> int:
    found = x509.read(str(text))
    return found.rsa_bits if found else 0


def _ended(text: object) -> bool:
    found = x509.read(str(text))
    return found is not None and found.not_after < datetime.now(UTC)
