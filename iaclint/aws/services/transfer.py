"""AWS Transfer Family."""

from __future__ import annotations

from iaclint.aws.views import View, attr


class Server(View, terraform="aws_transfer_server", cloudformation="AWS::Transfer::Server"):
    """A file transfer server. By default, its endpoint is public and its only protocol is SFTP.

    https://docs.aws.amazon.com/transfer/latest/APIReference/API_CreateServer.html
    """

    protocols = attr(list, terraform="protocols", cloudformation="Protocols")
    endpoint_type = attr(str, terraform="endpoint_type", cloudformation="EndpointType", default="PUBLIC")
