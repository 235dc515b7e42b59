"""Amazon CloudWatch alarms and EventBridge rules: who is told when something is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from iaclint.aws.cloudtrail import Trail
from iaclint.aws.eventpattern import Event, event_rule_selects, log_filter_selects
from iaclint.aws.model import Typed, View, attr, beside, blocks
from iaclint.aws.organizations import Organization
from iaclint.aws.sns import Topic
from iaclint.estate import Deployment, stem
from iaclint.source import Span
from iaclint.value import NO, YES, Population, Step, Tri, Value, merge_reasons, tri_all, tri_any


class Transformation(View):
    """The metric that a filter makes."""

    metric = attr(str, tf="name", cfn="MetricName")
    namespace = attr(str, tf="namespace", cfn="MetricNamespace")


class MetricFilter(Typed, tf="aws_cloudwatch_log_metric_filter", cfn="AWS::Logs::MetricFilter"):
    """Counts the events of a log group that a pattern selects."""

    name = attr(str, tf="name", cfn="FilterName")
    pattern = attr(str, tf="pattern", cfn="FilterPattern")
    log_group = attr(str, tf="log_group_name", cfn="LogGroupName")
    transformations = blocks(Transformation, tf="metric_transformation", cfn="MetricTransformations")

    def meant_by(self, value: Value[Any]) -> Value[Any]:
        """A value, or the filter's name where the value is its id, which is the same."""
        ids = value.unknown and value.refs and all(ref.attribute in ("id", "Ref", "") for ref in value.refs)
        return self.name if ids and self.deployment.refers_to(value, self.resource).is_true else value


class MetricSource(View):
    """A metric that an alarm looks at."""

    metric = attr(str, tf="metric.metric_name", cfn="MetricStat.Metric.MetricName")
    namespace = attr(str, tf="metric.namespace", cfn="MetricStat.Metric.Namespace")


_METRIC_ALARMS = ("aws_cloudwatch_metric_alarm", "AWS::CloudWatch::Alarm")


class Alarm(
    Typed,
    tf=("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"),
    cfn=("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"),
):
    """An alarm on a metric, or on other alarms.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html and the
    documentation of the Terraform resource say that actions are enabled unless they are switched off.
    """

    name = attr(str, tf="alarm_name", cfn="AlarmName")
    metric = attr(str, tf="metric_name", cfn="MetricName")
    namespace = attr(str, tf="namespace", cfn="Namespace")
    actions = attr(list, tf="alarm_actions", cfn="AlarmActions")
    actions_enabled = attr(bool, tf="actions_enabled", cfn="ActionsEnabled", default=True)
    expression = attr(str, tf="alarm_rule", cfn="AlarmRule")
    sources = blocks(MetricSource, tf="metric_query", cfn="Metrics")

    def looks_at(self, of: MetricFilter, made: Transformation) -> Tri:
        """Whether it looks at a metric that a filter makes."""
        return tri_any(
            _same(of.meant_by(metric), made.metric) & _same(namespace, made.namespace)
            for metric, namespace in self.metrics
        )

    def reaches(self, action: Value[Any]) -> Tri:
        """Whether an action reaches anybody: all do but a topic of the deployment without a subscription."""
        if action.known:
            return YES
        named = Topic.at(action, self.deployment).items
        if named:
            return tri_all(topic.has_subscribers for topic in named)
        return tri_all(~topic.named_by(action) | topic.has_subscribers for topic in Topic.select(self.deployment))

    @cached_property
    def notifies(self) -> Tri:
        """Whether somebody, or something, is told when it goes off."""
        return self.actions_enabled.is_(True) & self.actions.elements().any(self.reaches)

    @property
    def feeds(self) -> Tri:
        """Whether something else watches its state: an alarm over alarms, a deployment, a health check."""
        address = stem(self.resource.address)
        referrers = self.deployment.referrers.get(address, ())
        if any(r is not self.resource and not r.kind.startswith(_NO_WATCHERS) for r in referrers):
            return YES
        composites = (c for c in _alarms(self.deployment).composites if c.resource is not self.resource)
        return tri_any(c.expression.test(self._is_named_in) for c in composites)

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

    def near(self, metric: Value[Any]) -> list[Alarm]:
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


