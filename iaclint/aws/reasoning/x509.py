"""The key and the expiry date of a certificate in PEM."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from datetime import datetime
from typing import Any

from msgspec import Struct

from iaclint.model.truth import Reason, Truth
from iaclint.model.value import Value

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.S)


class Certificate(Struct, frozen=True):
    """What rules ask of a certificate.

    rsa_bits   the length of its RSA key in bits; 0 for a key of another kind
    not_after  when it expires
    """

    rsa_bits: int
    not_after: datetime


def read(text: str) -> Certificate | None:
    """Return the first certificate of a PEM text; None if there is none or it is malformed.

    Raises ImportError if there is one and the package cryptography, which reads it, is not installed.
    """
    found = _PEM.search(text)
    if found is None:
        return None
    # loading cryptography takes some 50 ms: only a run that meets a certificate pays for it
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about serial numbers and other parts that no rule reads
            certificate = x509.load_pem_x509_certificate(found[0].encode())
            not_after = certificate.not_valid_after_utc
    except ValueError:
        return None
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return Certificate(0, not_after)
    return Certificate(key.key_size if isinstance(key, RSAPublicKey) else 0, not_after)


def test(text: Value[Any], predicate: Callable[[Certificate], bool]) -> Truth:
    """Return True if a text holds a certificate that satisfies the predicate.

    Undecided if the text is unknown, or if it holds a certificate and cryptography is not installed.
    """

    def holds(data: object) -> bool:
        found = read(str(data))
        return found is not None and predicate(found)

    try:
        return text.test(holds)
    except ImportError:
        return Truth.undecided(Reason("the certificate is not read: package cryptography is not installed", text.span))
