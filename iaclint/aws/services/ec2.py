"""Amazon EC2: security groups, prefix lists, and the parts of a VPC."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, TypeVar

from iaclint.aws.joins import attached_to
from iaclint.aws.reasoning.cidr import (
    ALL_ADDRESSES,
    DEFAULT_NEARLY,
    AddressBounds,
    Family,
    addresses_from,
    prefix_length,
)
from iaclint.aws.reasoning.flows import AllowRule, FlowBounds, Flows, allowed_by
from iaclint.aws.reasoning.ports import ALL_TRAFFIC, NO_TRAFFIC, Traffic, TrafficBounds, traffic_from
from iaclint.aws.views import Attr, Block, View, attr, blocks, parts
from iaclint.model.address import Address
from iaclint.model.inventory import Deployment, Resource
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, TRUE, Reason, Truth, any_of, merge_reasons
from iaclint.model.value import Unknown, UnknownCause, Value

R = TypeVar("R", bound="SecurityGroupRule")

AWS_PREFIX_LISTS = frozenset(
    {
        *("pl-63a5400a", "pl-02cd2c6b", "pl-3b927c52"),  # us-east-1: S3, DynamoDB, CloudFront
        *("pl-7ba54012", "pl-4ca54025", "pl-b6a144df"),  # us-east-2
        *("pl-6ba54002", "pl-6ea54007", "pl-4ea04527"),  # us-west-1
        *("pl-68a54001", "pl-00a54069", "pl-82a045eb"),  # us-west-2
        *("pl-6da54004", "pl-6fa54006", "pl-4fa04526"),  # eu-west-1
        *("pl-6ea54007", "pl-66a5400f", "pl-a3a144ca"),  # eu-central-1
    }
)
"""Prefix lists of AWS's own services, by region.

https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
"""


class PrefixList(View, terraform="aws_ec2_managed_prefix_list", cloudformation="AWS::EC2::PrefixList"):
    """A customer-managed list of CIDR blocks."""

    entries = attr(list, terraform="entry", cloudformation="Entries")

    @property
    def cidrs(self) -> Partial[Value[Any]]:
        """The CIDR blocks of its own entries and of those that stand beside it."""
        own = self.entries.elements().map(lambda e: e.key("cidr" if self.is_terraform else "Cidr"))
        return own + attached_to(PrefixListEntry, "prefix_list", self).map(lambda e: e.cidr)


class PrefixListEntry(View, terraform="aws_ec2_managed_prefix_list_entry", cloudformation=()):
    prefix_list = attr(str, terraform="prefix_list_id", cloudformation=None)
    cidr = attr(str, terraform="cidr", cloudformation=None)


def prefix_list_addresses(value: Value[Any], deployment: Deployment) -> AddressBounds:
    """The addresses of a prefix list that a rule names; those of AWS's own lists are no part of the world."""
    if value.known and (value.data is None or value.data in AWS_PREFIX_LISTS):
        return AddressBounds()
    found = PrefixList.referenced_by(value, deployment)
    if found.items:
        total = AddressBounds()
        for item in found.items:
            cidrs = item.cidrs
            total = total | addresses_from(*(value for value in cidrs.items if not _never_the_world(value)))
            if cidrs.gaps:
                total = total | AddressBounds.unknown(*cidrs.gaps)
        return total
    for ref in value.refs:
        for resource in deployment.resolve(ref):
            if resource.kind in ("data.aws_ec2_managed_prefix_list", "data.aws_prefix_list"):
                name = resource.attribute("name")
                if name.known and str(name.data or "").startswith("com.amazonaws."):
                    return AddressBounds()
                if resource.kind == "data.aws_prefix_list" and name.data is None:
                    return AddressBounds()  # looks up lists of AWS's own only
    reasons = value.reasons or (Reason(f"what prefix list {value.data} holds is not written here", value.span),)
    return AddressBounds.unknown(*reasons)