def _same(one: Value[Any], other: Value[Any]) -> Tri:
    """Whether two values are the same text."""
    if one.known and other.known:
        return Tri.of(one.data is not None and one.data == other.data)
    for known, value in ((one, other), (other, one)):
        if (
            known.known
            and value.unknown
            and (known.data is None or not str(known.data).startswith(value.unknown.prefix))
        ):
            return NO
    if one.unknown and other.unknown and one.unknown.detail == other.unknown.detail and one.unknown.inputs:
        return YES  # the same input in both places
    return Tri(None, merge_reasons(one.reasons, other.reasons))


class EventTarget(Typed, tf="aws_cloudwatch_event_target", cfn=()):
    rule = attr(str, tf="rule", cfn=None)


class EventRule(Typed, tf="aws_cloudwatch_event_rule", cfn="AWS::Events::Rule"):
    """A rule of EventBridge. It is enabled unless said otherwise.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-rule.html
    """

    name = attr(str, tf="name", cfn="Name")
    pattern = attr(dict, tf="event_pattern", cfn="EventPattern")
    state = attr(str, tf="state", cfn="State", default="ENABLED")
    enabled = attr(bool, tf="is_enabled", cfn=None, default=True)
    bus = attr(str, tf="event_bus_name", cfn="EventBusName", default="default")
    inline_targets = attr(list, tf=None, cfn="Targets")

    @cached_property
    def notifies(self) -> Tri:
        """Whether it is enabled, has a target, and hears of what services do, which goes to the default bus only."""
        targets = self.inline_targets.elements().exists() | beside(EventTarget, "rule", self, self.name).exists()
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
    def exists(self) -> Tri:
        return tri_any(t.exists & t.log_group.is_set() for t in self.trails)

    @property
    def manages_organization(self) -> Tri:
        return tri_any(o.exists for o in Organization.select(self.deployment))

    def tells_of(self, event: Event) -> Tri:
        """Whether somebody is told of an event, by an alarm on a metric filter or by a rule of EventBridge."""
        by_filter = self._filters.any(lambda f: self._filter_tells_of(f, event))
        return by_filter | self._rules.any(lambda r: self._rule_tells_of(r, event))

    @cached_property
    def _filters(self) -> Population[MetricFilter]:
        return MetricFilter.population(self.deployment)

    @cached_property
    def _rules(self) -> Population[EventRule]:
        return EventRule.population(self.deployment)

    def _filter_tells_of(self, of: MetricFilter, event: Event) -> Tri:
        chain = of.exists & self._alarms(of)
        return chain if chain.is_false else chain & log_filter_selects(of.pattern, event)

    @staticmethod
    def _rule_tells_of(rule: EventRule, event: Event) -> Tri:
        told = rule.exists & ~rule.pattern.is_(None) & rule.notifies
        return told if told.is_false else told & event_rule_selects(rule.pattern, event)

    def _alarms(self, of: MetricFilter) -> Tri:
        """Whether a filter sees what the trails record, and an alarm on its metric reaches somebody."""
        key = ("alarms", of.resource.address)
        memo = self.deployment.memo
        if key not in memo:
            sees = self._sees(of)
            memo[key] = sees if sees.is_false else sees & tri_any(self._alarm_on(of, t) for t in of.transformations)
        found: Tri = memo[key]
        return found

    def _alarm_on(self, of: MetricFilter, made: Transformation) -> Tri:
        """Whether an alarm on a metric that a filter makes reaches somebody."""
        answer = Population((), tuple(gap.reason for gap in self.deployment.gaps)).exists()
        for alarm in _alarms(self.deployment).near(made.metric):
            looks = alarm.exists & alarm.looks_at(of, made)
            if not looks.is_false:
                answer = answer | looks & (alarm.notifies | alarm.feeds)
        return answer

    def _sees(self, of: MetricFilter) -> Tri:
        return tri_any(self._is_of(of, trail) for trail in self.trails)

    @staticmethod
    def _is_of(of: MetricFilter, trail: Trail) -> Tri:
        groups = trail.log_groups
        if groups.items:
            return tri_any(g.named_by(of.log_group, g.name) for g in groups.items)
        if groups.gaps or not of.log_group.known:
            return Tri(None, merge_reasons(groups.gaps, of.log_group.reasons))
        # a group of another deployment, known by its ARN
        return trail.log_group.test(lambda arn: f":log-group:{of.log_group.data}:" in f"{arn}:")
