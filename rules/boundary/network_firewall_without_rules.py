"""Firewall policy has no rules to apply.

A policy without a rule group, or with groups that are empty, leaves the firewall with its default actions: it
passes or drops everything alike and detects nothing.

Groups that AWS manages count as rules, and so do groups that are kept elsewhere. A rule text of nothing but
comments is empty. The managed threat signature groups are a good start: they need no upkeep.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Step, aws, rule


@rule(
    on=aws.networkfirewall.FirewallPolicy,
    severity="high",
    soc2=["CC6.6", "CC7.2"],
    cwe=["693"],
    bad=[
        Example(
            terraform="""
            resource "aws_networkfirewall_firewall_policy" "edge" {
              name = "edge"
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
                  FirewallPolicyName: edge
                  FirewallPolicy:
                    StatelessDefaultActions: ["aws:forward_to_sfe"]
                    StatelessFragmentDefaultActions: ["aws:drop"]
            """,
        ),
        Example(
            terraform="""
            resource "aws_networkfirewall_rule_group" "empty" {
              name     = "empty"
              type     = "STATEFUL"
              capacity = 100
              rules    = "# nothing yet"
            }

            resource "aws_networkfirewall_firewall_policy" "edge" {
              name = "edge"
              firewall_policy {
                stateless_default_actions          = ["aws:forward_to_sfe"]
                stateless_fragment_default_actions = ["aws:drop"]
                stateful_rule_group_reference { resource_arn = aws_networkfirewall_rule_group.empty.arn }
              }
            }
            """,
            cloudformation="""
            Resources:
              Empty:
                Type: AWS::NetworkFirewall::RuleGroup
                Properties: {RuleGroupName: empty, Type: STATEFUL, Capacity: 100,
                             RuleGroup: {RulesSource: {RulesString: "# nothing yet"}}}
              Edge:
                Type: AWS::NetworkFirewall::FirewallPolicy
                Properties:
                  FirewallPolicyName: edge
                  FirewallPolicy: {StatelessDefaultActions: ["aws:forward_to_sfe"],
                                   StatelessFragmentDefaultActions: ["aws:drop"],
                                   StatefulRuleGroupReferences: [{ResourceArn: !Ref Empty}]}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_networkfirewall_firewall_policy" "edge" {
              name = "edge"
              firewall_policy {
                stateless_default_actions          = ["aws:forward_to_sfe"]
                stateless_fragment_default_actions = ["aws:drop"]
                stateful_rule_group_reference {
                  resource_arn = "arn:aws:network-firewall:eu-west-1:aws-managed:stateful-rulegroup/ThreatSignaturesDoS"
                }
              }
            }
            """,
            cloudformation="""
            Resources:
              Edge:
                Type: AWS::NetworkFirewall::FirewallPolicy
                Properties:
                  FirewallPolicyName: edge
                  FirewallPolicy:
                    StatelessDefaultActions: ["aws:forward_to_sfe"]
                    StatelessFragmentDefaultActions: ["aws:drop"]
                    StatefulRuleGroupReferences:
                      - ResourceArn:
                          arn:aws:network-firewall:eu-west-1:aws-managed:stateful-rulegroup/ThreatSignaturesDoS
            """,
        ),
        Example(
            terraform="""
            resource "aws_networkfirewall_rule_group" "domains" {
              name     = "domains"
              type     = "STATEFUL"
              capacity = 100
              rule_group {
                rules_source {
                  rules_source_list {
                    generated_rules_type = "ALLOWLIST"
                    target_types         = ["TLS_SNI"]
                    targets              = [".example.com"]
                  }
                }
              }
            }

            resource "aws_networkfirewall_firewall_policy" "edge" {
              name = "edge"
              firewall_policy {
                stateless_default_actions          = ["aws:forward_to_sfe"]
                stateless_fragment_default_actions = ["aws:drop"]
                stateful_rule_group_reference { resource_arn = aws_networkfirewall_rule_group.domains.arn }
              }
            }
            """,
            cloudformation="""
            Resources:
              Domains:
                Type: AWS::NetworkFirewall::RuleGroup
                Properties:
                  RuleGroupName: domains
                  Type: STATEFUL
                  Capacity: 100
                  RuleGroup:
                    RulesSource:
                      RulesSourceList: {GeneratedRulesType: ALLOWLIST, TargetTypes: [TLS_SNI], Targets: [.example.com]}
              Edge:
                Type: AWS::NetworkFirewall::FirewallPolicy
                Properties:
                  FirewallPolicyName: edge
                  FirewallPolicy: {StatelessDefaultActions: ["aws:forward_to_sfe"],
                                   StatelessFragmentDefaultActions: ["aws:drop"],
                                   StatefulRuleGroupReferences: [{ResourceArn: !GetAtt Domains.RuleGroupArn}]}
            """,
        ),
    ],
)
def network_firewall_without_rules(policy: aws.networkfirewall.FirewallPolicy) -> Iterator[Finding]:
    if ~policy.has_rules:
        references = (*policy.stateless_groups, *policy.stateful_groups)
        empty = [group for reference in references for group in reference.groups.items]
        yield Finding(
            "every rule group of the policy is empty" if references else "the policy uses no rule group",
            at=references[0] if references else policy,
            related=tuple(Step(group.header, f"{group.address} holds no rule") for group in empty[:5]),
        )
