"""Firewall rules are encrypted with a key AWS owns.

Rules and policies show what a network trusts. With a key of your own you decide who reads them, and every use is
on record; with a key that AWS owns there is neither a policy nor a trace.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.networkfirewall.Encryption,
    severity="low",
    soc2=["CC6.1"],
    cwe=["311"],
    bad=[
        Example(
            terraform="""
            resource "aws_networkfirewall_rule_group" "rules" {
              name     = "rules"
              type     = "STATEFUL"
              capacity = 100
            }
            """,
            only="CloudFormation has no property for the key",
        ),
        Example(
            terraform="""
            resource "aws_networkfirewall_firewall_policy" "edge" {
              name = "edge"
              firewall_policy {
                stateless_default_actions          = ["aws:drop"]
                stateless_fragment_default_actions = ["aws:drop"]
              }
              encryption_configuration { type = "AWS_OWNED_KMS_KEY" }
            }
            """,
            only="CloudFormation has no property for the key",
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_networkfirewall_rule_group" "rules" {
              name     = "rules"
              type     = "STATEFUL"
              capacity = 100
              encryption_configuration {
                type   = "CUSTOMER_KMS"
                key_id = "arn:aws:kms:eu-west-1:111122223333:key/1"
              }
            }
            """,
            only="CloudFormation has no property for the key",
        ),
    ],
)
def network_firewall_not_cmk_encrypted(item: aws.networkfirewall.Encryption) -> Iterator[Finding]:
    if ~item.type.is_("CUSTOMER_KMS"):
        yield Finding("the rules are encrypted with a key that AWS owns", at=item.type)
