"""Amazon ElastiCache."""

from __future__ import annotations

from iaclint.aws.views import View, attr
from iaclint.model.truth import Truth


class ReplicationGroup(
    View, terraform="aws_elasticache_replication_group", cloudformation="AWS::ElastiCache::ReplicationGroup"
):
    """Nodes of Redis OSS or Valkey that hold the same data."""

    token = attr(str, terraform="auth_token", cloudformation="AuthToken")
    user_groups = attr(list, terraform="user_group_ids", cloudformation="UserGroupIds")
    subnet_group = attr(str, terraform="subnet_group_name", cloudformation="CacheSubnetGroupName")
    security_groups = attr(list, terraform="security_group_ids", cloudformation="SecurityGroupIds")

    @property
    def authenticates(self) -> Truth:
        """Return True if clients must authenticate, by a token or as a user of a user group.

        https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html
        https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html
        """
        return self.token.is_set() | self.user_groups.has_elements()


class CacheCluster(View, terraform="aws_elasticache_cluster", cloudformation="AWS::ElastiCache::CacheCluster"):
    """A cluster of Memcached, or a single node of Redis OSS or Valkey."""

    subnet_group = attr(str, terraform="subnet_group_name", cloudformation="CacheSubnetGroupName")
    security_groups = attr(list, terraform="security_group_ids", cloudformation="VpcSecurityGroupIds")


class SubnetGroup(View, terraform="aws_elasticache_subnet_group", cloudformation="AWS::ElastiCache::SubnetGroup"):
    """A cache subnet group."""

    name = attr(str, terraform="name", cloudformation="CacheSubnetGroupName")
    subnets = attr(list, terraform="subnet_ids", cloudformation="SubnetIds")
