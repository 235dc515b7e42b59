"""Amazon VPC prefix lists: named sets of CIDR blocks that security groups and routes refer to."""

from __future__ import annotations

from typing import Any

from iaclint.aws.joins import attached_to
from iaclint.aws.reasoning.cidr import AddressBounds, addresses_from, prefix_length
from iaclint.aws.views import View, attr
from iaclint.model.inventory import Deployment
from iaclint.model.partial import Partial
from iaclint.model.truth import Reason
from iaclint.model.value import Value

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
"""The ids of prefix lists that AWS manages, by region.

https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
"""


class PrefixList(View, terraform="aws_ec2_managed_prefix_list", cloudformation="AWS::EC2::PrefixList"):
    """A customer-managed prefix list."""

    entries = attr(list, terraform="entry", cloudformation="Entries")

    @property
    def cidrs(self) -> Partial[Value[Any]]:
        """The CIDR blocks of its inline entries and of its entries that are resources of their own."""
        inline = self.entries.elements().map(lambda entry: entry.key("cidr" if self.is_terraform else "Cidr"))
        return inline + attached_to(PrefixListEntry, "prefix_list", self).map(lambda entry: entry.cidr)


class PrefixListEntry(View, terraform="aws_ec2_managed_prefix_list_entry", cloudformation=()):
    """One CIDR block of a prefix list, as a resource of its own."""

    prefix_list = attr(str, terraform="prefix_list_id", cloudformation=None)
    cidr = attr(str, terraform="cidr", cloudformation=None)


def prefix_list_addresses(value: Value[Any], deployment: Deployment) -> AddressBounds:
    """Return the addresses of the prefix list that a value names.

    A list that AWS manages has none: its addresses are those of an AWS service and do not count as the internet.
    """
    if value.known and (value.data is None or value.data in AWS_PREFIX_LISTS):
        return AddressBounds()
    found = PrefixList.referenced_by(value, deployment)
    if found.items:
        total = AddressBounds()
        for prefix_list in found.items:
            cidrs = prefix_list.cidrs
            total = total | addresses_from(*(cidr for cidr in cidrs.items if not cannot_be_internet(cidr)))
            if cidrs.gaps:
                total = total | AddressBounds.unknown(*cidrs.gaps)
        return total
    if _is_looked_up_from_aws(value, deployment):
        return AddressBounds()
    reasons = value.reasons or (Reason(f"what prefix list {value.data} holds is not written here", value.span),)
    return AddressBounds.unknown(*reasons)


def _is_looked_up_from_aws(value: Value[Any], deployment: Deployment) -> bool:
    """Return True if a value comes from a data source that looks up a prefix list of AWS."""
    for ref in value.refs:
        for resource in deployment.resolve(ref):
            if resource.kind in ("data.aws_ec2_managed_prefix_list", "data.aws_prefix_list"):
                name = resource.attribute("name")
                if name.known and str(name.data or "").startswith("com.amazonaws."):
                    return True
                if resource.kind == "data.aws_prefix_list" and name.data is None:
                    return True  # this data source finds lists of AWS only
    return False


_NETWORK_CIDRS = ("cidr_block", "ipv6_cidr_block", "CidrBlock", "Ipv6CidrBlocks", "CidrBlockAssociations")
"""The attributes of VPCs and subnets that give their own address ranges."""


def cannot_be_internet(value: Value[Any]) -> bool:
    """Return True if a value is unknown and yet certainly not a large part of the internet.

    Such values are ranges with a long mask, and those of VPCs and subnets: "The allowed block size is between a /28
    netmask and /16 netmask", https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html.
    """
    if value.known:
        return False
    of_network = bool(value.refs) and all(ref.attribute in _NETWORK_CIDRS for ref in value.refs)
    return of_network or (prefix_length(value) or 0) >= 16
