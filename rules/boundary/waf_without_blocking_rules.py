"""Web ACL exists but blocks nothing.

A web ACL that lets everything through by default and only counts what its rules match is a meter, not a wall. It
is often left so after a trial, while everybody believes the site to be protected.

A rule stops requests if it blocks, asks for a captcha or a challenge, or leaves a group of rules to its own
actions. A web ACL that blocks by default passes. A group of rules that is meant for several web ACLs is judged in
the same way.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Truth, aws, rule


@rule(
    on=aws.waf.RuleSet,
    severity="medium",
    soc2=["CC6.6", "CC6.8"],
    cwe=["693"],
    applies=lambda holder: holder.allows_by_default | Truth.of(holder.is_group),
    bad=[
        Example(
            terraform="""
            resource "aws_wafv2_web_acl" "site" {
              name  = "site"
              scope = "REGIONAL"
              default_action {
                allow {}
              }
              rule {
                name     = "common"
                priority = 1
                override_action {
                  count {}
                }
                statement {
                  managed_rule_group_statement {
                    name        = "AWSManagedRulesCommonRuleSet"
                    vendor_name = "AWS"
                  }
                }
              }
            }
            """,
            cloudformation="""
            Resources:
              Site:
                Type: AWS::WAFv2::WebACL
                Properties:
                  Name: site
                  Scope: REGIONAL
                  DefaultAction: {Allow: {}}
                  Rules:
                    - {Name: common, Priority: 1, OverrideAction: {Count: {}},
                       Statement: {ManagedRuleGroupStatement: {Name: AWSManagedRulesCommonRuleSet, VendorName: AWS}}}
            """,
        ),
        Example(
            terraform="""
            resource "aws_wafregional_web_acl" "site" {
              name        = "site"
              metric_name = "site"
              default_action { type = "ALLOW" }
            }

            resource "aws_wafv2_rule_group" "own" {
              name     = "own"
              scope    = "REGIONAL"
              capacity = 10
            }
            """,
            cloudformation="""
            Resources:
              Site:
                Type: AWS::WAFRegional::WebACL
                Properties: {Name: site, MetricName: site, DefaultAction: {Type: ALLOW}}
              Own: {Type: AWS::WAFv2::RuleGroup, Properties: {Name: own, Scope: REGIONAL, Capacity: 10}}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_wafv2_web_acl" "site" {
              name  = "site"
              scope = "REGIONAL"
              default_action {
                allow {}
              }
              rule {
                name     = "floods"
                priority = 1
                action {
                  block {}
                }
                statement {
                  rate_based_statement { limit = 1000 }
                }
              }
              rule {
                name     = "common"
                priority = 2
                override_action {
                  count {}
                }
                statement {
                  managed_rule_group_statement {
                    name        = "AWSManagedRulesCommonRuleSet"
                    vendor_name = "AWS"
                  }
                }
              }
            }
            """,
            cloudformation="""
            Resources:
              Site:
                Type: AWS::WAFv2::WebACL
                Properties:
                  Name: site
                  Scope: REGIONAL
                  DefaultAction: {Allow: {}}
                  Rules:
                    - {Name: floods, Priority: 1, Action: {Block: {}},
                       Statement: {RateBasedStatement: {Limit: 1000, AggregateKeyType: IP}}}
                    - {Name: common, Priority: 2, OverrideAction: {Count: {}},
                       Statement: {ManagedRuleGroupStatement: {Name: AWSManagedRulesCommonRuleSet, VendorName: AWS}}}
            """,
        ),
        Example(
            terraform="""
            resource "aws_wafv2_web_acl" "closed" {
              name  = "closed"
              scope = "REGIONAL"
              default_action {
                block {}
              }
            }

            resource "aws_waf_web_acl" "classic" {
              name        = "classic"
              metric_name = "classic"
              default_action { type = "ALLOW" }
              rules {
                priority = 1
                rule_id  = "rule-1"
                action { type = "BLOCK" }
              }
            }
            """,
            cloudformation="""
            Resources:
              Closed:
                Type: AWS::WAFv2::WebACL
                Properties: {Name: closed, Scope: REGIONAL, DefaultAction: {Block: {}}}
              Classic:
                Type: AWS::WAF::WebACL
                Properties: {Name: classic, MetricName: classic, DefaultAction: {Type: ALLOW},
                             Rules: [{Priority: 1, RuleId: rule-1, Action: {Type: BLOCK}}]}
            """,
        ),
    ],
)
def waf_without_blocking_rules(holder: aws.waf.RuleSet) -> Iterator[Finding]:
    rules = holder.rules
    if rules.any(lambda rule: rule.stops):
        return
    noun = "group of rules" if holder.is_group else "web ACL"
    if rules.items:
        yield Finding(f"no rule of the {noun} stops a request", at=rules.items[0])
    else:
        yield Finding(f"the {noun} has no rules", at=holder)
