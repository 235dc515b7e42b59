"""Web ACL or its rules give no metrics.

Without metrics no alarm can tell that an attack runs, and nobody sees that a new rule stops customers. They cost
next to nothing.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Undecided, aws, rule


@rule(
    on=aws.web_acls.MeasuredRules,
    severity="low",
    soc2=["CC7.2"],
    cwe=["778"],
    bad=[
        Example(
            terraform="""
            resource "aws_wafv2_rule_group" "own" {
              name     = "own"
              scope    = "REGIONAL"
              capacity = 10
              visibility_config {
                cloudwatch_metrics_enabled = false
                metric_name                = "own"
                sampled_requests_enabled   = true
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
                  VisibilityConfig: {CloudWatchMetricsEnabled: false, MetricName: own, SampledRequestsEnabled: true}
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
              visibility_config {
                cloudwatch_metrics_enabled = true
                metric_name                = "own"
                sampled_requests_enabled   = true
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
                  VisibilityConfig: {CloudWatchMetricsEnabled: true, MetricName: own, SampledRequestsEnabled: true}
            """,
        ),
    ],
)
def waf_metrics_off(holder: aws.web_acls.MeasuredRules) -> Iterator[Finding | Undecided]:
    for metrics in holder.metrics:
        off = metrics.is_(False)
        yield Undecided(off)
        if off.is_true:
            yield Finding("no metrics are kept", at=metrics, fix=metrics.set(True, "keep metrics"))
