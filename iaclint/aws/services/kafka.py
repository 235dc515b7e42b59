"""Amazon MSK."""

from __future__ import annotations

from iaclint.aws.views import View, attr
from iaclint.model.truth import Truth, any_of


class Cluster(View, terraform="aws_msk_cluster", cloudformation="AWS::MSK::Cluster"):
    """A cluster of provisioned brokers. A serverless cluster always authenticates clients by IAM:
    https://docs.aws.amazon.com/msk/latest/developerguide/kafka_apis_iam.html

    A cluster without an authentication method accepts every client:
    https://docs.aws.amazon.com/msk/1.0/apireference/clusters.html. Public access is off when a cluster is created:
    https://docs.aws.amazon.com/msk/latest/developerguide/public-access.html
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
    public_access = attr(
        str,
        terraform="broker_node_group_info.connectivity_info.public_access.type",
        cloudformation="BrokerNodeGroupInfo.ConnectivityInfo.PublicAccess.Type",
        default="DISABLED",
    )

    @property
    def authenticates(self) -> Truth:
        """Return True if it has an authentication method."""
        return any_of((self.iam.is_(True), self.scram.is_(True), self.authorities.elements().exists()))
