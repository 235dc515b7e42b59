"""Amazon CloudWatch alarms and EventBridge rules: who is told when something is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from iaclint.aws.joins import attached_to
from iaclint.aws.reasoning.eventpattern import Event, event_rule_selects, log_filter_selects
from iaclint.aws.services.cloudtrail import Trail
from iaclint.aws.services.organizations import Organization
from iaclint.aws.services.sns import Topic
from iaclint.aws.views import Block, View, attr, blocks
from iaclint.model.inventory import Deployment, stem
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, TRUE, Truth, all_of, any_of, merge_reasons
from iaclint.model.value import Step, Value
from iaclint.source.files import Span


class Transformation(Block):
    """The metric that a filter makes."""

    metric = attr(str, terraform="name", cloudformation="MetricName")
    namespace = attr(str, terraform="namespace", cloudformation="MetricNamespace")


class MetricFilter(View, terraform="aws_cloudwatch_log_metric_filter", cloudformation="AWS::Logs::MetricFilter"):
    """Counts the events of a log group that a pattern selects."""

    name = attr(str, terraform="name", cloudformation="FilterName")
    pattern = attr(str, terraform="pattern", cloudformation="FilterPattern")
    log_group = attr(str, terraform="log_group_name", cloudformation="LogGroupName")
    transformations = blocks(Transformation, terraform="metric_transformation", cloudformation="MetricTransformations")

    def meant_by(self, value: Value[Any]) -> Value[Any]:
        """A value, or the filter's name where the value is its id, which is the same."""
        ids = value.unknown and value.refs and all(ref.attribute in ("id", "Ref", "") for ref in value.refs)
        return self.name if ids and self.deployment.refers_to(value, self.resource).is_true else value


class MetricSource(Block):
    """A metric that an alarm looks at."""

    metric = attr(str, terraform="metric.metric_name", cloudformation="MetricStat.Metric.MetricName")
    namespace = attr(str, terraform="metric.namespace", cloudformation="MetricStat.Metric.Namespace")


_METRIC_ALARMS = ("aws_cloudwatch_metric_alarm", "AWS::CloudWatch::Alarm")


class Alarm(
    View,
    terraform=("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"),
    cloudformation=("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"),
):
    """An alarm on a metric, or on other alarms.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html and the
    documentation of the Terraform resource say that actions are enabled unless they are switched off.
    """

    name = attr(str, terraform="alarm_name", cloudformation="AlarmName")
    metric = attr(str, terraform="metric_name", cloudformation="MetricName")
    namespace = attr(str, terraform="namespace", cloudformation="Namespace")
    actions = attr(list, terraform="alarm_actions", cloudformation="AlarmActions")
    actions_enabled = attr(bool, terraform="actions_enabled", cloudformation="ActionsEnabled", default=True)
    expression = attr(str, terraform="alarm_rule", cloudformation="AlarmRule")
    sources = blocks(MetricSource, terraform="metric_query", cloudformation="Metrics")

    def looks_at(self, of: MetricFilter, made: Transformation) -> Truth:
        """Whether it looks at a metric that a filter makes."""
        return any_of(
            _same(of.meant_by(metric), made.metric) & _same(namespace, made.namespace)
            for metric, namespace in self.metrics
        )

    def reaches(self, action: Value[Any]) -> Truth:
        """Whether an action reaches anybody: all do but a topic of the deployment without a subscription."""
        if action.known:
            return TRUE
        named = Topic.referenced_by(action, self.deployment).items
        if named:
            return all_of(topic.has_subscribers for topic in named)
        return all_of(
            ~topic.is_identified_by(action) | topic.has_subscribers for topic in Topic.select(self.deployment)
        )

    @cached_property
    def notifies(self) -> Truth:
        """Whether somebody, or something, is told when it goes off."""
        return self.actions_enabled.is_(True) & self.actions.elements().any(self.reaches)

    @property
    def feeds(self) -> Truth:
        """Whether something else watches its state: an alarm over alarms, a deployment, a health check."""
        address = stem(self.resource.address)
        referrers = self.deployment.referrers.get(address, ())
        if any(r is not self.resource and not r.kind.startswith(_NO_WATCHERS) for r in referrers):
            return TRUE
        composites = (c for c in _alarms(self.deployment).composites if c.resource is not self.resource)
        return any_of(c.expression.test(self._is_named_in) for c in composites)

    def _is_named_in(self, expression: Any) -> bool:
        return self.name.known and bool(self.name.data) and str(self.name.data) in str(expression)

    @property
    def metrics(self) -> tuple[tuple[Value[Any], Value[Any]], ...]:
        """The metrics that it looks at, each with its namespace."""
        return ((self.metric, self.namespace), *((source.metric, source.namespace) for source in self.sources))


class _Alarms:
    """The alarms of a deployment by the metric that they look at."""

    def __init__(self, alarms: list[Alarm]) -> None:
        self.composites = [alarm for alarm in alarms if alarm.resource.kind not in _METRIC_ALARMS]
        self.by_metric: dict[str, list[Alarm]] = {}
        self.others: list[Alarm] = []
        for alarm in alarms:
            for metric, _ in alarm.metrics:
                if metric.known:
                    self.by_metric.setdefault(str(metric.data), []).append(alarm)
                else:
                    self.others.append(alarm)

    def candidates(self, metric: Value[Any]) -> list[Alarm]:
        """Those that may look at a metric."""
        if not metric.known:
            return [alarm for alarms in self.by_metric.values() for alarm in alarms] + self.others
        return self.by_metric.get(str(metric.data), []) + self.others


def _alarms(deployment: Deployment) -> _Alarms:
    key = "cloudwatch alarms"
    if key not in deployment.memo:
        deployment.memo[key] = _Alarms(Alarm.select(deployment))
    found: _Alarms = deployment.memo[key]
    return found


