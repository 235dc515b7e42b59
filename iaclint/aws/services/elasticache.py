"""Amazon ElastiCache and MemoryDB."""

from __future__ import annotations

from iaclint.aws.views import View, attr
from iaclint.model.truth import Truth


class ReplicationGroup(
    View,
    terraform=("aws_elasticache_replication_group", "aws_memorydb_cluster"),
    cloudformation=("AWS::ElastiCache::ReplicationGroup", "AWS::MemoryDB::Cluster"),
):
    """Nodes of Redis or Valkey that hold the same data."""

    token = attr(str, terraform="auth_token", cloudformation="AuthToken")
    user_groups = attr(list, terraform="user_group_ids", cloudformation="UserGroupIds")
    acl = attr(str, terraform="acl_name", cloudformation="ACLName")
    transit_encryption = attr(bool, terraform="transit_encryption_enabled", cloudformation="TransitEncryptionEnabled")

    @property
    def authenticates(self) -> Truth:
        """Whether it asks clients who they are.

        https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html and Clusters.RBAC.html; MemoryDB always has an
        access control list, of which "open-access" lets everybody in
        (https://docs.aws.amazon.com/memorydb/latest/devguide/clusters.acls.html).
        """
        if self.resource.kind in ("aws_memorydb_cluster", "AWS::MemoryDB::Cluster"):
            return ~self.acl.is_("open-access")
        return self.token.is_set() | self.user_groups.has_elements()
