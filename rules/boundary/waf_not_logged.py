"""Web ACL writes no logs.

Metrics tell how many requests were stopped; only the log tells which, from where and why. Without it nobody can
say after an attack what got through, and a rule that stops customers is found by their complaints.

A web ACL of the present WAF is logged by a configuration beside it, a classic one by a block of its own;
CloudFormation cannot log a classic one.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.web_acls.LoggableAcl,
    severity="medium",
    soc2=["CC7.2", "PI1.2", "CC7.3"],
    cwe=["778"],
    bad=[
        Example(
            terraform="""
            resource "aws_wafv2_web_acl" "site" {
              name  = "site"
              scope = "REGIONAL"
              default_action {
                block {}
              }
            }
            """,
            cloudformation="""
            Resources:
              Site:
                Type: AWS::WAFv2::WebACL
                Properties: {Name: site, Scope: REGIONAL, DefaultAction: {Block: {}}}
            """,
        ),
        Example(
            terraform="""
            resource "aws_wafregional_web_acl" "site" {
              name        = "site"
              metric_name = "site"
              default_action { type = "BLOCK" }
            }
            """,
            only="CloudFormation cannot log a classic web ACL",
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_wafv2_web_acl" "site" {
              name  = "site"
              scope = "REGIONAL"
              default_action {
                block {}
              }
            }

            resource "aws_wafv2_web_acl_logging_configuration" "site" {
              resource_arn            = aws_wafv2_web_acl.site.arn
              log_destination_configs = ["arn:aws:s3:::aws-waf-logs-site"]
            }
            """,
            cloudformation="""
            Resources:
              Site:
                Type: AWS::WAFv2::WebACL
                Properties: {Name: site, Scope: REGIONAL, DefaultAction: {Block: {}}}
              Logging:
                Type: AWS::WAFv2::LoggingConfiguration
                Properties: {ResourceArn: !GetAtt Site.Arn, LogDestinationConfigs: ["arn:aws:s3:::aws-waf-logs-site"]}
            """,
        ),
        Example(
            terraform="""
            resource "aws_waf_web_acl" "site" {
              name        = "site"
              metric_name = "site"
              default_action { type = "BLOCK" }
              logging_configuration {
                log_destination = "arn:aws:firehose:us-east-1:111122223333:deliverystream/aws-waf-logs-site"
              }
            }
            """,
            only="CloudFormation cannot log a classic web ACL",
        ),
    ],
)
def waf_not_logged(acl: aws.web_acls.LoggableAcl) -> Iterator[Finding]:
    if ~acl.logged:
        yield Finding("the web ACL writes no logs", at=acl)