class SecurityGroup(
    View, terraform=("aws_security_group", "aws_default_security_group"), cloudformation="AWS::EC2::SecurityGroup"
):
    name = attr(str, terraform="name", cloudformation="GroupName")
    vpc = attr(str, terraform="vpc_id", cloudformation="VpcId")
    description = attr(str, terraform="description", cloudformation="GroupDescription")

    @cached_property
    def ingress(self) -> Partial[IngressRule]:
        """All its ingress rules, inline and standalone."""
        return self._rules(IngressRule)

    @cached_property
    def egress(self) -> Partial[EgressRule]:
        """All its egress rules, with the one that AWS adds to a group that has none."""
        return self._rules(EgressRule) + Partial(tuple(DefaultEgress.of(self)))

    def _rules(self, of: type[R]) -> Partial[R]:
        inline = tuple(of.inline_of(self.resource, self.deployment))
        standalone = of.standalone_of(self)
        return Partial(inline + standalone.items, standalone.gaps)

    @property
    def admitted(self) -> FlowBounds:
        """What its ingress rules let in together."""
        return allowed_by((r.allowance for r in self.ingress.items), self.ingress.gaps)

    @property
    def default(self) -> bool:
        """Whether it is the group that AWS makes with each VPC."""
        return self.resource.kind == "aws_default_security_group"

    def meant_by(self, value: Value[Any]) -> Truth:
        """Whether a value means this group: by reference, by name, or as the default group of its VPC."""
        truth = self.is_identified_by(value, self.name)
        if self.default and truth.is_false:
            own = {ref.address.resource for ref in self.vpc.refs}
            if any(ref.attribute in DEFAULT_GROUP and ref.address.resource in own for ref in value.refs):
                return TRUE
        return truth

    @classmethod
    def all_at(cls, value: Value[Any], deployment: Deployment) -> Partial[SecurityGroup]:
        """The groups that a value names, by reference or by name; a gap for one that is not written here."""
        found = cls.referenced_by(value, deployment)
        if found.items or found.gaps:
            return found
        if value.known and isinstance(value.data, str) and value.data:
            named = _groups_by_name(deployment).get(value.data, ())
            if named:
                return Partial(named)
            reason = Reason(f"what the security group {value.data} lets in is not written here", value.span)
            return Partial((), (reason,))
        return found


DEFAULT_GROUP = ("default_security_group_id", "DefaultSecurityGroup")
"""The attributes of a VPC that give its default security group."""


def _groups_by_name(deployment: Deployment) -> dict[str, tuple[SecurityGroup, ...]]:
    key = (SecurityGroup, "by name")
    if key not in deployment.memo:
        index: dict[str, tuple[SecurityGroup, ...]] = {}
        for group in SecurityGroup.select(deployment):
            name = group.name.data
            if isinstance(name, str):
                index[name] = (*index.get(name, ()), group)
        deployment.memo[key] = index
    found: dict[str, tuple[SecurityGroup, ...]] = deployment.memo[key]
    return found


