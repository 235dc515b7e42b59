"""AWS Storage Gateway."""

from __future__ import annotations

from iaclint.aws.model import Typed, attr


class SmbAccess(
    Typed,
    tf=("aws_storagegateway_smb_file_share", "aws_storagegateway_gateway"),
    cfn="AWS::StorageGateway::SMBFileShare",
):
    """An SMB file share, or the settings for all SMB shares of a gateway; CloudFormation has no gateway.

    https://docs.aws.amazon.com/storagegateway/latest/APIReference/API_CreateSMBFileShare.html: "the default is
    ActiveDirectory".
    """

    authentication = attr(str, tf="authentication", cfn="Authentication", default="ActiveDirectory")
    guest_password = attr(str, tf="smb_guest_password", cfn=None)
    security_strategy = attr(str, tf="smb_security_strategy", cfn=None)


class NfsShare(Typed, tf="aws_storagegateway_nfs_file_share", cfn="AWS::StorageGateway::NFSFileShare"):
    """An NFS file share.

    https://docs.aws.amazon.com/storagegateway/latest/APIReference/API_CreateNFSFileShare.html: root is squashed unless
    said otherwise.
    """

    clients = attr(list, tf="client_list", cfn="ClientList")
    squash = attr(str, tf="squash", cfn="Squash", default="RootSquash")
