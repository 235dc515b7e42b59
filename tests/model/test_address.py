"""Addresses: their parts, and what they mean."""

from __future__ import annotations

import pickle

import pytest

from iaclint.model.address import Address


@pytest.mark.parametrize(
    ("text", "module", "is_data", "kind", "name", "key"),
    [
        ("aws_s3_bucket.logs", "", False, "aws_s3_bucket", "logs", ""),
        ("aws_s3_bucket.logs[0]", "", False, "aws_s3_bucket", "logs", "[0]"),
        ("aws_s3_bucket.logs[*]", "", False, "aws_s3_bucket", "logs", "[*]"),
        ("data.aws_vpc.main", "", True, "aws_vpc", "main", ""),
        ('module.net["a.b"].aws_subnet.s["x[y]"]', 'module.net["a.b"]', False, "aws_subnet", "s", '["x[y]"]'),
        ("module.net[0].module.data.data.aws_vpc.main", "module.net[0].module.data", True, "aws_vpc", "main", ""),
        ("module.net", "module.net", False, "", "", ""),
        ('module.net["a"].module.sub[1]', 'module.net["a"].module.sub[1]', False, "", "", ""),
        ("Bucket", "", False, "", "Bucket", ""),
        ("Net/Inner/Subnet", "Net/Inner", False, "", "Subnet", ""),
        ("stacks/net.yaml:Vpc", "stacks/net.yaml", False, "", "Vpc", ""),
        ("stacks/net.yaml:Net/Vpc", "stacks/net.yaml:Net", False, "", "Vpc", ""),
        ("", "", False, "", "", ""),
    ],
)
def test_an_address_has_parts(text: str, module: str, is_data: bool, kind: str, name: str, key: str) -> None:
    address = Address(text)
    assert (address.module, address.is_data, address.type, address.name, address.key) == (
        *(module, is_data, kind, name),
        key,
    )
    assert address.is_module is (text.startswith("module.net") and not name)
    assert address == text and {address: 1}[Address(text)] == 1 and f"{address}" == text


def test_an_address_without_keys_is_the_resource_or_the_block() -> None:
    address = Address('module.net["eu"].aws_subnet.s["a\\"]b"]')
    assert address.resource == 'module.net["eu"].aws_subnet.s'
    assert address.config == "module.net.aws_subnet.s"
    assert address.block == "aws_subnet.s"
    assert Address("module.a.data.aws_vpc.v[0]").block == "data.aws_vpc.v"
    assert address.resource.resource is address.resource


def test_an_address_means_itself_and_the_instances_of_its_resource() -> None:
    instance = Address('aws_subnet.s["a"]')
    assert instance.names(instance)
    assert Address("aws_subnet.s").names(instance)
    assert not instance.names(Address("aws_subnet.s"))
    assert not Address("aws_subnet").names(instance)


def test_an_instance_has_a_key_and_any_instance_is_none() -> None:
    resource = Address.in_module("module.m", "aws_subnet.s")
    assert resource.instance("0") == "module.m.aws_subnet.s[0]"
    assert resource.instance('"a"').is_instance and not resource.instance('"a"').is_any_instance
    assert resource.instance("*").is_any_instance and not resource.instance("*").is_instance
    assert not resource.is_instance


def test_module_calls_lead_to_an_address() -> None:
    address = Address('module.a["module.x"].module.b.aws_subnet.s')
    assert address.module_calls == ("a", "b")
    assert address.caller == 'module.a["module.x"]'
    assert Address("aws_subnet.s").module_calls == ()
    assert Address("aws_subnet.s").caller == ""


def test_an_address_of_another_template_is_qualified_by_its_name() -> None:
    address = Address("Vpc").qualified("net.yaml")
    assert address == "net.yaml:Vpc" and address.is_qualified
    assert not Address("Vpc").is_qualified
    assert not Address('aws_subnet.s["a:b"]').is_qualified


def test_an_address_can_be_pickled() -> None:
    address = Address('module.a["x"].aws_subnet.s[0]')
    assert address.config
    again = pickle.loads(pickle.dumps(address))
    assert again == address and isinstance(again, Address) and again.config == address.config
