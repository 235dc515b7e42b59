"""Web ACL does without the rules against known bad inputs.

AWS keeps a group of rules against requests that only attackers send: Log4j look-ups, requests for the metadata of
an instance, known exploit paths. It costs nothing beyond the web ACL and has no false alarms to speak of. Somebody
who tries Log4j against every address of the internet is stopped by it, and by nothing else in a web ACL.

The group has to act: one that is only counted, or whose Log4j rules are excluded or counted, does not help.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.waf.WebAcl,
    severity="low",
    soc2=["CC6.6", "CC6.8", "CC7.1"],
    cwe=["917"],
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
                name     = "bad-inputs"
                priority = 1
                override_action {
                  count {}
                }
                statement {
                  managed_rule_group_statement {
                    name        = "AWSManagedRulesKnownBadInputsRuleSet"
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
                    - Name: bad-inputs
                      Priority: 1
                      OverrideAction: {Count: {}}
                      Statement:
                        ManagedRuleGroupStatement: {Name: AWSManagedRulesKnownBadInputsRuleSet, VendorName: AWS}
            """,
        ),
        Example(
            terraform="""
            resource "aws_wafv2_web_acl" "site" {
              name  = "site"
              scope = "REGIONAL"
              default_action {
                allow {}
              }
              rule {
                name     = "bad-inputs"
                priority = 1
                override_action {
                  none {}
                }
                statement {
                  managed_rule_group_statement {
                    name        = "AWSManagedRulesKnownBadInputsRuleSet"
                    vendor_name = "AWS"
                    rule_action_override {
                      name = "Log4JRCE_HEADER"
                      action_to_use {
                        count {}
                      }
                    }
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
                    - Name: bad-inputs
                      Priority: 1
                      OverrideAction: {None: {}}
                      Statement:
                        ManagedRuleGroupStatement:
                          Name: AWSManagedRulesKnownBadInputsRuleSet
                          VendorName: AWS
                          RuleActionOverrides: [{Name: Log4JRCE_HEADER, ActionToUse: {Count: {}}}]
            """,
        ),
        Example(
            terraform="""
            resource "aws_wafv2_web_acl" "site" {
              name  = "site"
              scope = "REGIONAL"
              default_action {
                allow {}
              }
            }
            """,
            cloudformation="""
            Resources:
              Site: {Type: AWS::WAFv2::WebACL, Properties: {Name: site, Scope: REGIONAL, DefaultAction: {Allow: {}}}}
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
                name     = "bad-inputs"
                priority = 1
                override_action {
                  none {}
                }
                statement {
                  managed_rule_group_statement {
                    name        = "AWSManagedRulesKnownBadInputsRuleSet"
                    vendor_name = "AWS"
                    rule_action_override {
                      name = "Host_localhost_HEADER"
                      action_to_use {
                        count {}
                      }
                    }
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
                    - Name: bad-inputs
                      Priority: 1
                      OverrideAction: {None: {}}
                      Statement:
                        ManagedRuleGroupStatement:
                          Name: AWSManagedRulesKnownBadInputsRuleSet
                          VendorName: AWS
                          RuleActionOverrides: [{Name: Host_localhost_HEADER, ActionToUse: {Count: {}}}]
            """,
        ),
    ],
)
def waf_known_bad_inputs_missing(acl: aws.waf.WebAcl) -> Iterator[Finding]:
    found = acl.known_bad_inputs
    if ~found.exists():
        yield Finding("the web ACL does without the rules against known bad inputs", at=acl)
    for applied in found.items:
        if ~applied.stops:
            yield Finding("known bad inputs are only counted", at=applied)
        elif applied.disables("Log4JRCE"):
            yield Finding("the rules against Log4j are switched off", at=applied)
