"""Intrusion prevention is missing or only watches.

A firewall that alerts and lets through tells afterwards how the attack went. What stops it is a stateful rule that
drops or rejects, or a stateful default action that does, in strict order. A stateless rule looks at single packets
and cannot recognise an attack.

Suricata rules are read as far as it takes: the action of each, and whether a `pass` takes all traffic. In the
default order such a pass makes all drops idle, wherever it stands; in strict order those that come after it.
Managed groups drop, unless they are overridden with DROP_TO_ALERT. An allow list of domains drops the others. What
groups that are kept elsewhere do cannot be told.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.networkfirewall.FirewallPolicy,
    severity="medium",
    soc2=["CC6.6", "CC6.8", "CC7.2"],
    cwe=["693"],
    scenery=Example(
        terraform="""
        resource "aws_networkfirewall_firewall_policy" "edge" {
          name = "edge"
          firewall_policy {
            stateless_default_actions          = ["aws:forward_to_sfe"]
            stateless_fragment_default_actions = ["aws:drop"]
            stateful_rule_group_reference { resource_arn = aws_networkfirewall_rule_group.ips.arn }
          }
        }
        """,
        cloudformation="""
        Resources:
          Edge:
            Type: AWS::NetworkFirewall::FirewallPolicy
            Properties:
              FirewallPolicyName: edge
              FirewallPolicy: {StatelessDefaultActions: ["aws:forward_to_sfe"],
                               StatelessFragmentDefaultActions: ["aws:drop"],
                               StatefulRuleGroupReferences: [{ResourceArn: !GetAtt Ips.RuleGroupArn}]}
        """,
    ),
    bad=[
        Example(
            terraform="""
            resource "aws_networkfirewall_firewall_policy" "edge" {
              name = "edge"
              firewall_policy {
                stateless_default_actions          = ["aws:forward_to_sfe"]
                stateless_fragment_default_actions = ["aws:drop"]
                stateful_rule_group_reference {
                  resource_arn = "arn:aws:network-firewall:eu-west-1:aws-managed:stateful-rulegroup/ThreatSignaturesDoS"
                  override { action = "DROP_TO_ALERT" }
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
                        Override: {Action: DROP_TO_ALERT}
            """,
            alone=True,
        ),
        Example(
            terraform="""
            resource "aws_networkfirewall_rule_group" "ips" {
              name     = "ips"
              type     = "STATEFUL"
              capacity = 100
              rule_group {
                rules_source {
                  rules_string = <<-EOT
                    # drop tcp any any -> any 23 (msg:"telnet"; sid:1;)
                    alert tcp any any -> any 23 (msg:"drop telnet one day"; sid:2;)
                    pass tls $HOME_NET any -> any 443 (tls.sni; content:"example.com"; sid:3;)
                  EOT
                }
              }
            }
            """,
            cloudformation="""
            Resources:
              Ips:
                Type: AWS::NetworkFirewall::RuleGroup
                Properties:
                  RuleGroupName: ips
                  Type: STATEFUL
                  Capacity: 100
                  RuleGroup:
                    RulesSource:
                      RulesString: |
                        # drop tcp any any -> any 23 (msg:"telnet"; sid:1;)
                        alert tcp any any -> any 23 (msg:"drop telnet one day"; sid:2;)
                        pass tls $HOME_NET any -> any 443 (tls.sni; content:"example.com"; sid:3;)
            """,
        ),
        Example(
            terraform=r"""
            resource "aws_networkfirewall_rule_group" "ips" {
              name     = "ips"
              type     = "STATEFUL"
              capacity = 100
              rules    = "drop tcp any any -> any 23 (sid:1;)\npass ip any any -> any any (sid:2;)"
            }
            """,
            cloudformation=r"""
            Resources:
              Ips:
                Type: AWS::NetworkFirewall::RuleGroup
                Properties:
                  RuleGroupName: ips
                  Type: STATEFUL
                  Capacity: 100
                  RuleGroup:
                    RulesSource:
                      RulesString: "drop tcp any any -> any 23 (sid:1;)\npass ip any any -> any any (sid:2;)"
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
            alone=True,
        ),
        Example(
            terraform="""
            resource "aws_networkfirewall_rule_group" "ips" {
              name     = "ips"
              type     = "STATEFUL"
              capacity = 100
              rule_group {
                rules_source {
                  stateful_rule {
                    action = "DROP"
                    header {
                      protocol         = "TCP"
                      source           = "ANY"
                      source_port      = "ANY"
                      direction        = "ANY"
                      destination      = "ANY"
                      destination_port = "23"
                    }
                    rule_option {
                      keyword  = "sid"
                      settings = ["1"]
                    }
                  }
                }
                stateful_rule_options { rule_order = "STRICT_ORDER" }
              }
            }

            resource "aws_networkfirewall_firewall_policy" "edge" {
              name = "edge"
              firewall_policy {
                stateless_default_actions          = ["aws:forward_to_sfe"]
                stateless_fragment_default_actions = ["aws:drop"]
                stateful_engine_options { rule_order = "STRICT_ORDER" }
                stateful_rule_group_reference {
                  priority     = 1
                  resource_arn = aws_networkfirewall_rule_group.ips.arn
                }
              }
            }
            """,
            cloudformation="""
            Resources:
              Ips:
                Type: AWS::NetworkFirewall::RuleGroup
                Properties:
                  RuleGroupName: ips
                  Type: STATEFUL
                  Capacity: 100
                  RuleGroup:
                    RulesSource:
                      StatefulRules:
                        - Action: DROP
                          Header: {Protocol: TCP, Source: ANY, SourcePort: ANY, Direction: ANY, Destination: ANY,
                                   DestinationPort: "23"}
                          RuleOptions: [{Keyword: sid, Settings: ["1"]}]
                    StatefulRuleOptions: {RuleOrder: STRICT_ORDER}
              Edge:
                Type: AWS::NetworkFirewall::FirewallPolicy
                Properties:
                  FirewallPolicyName: edge
                  FirewallPolicy:
                    StatelessDefaultActions: ["aws:forward_to_sfe"]
                    StatelessFragmentDefaultActions: ["aws:drop"]
                    StatefulEngineOptions: {RuleOrder: STRICT_ORDER}
                    StatefulRuleGroupReferences: [{Priority: 1, ResourceArn: !GetAtt Ips.RuleGroupArn}]
            """,
            alone=True,
        ),
    ],
)
def network_firewall_ips_alert_only(policy: aws.networkfirewall.FirewallPolicy) -> Iterator[Finding]:
    if policy.prevents:
        return
    override = next(iter(policy.alert_overrides), None)
    if not policy.stateful_groups:
        yield Finding("the policy has no stateful rules, so nothing recognises an attack", at=policy)
    elif override is not None:
        yield Finding("the rules that would drop attacks are turned into alerts", at=override)
    else:
        yield Finding("no stateful rule of the policy stops anything", at=policy.stateful_groups[0])
