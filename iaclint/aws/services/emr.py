"""Amazon EMR."""

from __future__ import annotations

from typing import Any

from iaclint.aws.views import View, attr
from iaclint.model.value import Value


class Cluster(View, terraform="aws_emr_cluster", cloudformation="AWS::EMR::Cluster"):
    """A cluster. The group for the service's own access is left out: only EMR uses it."""

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
        named = (self.primary_group, self.core_group, self.more_primary_groups, self.more_core_groups)
        return tuple(value for group in named for value in (group.items().items if group.known else (group,)))


class BlockPublicAccess(View, terraform="aws_emr_block_public_access_configuration", cloudformation=()):
    """Whether EMR refuses clusters with open security groups, for a whole account and region."""

    blocks = attr(bool, terraform="block_public_security_group_rules", cloudformation=None)