_NO_WATCHERS = ("aws_cloudwatch_dashboard", "AWS::CloudWatch::Dashboard", "aws_iam_", "AWS::IAM::", "data.")


def _same(one: Value[Any], other: Value[Any]) -> Truth:
    """Whether two values are the same text."""
    if one.known and other.known:
        return Truth.of(one.data is not None and one.data == other.data)
    for known, value in ((one, other), (other, one)):
        if (
            known.known
            and value.unknown
            and (known.data is None or not str(known.data).startswith(value.unknown.prefix))
        ):
            return FALSE
    if one.unknown and other.unknown and one.unknown.detail == other.unknown.detail and one.unknown.inputs:
        return TRUE  # the same input in both places
    return Truth(None, merge_reasons(one.reasons, other.reasons))


class EventTarget(View, terraform="aws_cloudwatch_event_target", cloudformation=()):
    rule = attr(str, terraform="rule", cloudformation=None)


class EventRule(View, terraform="aws_cloudwatch_event_rule", cloudformation="AWS::Events::Rule"):
    """A rule of EventBridge. It is enabled unless said otherwise.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-rule.html
    """

    name = attr(str, terraform="name", cloudformation="Name")
    pattern = attr(dict, terraform="event_pattern", cloudformation="EventPattern")
    state = attr(str, terraform="state", cloudformation="State", default="ENABLED")
    enabled = attr(bool, terraform="is_enabled", cloudformation=None, default=True)
    bus = attr(str, terraform="event_bus_name", cloudformation="EventBusName", default="default")
    inline_targets = attr(list, terraform=None, cloudformation="Targets")

    @cached_property
    def notifies(self) -> Truth:
        """Whether it is enabled, has a target, and hears of what services do, which goes to the default bus only."""
        targets = self.inline_targets.elements().exists() | attached_to(EventTarget, "rule", self, self.name).exists()
        on = ~self.state.is_("DISABLED") & self.enabled.is_(True)
        return on & self.bus.test(lambda bus: str(bus).rpartition("/")[2] == "default") & targets


class Watch:
    """The trails of a deployment that feed a log group, and whether somebody is told of what they record."""

    scope = "deployment"

    def __init__(self, deployment: Deployment, trails: tuple[Trail, ...]) -> None:
        self.deployment = deployment
        self.trails = trails

    @classmethod
    def select(cls, deployment: Deployment) -> Iterator[Watch]:
        """One, where the deployment has such a trail."""
        trails = tuple(t for t in Trail.select(deployment) if t.log_group.is_set().possible)
        if trails:
            yield cls(deployment, trails)

    @property
    def address(self) -> str:
        return self.trails[0].address

    @property
    def span(self) -> Span:
        return self.trails[0].span

    @property
    def header(self) -> Span:
        return self.trails[0].header

    @property
    def calls(self) -> tuple[Step, ...]:
        return self.trails[0].calls

    @property
    def exists(self) -> Truth:
        return any_of(t.exists & t.log_group.is_set() for t in self.trails)

    @property
    def manages_organization(self) -> Truth:
        return any_of(o.exists for o in Organization.select(self.deployment))

    def tells_of(self, event: Event) -> Truth:
        """Whether somebody is told of an event, by an alarm on a metric filter or by a rule of EventBridge."""
        by_filter = self._filters.any(lambda f: self._filter_tells_of(f, event))
        return by_filter | self._rules.any(lambda r: self._rule_tells_of(r, event))

    @cached_property
    def _filters(self) -> Partial[MetricFilter]:
        return MetricFilter.found_in(self.deployment)

    @cached_property
    def _rules(self) -> Partial[EventRule]:
        return EventRule.found_in(self.deployment)

    def _filter_tells_of(self, of: MetricFilter, event: Event) -> Truth:
        chain = of.exists & self._alarms(of)
        return chain if chain.is_false else chain & log_filter_selects(of.pattern, event)

    @staticmethod
    def _rule_tells_of(rule: EventRule, event: Event) -> Truth:
        told = rule.exists & ~rule.pattern.is_(None) & rule.notifies
        return told if told.is_false else told & event_rule_selects(rule.pattern, event)

    def _alarms(self, of: MetricFilter) -> Truth:
        """Whether a filter sees what the trails record, and an alarm on its metric reaches somebody."""
        key = ("alarms", of.resource.address)
        memo = self.deployment.memo
        if key not in memo:
            sees = self._sees(of)
            memo[key] = sees if sees.is_false else sees & any_of(self._alarm_on(of, t) for t in of.transformations)
        found: Truth = memo[key]
        return found

    def _alarm_on(self, of: MetricFilter, made: Transformation) -> Truth:
        """Whether an alarm on a metric that a filter makes reaches somebody."""
        answer = Partial((), tuple(gap.reason for gap in self.deployment.gaps)).exists()
        for alarm in _alarms(self.deployment).candidates(made.metric):
            looks = alarm.exists & alarm.looks_at(of, made)
            if not looks.is_false:
                answer = answer | looks & (alarm.notifies | alarm.feeds)
        return answer

    def _sees(self, of: MetricFilter) -> Truth:
        return any_of(self._is_of(of, trail) for trail in self.trails)

    @staticmethod
    def _is_of(of: MetricFilter, trail: Trail) -> Truth:
        groups = trail.log_groups
        if groups.items:
            return any_of(g.is_identified_by(of.log_group, g.name) for g in groups.items)
        if groups.gaps or not of.log_group.known:
            return Truth(None, merge_reasons(groups.gaps, of.log_group.reasons))
        # a group of another deployment, known by its ARN
        return trail.log_group.test(lambda arn: f":log-group:{of.log_group.data}:" in f"{arn}:")
