"""What can be reached from the internet, and on which way.

Four things must come together: a public address, a route between the subnet and an internet gateway, a network ACL that
lets the packets and their answers through, and a security group that lets them in
(https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html). Each is asked for by itself and may be
undecided; a `Way` holds one answer for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from msgspec import Struct

from iaclint.aws.joins import attached_to
from iaclint.aws.questions.datastores import DataStore
from iaclint.aws.reasoning.cidr import DEFAULT_NEARLY, FAMILIES, Family
from iaclint.aws.reasoning.flows import FlowBounds, allowed_by
from iaclint.aws.reasoning.ports import Service, Traffic
from iaclint.aws.services.ec2 import (
    DEFAULT_GROUP,
    EgressRule,
    ElasticAddress,
    IngressRule,
    InterfaceAttachment,
    InterfaceSettings,
    LaunchConfiguration,
    LaunchTemplate,
    NetworkInterface,
    SecurityGroup,
    SecurityGroupRule,
    Server,
    unseen,
)
from iaclint.aws.services.elb import LoadBalancer
from iaclint.aws.services.vpc import (
    AclAssociation,
    Association,
    NatGateway,
    NetworkAcl,
    Subnet,
    Target,
    Vpc,
    admitted_by_acl,
    blocked_in_default_subnet,
)
from iaclint.aws.views import Block, View
from iaclint.model.inventory import Deployment, Resource
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, TRUE, Reason, Truth, any_of, merge_reasons
from iaclint.model.value import Step, Unknown, UnknownCause, Value

NEARLY = DEFAULT_NEARLY
EPHEMERAL = Traffic.of("tcp", 1024, 65535) | Traffic.of("udp", 1024, 65535)
"""The ports that answers go to: https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html"""


# -- network interfaces ----------------------------------------------------------------------------------------------


class Interface(Struct, frozen=True, dict=True):
    """A network interface of a server, as its settings leave it.

    subnets    values that name the subnets it may be in; none for a default subnet of the default VPC
    groups     values that name its security groups; none for the default group of its VPC
    public     whether a public address is asked for; null leaves it to the subnet
    ipv6       values that ask for IPv6 addresses
    elastic    Elastic IP addresses that are given to it
    ready      whether it was made beforehand: then it gets no public address by itself
    """

    owner: Server
    subnets: tuple[Value[Any], ...]
    groups: tuple[Value[Any], ...]
    public: Value[Any]
    ipv6: tuple[Value[Any], ...]
    elastic: Partial[ElasticAddress]
    ready: bool = False


def interfaces_of(server: Server) -> tuple[Interface, ...]:
    """The network interfaces of a server, from its own settings and its launch template's."""
    blocks = _given(server.interfaces)
    groups = _elements(server.groups) or _elements(server.group_names)
    subnets = _elements(server.subnets)
    public: Value[Any] = server.public
    ipv6: tuple[Value[Any], ...] = (server.ipv6_count, server.ipv6_addresses)
    elastic = attached_to(ElasticAddress, "instance", server)
    made: list[Interface] = []

    if server.primary_interface.is_set().possible:
        made += _ready(server, server.primary_interface, elastic)
    for block in blocks:
        made += _of_block(server, block, groups, subnets, public, elastic)
    if not made:
        templates, unseen = _templates(server)
        for template in templates:
            if isinstance(template, LaunchConfiguration):
                own = groups or _elements(template.groups)
                made.append(Interface(server, subnets, own, _first(public, template.public), ipv6, elastic))
                continue
            named = groups or _elements(template.groups) or _elements(template.group_names)
            for block in _given(template.interfaces):
                made += _of_block(server, block, named, subnets, public, elastic)
            if not _given(template.interfaces):
                made.append(Interface(server, subnets, named, public, ipv6, elastic))
        for reference in unseen:
            made.append(Interface(server, subnets, groups or (reference,), _first(public, reference), ipv6, elastic))
    if not made:
        made.append(Interface(server, subnets, groups, public, ipv6, elastic))
    for attachment in attached_to(InterfaceAttachment, "instance", server).items:
        made += _ready(server, attachment.interface, Partial(()))
    return tuple(made)


