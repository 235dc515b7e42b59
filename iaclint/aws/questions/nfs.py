"""File systems that are mounted by NFS: shares of a Storage Gateway, and the policies of Amazon EFS."""

from __future__ import annotations

from iaclint.aws.joins import attached_to
from iaclint.aws.reasoning.cidr import DEFAULT_NEARLY, addresses_from
from iaclint.aws.reasoning.policy import Document, Statement
from iaclint.aws.reasoning.ports import Traffic
from iaclint.aws.services.ec2 import SecurityGroup
from iaclint.aws.services.storagegateway import NfsShare
from iaclint.aws.views import View, attr
from iaclint.model.partial import Partial
from iaclint.model.truth import Truth

_VIA_MOUNT_TARGET = "elasticfilesystem:AccessedViaMountTarget"


class MountTarget(View, terraform="aws_efs_mount_target", cloudformation="AWS::EFS::MountTarget"):
    """Where a file system of EFS is mounted in a VPC."""

    file_system = attr(str, terraform="file_system_id", cloudformation="FileSystemId")
    groups = attr(list, terraform="security_groups", cloudformation="SecurityGroups")


class FilePolicy(View, terraform="aws_efs_file_system_policy", cloudformation=()):
    file_system = attr(str, terraform="file_system_id", cloudformation=None)


class FileAccess(
    View,
    terraform=(*NfsShare.terraform_kinds, "aws_efs_file_system", "aws_efs_file_system_policy"),
    cloudformation=(*NfsShare.cloudformation_kinds, "AWS::EFS::FileSystem"),
):
    """Who may mount something."""

    clients = NfsShare.clients
    squash = NfsShare.squash
    policy = attr(str, terraform="policy", cloudformation="FileSystemPolicy")

    @property
    def open_to_all(self) -> Truth:
        """Whether a share lists the whole internet among its clients."""
        return addresses_from(self.clients).covers_internet(nearly=DEFAULT_NEARLY)

    @property
    def open_statements(self) -> Partial[Statement]:
        """The statements of a file system's policy that let everybody mount it from anywhere.

        The condition key tells clients that come through a mount target, and so through a security group:
        https://docs.aws.amazon.com/efs/latest/ug/access-control-block-public-access.html
        """
        return Document.parse(self.policy).allowing(
            lambda statement: (
                statement.names_everyone()
                & statement.overlaps_action("elasticfilesystem:ClientMount")
                & ~statement.restricts_caller()
                & ~statement.conditions.any(lambda condition: Truth.of(condition.has_key(_VIA_MOUNT_TARGET)))
            )
        )

    @property
    def open_groups(self) -> Partial[SecurityGroup]:
        """The security groups that let everybody reach a file system which has no policy."""
        if self.resource.kind not in ("aws_efs_file_system", "AWS::EFS::FileSystem"):
            return Partial(())
        unguarded = ~self.policy.is_set() & ~attached_to(FilePolicy, "file_system", self).exists()
        if unguarded.is_false:
            return Partial(())
        targets = attached_to(MountTarget, "file_system", self)
        groups: Partial[SecurityGroup] = Partial((), targets.gaps)
        for target in targets.items:
            for value in target.groups.items().items if target.groups.known else (target.groups,):
                groups = groups + SecurityGroup.referenced_by(value, self.deployment)
        return groups.where(lambda group: unguarded & group.admitted.any_open_to_internet(_NFS, nearly=DEFAULT_NEARLY))


_NFS = Traffic.of("tcp", 2049, 2049)
