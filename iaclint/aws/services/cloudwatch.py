"""Amazon CloudWatch alarms."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from iaclint.aws.joins import per_deployment
from iaclint.aws.services.logs import MetricFilter, Transformation
from iaclint.aws.services.sns import Topic
from iaclint.aws.views import Block, View, attr, blocks
from iaclint.model.inventory import Deployment
from iaclint.model.truth import FALSE, TRUE, Truth, all_of, any_of, merge_reasons
from iaclint.model.value import Value


class MetricSource(Block):
    """A metric that an alarm looks at."""

    metric = attr(str, terraform="metric.metric_name", cloudformation="MetricStat.Metric.MetricName")
    namespace = attr(str, terraform="metric.namespace", cloudformation="MetricStat.Metric.Namespace")


class Alarm(View):
    """An alarm on a metric, or on other alarms. Its actions are enabled unless a property disables them.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html
    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudwatch_metric_alarm
    """

    name = attr(str, terraform="alarm_name", cloudformation="AlarmName")
    actions = attr(list, terraform="alarm_actions", cloudformation="AlarmActions")
    actions_enabled = attr(bool, terraform="actions_enabled", cloudformation="ActionsEnabled", default=True)

    def has_receiver(self, action: Value[Any]) -> Truth:
        """Return True if an action has a receiver; only a topic of the deployment without subscribers has none."""
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
        """Return True if the alarm has an enabled action with a receiver."""
        return self.actions_enabled.is_(True) & self.actions.elements().any(self.has_receiver)

    @property
    def state_is_used(self) -> Truth:
        """Return True if another resource depends on its state: a composite alarm, a deployment, a health check."""
        address = self.resource.address.resource
        referrers = self.deployment.referrers.get(address, ())
        if any(r is not self.resource and not r.kind.startswith(_DO_NOT_USE_STATE) for r in referrers):
            return TRUE
        composites = (c for c in CompositeAlarm.select(self.deployment) if c.resource is not self.resource)
        return any_of(c.expression.test(self._is_named_in) for c in composites)

    def _is_named_in(self, expression: Any) -> bool:
        return self.name.known and bool(self.name.data) and str(self.name.data) in str(expression)


_DO_NOT_USE_STATE = ("aws_cloudwatch_dashboard", "AWS::CloudWatch::Dashboard", "aws_iam_", "AWS::IAM::", "data.")
"""Beginnings of the resource types that refer to an alarm without acting on its state."""


class MetricAlarm(Alarm, terraform="aws_cloudwatch_metric_alarm", cloudformation="AWS::CloudWatch::Alarm"):
    """An alarm on a metric, or on an expression over several metrics."""

    metric = attr(str, terraform="metric_name", cloudformation="MetricName")
    namespace = attr(str, terraform="namespace", cloudformation="Namespace")
    sources = blocks(MetricSource, terraform="metric_query", cloudformation="Metrics")

    @property
    def metrics(self) -> tuple[tuple[Value[Any], Value[Any]], ...]:
        """The names of the metrics of the alarm, each with its namespace."""
        return ((self.metric, self.namespace), *((source.metric, source.namespace) for source in self.sources))

    def monitors(self, metric_filter: MetricFilter, made: Transformation) -> Truth:
        """Return True if the alarm is on a metric that a filter makes."""
        return any_of(
            _is_same_text(metric_filter.name_if_id(metric), made.metric) & _is_same_text(namespace, made.namespace)
            for metric, namespace in self.metrics
        )


class CompositeAlarm(
    Alarm, terraform="aws_cloudwatch_composite_alarm", cloudformation="AWS::CloudWatch::CompositeAlarm"
):
    """An alarm on the states of other alarms."""

    expression = attr(str, terraform="alarm_rule", cloudformation="AlarmRule")


def alarms_on(deployment: Deployment, metric: Value[Any]) -> list[MetricAlarm]:
    """Return the alarms of a deployment that may be on a metric of this name."""
    by_metric, others = _by_metric(deployment)
    if not metric.known:
        return [alarm for alarms in by_metric.values() for alarm in alarms] + others
    return by_metric.get(str(metric.data), []) + others


@per_deployment
def _by_metric(deployment: Deployment) -> tuple[dict[str, list[MetricAlarm]], list[MetricAlarm]]:
    """Return the alarms by the name of their metric, and those on a metric whose name is unknown."""
    by_metric: dict[str, list[MetricAlarm]] = {}
    others: list[MetricAlarm] = []
    for alarm in MetricAlarm.select(deployment):
        for metric, _ in alarm.metrics:
            if metric.known:
                by_metric.setdefault(str(metric.data), []).append(alarm)
            else:
                others.append(alarm)
    return by_metric, others


def _is_same_text(one: Value[Any], other: Value[Any]) -> Truth:
    """Return True if two values are the same text."""
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
