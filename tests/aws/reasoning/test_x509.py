"""Certificates in PEM."""

from __future__ import annotations

import base64
import sys
from datetime import UTC, datetime

import pytest

from iaclint.aws.reasoning import x509
from iaclint.model.truth import FALSE, TRUE
from iaclint.model.value import Value
from iaclint.source.files import SourceFile

SHORT = """-----BEGIN CERTIFICATE-----
MIIBnDCCAQWgAwIBAgIBATANBgkqhkiG9w0BAQsFADAUMRIwEAYDVQQDDAlhLmV4
YW1wbGUwHhcNMTAwMTAxMDAwMDAwWhcNMTUwMTAxMDAwMDAwWjAUMRIwEAYDVQQD
DAlhLmV4YW1wbGUwgZ8wDQYJKoZIhvcNAQEBBQADgY0AMIGJAoGBAK2HCIDJMNXG
PxzZ1wS7Yms7kjfIAjAgcBiU2PhbsH+lpllEsk73fv97o5qgKI2KPwVh+2A/1MNn
lR50CcCIlbsLSNs8Py9wvuk+KfWM7IpcqNX4liSn7kHsj0RIHmDH+3wZ5hxocNVz
oENWupHdkIjjsGMRf5cuQuBA8sbfiaspAgMBAAEwDQYJKoZIhvcNAQELBQADgYEA
jrV4osUm3fH9MidS6p9gJYAPyVECnqjbNGIqsBSAXyPIuYbEoRdaKK46FNeKragh
9lq+/046QEsQRzfmYiWVMUpwAsZ0I/AoGO9QWiYAzywSegk9iBtWLkZ2GfZiZgYt
/SGiuSQ1wpOvjeWSr78uSG1WInFtpOX269bZmSqzmpE=
-----END CERTIFICATE-----
"""


def test_the_key_and_the_end_are_read() -> None:
    found = x509.read("-----BEGIN RSA PRIVATE KEY-----\nAA==\n-----END RSA PRIVATE KEY-----\n" + SHORT)
    assert found == x509.Certificate(1024, datetime(2015, 1, 1, tzinfo=UTC))


def test_what_is_no_certificate_is_none() -> None:
    data = base64.b64decode("".join(SHORT.splitlines()[1:-1]))
    assert x509.read("") is None
    assert x509.read(SHORT.replace("M", "!", 1)) is None
    for length in range(0, len(data), 7):
        text = base64.b64encode(data[:length]).decode()
        assert x509.read(f"-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----") is None


def test_a_certificate_is_not_judged_without_the_library_that_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    span = SourceFile("t.tf", "x").whole
    assert x509.test(Value(SHORT, span), lambda certificate: certificate.rsa_bits == 1024) == TRUE
    monkeypatch.setitem(sys.modules, "cryptography", None)
    assert "cryptography is not installed" in x509.test(Value(SHORT, span), lambda _: True).reasons[0].detail
    assert x509.test(Value("no certificate", span), lambda _: True) == FALSE
