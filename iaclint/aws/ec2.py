"""Amazon EC2: security groups, prefix lists, and the parts of a VPC."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, TypeVar

from iaclint.aws import network
from iaclint.aws.model import Attr, Typed, View, attr, beside, parts
from iaclint.aws.network import Addresses, Admitted, Allowance, Family, Traffic, TrafficValue
from iaclint.estate import Deployment, Resource
from iaclint.value import YES, Population, Reason, Tri, Unknown, Value, merge_reasons, tri_any

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


class PrefixList(Typed, tf="aws_ec2_managed_prefix_list", cfn="AWS::EC2::PrefixList"):
    """A customer-managed list of CIDR blocks."""

    entries = attr(list, tf="entry", cfn="Entries")

    @property
    def cidrs(self) -> Population[Value[Any]]:
        """The CIDR blocks of its own entries and of those that stand beside it."""
        own = self.entries.elements().map(lambda e: e.key("cidr" if self.terraform else "Cidr"))
        return own + beside(PrefixListEntry, "prefix_list", self).map(lambda e: e.cidr)


class PrefixListEntry(Typed, tf="aws_ec2_managed_prefix_list_entry", cfn=()):
    prefix_list = attr(str, tf="prefix_list_id", cfn=None)
    cidr = attr(str, tf="cidr", cfn=None)


def prefix_list_addresses(value: Value[Any], deployment: Deployment) -> Addresses:
    """The addresses of a prefix list that a rule names; those of AWS's own lists are no part of the world."""
    if value.known and (value.data is None or value.data in AWS_PREFIX_LISTS):
        return Addresses()
    found = PrefixList.at(value, deployment)
    if found.items:
        total = Addresses()
        for item in found.items:
            cidrs = item.cidrs
            total = total | network.addresses_from(*cidrs.items)
            if cidrs.gaps:
                total = total | Addresses.unknown(*cidrs.gaps)
        return total
    for ref in value.refs:
        for resource in deployment.resolve(ref):
            if resource.kind in ("data.aws_ec2_managed_prefix_list", "data.aws_prefix_list"):
                name = resource.attribute("name")
                if name.known and str(name.data or "").startswith("com.amazonaws."):
                    return Addresses()
                if resource.kind == "data.aws_prefix_list" and name.data is None:
                    return Addresses()  # looks up lists of AWS's own only
    reasons = value.reasons or (Reason(f"what prefix list {value.data} holds is not written here", value.span),)
    return Addresses.unknown(*reasons)


class SecurityGroup(Typed, tf=("aws_security_group", "aws_default_security_group"), cfn="AWS::EC2::SecurityGroup"):
    name = attr(str, tf="name", cfn="GroupName")
    vpc = attr(str, tf="vpc_id", cfn="VpcId")
    description = attr(str, tf="description", cfn="GroupDescription")

    @cached_property
    def ingress(self) -> Population[IngressRule]:
        """All its ingress rules, inline and standalone."""
        return self._rules(IngressRule)

    @cached_property
    def egress(self) -> Population[EgressRule]:
        return self._rules(EgressRule)

    def _rules(self, of: type[R]) -> Population[R]:
        inline = tuple(of.inline_of(self.resource, self.deployment))
        standalone = of.standalone_of(self)
        return Population(inline + standalone.items, standalone.gaps)


