"""AWS CloudTrail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from iaclint.aws.logs import LogGroup
from iaclint.aws.model import Typed, View, attr, blocks, per
from iaclint.aws.policy import Document, PrincipalEntry, Statement
from iaclint.aws.s3 import Bucket, BucketPolicy
from iaclint.estate import Deployment
from iaclint.source import Span
from iaclint.value import NO, Population, Step, Tri, Value, tri_all, tri_any


class FieldSelector(View):
    """One condition of an advanced event selector."""

    field = attr(str, tf="field", cfn="Field")
    equals = attr(list, tf="equals", cfn="Equals")
    not_equals = attr(list, tf="not_equals", cfn="NotEquals")
    starts_with = attr(list, tf="starts_with", cfn="StartsWith")
    ends_with = attr(list, tf="ends_with", cfn="EndsWith")


class DataResource(View):
    """Whose data events an event selector takes: a type, and ARNs or how they start."""

    type = attr(str, tf="type", cfn="Type")
    values = attr(list, tf="values", cfn="Values")


class EventSelector(View):
    management = attr(bool, tf="include_management_events", cfn="IncludeManagementEvents", default=True)
    read_write = attr(str, tf="read_write_type", cfn="ReadWriteType", default="All")
    excluded = attr(list, tf="exclude_management_event_sources", cfn="ExcludeManagementEventSources")
    data = blocks(DataResource, tf="data_resource", cfn="DataResources")

    def data_arns(self, kind: str, mode: str) -> Population[Value[Any]]:
        """How the ARNs start whose data events of a type it takes; `mode` is "ReadOnly" or "WriteOnly"."""
        takes = self.read_write.one_of("All", mode)
        found: Population[Value[Any]] = Population(())
        for resource in self.data:
            found = found + resource.values.elements().where(lambda _, r=resource: takes & r.type.is_(kind))  # type: ignore[misc]
        return found


class AdvancedEventSelector(View):
    fields = blocks(FieldSelector, tf="field_selector", cfn="FieldSelectors")

    @property
    def management(self) -> Tri:
        """Whether it takes management events."""
        if not self.body.known:
            return Tri(None, self.body.reasons)
        return tri_any(
            f.field.is_("eventCategory") & f.equals.elements().any(lambda v: v.is_("Management")) for f in self.fields
        )

    @property
    def narrowed(self) -> Tri:
        """Whether it takes only reads, only writes, or leaves some source out."""
        return tri_any(f.field.one_of("readOnly", "eventSource", "eventName") for f in self.fields)

    def takes_data(self, kind: str, mode: str) -> Tri:
        """Whether it takes data events of a type; `mode` is "ReadOnly" or "WriteOnly"."""
        if not self.body.known:
            return Tri(None, self.body.reasons)
        read_only = "true" if mode == "ReadOnly" else "false"

        def equals(name: str, value: str) -> Tri:
            return tri_any(f.field.is_(name) & f.equals.elements().any(lambda v: v.is_(value)) for f in self.fields)

        other_way = tri_any(
            f.field.is_("readOnly") & ~f.equals.elements().any(lambda v: v.one_of(read_only, read_only == "true"))
            for f in self.fields
        )
        by_name = tri_any(f.field.is_("eventName") & f.equals.elements().exists() for f in self.fields)
        return tri_all((equals("eventCategory", "Data"), equals("resources.type", kind), ~other_way, ~by_name))

    @property
    def data_arns(self) -> Population[Value[Any]]:
        """The ARNs, or their beginnings, to which it is limited; none where it is not."""
        found: Population[Value[Any]] = Population(())
        for selector in self.fields:
            arns = selector.equals.elements() + selector.starts_with.elements()
            found = found + arns.where(lambda _, s=selector: s.field.is_("resources.ARN"))  # type: ignore[misc]
        return found


class Trail(Typed, tf="aws_cloudtrail", cfn="AWS::CloudTrail::Trail"):
    """A trail. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudtrail-trail.html"""

    name = attr(str, tf="name", cfn="TrailName")
    logging = attr(bool, tf="enable_logging", cfn="IsLogging", default=per(tf=True, cfn=None))
    multi_region = attr(bool, tf="is_multi_region_trail", cfn="IsMultiRegionTrail", default=False)
    organization = attr(bool, tf="is_organization_trail", cfn="IsOrganizationTrail", default=False)
    validation = attr(bool, tf="enable_log_file_validation", cfn="EnableLogFileValidation", default=False)
    global_events = attr(
        bool, tf="include_global_service_events", cfn="IncludeGlobalServiceEvents", default=per(tf=True, cfn=None)
    )
    log_group = attr(str, tf="cloud_watch_logs_group_arn", cfn="CloudWatchLogsLogGroupArn")
    kms_key = attr(str, tf="kms_key_id", cfn="KMSKeyId")
    bucket = attr(str, tf="s3_bucket_name", cfn="S3BucketName")
    topic = attr(str, tf="sns_topic_name", cfn="SnsTopicName")
    selectors = blocks(EventSelector, tf="event_selector", cfn="EventSelectors")
    advanced_selectors = blocks(AdvancedEventSelector, tf="advanced_event_selector", cfn="AdvancedEventSelectors")

    @property
    def is_logging(self) -> Tri:
        return ~self.logging.is_(False)

    @property
    def management_events(self) -> Tri:
        """Whether it records management events, reads and writes alike.

        Without any selector it does: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html
        """
        if self.advanced_selectors:
            return tri_any(s.management & ~s.narrowed for s in self.advanced_selectors)
        if self.selectors:
            return tri_any(s.management.is_(True) & s.read_write.is_("All") for s in self.selectors)
        return Tri.of(True)

    @property
    def narrowing(self) -> Value[Any] | View:
        """What keeps management events out: a selector's own property, else the selector, else the trail."""
        for selector in self.selectors:
            if selector.management.is_(False).is_true:
                return selector.management
            if (~selector.read_write.is_("All")).is_true:
                return selector.read_write
        return self.advanced_selectors[0] if self.advanced_selectors else self

    @property
    def recorded_elsewhere(self) -> Tri:
        """Whether another trail of the deployment records all management events of all regions."""
        return self.siblings().any(
            lambda t: tri_all((t.exists, t.is_logging, t.regions, t.management_events, ~t.global_events.is_(False)))
        )

    @property
    def buckets(self) -> Population[Bucket]:
        """The buckets of the deployment that keep it."""
        return Bucket.named(self.bucket, self.deployment, "name")

    @property
    def log_groups(self) -> Population[LogGroup]:
        return LogGroup.at(self.log_group, self.deployment)

    @property
    def regions(self) -> Tri:
        """Whether it covers all regions; an organization's trail may still cover one."""
        return self.multi_region.is_(True)

    def siblings(self) -> Population[Trail]:
        """The other trails of the deployment."""
        trails = Trail.population(self.deployment)
        return Population(tuple(t for t in trails.items if t.resource is not self.resource), trails.gaps)

    @property
    def covered_elsewhere(self) -> Tri:
        """Whether another trail of the deployment records all regions."""
        return self.siblings().any(lambda t: tri_all((t.exists, t.is_logging, t.regions)))