def _of_block(
    server: Server,
    block: InterfaceSettings,
    groups: tuple[Value[Any], ...],
    subnets: tuple[Value[Any], ...],
    public: Value[Any],
    elastic: Partial[ElasticAddress],
) -> list[Interface]:
    if block.interface.is_set().possible:
        return _ready(server, block.interface, elastic)
    return [
        Interface(
            server,
            _elements(block.subnet) or subnets,
            groups or _elements(block.groups),
            _first(public, block.public),
            (block.ipv6_count, block.ipv6_addresses),
            elastic,
        )
    ]


def _ready(server: Server, value: Value[Any], elastic: Partial[ElasticAddress]) -> list[Interface]:
    """An interface that was made beforehand and is only named."""
    found = NetworkInterface.referenced_by(value, server.deployment)
    if not found.items:
        hidden = (_hidden(value, "network interface"),)
        ready = value.known or bool(value.refs)
        return [Interface(server, hidden, hidden, hidden[0], hidden, elastic, ready)]
    return [
        Interface(
            server,
            _elements(interface.subnet),
            _elements(interface.groups),
            Value(None, value.span, implicit=True),
            (interface.ipv6_count, interface.ipv6_addresses),
            elastic + attached_to(ElasticAddress, "interface", interface),
            ready=True,
        )
        for interface in found.items
    ]


def _templates(server: Server) -> tuple[list[LaunchTemplate | LaunchConfiguration], list[Value[Any]]]:
    """The launch templates of a server, and values that stand for those which are not written here."""
    found: list[LaunchTemplate | LaunchConfiguration] = []
    unseen: list[Value[Any]] = []
    references = [(t.id, t.name) for t in (*_given(server.templates), *_given(server.mixed_templates))]
    for pair in references:
        templates = [t for value in pair for t in _named(LaunchTemplate, value, server.deployment)]
        found += templates[:1]
        given = [value for value in pair if value.is_set().possible]
        if not templates and given:
            unseen.append(_hidden(given[0], "launch template"))
    configuration = server.configuration
    if configuration.is_set().possible:
        configurations = _named(LaunchConfiguration, configuration, server.deployment)
        found += configurations[:1]
        if not configurations:
            unseen.append(_hidden(configuration, "launch configuration"))
    return found, unseen


def _named(of: type[Any], value: Value[Any], deployment: Deployment) -> list[Any]:
    """The resources of a type that a value refers to, else those of that name."""
    if value.data is None:
        return []
    found = of.referenced_by(value, deployment).items
    if not found and value.known:
        found = tuple(view for view in of.select(deployment) if view.name.is_(value.data).is_true)
    return list(found)


def _hidden(value: Value[Any], what: str) -> Value[Any]:
    """A value that nothing is known of, since the thing that it names is not written here."""
    if value.known:
        reason = f"what the {what} {value.data} holds is not written here"
        return Value(Unknown(UnknownCause.EXTERNAL, reason), value.span, value.trail)
    return Value(value.data, value.span, value.trail)


def _given(blocks: Iterable[Any]) -> list[Any]:
    return [block for block in blocks if block.body.data is not None]


def _elements(value: Value[Any]) -> tuple[Value[Any], ...]:
    """The elements of a list; a list that is unknown is one unknown element."""
    data = value.data
    if data is None or data == "":
        return ()
    return data if isinstance(data, tuple) else (value,)


def _first(value: Value[Any], other: Value[Any]) -> Value[Any]:
    return other if value.known and value.data is None else value


# -- ways --------------------------------------------------------------------------------------------------------------


