"""Databases, caches and data warehouses across services: their subnets, security groups and public access."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from iaclint.aws.joins import attached_to
from iaclint.aws.services import docdb, elasticache, memorydb, neptune, rds, redshift
from iaclint.aws.services.vpc import Subnet
from iaclint.aws.views import Attr, Subject, View, views
from iaclint.model.inventory import Deployment
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, Truth
from iaclint.model.value import Value

PlacedView = (
    rds.Instance
    | rds.Cluster
    | rds.ClusterInstance
    | redshift.Cluster
    | elasticache.CacheCluster
    | elasticache.ReplicationGroup
    | docdb.Cluster
    | neptune.Cluster
)
"""The view of a data store that a subnet group places in a VPC."""

SubnetGroupView = (
    rds.SubnetGroup | redshift.SubnetGroup | elasticache.SubnetGroup | docdb.SubnetGroup | neptune.SubnetGroup
)
V = TypeVar("V", bound=View)


class DataStore(Subject):
    """A database, cache or data warehouse that a subnet group places in a VPC."""

    anchors = (
        *(rds.Instance, rds.Cluster, rds.ClusterInstance, redshift.Cluster),
        *(elasticache.CacheCluster, elasticache.ReplicationGroup, docdb.Cluster, neptune.Cluster),
    )
    anchor: PlacedView

    @property
    def subnet_group(self) -> Attr[str]:
        """The property that names its subnet group."""
        return self.anchor.subnet_group

    @property
    def security_groups(self) -> tuple[Value[Any], ...]:
        """The values that name its security groups."""
        if isinstance(self.anchor, rds.ClusterInstance):
            return ()
        groups = self.anchor.security_groups
        return groups.elements().items if groups.known else (groups,)

    @property
    def restored(self) -> Truth:
        """Return True if it is made from a snapshot or another data store, whose place it may take."""
        if isinstance(self.anchor, rds.Instance | rds.Cluster):
            return self.anchor.source.is_set() | self.anchor.snapshot.is_set()
        if isinstance(self.anchor, redshift.Cluster | docdb.Cluster | neptune.Cluster):
            return self.anchor.snapshot.is_set()
        return FALSE

    @property
    def has_own_security_groups(self) -> Truth:
        """Whether it has security groups of its own, and not only the security groups of its cluster."""
        if isinstance(self.anchor, rds.Instance):
            return self.anchor.has_own_security_groups
        return Truth.of(not isinstance(self.anchor, rds.ClusterInstance))

    @property
    def subnet_values(self) -> tuple[Value[Any], ...]:
        """The values that name its subnets, as far as its subnet group is in the scanned code."""
        if self.subnet_group.unknown and not self.subnet_group.refs:
            return (self.subnet_group,)
        groups = _referenced(self.subnet_group, DataStoreSubnets.anchors, self.deployment)
        return tuple(value for group in groups.items for value in DataStoreSubnets(group).subnet_values)


class DataStoreSubnets(Subject):
    """A subnet group: the subnets that data stores may be placed in."""

    anchors = (
        *(rds.SubnetGroup, redshift.SubnetGroup, elasticache.SubnetGroup),
        *(docdb.SubnetGroup, neptune.SubnetGroup),
    )
    anchor: SubnetGroupView

    @property
    def stores(self) -> Partial[DataStore]:
        """The data stores that use the subnet group."""
        found: Partial[DataStore] = Partial(())
        for view in DataStore.anchors:
            found = found + attached_to(view, "subnet_group", self.anchor, self.anchor.name).map(DataStore)
        return found

    @property
    def subnet_values(self) -> tuple[Value[Any], ...]:
        """The values that name its subnets; the list itself if it is unknown."""
        subnets = self.anchor.subnets
        return subnets.items().items if subnets.known else (subnets,)

    @property
    def vpc_subnets(self) -> Partial[Subnet]:
        """Its subnets, as far as they are in the scanned code; a literal id is not resolved."""
        found: Partial[Subnet] = Partial(())
        for value in self.subnet_values:
            found = found + Subnet.referenced_by(value, self.deployment)
        return found

    def value_naming(self, subnet: Subnet) -> Value[Any]:
        """Return the element that names a subnet, or the whole list if no element certainly does."""
        subnets = self.anchor.subnets
        named = subnets.items().where(lambda item: self.deployment.refers_to(item, subnet.resource))
        return named.items[0] if named.items else subnets


def _referenced(value: Value[Any], kinds: Iterable[type[V]], deployment: Deployment) -> Partial[V]:
    """Return the resources of several types that a value refers to."""
    found: Partial[V] = Partial(())
    for kind in kinds:
        found = found + kind.referenced_by(value, deployment)
    return found


class DatabaseEndpoint(Subject):
    """A database that can be given a public address."""

    anchors = (rds.Instance, rds.Cluster, rds.ClusterInstance, neptune.Instance, docdb.Instance)
    anchor: rds.Instance | rds.Cluster | rds.ClusterInstance | neptune.Instance | docdb.Instance

    @classmethod
    def select(cls, deployment: Deployment) -> list[DatabaseEndpoint]:
        """Return the databases; in Terraform, a DB cluster has no such property, but each of its instances does."""
        return [
            cls(view)
            for view in views(cls.anchors, deployment)
            if not (isinstance(view, rds.Cluster) and view.is_terraform)
        ]

    @property
    def publicly_accessible(self) -> Attr[bool]:
        """The property that asks for a public address."""
        return self.anchor.publicly_accessible

    @property
    def public(self) -> Truth:
        """Return True if the database asks for a public address."""
        return self.publicly_accessible.is_(True)

    @property
    def left_to_default_vpc(self) -> Truth:
        """Return True if the default VPC decides whether the database is public."""
        return self.anchor.left_to_default_vpc if isinstance(self.anchor, rds.Instance) else FALSE


class RedisStore(Subject):
    """A store of ElastiCache or MemoryDB that speaks the protocol of Redis."""

    anchors = (elasticache.ReplicationGroup, memorydb.Cluster)
    anchor: elasticache.ReplicationGroup | memorydb.Cluster

    @property
    def authenticates(self) -> Truth:
        """Return True if clients must authenticate."""
        return self.anchor.authenticates

    @property
    def access_setting(self) -> Attr[str] | View:
        """The access control list of a MemoryDB cluster that names one, else the store itself."""
        if isinstance(self.anchor, memorydb.Cluster) and not self.anchor.acl.implicit:
            return self.anchor.acl
        return self.anchor
