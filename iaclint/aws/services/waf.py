"""Web ACLs of AWS WAF, and what can be put behind one.

https://docs.aws.amazon.com/waf/latest/developerguide/how-aws-waf-works-resources.html
"""

from __future__ import annotations

from typing import Any

from iaclint.aws.joins import attached_to
from iaclint.aws.services import fms
from iaclint.aws.services.elb import LoadBalancer
from iaclint.aws.views import Block, View, attr, blocks, views
from iaclint.model.inventory import Deployment
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, TRUE, Reason, Truth, any_of, merge_reasons
from iaclint.model.value import Value


class Association(
    View,
    terraform=("aws_wafv2_web_acl_association", "aws_wafregional_web_acl_association"),
    cloudformation=("AWS::WAFv2::WebACLAssociation", "AWS::WAFRegional::WebACLAssociation"),
):
    """A web ACL put before a resource."""

    resource_arn = attr(str, terraform="resource_arn", cloudformation="ResourceArn")
    acl = attr(str, terraform=("web_acl_arn", "web_acl_id"), cloudformation=("WebACLArn", "WebACLId"))


class Endpoint(View):
    """What answers web requests and can have a web ACL."""

    what = ""
    """In words."""

    @classmethod
    def select(cls, deployment: Deployment) -> list[Endpoint]:
        """The endpoints of all kinds in a deployment."""
        kinds: tuple[type[Endpoint], ...] = (
            *(ApplicationLoadBalancer, RestApiStage, GraphqlApi),
            *(Distribution, AppRunnerService, UserPool),
        )
        return views(kinds, deployment)

    @property
    def public(self) -> Truth:
        """Whether the internet can call it, and a web ACL could stand before it."""
        return TRUE

    @property
    def shielded(self) -> Truth:
        """Whether only something that can be protected in its stead can call it."""
        return FALSE

    @property
    def protected(self) -> Truth:
        """Whether a web ACL stands before it."""
        return self.associations.exists() | fms.enforces(self.deployment, *fms.WEB_ACLS)

    @property
    def acl_values(self) -> Partial[Value[Any]]:
        """The values that name the web ACL before it."""
        return self.associations.map(lambda association: association.acl)

    @property
    def associations(self) -> Partial[Association]:
        return attached_to(Association, "resource_arn", self)

    @property
    def low(self) -> bool:
        """Whether less hangs on it."""
        return False


class ApplicationLoadBalancer(
    Endpoint, terraform=LoadBalancer.terraform_kinds, cloudformation=LoadBalancer.cloudformation_kinds
):
    what = "load balancer"

    @property
    def _balancer(self) -> LoadBalancer:
        return LoadBalancer(self.resource, self.deployment)

    @property
    def public(self) -> Truth:
        return self._balancer.application & self._balancer.internet_facing

    @property
    def shielded(self) -> Truth:
        return self._balancer.closed_by_groups


class RestApi(View, terraform="aws_api_gateway_rest_api", cloudformation="AWS::ApiGateway::RestApi"):
    types = attr(list, terraform="endpoint_configuration.types", cloudformation="EndpointConfiguration.Types")


class RestApiStage(Endpoint, terraform="aws_api_gateway_stage", cloudformation="AWS::ApiGateway::Stage"):
    what = "REST API stage"

    api = attr(str, terraform="rest_api_id", cloudformation="RestApiId")

    @property
    def public(self) -> Truth:
        return ~RestApi.referenced_by(self.api, self.deployment).any(_private)

    @property
    def associations(self) -> Partial[Association]:
        # its ARN is often put together from the API and the name of the stage
        found = super().associations
        for api in RestApi.referenced_by(self.api, self.deployment).items:
            found = found + attached_to(Association, "resource_arn", api)
        return found


def _private(api: RestApi) -> Truth:
    return api.types.elements().any(lambda kind: kind.is_("PRIVATE"))


class GraphqlApi(Endpoint, terraform="aws_appsync_graphql_api", cloudformation="AWS::AppSync::GraphQLApi"):
    what = "GraphQL API"

    visibility = attr(str, terraform="visibility", cloudformation="Visibility", default="GLOBAL")

    @property
    def public(self) -> Truth:
        return ~self.visibility.is_("PRIVATE")