class SecurityGroupRule(Block):
    """One rule of a security group, however it is written: inline, or as a resource of its own."""

    direction = ""
    inline_names: tuple[str, str] = ("", "")
    standalone_tf: tuple[str, ...] = ()
    standalone_cfn = ""

    protocol = attr(str, terraform=("protocol", "ip_protocol"), cloudformation="IpProtocol")
    from_port = attr(int, terraform="from_port", cloudformation="FromPort")
    to_port = attr(int, terraform="to_port", cloudformation="ToPort")
    description = attr(str, terraform="description", cloudformation="Description")
    group_id = attr(str, terraform="security_group_id", cloudformation=("GroupId", "GroupName"))
    written_direction = attr(str, terraform="type", cloudformation=None)
    cidr_attributes: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    prefix_list_attributes: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    @classmethod
    def select(cls: type[R], deployment: Deployment) -> Iterator[R]:
        """The rules of a deployment, those that are inline first."""
        for resource in deployment.of_kind(*SecurityGroup.kinds(deployment.vendor)):
            yield from cls.inline_of(resource, deployment)
        yield from cls.standalone(deployment)

    @classmethod
    def inline_of(cls: type[R], resource: Resource, deployment: Deployment) -> Iterator[R]:
        name = cls.inline_names[0 if resource.vendor == "terraform" else 1]
        for body, prefix in parts(Block(resource, deployment), name):
            yield cls(resource, deployment, body, prefix)

    @classmethod
    def standalone(cls: type[R], deployment: Deployment) -> list[R]:
        if deployment.vendor == "terraform":
            kinds = cls.standalone_tf
        else:
            kinds = (cls.standalone_cfn,)
        return [cls(r, deployment) for r in deployment.of_kind(*kinds)]

    @classmethod
    def standalone_of(cls: type[R], group: SecurityGroup) -> Partial[R]:
        found: list[R] = []
        gaps = group.deployment.gaps_about(group.resource)
        for rule in cls._near(group):
            truth = group.meant_by(rule.group_id) & rule.in_direction
            if truth.value:
                found.append(rule)
            elif truth.value is None:
                gaps = merge_reasons(gaps, truth.reasons)
        return Partial(tuple(found), gaps)

    @classmethod
    def _near(cls: type[R], group: SecurityGroup) -> list[R]:
        """The standalone rules that may belong to a group, in the order of the input."""
        index = cls.index(group.deployment)
        places = [group.resource.address.resource]
        if group.default:
            places += [ref.address.resource for ref in group.vpc.refs]
        found = {number: rule for place in places for number, rule in index.get(place, ())}
        found.update(index.get("", ()))
        return [found[number] for number in sorted(found)]

    @classmethod
    def index(cls: type[R], deployment: Deployment) -> dict[str, list[tuple[int, R]]]:
        """The standalone rules by what their group refers to; under "" those that refer to nothing."""
        key = (cls, "standalone")
        if key not in deployment.memo:
            made: dict[str, list[tuple[int, R]]] = {}
            for number, rule in enumerate(cls.standalone(deployment)):
                for place in {ref.address.resource for ref in rule.group_id.refs} or {Address("")}:
                    made.setdefault(place, []).append((number, rule))
            deployment.memo[key] = made
        index: dict[str, list[tuple[int, R]]] = deployment.memo[key]
        return index

    @property
    def inline(self) -> bool:
        return bool(self.prefix)

    @property
    def in_direction(self) -> Truth:
        """Whether it is a rule of this direction; only the Terraform resource for both leaves that to an attribute."""
        if self.resource.kind == "aws_security_group_rule":
            # what is neither word is refused; until somebody puts it right, it may become either
            return self.written_direction.test(lambda word: word == self.direction or word not in ("ingress", "egress"))
        return TRUE

    @property
    def exists(self) -> Truth:
        return self.resource.exists & self.in_direction

    @property
    def cidrs(self) -> tuple[Value[Any], ...]:
        """The values that name address ranges, the elements of known lists each by itself."""
        names = self.cidr_attributes[0 if self.is_terraform else 1]
        return tuple(element for name in names for element in self._elements(name))

    @staticmethod
    def narrow(value: Value[Any], mask_ipv4: int, mask_ipv6: int) -> bool:
        """Whether one of its ranges that is not known is certain to have at least so long a mask."""
        mask = prefix_length(value)
        least = mask_ipv6 if "v6" in getattr(value, "path_name", "").lower() else mask_ipv4
        return mask is not None and mask >= least

    @property
    def prefix_lists(self) -> tuple[Value[Any], ...]:
        names = self.prefix_list_attributes[0 if self.is_terraform else 1]
        return tuple(element for name in names for element in self._elements(name))

    def _elements(self, name: str) -> tuple[Value[Any], ...]:
        value = self.read(name, list)
        if isinstance(value.data, tuple):
            return value.items().items
        if value.data is None or value.data == "":
            return ()
        return (value,)

    @cached_property
    def addresses(self) -> AddressBounds:
        """The addresses it names itself; groups that it refers to are none."""
        total = addresses_from(*(value for value in self.cidrs if not _never_the_world(value)))
        for value in self.prefix_lists:
            total = total | prefix_list_addresses(value, self.deployment)
        if isinstance(self.body.data, Unknown):
            total = total | AddressBounds.unknown(*self.body.reasons)
        return total

    @cached_property
    def traffic(self) -> TrafficBounds:
        if isinstance(self.body.data, Unknown):
            return TrafficBounds.unknown(*self.body.reasons)
        if self.protocol.known and self.protocol.data is None:
            return TrafficBounds()  # the schema demands a protocol; without one there is no rule
        return traffic_from(self.protocol, self.from_port, self.to_port)

    @property
    def allowance(self) -> AllowRule:
        return AllowRule(self.addresses, self.traffic, self.exists)

    @cached_property
    def alone(self) -> FlowBounds:
        """What it lets through by itself."""
        return allowed_by([AllowRule(self.addresses, self.traffic, TRUE)])

    def _with_others(self, family: Family, nearly: int | None) -> Traffic:
        """The traffic that only several rules of its group open to the world together; it counts for one of them."""
        siblings = self.siblings()
        if len(siblings) < 2:
            return NO_TRAFFIC
        key = (type(self), "joint", id(siblings), family, nearly)
        memo = self.deployment.memo
        if key not in memo:
            memo[key] = _joint(siblings, family, nearly)
        joint: list[tuple[SecurityGroupRule, Traffic]] = memo[key]
        return next((traffic for rule, traffic in joint if rule.same(self)), NO_TRAFFIC)

    def same(self, other: SecurityGroupRule) -> bool:
        """Whether it is the same rule, seen by another view."""
        return self.resource is other.resource and self.prefix == other.prefix

    def siblings(self: R) -> list[R]:
        """The rules of the same group, itself among them."""
        groups = (
            [SecurityGroup(self.resource, self.deployment)]
            if self.inline
            else list(SecurityGroup.referenced_by(self.group_id, self.deployment).items)
        )
        text = self.group_id.data
        if not groups and not isinstance(text, str):
            return [self]
        key = (type(self), "rules of", groups[0].resource.address if groups else text)
        memo = self.deployment.memo
        if key not in memo:
            if groups:
                memo[key] = list(groups[0]._rules(type(self)).items)
            else:
                others = type(self).index(self.deployment).get("", ())
                memo[key] = [r for _, r in others if (r.group_id.is_(text) & r.in_direction).is_true]
        found: list[R] = memo[key]
        return found

    def opens(self, traffic: Traffic, family: Family, nearly: int | None = DEFAULT_NEARLY) -> Truth:
        """Whether any of the traffic is open to the whole internet of a family through this rule.

        nearly  a prefix length: as much of the public addresses as that counts as nearly all; None for all of them only
        """
        certain, possible = self._world(family, nearly)
        if not possible:
            return FALSE
        if certain & traffic:
            return self.in_direction
        if possible & traffic:
            return Truth(None, self.alone.reasons) & self.in_direction
        return FALSE

    def _world(self, family: Family, nearly: int | None) -> tuple[Traffic, Traffic]:
        """The traffic that is open to the whole internet of a family, for certain and at most."""
        key = (family, nearly)
        if key not in self._worlds:
            certain = self.alone.certain.internet_traffic(family, nearly) | self._with_others(family, nearly)
            self._worlds[key] = (certain, certain | self.alone.possible.internet_traffic(family, nearly))
        return self._worlds[key]

    @cached_property
    def _worlds(self) -> dict[tuple[Family, int | None], tuple[Traffic, Traffic]]:
        return {}

    def opens_all_ports(self, family: Family, nearly: int | None = DEFAULT_NEARLY) -> Truth:
        """Whether all ports of TCP or of UDP are open to the whole internet of a family through this rule."""
        certain, possible = self._world(family, nearly)
        if any(traffic <= certain for traffic in (ALL_TCP, ALL_UDP)):
            return self.in_direction
        truth = Truth(None, self.alone.reasons) if any(t <= possible for t in (ALL_TCP, ALL_UDP)) else FALSE
        return truth & self.in_direction

    def opened(self, family: Family, nearly: int | None = DEFAULT_NEARLY) -> Traffic:
        """The traffic that is certainly open to the whole internet of a family through this rule."""
        return self._world(family, nearly)[0]

    def limited_to(self, traffic: Traffic) -> Truth:
        """Whether it concerns no other traffic than this."""
        if self.traffic.possible <= traffic:
            return TRUE
        return Truth(None, self.traffic.reasons) if self.traffic.certain <= traffic else FALSE

    @property
    def written(self) -> Truth:
        """Whether there is such a rule: an unknown list of rules may be empty."""
        return self.exists & (TRUE if self.body.known else Truth(None, self.body.reasons))

    @property
    def places(self) -> tuple[Address, ...]:
        """The addresses, without instance keys, of the groups that it belongs to."""
        if self.inline:
            return (self.address.resource,)
        return tuple(ref.address.resource for ref in self.group_id.refs)

    def opening(self, family: Family) -> Value[Any] | Block:
        """The value that opens it: the widest range of the family, else the prefix list, else the rule."""
        widest: tuple[int, Value[Any]] | None = None
        for value in self.cidrs:
            addresses = addresses_from(value).certain
            size = addresses.size(family)
            if size and (widest is None or size > widest[0]):
                widest = (size, value)
        for value in self.prefix_lists:
            addresses = prefix_list_addresses(value, self.deployment).certain
            if addresses.size(family) and (widest is None or addresses.size(family) > widest[0]):
                widest = (addresses.size(family), value)
        return widest[1] if widest else self

    def source(self, family: Family) -> str:
        """The addresses of a family for a message: "0.0.0.0/0"."""
        return str(self.addresses.certain.only(family)) or "the internet"


