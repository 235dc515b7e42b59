"""Amazon Redshift: provisioned clusters, serverless workgroups, and the subnet groups that place clusters."""

from __future__ import annotations

from iaclint.aws.views import View, attr
from iaclint.model.truth import Reason, Truth


class Warehouse(View):
    """A provisioned cluster or a serverless workgroup."""

    publicly_accessible = attr(bool, terraform="publicly_accessible", cloudformation="PubliclyAccessible")

    @property
    def public(self) -> Truth:
        """Return True if it has a public endpoint. Without the property it has none.

        https://docs.aws.amazon.com/redshift/latest/mgmt/behavior-changes.html
        """
        return self.publicly_accessible.is_(True)


class Cluster(Warehouse, terraform="aws_redshift_cluster", cloudformation="AWS::Redshift::Cluster"):
    """A provisioned cluster."""

    encrypted = attr(bool, terraform="encrypted", cloudformation="Encrypted")
    snapshot = attr(str, terraform=("snapshot_identifier", "snapshot_arn"), cloudformation="SnapshotIdentifier")
    subnet_group = attr(str, terraform="cluster_subnet_group_name", cloudformation="ClusterSubnetGroupName")
    security_groups = attr(list, terraform="vpc_security_group_ids", cloudformation="VpcSecurityGroupIds")

    @property
    def public(self) -> Truth:
        """Return True if it has a public endpoint; undecided for a Terraform cluster without the property.

        Terraform's provider sent true until version 6:
        https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/version-6-upgrade
        """
        if self.is_terraform and self.publicly_accessible.implicit:
            reason = Reason("what holds without publicly_accessible hangs on the provider: true before 6", self.header)
            return Truth.undecided(reason)
        return super().public


class Workgroup(
    Warehouse, terraform="aws_redshiftserverless_workgroup", cloudformation="AWS::RedshiftServerless::Workgroup"
):
    """A workgroup of Redshift Serverless."""


class SubnetGroup(View, terraform="aws_redshift_subnet_group", cloudformation="AWS::Redshift::ClusterSubnetGroup"):
    """A cluster subnet group."""

    name = attr(str, terraform="name", cloudformation=None)
    subnets = attr(list, terraform="subnet_ids", cloudformation="SubnetIds")
