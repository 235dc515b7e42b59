"""Managed services whose endpoints can be public, each with the setting that decides it.

The services differ in the value that means public, and in the default of the setting.
"""

from __future__ import annotations

from typing import Any

from iaclint.aws.services import dms, emr, kafka, mq, mwaa
from iaclint.aws.services.eks import Capability
from iaclint.aws.services.sagemaker import NotebookInstance
from iaclint.aws.services.vpc import Subnet
from iaclint.aws.views import Attr, Subject, View
from iaclint.model.inventory import Deployment
from iaclint.model.partial import Partial
from iaclint.model.truth import Truth


class ManagedEndpoint(Subject):
    """An endpoint of a managed service, which can be public."""

    noun = ""
    """What it is, for a message."""
    private_value: object = False
    """The value that makes it private; None if a single value cannot."""
    anchor: View

    @classmethod
    def select(cls, deployment: Deployment) -> list[ManagedEndpoint]:
        """Return the endpoints of a deployment, type by type."""
        return [
            endpoint(view)
            for endpoint in cls.__subclasses__()
            for anchor in endpoint.anchors
            for view in anchor.select(deployment)
        ]

    @property
    def setting(self) -> Attr[Any]:
        """The property that decides whether it is public."""
        raise NotImplementedError

    @property
    def public(self) -> Truth:
        """Return True if it is public."""
        return self.setting.is_(True)


class _ReplicationInstance(ManagedEndpoint):
    noun = "replication instance"
    anchors = (dms.ReplicationInstance,)
    anchor: dms.ReplicationInstance

    @property
    def setting(self) -> Attr[Any]:
        return self.anchor.publicly_accessible


class _Broker(ManagedEndpoint):
    noun = "message broker"
    anchors = (mq.Broker,)
    anchor: mq.Broker

    @property
    def setting(self) -> Attr[Any]:
        return self.anchor.publicly_accessible


class _KafkaCluster(ManagedEndpoint):
    noun = "Kafka cluster"
    private_value = "DISABLED"
    anchors = (kafka.Cluster,)
    anchor: kafka.Cluster

    @property
    def setting(self) -> Attr[Any]:
        return self.anchor.public_access

    @property
    def public(self) -> Truth:
        return ~self.setting.is_("DISABLED")


class _AirflowWebServer(ManagedEndpoint):
    noun = "Airflow web server"
    private_value = "PRIVATE_ONLY"
    anchors = (mwaa.Environment,)
    anchor: mwaa.Environment

    @property
    def setting(self) -> Attr[Any]:
        return self.anchor.webserver_access

    @property
    def public(self) -> Truth:
        return self.setting.is_("PUBLIC_ONLY")


class _ArgoCdServer(ManagedEndpoint):
    noun = "Argo CD server"
    private_value = None
    anchors = (Capability,)
    anchor: Capability

    @property
    def setting(self) -> Attr[Any]:
        return self.anchor.argo_cd_vpc_endpoints

    @property
    def public(self) -> Truth:
        """Return True if it has no VPC endpoint; other capabilities have no server."""
        return self.anchor.type.is_("ARGOCD") & ~self.setting.elements().exists()


class _Notebook(ManagedEndpoint):
    noun = "notebook"
    private_value = "Disabled"
    anchors = (NotebookInstance,)
    anchor: NotebookInstance

    @property
    def setting(self) -> Attr[Any]:
        return self.anchor.direct_internet_access

    @property
    def public(self) -> Truth:
        return ~self.setting.is_("Disabled")


class _EmrCluster(ManagedEndpoint):
    noun = "EMR cluster"
    private_value = None
    anchors = (emr.Cluster,)
    anchor: emr.Cluster

    @property
    def setting(self) -> Attr[Any]:
        return self.anchor.subnets

    @property
    def public(self) -> Truth:
        """Return True if it is in a public subnet, unless the account refuses clusters with open security groups."""
        found: Partial[Subnet] = Partial(())
        for value in self.setting.each():
            found = found + Subnet.referenced_by(value, self.deployment)
        refused = emr.BlockPublicAccess.found_in(self.deployment).any(lambda b: b.blocks.is_(True) & b.exists)
        return found.any(lambda subnet: subnet.public) & ~refused


class _EmrBlockPublicAccess(ManagedEndpoint):
    noun = "EMR cluster of this account"
    private_value = True
    anchors = (emr.BlockPublicAccess,)
    anchor: emr.BlockPublicAccess

    @property
    def setting(self) -> Attr[Any]:
        return self.anchor.blocks

    @property
    def public(self) -> Truth:
        return self.setting.is_(False)
