"""Certificates: AWS Certificate Manager, its private authorities, and those that IAM keeps."""

from __future__ import annotations

from iaclint.aws.model import Typed, attr, beside, per
from iaclint.value import Tri


class Certificate(
    Typed,
    tf=("aws_acm_certificate", "aws_iam_server_certificate"),
    cfn=("AWS::CertificateManager::Certificate", "AWS::IAM::ServerCertificate"),
):
    """A certificate.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-certificatemanager-certificate.html
    """

    algorithm = attr(str, tf="key_algorithm", cfn="KeyAlgorithm", default="RSA_2048")
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-certificatemanager-certificate.html
    # says that it defaults to EMAIL; Terraform demands it where ACM issues a public certificate
    validation = attr(str, tf="validation_method", cfn="ValidationMethod", default=per(tf=None, cfn="EMAIL"))
    authority = attr(str, tf="certificate_authority_arn", cfn="CertificateAuthorityArn")
    body = attr(str, tf="certificate_body", cfn=None)
    transparency = attr(
        str,
        tf="options.certificate_transparency_logging_preference",
        cfn="CertificateTransparencyLoggingPreference",
        default="ENABLED",
    )

    @property
    def in_iam(self) -> Tri:
        """Whether it is kept in IAM, which neither renews it nor tells of its end."""
        return Tri.of(self.resource.kind in ("aws_iam_server_certificate", "AWS::IAM::ServerCertificate"))

    @property
    def imported(self) -> Tri:
        """Whether it is brought in from outside, so that nothing renews it."""
        return ~self.in_iam & self.body.is_set()

    @property
    def validated_by_mail(self) -> Tri:
        """Whether somebody has to answer a mail for each renewal; a private authority asks for nothing."""
        return ~self.in_iam & ~self.authority.is_set() & ~self.imported & self.validation.is_("EMAIL")


class Authority(Typed, tf="aws_acmpca_certificate_authority", cfn="AWS::ACMPCA::CertificateAuthority"):
    """A private certificate authority."""

    # Terraform's default; CloudFormation demands it
    # https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/acmpca_certificate_authority
    type = attr(str, tf="type", cfn="Type", default=per(tf="SUBORDINATE", cfn=None))
    enabled = attr(bool, tf="enabled", cfn=None, default=True)
    algorithm = attr(str, tf="certificate_authority_configuration.key_algorithm", cfn="KeyAlgorithm")

    @property
    def active_root(self) -> Tri:
        """Whether it is a root that can issue certificates all the time."""
        if not self.terraform:
            activations = beside(Activation, "authority", self)
            return self.type.is_("ROOT") & activations.any(lambda a: a.status.is_("ACTIVE"))
        return self.type.is_("ROOT") & self.enabled.is_(True)


class Activation(Typed, tf=(), cfn="AWS::ACMPCA::CertificateAuthorityActivation"):
    """CloudFormation's way to put an authority into service.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-acmpca-certificateauthorityactivation.html
    """

    authority = attr(str, tf=None, cfn="CertificateAuthorityArn")
    status = attr(str, tf=None, cfn="Status", default="ACTIVE")
