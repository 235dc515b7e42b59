"""What rules say where their examples say nothing: at the edge of a threshold, of many at once, with an option set."""

from __future__ import annotations

from typing import Any

import pytest

from iaclint import Inventory, Outcome
from iaclint.linting.judge import judge
from iaclint.run.testing import deployment
from tests.builtin_rules import RULES


def said(rule: str, text: str, options: dict[str, Any] | None = None, **inventory: Any) -> list[str]:
    """The messages of failures; "unknown" where it cannot be told."""
    with deployment(text, "terraform") as found:
        assert not found.problems
        verdicts = judge(Inventory((found,), options={rule: options or {}}, **inventory), (RULES[rule],))
    assert not [v.message for v in verdicts if v.outcome is Outcome.ERROR]
    return [
        v.message if v.outcome is Outcome.FAIL else "unknown"
        for v in verdicts
        if v.outcome in (Outcome.FAIL, Outcome.UNKNOWN)
    ]


def group(*ingress: str) -> str:
    blocks = "".join(f"  ingress {{\n    {text}\n  }}\n" for text in ingress)
    return f'variable "v" {{}}\nresource "aws_security_group" "s" {{\n{blocks}}}\n'


def tcp(ports: str, cidrs: str, name: str = "cidr_blocks") -> str:
    low, _, high = ports.partition("-")
    return f'protocol = "tcp"\n    from_port = {low}\n    to_port = {high or low}\n    {name} = [{cidrs}]'


@pytest.mark.parametrize(
    ("cidr", "options", "wide"),
    [
        ("52.1.2.0/24", {}, False),
        ("52.1.2.0/23", {}, True),
        ("52.1.2.0/23", {"max_public_prefix": 23}, False),
        ("10.0.0.0/8", {}, False),
        ("0.0.0.0/0", {}, False),
        ("2600::/48", {}, False),
        ("2600::/47", {}, True),
        ("2600::/47", {"max_public_prefix": 20}, False),
        ("fd00::/8", {}, False),
        ("::/0", {}, False),
    ],
)
def test_wide_public_ranges(cidr: str, options: dict[str, Any], wide: bool) -> None:
    text = group(tcp("8443", f'"{cidr}"', "ipv6_cidr_blocks" if ":" in cidr else "cidr_blocks"))
    wanted = [f"{cidr} is let in, a wide range of public addresses"] if wide else []
    assert said("security-group-wide-public-range", text, options) == wanted


def test_wide_public_ranges_that_are_unknown() -> None:
    assert said("security-group-wide-public-range", group(tcp("8443", "var.v"))) == ["unknown"]
    both = group(tcp("8443", 'var.v, "52.0.0.0/16"'))
    assert said("security-group-wide-public-range", both) == ["52.0.0.0/16 is let in, a wide range of public addresses"]


@pytest.mark.parametrize(
    ("ports", "cidr", "says"),
    [
        ("22", "0.0.0.0/0", ["SSH (tcp 22) is open to the internet (0.0.0.0/0)"]),
        ("20-25", "0.0.0.0/0", ["SSH (tcp 22) is open to the internet (0.0.0.0/0)"]),
        ("22", "0.0.0.0/1", ["SSH (tcp 22) is open to nearly all of the internet (0.0.0.0/1)"]),
        ("22", "52.0.0.0/8", []),
        ("24", "0.0.0.0/0", []),
    ],
)
def test_admin_ports(ports: str, cidr: str, says: list[str]) -> None:
    assert said("security-group-admin-port-open", group(tcp(ports, f'"{cidr}"'))) == says


def test_of_many_services_some_are_named() -> None:
    [message] = said("security-group-admin-port-open", group(tcp("0-65535", '"0.0.0.0/0"')))
    named, _, rest = message.partition(" more services")
    assert named.count("(tcp") == 4 and named.rpartition(" and ")[2].isdigit()
    assert rest == " are open to the internet (0.0.0.0/0)"


