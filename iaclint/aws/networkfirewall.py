"""AWS Network Firewall."""

from __future__ import annotations

from iaclint.aws.model import Typed, View, attr, blocks


class FirewallPolicy(Typed, tf="aws_networkfirewall_firewall_policy", cfn="AWS::NetworkFirewall::FirewallPolicy"):
    """What a firewall does with packets.

    https://docs.aws.amazon.com/network-firewall/latest/developerguide/stateless-default-actions.html
    """

    name = attr(str, tf="name", cfn="FirewallPolicyName")
    stateless_default = attr(
        list, tf="firewall_policy.stateless_default_actions", cfn="FirewallPolicy.StatelessDefaultActions"
    )
    stateless_fragment_default = attr(
        list,
        tf="firewall_policy.stateless_fragment_default_actions",
        cfn="FirewallPolicy.StatelessFragmentDefaultActions",
    )
    stateful_default = attr(
        list, tf="firewall_policy.stateful_default_actions", cfn="FirewallPolicy.StatefulDefaultActions"
    )
    rule_order = attr(
        str,
        tf="firewall_policy.stateful_engine_options.rule_order",
        cfn="FirewallPolicy.StatefulEngineOptions.RuleOrder",
        default="DEFAULT_ACTION_ORDER",
    )


class SubnetMapping(View):
    subnet = attr(str, tf="subnet_id", cfn="SubnetId")


class Firewall(Typed, tf="aws_networkfirewall_firewall", cfn="AWS::NetworkFirewall::Firewall"):
    name = attr(str, tf="name", cfn="FirewallName")
    vpc = attr(str, tf="vpc_id", cfn="VpcId")
    policy = attr(str, tf="firewall_policy_arn", cfn="FirewallPolicyArn")
    transit_gateway = attr(str, tf="transit_gateway_id", cfn="TransitGatewayId")
    subnets = blocks(SubnetMapping, tf="subnet_mapping", cfn="SubnetMappings")
    deletion_protection = attr(bool, tf="delete_protection", cfn="DeleteProtection", default=False)


class EndpointAssociation(
    Typed, tf="aws_networkfirewall_vpc_endpoint_association", cfn="AWS::NetworkFirewall::VpcEndpointAssociation"
):
    """An endpoint of a firewall in another VPC."""

    vpc = attr(str, tf="vpc_id", cfn="VpcId")
    firewall = attr(str, tf="firewall_arn", cfn="FirewallArn")
