"""Certificates: AWS Certificate Manager, AWS Private CA, and server certificates in IAM."""

from __future__ import annotations

from datetime import UTC, datetime

from iaclint.aws.joins import attached_to
from iaclint.aws.reasoning import x509
from iaclint.aws.views import View, attr, per_vendor
from iaclint.model.truth import FALSE, TRUE, Truth

STRONG_BITS = 2048
"""The shortest RSA key that NIST still accepts: https://csrc.nist.gov/pubs/sp/800/131/a/r2/final"""


class Certificate(View):
    """A certificate, or a private certificate authority."""

    algorithm = attr(str, terraform=None, cloudformation=None, default="RSA_2048")
    validation = attr(str, terraform=None, cloudformation=None)
    text = attr(str, terraform=None, cloudformation=None)
    transparency = attr(str, terraform=None, cloudformation=None, default="ENABLED")
    type = attr(str, terraform=None, cloudformation=None)
    in_iam = FALSE
    """Whether it is in IAM, which neither renews it nor warns before it expires."""

    @property
    def imported(self) -> Truth:
        """Return True if it was imported into ACM, which then does not renew it."""
        return FALSE

    @property
    def validated_by_mail(self) -> Truth:
        """Return True if each renewal needs the answer to an email."""
        return FALSE

    @property
    def active_root(self) -> Truth:
        """Return True if it is a root authority in service, which can issue anything."""
        return FALSE

    @property
    def weak_algorithm(self) -> Truth:
        """Return True if its key is of 1024 bits."""
        return self.algorithm.is_("RSA_1024")

    @property
    def short_key(self) -> Truth:
        """Return True if its PEM text is in the code and has an RSA key that is too short."""
        return x509.test(self.text, lambda certificate: 0 < certificate.rsa_bits < STRONG_BITS)

    @property
    def expired(self) -> Truth:
        """Return True if its PEM text is in the code and it has expired."""
        return x509.test(self.text, lambda certificate: certificate.not_after < datetime.now(UTC))


class ManagedCertificate(
    Certificate, terraform="aws_acm_certificate", cloudformation="AWS::CertificateManager::Certificate"
):
    """A certificate in AWS Certificate Manager.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-certificatemanager-certificate.html
    """

    algorithm = attr(str, terraform="key_algorithm", cloudformation="KeyAlgorithm", default="RSA_2048")
    # RequestCertificate validates by email if no method is set; Terraform demands one for a public certificate
    validation = attr(
        str,
        terraform="validation_method",
        cloudformation="ValidationMethod",
        default=per_vendor(terraform=None, cloudformation="EMAIL"),
    )
    issuer = attr(str, terraform="certificate_authority_arn", cloudformation="CertificateAuthorityArn")
    text = attr(str, terraform="certificate_body", cloudformation=None)
    transparency = attr(
        str,
        terraform="options.certificate_transparency_logging_preference",
        cloudformation="CertificateTransparencyLoggingPreference",
        default="ENABLED",
    )

    @property
    def imported(self) -> Truth:
        """Return True if its text is given, so that ACM does not renew it."""
        return self.text.is_set()

    @property
    def validated_by_mail(self) -> Truth:
        """Return True if each renewal needs the answer to an email. A private authority validates nothing."""
        return ~self.issuer.is_set() & ~self.imported & self.validation.is_("EMAIL")


class ServerCertificate(
    Certificate, terraform="aws_iam_server_certificate", cloudformation="AWS::IAM::ServerCertificate"
):
    """A server certificate in IAM."""

    text = attr(str, terraform="certificate_body", cloudformation="CertificateBody")
    in_iam = TRUE


class CertificateAuthority(
    Certificate, terraform="aws_acmpca_certificate_authority", cloudformation="AWS::ACMPCA::CertificateAuthority"
):
    """A private certificate authority, which signs other certificates.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/acmpca_certificate_authority
    """

    algorithm = attr(
        str,
        terraform="certificate_authority_configuration.key_algorithm",
        cloudformation="KeyAlgorithm",
        default="RSA_2048",
    )
    # Terraform's default is SUBORDINATE, which is no root; CloudFormation demands the type
    type = attr(str, terraform="type", cloudformation="Type")
    enabled = attr(bool, terraform="enabled", cloudformation=None, default=True)

    @property
    def active_root(self) -> Truth:
        """Return True if it is a root authority in service, which can issue anything."""
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
    """The certificate that puts an authority into service.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-acmpca-certificateauthorityactivation.html
    """

    authority = attr(str, terraform="certificate_authority_arn", cloudformation="CertificateAuthorityArn")
    status = attr(str, terraform=None, cloudformation="Status", default="ACTIVE")
