"""AWS WAF: web ACLs, rule groups and their rules.

https://docs.aws.amazon.com/waf/latest/developerguide/how-aws-waf-works-resources.html
"""

from __future__ import annotations

from typing import Any

from iaclint.aws.joins import attached_to
from iaclint.aws.views import Attr, Block, View, attr, blocks
from iaclint.model.partial import Partial
from iaclint.model.truth import Reason, Truth, any_of, merge_reasons
from iaclint.model.value import Value

KNOWN_BAD_INPUTS = "AWSManagedRulesKnownBadInputsRuleSet"
"""The managed rule group against requests that only attackers send, such as those against Log4j.

https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
"""


class RuleActionOverride(Block):
    """An action that replaces the action of one rule of a managed rule group."""

    name = attr(str, terraform="name", cloudformation="Name")
    count = attr(dict, terraform="action_to_use.count", cloudformation="ActionToUse.Count")


class AclRule(Block):
    """A rule of a web ACL or rule group. AWS WAF Classic gives the action as a type."""

    name = attr(str, terraform="name", cloudformation="Name")
    block = attr(dict, terraform="action.block", cloudformation="Action.Block")
    captcha = attr(dict, terraform="action.captcha", cloudformation="Action.Captcha")
    challenge = attr(dict, terraform="action.challenge", cloudformation="Action.Challenge")
    group_acts = attr(dict, terraform="override_action.none", cloudformation="OverrideAction.None")
    group_counts = attr(dict, terraform="override_action.count", cloudformation="OverrideAction.Count")
    type = attr(str, terraform="action.type", cloudformation="Action.Type")
    override = attr(str, terraform="override_action.type", cloudformation=None)
    excluded_rules = attr(
        list,
        terraform="statement.managed_rule_group_statement.excluded_rule",
        cloudformation="Statement.ManagedRuleGroupStatement.ExcludedRules",
    )
    """Terraform's provider had it until version 4."""
    managed_group = attr(
        str,
        terraform="statement.managed_rule_group_statement.name",
        cloudformation="Statement.ManagedRuleGroupStatement.Name",
    )
    action_overrides = blocks(
        RuleActionOverride,
        terraform="statement.managed_rule_group_statement.rule_action_override",
        cloudformation="Statement.ManagedRuleGroupStatement.RuleActionOverrides",
    )

    metrics = attr(
        bool,
        terraform="visibility_config.cloudwatch_metrics_enabled",
        cloudformation="VisibilityConfig.CloudWatchMetricsEnabled",
    )
    allow = attr(dict, terraform="action.allow", cloudformation="Action.Allow")
    count = attr(dict, terraform="action.count", cloudformation="Action.Count")

    @property
    def acts(self) -> Truth:
        """Return True if it has an action."""
        if not self.body.known:
            return Truth(None, self.body.reasons)
        return any_of(
            (
                self.stops,
                *map(_is_present, (self.allow, self.count, self.group_counts)),
                self.type.is_set(),
                self.override.is_set(),
            )
        )

    @property
    def stops(self) -> Truth:
        """Return True if it stops requests: by its own action, or by the actions of the rule group that it uses."""
        if not self.body.known:
            return Truth(None, self.body.reasons)
        actions = (self.block, self.captcha, self.challenge, self.group_acts)
        return any_of((*map(_is_present, actions), self.type.is_("BLOCK"), self.override.is_("NONE")))

    def uses(self, group: str) -> Truth:
        """Return True if it uses a managed rule group."""
        return self.managed_group.is_(group) if self.body.known else Truth(None, self.body.reasons)

    def disables(self, rule: str) -> Truth:
        """Return True if it disables, or only counts, rules of its managed group whose names start with `rule`."""
        names = self.excluded_rules.elements().map(lambda e: e.key("name" if self.is_terraform else "Name"))

        def starts(text: object) -> bool:
            return str(text).startswith(rule)

        return names.any(lambda name: name.test(starts)) | any_of(
            (item.name.test(starts) & _is_present(item.count)) if item.body.known else Truth(None, item.body.reasons)
            for item in self.action_overrides
        )


def _is_present(value: Value[Any]) -> Truth:
    """Return True if there is a block, be it an empty one, as most of these are."""
    return value.test(lambda data: data is not None and data != ())