class Way(Struct, frozen=True, dict=True):
    """A way from the internet to a server: one interface, in one subnet, in one IP version.

    subnet  None for a default subnet of the default VPC
    """

    interface: Interface
    subnet: Subnet | None
    family: Family

    @cached_property
    def addressed(self) -> Truth:
        """Whether it has an address that the internet knows."""
        if self.family == 6:
            asked = any_of(value.test(lambda data: bool(data) and data != 0) for value in self.interface.ipv6)
            return asked | (self.subnet.gives_ipv6_addresses.is_(True) if self.subnet else FALSE)
        if self.interface.ready:
            return self.interface.elastic.exists()
        by_subnet = self.subnet.gives_public_addresses if self.subnet else TRUE
        public = self.interface.public
        return self.interface.elastic.exists() | public.is_(True) | (public.is_(None) & by_subnet)

    @cached_property
    def routed(self) -> Truth:
        """Whether the internet and its subnet have a route to each other that VPC Block Public Access leaves open."""
        if self.subnet is None:
            return Truth.of(self.family == 4) & ~blocked_in_default_subnet(self.interface.owner)
        return self.subnet.routes_to(Target.INTERNET_GATEWAY, self.family) & ~self.subnet.blocked

    @cached_property
    def groups(self) -> Partial[SecurityGroup]:
        """Its security groups; those that are not written here are gaps."""
        found: Partial[SecurityGroup] = Partial(())
        for value in self.interface.groups:
            found = found + SecurityGroup.all_at(value, self.interface.owner.deployment)
        if not self.interface.groups and self.subnet:
            for vpc in Vpc.referenced_by(self.subnet.vpc, self.subnet.deployment).items:
                found = found + default_groups(vpc)
        return found

    @cached_property
    def admitted(self) -> FlowBounds:
        """What its security groups and the network ACL of its subnet let in."""
        by_groups = allowed_by(
            (rule.allowance for group in self.groups.items for rule in group.ingress.items),
            merge_reasons(self.groups.gaps, *(group.ingress.gaps for group in self.groups.items)),
        )
        return by_groups & admitted_by_acl(self.subnet, egress=False) if self.subnet else by_groups

    @cached_property
    def answered(self) -> Truth:
        """Whether the network ACL lets answers out."""
        if self.subnet is None:
            return TRUE
        return admitted_by_acl(self.subnet, egress=True).any_open_to_internet(EPHEMERAL, self.family, NEARLY)

    @cached_property
    def _open(self) -> tuple[Traffic, Traffic]:
        return (
            self.admitted.certain.internet_traffic(self.family, NEARLY),
            self.admitted.possible.internet_traffic(self.family, NEARLY),
        )

    @cached_property
    def joined(self) -> Truth:
        """Whether it is on the internet at all, whatever is let in."""
        return self.addressed & self.routed

    def opens(self, service: Service) -> Truth:
        """Whether any port of a service can be reached from the whole internet."""
        certain, possible = self._open
        if certain & service.traffic:
            let_in = TRUE
        elif possible & service.traffic:
            let_in = Truth(None, self.admitted.reasons)
        else:
            return FALSE
        return self.joined & let_in & self.answered

    def steps(self, service: Service) -> tuple[Step, ...]:
        """The way hop by hop, from the internet to the server."""
        return tuple(self._steps(service))

    def _steps(self, service: Service) -> Iterator[Step]:
        server = self.interface.owner
        if self.subnet is None:
            yield Step(server.header, f"{server.address} is in a default subnet, which is public")
        else:
            for route in self.subnet.routes.items:
                if (route.default_for(self.family) & route.leads_to(Target.INTERNET_GATEWAY)).is_true:
                    yield Step(route.span, f"a route joins {self.subnet.address} to the internet gateway")
                    break
            else:
                yield Step(self.subnet.header, f"{self.subnet.address} is public")
        for group in self.groups.items:
            for rule in group.ingress.items:
                if rule.opens(service.traffic, self.family).is_true:
                    opening = rule.opening(self.family)
                    yield Step(opening.span, f"{group.address} lets in {rule.source(self.family)}")
                    break
        yield self.address_step
        yield Step(server.header, f"{server.address} answers on {service}")

    @property
    def address_step(self) -> Step:
        """What gives it its public address."""
        server = self.interface.owner
        public = self.interface.public
        if self.family == 4:
            for item in self.interface.elastic.items:
                return Step(item.header, f"{item.address} gives it a public address")
            if public.is_(True).is_true:
                return Step(public.span, "it asks for a public address")
            if self.subnet and self.subnet.gives_public_addresses.is_true:
                return Step(self.subnet.maps_public_addresses.span, f"{self.subnet.address} gives it a public address")
        return Step(server.header, "it gets a public address")


