"""Functions of hashes, keys and identities."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from iaclint.terraform.functions.filesystem import file_function
from iaclint.terraform.functions.registry import Context, FunctionError, Functions, Result, V
from iaclint.terraform.functions.values import base64_text, bytes_from_base64, differs_in_every_run, text_from_utf8
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
    from iaclint.terraform.functions import rsa

    try:
        plain = text_from_utf8(rsa.decrypt(bytes_from_base64(text.data), key.data))
    except rsa.RsaError as error:
        raise FunctionError(str(error)) from None
    return plain


@FUNCTIONS.define("uuidv5", STRING, STRING, returns=STRING)
def _uuidv5(context: Context, namespace: V, name: V) -> Result:
    import uuid

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
