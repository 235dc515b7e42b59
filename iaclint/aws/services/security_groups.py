"""Amazon EC2 security groups and their rules, inline in the group or as resources of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, TypeVar

from iaclint.aws.joins import Links, per_deployment
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
from iaclint.aws.services.prefix_lists import cannot_be_internet, prefix_list_addresses
from iaclint.aws.views import Block, View, attr, parts
from iaclint.model.inventory import Deployment, Resource
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, TRUE, Reason, Truth
from iaclint.model.value import Unknown, Value

R = TypeVar("R", bound="SecurityGroupRule")

DEFAULT_GROUP_ATTRIBUTES = ("default_security_group_id", "DefaultSecurityGroup")
"""The attributes of a VPC that give its default security group."""

ALL_TCP = Traffic.of("tcp", 0, 65535)
ALL_UDP = Traffic.of("udp", 0, 65535)


class SecurityGroup(
    View, terraform=("aws_security_group", "aws_default_security_group"), cloudformation="AWS::EC2::SecurityGroup"
):
    """A security group. `aws_default_security_group` manages the group that AWS creates with each VPC."""

    name = attr(str, terraform="name", cloudformation="GroupName")
    vpc = attr(str, terraform="vpc_id", cloudformation="VpcId")
    description = attr(str, terraform="description", cloudformation="GroupDescription")

    @cached_property
    def ingress(self) -> Partial[IngressRule]:
        """Its ingress rules, inline and standalone."""
        return self.rules(IngressRule)

    @cached_property
    def egress(self) -> Partial[EgressRule]:
        """Its egress rules, with the rule that AWS adds to a group that has none."""
        return self.rules(EgressRule) + Partial(tuple(DefaultEgress.of_group(self)))

    def rules(self, rule_type: type[R]) -> Partial[R]:
        """Return its rules of one direction: inline rules first, then those that are resources of their own."""
        inline = tuple(rule_type.inline_of(self.resource, self.deployment))
        standalone = rule_type.standalone_of(self)
        return Partial(inline + standalone.items, standalone.gaps)

    @property
    def admitted(self) -> FlowBounds:
        """The flows that its ingress rules allow together."""
        return allowed_by((r.allow_rule for r in self.ingress.items), self.ingress.gaps)

    @property
    def is_default(self) -> bool:
        """Whether it is the security group that AWS creates with each VPC."""
        return self.resource.kind == "aws_default_security_group"

    def is_meant_by(self, value: Value[Any]) -> Truth:
        """Return True if a value means this group: by reference, by name, or as the default group of its VPC."""
        truth = self.is_identified_by(value, self.name)
        if self.is_default and truth.is_false:
            vpcs = {ref.address.resource for ref in self.vpc.refs}
            if any(ref.attribute in DEFAULT_GROUP_ATTRIBUTES and ref.address.resource in vpcs for ref in value.refs):
                return TRUE
        return truth

    @classmethod
    def named_by(cls, value: Value[Any], deployment: Deployment) -> Partial[SecurityGroup]:
        """Return the groups that a value refers to or names; a gap for a group outside the scanned code."""
        found = cls.referenced_by(value, deployment)
        if found.items or found.gaps:
            return found
        if value.known and isinstance(value.data, str) and value.data:
            with_name = _groups_by_name(deployment).get(value.data, ())
            if with_name:
                return Partial(with_name)
            reason = Reason(f"what the security group {value.data} lets in is not written here", value.span)
            return Partial((), (reason,))
        return found


@per_deployment
def _groups_by_name(deployment: Deployment) -> dict[str, tuple[SecurityGroup, ...]]:
    index: dict[str, tuple[SecurityGroup, ...]] = {}
    for group in SecurityGroup.select(deployment):
        name = group.name.data
        if isinstance(name, str):
            index[name] = (*index.get(name, ()), group)
    return index


def default_groups_of(vpc: View) -> Partial[SecurityGroup]:
    """Return the default security group of a VPC, if the scanned code manages it."""
    candidates = _default_groups(vpc.deployment).candidates(vpc, ())
    found = Partial(tuple(candidates)).where(lambda group: vpc.is_identified_by(group.vpc) & group.exists)
    return found + Partial((), vpc.deployment.gaps_about(vpc.resource))


@per_deployment
def _default_groups(deployment: Deployment) -> Links[SecurityGroup]:
    return Links((group for group in SecurityGroup.select(deployment) if group.is_default), lambda group: group.vpc)


class SecurityGroupRule(Block):
    """One rule of a security group: an inline block of the group, or a resource of its own.

    A pair of names below is Terraform's and CloudFormation's.
    """

    direction = ""
    """`ingress` or `egress`."""
    inline_names: tuple[str, str] = ("", "")
    """The property of the group that holds its inline rules."""
    standalone_kinds: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    """The resource types of rules that are resources of their own."""
    cidr_names: tuple[tuple[str, ...], tuple[str, ...]] = (
        ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6"),
        ("CidrIp", "CidrIpv6"),
    )
    """The properties that hold address ranges."""
    prefix_list_names: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    """The properties that hold ids of prefix lists."""

    protocol = attr(str, terraform=("protocol", "ip_protocol"), cloudformation="IpProtocol")
    from_port = attr(int, terraform="from_port", cloudformation="FromPort")
    to_port = attr(int, terraform="to_port", cloudformation="ToPort")
    description = attr(str, terraform="description", cloudformation="Description")
    group_id = attr(str, terraform="security_group_id", cloudformation=("GroupId", "GroupName"))
    written_direction = attr(str, terraform="type", cloudformation=None)

    @classmethod
    def select(cls: type[R], deployment: Deployment) -> Iterator[R]:
        """Yield the rules of a deployment, inline rules first."""
        for resource in deployment.of_kind(*SecurityGroup.kinds(deployment.vendor)):
            yield from cls.inline_of(resource, deployment)
        yield from cls.standalone(deployment)

    @classmethod
    def inline_of(cls: type[R], resource: Resource, deployment: Deployment) -> Iterator[R]:
        """Yield the inline rules of a security group."""
        group = SecurityGroup(resource, deployment)
        for body, prefix in parts(group, cls.inline_names[0 if group.is_terraform else 1]):
            yield cls(resource, deployment, body, prefix)

    @classmethod
    def standalone(cls: type[R], deployment: Deployment) -> list[R]:
        """Return the rules of a deployment that are resources of their own."""
        kinds = cls.standalone_kinds[0 if deployment.vendor == "terraform" else 1]
        return [cls(resource, deployment) for resource in deployment.of_kind(*kinds)]

    @classmethod
    def standalone_of(cls: type[R], group: SecurityGroup) -> Partial[R]:
        """Return the rules of a group that are resources of their own."""
        candidates = Partial(tuple(cls._candidates(group)), group.deployment.gaps_about(group.resource))
        return candidates.where(lambda rule: group.is_meant_by(rule.group_id) & rule.in_direction)

    @classmethod
    def _candidates(cls: type[R], group: SecurityGroup) -> list[R]:
        """Return the standalone rules that may belong to a group, in the order of the input."""
        index = standalone_rules_by_owner(group.deployment, cls)
        owners = [group.address.resource]
        if group.is_default:
            owners += [ref.address.resource for ref in group.vpc.refs]
        found = {number: rule for owner in owners for number, rule in index.get(owner, ())}
        found.update(index.get("", ()))
        return [found[number] for number in sorted(found)]

    @property
    def inline(self) -> bool:
        """Whether it is a block of the security group's resource."""
        return bool(self.prefix)

    @property
    def in_direction(self) -> Truth:
        """Whether it is a rule of this direction; only Terraform's aws_security_group_rule has an attribute for it."""
        if self.resource.kind == "aws_security_group_rule":
            # AWS refuses any other word; a corrected word may be either direction
            return self.written_direction.test(lambda word: word == self.direction or word not in ("ingress", "egress"))
        return TRUE

    @property
    def exists(self) -> Truth:
        """True if the rule exists and is of the direction of this view; undecided if either is."""
        return self.resource.exists & self.in_direction

    @property
    def is_present(self) -> Truth:
        """Whether there certainly is such a rule: an unknown list of rules may be empty."""
        return self.exists & (TRUE if self.body.known else Truth(None, self.body.reasons))

    @property
    def group_addresses(self) -> tuple[str, ...]:
        """The addresses, without instance keys, of the groups that it belongs to."""
        if self.inline:
            return (self.address.resource,)
        return tuple(ref.address.resource for ref in self.group_id.refs)

    # -- what it allows ------------------------------------------------------------------------------------------

    @property
    def cidrs(self) -> tuple[Value[Any], ...]:
        """The values that give address ranges: the elements of known lists, and unknown lists as a whole."""
        return self._elements(self.cidr_names)

    @property
    def prefix_lists(self) -> tuple[Value[Any], ...]:
        """The values that name prefix lists."""
        return self._elements(self.prefix_list_names)

    def _elements(self, names: tuple[tuple[str, ...], tuple[str, ...]]) -> tuple[Value[Any], ...]:
        found: list[Value[Any]] = []
        for name in names[0 if self.is_terraform else 1]:
            value = self.read(name, list)
            if isinstance(value.data, tuple):
                found += value.items().items
            elif value.data is not None and value.data != "":
                found.append(value)
        return tuple(found)

    @staticmethod
    def narrow(value: Value[Any], mask_ipv4: int, mask_ipv6: int) -> bool:
        """Return True if an unknown range certainly has a mask of at least this many bits."""
        mask = prefix_length(value)
        least = mask_ipv6 if "v6" in getattr(value, "path_name", "").lower() else mask_ipv4
        return mask is not None and mask >= least

    @cached_property
    def addresses(self) -> AddressBounds:
        """The addresses that it names itself; security groups that it refers to do not count."""
        total = addresses_from(*(value for value in self.cidrs if not cannot_be_internet(value)))
        for value in self.prefix_lists:
            total = total | prefix_list_addresses(value, self.deployment)
        if isinstance(self.body.data, Unknown):
            total = total | AddressBounds.unknown(*self.body.reasons)
        return total

    @cached_property
    def traffic(self) -> TrafficBounds:
        """The protocols and ports that it allows."""
        if isinstance(self.body.data, Unknown):
            return TrafficBounds.unknown(*self.body.reasons)
        if self.protocol.known and self.protocol.data is None:
            return TrafficBounds()  # the schema demands a protocol; without one there is no rule
        return traffic_from(self.protocol, self.from_port, self.to_port)

    @property
    def allow_rule(self) -> AllowRule:
        """The rule as the reasoning about flows takes it."""
        return AllowRule(self.addresses, self.traffic, self.exists)

    @cached_property
    def alone(self) -> FlowBounds:
        """The flows that it allows by itself."""
        return allowed_by([AllowRule(self.addresses, self.traffic, TRUE)])

    # -- what it opens to the internet -----------------------------------------------------------------------------

    def opens(self, traffic: Traffic, family: Family, nearly: int | None = DEFAULT_NEARLY) -> Truth:
        """Return True if this rule opens any of the traffic to the whole internet of a family.

        nearly  a prefix length: as much of the public addresses as that counts as nearly all; None for all of them only
        """
        certain, possible = self._opened_to_internet(family, nearly)
        if not possible:
            return FALSE
        if certain & traffic:
            return self.in_direction
        if possible & traffic:
            return Truth(None, self.alone.reasons) & self.in_direction
        return FALSE

    def opens_all_ports(self, family: Family, nearly: int | None = DEFAULT_NEARLY) -> Truth:
        """Return True if this rule opens all ports of TCP or of UDP to the whole internet of a family."""
        certain, possible = self._opened_to_internet(family, nearly)
        if any(traffic <= certain for traffic in (ALL_TCP, ALL_UDP)):
            return self.in_direction
        truth = Truth(None, self.alone.reasons) if any(t <= possible for t in (ALL_TCP, ALL_UDP)) else FALSE
        return truth & self.in_direction

    def opened(self, family: Family, nearly: int | None = DEFAULT_NEARLY) -> Traffic:
        """Return the traffic that this rule certainly opens to the whole internet of a family."""
        return self._opened_to_internet(family, nearly)[0]

    def limited_to(self, traffic: Traffic) -> Truth:
        """Return True if it allows no other traffic than this."""
        if self.traffic.possible <= traffic:
            return TRUE
        return Truth(None, self.traffic.reasons) if self.traffic.certain <= traffic else FALSE

    def opening(self, family: Family) -> Value[Any] | Block:
        """Return the value that opens it: the widest range of the family, else the prefix list, else the rule."""
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
        """Return the addresses of a family for a message: "0.0.0.0/0"."""
        return str(self.addresses.certain.only(family)) or "the internet"

    def _opened_to_internet(self, family: Family, nearly: int | None) -> tuple[Traffic, Traffic]:
        """Return the traffic that it opens to the whole internet of a family, for certain and at most."""
        key = (family, nearly)
        if key not in self._opened:
            certain = self.alone.certain.internet_traffic(family, nearly) | self._opened_jointly(family, nearly)
            self._opened[key] = (certain, certain | self.alone.possible.internet_traffic(family, nearly))
        return self._opened[key]

    @cached_property
    def _opened(self) -> dict[tuple[Family, int | None], tuple[Traffic, Traffic]]:
        """The answers of `_opened_to_internet`."""
        return {}

    def _opened_jointly(self, family: Family, nearly: int | None) -> Traffic:
        """Return the traffic that only several rules of its group open together and that counts for this rule."""
        group = self._group
        if group is None or len(_rules_of_group(self.deployment, type(self), group)) < 2:
            return NO_TRAFFIC
        jointly = _jointly_opened(self.deployment, type(self), group, family, nearly)
        return next((traffic for rule, traffic in jointly if rule.same(self)), NO_TRAFFIC)

    def same(self, other: SecurityGroupRule) -> bool:
        """Return True if `other` is a view of the same rule."""
        return self.resource is other.resource and self.prefix == other.prefix

    @property
    def _group(self) -> Resource | str | None:
        """The resource of its group, else the text that names a group outside the scanned code, else None."""
        if self.inline:
            return self.resource
        groups = SecurityGroup.referenced_by(self.group_id, self.deployment).items
        if groups:
            return groups[0].resource
        text = self.group_id.data
        return text if isinstance(text, str) else None


