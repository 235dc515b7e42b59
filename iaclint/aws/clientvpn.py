"""AWS Client VPN."""

from __future__ import annotations

from iaclint.aws.model import Typed, View, attr, blocks
from iaclint.value import Tri, tri_all


class Authentication(View):
    """One way to prove who one is; all that are given have to be passed.

    https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/client-authentication.html
    """

    type = attr(str, tf="type", cfn="Type")


class Endpoint(Typed, tf="aws_ec2_client_vpn_endpoint", cfn="AWS::EC2::ClientVpnEndpoint"):
    authentications = blocks(Authentication, tf="authentication_options", cfn="AuthenticationOptions")

    @property
    def by_certificate_alone(self) -> Tri:
        """Whether it asks nothing of people but a certificate."""
        return Tri.of(bool(self.authentications)) & tri_all(
            a.type.is_("certificate-authentication") for a in self.authentications
        )