def ways_to(server: Server) -> Partial[Way]:
    """The ways from the internet to a server; a gap for a subnet that is not written here."""
    found: list[Way] = []
    gaps: tuple[Reason, ...] = ()
    for interface in interfaces_of(server):
        subnets: list[Subnet | None] = [] if interface.subnets else [None]
        for value in interface.subnets:
            at = Subnet.referenced_by(value, server.deployment)
            subnets += at.items
            if not at.items:
                reason = Reason(f"the subnet {value.data} is not written here", value.span)
                gaps = merge_reasons(gaps, at.gaps or (reason,))
        found += [Way(interface, subnet, family) for subnet in subnets for family in FAMILIES]
    return Partial(tuple(found), gaps)


# -- the default security group ---------------------------------------------------------------------------------------


class ManagedDefaultGroup(View, terraform="aws_default_security_group", cloudformation=()):
    """The default security group of a VPC, taken over: it has the rules that are written here and no others."""

    vpc = SecurityGroup.vpc


def default_groups(vpc: Vpc) -> Partial[SecurityGroup]:
    """The default security group of a VPC where it is managed here."""
    return attached_to(ManagedDefaultGroup, "vpc", vpc).map(lambda g: SecurityGroup(g.resource, g.deployment))


class DefaultGroup(Block):
    """The security group that AWS makes with each VPC: its members may talk to each other and to everybody outside.

    https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html
    """

    @classmethod
    def select(cls, deployment: Deployment) -> Iterator[DefaultGroup]:
        """One for each VPC, and those of VPCs that are not written here."""
        seen: set[str] = set()
        for vpc in Vpc.select(deployment):
            yield cls(vpc.resource, deployment)
            seen |= {group.address for group in default_groups(vpc).items}
        for group in ManagedDefaultGroup.select(deployment):
            if group.address not in seen and not Vpc.referenced_by(group.vpc, deployment).items:
                yield cls(group.resource, deployment)

    @cached_property
    def vpc(self) -> Vpc | None:
        return Vpc(self.resource, self.deployment) if self.resource.kind in Vpc.kinds(self.resource.vendor) else None

    @cached_property
    def managed(self) -> Partial[SecurityGroup]:
        """The resource that takes it over."""
        if self.vpc is None:
            return Partial((SecurityGroup(self.resource, self.deployment),))
        return default_groups(self.vpc)

    @cached_property
    def rules(self) -> Partial[SecurityGroupRule]:
        """The rules that are written for it here."""
        rules: list[SecurityGroupRule] = []
        gaps: tuple[Reason, ...] = ()
        for group in self.managed.items:
            rules += [*group.ingress.items, *group.egress.items]
            gaps = merge_reasons(gaps, group.ingress.gaps, group.egress.gaps)
        if not self.managed.items and self.vpc:
            place = self.vpc.resource.address.resource
            for of in (IngressRule, EgressRule):
                index = of.index(self.deployment)
                near: list[Any] = [rule for _, rule in index.get(place, ())]
                rules += [rule for rule in near if _default_of(rule.group_id, self.vpc)]
                # one whose group is not known may be meant for it
                gaps = merge_reasons(gaps, *(rule.group_id.reasons for _, rule in index.get("", ())))
        return Partial(tuple(rules), gaps).where(lambda rule: rule.written)

    @property
    def left_open(self) -> Truth:
        """Whether it keeps the rules that AWS gives it although they could be taken away here.

        Only Terraform has a resource that can do so.
        """
        return self.unmanaged & Truth.of(self.is_terraform)

    @property
    def unmanaged(self) -> Truth:
        """Whether it keeps the rules that AWS gives it."""
        return ~self.managed.exists()

    @cached_property
    def members(self) -> Partial[View | Resource]:
        """What is placed in it: by name, or by naming no security group at all."""
        if self.vpc is None:
            return Partial(())
        found: dict[str, View | Resource] = {}
        gaps: tuple[Reason, ...] = ()
        own = self.vpc.resource.address.resource
        for resource in self.deployment.referrers.get(own, ()):
            if resource.kind in _RULE_KINDS:
                continue
            if any(_default_of(part, self.vpc) for part in resource.body.walk()):
                found[resource.address] = resource
        for view, subnets, named in _groupless(self.deployment):
            inside = Partial(subnets).any(lambda s: self._holds(s))
            truth = inside & ~named & view.exists
            if truth.is_true:
                found[view.address] = view
            elif truth.value is None:
                gaps = merge_reasons(gaps, truth.reasons)
        return Partial(tuple(found.values()), gaps)

    def _holds(self, value: Value[Any]) -> Truth:
        """Whether a value names a subnet of this VPC."""
        assert self.vpc is not None
        subnets = Subnet.referenced_by(value, self.deployment)
        vpc = self.vpc
        return subnets.any(lambda subnet: vpc.is_identified_by(subnet.vpc))


