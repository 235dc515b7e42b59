"""AWS Network Firewall: firewalls, firewall policies and rule groups."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from iaclint.aws.joins import attached_to
from iaclint.aws.reasoning.suricata import ACTIONS, Action, SuricataRule, parse_suricata
from iaclint.aws.views import Attr, Block, Subject, View, attr, blocks, per_vendor, views
from iaclint.model.inventory import Deployment
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, TRUE, Reason, Truth, any_of, merge_reasons
from iaclint.model.value import Value


class Encryptable(View):
    """A resource that can be encrypted with a customer managed key.

    https://docs.aws.amazon.com/network-firewall/latest/developerguide/kms-encryption-at-rest.html: "by default" with
    keys that AWS owns. CloudFormation has no property for it.
    """

    encryption = attr(str, terraform="encryption_configuration.type", cloudformation=None, default="AWS_OWNED_KMS_KEY")


# -- rule groups -----------------------------------------------------------------------------------------------------


class StatefulRule(Block):
    """A stateful rule with properties for its protocol, addresses and ports."""

    action = attr(str, terraform="action", cloudformation="Action")
    protocol = attr(str, terraform="header.protocol", cloudformation="Header.Protocol")
    source = attr(str, terraform="header.source", cloudformation="Header.Source")
    source_port = attr(str, terraform="header.source_port", cloudformation="Header.SourcePort")
    destination = attr(str, terraform="header.destination", cloudformation="Header.Destination")
    destination_port = attr(str, terraform="header.destination_port", cloudformation="Header.DestinationPort")

    @property
    def everything(self) -> Truth:
        """Return True if it matches all traffic."""
        ends = (self.source, self.source_port, self.destination, self.destination_port)
        truth = self.protocol.test(lambda text: str(text).upper() == "IP")
        for end in ends:
            truth = truth & end.test(lambda text: str(text).upper() in ("ANY", "0.0.0.0/0"))
        return truth


class RuleGroup(
    Encryptable, terraform="aws_networkfirewall_rule_group", cloudformation="AWS::NetworkFirewall::RuleGroup"
):
    """A rule group, which firewall policies use.

    https://docs.aws.amazon.com/network-firewall/latest/APIReference/API_RulesSource.html
    """

    name = attr(str, terraform="name", cloudformation="RuleGroupName")
    type = attr(str, terraform="type", cloudformation="Type")
    rules_text = attr(
        str,
        terraform=("rules", "rule_group.rules_source.rules_string"),
        cloudformation="RuleGroup.RulesSource.RulesString",
    )
    domains = attr(
        list,
        terraform="rule_group.rules_source.rules_source_list.targets",
        cloudformation="RuleGroup.RulesSource.RulesSourceList.Targets",
    )
    domain_action = attr(
        str,
        terraform="rule_group.rules_source.rules_source_list.generated_rules_type",
        cloudformation="RuleGroup.RulesSource.RulesSourceList.GeneratedRulesType",
    )
    stateful = blocks(
        StatefulRule,
        terraform="rule_group.rules_source.stateful_rule",
        cloudformation="RuleGroup.RulesSource.StatefulRules",
    )
    stateless = blocks(
        Block,
        terraform="rule_group.rules_source.stateless_rules_and_custom_actions.stateless_rule",
        cloudformation="RuleGroup.RulesSource.StatelessRulesAndCustomActions.StatelessRules",
    )

    @cached_property
    def has_rules(self) -> Truth:
        """Return True if it has any rule."""
        listed = (*self.stateful, *self.stateless)
        return any_of(
            (
                *(Truth.of(True) if item.body.known else Truth(None, item.body.reasons) for item in listed),
                self.domains.elements().exists(),
                self.rules_text.test(lambda text: bool(text) and bool(parse_suricata(str(text)))),
            )
        )

    @cached_property
    def effects(self) -> Partial[SuricataRule]:
        """Its stateful rules in their order; a gap for unknown ones."""
        found: list[SuricataRule] = []
        gaps: tuple[Reason, ...] = ()
        if self.rules_text.known:
            found += parse_suricata(str(self.rules_text.data or ""))
        else:
            gaps = merge_reasons(gaps, self.rules_text.reasons)
        for rule in self.stateful:
            action = ACTIONS.get(str(rule.action.data).lower()) if rule.action.known else None
            if not rule.action.known:
                gaps = merge_reasons(gaps, rule.action.reasons)
            elif action is not None:
                if rule.everything.value is None:
                    gaps = merge_reasons(gaps, rule.everything.reasons)
                found.append(SuricataRule(action, rule.everything.is_true))
        domains = self.domains.elements()
        gaps = merge_reasons(gaps, domains.gaps)
        if domains.items:
            # an allow list becomes rules that drop the other domains, a deny list rules that drop the listed ones:
            # https://docs.aws.amazon.com/network-firewall/latest/developerguide/stateful-rule-groups-domain-names.html
            kind = self.domain_action
            gaps = merge_reasons(gaps, kind.reasons)
            if kind.known:
                alerts = str(kind.data).upper() == "ALERTLIST"
                found.append(SuricataRule(Action.ALERT if alerts else Action.DROP))
        return Partial(tuple(found), gaps)


# -- policies --------------------------------------------------------------------------------------------------------


class GroupReference(Block):
    """The reference of a firewall policy to a rule group."""

    arn = attr(str, terraform="resource_arn", cloudformation="ResourceArn")
    priority = attr(int, terraform="priority", cloudformation="Priority")
    override = attr(str, terraform="override.action", cloudformation="Override.Action")

    @property
    def groups(self) -> Partial[RuleGroup]:
        """The rule group, if it is in the scanned code."""
        return RuleGroup.referenced_by(self.arn, self.deployment)

    @property
    def managed(self) -> Truth:
        """Return True if AWS manages the rule group: its ARN shows it, and its rules drop traffic."""
        data = self.arn.data
        if self.arn.known:
            return Truth.of(":aws-managed:" in str(data))
        prefix = getattr(data, "prefix", "")
        if ":aws-managed:" in prefix:
            return TRUE
        return Truth(None, self.arn.reasons)

    @property
    def has_rules(self) -> Truth:
        """Return True if the rule group has any rule; one outside the scanned code is assumed to have some."""
        found = self.groups
        if found.items:
            return any_of(group.has_rules for group in found.items)
        if not self.body.known or found.gaps:
            # a reference to an undeclared resource is still a reference
            return TRUE if self.arn.refs or self.managed.is_true else Truth(None, self.arn.reasons)
        return TRUE

    @property
    def effects(self) -> Partial[SuricataRule]:
        """The rules of the rule group in their order."""
        managed = self.managed
        if managed.is_true:
            # https://docs.aws.amazon.com/network-firewall/latest/developerguide/nwfw-using-managed-rule-groups.html:
            # the rules drop, unless the override turns them into alerts
            alerts_only = self.override.test(lambda action: str(action).upper() == "DROP_TO_ALERT")
            if alerts_only.value is None:
                return Partial((), alerts_only.reasons)
            return Partial((SuricataRule(Action.ALERT if alerts_only.is_true else Action.DROP),))
        found = self.groups
        if not found.items:
            reason = Reason(f"the rules of {self.arn.data} are not written here", self.arn.span)
            return Partial((), self.arn.reasons or (reason,))
        total: Partial[SuricataRule] = Partial((), found.gaps)
        for group in found.items:
            total = total + group.effects
        return total


class FirewallPolicy(
    Encryptable, terraform="aws_networkfirewall_firewall_policy", cloudformation="AWS::NetworkFirewall::FirewallPolicy"
):
    """A firewall policy: what a firewall does with packets.

    https://docs.aws.amazon.com/network-firewall/latest/developerguide/stateless-default-actions.html
    """

    name = attr(str, terraform="name", cloudformation="FirewallPolicyName")
    stateless_default = attr(
        list,
        terraform="firewall_policy.stateless_default_actions",
        cloudformation="FirewallPolicy.StatelessDefaultActions",
    )
    stateless_fragment_default = attr(
        list,
        terraform="firewall_policy.stateless_fragment_default_actions",
        cloudformation="FirewallPolicy.StatelessFragmentDefaultActions",
    )
    stateful_default = attr(
        list,
        terraform="firewall_policy.stateful_default_actions",
        cloudformation="FirewallPolicy.StatefulDefaultActions",
    )
    rule_order = attr(
        str,
        terraform="firewall_policy.stateful_engine_options.rule_order",
        cloudformation="FirewallPolicy.StatefulEngineOptions.RuleOrder",
        default="DEFAULT_ACTION_ORDER",
    )
    stateless_groups = blocks(
        GroupReference,
        terraform="firewall_policy.stateless_rule_group_reference",
        cloudformation="FirewallPolicy.StatelessRuleGroupReferences",
    )
    stateful_groups = blocks(
        GroupReference,
        terraform="firewall_policy.stateful_rule_group_reference",
        cloudformation="FirewallPolicy.StatefulRuleGroupReferences",
    )

    @property
    def has_rules(self) -> Truth:
        """Return True if it uses a rule group that has rules."""
        return any_of(reference.has_rules for reference in (*self.stateless_groups, *self.stateful_groups))

    @property
    def drops_by_default(self) -> Truth:
        """Return True if the stateful engine drops packets that no rule passes, which only strict order can."""
        return self.rule_order.is_("STRICT_ORDER") & self.stateful_default.elements().any(
            lambda action: action.test(lambda text: str(text).startswith("aws:drop"))
        )

    @property
    def prevents(self) -> Truth:
        """Return True if the stateful engine drops or rejects some traffic.

        In the default order, all pass rules come first, so that one that passes everything leaves nothing to the other
        rules. In strict order, rule groups apply by their priority, and their rules as they stand
        (https://docs.aws.amazon.com/network-firewall/latest/developerguide/suricata-rule-evaluation-order.html).
        """
        return (~self.rule_order.is_("STRICT_ORDER") & self._prevents_by_action()) | (
            self.rule_order.is_("STRICT_ORDER") & self._prevents_in_order()
        )

    def _prevents_by_action(self) -> Truth:
        total: Partial[SuricataRule] = Partial(())
        for reference in self.stateful_groups:
            total = total + reference.effects
        drops = total.any(lambda rule: Truth.of(rule.prevents))
        return drops & ~total.any(lambda rule: Truth.of(rule.passes_everything))

    def _prevents_in_order(self) -> Truth:
        references = list(self.stateful_groups)
        if all(r.priority.known and isinstance(r.priority.data, int) for r in references):
            references.sort(key=lambda r: int(r.priority.data))
        seen: Truth = FALSE
        hidden: tuple[Reason, ...] = ()
        for reference in references:
            effects = reference.effects
            for rule in effects.items:
                if rule.passes_everything:
                    return Truth(None, hidden) if hidden else seen
                if rule.prevents:
                    # an unknown earlier rule may pass everything
                    return Truth(None, hidden) if hidden else TRUE
            hidden = merge_reasons(hidden, effects.gaps)
        return (Truth(None, hidden) if hidden else FALSE) | self.drops_by_default

    @property
    def alert_overrides(self) -> Iterator[Value[Any]]:
        """Yield the overrides that turn rules that drop traffic into rules that only alert."""
        for reference in self.stateful_groups:
            if reference.override.test(lambda action: str(action).upper() == "DROP_TO_ALERT").is_true:
                yield reference.override


# -- firewalls -------------------------------------------------------------------------------------------------------


class SubnetMapping(Block):
    """A subnet in which a firewall has an endpoint."""

    subnet = attr(str, terraform="subnet_id", cloudformation="SubnetId")


class Firewall(Encryptable, terraform="aws_networkfirewall_firewall", cloudformation="AWS::NetworkFirewall::Firewall"):
    """A firewall of AWS Network Firewall, with its policy and the subnets of its endpoints."""

    name = attr(str, terraform="name", cloudformation="FirewallName")
    vpc = attr(str, terraform="vpc_id", cloudformation="VpcId")
    policy = attr(str, terraform="firewall_policy_arn", cloudformation="FirewallPolicyArn")
    transit_gateway = attr(str, terraform="transit_gateway_id", cloudformation="TransitGatewayId")
    subnets = blocks(SubnetMapping, terraform="subnet_mapping", cloudformation="SubnetMappings")
    deletion_protection = attr(
        bool,
        terraform="delete_protection",
        cloudformation="DeleteProtection",
        default=per_vendor(terraform=False, cloudformation=True),
    )
    subnet_protection = attr(
        bool,
        terraform="subnet_change_protection",
        cloudformation="SubnetChangeProtection",
        default=per_vendor(terraform=False, cloudformation=True),
    )
    policy_protection = attr(
        bool,
        terraform="firewall_policy_change_protection",
        cloudformation="FirewallPolicyChangeProtection",
        default=per_vendor(terraform=False, cloudformation=True),
    )
    """Terraform sends false (https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/networkfirewall_firewall);
    else "the operation initializes this flag to TRUE":
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-networkfirewall-firewall.html
    """

    @property
    def endpoints(self) -> Partial[EndpointAssociation]:
        """Its endpoints in other VPCs."""
        return attached_to(EndpointAssociation, "firewall", self)

    @property
    def logging(self) -> Partial[LoggingConfiguration]:
        """Its logging configuration."""
        return attached_to(LoggingConfiguration, "firewall", self)


class Encryption(Subject):
    """A firewall, firewall policy or rule group of Terraform, for the key that encrypts it."""

    anchors = (Firewall, FirewallPolicy, RuleGroup)
    anchor: Encryptable

    @classmethod
    def select(cls, deployment: Deployment) -> list[Encryption]:
        """Return the resources of a deployment if its language has a property for the key."""
        return [cls(view) for view in views(cls.anchors, deployment) if view.is_terraform]

    @property
    def type(self) -> Attr[str]:
        """The type of the key."""
        return self.anchor.encryption


class EndpointAssociation(
    View,
    terraform="aws_networkfirewall_vpc_endpoint_association",
    cloudformation="AWS::NetworkFirewall::VpcEndpointAssociation",
):
    """An endpoint of a firewall in another VPC."""

    vpc = attr(str, terraform="vpc_id", cloudformation="VpcId")
    firewall = attr(str, terraform="firewall_arn", cloudformation="FirewallArn")
    subnets = blocks(SubnetMapping, terraform="subnet_mapping", cloudformation="SubnetMapping")


class LogDestination(Block):
    """A type of log and its destination."""

    type = attr(str, terraform="log_type", cloudformation="LogType")


class LoggingConfiguration(
    View,
    terraform="aws_networkfirewall_logging_configuration",
    cloudformation="AWS::NetworkFirewall::LoggingConfiguration",
):
    """The logging configuration of a firewall; without one, a firewall does not log.

    https://docs.aws.amazon.com/network-firewall/latest/developerguide/firewall-logging.html
    """

    firewall = attr(str, terraform="firewall_arn", cloudformation="FirewallArn")
    destinations = blocks(
        LogDestination,
        terraform="logging_configuration.log_destination_config",
        cloudformation="LoggingConfiguration.LogDestinationConfigs",
    )

    def logs(self, log_type: str) -> Truth:
        """Return True if it keeps logs of a type: FLOW, ALERT or TLS."""
        return any_of(d.type.is_(log_type) if d.body.known else Truth(None, d.body.reasons) for d in self.destinations)
