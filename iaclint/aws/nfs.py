"""File systems that are mounted by NFS: shares of a Storage Gateway, and the policies of Amazon EFS."""

from __future__ import annotations

from iaclint.aws import network
from iaclint.aws.model import Typed, attr
from iaclint.aws.policy import Document, Statement
from iaclint.aws.storagegateway import NfsShare
from iaclint.value import Population, Tri

_VIA_MOUNT_TARGET = "elasticfilesystem:AccessedViaMountTarget"


class FileAccess(
    Typed,
    tf=(*NfsShare.tf_kinds, "aws_efs_file_system_policy"),
    cfn=(*NfsShare.cfn_kinds, "AWS::EFS::FileSystem"),
):
    """Who may mount something."""

    clients = NfsShare.clients
    squash = NfsShare.squash
    policy = attr(str, tf="policy", cfn="FileSystemPolicy")

    @property
    def open_to_all(self) -> Tri:
        """Whether a share lists the whole internet among its clients."""
        return network.addresses_from(self.clients).covers_world(nearly=network.DEFAULT_NEARLY)

    @property
    def open_statements(self) -> Population[Statement]:
        """The statements of a file system's policy that let everybody mount it from anywhere.

        The condition key tells clients that come through a mount target, and so through a security group:
        https://docs.aws.amazon.com/efs/latest/ug/access-control-block-public-access.html
        """
        return Document.parse(self.policy).allowing(
            lambda statement: (
                statement.everyone()
                & statement.touches_action("elasticfilesystem:ClientMount")
                & ~statement.tied()
                & ~statement.conditions.any(lambda condition: Tri.of(condition.is_on(_VIA_MOUNT_TARGET)))
            )
        )
