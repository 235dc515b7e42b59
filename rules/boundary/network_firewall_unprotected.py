"""Firewall can be deleted without a guard.

One wrong destroy takes the boundary away, or an attacker with the right permission does. With deletion protection
two deliberate steps are needed, and both are on record.

Terraform leaves the protection off unless it is asked for; the service itself starts it on, so that a template has
to switch it off.
"""

from collections.abc import Iterator

from iaclint import Example, Finding, aws, rule


@rule(
    on=aws.networkfirewall.Firewall,
    severity="low",
    soc2=["CC6.6", "CC8.1"],
    bad=[
        Example(
            terraform="""
            resource "aws_networkfirewall_firewall" "edge" {
              name                = "edge"
              firewall_policy_arn = "arn:aws:network-firewall:eu-west-1:111122223333:firewall-policy/edge"
              vpc_id              = "vpc-1"
              delete_protection   = false
              subnet_mapping {
                subnet_id = "subnet-1"
              }
            }
            """,
            cloudformation="""
            Resources:
              Edge:
                Type: AWS::NetworkFirewall::Firewall
                Properties:
                  FirewallName: edge
                  FirewallPolicyArn: arn:aws:network-firewall:eu-west-1:111122223333:firewall-policy/edge
                  VpcId: vpc-1
                  DeleteProtection: false
                  SubnetMappings: [{SubnetId: subnet-1}]
            """,
        ),
        Example(
            terraform="""
            resource "aws_networkfirewall_firewall" "edge" {
              name                = "edge"
              firewall_policy_arn = "arn:aws:network-firewall:eu-west-1:111122223333:firewall-policy/edge"
              vpc_id              = "vpc-1"
              subnet_mapping {
                subnet_id = "subnet-1"
              }
            }
            """,
            only="the service itself starts the protection on",
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_networkfirewall_firewall" "edge" {
              name                = "edge"
              firewall_policy_arn = "arn:aws:network-firewall:eu-west-1:111122223333:firewall-policy/edge"
              vpc_id              = "vpc-1"
              delete_protection   = true
              subnet_mapping { subnet_id = "subnet-1" }
            }
            """,
            cloudformation="""
            Resources:
              Edge:
                Type: AWS::NetworkFirewall::Firewall
                Properties: {FirewallName: edge,
                             FirewallPolicyArn: arn:aws:network-firewall:eu-west-1:111122223333:firewall-policy/edge,
                             VpcId: vpc-1, SubnetMappings: [{SubnetId: subnet-1}]}
            """,
        ),
    ],
)
def network_firewall_unprotected(firewall: aws.networkfirewall.Firewall) -> Iterator[Finding]:
    if ~firewall.deletion_protection.is_(True):
        yield Finding(
            "the firewall can be deleted by one call",
            at=firewall.deletion_protection,
            fix=firewall.deletion_protection.set(True, "protect the firewall from deletion"),
        )
