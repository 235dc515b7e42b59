"""What computes in the subnets of a VPC."""

from __future__ import annotations

import re
from typing import Any

from iaclint.aws.services.ec2 import InterfaceSettings
from iaclint.aws.services.vpc import Subnet
from iaclint.aws.views import Attr, View, attr, blocks
from iaclint.model.inventory import Deployment
from iaclint.model.partial import Partial
from iaclint.model.truth import TRUE, Reason, Truth, merge_reasons
from iaclint.model.value import Value

_EDGE = re.compile(r"bastion|jump|\bnat\b|vpn|firewall|proxy|gateway", re.I)


class Workload(
    View,
    terraform=("aws_instance", "aws_autoscaling_group", "aws_ecs_service", "aws_lambda_function"),
    cloudformation=(
        "AWS::EC2::Instance",
        "AWS::AutoScaling::AutoScalingGroup",
        "AWS::ECS::Service",
        "AWS::Lambda::Function",
    ),
):
    """An instance, a group of instances, a container service or a function."""

    subnets = attr(
        list,
        terraform=("subnet_id", "vpc_zone_identifier", "network_configuration.subnets", "vpc_config.subnet_ids"),
        cloudformation=(
            *("SubnetId", "NetworkInterfaces.SubnetId", "VPCZoneIdentifier"),
            *("NetworkConfiguration.AwsvpcConfiguration.Subnets", "VpcConfig.SubnetIds"),
        ),
    )
    source_check = attr(bool, terraform="source_dest_check", cloudformation="SourceDestCheck", default=True)
    tags = attr(dict, terraform="tags", cloudformation="Tags")

    @property
    def at_the_edge(self) -> Truth:
        """Whether it belongs to the edge: a bastion, a NAT instance, a proxy or the like.

        A NAT instance does without the check of addresses; the others are known by their names.
        """
        name = self.resource.address.replace("_", " ")
        if _EDGE.search(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)):
            return TRUE
        return self.source_check.is_(False) | self._tagged()

    def _tagged(self) -> Truth:
        value: Value[Any] = self.tags.key("Name")
        if isinstance(self.tags.data, tuple):
            named = [tag.key("Value") for tag in self.tags.data if tag.key("Key").is_("Name").is_true]
            value = named[0] if named else value
        return value.test(lambda text: bool(_EDGE.search(str(text or "").replace("_", " "))))

    def is_in(self, subnet: Subnet) -> Truth:
        """Whether it is placed in a subnet."""
        if not self.subnets.known:
            return self.deployment.refers_to(self.subnets, subnet.resource)
        return self.subnets.items().any(lambda item: self.deployment.refers_to(item, subnet.resource))

    def place_of(self, subnet: Subnet) -> Value[Any]:
        """Where it names a subnet."""
        named = self.subnets.items().where(lambda item: self.deployment.refers_to(item, subnet.resource))
        return named.items[0] if named.items else self.subnets


def workloads_in(subnet: Subnet) -> Partial[Workload]:
    """What is placed in a subnet; a gap for what is placed nobody knows where."""
    by_subnet, lost = _by_subnet(subnet.deployment)
    near = by_subnet.get(subnet.resource.address.resource, [])
    return Partial(tuple(near), lost).where(lambda workload: workload.is_in(subnet))


def _by_subnet(deployment: Deployment) -> tuple[dict[str, list[Workload]], tuple[Reason, ...]]:
    """The workloads by what their subnets refer to, and why the subnets of others are not known."""
    key = (Workload, "by subnet")
    if key not in deployment.memo:
        made: dict[str, list[Workload]] = {}
        lost: tuple[Reason, ...] = ()
        for workload in Workload.select(deployment):
            places = {ref.address.resource for ref in workload.subnets.all_refs()}
            for place in places:
                made.setdefault(place, []).append(workload)
            if not places:
                lost = merge_reasons(lost, workload.subnets.reasons)
        deployment.memo[key] = (made, lost)
    found: tuple[dict[str, list[Workload]], tuple[Reason, ...]] = deployment.memo[key]
    return found


class AddressRequest(
    View,
    terraform=(
        *("aws_instance", "aws_spot_instance_request", "aws_launch_template", "aws_launch_configuration"),
        "aws_ecs_service",
    ),
    cloudformation=(
        *("AWS::EC2::Instance", "AWS::EC2::LaunchTemplate", "AWS::AutoScaling::LaunchConfiguration"),
        "AWS::ECS::Service",
    ),
):
    """What can ask for a public address for itself, whatever its subnet says."""

    own = attr(
        bool,
        terraform=("associate_public_ip_address", "network_configuration.assign_public_ip"),
        cloudformation="AssociatePublicIpAddress",
    )
    task = attr(str, terraform=None, cloudformation="NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp")
    _interfaces = blocks(InterfaceSettings, terraform="network_interfaces", cloudformation="NetworkInterfaces")
    _template_interfaces = blocks(
        InterfaceSettings, terraform=None, cloudformation="LaunchTemplateData.NetworkInterfaces"
    )
    source_check = attr(bool, terraform="source_dest_check", cloudformation="SourceDestCheck", default=True)

    @property
    def requests(self) -> tuple[tuple[Attr[Any], object], ...]:
        """The properties that may ask for an address, each with the value that would ask for none."""
        interfaces = (*self._interfaces, *self._template_interfaces)
        return ((self.own, False), (self.task, "DISABLED"), *((item.public, False) for item in interfaces))

    @property
    def translates(self) -> Truth:
        """Whether it is a NAT instance, which needs the address."""
        return self.source_check.is_(False)
