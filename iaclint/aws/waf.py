"""Web ACLs of AWS WAF, and what can be put behind one.

https://docs.aws.amazon.com/waf/latest/developerguide/how-aws-waf-works-resources.html
"""

from __future__ import annotations

from typing import Any

from iaclint.aws import fms
from iaclint.aws.elb import LoadBalancer
from iaclint.aws.model import Typed, View, attr, beside, blocks, views
from iaclint.estate import Deployment
from iaclint.value import NO, YES, Population, Reason, Tri, Value, merge_reasons, tri_any


class Association(
    Typed,
    tf=("aws_wafv2_web_acl_association", "aws_wafregional_web_acl_association"),
    cfn=("AWS::WAFv2::WebACLAssociation", "AWS::WAFRegional::WebACLAssociation"),
):
    """A web ACL put before a resource."""

    resource_arn = attr(str, tf="resource_arn", cfn="ResourceArn")
    acl = attr(str, tf=("web_acl_arn", "web_acl_id"), cfn=("WebACLArn", "WebACLId"))


class Endpoint(Typed):
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
    def public(self) -> Tri:
        """Whether the internet can call it, and a web ACL could stand before it."""
        return YES

    @property
    def shielded(self) -> Tri:
        """Whether only something that can be protected in its stead can call it."""
        return NO

    @property
    def protected(self) -> Tri:
        """Whether a web ACL stands before it."""
        return self.associations.exists() | fms.enforces(self.deployment, *fms.WEB_ACLS)

    @property
    def acl_values(self) -> Population[Value[Any]]:
        """The values that name the web ACL before it."""
        return self.associations.map(lambda association: association.acl)

    @property
    def associations(self) -> Population[Association]:
        return beside(Association, "resource_arn", self)

    @property
    def low(self) -> bool:
        """Whether less hangs on it."""
        return False


class ApplicationLoadBalancer(Endpoint, tf=LoadBalancer.tf_kinds, cfn=LoadBalancer.cfn_kinds):
    what = "load balancer"

    @property
    def _balancer(self) -> LoadBalancer:
        return LoadBalancer(self.resource, self.deployment)

    @property
    def public(self) -> Tri:
        return self._balancer.application & self._balancer.internet_facing

    @property
    def shielded(self) -> Tri:
        return self._balancer.closed_by_groups


class RestApi(Typed, tf="aws_api_gateway_rest_api", cfn="AWS::ApiGateway::RestApi"):
    types = attr(list, tf="endpoint_configuration.types", cfn="EndpointConfiguration.Types")


class RestApiStage(Endpoint, tf="aws_api_gateway_stage", cfn="AWS::ApiGateway::Stage"):
    what = "REST API stage"

    api = attr(str, tf="rest_api_id", cfn="RestApiId")

    @property
    def public(self) -> Tri:
        return ~RestApi.at(self.api, self.deployment).any(_private)

    @property
    def associations(self) -> Population[Association]:
        # its ARN is often put together from the API and the name of the stage
        found = super().associations
        for api in RestApi.at(self.api, self.deployment).items:
            found = found + beside(Association, "resource_arn", api)
        return found


def _private(api: RestApi) -> Tri:
    return api.types.elements().any(lambda kind: kind.is_("PRIVATE"))


class GraphqlApi(Endpoint, tf="aws_appsync_graphql_api", cfn="AWS::AppSync::GraphQLApi"):
    what = "GraphQL API"

    visibility = attr(str, tf="visibility", cfn="Visibility", default="GLOBAL")

    @property
    def public(self) -> Tri:
        return ~self.visibility.is_("PRIVATE")


class Distribution(Endpoint, tf="aws_cloudfront_distribution", cfn="AWS::CloudFront::Distribution"):
    what = "distribution"

    web_acl = attr(str, tf="web_acl_id", cfn="DistributionConfig.WebACLId")
    enabled = attr(bool, tf="enabled", cfn="DistributionConfig.Enabled")

    @property
    def acl_values(self) -> Population[Value[Any]]:
        given = self.web_acl.is_set()
        return Population((self.web_acl,)) if given.possible else Population(())

    @property
    def protected(self) -> Tri:
        return self.web_acl.is_set() | fms.enforces(self.deployment, *fms.WEB_ACLS)