_NETWORK_CIDRS = ("cidr_block", "ipv6_cidr_block", "CidrBlock", "Ipv6CidrBlocks", "CidrBlockAssociations")


def _never_the_world(value: Value[Any]) -> bool:
    """Whether a value that is not known is for certain no large part of the internet.

    Such are ranges with a long mask, and those of VPCs and subnets: "The allowed block size is between a /28 netmask
    and /16 netmask", https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html.
    """
    if value.known:
        return False
    of_network = bool(value.refs) and all(ref.attribute in _NETWORK_CIDRS for ref in value.refs)
    return of_network or (prefix_length(value) or 0) >= 16


def _joint(
    rules: Sequence[SecurityGroupRule], family: Family, nearly: int | None
) -> list[tuple[SecurityGroupRule, Traffic]]:
    """What rules of a group open to the world together and none of them alone, with the first that has a part in it.

    A rule has a part where the others without it do not open the same.
    """
    there = [rule for rule in rules if rule.exists.is_true]
    left = _open(there).internet_traffic(family, nearly)
    for rule in there if left else ():
        left = left - rule.alone.certain.internet_traffic(family, nearly)
    found: list[tuple[SecurityGroupRule, Traffic]] = []
    for rule in there if left else ():
        if part := (left & rule.traffic.certain):
            part = part - _open(other for other in there if other is not rule).internet_traffic(family, nearly)
        if part:
            found.append((rule, part))
            left = left - part
    return found


