"""The API calls that a deployment records, the buckets that keep the records, and the events that it alerts on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from iaclint.aws.joins import per_deployment
from iaclint.aws.reasoning.eventpattern import Event, event_rule_selects, log_filter_selects
from iaclint.aws.reasoning.policy import Document, PrincipalEntry, Statement
from iaclint.aws.services.cloudtrail import EventRecorder, Trail
from iaclint.aws.services.cloudwatch import alarms_on
from iaclint.aws.services.config import DeliveryChannel
from iaclint.aws.services.eventbridge import EventRule
from iaclint.aws.services.logs import MetricFilter, Transformation
from iaclint.aws.services.organizations import Organization
from iaclint.aws.services.s3 import Bucket, BucketLogging, BucketPolicy
from iaclint.aws.views import Subject, View
from iaclint.model.inventory import Deployment
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, TRUE, Truth, all_of, any_of, merge_reasons
from iaclint.model.value import Value


class TrailMonitoring(Subject):
    """The trails of a deployment that deliver to a log group, and the alarms and rules on what they record."""

    def __init__(self, deployment: Deployment, trails: tuple[Trail, ...]) -> None:
        super().__init__(trails[0])
        self.deployment = deployment
        self.trails = trails

    @classmethod
    def select(cls, deployment: Deployment) -> Iterator[TrailMonitoring]:
        """Yield one subject if the deployment has such a trail."""
        trails = tuple(t for t in Trail.select(deployment) if t.log_group.is_set().possible)
        if trails:
            yield cls(deployment, trails)

    @property
    def exists(self) -> Truth:
        """True if a trail that exists delivers to a log group."""
        return any_of(t.exists & t.log_group.is_set() for t in self.trails)

    @property
    def manages_organization(self) -> Truth:
        """Return True if the deployment has an organization."""
        return any_of(o.exists for o in Organization.select(self.deployment))

    def alerts_on(self, event: Event) -> Truth:
        """Return True if an event notifies anyone, by an alarm on a metric filter or by a rule of EventBridge."""
        by_filter = self._filters.any(
            lambda found: found[1] if found[1].is_false else found[1] & log_filter_selects(found[0].pattern, event)
        )
        return by_filter | self._rules.any(lambda rule: _rule_alerts_on(rule, event))

    @cached_property
    def _filters(self) -> Partial[tuple[MetricFilter, Truth]]:
        """The metric filters, each with whether it reads the events of the trails and notifies anyone by an alarm."""
        return MetricFilter.found_in(self.deployment).map(lambda found: (found, self._notifies(found)))

    @cached_property
    def _rules(self) -> Partial[EventRule]:
        return EventRule.found_in(self.deployment)

    def _notifies(self, metric_filter: MetricFilter) -> Truth:
        reads = metric_filter.exists & any_of(_reads_events_of(metric_filter, trail) for trail in self.trails)
        if reads.is_false:
            return reads
        return reads & any_of(_has_alarm(metric_filter, metric) for metric in metric_filter.transformations)


def _rule_alerts_on(rule: EventRule, event: Event) -> Truth:
    notifies = rule.exists & ~rule.pattern.is_(None) & rule.notifies
    return notifies if notifies.is_false else notifies & event_rule_selects(rule.pattern, event)


def _has_alarm(metric_filter: MetricFilter, metric: Transformation) -> Truth:
    """Return True if an alarm on a metric of a filter notifies anyone, or another resource uses its state."""
    deployment = metric_filter.deployment
    answer = Partial((), tuple(gap.reason for gap in deployment.gaps)).exists()
    for alarm in alarms_on(deployment, metric.metric):
        monitors = alarm.exists & alarm.monitors(metric_filter, metric)
        if not monitors.is_false:
            answer = answer | monitors & (alarm.notifies | alarm.state_is_used)
    return answer


def _reads_events_of(metric_filter: MetricFilter, trail: Trail) -> Truth:
    """Return True if a filter is on a log group that the trail delivers to."""
    groups = trail.log_groups
    if groups.items:
        return any_of(g.is_identified_by(metric_filter.log_group, g.name) for g in groups.items)
    if groups.gaps or not metric_filter.log_group.known:
        return Truth(None, merge_reasons(groups.gaps, metric_filter.log_group.reasons))
    # a group of another deployment, known by its ARN
    return trail.log_group.test(lambda arn: f":log-group:{metric_filter.log_group.data}:" in f"{arn}:")


class DataEventLogging(Subject):
    """The trails and event data stores of a deployment, and the data events that they log together."""

    def __init__(self, deployment: Deployment, recorders: tuple[EventRecorder, ...]) -> None:
        super().__init__(recorders[0])
        self.deployment = deployment
        self.recorders = recorders

    @classmethod
    def select(cls, deployment: Deployment) -> Iterator[DataEventLogging]:
        """Yield one subject if the deployment has a trail or an event data store."""
        recorders = tuple(EventRecorder.select(deployment))
        if recorders:
            yield cls(deployment, recorders)

    @property
    def exists(self) -> Truth:
        """True if a trail or an event data store exists."""
        return any_of(r.exists for r in self.recorders)

    @property
    def _known_recorders(self) -> Partial[EventRecorder]:
        return EventRecorder.found_in(self.deployment)

    def logs_objects(self, mode: str) -> Truth:
        """Return True if reads ("ReadOnly") or writes ("WriteOnly") of S3 objects are logged.

        True if an event recorder logs the objects of all buckets, or of each bucket of the deployment except the
        buckets of the trails: logging the writes of log files would create log files without end.
        """
        everywhere = self._known_recorders.any(lambda r: r.logs_data_of_all("AWS::S3::Object", mode))
        if not everywhere.is_false:
            return everywhere
        trails = Trail.select(self.deployment)
        counted = [
            (b, ~any_of(b.is_identified_by(t.bucket, b.name) for t in trails)) for b in Bucket.select(self.deployment)
        ]
        return any_of(counts for _, counts in counted) & all_of(
            ~(b.exists & counts) | self._known_recorders.any(lambda r, b=b: r.logs_data_of(b, mode))  # type: ignore[misc]
            for b, counts in counted
        )

    def misses(self, kind: str) -> Truth:
        """Return True if the deployment has resources with data events of a type, and writes of it are not logged."""
        has_resources = any_of(r.exists for r in self.deployment.of_kind(*_RESOURCES_WITH_DATA_EVENTS[kind]))
        return has_resources & ~self._known_recorders.any(lambda r: r.logs_data_of_all(kind, "WriteOnly"))


_RESOURCES_WITH_DATA_EVENTS = {
    "AWS::Lambda::Function": ("aws_lambda_function", "AWS::Lambda::Function"),
    "AWS::DynamoDB::Table": ("aws_dynamodb_table", "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"),
    "AWS::Bedrock::Model": ("aws_bedrock_custom_model",),
}
"""The resource types that have data events of each type.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
"""


class TrailBucket(Subject):
    """An S3 bucket, and the trails that are kept in it."""

    def __init__(self, bucket: Bucket) -> None:
        super().__init__(bucket)
        self.bucket = bucket

    @classmethod
    def select(cls, deployment: Deployment) -> Iterator[TrailBucket]:
        """Yield a subject for each bucket."""
        return map(cls, Bucket.select(deployment))

    @property
    def trails(self) -> Partial[Trail]:
        """The trails of the deployment that deliver to the bucket."""
        return Partial(tuple(Trail.select(self.deployment))).where(
            lambda trail: trail.exists & self.bucket.is_identified_by(trail.bucket, self.bucket.name)
        )

    @property
    def keeps_trails(self) -> Truth:
        """Return True if a trail of the deployment names the bucket, or a policy of the bucket admits CloudTrail.

        A trail outside the scanned code may name any bucket; that alone does not make the answer undecided.
        """
        bucket = self.bucket
        own = FALSE if bucket.inline_policy.implicit else _admits_cloudtrail(Document.parse(bucket.inline_policy))
        attached = any_of(
            admits & policy.exists & bucket.is_identified_by(policy.bucket, bucket.name)
            for policy, admits in _policies_for_cloudtrail(self.deployment)
        )
        return self.trails.exists() | own | attached

    @property
    def reads_recorded(self) -> Truth:
        """Return True if a trail or an event data store logs reads of the bucket's objects."""
        return EventRecorder.found_in(self.deployment).any(lambda r: r.logs_data_of(self.bucket, "ReadOnly"))

    @property
    def writers(self) -> Partial[Statement]:
        """The statements of the bucket's policies that let CloudTrail put objects into it."""
        found: Partial[Statement] = Partial((), self.bucket.documents.gaps)
        for document in self.bucket.documents.items:
            found = found + document.allowing(lambda s: _is_for_cloudtrail(s) & s.overlaps_action("s3:PutObject"))
        return found


