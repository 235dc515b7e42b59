"""Amazon MSK."""

from __future__ import annotations

from iaclint.aws.model import Typed, attr
from iaclint.value import Tri, tri_any


class Cluster(Typed, tf="aws_msk_cluster", cfn="AWS::MSK::Cluster"):
    """A cluster of brokers that are provisioned; serverless ones always authenticate by IAM.

    https://docs.aws.amazon.com/msk/latest/developerguide/kafka_apis_iam.html; a cluster that names no way of
    authentication lets every client in (https://docs.aws.amazon.com/msk/1.0/apireference/clusters.html).
    """

    iam = attr(bool, tf="client_authentication.sasl.iam", cfn="ClientAuthentication.Sasl.Iam.Enabled")
    scram = attr(bool, tf="client_authentication.sasl.scram", cfn="ClientAuthentication.Sasl.Scram.Enabled")
    authorities = attr(
        list,
        tf="client_authentication.tls.certificate_authority_arns",
        cfn="ClientAuthentication.Tls.CertificateAuthorityArnList",
    )
    unauthenticated = attr(
        bool, tf="client_authentication.unauthenticated", cfn="ClientAuthentication.Unauthenticated.Enabled"
    )

    @property
    def authenticates(self) -> Tri:
        """Whether there is a way to authenticate at all."""
        return tri_any((self.iam.is_(True), self.scram.is_(True), self.authorities.elements().exists()))
