"""rsadecrypt with keys in all forms, and without the package that reads them."""

from __future__ import annotations

import base64
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from iaclint.model.value import Unknown
from tests.terraform.support import evaluated, load, messages

KEY = rsa.generate_private_key(65537, 2048)
OTHER = rsa.generate_private_key(65537, 2048)
CIPHER = base64.b64encode(KEY.public_key().encrypt("grüß".encode(), padding.PKCS1v15())).decode()
NO_SECRET = NoEncryption()


def expression(key: PrivateKeyTypes, form: PrivateFormat, secret: NoEncryption | BestAvailableEncryption) -> str:
    text = key.private_bytes(Encoding.PEM, form, secret).decode()
    return f'rsadecrypt("{CIPHER}", <<EOT\n{text}EOT\n)'


@pytest.mark.parametrize("form", [PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8, PrivateFormat.OpenSSH])
def test_keys_in_all_forms(form: PrivateFormat, tmp_path: Path) -> None:
    assert evaluated(tmp_path, expression(KEY, form, NO_SECRET)) == "grüß"


@pytest.mark.parametrize(
    ("key", "secret", "part"),
    [
        # a padding that is right by chance gives bytes that are no text
        (OTHER, NO_SECRET, "not "),
        (KEY, BestAvailableEncryption(b"secret"), "the key is encrypted"),
        (ec.generate_private_key(ec.SECP256R1()), NO_SECRET, "not an RSA key"),
    ],
)
def test_what_is_refused(
    key: PrivateKeyTypes, secret: NoEncryption | BestAvailableEncryption, part: str, tmp_path: Path
) -> None:
    text = expression(key, PrivateFormat.PKCS8, secret)
    found = messages(load(tmp_path, f'output "x" {{\n  value = {text}\n}}\n'))
    assert [part in message for message in found] == [True], found


def test_without_the_package_the_result_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "cryptography"]:
        monkeypatch.setitem(sys.modules, name, None)
    text = 'rsadecrypt("YQ==", "key")'
    found = load(tmp_path, f'output "x" {{\n  value = {text}\n}}\n').outputs["x"].data
    assert isinstance(found, Unknown)
    assert found.detail == "rsadecrypt() needs the package cryptography, which is not installed"
