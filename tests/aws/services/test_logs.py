"""Amazon CloudWatch Logs."""

from __future__ import annotations

from iaclint.run.testing import deployment, verdicts
from tests.builtin_rules import RULES


def test_a_retention_that_is_too_short_is_named() -> None:
    text = """
    resource "aws_cloudwatch_log_group" "app" {
      retention_in_days = 90
    }
    """
    with deployment(text, "terraform") as found:
        (verdict,) = verdicts(RULES["log-group-retention-short"], found)
    assert verdict.message == "events are kept for 90 days, less than 365"
