"""Amazon EKS."""

from __future__ import annotations

from typing import Any

from iaclint.aws.reasoning.cidr import DEFAULT_NEARLY, addresses_from
from iaclint.aws.views import Attr, View, attr
from iaclint.model.truth import FALSE, Truth


class Cluster(View, terraform="aws_eks_cluster", cloudformation="AWS::EKS::Cluster"):
    """A Kubernetes cluster.

    https://docs.aws.amazon.com/eks/latest/APIReference/API_VpcConfigRequest.html gives the defaults: public access is
    on, private access is off, and "the default value is 0.0.0.0/0" for the ranges that can reach the public endpoint.
    """

    public = attr(
        bool,
        terraform="vpc_config.endpoint_public_access",
        cloudformation="ResourcesVpcConfig.EndpointPublicAccess",
        default=True,
    )
    private = attr(
        bool,
        terraform="vpc_config.endpoint_private_access",
        cloudformation="ResourcesVpcConfig.EndpointPrivateAccess",
        default=False,
    )
    public_cidrs = attr(
        list, terraform="vpc_config.public_access_cidrs", cloudformation="ResourcesVpcConfig.PublicAccessCidrs"
    )

    @property
    def limited(self) -> Truth:
        """Return True if only some addresses of the internet can reach the public endpoint."""
        cidrs = self.public_cidrs
        if cidrs.known and not cidrs.elements().items:
            return FALSE  # an empty list means all addresses
        return ~addresses_from(cidrs).covers_internet(nearly=DEFAULT_NEARLY)

    @property
    def opening(self) -> Attr[Any]:
        """The value that opens the endpoint: the ranges if they are set, else the switch."""
        return self.public if self.public_cidrs.implicit else self.public_cidrs


class NodeGroup(View, terraform="aws_eks_node_group", cloudformation="AWS::EKS::Nodegroup"):
    """A managed group of nodes of a cluster."""

    ssh_key = attr(str, terraform="remote_access.ec2_ssh_key", cloudformation="RemoteAccess.Ec2SshKey")
    ssh_groups = attr(
        list, terraform="remote_access.source_security_group_ids", cloudformation="RemoteAccess.SourceSecurityGroups"
    )

    @property
    def open_to_ssh(self) -> Truth:
        """Return True if SSH on the nodes is open to the internet.

        "If you specify an Amazon EC2 SSH key but don't specify a source security group when you create a managed node
        group, then port 22 on the nodes is opened to the internet (0.0.0.0/0)":
        https://docs.aws.amazon.com/eks/latest/APIReference/API_RemoteAccessConfig.html
        """
        return self.ssh_key.is_set() & ~self.ssh_groups.has_elements()


class Capability(View, terraform="aws_eks_capability", cloudformation="AWS::EKS::Capability"):
    """A managed tool of a cluster, such as Argo CD.

    https://docs.aws.amazon.com/eks/latest/APIReference/API_ArgoCdConfigRequest.html: "By default, the Argo CD server is
    accessible via a public endpoint. [...] When VPC endpoints are configured, public access is blocked".
    """

    type = attr(str, terraform="type", cloudformation="Type")
    argo_cd_vpc_endpoints = attr(
        list,
        terraform="configuration.argo_cd.network_access.vpce_ids",
        cloudformation="Configuration.ArgoCd.NetworkAccess.VpceIds",
    )
