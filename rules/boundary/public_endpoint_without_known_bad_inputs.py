"""Web ACL before a public endpoint lets Log4j requests through.

The web ACL that stands before a distribution, load balancer or API does not use AWS's group of rules against known
bad inputs, so that the oldest scanners of the internet still get through to the application.

This is the question of waf-known-bad-inputs-missing, asked of each thing that is protected. An endpoint without
any web ACL is reported by public-endpoint-without-waf. A web ACL that is not written here cannot be judged.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, Reason, Step, Truth, Undecided, aws, rule


@rule(
    on=aws.web_endpoints.WebEndpoint,
    severity="low",
    soc2=["CC6.6", "CC6.8"],
    cwe=["917"],
    applies=lambda endpoint: endpoint.protected,
    bad=[
        Example(
            terraform="""
            resource "aws_wafv2_web_acl" "site" {
              name  = "site"
              scope = "CLOUDFRONT"
              default_action {
                allow {}
              }
            }

            resource "aws_cloudfront_distribution" "site" {
              enabled    = true
              web_acl_id = aws_wafv2_web_acl.site.arn
            }
            """,
            cloudformation="""
            Resources:
              Acl: {Type: AWS::WAFv2::WebACL, Properties: {Name: site, Scope: CLOUDFRONT, DefaultAction: {Allow: {}}}}
              Site:
                Type: AWS::CloudFront::Distribution
                Properties: {DistributionConfig: {Enabled: true, WebACLId: !GetAtt Acl.Arn}}
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
                  }
                }
              }
            }

            resource "aws_lb" "web" { subnets = ["subnet-1", "subnet-2"] }

            resource "aws_wafv2_web_acl_association" "web" {
              resource_arn = aws_lb.web.arn
              web_acl_arn  = aws_wafv2_web_acl.site.arn
            }
            """,
            cloudformation="""
            Resources:
              Acl:
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
                        ManagedRuleGroupStatement: {Name: AWSManagedRulesKnownBadInputsRuleSet, VendorName: AWS}
              Web:
                Type: AWS::ElasticLoadBalancingV2::LoadBalancer
                Properties: {Subnets: [subnet-1, subnet-2]}
              Association:
                Type: AWS::WAFv2::WebACLAssociation
                Properties: {ResourceArn: !Ref Web, WebACLArn: !GetAtt Acl.Arn}
            """,
        ),
    ],
)
def public_endpoint_without_known_bad_inputs(endpoint: aws.web_endpoints.WebEndpoint) -> Iterator[Finding | Undecided]:
    for value in endpoint.acl_values:
        acls = aws.waf.WebAcl.referenced_by(value, endpoint.deployment)
        covered = acls.any(lambda acl: acl.known_bad_inputs.exists())
        if acls.items and covered.is_false:
            yield Finding(
                f"the web ACL before this {endpoint.noun} does without the rules against known bad inputs",
                at=endpoint,
                related=tuple(Step(acl.header, "the web ACL") for acl in acls.items),
            )
        elif not acls.items:
            yield Undecided(Truth.undecided(Reason("the web ACL is not written here", value.span)))
        else:
            yield Undecided(covered)
