"""Amazon Redshift."""

from __future__ import annotations

from iaclint import Outcome
from tests.builtin_rules import said


def test_a_warehouse_that_says_nothing_hangs_on_the_provider() -> None:
    text = """
    resource "aws_redshift_cluster" "sales" {
      cluster_identifier = "sales"
    }
    """
    assert said("redshift-publicly-accessible", text) is Outcome.UNKNOWN
