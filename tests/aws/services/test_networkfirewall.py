"""AWS Network Firewall."""

from __future__ import annotations

import pytest

from iaclint.aws.services.networkfirewall import FirewallPolicy
from iaclint.run.testing import deployment

POLICY = """
    resource "aws_networkfirewall_rule_group" "first" {{
      name     = "first"
      type     = "STATEFUL"
      capacity = 10
      rules    = "{first}"
    }}
    resource "aws_networkfirewall_rule_group" "second" {{
      name     = "second"
      type     = "STATEFUL"
      capacity = 10
      rules    = "{second}"
    }}
    resource "aws_networkfirewall_firewall_policy" "p" {{
      name = "p"
      firewall_policy {{
        stateless_default_actions          = ["aws:forward_to_sfe"]
        stateless_fragment_default_actions = ["aws:forward_to_sfe"]
        stateful_default_actions           = [{default}]
        stateful_engine_options {{
          rule_order = "{order}"
        }}
        stateful_rule_group_reference {{
          priority     = 2
          resource_arn = aws_networkfirewall_rule_group.second.arn
        }}
        stateful_rule_group_reference {{
          priority     = 1
          resource_arn = aws_networkfirewall_rule_group.first.arn
        }}
      }}
    }}
"""
DROP, PASS, ALERT = (
    "drop tcp any any -> any 23 (sid:1;)",
    "pass ip any any -> any any (sid:2;)",
    "alert ip any any -> any any (sid:3;)",
)


@pytest.mark.parametrize(
    ("first", "second", "order", "default", "expected"),
    [
        (DROP, ALERT, "DEFAULT_ACTION_ORDER", "", True),
        (DROP, PASS, "DEFAULT_ACTION_ORDER", "", False),
        (DROP, PASS, "STRICT_ORDER", "", True),
        (PASS, DROP, "STRICT_ORDER", "", False),
        (ALERT, ALERT, "STRICT_ORDER", "", False),
        (ALERT, ALERT, "STRICT_ORDER", '"aws:drop_established"', True),
        (PASS, ALERT, "STRICT_ORDER", '"aws:drop_strict"', False),
        (ALERT, ALERT, "STRICT_ORDER", '"aws:alert_strict"', False),
    ],
)
def test_what_a_policy_stops(first: str, second: str, order: str, default: str, expected: bool) -> None:
    with deployment(POLICY.format(first=first, second=second, order=order, default=default), "terraform") as found:
        assert FirewallPolicy.select(found)[0].prevents.value is expected


def test_what_a_group_from_elsewhere_does_is_not_known() -> None:
    text = """
    resource "aws_networkfirewall_firewall_policy" "p" {
      name = "p"
      firewall_policy {
        stateless_default_actions          = ["aws:forward_to_sfe"]
        stateless_fragment_default_actions = ["aws:forward_to_sfe"]
        stateful_rule_group_reference {
          resource_arn = "arn:aws:network-firewall:eu-west-1:111122223333:stateful-rulegroup/own"
        }
      }
    }
    """
    with deployment(text, "terraform") as found:
        policy = FirewallPolicy.select(found)[0]
        assert policy.has_rules.is_true
        assert policy.prevents.value is None