def _open(rules: Iterable[SecurityGroupRule]) -> Flows:
    """What rules let through together for certain."""
    return allowed_by(AllowRule(rule.addresses, rule.traffic, TRUE) for rule in rules).certain


ALL_TCP = Traffic.of("tcp", 0, 65535)
ALL_UDP = Traffic.of("udp", 0, 65535)


class IngressRule(SecurityGroupRule):
    direction = "ingress"
    inline_names = ("ingress", "SecurityGroupIngress")
    standalone_tf = ("aws_security_group_rule", "aws_vpc_security_group_ingress_rule")
    standalone_cfn = "AWS::EC2::SecurityGroupIngress"
    cidr_attributes = (("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6"), ("CidrIp", "CidrIpv6"))
    prefix_list_attributes = (("prefix_list_ids", "prefix_list_id"), ("SourcePrefixListId",))


class EgressRule(SecurityGroupRule):
    direction = "egress"
    inline_names = ("egress", "SecurityGroupEgress")
    standalone_tf = ("aws_security_group_rule", "aws_vpc_security_group_egress_rule")
    standalone_cfn = "AWS::EC2::SecurityGroupEgress"
    cidr_attributes = (("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6"), ("CidrIp", "CidrIpv6"))
    prefix_list_attributes = (("prefix_list_ids", "prefix_list_id"), ("DestinationPrefixListId",))

    @classmethod
    def select(cls, deployment: Deployment) -> Iterator[EgressRule]:
        """The rules of a deployment, with those that AWS adds to groups that have none."""
        yield from super().select(deployment)
        for group in SecurityGroup.select(deployment):
            yield from DefaultEgress.of(group)


