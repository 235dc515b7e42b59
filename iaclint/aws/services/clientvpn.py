"""AWS Client VPN."""

from __future__ import annotations

from iaclint.aws.views import Block, View, attr, blocks
from iaclint.model.truth import Truth, all_of


class Authentication(Block):
    """An authentication method of an endpoint; a client must pass all of them.

    https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/client-authentication.html
    """

    type = attr(str, terraform="type", cloudformation="Type")


class Endpoint(View, terraform="aws_ec2_client_vpn_endpoint", cloudformation="AWS::EC2::ClientVpnEndpoint"):
    """A Client VPN endpoint, which users connect to.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-clientvpnendpoint.html
    """

    authentications = blocks(Authentication, terraform="authentication_options", cloudformation="AuthenticationOptions")

    @property
    def needs_only_certificate(self) -> Truth:
        """Return True if a client certificate is all that a user needs to connect."""
        return Truth.of(bool(self.authentications)) & all_of(
            a.type.is_("certificate-authentication") for a in self.authentications
        )
