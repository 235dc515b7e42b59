"""AWS Storage Gateway."""

from __future__ import annotations

from iaclint.aws.views import View, attr


class SmbAccess(
    View,
    terraform=("aws_storagegateway_smb_file_share", "aws_storagegateway_gateway"),
    cloudformation="AWS::StorageGateway::SMBFileShare",
):
    """An SMB file share, or a gateway, which has settings for all its SMB file shares; CloudFormation has no gateway.

    https://docs.aws.amazon.com/storagegateway/latest/APIReference/API_CreateSMBFileShare.html: "the default is
    ActiveDirectory".
    """

    authentication = attr(str, terraform="authentication", cloudformation="Authentication", default="ActiveDirectory")
    guest_password = attr(str, terraform="smb_guest_password", cloudformation=None)
    security_strategy = attr(str, terraform="smb_security_strategy", cloudformation=None)


class NfsShare(View, terraform="aws_storagegateway_nfs_file_share", cloudformation="AWS::StorageGateway::NFSFileShare"):
    """An NFS file share.

    https://docs.aws.amazon.com/storagegateway/latest/APIReference/API_CreateNFSFileShare.html: by default, the user
    root of a client is mapped to an anonymous user (RootSquash).
    """

    clients = attr(list, terraform="client_list", cloudformation="ClientList")
    squash = attr(str, terraform="squash", cloudformation="Squash", default="RootSquash")
