"""What would expand without end stops with a Problem, soon and small."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path

import pytest

from tests.terraform.support import load, messages

CHAINS = "\n".join(
    f"l{n} = [local.l{n - 1}, local.l{n - 1}]\n"
    f's{n} = "${{local.s{n - 1}}}${{local.s{n - 1}}}"\n'
    f"c{n} = concat(local.c{n - 1}, local.c{n - 1})\n"
    f"m{n} = {{ a = local.m{n - 1}, b = local.m{n - 1} }}"
    for n in range(1, 40)
)

BOMBS = {
    "range": ("range(0, 1000000000)", "1024"),
    "product": ("setproduct(range(1000), range(1000), range(1000))", "too many"),
    "loops": ("[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : 1]]]", "too many"),
    "pad": ('format("%1000000000d", 1)', "too large"),
    "indent": ('indent(10000, join("\\n", range(1000)))', "too long"),
    "power": ("pow(10, 1000000)", "pow"),
    "json": ('jsondecode(join("", [for i in range(1000) : "[[[[[[[["]))', ""),
    "self": ("local.x", "refers to itself"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_single_expressions(tmp_path: Path, name: str) -> None:
    expression, part = BOMBS[name]
    found = messages(load(tmp_path, f"locals {{\n  x = {expression}\n  y = 1\n}}\n"))
    assert len(found) >= 1
    assert part in found[0]


def test_values_that_double(tmp_path: Path) -> None:
    text = f'locals {{\nl0 = ["x"]\ns0 = "xxxxxxxx"\nc0 = [1]\nm0 = {{}}\n{CHAINS}\n}}\n'
    resource = 'resource "aws_x" "y" {\n  a = local.l39\n  b = local.s39\n  c = local.c39\n  d = local.m39\n}\n'
    found = messages(load(tmp_path, text + resource))
    assert any("too many parts" in message for message in found)
    assert any("too long" in message for message in found)


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("^(a+)+$", "a" * 60 + "b", False),
        ("^(a+)+$", "a" * 60, True),
        ("^([a-z0-9]+-?)+$", "a-fine-name-for-a-bucket-that-is-long-enough", True),
        ("(x+x+)+y", "x" * 40, False),
        ("(a|b|ab)*c", "ab" * 400, False),
    ],
)
def test_patterns_that_explode_elsewhere(tmp_path: Path, pattern: str, text: str, matches: bool) -> None:
    deployment = load(tmp_path, f'output "x" {{\n  value = can(regex("{pattern}", "{text}"))\n}}\n')
    assert deployment.outputs["x"].data is matches


def test_instances_are_capped(tmp_path: Path) -> None:
    deployment = load(tmp_path, 'resource "aws_x" "y" {\n  count = 1000000000\n}\n')
    assert 1_000 < len(deployment.resources) < 50_000
    assert "only" in messages(deployment)[0]


def test_long_chains_of_references(tmp_path: Path) -> None:
    chain = "\n".join(f"l{n} = local.l{n - 1}" for n in range(1, 2_000))
    resource = 'resource "aws_x" "y" {\n  near = local.l100\n  far  = local.l1999\n}\n'
    deployment = load(tmp_path, f"locals {{\nl0 = 1\n{chain}\n}}\n{resource}")
    assert deployment.by_address["aws_x.y"].attribute("near").data == 1
    assert any("chain of references" in message for message in messages(deployment))


def test_ten_thousand_instances_stay_small(tmp_path: Path) -> None:
    tracemalloc.start()
    try:
        deployment = load(
            tmp_path,
            """
            locals {
              tags = { a = "b" }
            }

            resource "aws_subnet" "s" {
              count      = 10000
              cidr_block = cidrsubnet("10.0.0.0/8", 16, count.index)
              tags       = merge(local.tags, { n = count.index })
              vpc_id     = aws_vpc.v.id
            }

            resource "aws_vpc" "v" {
              cidr_block = "10.0.0.0/8"
            }
            """,
        )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(deployment.resources) == 10_001
    assert deployment.by_address["aws_subnet.s[9999]"].attribute("cidr_block").data == "10.39.15.0/24"
    assert peak < 300_000_000


def test_modules_that_multiply(tmp_path: Path) -> None:
    files = {
        f"{'m/' * depth}main.tf": "".join(f'module "m{n}" {{\n  source = "./m"\n  count = 10\n}}\n' for n in range(10))
        for depth in range(6)
    }
    files["m/m/m/m/m/m/main.tf"] = 'resource "aws_x" "y" {}\n'
    start = time.monotonic()
    deployment = load(tmp_path, files)
    assert any("modules" in message for message in messages(deployment))
    assert time.monotonic() - start < 60
