"""Amazon EMR."""

from __future__ import annotations

from typing import Any

from iaclint.aws.views import View, attr
from iaclint.model.value import Value


class Cluster(View, terraform="aws_emr_cluster", cloudformation="AWS::EMR::Cluster"):
    """A cluster. The security group for the service's own access has no attribute here: only EMR uses it."""

    subnets = attr(
        list,
        terraform=("ec2_attributes.subnet_id", "ec2_attributes.subnet_ids"),
        cloudformation=("Instances.Ec2SubnetId", "Instances.Ec2SubnetIds"),
    )
    primary_group = attr(
        str,
        terraform="ec2_attributes.emr_managed_master_security_group",
        cloudformation="Instances.EmrManagedMasterSecurityGroup",
    )
    core_group = attr(
        str,
        terraform="ec2_attributes.emr_managed_slave_security_group",
        cloudformation="Instances.EmrManagedSlaveSecurityGroup",
    )
    more_primary_groups = attr(
        list,
        terraform="ec2_attributes.additional_master_security_groups",
        cloudformation="Instances.AdditionalMasterSecurityGroups",
    )
    more_core_groups = attr(
        list,
        terraform="ec2_attributes.additional_slave_security_groups",
        cloudformation="Instances.AdditionalSlaveSecurityGroups",
    )

    @property
    def group_values(self) -> tuple[Value[Any], ...]:
        """The values that name the security groups of its nodes."""
        return (
            *self.primary_group.each(),
            *self.core_group.each(),
            *self.more_primary_groups.each(),
            *self.more_core_groups.each(),
        )


class BlockPublicAccess(View, terraform="aws_emr_block_public_access_configuration", cloudformation=()):
    """The setting of an account and region that refuses clusters with open security groups."""

    blocks = attr(bool, terraform="block_public_security_group_rules", cloudformation=None)