def acl(*entries: str) -> str:
    """Entries as "number ports", of one direction and ACL."""
    made = ""
    for place, entry in enumerate(entries):
        number, ports, *more = entry.split()
        low, _, high = ports.partition("-")
        protocol = "-1" if ports == "all" else "6"
        made += (
            f'resource "aws_network_acl_rule" "r{place}" {{\n  network_acl_id = "acl-1"\n  rule_number = {number}\n'
            f'  protocol = "{protocol}"\n  rule_action = "allow"\n  cidr_block = "0.0.0.0/0"\n'
            f"  egress = {'true' if 'out' in more else 'false'}\n"
            + ("" if ports == "all" else f"  from_port = {low}\n  to_port = {high or low}\n")
            + "}\n"
        )
    return made


@pytest.mark.parametrize(
    ("entries", "overlapping"),
    [
        (("100 443", "200 1024-65535"), 0),
        (("100 443", "200 400-500"), 2),
        (("100 443", "200 400-500 out"), 0),
        (("100 443 out", "200 400-500 out"), 2),
        (("100 443", "200 all"), 0),
        (("100 443", "200 all", "300 443"), 2),
        (("100 all", "200 all"), 0),
    ],
)
def test_entries_about_the_same_traffic(entries: tuple[str, ...], overlapping: int) -> None:
    assert len(said("network-acl-overlapping-ports", acl(*entries))) == overlapping


ATTACHED = """
resource "aws_vpc" "v" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_internet_gateway" "g" {
  vpc_id = aws_vpc.v.id
}
"""


def test_intrusions_are_looked_for_somewhere_else() -> None:
    says = ["a network is joined to the internet, and nothing looks for intrusions"]
    assert said("threat-detection-absent", ATTACHED) == says
    assert said("threat-detection-absent", ATTACHED, provided={"guardduty": "the organization has it"}) == []
    assert said("threat-detection-absent", ATTACHED, provided={"cloudtrail": "elsewhere"}) == says


@pytest.mark.parametrize(
    ("days", "minimum", "says"),
    [(365, 365, False), (364, 365, True), (1, 1, False), (0, 365, False)],
)
def test_how_long_logs_are_kept(days: int, minimum: int, says: bool) -> None:
    text = f'resource "aws_cloudwatch_log_group" "l" {{\n  name = "a"\n  retention_in_days = {days}\n}}\n'
    assert bool(said("log-group-retention-short", text, {"min_days": minimum})) is says


@pytest.mark.parametrize(
    ("extra", "ports", "found"),
    [
        ("8000", "8000", True),
        ("8000", "8001", False),
        ("tcp/8000", "8000", True),
        ("udp/8000", "8000", False),
        ("tcp/8000-8010", "8010", True),
        ("tcp/8000-8010", "8011", False),
    ],
)
def test_ports_that_a_config_adds(extra: str, ports: str, found: bool) -> None:
    text = group(tcp(ports, '"0.0.0.0/0"'))
    says = said("security-group-unauthenticated-service-open", text, {"extra_ports": [extra]})
    wanted = [f"a port of extra_ports (tcp {ports}) is open to the internet (0.0.0.0/0)"]
    assert says == (wanted if found else [])


@pytest.mark.parametrize(
    ("ingress", "number"),
    [
        (tcp("8443", '"0.0.0.0/0"'), 1),
        (tcp("443", '"0.0.0.0/0"'), 0),
        (tcp("8443", '"10.0.0.0/8"'), 0),
        ('protocol = "-1"\n    from_port = 0\n    to_port = 0\n    cidr_blocks = ["0.0.0.0/0"]', 0),
        ('protocol = "icmp"\n    from_port = 3\n    to_port = 4\n    cidr_blocks = ["0.0.0.0/0"]', 0),
        ('protocol = "icmp"\n    from_port = 8\n    to_port = 0\n    cidr_blocks = ["0.0.0.0/0"]', 1),
    ],
)
def test_ports_that_nothing_expects(ingress: str, number: int) -> None:
    """All ports at once, and errors of ICMP, are for other rules, or for none."""
    assert len(said("security-group-unexpected-port-open", group(ingress))) == number