class AppRunnerService(Endpoint, tf="aws_apprunner_service", cfn="AWS::AppRunner::Service"):
    what = "App Runner service"

    publicly = attr(
        bool,
        tf="network_configuration.ingress_configuration.is_publicly_accessible",
        cfn="NetworkConfiguration.IngressConfiguration.IsPubliclyAccessible",
        default=True,
    )

    @property
    def public(self) -> Tri:
        return ~self.publicly.is_(False)


class UserPoolDomain(Typed, tf="aws_cognito_user_pool_domain", cfn="AWS::Cognito::UserPoolDomain"):
    pool = attr(str, tf="user_pool_id", cfn="UserPoolId")


class UserPool(Endpoint, tf="aws_cognito_user_pool", cfn="AWS::Cognito::UserPool"):
    """A user pool; its sign-in pages are on the internet once it has a domain."""

    what = "user pool's sign-in page"

    @property
    def public(self) -> Tri:
        return beside(UserPoolDomain, "pool", self).exists()

    @property
    def low(self) -> bool:
        return True


# -- web ACLs ---------------------------------------------------------------------------------------------------------

KNOWN_BAD_INPUTS = "AWSManagedRulesKnownBadInputsRuleSet"
"""The managed rules against requests that only attackers send, Log4j's among them.

https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
"""


class RuleActionOverride(View):
    """What is done instead of the action of one rule of a managed group."""

    name = attr(str, tf="name", cfn="Name")
    count = attr(dict, tf="action_to_use.count", cfn="ActionToUse.Count")


class AclRule(View):
    """A rule of a web ACL or of a rule group; classic rules and those of groups give their action as a type."""

    name = attr(str, tf="name", cfn="Name")
    block = attr(dict, tf="action.block", cfn="Action.Block")
    captcha = attr(dict, tf="action.captcha", cfn="Action.Captcha")
    challenge = attr(dict, tf="action.challenge", cfn="Action.Challenge")
    group_acts = attr(dict, tf="override_action.none", cfn="OverrideAction.None")
    group_counts = attr(dict, tf="override_action.count", cfn="OverrideAction.Count")
    type = attr(str, tf="action.type", cfn="Action.Type")
    override = attr(str, tf="override_action.type", cfn=None)
    managed_group = attr(
        str, tf="statement.managed_rule_group_statement.name", cfn="Statement.ManagedRuleGroupStatement.Name"
    )
    action_overrides = blocks(
        RuleActionOverride,
        tf="statement.managed_rule_group_statement.rule_action_override",
        cfn="Statement.ManagedRuleGroupStatement.RuleActionOverrides",
    )

    metrics = attr(
        bool, tf="visibility_config.cloudwatch_metrics_enabled", cfn="VisibilityConfig.CloudWatchMetricsEnabled"
    )
    allow = attr(dict, tf="action.allow", cfn="Action.Allow")
    count = attr(dict, tf="action.count", cfn="Action.Count")

    @property
    def acts(self) -> Tri:
        """Whether it says what to do at all."""
        if not self.body.known:
            return Tri(None, self.body.reasons)
        return tri_any(
            (
                self.stops,
                *map(_given, (self.allow, self.count, self.group_counts)),
                self.type.is_set(),
                self.override.is_set(),
            )
        )

    @property
    def stops(self) -> Tri:
        """Whether it stops requests: by itself, or by leaving a group of rules to its own actions."""
        if not self.body.known:
            return Tri(None, self.body.reasons)
        ways = (self.block, self.captcha, self.challenge, self.group_acts)
        return tri_any((*map(_given, ways), self.type.is_("BLOCK"), self.override.is_("NONE")))

    def uses(self, group: str) -> Tri:
        """Whether it applies a managed group of rules."""
        return self.managed_group.is_(group) if self.body.known else Tri(None, self.body.reasons)

    def spares(self, rule: str) -> Tri:
        """Whether rules of its managed group whose names start so are switched off, or only counted."""
        # Terraform's provider had excluded_rule until version 4
        excluded = self.read(
            "statement.managed_rule_group_statement.excluded_rule"
            if self.terraform
            else "Statement.ManagedRuleGroupStatement.ExcludedRules",
            list,
        )
        names = excluded.elements().map(lambda e: e.key("name" if self.terraform else "Name"))

        def starts(text: object) -> bool:
            return str(text).startswith(rule)

        return names.any(lambda name: name.test(starts)) | tri_any(
            (item.name.test(starts) & _given(item.count)) if item.body.known else Tri(None, item.body.reasons)
            for item in self.action_overrides
        )


