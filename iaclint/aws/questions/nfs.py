"""File systems that are mounted by NFS: file shares of a Storage Gateway, and file systems of Amazon EFS."""

from __future__ import annotations

from iaclint.aws.reasoning.cidr import DEFAULT_NEARLY, addresses_from
from iaclint.aws.reasoning.policy import Document, Statement
from iaclint.aws.reasoning.ports import Traffic
from iaclint.aws.services.efs import FileSystem, FileSystemPolicy
from iaclint.aws.services.security_groups import SecurityGroup
from iaclint.aws.services.storagegateway import NfsShare
from iaclint.aws.views import Subject
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, Truth

_VIA_MOUNT_TARGET = "elasticfilesystem:AccessedViaMountTarget"
_NFS = Traffic.of("tcp", 2049, 2049)


class FileAccess(Subject):
    """An NFS file share, an EFS file system or its policy: what decides who can mount it."""

    anchors = (NfsShare, FileSystem, FileSystemPolicy)
    anchor: NfsShare | FileSystem | FileSystemPolicy

    @property
    def share(self) -> NfsShare | None:
        """The file share, if it is one."""
        return self.anchor if isinstance(self.anchor, NfsShare) else None

    @property
    def open_to_all(self) -> Truth:
        """Return True if it is a share that lists the whole internet among its clients."""
        if self.share is None:
            return FALSE
        return addresses_from(self.share.clients).covers_internet(nearly=DEFAULT_NEARLY)

    @property
    def open_statements(self) -> Partial[Statement]:
        """The statements of an EFS policy that let everyone mount the file system, not only by a mount target.

        elasticfilesystem:AccessedViaMountTarget limits access to mount targets, and so to their security groups:
        https://docs.aws.amazon.com/efs/latest/ug/access-control-block-public-access.html
        """
        if isinstance(self.anchor, NfsShare):
            return Partial(())
        return Document.parse(self.anchor.policy).allowing(
            lambda statement: (
                statement.names_everyone()
                & statement.overlaps_action("elasticfilesystem:ClientMount")
                & ~statement.restricts_caller()
                & ~statement.conditions.any(lambda condition: Truth.of(condition.has_key(_VIA_MOUNT_TARGET)))
            )
        )

    @property
    def open_groups(self) -> Partial[SecurityGroup]:
        """The security groups that let the internet reach an EFS file system without a policy."""
        if not isinstance(self.anchor, FileSystem):
            return Partial(())
        unguarded = ~self.anchor.policy.is_set() & ~self.anchor.separate_policies.exists()
        if unguarded.is_false:
            return Partial(())
        targets = self.anchor.mount_targets
        groups: Partial[SecurityGroup] = Partial((), targets.gaps)
        for target in targets.items:
            for value in target.security_groups.each():
                groups = groups + SecurityGroup.referenced_by(value, self.deployment)
        return groups.where(lambda group: unguarded & group.admitted.any_open_to_internet(_NFS, nearly=DEFAULT_NEARLY))