class Distribution(Endpoint, terraform="aws_cloudfront_distribution", cloudformation="AWS::CloudFront::Distribution"):
    what = "distribution"

    web_acl = attr(str, terraform="web_acl_id", cloudformation="DistributionConfig.WebACLId")
    enabled = attr(bool, terraform="enabled", cloudformation="DistributionConfig.Enabled")

    @property
    def acl_values(self) -> Partial[Value[Any]]:
        given = self.web_acl.is_set()
        return Partial((self.web_acl,)) if given.possible else Partial(())

    @property
    def protected(self) -> Truth:
        return self.web_acl.is_set() | fms.enforces(self.deployment, *fms.WEB_ACLS)


class AppRunnerService(Endpoint, terraform="aws_apprunner_service", cloudformation="AWS::AppRunner::Service"):
    what = "App Runner service"

    publicly = attr(
        bool,
        terraform="network_configuration.ingress_configuration.is_publicly_accessible",
        cloudformation="NetworkConfiguration.IngressConfiguration.IsPubliclyAccessible",
        default=True,
    )

    @property
    def public(self) -> Truth:
        return ~self.publicly.is_(False)


class UserPoolDomain(View, terraform="aws_cognito_user_pool_domain", cloudformation="AWS::Cognito::UserPoolDomain"):
    pool = attr(str, terraform="user_pool_id", cloudformation="UserPoolId")


class UserPool(Endpoint, terraform="aws_cognito_user_pool", cloudformation="AWS::Cognito::UserPool"):
    """A user pool; its sign-in pages are on the internet once it has a domain."""

    what = "user pool's sign-in page"

    @property
    def public(self) -> Truth:
        return attached_to(UserPoolDomain, "pool", self).exists()

    @property
    def low(self) -> bool:
        return True


# -- web ACLs ---------------------------------------------------------------------------------------------------------

KNOWN_BAD_INPUTS = "AWSManagedRulesKnownBadInputsRuleSet"
"""The managed rules against requests that only attackers send, Log4j's among them.

https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
"""


class RuleActionOverride(Block):
    """What is done instead of the action of one rule of a managed group."""

    name = attr(str, terraform="name", cloudformation="Name")
    count = attr(dict, terraform="action_to_use.count", cloudformation="ActionToUse.Count")


class AclRule(Block):
    """A rule of a web ACL or of a rule group; classic rules and those of groups give their action as a type."""

    name = attr(str, terraform="name", cloudformation="Name")
    block = attr(dict, terraform="action.block", cloudformation="Action.Block")
    captcha = attr(dict, terraform="action.captcha", cloudformation="Action.Captcha")
    challenge = attr(dict, terraform="action.challenge", cloudformation="Action.Challenge")
    group_acts = attr(dict, terraform="override_action.none", cloudformation="OverrideAction.None")
    group_counts = attr(dict, terraform="override_action.count", cloudformation="OverrideAction.Count")
    type = attr(str, terraform="action.type", cloudformation="Action.Type")
    override = attr(str, terraform="override_action.type", cloudformation=None)
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
        """Whether it says what to do at all."""
        if not self.body.known:
            return Truth(None, self.body.reasons)
        return any_of(
            (
                self.stops,
                *map(_given, (self.allow, self.count, self.group_counts)),
                self.type.is_set(),
                self.override.is_set(),
            )
        )

    @property
    def stops(self) -> Truth:
        """Whether it stops requests: by itself, or by leaving a group of rules to its own actions."""
        if not self.body.known:
            return Truth(None, self.body.reasons)
        ways = (self.block, self.captcha, self.challenge, self.group_acts)
        return any_of((*map(_given, ways), self.type.is_("BLOCK"), self.override.is_("NONE")))

    def uses(self, group: str) -> Truth:
        """Whether it applies a managed group of rules."""
        return self.managed_group.is_(group) if self.body.known else Truth(None, self.body.reasons)

    def spares(self, rule: str) -> Truth:
        """Whether rules of its managed group whose names start so are switched off, or only counted."""
        # Terraform's provider had excluded_rule until version 4
        excluded = self.read(
            "statement.managed_rule_group_statement.excluded_rule"
            if self.is_terraform
            else "Statement.ManagedRuleGroupStatement.ExcludedRules",
            list,
        )
        names = excluded.elements().map(lambda e: e.key("name" if self.is_terraform else "Name"))

        def starts(text: object) -> bool:
            return str(text).startswith(rule)

        return names.any(lambda name: name.test(starts)) | any_of(
            (item.name.test(starts) & _given(item.count)) if item.body.known else Truth(None, item.body.reasons)
            for item in self.action_overrides
        )


