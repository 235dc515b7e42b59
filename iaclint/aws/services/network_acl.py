"""Amazon VPC network ACLs: their entries, the subnets they apply to, and what they allow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from iaclint.aws.joins import attached_to, per_deployment
from iaclint.aws.reasoning.acl import Acl, AclRule
from iaclint.aws.reasoning.cidr import ALL_ADDRESSES, FAMILIES, AddressBounds, Family, addresses_from
from iaclint.aws.reasoning.flows import ALL_FLOWS, NO_FLOWS, FlowBounds, Flows
from iaclint.aws.reasoning.ports import ALL_TRAFFIC, TrafficBounds, traffic_from
from iaclint.aws.services.vpc import Subnet, Vpc
from iaclint.aws.views import Attr, Block, View, attr, parts
from iaclint.model.inventory import Deployment, Resource
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, TRUE, Reason, Truth, any_of, merge_reasons
from iaclint.model.value import UnknownCause

_ALL_IPV4 = Flows.of(ALL_ADDRESSES.only(4), ALL_TRAFFIC)
_AWS_ENTRY = AclRule(100, TRUE, AddressBounds.known(ALL_ADDRESSES), TrafficBounds.known(ALL_TRAFFIC))
"""The entry of a default network ACL as AWS creates it.

https://docs.aws.amazon.com/vpc/latest/userguide/default-network-acl.html
"""


class NetworkAcl(View, terraform=("aws_network_acl", "aws_default_network_acl"), cloudformation="AWS::EC2::NetworkAcl"):
    """A network ACL. `aws_default_network_acl` manages the one that AWS creates with each VPC."""

    vpc = attr(str, terraform="vpc_id", cloudformation="VpcId")
    subnets = attr(list, terraform="subnet_ids", cloudformation=None)
    default_of = attr(str, terraform="default_network_acl_id", cloudformation=None)

    @property
    def is_default(self) -> bool:
        """Whether it is the network ACL that AWS creates with each VPC."""
        return self.resource.kind == "aws_default_network_acl"

    @property
    def vpc_link(self) -> Attr[str]:
        """The value that names its VPC."""
        return self.default_of if self.is_default else self.vpc

    def inline(self, egress: bool) -> Iterator[AclEntry]:
        """Yield its inline entries for one direction; CloudFormation has none."""
        if self.is_terraform:
            for body, prefix in parts(self, "egress" if egress else "ingress"):
                yield AclEntry(self.resource, self.deployment, body, prefix)

    @cached_property
    def associated_subnets(self) -> Partial[Subnet]:
        """The subnets that it is associated with, as far as they are in the scanned code."""
        found: Partial[Subnet] = Subnet.referenced_by(self.subnets, self.deployment)
        for association in attached_to(AclAssociation, "acl", self).items:
            found = found + Subnet.referenced_by(association.subnet, self.deployment)
        for vpc in Vpc.referenced_by(self.vpc_link, self.deployment).items if self.is_default else ():
            # the subnets of the VPC that are associated with no other network ACL
            found = found + vpc.subnets.where(lambda subnet: ~acls_of(subnet).exists())
        return found

    def allowed(self, egress: bool) -> FlowBounds:
        """Return the flows that its entries in the scanned code allow in one direction; the last entry denies all."""
        entries = [entry.as_rule(TRUE) for entry in self.inline(egress)]
        standalone = attached_to(AclEntry.Standalone, "acl", self)
        return Acl((*entries, *_rules_of(standalone, egress)), standalone.gaps).allowed()


class AclAssociation(
    View, terraform="aws_network_acl_association", cloudformation="AWS::EC2::SubnetNetworkAclAssociation"
):
    """Associates a network ACL with a subnet."""

    subnet = attr(str, terraform="subnet_id", cloudformation="SubnetId")
    acl = attr(str, terraform="network_acl_id", cloudformation="NetworkAclId")


class AclEntry(Block):
    """An entry of a network ACL, inline or as a resource of its own."""

    class Standalone(View, terraform="aws_network_acl_rule", cloudformation="AWS::EC2::NetworkAclEntry"):
        """An entry that is a resource of its own, for the joins by its network ACL.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-networkaclentry.html and
        https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/network_acl_rule give the default.
        """

        acl = attr(str, terraform="network_acl_id", cloudformation="NetworkAclId")
        egress = attr(bool, terraform="egress", cloudformation="Egress", default=False)

    number = attr(int, terraform=("rule_no", "rule_number"), cloudformation="RuleNumber")
    action = attr(str, terraform=("action", "rule_action"), cloudformation="RuleAction")
    protocol = attr(str, terraform="protocol", cloudformation="Protocol")
    from_port = attr(int, terraform="from_port", cloudformation="PortRange.From")
    to_port = attr(int, terraform="to_port", cloudformation="PortRange.To")
    ipv4 = attr(str, terraform="cidr_block", cloudformation="CidrBlock")
    ipv6 = attr(str, terraform="ipv6_cidr_block", cloudformation="Ipv6CidrBlock")

    @classmethod
    def select(cls, deployment: Deployment) -> Iterator[AclEntry]:
        """Yield the entries of a deployment, inline entries first."""
        for acl in NetworkAcl.select(deployment):
            for egress in (False, True):
                yield from acl.inline(egress)
        for standalone in cls.Standalone.select(deployment):
            yield cls(standalone.resource, deployment)

    @property
    def standalone(self) -> AclEntry.Standalone:
        """The entry as a resource of its own. Only for an entry that is one."""
        return self.Standalone(self.resource, self.deployment)

    def directed(self, egress: bool) -> Truth:
        """Return True if it is an entry for outbound traffic (`egress`), or for inbound traffic."""
        if self.prefix:
            return Truth.of(self.prefix.startswith("egress") is egress)
        return self.standalone.egress.is_(egress)

    def opening(self, family: Family) -> Attr[str]:
        """Return the value that gives its addresses."""
        return self.ipv4 if family == 4 else self.ipv6

    # -- its network ACL -------------------------------------------------------------------------------------------

    @cached_property
    def acl(self) -> NetworkAcl | None:
        """The network ACL that it belongs to, if that is in the scanned code."""
        if self.prefix:
            return NetworkAcl(self.resource, self.deployment)
        found = NetworkAcl.referenced_by(self.standalone.acl, self.deployment).items
        return found[0] if found else None

    @property
    def vpc_link(self) -> Attr[str]:
        """The value that names its VPC, or its network ACL if that is outside the scanned code."""
        return self.acl.vpc_link if self.acl else self.standalone.acl

    @property
    def of_default(self) -> Truth:
        """Whether its network ACL is the one that AWS creates with a VPC."""
        if self.acl:
            return Truth.of(self.acl.is_default)
        if Vpc.referenced_by(self.vpc_link, self.deployment).items:
            return TRUE
        return Truth(None, self.vpc_link.reasons) if self._may_be_of_scanned_vpc else FALSE

    @property
    def as_made(self) -> Truth:
        """Whether it equals an entry of a default network ACL as AWS creates it, for one IP version."""
        rule = self.rule
        whole = any_of(rule.addresses.contains(ALL_ADDRESSES.only(family)) for family in FAMILIES)
        return self.of_default & rule.allow & rule.traffic.is_all & whole

    @property
    def _may_be_of_scanned_vpc(self) -> bool:
        """Whether the value that names its VPC is so unknown that it may mean a VPC in the scanned code."""
        unknown = self.vpc_link.unknown
        return bool(
            unknown and not self.vpc_link.refs and unknown.cause in (UnknownCause.UNSUPPORTED, UnknownCause.INVALID)
        )

    @cached_property
    def carries_ipv6(self) -> Truth:
        """Whether its VPC may have IPv6 traffic; one outside the scanned code is assumed to have it."""
        vpcs = Vpc.referenced_by(self.vpc_link, self.deployment).items
        if vpcs:
            return any_of(vpc.has_ipv6 for vpc in vpcs)
        return Truth(None, self.vpc_link.reasons) if self._may_be_of_scanned_vpc else TRUE

    # -- what it allows --------------------------------------------------------------------------------------------

    @cached_property
    def traffic_value(self) -> TrafficBounds:
        """The protocols and ports that it is about."""
        if not self.body.known:
            return TrafficBounds.unknown(*self.body.reasons)
        return traffic_from(self.protocol, self.from_port, self.to_port)

    @property
    def rule(self) -> AclRule:
        """The entry as the reasoning about network ACLs takes it, in whatever direction."""
        return self.as_rule(TRUE)

    def as_rule(self, exists: Truth) -> AclRule:
        """Return the entry as the reasoning about network ACLs takes it."""
        if not self.body.known:
            reasons = self.body.reasons
            undecided = Truth(None, reasons)
            return AclRule(
                None, undecided, AddressBounds.unknown(*reasons), TrafficBounds.unknown(*reasons), undecided, reasons
            )
        number = self.number.data
        return AclRule(
            number if isinstance(number, int) else None,
            self.action.test(lambda action: str(action).lower() == "allow"),
            addresses_from(self.ipv4, self.ipv6),
            self.traffic_value,
            exists & self.exists,
            self.number.reasons,
        )

    def through(self, egress: bool) -> FlowBounds:
        """Return the flows that it allows in one direction, given the other entries of its network ACL.

        Of a network ACL outside the scanned code, only its entries in the scanned code are known.
        """
        rules = self._rules_of_acl(egress)
        own = rules.get((self.address, self.prefix))
        if own is None:
            return FlowBounds()
        passed = Acl(tuple(rules.values()), _unresolved_entries(self)).allowed_by(own)
        carries = self.carries_ipv6
        if carries.is_true:
            return passed
        certain = passed.certain & _ALL_IPV4
        possible = passed.possible & _ALL_IPV4 if carries.is_false else passed.possible
        return FlowBounds(certain, possible, merge_reasons(passed.reasons, carries.reasons))

    # -- the other entries of its network ACL ----------------------------------------------------------------------

    def other_entries(self, egress: bool) -> list[tuple[str, AclRule]]:
        """Return the other entries of its network ACL for one direction, each with the address of its resource."""
        own = (self.address, self.prefix)
        return [(key[0], rule) for key, rule in self._rules_of_acl(egress).items() if key != own]

    @property
    def unresolved_entries(self) -> Truth:
        """Whether its network ACL has entries that cannot be told: undecided with the reasons, or false."""
        reasons = _unresolved_entries(self)
        return Truth(None, reasons) if reasons else FALSE

    def _rules_of_acl(self, egress: bool) -> dict[tuple[str, str], AclRule]:
        """Return the entries of its network ACL in one direction, by the address of their resource and their path."""
        acl = self.acl.resource if self.acl else _acl_name(self.standalone)
        rules = _rules_of_acl(self.deployment, acl, egress) if acl else {}
        return rules or {(self.address, self.prefix): self.as_rule(self.directed(egress))}


@per_deployment
def _rules_of_acl(deployment: Deployment, acl: Resource | str, egress: bool) -> dict[tuple[str, str], AclRule]:
    """Return the entries of a network ACL, or those that name one outside the scanned code by the same text."""
    inline: Iterable[AclEntry] = ()
    if isinstance(acl, Resource):
        view = NetworkAcl(acl, deployment)
        inline, standalone = view.inline(egress), attached_to(AclEntry.Standalone, "acl", view).items
    else:
        standalone = _standalone_by_acl(deployment)[acl]
    entries = (*inline, *(AclEntry(item.resource, deployment) for item in standalone))
    return {(entry.address, entry.prefix): entry.as_rule(entry.directed(egress)) for entry in entries}


def _rules_of(found: Partial[AclEntry.Standalone], egress: bool) -> list[AclRule]:
    """Return standalone entries that may be for one direction as rules."""
    rules: list[AclRule] = []
    for item in found.items:
        direction = item.egress.is_(egress)
        if direction.possible:
            rules.append(AclEntry(item.resource, item.deployment).as_rule(direction))
    return rules


def _acl_name(standalone: AclEntry.Standalone) -> str:
    """Return the id or reference that names the network ACL of an entry; "" if it is unknown."""
    if standalone.acl.known:
        return str(standalone.acl.data)
    return next((f"{ref.address.resource}.{ref.attribute}" for ref in standalone.acl.refs), "")


@per_deployment
def _standalone_by_acl(deployment: Deployment) -> dict[str, tuple[AclEntry.Standalone, ...]]:
    """Return the standalone entries by what names their network ACL."""
    made: dict[str, list[AclEntry.Standalone]] = {}
    for standalone in AclEntry.Standalone.select(deployment):
        made.setdefault(_acl_name(standalone), []).append(standalone)
    return {name: tuple(entries) for name, entries in made.items()}


def _unresolved_entries(entry: AclEntry) -> tuple[Reason, ...]:
    """Return why the network ACL of an entry may have more entries: some entry's network ACL is unknown."""
    if entry.acl:
        return attached_to(AclEntry.Standalone, "acl", entry.acl).gaps
    by_acl = _standalone_by_acl(entry.deployment)
    own = entry.standalone
    if not _acl_name(own):
        return own.acl.reasons if sum(map(len, by_acl.values())) > 1 else ()
    return merge_reasons(*(other.acl.reasons for other in by_acl.get("", ())))