@per_deployment
def standalone_rules_by_owner(deployment: Deployment, rule_type: type[R]) -> dict[str, list[tuple[int, R]]]:
    """Return the standalone rules with their positions, by what their group refers to: a group, or the VPC of one.

    Rules whose group refers to nothing are under "".
    """
    index: dict[str, list[tuple[int, R]]] = {}
    for number, rule in enumerate(rule_type.standalone(deployment)):
        owners: set[str] = {ref.address.resource for ref in rule.group_id.refs}
        for owner in owners or {""}:
            index.setdefault(owner, []).append((number, rule))
    return index


@per_deployment
def _rules_of_group(deployment: Deployment, rule_type: type[R], group: Resource | str) -> list[R]:
    """Return the rules of a group; of one outside the scanned code, those that name it by the same text."""
    if isinstance(group, Resource):
        return list(SecurityGroup(group, deployment).rules(rule_type).items)
    others = standalone_rules_by_owner(deployment, rule_type).get("", ())
    return [rule for _, rule in others if (rule.group_id.is_(group) & rule.in_direction).is_true]


@per_deployment
def _jointly_opened(
    deployment: Deployment, rule_type: type[R], group: Resource | str, family: Family, nearly: int | None
) -> list[tuple[R, Traffic]]:
    """Return what rules of a group open to the internet together and none of them alone.

    Each piece of traffic counts for the first rule that has a part in it: the other rules without it do not open as
    much.
    """
    rules = _rules_of_group(deployment, rule_type, group)
    present = [rule for rule in rules if rule.exists.is_true]
    left = _opened_by(present).internet_traffic(family, nearly)
    for rule in present if left else ():
        left = left - rule.alone.certain.internet_traffic(family, nearly)
    found: list[tuple[R, Traffic]] = []
    for rule in present if left else ():
        if part := (left & rule.traffic.certain):
            others: Sequence[R] = [other for other in present if other is not rule]
            part = part - _opened_by(others).internet_traffic(family, nearly)
        if part:
            found.append((rule, part))
            left = left - part
    return found