class EventDataStore(Typed, tf="aws_cloudtrail_event_data_store", cfn="AWS::CloudTrail::EventDataStore"):
    kms_key = attr(str, tf="kms_key_id", cfn="KmsKeyId")
    multi_region = attr(bool, tf="multi_region_enabled", cfn="MultiRegionEnabled", default=True)


class Record(
    Typed,
    tf=("aws_cloudtrail", "aws_cloudtrail_event_data_store"),
    cfn=("AWS::CloudTrail::Trail", "AWS::CloudTrail::EventDataStore"),
):
    """What keeps events: a trail or an event data store."""

    kms_key = attr(str, tf="kms_key_id", cfn=("KMSKeyId", "KmsKeyId"))
    # an event data store ingests unless it is told to stop
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudtrail-eventdatastore.html
    logging = attr(bool, tf="enable_logging", cfn=("IsLogging", "IngestionEnabled"), default=True)
    selectors = blocks(EventSelector, tf="event_selector", cfn="EventSelectors")
    advanced_selectors = blocks(AdvancedEventSelector, tf="advanced_event_selector", cfn="AdvancedEventSelectors")

    @property
    def keeps(self) -> Tri:
        return self.exists & ~self.logging.is_(False)

    def data_of_all(self, kind: str, mode: str) -> Tri:
        """Whether it takes the data events of everything of a type ("AWS::S3::Object")."""
        service = kind.split("::")[1].lower()
        return self.keeps & (
            tri_any(s.data_arns(kind, mode).any(lambda v: _all_of(service, v)) for s in self.selectors)
            | tri_any(
                s.takes_data(kind, mode) & (~s.data_arns.exists() | s.data_arns.any(lambda v: _all_of(service, v)))
                for s in self.advanced_selectors
            )
        )

    def data_of(self, bucket: Bucket, mode: str) -> Tri:
        """Whether it takes the data events of the objects of a bucket."""
        kind = "AWS::S3::Object"

        def named(value: Value[Any]) -> Tri:
            if value.refs:
                return bucket.deployment.refers_to(value, bucket.resource)
            own = bucket.name.known and bool(bucket.name.data)
            return value.test(lambda arn: own and str(arn).rstrip("/").endswith(f":::{bucket.name.data}"))

        return self.data_of_all(kind, mode) | self.keeps & (
            tri_any(s.data_arns(kind, mode).any(named) for s in self.selectors)
            | tri_any(s.takes_data(kind, mode) & s.data_arns.any(named) for s in self.advanced_selectors)
        )


def _all_of(service: str, value: Value[Any]) -> Tri:
    """Whether a beginning of ARNs is that of everything of a service: "arn:aws:s3", "arn:aws:s3:::".

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DataResource.html
    """
    if value.known:
        return value.test(lambda text: str(text).rstrip(":").split(":")[2:] == [service])
    found = value.ends_with(f":{service}") | value.ends_with(f":{service}:::")
    if found.is_true or not value.refs:
        return found
    # "arn:${data.aws_partition.current.partition}:s3" refers to no resource, the ARN of a bucket does
    return found if all(ref.address.startswith("data.") for ref in value.refs) else Tri.of(False)