class SecurityGroupRule(View):
    """One rule of a security group, however it is written: inline, or as a resource of its own."""

    direction = ""
    inline_names: tuple[str, str] = ("", "")
    standalone_tf: tuple[str, ...] = ()
    standalone_cfn = ""

    protocol = attr(str, tf=("protocol", "ip_protocol"), cfn="IpProtocol")
    from_port = attr(int, tf="from_port", cfn="FromPort")
    to_port = attr(int, tf="to_port", cfn="ToPort")
    description = attr(str, tf="description", cfn="Description")
    group_id = attr(str, tf="security_group_id", cfn=("GroupId", "GroupName"))
    written_direction = attr(str, tf="type", cfn=None)
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
        for body, prefix in parts(View(resource, deployment), name):
            yield cls(resource, deployment, body, prefix)

    @classmethod
    def standalone(cls: type[R], deployment: Deployment) -> list[R]:
        if deployment.vendor == "terraform":
            kinds = cls.standalone_tf
        else:
            kinds = (cls.standalone_cfn,)
        return [cls(r, deployment) for r in deployment.of_kind(*kinds)]

    @classmethod
    def standalone_of(cls: type[R], group: SecurityGroup) -> Population[R]:
        found: list[R] = []
        gaps: tuple[Reason, ...] = ()
        for rule in cls.standalone(group.deployment):
            tri = group.named_by(rule.group_id, group.name) & rule.in_direction
            if tri.truth:
                found.append(rule)
            elif tri.truth is None:
                gaps = merge_reasons(gaps, tri.because)
        return Population(tuple(found), gaps)

    @property
    def inline(self) -> bool:
        return bool(self.prefix)

    @property
    def in_direction(self) -> Tri:
        """Whether it is a rule of this direction; only the Terraform resource for both leaves that to an attribute."""
        if self.resource.kind == "aws_security_group_rule":
            return self.written_direction.is_(self.direction)
        return YES

    @property
    def exists(self) -> Tri:
        return self.resource.exists & self.in_direction

    @property
    def cidrs(self) -> tuple[Value[Any], ...]:
        """The values that name address ranges, the elements of known lists each by itself."""
        names = self.cidr_attributes[0 if self.terraform else 1]
        return tuple(element for name in names for element in self._elements(name))

    @property
    def prefix_lists(self) -> tuple[Value[Any], ...]:
        names = self.prefix_list_attributes[0 if self.terraform else 1]
        return tuple(element for name in names for element in self._elements(name))

    def _elements(self, name: str) -> tuple[Value[Any], ...]:
        value = self.read(name, list)
        if isinstance(value.data, tuple):
            return tuple(_within(element, value) for element in value.data)
        if value.data is None or value.data == "":
            return ()
        return (value,)

    @cached_property
    def addresses(self) -> Addresses:
        """The addresses it names itself; groups that it refers to are none."""
        total = network.addresses_from(*self.cidrs)
        for value in self.prefix_lists:
            total = total | prefix_list_addresses(value, self.deployment)
        if isinstance(self.body.data, Unknown):
            total = total | Addresses.unknown(*self.body.reasons)
        return total

    @cached_property
    def traffic(self) -> TrafficValue:
        if isinstance(self.body.data, Unknown):
            return TrafficValue.unknown(*self.body.reasons)
        if self.protocol.known and self.protocol.data is None:
            return TrafficValue()  # the schema demands a protocol; without one there is no rule
        return network.traffic_from(self.protocol, self.from_port, self.to_port)

    @property
    def allowance(self) -> Allowance:
        return Allowance(self.addresses, self.traffic, self.exists)

    @cached_property
    def alone(self) -> Admitted:
        """What it lets through by itself."""
        return network.coverage([Allowance(self.addresses, self.traffic, YES)])

    @cached_property
    def together(self) -> Admitted:
        """What it lets through with the other rules of its group, where both add up to more than either."""
        siblings = [s for s in self.siblings() if s.exists.is_true]
        if len(siblings) < 2 or not self.addresses.any_public().possible:
            return self.alone
        own = self.traffic.possible
        with_others = network.coverage([Allowance(s.addresses, s.traffic, YES) for s in siblings])
        limited = network.Flows.of(network.EVERYWHERE, own)
        return Admitted(
            with_others.certain & limited, self.alone.possible | (with_others.certain & limited), self.alone.because
        )

    def siblings(self: R) -> list[R]:
        """The rules of the same group, itself among them."""
        groups = (
            [SecurityGroup(self.resource, self.deployment)]
            if self.inline
            else list(SecurityGroup.at(self.group_id, self.deployment).items)
        )
        if not groups:
            return [self]
        group = groups[0]
        key = (type(self), "rules of", group.resource.address)
        memo = self.deployment.memo
        if key not in memo:
            memo[key] = list(group._rules(type(self)).items)
        found: list[R] = memo[key]
        return found

    def opens(self, traffic: Traffic, family: Family, nearly: int | None = network.DEFAULT_NEARLY) -> Tri:
        """Whether any of the traffic is open to the whole internet of a family through this rule.

        nearly  a prefix length: as much of the public addresses as that counts as nearly all; None for all of them only
        """
        tri = self.alone.world_any(traffic, family, nearly)
        if tri.is_false:
            return self.together.world_any(traffic, family, nearly)
        return tri

    def opens_all_ports(self, family: Family, nearly: int | None = network.DEFAULT_NEARLY) -> Tri:
        """Whether all ports of TCP or of UDP are open to the whole internet of a family through this rule."""
        return tri_any(
            admitted.world(traffic, family, nearly)
            for admitted in (self.alone, self.together)
            for traffic in (ALL_TCP, ALL_UDP)
        )

    def opening(self, family: Family) -> Value[Any] | View:
        """The value that opens it: the widest range of the family, else the prefix list, else the rule."""
        widest: tuple[int, Value[Any]] | None = None
        for value in self.cidrs:
            addresses = network.addresses_from(value).certain
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


def _within(element: Value[Any], whole: Value[Any]) -> Value[Any]:
    """An element of a list with the trail of the list where it has none of its own."""
    made: Attr[Any] = Attr(element, element.data, whole.owner, whole.path_name)  # type: ignore[attr-defined]
    if not made.trail and whole.trail:
        made.span, made.trail = whole.span, whole.trail
    return made


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