class DefaultEgress(EgressRule):
    """The rule that lets everything out of a group for which no egress rule is given.

    AWS adds it to every new group: "if you do not add egress rules, we add egress rules that allow all outbound IPv4
    and IPv6 traffic" (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html).
    Terraform takes it away again: "By default, AWS creates an ALLOW ALL egress rule when creating a new Security Group
    inside of a VPC. When creating a new Security Group inside a VPC, Terraform will remove this default rule"
    (https://registry.is_terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group).
    """

    @classmethod
    def of(cls, group: SecurityGroup) -> Iterator[DefaultEgress]:
        """The rule of a group that may have it."""
        if not group.is_terraform and next(EgressRule.inline_of(group.resource, group.deployment), None) is None:
            yield cls(group.resource, group.deployment)

    @property
    def in_direction(self) -> Truth:
        """Whether it is there: a rule that stands beside the group replaces it."""
        return ~EgressRule.standalone_of(SecurityGroup(self.resource, self.deployment)).exists()

    @property
    def addresses(self) -> AddressBounds:
        return AddressBounds.known(ALL_ADDRESSES)

    @property
    def traffic(self) -> TrafficBounds:
        return TrafficBounds.known(ALL_TRAFFIC)

    def opening(self, family: Family) -> Value[Any] | Block:  # noqa: ARG002
        return self


# -- what runs, and the interfaces by which it hangs on a network -------------------------------------------------


class InterfaceSettings(Block):
    """What an instance or a launch template says of one network interface."""

    interface = attr(str, terraform="network_interface_id", cloudformation="NetworkInterfaceId")
    subnet = attr(str, terraform="subnet_id", cloudformation="SubnetId")
    groups = attr(list, terraform="security_groups", cloudformation=("GroupSet", "Groups"))
    public = attr(bool, terraform="associate_public_ip_address", cloudformation="AssociatePublicIpAddress")
    ipv6_count = attr(int, terraform="ipv6_address_count", cloudformation="Ipv6AddressCount")
    ipv6_addresses = attr(list, terraform="ipv6_addresses", cloudformation="Ipv6Addresses")


class TemplateReference(Block):
    id = attr(str, terraform="id", cloudformation="LaunchTemplateId")
    name = attr(str, terraform="name", cloudformation="LaunchTemplateName")


class SpecifiedTemplate(Block):
    """The launch template of a mixed instances policy."""

    id = attr(str, terraform="launch_template_id", cloudformation="LaunchTemplateId")
    name = attr(str, terraform="launch_template_name", cloudformation="LaunchTemplateName")


class LaunchTemplate(View, terraform="aws_launch_template", cloudformation="AWS::EC2::LaunchTemplate"):
    name = attr(str, terraform="name", cloudformation="LaunchTemplateName")
    groups = attr(list, terraform="vpc_security_group_ids", cloudformation="LaunchTemplateData.SecurityGroupIds")
    group_names = attr(list, terraform="security_group_names", cloudformation="LaunchTemplateData.SecurityGroups")
    interfaces = blocks(
        InterfaceSettings, terraform="network_interfaces", cloudformation="LaunchTemplateData.NetworkInterfaces"
    )