# -- the network ACL of a subnet --------------------------------------------------------------------------------------


def acls_of(subnet: Subnet) -> Partial[NetworkAcl]:
    """Return the network ACL associated with a subnet; none if the default one of its VPC applies."""
    deployment = subnet.deployment
    found: dict[str, NetworkAcl] = {}
    associations = attached_to(AclAssociation, "subnet", subnet)
    gaps = associations.gaps
    for association in associations.items:
        associated = NetworkAcl.referenced_by(association.acl, deployment)
        gaps = merge_reasons(gaps, associated.gaps)
        found.update((acl.address, acl) for acl in associated.items)
    by_subnet, unknown = _acls_by_subnet(deployment)
    listing = Partial(tuple(by_subnet.get(subnet.address.resource, ())), gaps).where(
        lambda acl: acl.subnets.elements().any(subnet.is_identified_by)
    )
    for acl in listing.items:
        found.setdefault(acl.address, acl)
    if found:
        return Partial(tuple(found.values()))
    return Partial((), merge_reasons(listing.gaps, unknown))


@per_deployment
def _acls_by_subnet(deployment: Deployment) -> tuple[dict[str, list[NetworkAcl]], tuple[Reason, ...]]:
    """Return the network ACLs by the subnets that they list, and why a list may hold other subnets."""
    index: dict[str, list[NetworkAcl]] = {}
    reasons: tuple[Reason, ...] = ()
    for acl in NetworkAcl.select(deployment):
        values = acl.subnets.elements().items if acl.subnets.known else (acl.subnets,)
        for value in values:
            for ref in value.refs:
                index.setdefault(ref.address.resource, []).append(acl)
            if not value.refs:
                reasons = merge_reasons(reasons, value.reasons)
    return index, reasons


def default_acl_of(vpc: Vpc) -> Partial[NetworkAcl]:
    """Return the network ACL that AWS creates with a VPC, if the scanned code manages it."""
    return attached_to(NetworkAcl, "default_of", vpc)


def allowed_by_acl(subnet: Subnet, egress: bool) -> FlowBounds:
    """Return the flows that the network ACL of a subnet allows in one direction."""
    acls = acls_of(subnet)
    if not acls.items and not acls.gaps:
        vpcs = Vpc.referenced_by(subnet.vpc, subnet.deployment)
        if not vpcs.items:
            # a network ACL outside the scanned code is taken for a default one as AWS creates it
            return FlowBounds(ALL_FLOWS, ALL_FLOWS)
        acls = default_acl_of(vpcs.items[0])
        if not acls.items and not acls.gaps:
            changes = attached_to(AclEntry.Standalone, "acl", vpcs.items[0])
            return Acl((_AWS_ENTRY, *_rules_of(changes, egress)), changes.gaps).allowed()
    if acls.items:
        return acls.items[0].allowed(egress)
    return FlowBounds(NO_FLOWS, ALL_FLOWS, acls.gaps)
