"""Every attribute name that the typed views read exists in the vendor's schema.

Terraform's names are held against the AWS provider's schema (version 5.100), CloudFormation's against the resource
schemas that cfn-lint ships. A name of a facet that several resource types have must exist in one of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from iaclint import aws
from iaclint.aws.reasoning import key_properties
from iaclint.aws.views import Block, View, attr, blocks
from iaclint.cloudformation import schema as cloudformation_schema
from iaclint.terraform import schema

FACETS: dict[type[Block], tuple[tuple[str, ...], tuple[str, ...]]] = {
    aws.security_groups.IngressRule: (
        (
            *("aws_security_group.ingress", "aws_security_group_rule", "aws_vpc_security_group_ingress_rule"),
            "aws_default_security_group.ingress",
        ),
        ("AWS::EC2::SecurityGroup.SecurityGroupIngress", "AWS::EC2::SecurityGroupIngress"),
    ),
    aws.security_groups.EgressRule: (
        ("aws_security_group.egress", "aws_security_group_rule", "aws_vpc_security_group_egress_rule"),
        ("AWS::EC2::SecurityGroup.SecurityGroupEgress", "AWS::EC2::SecurityGroupEgress"),
    ),
    aws.network_acl.AclEntry: (("aws_network_acl.ingress", "aws_network_acl_rule"), ("AWS::EC2::NetworkAclEntry",)),
    aws.routes.Route: (("aws_route", "aws_route_table.route"), ("AWS::EC2::Route",)),
    aws.iam.Policy: (("aws_organizations_policy",), ("AWS::Organizations::Policy",)),
    aws.s3.PublicAccessBlock: (
        ("aws_s3_bucket_public_access_block",),
        ("AWS::S3::Bucket.PublicAccessBlockConfiguration",),
    ),
}
"""Facets that are not reached from a resource's own blocks: the places they are read at."""

SINCE_6 = {
    "aws_eks_capability",
    "aws_networkfirewall_vpc_endpoint_association",
    "aws_transfer_host_key",
    "aws_wafv2_web_acl_rule_group_association",
    "aws_networkfirewall_firewall.transit_gateway_id",
    "aws_nat_gateway.vpc_id",
    "aws_instance.primary_network_interface.network_interface_id",
}
"""What the provider has only since version 6."""

UNTIL_4 = {
    *("aws_db_security_group", "aws_elasticache_security_group", "aws_redshift_security_group"),
    "aws_wafv2_rule_group.rule.statement.managed_rule_group_statement.excluded_rule",
}
"""What it had until version 4."""

MISSPELT = {"AWS::CloudTrail::Trail.KmsKeyId"}
"""A common misspelling of KMSKeyId. CloudFormation refuses it, so the rule need not report a missing key as well."""

OF_OTHER_VERSIONS = SINCE_6 | UNTIL_4 | MISSPELT


def views() -> list[type[Block]]:
    for module in aws.__all__:
        getattr(aws, module)
    found: dict[type[Block], None] = {}
    queue: list[type[Block]] = [Block]
    while queue:
        for sub in queue.pop().__subclasses__():
            if sub not in found and sub.__module__.startswith("iaclint.aws"):
                found[sub] = None
                queue.append(sub)
    return list(found)


def members(view: type[Block]) -> Iterator[tuple[str, Any]]:
    for owner in view.__mro__:
        for name, item in vars(owner).items():
            if isinstance(item, (attr, blocks)):
                yield name, item