class LaunchConfiguration(
    View, terraform="aws_launch_configuration", cloudformation="AWS::AutoScaling::LaunchConfiguration"
):
    name = attr(str, terraform="name", cloudformation="LaunchConfigurationName")
    groups = attr(list, terraform="security_groups", cloudformation="SecurityGroups")
    public = attr(bool, terraform="associate_public_ip_address", cloudformation="AssociatePublicIpAddress")


class NetworkInterface(View, terraform="aws_network_interface", cloudformation="AWS::EC2::NetworkInterface"):
    subnet = attr(str, terraform="subnet_id", cloudformation="SubnetId")
    groups = attr(list, terraform="security_groups", cloudformation="GroupSet")
    ipv6_count = attr(int, terraform="ipv6_address_count", cloudformation="Ipv6AddressCount")
    ipv6_addresses = attr(list, terraform="ipv6_addresses", cloudformation="Ipv6Addresses")


class InterfaceAttachment(
    View, terraform="aws_network_interface_attachment", cloudformation="AWS::EC2::NetworkInterfaceAttachment"
):
    instance = attr(str, terraform="instance_id", cloudformation="InstanceId")
    interface = attr(str, terraform="network_interface_id", cloudformation="NetworkInterfaceId")


class ElasticAddress(
    View, terraform=("aws_eip", "aws_eip_association"), cloudformation=("AWS::EC2::EIP", "AWS::EC2::EIPAssociation")
):
    """An Elastic IP address, or the association that gives it to something."""

    instance = attr(str, terraform=("instance", "instance_id"), cloudformation="InstanceId")
    interface = attr(str, terraform=("network_interface", "network_interface_id"), cloudformation="NetworkInterfaceId")


class Server(
    View,
    terraform=("aws_instance", "aws_spot_instance_request", "aws_autoscaling_group"),
    cloudformation=("AWS::EC2::Instance", "AWS::AutoScaling::AutoScalingGroup"),
):
    """An instance, or a group of instances that are made alike."""

    subnets = attr(
        list, terraform=("subnet_id", "vpc_zone_identifier"), cloudformation=("SubnetId", "VPCZoneIdentifier")
    )
    groups = attr(list, terraform=("vpc_security_group_ids", "security_groups"), cloudformation="SecurityGroupIds")
    group_names = attr(list, terraform=None, cloudformation="SecurityGroups")
    public = attr(bool, terraform="associate_public_ip_address", cloudformation=None)
    ipv6_count = attr(int, terraform="ipv6_address_count", cloudformation="Ipv6AddressCount")
    ipv6_addresses = attr(list, terraform="ipv6_addresses", cloudformation="Ipv6Addresses")
    interfaces = blocks(InterfaceSettings, terraform="network_interface", cloudformation="NetworkInterfaces")
    primary_interface = attr(str, terraform="primary_network_interface.network_interface_id", cloudformation=None)
    templates = blocks(TemplateReference, terraform="launch_template", cloudformation="LaunchTemplate")
    mixed_templates = blocks(
        SpecifiedTemplate,
        terraform="mixed_instances_policy.launch_template.launch_template_specification",
        cloudformation="MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification",
    )
    configuration = attr(str, terraform="launch_configuration", cloudformation="LaunchConfigurationName")
    source_check = attr(bool, terraform="source_dest_check", cloudformation="SourceDestCheck", default=True)


