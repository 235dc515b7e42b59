"""Firewall policy passes what no rule matched.

The default actions decide about every packet that no stateless rule names. With aws:pass such packets go through
without the stateful engine ever seeing them, so the firewall is there and inspects nothing. Full and fragmented
packets have a default of their own, and each is reported.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Undecided, aws, rule


@rule(
    on=aws.networkfirewall.FirewallPolicy,
    severity="high",
    soc2=["CC6.6", "CC6.8"],
    cwe=["1188"],
    bad=[
        Example(
            terraform="""
            resource "aws_networkfirewall_firewall_policy" "edge" {
              firewall_policy {
                stateless_default_actions          = ["aws:forward_to_sfe"]
                stateless_fragment_default_actions = ["aws:pass"]
              }
            }
            """,
            cloudformation="""
            Resources:
              Edge:
                Type: AWS::NetworkFirewall::FirewallPolicy
                Properties:
                  FirewallPolicy:
                    StatelessDefaultActions: ["aws:forward_to_sfe"]
                    StatelessFragmentDefaultActions: ["aws:pass"]
            """,
        ),
        Example(
            terraform="""
            resource "aws_networkfirewall_firewall_policy" "edge" {
              firewall_policy {
                stateless_default_actions          = ["aws:pass"]
                stateless_fragment_default_actions = ["aws:drop"]
              }
            }
            """,
            cloudformation="""
            Resources:
              Edge:
                Type: AWS::NetworkFirewall::FirewallPolicy
                Properties:
                  FirewallPolicy:
                    StatelessDefaultActions: ["aws:pass"]
                    StatelessFragmentDefaultActions: ["aws:drop"]
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_networkfirewall_firewall_policy" "edge" {
              firewall_policy {
                stateless_default_actions          = ["aws:drop", "count"]
                stateless_fragment_default_actions = ["aws:forward_to_sfe"]
                stateless_custom_action {
                  action_name = "count"
                  action_definition {
                    publish_metric_action {
                      dimension { value = "dropped" }
                    }
                  }
                }
              }
            }

            resource "aws_networkfirewall_firewall_policy" "inner" {
              firewall_policy {
                stateless_default_actions          = ["aws:forward_to_sfe"]
                stateless_fragment_default_actions = ["aws:drop"]
              }
            }
            """,
            cloudformation="""
            Resources:
              Edge:
                Type: AWS::NetworkFirewall::FirewallPolicy
                Properties:
                  FirewallPolicy:
                    StatelessDefaultActions: ["aws:drop", count]
                    StatelessFragmentDefaultActions: ["aws:forward_to_sfe"]
                    StatelessCustomActions:
                      - {ActionName: count, ActionDefinition: {PublishMetricAction: {Dimensions: [{Value: dropped}]}}}
              Inner:
                Type: AWS::NetworkFirewall::FirewallPolicy
                Properties:
                  FirewallPolicy:
                    StatelessDefaultActions: ["aws:forward_to_sfe"]
                    StatelessFragmentDefaultActions: ["aws:drop"]
            """,
        ),
    ],
)
def network_firewall_default_pass(policy: aws.networkfirewall.FirewallPolicy) -> Iterator[Finding | Undecided]:
    for actions, packets in (
        (policy.stateless_default, "packets"),
        (policy.stateless_fragment_default, "fragmented packets"),
    ):
        passing = actions.items().where(lambda action: action.is_("aws:pass"))
        for action in passing.items[:1]:
            yield Finding(
                f"{packets} that no rule matches pass without inspection",
                at=action,
                fix=action.set("aws:forward_to_sfe", "hand them to the stateful rules"),
            )
        yield Undecided(passing.exists())