class Recording:
    """Everything that keeps events in a deployment, taken together."""

    scope = "deployment"

    def __init__(self, deployment: Deployment, records: tuple[Record, ...]) -> None:
        self.deployment = deployment
        self.records = records

    @classmethod
    def select(cls, deployment: Deployment) -> Iterator[Recording]:
        """One, where the deployment keeps events."""
        records = tuple(Record.select(deployment))
        if records:
            yield cls(deployment, records)

    @property
    def address(self) -> str:
        return self.records[0].address

    @property
    def span(self) -> Span:
        return self.records[0].span

    @property
    def header(self) -> Span:
        return self.records[0].header

    @property
    def calls(self) -> tuple[Step, ...]:
        return self.records[0].calls

    @property
    def exists(self) -> Tri:
        return tri_any(r.exists for r in self.records)

    @property
    def _population(self) -> Population[Record]:
        return Record.population(self.deployment)

    def of_objects(self, mode: str) -> Tri:
        """Whether reads or writes of objects are recorded: of all buckets, or of each of the deployment's.

        Buckets that keep the trails themselves are not counted: to record what is written there has no end.
        """
        everywhere = self._population.any(lambda r: r.data_of_all("AWS::S3::Object", mode))
        if not everywhere.is_false:
            return everywhere
        trails = Trail.select(self.deployment)
        watched = [(b, ~tri_any(b.named_by(t.bucket, b.name) for t in trails)) for b in Bucket.select(self.deployment)]
        return tri_any(is_ for _, is_ in watched) & tri_all(
            ~(b.exists & is_) | self._population.any(lambda r, b=b: r.data_of(b, mode))  # type: ignore[misc]
            for b, is_ in watched
        )

    def misses(self, kind: str) -> Tri:
        """Whether the deployment has resources with data events of a type, and writes of it are not recorded."""
        there = tri_any(r.exists for r in self.deployment.of_kind(*_DATA_OF[kind]))
        return there & ~self._population.any(lambda r: r.data_of_all(kind, "WriteOnly"))


_DATA_OF = {
    "AWS::Lambda::Function": ("aws_lambda_function", "AWS::Lambda::Function"),
    "AWS::DynamoDB::Table": ("aws_dynamodb_table", "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"),
    "AWS::Bedrock::Model": ("aws_bedrock_custom_model",),
}
"""Whose data events each type of them is.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
"""


class LogBucket(Bucket, tf="aws_s3_bucket", cfn="AWS::S3::Bucket"):
    """A bucket that trails are kept in: one here names it, or its policy speaks to CloudTrail for those elsewhere."""

    @property
    def trails(self) -> Population[Trail]:
        """The trails of the deployment that are kept in it."""
        return Population(tuple(Trail.select(self.deployment))).where(
            lambda trail: trail.exists & self.named_by(trail.bucket, self.name)
        )

    @property
    def keeps_trails(self) -> Tri:
        """Whether something that is here says so; what is not here may say so of any bucket."""
        own = NO if self.inline_policy.implicit else _speaks_to_trails(Document.parse(self.inline_policy))
        beside_it = tri_any(
            speaks & policy.exists & self.named_by(policy.bucket, self.name)
            for policy, speaks in _policies_for_trails(self.deployment)
        )
        return self.trails.exists() | own | beside_it

    @property
    def reads_recorded(self) -> Tri:
        """Whether a trail or an event data store records the data events of its objects."""
        return Record.population(self.deployment).any(lambda record: record.data_of(self, "ReadOnly"))

    @property
    def writers(self) -> Population[Statement]:
        """The statements of its policies that let CloudTrail put records into it."""
        found: Population[Statement] = Population((), self.documents.gaps)
        for document in self.documents.items:
            found = found + document.allowing(lambda s: _admits_trails(s) & s.touches_action("s3:PutObject"))
        return found


def _policies_for_trails(deployment: Deployment) -> tuple[tuple[BucketPolicy, Tri], ...]:
    """The bucket policies that speak, or may speak, to CloudTrail."""
    key = "policies for trails"
    if key not in deployment.memo:
        policies = ((p, _speaks_to_trails(Document.parse(p.policy))) for p in BucketPolicy.select(deployment))
        deployment.memo[key] = tuple((policy, speaks) for policy, speaks in policies if speaks.possible)
    found: tuple[tuple[BucketPolicy, Tri], ...] = deployment.memo[key]
    return found


def _speaks_to_trails(document: Document) -> Tri:
    return document.allowing(_admits_trails).exists()


def _admits_trails(statement: Statement) -> Tri:
    """Whether a statement speaks to the service CloudTrail."""

    def is_cloudtrail(entry: PrincipalEntry) -> Tri:
        return entry.value.is_("cloudtrail.amazonaws.com") if entry.kind == "Service" else NO

    return statement.principals.any(is_cloudtrail) if statement.principals is not None else NO