class Documented(Block):
    """A security group, or a rule of one that admits addresses, for what is said about it.

    Terraform's provider writes "Managed by Terraform" where a group has no description
    (https://registry.is_terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group).
    """

    what = ""
    """In words."""

    @classmethod
    def select(cls, deployment: Deployment) -> Iterator[Documented]:
        for group in SecurityGroup.select(deployment):
            if not group.default:
                yield cls._of(group, "security group", group.description)
        for of in (IngressRule, EgressRule):
            for resource in deployment.of_kind(*SecurityGroup.kinds(deployment.vendor)):
                for rule in of.inline_of(resource, deployment):
                    yield cls._of(rule, "rule", rule.description)
            for rule in of.standalone(deployment):
                if rule.in_direction.possible:
                    yield cls._of(rule, "rule", rule.description)

    @classmethod
    def _of(cls, view: Block, what: str, description: Attr[str]) -> Documented:
        made = cls(view.resource, view.deployment, view.body, view.prefix)
        made.what, made.text, made.source = what, description, view
        return made

    text: Attr[str]
    source: Block

    @property
    def admits(self) -> Truth:
        """Whether there is something to explain: a group, or a rule that names addresses."""
        if not isinstance(self.source, SecurityGroupRule):
            return TRUE
        return any_of(value.is_set() for value in self.source.cidrs)

    @property
    def silent(self) -> Truth:
        """Whether nothing is said, or only what the provider says of everything."""
        if not self.body.known:
            return Truth(None, self.body.reasons)
        default = self.text.is_("Managed by Terraform")
        return ~self.text.is_set() | (default if self.what == "security group" else FALSE)


# -- what nothing uses ------------------------------------------------------------------------------------------------


class Attachable(
    View,
    terraform=("aws_security_group", "aws_network_acl", "aws_eip"),
    cloudformation=("AWS::EC2::SecurityGroup", "AWS::EC2::NetworkAcl", "AWS::EC2::EIP"),
):
    """A security group, network ACL or Elastic IP address, which does nothing until something uses it."""

    @property
    def what(self) -> str:
        """In words."""
        if self.resource.kind in ("aws_eip", "AWS::EC2::EIP"):
            return "Elastic IP address"
        return "network ACL" if "acl" in self.resource.kind.lower() else "security group"

    subnets = attr(list, terraform="subnet_ids", cloudformation=None)
    instance = attr(str, terraform="instance", cloudformation="InstanceId")
    interface = attr(str, terraform="network_interface", cloudformation=None)

    @property
    def used(self) -> Truth:
        """Whether it is attached to something, something refers to it beyond its own rules, or an output names it."""
        own = self.address.resource
        deployment = self.deployment
        users = [r for r in deployment.referrers.get(own, ()) if r.address.resource != own and r.kind not in _OWN_PARTS]
        if users or deployment.is_exported(self.resource):
            return TRUE
        attached = any_of((self.subnets.elements().exists(), self.instance.is_set(), self.interface.is_set()))
        hidden = merge_reasons(deployment.gaps_about(self.resource), unseen(deployment))
        return attached | (Truth(None, hidden) if hidden else FALSE)


_OWN_PARTS = frozenset(
    {
        *("aws_security_group_rule", "aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"),
        *("aws_network_acl_rule", "AWS::EC2::NetworkAclEntry"),
        *("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"),
    }
)


def unseen(deployment: Deployment) -> tuple[Reason, ...]:
    """Why values could refer to something without anybody seeing it; inputs refer to nothing in the deployment."""
    key = (Attachable, "unseen")
    if key not in deployment.memo:
        reasons: tuple[Reason, ...] = ()
        for resource in deployment.resources:
            for part in resource.body.walk():
                unknown = part.unknown
                if unknown and not part.refs and unknown.cause in (UnknownCause.UNSUPPORTED, UnknownCause.INVALID):
                    reasons = merge_reasons(reasons, part.reasons)
        deployment.memo[key] = reasons
    found: tuple[Reason, ...] = deployment.memo[key]
    return found


# -- EC2-Classic ------------------------------------------------------------------------------------------------------


class ClassicIngress(Block):
    cidr = attr(str, terraform="cidr", cloudformation="CIDRIP")


class ClassicGroup(
    View,
    terraform=("aws_db_security_group", "aws_elasticache_security_group", "aws_redshift_security_group"),
    cloudformation=(
        "AWS::RDS::DBSecurityGroup",
        "AWS::ElastiCache::SecurityGroup",
        "AWS::Redshift::ClusterSecurityGroup",
    ),
):
    """A security group of a database, cache or warehouse outside any VPC; Terraform had them until version 4.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.html
    """

    ingress = blocks(ClassicIngress, terraform="ingress", cloudformation="DBSecurityGroupIngress")
