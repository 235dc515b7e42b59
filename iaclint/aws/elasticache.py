"""Amazon ElastiCache and MemoryDB."""

from __future__ import annotations

from iaclint.aws.model import Typed, attr
from iaclint.value import Tri


class ReplicationGroup(
    Typed,
    tf=("aws_elasticache_replication_group", "aws_memorydb_cluster"),
    cfn=("AWS::ElastiCache::ReplicationGroup", "AWS::MemoryDB::Cluster"),
):
    """Nodes of Redis or Valkey that hold the same data."""

    token = attr(str, tf="auth_token", cfn="AuthToken")
    user_groups = attr(list, tf="user_group_ids", cfn="UserGroupIds")
    acl = attr(str, tf="acl_name", cfn="ACLName")
    transit_encryption = attr(bool, tf="transit_encryption_enabled", cfn="TransitEncryptionEnabled")

    @property
    def authenticates(self) -> Tri:
        """Whether it asks clients who they are.

        https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html and Clusters.RBAC.html; MemoryDB always has an
        access control list, of which "open-access" lets everybody in
        (https://docs.aws.amazon.com/memorydb/latest/devguide/clusters.acls.html).
        """
        if self.resource.kind in ("aws_memorydb_cluster", "AWS::MemoryDB::Cluster"):
            return ~self.acl.is_("open-access")
        return self.token.is_set() | self.user_groups.has_elements()
