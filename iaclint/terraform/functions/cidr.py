"""Functions of networks: cidrhost, cidrsubnet and the others."""

from __future__ import annotations

from typing import Any

from iaclint.model.unknowns import derive, merge, unknown_parts
from iaclint.terraform.functions.registry import Context, FunctionError, Functions, Result, V
from iaclint.terraform.functions.values import new_elements
from iaclint.terraform.lang.types import NUMBER, STRING, ListType

FUNCTIONS = Functions()


def _network(text: str) -> tuple[int, int, int]:
    """Address, prefix length and size in bits of a CIDR block."""
    address, slash, length = text.partition("/")
    bits = 128 if ":" in address else 32
    if not slash or not length.isdigit() or int(length) > bits:
        raise FunctionError(f'"{text}" is not a CIDR block')
    return _address(address, text), int(length), bits


def _address(text: str, whole: str) -> int:
    if ":" in text:
        import ipaddress

        try:
            return int(ipaddress.IPv6Address(text))
        except ValueError:
            raise FunctionError(f'"{whole}" is not a CIDR block') from None
    parts = text.split(".")
    # leading zeros are decimal, as Terraform has always read them
    if len(parts) != 4 or not all(p.isascii() and p.isdigit() and len(p) <= 5 and int(p) < 256 for p in parts):
        raise FunctionError(f'"{whole}" is not a CIDR block')
    total = 0
    for part in parts:
        total = total * 256 + int(part)
    return total


def _address_text(address: int, bits: int) -> str:
    if bits == 32:
        return ".".join(str(address >> shift & 255) for shift in (24, 16, 8, 0))
    import ipaddress

    found = ipaddress.IPv6Address(address)
    return str(found.ipv4_mapped or found)


def _block_text(address: int, length: int, bits: int) -> str:
    text = _address_text(address, bits)
    # an IPv4 address in IPv6 form is shown as what it is
    return f"{text}/{length - 96 if bits == 128 and ':' not in text and length >= 96 else length}"


def _subnet(address: int, length: int, bits: int, new: Any, number: Any) -> tuple[int, int]:
    if not isinstance(new, int) or not isinstance(number, int) or new < 0:
        raise FunctionError("whole numbers are required")
    if length + new > bits:
        raise FunctionError(f"a prefix of {length} bits cannot be extended by {new}")
    if number < 0 or number >= 1 << new:
        raise FunctionError(f"{new} bits do not hold the network number {number}")
    mask = ((1 << length) - 1) << (bits - length)
    return (address & mask) | number << (bits - length - new), length + new


@FUNCTIONS.define("cidrsubnet", STRING, NUMBER, NUMBER, returns=STRING)
def _cidrsubnet(context: Context, block: V, new: V, number: V) -> Result:
    address, length, bits = _network(block.data)
    found, size = _subnet(address, length, bits, new.data, number.data)
    return _block_text(found, size, bits)


@FUNCTIONS.define("cidrsubnets", STRING, rest=NUMBER, unknown="own")
def _cidrsubnets(context: Context, block: V, *news: V) -> Result:
    operands = (block, *news)
    if unknown_parts(operands):
        # one block for each number, whatever they are
        context.env.scope.budget.spend(len(news), context.span)
        blocks = tuple(merge(context.span, operands, STRING) for _ in news)
        return derive(context.span, operands, blocks, ListType(STRING))
    address, length, bits = _network(block.data)
    mask = ((1 << length) - 1) << (bits - length)
    start = address & mask
    following = start
    end = start + (1 << (bits - length))
    found: list[str] = []
    for new in news:
        if not isinstance(new.data, int) or new.data < 1:
            raise FunctionError("each prefix must be extended by at least one bit")
        size = length + new.data
        if size > bits:
            raise FunctionError(f"a prefix of {length} bits cannot be extended by {new.data}")
        step = 1 << (bits - size)
        following = (following + step - 1) // step * step
        if following + step > end:
            raise FunctionError("the block has not enough room")
        found.append(_block_text(following, size, bits))
        following += step
    return derive(context.span, (block, *news), new_elements(context, found), ListType(STRING))


@FUNCTIONS.define("cidrhost", STRING, NUMBER, returns=STRING)
def _cidrhost(context: Context, block: V, number: V) -> Result:
    address, length, bits = _network(block.data)
    room = 1 << (bits - length)
    if not isinstance(number.data, int):
        raise FunctionError("the host number must be whole")
    at = number.data if number.data >= 0 else room + number.data
    if not 0 <= at < room:
        raise FunctionError(f"the block has no host number {number.data}")
    return _address_text((address & ~(room - 1)) | at, bits)


@FUNCTIONS.define("cidrnetmask", STRING, returns=STRING)
def _cidrnetmask(context: Context, block: V) -> Result:
    _, length, bits = _network(block.data)
    if bits != 32:
        raise FunctionError("an IPv6 block has no netmask")
    return _address_text(((1 << length) - 1) << (32 - length), 32)
