"""Amazon MemoryDB."""

from __future__ import annotations

from iaclint.aws.views import View, attr
from iaclint.model.truth import Truth


class Cluster(View, terraform="aws_memorydb_cluster", cloudformation="AWS::MemoryDB::Cluster"):
    """A cluster of Redis OSS or Valkey. It always has an access control list."""

    acl = attr(str, terraform="acl_name", cloudformation="ACLName")

    @property
    def authenticates(self) -> Truth:
        """Return True if clients must authenticate; the list "open-access" admits every client.

        https://docs.aws.amazon.com/memorydb/latest/devguide/clusters.acls.html
        """
        return ~self.acl.is_("open-access")
