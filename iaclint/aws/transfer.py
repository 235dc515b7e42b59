"""AWS Transfer Family."""

from __future__ import annotations

from iaclint.aws.model import Typed, attr


class Server(Typed, tf="aws_transfer_server", cfn="AWS::Transfer::Server"):
    """A file transfer server. Without protocols it speaks SFTP alone.

    https://docs.aws.amazon.com/transfer/latest/APIReference/API_CreateServer.html
    """

    protocols = attr(list, tf="protocols", cfn="Protocols")
    endpoint_type = attr(str, tf="endpoint_type", cfn="EndpointType", default="PUBLIC")
    """https://docs.aws.amazon.com/transfer/latest/APIReference/API_CreateServer.html gives the default."""
