"""Managed services that can have an endpoint on the internet, each with the property that decides it.

What differs between the services is which value means public, and what holds where nothing is said.
"""

from __future__ import annotations

from typing import Any

from iaclint.aws.services.emr import BlockPublicAccess
from iaclint.aws.services.emr import Cluster as EmrCluster
from iaclint.aws.services.vpc import Subnet
from iaclint.aws.views import Attr, View, attr, per_vendor, views
from iaclint.model.inventory import Deployment
from iaclint.model.partial import Partial
from iaclint.model.truth import Truth


class Endpoint(View):
    """Something with an endpoint that may be public."""

    what = ""
    """In words."""

    @classmethod
    def select(cls, deployment: Deployment) -> list[Endpoint]:
        """The endpoints of all kinds in a deployment."""
        return views(cls.__subclasses__(), deployment)

    @property
    def setting(self) -> Attr[Any]:
        """The property that decides it."""
        raise NotImplementedError

    @property
    def private(self) -> object:
        """The value that keeps it private."""
        return False

    @property
    def public(self) -> Truth:
        """Whether it is public."""
        return self.setting.is_(True)


class ReplicationInstance(
    Endpoint, terraform="aws_dms_replication_instance", cloudformation="AWS::DMS::ReplicationInstance"
):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dms-replicationinstance.html:
    "the default value is true"; Terraform's provider sends false where nothing is said
    (https://registry.is_terraform.io/providers/hashicorp/aws/latest/docs/resources/dms_replication_instance)."""

    what = "replication instance"
    publicly = attr(
        bool,
        terraform="publicly_accessible",
        cloudformation="PubliclyAccessible",
        default=per_vendor(terraform=False, cloudformation=True),
    )

    @property
    def setting(self) -> Attr[Any]:
        return self.publicly


class Broker(Endpoint, terraform="aws_mq_broker", cloudformation="AWS::AmazonMQ::Broker"):
    """https://docs.aws.amazon.com/amazon-mq/latest/api-reference/brokers.html: "set to false by default"."""

    what = "message broker"
    publicly = attr(bool, terraform="publicly_accessible", cloudformation="PubliclyAccessible", default=False)

    @property
    def setting(self) -> Attr[Any]:
        return self.publicly


class KafkaCluster(Endpoint, terraform="aws_msk_cluster", cloudformation="AWS::MSK::Cluster"):
    """https://docs.aws.amazon.com/msk/latest/developerguide/public-access.html: off when a cluster is made."""

    what = "Kafka cluster"
    access = attr(
        str,
        terraform="broker_node_group_info.connectivity_info.public_access.type",
        cloudformation="BrokerNodeGroupInfo.ConnectivityInfo.PublicAccess.Type",
        default="DISABLED",
    )

    @property
    def setting(self) -> Attr[Any]:
        return self.access

    @property
    def private(self) -> object:
        return "DISABLED"

    @property
    def public(self) -> Truth:
        return ~self.access.is_("DISABLED")


class AirflowEnvironment(Endpoint, terraform="aws_mwaa_environment", cloudformation="AWS::MWAA::Environment"):
    """https://docs.aws.amazon.com/mwaa/latest/API/API_CreateEnvironment.html gives PRIVATE_ONLY as the default."""

    what = "Airflow web server"
    access = attr(str, terraform="webserver_access_mode", cloudformation="WebserverAccessMode", default="PRIVATE_ONLY")

    @property
    def setting(self) -> Attr[Any]:
        return self.access

    @property
    def private(self) -> object:
        return "PRIVATE_ONLY"

    @property
    def public(self) -> Truth:
        return self.access.is_("PUBLIC_ONLY")


class ArgoServer(Endpoint, terraform="aws_eks_capability", cloudformation="AWS::EKS::Capability"):
    """https://docs.aws.amazon.com/eks/latest/APIReference/API_ArgoCdConfigRequest.html: "By default, the Argo CD server
    is accessible via a public endpoint. [...] When VPC endpoints are configured, public access is blocked"."""

    what = "Argo CD server"
    type = attr(str, terraform="type", cloudformation="Type")
    endpoints = attr(
        list,
        terraform="configuration.argo_cd.network_access.vpce_ids",
        cloudformation="Configuration.ArgoCd.NetworkAccess.VpceIds",
    )

    @property
    def setting(self) -> Attr[Any]:
        return self.endpoints

    @property
    def private(self) -> object:
        return None

    @property
    def public(self) -> Truth:
        """Whether it names no VPC endpoint; other capabilities have no server."""
        return self.type.is_("ARGOCD") & ~self.endpoints.elements().exists()


class Notebook(
    Endpoint, terraform="aws_sagemaker_notebook_instance", cloudformation="AWS::SageMaker::NotebookInstance"
):
    """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateNotebookInstance.html: access to the internet
    is on unless it is disabled."""

    what = "notebook"
    access = attr(str, terraform="direct_internet_access", cloudformation="DirectInternetAccess", default="Enabled")

    @property
    def setting(self) -> Attr[Any]:
        return self.access

    @property
    def private(self) -> object:
        return "Disabled"

    @property
    def public(self) -> Truth:
        return ~self.access.is_("Disabled")


class JobCluster(Endpoint, terraform=EmrCluster.terraform_kinds, cloudformation=EmrCluster.cloudformation_kinds):
    """An EMR cluster is on the internet by the subnet that it is in, unless the account blocks open groups."""

    what = "EMR cluster"
    subnets = EmrCluster.subnets

    @property
    def setting(self) -> Attr[Any]:
        return self.subnets

    @property
    def private(self) -> object:
        return None

    @property
    def public(self) -> Truth:
        found: Partial[Subnet] = Partial(())
        for value in self.subnets.items().items if self.subnets.known else (self.subnets,):
            found = found + Subnet.referenced_by(value, self.deployment)
        blocked = BlockPublicAccess.found_in(self.deployment).any(lambda b: b.blocks.is_(True) & b.exists)
        return found.any(lambda subnet: subnet.public) & ~blocked


class EmrGuard(Endpoint, terraform=BlockPublicAccess.terraform_kinds, cloudformation=()):
    """The account's guard against EMR clusters that are open to the internet."""

    what = "EMR cluster of this account"
    blocks = BlockPublicAccess.blocks

    @property
    def setting(self) -> Attr[Any]:
        return self.blocks

    @property
    def private(self) -> object:
        return True

    @property
    def public(self) -> Truth:
        return self.blocks.is_(False)
