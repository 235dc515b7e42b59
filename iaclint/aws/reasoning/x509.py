"""What a certificate in PEM says of its key and its end. Knows just enough of DER for that."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import UTC, datetime

from msgspec import Struct

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.S)
_RSA = bytes.fromhex("2a864886f70d010101")
_UTC_TIME, _VERSION = 0x17, 0xA0


class Certificate(Struct, frozen=True):
    """rsa_bits   the length of its key; 0 where it is not of RSA
    not_after  when it ends
    """

    rsa_bits: int
    not_after: datetime


def read(text: str) -> Certificate | None:
    """The first certificate of a PEM text; None where there is none that can be read.

    The fields are those of RFC 5280, section 4.1.
    """
    match = _PEM.search(text)
    if match is None:
        return None
    try:
        data = base64.b64decode("".join(match[1].split()), validate=True)
        ((_, outer),) = list(_parts(data))[:1]
        fields = list(_parts(next(_parts(outer))[1]))
        if fields[0][0] == _VERSION:
            fields = fields[1:]
        # serial number, signature, issuer, validity, subject, key
        _, (kind, end) = list(_parts(fields[3][1]))
        algorithm, (_, key) = list(_parts(fields[5][1]))
        return Certificate(_rsa_bits(next(_parts(algorithm[1]))[1], key), _moment(kind, end))
    except (ValueError, IndexError, StopIteration, binascii.Error):
        return None


def _rsa_bits(algorithm: bytes, key: bytes) -> int:
    if algorithm != _RSA:
        return 0
    # a bit string without unused bits, which holds the modulus and the exponent
    modulus = next(_parts(next(_parts(key[1:]))[1]))[1]
    return int.from_bytes(modulus).bit_length()


def _moment(kind: int, text: bytes) -> datetime:
    form = "%y%m%d%H%M%SZ" if kind == _UTC_TIME else "%Y%m%d%H%M%SZ"
    return datetime.strptime(text.decode("ascii"), form).replace(tzinfo=UTC)


def _parts(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The tags and contents that follow each other."""
    at = 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            length, at = int.from_bytes(data[at : at + count]), at + count
        if at + length > len(data):
            raise ValueError("it ends too early")
        yield tag, data[at : at + length]
        at += length
