"""Web ACL's rule has no action.

A rule says what to look for and what to do then. One without an action, or a reference to a group without an
override, is refused when it is deployed, and where an old tool let it through nobody can say what it does.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Undecided, aws, rule


@rule(
    on=aws.waf.RuleSet,
    severity="low",
    soc2=["CC6.6"],
    bad=[
        Example(
            terraform="""
            resource "aws_wafv2_rule_group" "own" {
              name     = "own"
              scope    = "REGIONAL"
              capacity = 10
              rule {
                name     = "floods"
                priority = 1
                action {
                }
                statement {
                  rate_based_statement { limit = 1000 }
                }
              }
            }
            """,
            cloudformation="""
            Resources:
              Own:
                Type: AWS::WAFv2::RuleGroup
                Properties:
                  Name: own
                  Scope: REGIONAL
                  Capacity: 10
                  Rules:
                    - {Name: floods, Priority: 1, Statement: {RateBasedStatement: {Limit: 1000, AggregateKeyType: IP}}}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_wafv2_rule_group" "own" {
              name     = "own"
              scope    = "REGIONAL"
              capacity = 10
              rule {
                name     = "floods"
                priority = 1
                action {
                  count {}
                }
                statement {
                  rate_based_statement { limit = 1000 }
                }
              }
            }
            """,
            cloudformation="""
            Resources:
              Own:
                Type: AWS::WAFv2::RuleGroup
                Properties:
                  Name: own
                  Scope: REGIONAL
                  Capacity: 10
                  Rules:
                    - {Name: floods, Priority: 1, Action: {Count: {}},
                       Statement: {RateBasedStatement: {Limit: 1000, AggregateKeyType: IP}}}
            """,
        ),
    ],
)
def waf_rule_without_action(holder: aws.waf.RuleSet) -> Iterator[Finding | Undecided]:
    for item in holder.own_rules:
        acts = item.acts
        yield Undecided(acts)
        if acts.is_false:
            yield Finding("the rule has no action", at=item)