def _given(value: Value[Any]) -> Truth:
    """Whether a block is written, empty as most of these are."""
    return value.test(lambda data: data is not None and data != ())


class RuleGroupAssociation(View, terraform="aws_wafv2_web_acl_rule_group_association", cloudformation=()):
    """A group of rules that is added to a web ACL from outside."""

    acl = attr(str, terraform="web_acl_arn", cloudformation=None)


class RuleHolder(
    View,
    terraform=("aws_wafv2_web_acl", "aws_waf_web_acl", "aws_wafregional_web_acl", "aws_wafv2_rule_group"),
    cloudformation=("AWS::WAFv2::WebACL", "AWS::WAF::WebACL", "AWS::WAFRegional::WebACL", "AWS::WAFv2::RuleGroup"),
):
    """A web ACL, or a group of rules for several of them."""

    default_allow = attr(dict, terraform="default_action.allow", cloudformation="DefaultAction.Allow")
    default_type = attr(str, terraform="default_action.type", cloudformation="DefaultAction.Type")
    json = attr(str, terraform="rule_json", cloudformation=None)
    _rules = blocks(AclRule, terraform="rule", cloudformation="Rules")
    _classic_rules = blocks(AclRule, terraform="rules", cloudformation=None)

    @property
    def is_group(self) -> bool:
        return self.resource.kind in ("aws_wafv2_rule_group", "AWS::WAFv2::RuleGroup")

    @property
    def own_rules(self) -> tuple[AclRule, ...]:
        """The rules that are written in it."""
        return (*self._rules, *self._classic_rules)

    @property
    def rules(self) -> Partial[AclRule]:
        """Its rules; a gap where they are given as text, or where a group is added from outside."""
        gaps = attached_to(RuleGroupAssociation, "acl", self)
        hidden = tuple(Reason(f"what {item.address} adds is not looked at", item.header) for item in gaps.items)
        if self.json.is_set().possible:
            hidden += self.json.reasons or (Reason("rules that are given as JSON are not read", self.json.span),)
        return Partial(self.own_rules, merge_reasons(gaps.gaps, hidden))

    @property
    def allows_by_default(self) -> Truth:
        """Whether it lets through what no rule decides; a group of rules decides nothing by default."""
        return _given(self.default_allow) | self.default_type.is_("ALLOW")

    @property
    def default_action(self) -> Value[Any]:
        """What says so."""
        return self.default_allow if self.default_type.implicit else self.default_type


class WebAcl(RuleHolder, terraform="aws_wafv2_web_acl", cloudformation="AWS::WAFv2::WebACL"):
    """A web ACL of the present WAF, which can use groups of rules that AWS keeps."""

    @property
    def known_bad_inputs(self) -> Partial[AclRule]:
        """The rules by which it applies AWS's group against known bad inputs."""
        return self.rules.where(lambda rule: rule.uses(KNOWN_BAD_INPUTS))


class LoggingConfiguration(
    View, terraform="aws_wafv2_web_acl_logging_configuration", cloudformation="AWS::WAFv2::LoggingConfiguration"
):
    """Where a web ACL of the present WAF logs to."""

    acl = attr(str, terraform="resource_arn", cloudformation="ResourceArn")


class Logged(
    View,
    terraform=("aws_wafv2_web_acl", "aws_waf_web_acl", "aws_wafregional_web_acl"),
    cloudformation="AWS::WAFv2::WebACL",
):
    """A web ACL that can be logged; CloudFormation has no property for logs of the classic ones."""

    destination = attr(str, terraform="logging_configuration.log_destination", cloudformation=None)

    @property
    def logged(self) -> Truth:
        """Whether its requests are logged."""
        return self.destination.is_set() | attached_to(LoggingConfiguration, "acl", self).exists()


class Measured(
    RuleHolder,
    terraform=("aws_wafv2_web_acl", "aws_wafv2_rule_group"),
    cloudformation=("AWS::WAFv2::WebACL", "AWS::WAFv2::RuleGroup"),
):
    """What says whether it keeps metrics."""

    metrics = attr(
        bool,
        terraform="visibility_config.cloudwatch_metrics_enabled",
        cloudformation="VisibilityConfig.CloudWatchMetricsEnabled",
    )