def _default_of(value: Value[Any], vpc: Vpc) -> bool:
    """Whether a value is the default group of a VPC."""
    own = vpc.resource.address.resource
    return any(ref.attribute in DEFAULT_GROUP and ref.address.resource == own for ref in value.refs)


_RULE_KINDS = frozenset(
    {*IngressRule.standalone_tf, *EgressRule.standalone_tf, IngressRule.standalone_cfn, EgressRule.standalone_cfn}
)


def _groupless(deployment: Deployment) -> list[tuple[View, tuple[Value[Any], ...], Truth]]:
    """What lives in a VPC and may name no security group: the thing, its subnets, whether it names one."""
    key = (DefaultGroup, "groupless")
    if key not in deployment.memo:
        made: list[tuple[View, tuple[Value[Any], ...], Truth]] = []
        for server in Server.select(deployment):
            for interface in interfaces_of(server):
                if not interface.ready:
                    made.append((server, interface.subnets, _named_one(interface.groups)))
        for interface_resource in NetworkInterface.select(deployment):
            groups = _elements(interface_resource.groups)
            made.append((interface_resource, _elements(interface_resource.subnet), _named_one(groups)))
        for balancer in LoadBalancer.select(deployment):
            # the others need none
            named = _named_one(_elements(balancer.groups)) | ~balancer.application
            made.append((balancer, _elements(balancer.subnets), named))
        for store in DataStore.select(deployment):
            named = _named_one(store.security_groups) | ~store.has_own_security_groups
            made.append((store.anchor, store.subnet_values, named))
        deployment.memo[key] = [row for row in made if not row[2].is_true]
    found: list[tuple[View, tuple[Value[Any], ...], Truth]] = deployment.memo[key]
    return found


def _named_one(values: tuple[Value[Any], ...]) -> Truth:
    return any_of(value.is_set() for value in values)


# -- what a subnet is for ---------------------------------------------------------------------------------------------

_EDGE_KINDS = frozenset(
    {
        *LoadBalancer.terraform_kinds,
        *LoadBalancer.cloudformation_kinds,
        "aws_elb",
        "AWS::ElasticLoadBalancing::LoadBalancer",
    }
    | {*NatGateway.terraform_kinds, *NatGateway.cloudformation_kinds}
)
_FURNITURE = frozenset(
    {
        *Association.terraform_kinds,
        *Association.cloudformation_kinds,
        *AclAssociation.terraform_kinds,
        *AclAssociation.cloudformation_kinds,
    }
    | {*NetworkAcl.terraform_kinds, "aws_flow_log", "AWS::EC2::FlowLog"}
)


def only_edge_in(subnet: Subnet) -> bool:
    """Whether a subnet certainly holds load balancers or NAT gateways, and nothing else that is written here."""
    kinds = {resource.kind for resource in subnet.deployment.referrers.get(subnet.resource.address.resource, ())}
    return bool(kinds & _EDGE_KINDS) and kinds <= _EDGE_KINDS | _FURNITURE


# -- the default VPC --------------------------------------------------------------------------------------------------