def _opened_by(rules: Iterable[SecurityGroupRule]) -> Flows:
    """Return the flows that rules certainly allow together."""
    return allowed_by(AllowRule(rule.addresses, rule.traffic, TRUE) for rule in rules).certain


class IngressRule(SecurityGroupRule):
    """A rule that allows inbound traffic."""

    direction = "ingress"
    inline_names = ("ingress", "SecurityGroupIngress")
    standalone_kinds = (
        ("aws_security_group_rule", "aws_vpc_security_group_ingress_rule"),
        ("AWS::EC2::SecurityGroupIngress",),
    )
    prefix_list_names = (("prefix_list_ids", "prefix_list_id"), ("SourcePrefixListId",))


class EgressRule(SecurityGroupRule):
    """A rule that allows outbound traffic."""

    direction = "egress"
    inline_names = ("egress", "SecurityGroupEgress")
    standalone_kinds = (
        ("aws_security_group_rule", "aws_vpc_security_group_egress_rule"),
        ("AWS::EC2::SecurityGroupEgress",),
    )
    prefix_list_names = (("prefix_list_ids", "prefix_list_id"), ("DestinationPrefixListId",))

    @classmethod
    def select(cls, deployment: Deployment) -> Iterator[EgressRule]:
        """Yield the rules of a deployment, with the rules that AWS adds to groups that have none."""
        yield from super().select(deployment)
        for group in SecurityGroup.select(deployment):
            yield from DefaultEgress.of_group(group)


