"""Amazon EKS."""

from __future__ import annotations

from typing import Any

from iaclint.aws.reasoning.cidr import DEFAULT_NEARLY, addresses_from
from iaclint.aws.views import Attr, View, attr
from iaclint.model.truth import TRUE, Truth


class Cluster(View, terraform="aws_eks_cluster", cloudformation="AWS::EKS::Cluster"):
    """A Kubernetes cluster.

    https://docs.aws.amazon.com/eks/latest/APIReference/API_VpcConfigRequest.html: public access is on unless said
    otherwise, private access off, and "the default value is 0.0.0.0/0" for the ranges that may reach the public
    endpoint.
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
        """Whether only some addresses of the internet may reach the public endpoint."""
        cidrs = self.public_cidrs
        if cidrs.known and not cidrs.elements().items:
            return ~TRUE  # none listed is all
        return ~addresses_from(cidrs).covers_internet(nearly=DEFAULT_NEARLY)

    @property
    def opening(self) -> Attr[Any]:
        """What opens the endpoint: the ranges where they are written, else the switch."""
        return self.public if self.public_cidrs.implicit else self.public_cidrs


class NodeGroup(View, terraform="aws_eks_node_group", cloudformation="AWS::EKS::Nodegroup"):
    """Nodes of a cluster."""

    ssh_key = attr(str, terraform="remote_access.ec2_ssh_key", cloudformation="RemoteAccess.Ec2SshKey")
    ssh_groups = attr(
        list, terraform="remote_access.source_security_group_ids", cloudformation="RemoteAccess.SourceSecurityGroups"
    )

    @property
    def open_to_ssh(self) -> Truth:
        """Whether SSH is open to the internet.

        "If you specify an Amazon EC2 SSH key but don't specify a source security group when you create a managed node
        group, then port 22 on the nodes is opened to the internet (0.0.0.0/0)":
        https://docs.aws.amazon.com/eks/latest/APIReference/API_RemoteAccessConfig.html
        """
        return self.ssh_key.is_set() & ~self.ssh_groups.has_elements()