class DefaultVpcUse(Block):
    """Something that lies in the default VPC of a region, or makes use of it.

    What names no subnet lands there: https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc.html
    """

    what = ""
    """In words."""
    certain = TRUE

    @classmethod
    def select(cls, deployment: Deployment) -> Iterator[DefaultVpcUse]:
        """The default VPC itself, data sources that look it up, and systems that may name no subnet."""
        for resource in deployment.of_kind("aws_default_vpc", "aws_default_subnet"):
            yield cls._of(resource, deployment, "the default VPC is taken over", TRUE)
        for resource in deployment.of_kind("data.aws_vpc"):
            default = Block(resource, deployment).read("default", bool).is_(True)
            used = _put_in(resource, deployment) if default.possible else FALSE
            yield cls._of(resource, deployment, _LOOKED_UP, default & used)
        for group in SecurityGroup.select(deployment):
            # "vpc_id - VPC ID. Defaults to the region's default VPC":
            # https://registry.is_terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group
            elsewhere = group.vpc.is_set() | Truth.of(group.default)
            yield cls._of(group.resource, deployment, "it names no VPC and lands in the default one", ~elsewhere)
        for server in Server.select(deployment):
            names = any_of((server.subnets.elements().exists(), _placed_by_template(server)))
            yield cls._of(server.resource, deployment, "it names no subnet and lands in the default VPC", ~names)
        for store in DataStore.select(deployment):
            names = store.subnet_group.is_set() | ~store.has_own_security_groups | store.restored
            yield cls._of(store.anchor.resource, deployment, "it names no subnets and lands in the default VPC", ~names)

    @classmethod
    def _of(cls, resource: Resource, deployment: Deployment, what: str, certain: Truth) -> DefaultVpcUse:
        made = cls(resource, deployment)
        made.what, made.certain = what, certain
        return made


_LOOKED_UP = "something is put into the default VPC, which is looked up here"
_HARDENING = ("aws_flow_log", "aws_default_network_acl", "aws_default_route_table")
"""What watches a network, or takes over a part that AWS makes with it: nothing is put into it thereby."""
_IDENTITIES = ("", "id", "ids", "arn", "main_route_table_id", "route_table_id")
"""The attributes of a network, or of a part of one, that are used to put something into it."""


def _put_in(source: Resource, deployment: Deployment) -> Truth:
    """Whether something is put into the network that a data source looks up, itself or by way of other data sources."""
    found: Truth = FALSE
    reached, left = {source.address.resource}, [source]
    while left:
        looked_up = left.pop()
        own = looked_up.address.resource
        for user in deployment.referrers.get(own, ()):
            if not any(ref.address.resource == own and ref.attribute in _IDENTITIES for ref in user.body.all_refs()):
                continue
            if not user.kind.startswith("data."):
                found = found | (user.exists & ~_hardens(user, deployment))
            elif user.address.resource not in reached:
                reached.add(user.address.resource)
                left.append(user)
        hidden = merge_reasons(deployment.gaps_about(looked_up), unseen(deployment))
        found = found | (Truth(None, hidden) if hidden else FALSE)
    return found


def _hardens(user: Resource, deployment: Deployment) -> Truth:
    """Whether a resource does no more than to harden a network; a default group does where it has no rules."""
    if user.kind in ManagedDefaultGroup.terraform_kinds:
        return ~DefaultGroup(user, deployment).rules.exists()
    return Truth.of(user.kind in _HARDENING)


def _placed_by_template(server: Server) -> Truth:
    """Whether a server's interface, template or zone says where it is."""
    reasons = tuple(Reason("where it is placed is not looked at", server.header) for _ in (0,))
    groups_zones = server.resource.kind in ("aws_autoscaling_group", "AWS::AutoScaling::AutoScalingGroup")
    inside = any_of(Truth.of(bool(interface.subnets) or interface.ready) for interface in interfaces_of(server))
    templated = bool(server.templates or server.mixed_templates) or server.configuration.is_set().possible
    return inside | (Truth(None, reasons) if templated or groups_zones else FALSE)
