"""Private keys and key material."""

from __future__ import annotations

import pytest

from iaclint import Outcome
from tests.builtin_rules import said


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ("module.pair.private_key_pem", Outcome.UNKNOWN),
        ("module.pair.public_key_pem", Outcome.PASS),
        ("var.private_key", Outcome.PASS),
        ('"hello"', Outcome.PASS),
    ],
)
def test_a_module_that_is_not_here_may_make_a_private_key(content: str, wanted: Outcome) -> None:
    text = f"""
    variable "private_key" {{}}
    module "pair" {{
      source = "example/key-pair/aws"
    }}
    resource "local_file" "key" {{
      filename = "key.pem"
      content  = {content}
    }}
    """
    assert said("private-key-in-code", text) is wanted
    text = text.replace("local_file", "aws_iam_server_certificate").replace("content  =", "private_key =")
    assert said("private-key-in-code", text) is (Outcome.FAIL if content == '"hello"' else wanted)