class RuleGroupAssociation(View, terraform="aws_wafv2_web_acl_rule_group_association", cloudformation=()):
    """Adds a rule group to a web ACL from outside."""

    acl = attr(str, terraform="web_acl_arn", cloudformation=None)


class RuleSet(View):
    """A web ACL, or a rule group for several of them. A rule group has no default action."""

    default_allow = attr(dict, terraform="default_action.allow", cloudformation="DefaultAction.Allow")
    default_type = attr(str, terraform="default_action.type", cloudformation="DefaultAction.Type")
    json = attr(str, terraform="rule_json", cloudformation=None)
    _rules = blocks(AclRule, terraform="rule", cloudformation="Rules")
    _classic_rules = blocks(AclRule, terraform="rules", cloudformation=None)

    @property
    def is_group(self) -> bool:
        """Return True if it is a rule group."""
        return isinstance(self, RuleGroup)

    @property
    def own_rules(self) -> tuple[AclRule, ...]:
        """Its inline rules."""
        return (*self._rules, *self._classic_rules)

    @property
    def rules(self) -> Partial[AclRule]:
        """Its rules; a gap for rules as JSON text, and for each rule group added from outside."""
        associations = attached_to(RuleGroupAssociation, "acl", self)
        hidden = tuple(
            Reason(f"what {other.address} adds is not looked at", other.header) for other in associations.items
        )
        if self.json.is_set().possible:
            hidden += self.json.reasons or (Reason("rules that are given as JSON are not read", self.json.span),)
        return Partial(self.own_rules, merge_reasons(associations.gaps, hidden))

    @property
    def allows_by_default(self) -> Truth:
        """Return True if it allows requests that no rule matches."""
        return _is_present(self.default_allow) | self.default_type.is_("ALLOW")

    @property
    def default_action(self) -> Attr[Any]:
        """The action for requests that no rule matches."""
        return self.default_allow if self.default_type.implicit else self.default_type


class AnyWebAcl(RuleSet):
    """A web ACL of AWS WAF or of AWS WAF Classic."""

    log_destination = attr(str, terraform="logging_configuration.log_destination", cloudformation=None)
    """Of AWS WAF Classic only."""

    @property
    def logged(self) -> Truth:
        """Return True if it logs requests."""
        return self.log_destination.is_set() | attached_to(LoggingConfiguration, "acl", self).exists()


class WebAcl(AnyWebAcl, terraform="aws_wafv2_web_acl", cloudformation="AWS::WAFv2::WebACL"):
    """A web ACL of AWS WAF, which can use managed rule groups."""

    metrics = attr(
        bool,
        terraform="visibility_config.cloudwatch_metrics_enabled",
        cloudformation="VisibilityConfig.CloudWatchMetricsEnabled",
    )

    @property
    def known_bad_inputs(self) -> Partial[AclRule]:
        """The rules by which it uses the managed rule group against known bad inputs."""
        return self.rules.where(lambda rule: rule.uses(KNOWN_BAD_INPUTS))


class ClassicWebAcl(
    AnyWebAcl,
    terraform=("aws_waf_web_acl", "aws_wafregional_web_acl"),
    cloudformation=("AWS::WAF::WebACL", "AWS::WAFRegional::WebACL"),
):
    """A web ACL of AWS WAF Classic."""


class RuleGroup(RuleSet, terraform="aws_wafv2_rule_group", cloudformation="AWS::WAFv2::RuleGroup"):
    """A rule group."""

    metrics = attr(
        bool,
        terraform="visibility_config.cloudwatch_metrics_enabled",
        cloudformation="VisibilityConfig.CloudWatchMetricsEnabled",
    )


class LoggingConfiguration(
    View, terraform="aws_wafv2_web_acl_logging_configuration", cloudformation="AWS::WAFv2::LoggingConfiguration"
):
    """The log destination of a web ACL."""

    acl = attr(str, terraform="resource_arn", cloudformation="ResourceArn")


class Association(
    View,
    terraform=("aws_wafv2_web_acl_association", "aws_wafregional_web_acl_association"),
    cloudformation=("AWS::WAFv2::WebACLAssociation", "AWS::WAFRegional::WebACLAssociation"),
):
    """Associates a web ACL with a resource that it protects."""

    resource_arn = attr(str, terraform="resource_arn", cloudformation="ResourceArn")
    acl = attr(str, terraform=("web_acl_arn", "web_acl_id"), cloudformation=("WebACLArn", "WebACLId"))
