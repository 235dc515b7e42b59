"""Amazon EFS."""

from __future__ import annotations

from iaclint.aws.joins import attached_to
from iaclint.aws.views import View, attr
from iaclint.model.partial import Partial


class FileSystem(View, terraform="aws_efs_file_system", cloudformation="AWS::EFS::FileSystem"):
    """A file system."""

    policy = attr(str, terraform=None, cloudformation="FileSystemPolicy")

    @property
    def separate_policies(self) -> Partial[FileSystemPolicy]:
        """The file system policies that are resources of their own."""
        return attached_to(FileSystemPolicy, "file_system", self)

    @property
    def mount_targets(self) -> Partial[MountTarget]:
        """The mount targets of the file system."""
        return attached_to(MountTarget, "file_system", self)


class FileSystemPolicy(View, terraform="aws_efs_file_system_policy", cloudformation=()):
    """A file system policy that is a resource of its own."""

    file_system = attr(str, terraform="file_system_id", cloudformation=None)
    policy = attr(str, terraform="policy", cloudformation=None)


class MountTarget(View, terraform="aws_efs_mount_target", cloudformation="AWS::EFS::MountTarget"):
    """The network interface by which a VPC mounts a file system."""

    file_system = attr(str, terraform="file_system_id", cloudformation="FileSystemId")
    security_groups = attr(list, terraform="security_groups", cloudformation="SecurityGroups")