@per_deployment
def _policies_for_cloudtrail(deployment: Deployment) -> tuple[tuple[BucketPolicy, Truth], ...]:
    """Return the bucket policies that admit, or may admit, CloudTrail."""
    policies = ((p, _admits_cloudtrail(Document.parse(p.policy))) for p in BucketPolicy.select(deployment))
    return tuple((policy, admits) for policy, admits in policies if admits.possible)


def _admits_cloudtrail(document: Document) -> Truth:
    return document.allowing(_is_for_cloudtrail).exists()


def _is_for_cloudtrail(statement: Statement) -> Truth:
    """Return True if the service CloudTrail is a principal of a statement."""

    def is_cloudtrail(entry: PrincipalEntry) -> Truth:
        return entry.value.is_("cloudtrail.amazonaws.com") if entry.kind == "Service" else FALSE

    return statement.principals.any(is_cloudtrail) if statement.principals is not None else FALSE


def keeps_evidence(bucket: Bucket) -> Truth:
    """Return True if trails, AWS Config or access logs deliver to a bucket, or its name contains the word backup."""
    backups = bucket.name.test(lambda name: "backup" in str(name).lower())
    if bucket.name.unknown and backups.value is None:
        backups = FALSE if "backup" not in bucket.address.lower() else TRUE
    return backups | any_of(
        bucket.is_identified_by(target, bucket.name) & source.exists
        for source, target in _deliveries(bucket.deployment)
    )


@per_deployment
def _deliveries(deployment: Deployment) -> tuple[tuple[View, Value[str]], ...]:
    """Return what delivers records to a bucket, each with the value that names the bucket."""
    named: list[tuple[View, Value[str]]] = [(trail, trail.bucket) for trail in Trail.select(deployment)]
    named += [(channel, channel.bucket) for channel in DeliveryChannel.select(deployment)]
    named += [(logging, logging.target) for logging in BucketLogging.select(deployment)]
    named += [
        (bucket, log.target)
        for bucket in Bucket.select(deployment)
        for log in bucket.inline_logs
        if not log.target.implicit
    ]
    return tuple(named)
