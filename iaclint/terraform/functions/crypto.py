"""Functions of hashes, keys and identities."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable

from iaclint.terraform.functions.filesystem import file_function
from iaclint.terraform.functions.registry import Context, FunctionError, Functions, Result, V
from iaclint.terraform.functions.values import base64_text, bytes_from_base64, differs_in_every_run, text_from_utf8
from iaclint.terraform.lang.errors import MissingPackage
from iaclint.terraform.lang.types import NUMBER, STRING

FUNCTIONS = Functions()


def _hash(algorithm: str) -> Callable[[bytes], bytes]:
    return lambda data: hashlib.new(algorithm, data, usedforsecurity=False).digest()


def _hex_hash(algorithm: str) -> Callable[[bytes], str]:
    digest = _hash(algorithm)
    return lambda data: digest(data).hex()


def _base64_hash(algorithm: str) -> Callable[[bytes], str]:
    digest = _hash(algorithm)
    return lambda data: base64_text(digest(data))


def _text_function(make: Callable[[bytes], str]) -> Callable[..., Result]:
    """Return a function of a text whose result `make` works out from the text's bytes in UTF-8."""

    def run(context: Context, text: V) -> Result:
        return make(text.data.encode("utf-8", "surrogatepass"))

    return run


FUNCTIONS.define("md5", STRING, returns=STRING)(_text_function(_hex_hash("md5")))
FUNCTIONS.define("sha1", STRING, returns=STRING)(_text_function(_hex_hash("sha1")))
FUNCTIONS.define("sha256", STRING, returns=STRING)(_text_function(_hex_hash("sha256")))
FUNCTIONS.define("sha512", STRING, returns=STRING)(_text_function(_hex_hash("sha512")))
FUNCTIONS.define("base64sha256", STRING, returns=STRING)(_text_function(_base64_hash("sha256")))
FUNCTIONS.define("base64sha512", STRING, returns=STRING)(_text_function(_base64_hash("sha512")))
FUNCTIONS.define("filemd5", STRING, returns=STRING)(file_function(_hex_hash("md5")))
FUNCTIONS.define("filesha1", STRING, returns=STRING)(file_function(_hex_hash("sha1")))
FUNCTIONS.define("filesha256", STRING, returns=STRING)(file_function(_hex_hash("sha256")))
FUNCTIONS.define("filesha512", STRING, returns=STRING)(file_function(_hex_hash("sha512")))
FUNCTIONS.define("filebase64sha256", STRING, returns=STRING)(file_function(_base64_hash("sha256")))
FUNCTIONS.define("filebase64sha512", STRING, returns=STRING)(file_function(_base64_hash("sha512")))
FUNCTIONS.define("uuid", returns=STRING, unknown="own")(differs_in_every_run("uuid"))
FUNCTIONS.define("bcrypt", STRING, NUMBER, optional=1, returns=STRING, unknown="own")(differs_in_every_run("bcrypt"))


@FUNCTIONS.define("rsadecrypt", STRING, STRING, returns=STRING)
def _rsadecrypt(context: Context, text: V, key: V) -> Result:
    return text_from_utf8(_decrypted(bytes_from_base64(text.data), *_rsa_key(key.data)))


def _rsa_key(pem: str) -> tuple[int, int]:
    """Return modulus and private exponent of a private key in PEM or in the form of OpenSSH.

    Raises FunctionError, and MissingPackage if cryptography is not installed.
    """
    try:
        # loading cryptography takes some 40 ms: only a run that meets a key pays for it
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key
    except ImportError:
        raise MissingPackage("cryptography") from None
    load = load_ssh_private_key if "BEGIN OPENSSH PRIVATE KEY" in pem else load_pem_private_key
    try:
        key = load(pem.strip().encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # a TypeError is a key that is encrypted
        raise FunctionError("the key is encrypted, or is not an RSA private key in PEM") from None
    if not isinstance(key, RSAPrivateKey):
        raise FunctionError("the key is not an RSA key")
    numbers = key.private_numbers()
    return numbers.public_numbers.n, numbers.d


def _decrypted(data: bytes, modulus: int, exponent: int) -> bytes:
    """Return the plain text of bytes encrypted with RSA and padded as in PKCS #1 version 1.5. Raises FunctionError.

    RSAPrivateKey.decrypt gives other bytes, and no error, for what was not encrypted with the key: it hides from an
    attacker whether the padding is right. Here the padding has to tell, and nothing is secret.
    """
    size = (modulus.bit_length() + 7) // 8
    number = int.from_bytes(data, "big")
    padded = pow(number, exponent, modulus).to_bytes(size, "big") if number < modulus else b""
    end = padded.find(b"\0", 2)
    if len(data) > size or not padded.startswith(b"\0\2") or end < 10:
        raise FunctionError("the text was not encrypted for this key")
    return padded[end + 1 :]


@FUNCTIONS.define("uuidv5", STRING, STRING, returns=STRING)
def _uuidv5(context: Context, namespace: V, name: V) -> Result:
    spaces = {
        "dns": uuid.NAMESPACE_DNS,
        "url": uuid.NAMESPACE_URL,
        "oid": uuid.NAMESPACE_OID,
        "x500": uuid.NAMESPACE_X500,
    }
    try:
        space = spaces.get(namespace.data) or uuid.UUID(namespace.data)
    except ValueError:
        raise FunctionError(f'"{namespace.data}" is not a namespace') from None
    return str(uuid.uuid5(space, name.data))
