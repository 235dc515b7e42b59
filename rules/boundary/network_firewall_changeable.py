"""Firewall's policy or subnets can be swapped without a guard.

A firewall that is given an empty policy, or taken out of a zone, still exists and still costs money, and nobody
notices that it filters nothing. With the two protections such a change takes a second, deliberate step.

Terraform leaves both off unless they are asked for; the service itself starts them on, so that a template has to
switch them off.
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
              name                              = "edge"
              firewall_policy_arn               = "arn:aws:network-firewall:eu-west-1:111122223333:firewall-policy/edge"
              vpc_id                            = "vpc-1"
              subnet_change_protection          = false
              firewall_policy_change_protection = false
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
                  SubnetChangeProtection: false
                  FirewallPolicyChangeProtection: false
                  SubnetMappings: [{SubnetId: subnet-1}]
            """,
        ),
    ],
    good=[
        Example(
            terraform="""
            resource "aws_networkfirewall_firewall" "edge" {
              name                              = "edge"
              firewall_policy_arn               = "arn:aws:network-firewall:eu-west-1:111122223333:firewall-policy/edge"
              vpc_id                            = "vpc-1"
              subnet_change_protection          = true
              firewall_policy_change_protection = true
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
def network_firewall_changeable(firewall: aws.networkfirewall.Firewall) -> Iterator[Finding]:
    for protection, part in ((firewall.subnet_protection, "subnets"), (firewall.policy_protection, "policy")):
        if ~protection.is_(True):
            yield Finding(
                f"the {part} of the firewall can be changed by one call",
                at=protection,
                fix=protection.set(True, f"protect the {part} of the firewall"),
            )
