"""Functions of blocks of IP addresses: cidrhost, cidrnetmask, cidrsubnet and cidrsubnets."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import TypeAlias

from iaclint.model.unknowns import derive, merge, unknown_parts
from iaclint.terraform.functions.registry import Context, FunctionError, Functions, Result, V
from iaclint.terraform.functions.values import new_elements
from iaclint.terraform.lang.types import NUMBER, STRING, ListType

FUNCTIONS = Functions()

Network: TypeAlias = IPv4Network | IPv6Network


@FUNCTIONS.define("cidrhost", STRING, NUMBER, returns=STRING)
def _cidrhost(context: Context, block: V, number: V) -> Result:
    network = _read_block(block.data)
    if not isinstance(number.data, int):
        raise FunctionError("the host number must be whole")
    index = number.data if number.data >= 0 else network.num_addresses + number.data
    if not 0 <= index < network.num_addresses:
        raise FunctionError(f"the block has no host number {number.data}")
    return _address_text(network.network_address + index)


@FUNCTIONS.define("cidrnetmask", STRING, returns=STRING)
def _cidrnetmask(context: Context, block: V) -> Result:
    network = _read_block(block.data)
    if network.version != 4:
        raise FunctionError("an IPv6 block has no netmask")
    return str(network.netmask)


@FUNCTIONS.define("cidrsubnet", STRING, NUMBER, NUMBER, returns=STRING)
def _cidrsubnet(context: Context, block: V, new_bits: V, number: V) -> Result:
    network, new, index = _read_block(block.data), new_bits.data, number.data
    if not isinstance(new, int) or not isinstance(index, int) or new < 0:
        raise FunctionError("whole numbers are required")
    length = network.prefixlen + new
    if length > network.max_prefixlen:
        raise FunctionError(f"a prefix of {network.prefixlen} bits cannot be extended by {new}")
    if not 0 <= index < 1 << new:
        raise FunctionError(f"{new} bits do not hold the network number {index}")
    start = int(network.network_address) | index << (network.max_prefixlen - length)
    return _block_text(_block_at(network, start, length))


@FUNCTIONS.define("cidrsubnets", STRING, rest=NUMBER, unknown="own")
def _cidrsubnets(context: Context, block: V, *new_bits: V) -> Result:
    operands = (block, *new_bits)
    if unknown_parts(operands):
        # one block for each number, whatever they are
        context.env.scope.budget.spend(len(new_bits), context.span)
        blocks = tuple(merge(context.span, operands, STRING) for _ in new_bits)
        return derive(context.span, operands, blocks, ListType(STRING))
    network = _read_block(block.data)
    free = int(network.network_address)
    end = free + network.num_addresses
    found: list[str] = []
    for new in new_bits:
        if not isinstance(new.data, int) or new.data < 1:
            raise FunctionError("each prefix must be extended by at least one bit")
        length = network.prefixlen + new.data
        if length > network.max_prefixlen:
            raise FunctionError(f"a prefix of {network.prefixlen} bits cannot be extended by {new.data}")
        size = 1 << (network.max_prefixlen - length)
        start = (free + size - 1) // size * size  # the next address at which a block of this size may begin
        if start + size > end:
            raise FunctionError("the block has not enough room")
        found.append(_block_text(_block_at(network, start, length)))
        free = start + size
    return derive(context.span, operands, new_elements(context, found), ListType(STRING))


def _read_block(text: str) -> Network:
    """Return the block of a text such as "10.0.0.0/8"; bits of a host are taken away. Raises FunctionError."""
    address, _, length = text.partition("/")
    try:
        if not length.isdigit():
            raise ValueError  # a netmask
        if ":" in address:
            return IPv6Network((address, int(length)), strict=False)
        # Terraform reads leading zeros, which ipaddress refuses, and a number with them is decimal
        parts = [part.lstrip("0") or part[-1:] for part in address.split(".")]
        return IPv4Network((".".join(parts), int(length)), strict=False)
    except ValueError:
        raise FunctionError(f'"{text}" is not a CIDR block') from None


def _block_at(network: Network, start: int, length: int) -> Network:
    """Return the block of the same version of IP with a first address and a prefix length."""
    return IPv4Network((start, length)) if isinstance(network, IPv4Network) else IPv6Network((start, length))


def _address_text(address: IPv4Address | IPv6Address) -> str:
    """Return an address as Go writes it: an IPv4 address in the form of IPv6 is shown as what it is."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


def _block_text(network: Network) -> str:
    text = _address_text(network.network_address)
    mapped = network.version == 6 and ":" not in text and network.prefixlen >= 96
    return f"{text}/{network.prefixlen - 96 if mapped else network.prefixlen}"