def places(view: type[Block]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if view in FACETS:
        return FACETS[view]
    if issubclass(view, View):
        return view.terraform_kinds, view.cloudformation_kinds
    return (), ()


@cache
def terraform_names(place: str) -> frozenset[str]:
    """The attribute and block names at a place such as "aws_security_group.ingress", nested ones dotted."""
    kind, _, path = place.partition(".")
    block = schema.resource(kind)
    assert block is not None or kind in OF_OTHER_VERSIONS, f"the provider has no {kind}"
    if block is None:
        return frozenset()
    return frozenset(name.removeprefix(path + ".") for name in dotted(block) if not path or name.startswith(path + "."))


def dotted(block: schema.BlockSchema, depth: int = 0) -> Iterator[str]:
    for name, attribute in block.attributes.items():
        yield name
        inner = schema.element_schema(attribute.type)
        if inner is not None and depth < 8:
            yield from (f"{name}.{deeper}" for deeper in dotted(inner, depth + 1))
    for name, inner in block.blocks.items():
        yield name
        if depth < 8:
            yield from (f"{name}.{deeper}" for deeper in dotted(inner, depth + 1))


@cache
def cloudformation_names(place: str) -> frozenset[str]:
    kind, _, path = place.partition(".")
    names = cloudformation_schema.properties(kind)
    assert names, f"CloudFormation has no {kind}"
    return frozenset(name.removeprefix(path + ".") for name in names if not path or name.startswith(path + "."))


@dataclass(frozen=True)
class Name:
    """A spelling of a property: what reads it, and where."""

    vendor: str
    descriptor: int
    member: str
    places: tuple[str, ...]
    name: str

    @property
    def exists(self) -> bool:
        names = terraform_names if self.vendor == "terraform" else cloudformation_names
        for place in self.places:
            kind, _, path = place.partition(".")
            full = f"{path}.{self.name}" if path else self.name
            if self.vendor == "terraform" and not kind.startswith("aws_"):
                return True  # of another provider
            if OF_OTHER_VERSIONS & {kind, f"{kind}.{full}"} or full in names(kind):
                return True
        return False


def read(view: type[Block]) -> Iterator[Name]:
    """All names that a view reads, those of its blocks included."""
    yield from _read(view, *places(view), depth=0)


def _read(view: type[Block], tf: tuple[str, ...], cfn: tuple[str, ...], depth: int) -> Iterator[Name]:
    for member, item in members(view):
        for vendor, at, names in (("terraform", tf, item.terraform), ("cloudformation", cfn, item.cloudformation)):
            for name in (names,) if isinstance(names, str) else names or ():
                if at:
                    yield Name(vendor, id(item), f"{view.__name__}.{member}", at, name)
        if isinstance(item, blocks) and depth < 4:
            of: Any = item.of if isinstance(item.of, type) else item.of()
            tf_at = tuple(_join(p, item.terraform) for p in tf) if item.terraform else ()
            cfn_at = tuple(_join(p, item.cloudformation) for p in cfn) if item.cloudformation else ()
            yield from _read(of, tf_at, cfn_at, depth + 1)


def _join(place: str, path: str) -> str:
    return f"{place}.{path}"


@pytest.mark.parametrize("view", views(), ids=lambda v: f"{v.__module__.removeprefix('iaclint.aws.')}.{v.__name__}")
def test_kinds_exist(view: type[Block]) -> None:
    if not issubclass(view, View):
        return
    for kind in view.terraform_kinds:
        if kind.startswith("aws_") and kind not in OF_OTHER_VERSIONS:
            assert schema.resource(kind) is not None, kind
    for kind in view.cloudformation_kinds:
        assert kind in cloudformation_schema.resource_types() or kind.startswith("AWS::Serverless::"), kind


def test_names_exist() -> None:
    """A property that several views share exists if one of them has it."""
    groups: dict[tuple[str, int, str], list[Name]] = {}
    for view in views():
        for name in read(view):
            groups.setdefault((name.vendor, name.descriptor, name.name), []).append(name)
    assert len(groups) > 300
    missing = [
        f"{names[0].member}: {' or '.join(f'{p}.{names[0].name}' for p in names[0].places)}"
        for names in groups.values()
        if not any(name.exists for name in names)
    ]
    assert missing == []


def test_properties_that_name_a_key_exist() -> None:
    for kind, row in key_properties.KEY_PROPERTIES.items():
        known = terraform_names(kind) if kind.startswith("aws_") else cloudformation_names(kind)
        assert {row.path, row.switch or row.path} <= known, kind
        assert key_properties.names_key(row.path.rpartition(".")[2]), kind
