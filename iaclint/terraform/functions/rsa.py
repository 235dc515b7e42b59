"""RSA decryption with a key in PEM, as `rsadecrypt` does it (PKCS #1 v1.5). For evaluation only: not hardened."""

from __future__ import annotations

import base64
import re


class RsaError(Exception):
    """A key that is not one, or a text that it does not decrypt."""


def _read(data: bytes, at: int) -> tuple[int, bytes, int]:
    """Tag, content and end of a DER element."""
    try:
        tag, size = data[at], data[at + 1]
        at += 2
        if size & 0x80:
            count = size & 0x7F
            size = int.from_bytes(data[at : at + count], "big")
            at += count
    except IndexError:
        raise RsaError("the key cannot be read") from None
    if at + size > len(data):
        raise RsaError("the key cannot be read")
    return tag, data[at : at + size], at + size


def _elements(data: bytes) -> list[tuple[int, bytes]]:
    found: list[tuple[int, bytes]] = []
    at = 0
    while at < len(data):
        tag, content, at = _read(data, at)
        found.append((tag, content))
    return found


def _key(pem: str) -> tuple[int, int]:
    """Modulus and private exponent."""
    match = re.search(r"-----BEGIN (RSA |OPENSSH )?PRIVATE KEY-----(.*?)-----END", pem, re.S)
    if match is None:
        raise RsaError("the key is not an RSA private key in PEM")
    try:
        data = base64.b64decode("".join(match[2].split()), validate=True)
    except ValueError:
        raise RsaError("the key is not base64") from None
    if match[1] == "OPENSSH ":
        return _openssh_key(data)
    parts = _elements(_read(data, 0)[1])
    if match[1] is None:
        # PKCS #8 wraps the key in an octet string
        if len(parts) < 3:
            raise RsaError("the key cannot be read")
        parts = _elements(_read(parts[2][1], 0)[1])
    if len(parts) < 4 or any(tag != 2 for tag, _ in parts[:4]):
        raise RsaError("the key is not an RSA key")
    return int.from_bytes(parts[1][1], "big"), int.from_bytes(parts[3][1], "big")


def _openssh_key(data: bytes) -> tuple[int, int]:
    """Modulus and private exponent of a key in OpenSSH's own form, which must not be encrypted."""
    magic = b"openssh-key-v1\0"
    fields = _strings(data[len(magic) :], 3)
    if not data.startswith(magic) or fields[:2] != [b"none", b"none"]:
        raise RsaError("the key is encrypted, or cannot be read")
    at = len(magic) + sum(4 + len(field) for field in fields) + 4
    private = _strings(data[at:], 2)[1]
    parts = _strings(private[8:], 4)
    if parts[0] != b"ssh-rsa":
        raise RsaError("the key is not an RSA key")
    return int.from_bytes(parts[1], "big"), int.from_bytes(parts[3], "big")


def _strings(data: bytes, count: int) -> list[bytes]:
    """The first strings of a sequence, each behind its length in four bytes."""
    found: list[bytes] = []
    at = 0
    for _ in range(count):
        size = int.from_bytes(data[at : at + 4], "big")
        if at + 4 + size > len(data):
            raise RsaError("the key cannot be read")
        found.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return found


def decrypt(data: bytes, pem: str) -> bytes:
    """The plain bytes. Raises RsaError."""
    modulus, exponent = _key(pem)
    size = (modulus.bit_length() + 7) // 8
    number = int.from_bytes(data, "big")
    if not 512 <= modulus.bit_length() <= 16_384 or number >= modulus or len(data) > size:
        raise RsaError("the text was not encrypted for this key")
    padded = pow(number, exponent, modulus).to_bytes(size, "big")
    end = padded.find(b"\0", 2)
    if not padded.startswith(b"\0\2") or end < 10:
        raise RsaError("the text was not encrypted for this key")
    return padded[end + 1 :]
