"""Amazon MSK."""

from __future__ import annotations

from iaclint.aws.views import View, attr
from iaclint.model.truth import Truth, any_of


class Cluster(View, terraform="aws_msk_cluster", cloudformation="AWS::MSK::Cluster"):
    """A cluster of brokers that are provisioned; serverless ones always authenticate by IAM.

    https://docs.aws.amazon.com/msk/latest/developerguide/kafka_apis_iam.html; a cluster that names no way of
    authentication lets every client in (https://docs.aws.amazon.com/msk/1.0/apireference/clusters.html).
    """

    iam = attr(bool, terraform="client_authentication.sasl.iam", cloudformation="ClientAuthentication.Sasl.Iam.Enabled")
    scram = attr(
        bool, terraform="client_authentication.sasl.scram", cloudformation="ClientAuthentication.Sasl.Scram.Enabled"
    )
    authorities = attr(
        list,
        terraform="client_authentication.tls.certificate_authority_arns",
        cloudformation="ClientAuthentication.Tls.CertificateAuthorityArnList",
    )
    unauthenticated = attr(
        bool,
        terraform="client_authentication.unauthenticated",
        cloudformation="ClientAuthentication.Unauthenticated.Enabled",
    )

    @property
    def authenticates(self) -> Truth:
        """Whether there is a way to authenticate at all."""
        return any_of((self.iam.is_(True), self.scram.is_(True), self.authorities.elements().exists()))
