"""Web ACL lets through what no rule decides.

A web ACL that blocks by default admits only what somebody described. That suits an interface for machines, whose
requests are known; a public site usually needs the opposite, which is why this rule is off by default.

Whether a web ACL with this default action stops anything is asked by waf-without-blocking-rules.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Truth, aws, rule


@rule(
    on=aws.waf.RuleSet,
    severity="low",
    soc2=["CC6.6"],
    enabled=False,
    applies=lambda holder: Truth.of(not holder.is_group),
    bad=[
        Example(
            terraform="""
            resource "aws_wafv2_web_acl" "partners" {
              name  = "partners"
              scope = "REGIONAL"
              default_action {
                allow {}
              }
            }
            """,
            cloudformation="""
            Resources:
              Partners:
                Type: AWS::WAFv2::WebACL
                Properties: {Name: partners, Scope: REGIONAL, DefaultAction: {Allow: {}}}
            """,
        ),
        Example(
            terraform="""
            resource "aws_waf_web_acl" "partners" {
              name        = "partners"
              metric_name = "partners"
              default_action { type = "ALLOW" }
            }
            """,
            cloudformation="""
            Resources:
              Partners:
                Type: AWS::WAF::WebACL
                Properties: {Name: partners, MetricName: partners, DefaultAction: {Type: ALLOW}}
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_wafv2_web_acl" "partners" {
              name  = "partners"
              scope = "REGIONAL"
              default_action {
                block {}
              }
            }
            """,
            cloudformation="""
            Resources:
              Partners:
                Type: AWS::WAFv2::WebACL
                Properties: {Name: partners, Scope: REGIONAL, DefaultAction: {Block: {}}}
            """,
        ),
    ],
)
def waf_default_action_allow(acl: aws.waf.RuleSet) -> Iterator[Finding]:
    if acl.allows_by_default:
        yield Finding("what no rule decides is let through", at=acl.default_action)