class DefaultEgress(EgressRule):
    """The rule that AWS adds to a group without egress rules; it allows all outbound traffic.

    "if you do not add egress rules, we add egress rules that allow all outbound IPv4 and IPv6 traffic"
    (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html).
    Terraform removes it: "By default, AWS creates an ALLOW ALL egress rule when creating a new Security Group inside
    of a VPC. When creating a new Security Group inside a VPC, Terraform will remove this default rule"
    (https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group).
    """

    @classmethod
    def of_group(cls, group: SecurityGroup) -> Iterator[DefaultEgress]:
        """Yield the rule of a group that may have it."""
        if not group.is_terraform and next(EgressRule.inline_of(group.resource, group.deployment), None) is None:
            yield cls(group.resource, group.deployment)

    @property
    def in_direction(self) -> Truth:
        """Whether the group has it: any standalone egress rule replaces it."""
        return ~EgressRule.standalone_of(SecurityGroup(self.resource, self.deployment)).exists()

    @property
    def addresses(self) -> AddressBounds:
        """All addresses."""
        return AddressBounds.known(ALL_ADDRESSES)

    @property
    def traffic(self) -> TrafficBounds:
        """All protocols and ports."""
        return TrafficBounds.known(ALL_TRAFFIC)

    def opening(self, family: Family) -> Value[Any] | Block:  # noqa: ARG002
        """Return the rule itself, since no value in the code opens it."""
        return self