def _given(value: Value[Any]) -> Tri:
    """Whether a block is written, empty as most of these are."""
    return value.test(lambda data: data is not None and data != ())


class RuleGroupAssociation(Typed, tf="aws_wafv2_web_acl_rule_group_association", cfn=()):
    """A group of rules that is added to a web ACL from outside."""

    acl = attr(str, tf="web_acl_arn", cfn=None)


class RuleHolder(
    Typed,
    tf=("aws_wafv2_web_acl", "aws_waf_web_acl", "aws_wafregional_web_acl", "aws_wafv2_rule_group"),
    cfn=("AWS::WAFv2::WebACL", "AWS::WAF::WebACL", "AWS::WAFRegional::WebACL", "AWS::WAFv2::RuleGroup"),
):
    """A web ACL, or a group of rules for several of them."""

    default_allow = attr(dict, tf="default_action.allow", cfn="DefaultAction.Allow")
    default_type = attr(str, tf="default_action.type", cfn="DefaultAction.Type")
    json = attr(str, tf="rule_json", cfn=None)
    _rules = blocks(AclRule, tf="rule", cfn="Rules")
    _classic_rules = blocks(AclRule, tf="rules", cfn=None)

    @property
    def is_group(self) -> bool:
        return self.resource.kind in ("aws_wafv2_rule_group", "AWS::WAFv2::RuleGroup")

    @property
    def own_rules(self) -> tuple[AclRule, ...]:
        """The rules that are written in it."""
        return (*self._rules, *self._classic_rules)

    @property
    def rules(self) -> Population[AclRule]:
        """Its rules; a gap where they are given as text, or where a group is added from outside."""
        gaps = beside(RuleGroupAssociation, "acl", self)
        hidden = tuple(Reason(f"what {item.address} adds is not looked at", item.header) for item in gaps.items)
        if self.json.is_set().possible:
            hidden += self.json.reasons or (Reason("rules that are given as JSON are not read", self.json.span),)
        return Population(self.own_rules, merge_reasons(gaps.gaps, hidden))

    @property
    def allows_by_default(self) -> Tri:
        """Whether it lets through what no rule decides; a group of rules decides nothing by default."""
        return _given(self.default_allow) | self.default_type.is_("ALLOW")

    @property
    def default_action(self) -> Value[Any]:
        """What says so."""
        return self.default_allow if self.default_type.implicit else self.default_type


class WebAcl(RuleHolder, tf="aws_wafv2_web_acl", cfn="AWS::WAFv2::WebACL"):
    """A web ACL of the present WAF, which can use groups of rules that AWS keeps."""

    @property
    def known_bad_inputs(self) -> Population[AclRule]:
        """The rules by which it applies AWS's group against known bad inputs."""
        return self.rules.where(lambda rule: rule.uses(KNOWN_BAD_INPUTS))


class LoggingConfiguration(Typed, tf="aws_wafv2_web_acl_logging_configuration", cfn="AWS::WAFv2::LoggingConfiguration"):
    """Where a web ACL of the present WAF logs to."""

    acl = attr(str, tf="resource_arn", cfn="ResourceArn")


class Logged(
    Typed,
    tf=("aws_wafv2_web_acl", "aws_waf_web_acl", "aws_wafregional_web_acl"),
    cfn="AWS::WAFv2::WebACL",
):
    """A web ACL that can be logged; CloudFormation has no property for logs of the classic ones."""

    destination = attr(str, tf="logging_configuration.log_destination", cfn=None)

    @property
    def logged(self) -> Tri:
        """Whether its requests are logged."""
        return self.destination.is_set() | beside(LoggingConfiguration, "acl", self).exists()


class Measured(
    RuleHolder,
    tf=("aws_wafv2_web_acl", "aws_wafv2_rule_group"),
    cfn=("AWS::WAFv2::WebACL", "AWS::WAFv2::RuleGroup"),
):
    """What says whether it keeps metrics."""

    metrics = attr(
        bool, tf="visibility_config.cloudwatch_metrics_enabled", cfn="VisibilityConfig.CloudWatchMetricsEnabled"
    )
