"""Amazon EMR."""

from __future__ import annotations

from typing import Any

from iaclint.aws.model import Typed, attr
from iaclint.value import Value


class Cluster(Typed, tf="aws_emr_cluster", cfn="AWS::EMR::Cluster"):
    """A cluster. The group for the service's own access is left out: only EMR uses it."""

    subnets = attr(
        list,
        tf=("ec2_attributes.subnet_id", "ec2_attributes.subnet_ids"),
        cfn=("Instances.Ec2SubnetId", "Instances.Ec2SubnetIds"),
    )
    primary_group = attr(
        str, tf="ec2_attributes.emr_managed_master_security_group", cfn="Instances.EmrManagedMasterSecurityGroup"
    )
    core_group = attr(
        str, tf="ec2_attributes.emr_managed_slave_security_group", cfn="Instances.EmrManagedSlaveSecurityGroup"
    )
    more_primary_groups = attr(
        list, tf="ec2_attributes.additional_master_security_groups", cfn="Instances.AdditionalMasterSecurityGroups"
    )
    more_core_groups = attr(
        list, tf="ec2_attributes.additional_slave_security_groups", cfn="Instances.AdditionalSlaveSecurityGroups"
    )

    @property
    def group_values(self) -> tuple[Value[Any], ...]:
        """The values that name the security groups of its nodes."""
        named = (self.primary_group, self.core_group, self.more_primary_groups, self.more_core_groups)
        return tuple(value for group in named for value in (group.items().items if group.known else (group,)))


class BlockPublicAccess(Typed, tf="aws_emr_block_public_access_configuration", cfn=()):
    """Whether EMR refuses clusters with open security groups, for a whole account and region."""

    blocks = attr(bool, tf="block_public_security_group_rules", cfn=None)
