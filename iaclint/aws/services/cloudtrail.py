"""AWS CloudTrail: trails and event data stores, and the selectors that say which events they record."""

from __future__ import annotations

from typing import Any

from iaclint.aws.joins import identified_by
from iaclint.aws.services.logs import LogGroup
from iaclint.aws.services.s3 import Bucket
from iaclint.aws.views import Block, View, attr, blocks, per_vendor
from iaclint.model.partial import Partial
from iaclint.model.truth import Truth, all_of, any_of
from iaclint.model.value import Value


class FieldSelector(Block):
    """One condition of an advanced event selector."""

    field = attr(str, terraform="field", cloudformation="Field")
    equals = attr(list, terraform="equals", cloudformation="Equals")
    not_equals = attr(list, terraform="not_equals", cloudformation="NotEquals")
    starts_with = attr(list, terraform="starts_with", cloudformation="StartsWith")
    ends_with = attr(list, terraform="ends_with", cloudformation="EndsWith")


class DataResource(Block):
    """The resources whose data events a selector selects: a type, and ARNs or prefixes of ARNs."""

    type = attr(str, terraform="type", cloudformation="Type")
    values = attr(list, terraform="values", cloudformation="Values")


class EventSelector(Block):
    """A basic event selector."""

    management = attr(
        bool, terraform="include_management_events", cloudformation="IncludeManagementEvents", default=True
    )
    read_write = attr(str, terraform="read_write_type", cloudformation="ReadWriteType", default="All")
    excluded = attr(list, terraform="exclude_management_event_sources", cloudformation="ExcludeManagementEventSources")
    data = blocks(DataResource, terraform="data_resource", cloudformation="DataResources")

    def data_arns(self, kind: str, mode: str) -> Partial[Value[Any]]:
        """Return the prefixes of the ARNs whose data events of a type are selected; `mode` as in `takes_data`."""
        takes = self.read_write.is_one_of("All", mode)
        found: Partial[Value[Any]] = Partial(())
        for resource in self.data:
            selected = takes & resource.type.is_(kind)
            found = found + resource.values.elements().where(lambda _, selected=selected: selected)  # type: ignore[misc]
        return found


class AdvancedEventSelector(Block):
    """An advanced event selector: it selects the events that meet all its conditions."""

    fields = blocks(FieldSelector, terraform="field_selector", cloudformation="FieldSelectors")

    @property
    def management(self) -> Truth:
        """Return True if it selects management events."""
        if not self.body.known:
            return Truth(None, self.body.reasons)
        return any_of(
            f.field.is_("eventCategory") & f.equals.elements().any(lambda v: v.is_("Management")) for f in self.fields
        )

    @property
    def narrowed(self) -> Truth:
        """Return True if it selects only read or write events, or excludes an event source or an event name."""
        return any_of(f.field.is_one_of("readOnly", "eventSource", "eventName") for f in self.fields)

    def takes_data(self, kind: str, mode: str) -> Truth:
        """Return True if it selects data events of a type; `mode` is "ReadOnly" or "WriteOnly"."""
        if not self.body.known:
            return Truth(None, self.body.reasons)
        read_only = "true" if mode == "ReadOnly" else "false"

        def equals(name: str, value: str) -> Truth:
            return any_of(f.field.is_(name) & f.equals.elements().any(lambda v: v.is_(value)) for f in self.fields)

        other_way = any_of(
            f.field.is_("readOnly") & ~f.equals.elements().any(lambda v: v.is_one_of(read_only, read_only == "true"))
            for f in self.fields
        )
        by_name = any_of(f.field.is_("eventName") & f.equals.elements().exists() for f in self.fields)
        return all_of((equals("eventCategory", "Data"), equals("resources.type", kind), ~other_way, ~by_name))

    @property
    def data_arns(self) -> Partial[Value[Any]]:
        """The ARNs and prefixes of ARNs that it is limited to; none if it is not limited."""
        found: Partial[Value[Any]] = Partial(())
        for selector in self.fields:
            arns = selector.equals.elements() + selector.starts_with.elements()
            found = found + arns.where(lambda _, s=selector: s.field.is_("resources.ARN"))  # type: ignore[misc]
        return found


class EventRecorder(View):
    """A trail or an event data store: what records events."""

    kms_key = attr(str, terraform="kms_key_id", cloudformation=None)
    logging = attr(bool, terraform=None, cloudformation=None, default=True)
    selectors = blocks(EventSelector, terraform=None, cloudformation=None)
    advanced_selectors = blocks(
        AdvancedEventSelector, terraform="advanced_event_selector", cloudformation="AdvancedEventSelectors"
    )

    @property
    def is_logging(self) -> Truth:
        """Return True if it records events, as far as its own properties decide that."""
        return ~self.logging.is_(False)

    def logs_data_of_all(self, kind: str, mode: str) -> Truth:
        """Return True if it logs the data events of all resources of a type ("AWS::S3::Object")."""
        service = kind.split("::")[1].lower()
        return (
            self.exists
            & self.is_logging
            & (
                any_of(s.data_arns(kind, mode).any(lambda v: _all_of(service, v)) for s in self.selectors)
                | any_of(
                    s.takes_data(kind, mode) & (~s.data_arns.exists() | s.data_arns.any(lambda v: _all_of(service, v)))
                    for s in self.advanced_selectors
                )
            )
        )

    def logs_data_of(self, bucket: Bucket, mode: str) -> Truth:
        """Return True if it logs the data events of the objects of a bucket; `mode` is "ReadOnly" or "WriteOnly"."""
        kind = "AWS::S3::Object"

        def named(value: Value[Any]) -> Truth:
            if value.refs:
                return bucket.deployment.refers_to(value, bucket.resource)
            own = bucket.name.known and bool(bucket.name.data)
            return value.test(lambda arn: own and str(arn).rstrip("/").endswith(f":::{bucket.name.data}"))

        return self.logs_data_of_all(kind, mode) | self.exists & self.is_logging & (
            any_of(s.data_arns(kind, mode).any(named) for s in self.selectors)
            | any_of(s.takes_data(kind, mode) & s.data_arns.any(named) for s in self.advanced_selectors)
        )


class Trail(EventRecorder, terraform="aws_cloudtrail", cloudformation="AWS::CloudTrail::Trail"):
    """A trail. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudtrail-trail.html"""

    name = attr(str, terraform="name", cloudformation="TrailName")
    logging = attr(
        bool,
        terraform="enable_logging",
        cloudformation="IsLogging",
        default=per_vendor(terraform=True, cloudformation=None),
    )
    multi_region = attr(bool, terraform="is_multi_region_trail", cloudformation="IsMultiRegionTrail", default=False)
    organization = attr(bool, terraform="is_organization_trail", cloudformation="IsOrganizationTrail", default=False)
    validation = attr(
        bool, terraform="enable_log_file_validation", cloudformation="EnableLogFileValidation", default=False
    )
    global_events = attr(
        bool,
        terraform="include_global_service_events",
        cloudformation="IncludeGlobalServiceEvents",
        default=per_vendor(terraform=True, cloudformation=None),
    )
    log_group = attr(str, terraform="cloud_watch_logs_group_arn", cloudformation="CloudWatchLogsLogGroupArn")
    kms_key = attr(str, terraform="kms_key_id", cloudformation=("KMSKeyId", "KmsKeyId"))
    bucket = attr(str, terraform="s3_bucket_name", cloudformation="S3BucketName")
    topic = attr(str, terraform="sns_topic_name", cloudformation="SnsTopicName")
    selectors = blocks(EventSelector, terraform="event_selector", cloudformation="EventSelectors")

    @property
    def management_events(self) -> Truth:
        """Return True if it logs management events, both read and write events.

        A trail without selectors does: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html
        """
        if self.advanced_selectors:
            return any_of(s.management & ~s.narrowed for s in self.advanced_selectors)
        if self.selectors:
            return any_of(s.management.is_(True) & s.read_write.is_("All") for s in self.selectors)
        return Truth.of(True)

    @property
    def narrowing(self) -> Value[Any] | Block:
        """The place that excludes management events: a property of a selector, else the selector, else the trail."""
        for selector in self.selectors:
            if selector.management.is_(False).is_true:
                return selector.management
            if (~selector.read_write.is_("All")).is_true:
                return selector.read_write
        return self.advanced_selectors[0] if self.advanced_selectors else self

    @property
    def recorded_elsewhere(self) -> Truth:
        """Return True if another trail of the deployment logs all management events of all regions."""
        return self.siblings().any(
            lambda t: all_of((t.exists, t.is_logging, t.regions, t.management_events, ~t.global_events.is_(False)))
        )

    @property
    def buckets(self) -> Partial[Bucket]:
        """The buckets of the deployment that it delivers to."""
        return identified_by(Bucket, self.bucket, self.deployment, "name")

    @property
    def log_groups(self) -> Partial[LogGroup]:
        """The log groups of the deployment that it delivers to."""
        return LogGroup.referenced_by(self.log_group, self.deployment)

    @property
    def regions(self) -> Truth:
        """Return True if it logs events of all regions; an organization trail may be for one region."""
        return self.multi_region.is_(True)

    def siblings(self) -> Partial[Trail]:
        """Return the other trails of the deployment."""
        trails = Trail.found_in(self.deployment)
        return Partial(tuple(t for t in trails.items if t.resource is not self.resource), trails.gaps)

    @property
    def covered_elsewhere(self) -> Truth:
        """Return True if another trail of the deployment logs events of all regions."""
        return self.siblings().any(lambda t: all_of((t.exists, t.is_logging, t.regions)))


class EventDataStore(
    EventRecorder, terraform="aws_cloudtrail_event_data_store", cloudformation="AWS::CloudTrail::EventDataStore"
):
    """An event data store of CloudTrail Lake. It ingests events unless a property stops it.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudtrail-eventdatastore.html
    """

    kms_key = attr(str, terraform="kms_key_id", cloudformation="KmsKeyId")
    logging = attr(bool, terraform=None, cloudformation="IngestionEnabled", default=True)
    multi_region = attr(bool, terraform="multi_region_enabled", cloudformation="MultiRegionEnabled", default=True)


def _all_of(service: str, value: Value[Any]) -> Truth:
    """Return True if a prefix of ARNs is that of all resources of a service: "arn:aws:s3", "arn:aws:s3:::".

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DataResource.html
    """
    if value.known:
        return value.test(lambda text: str(text).rstrip(":").split(":")[2:] == [service])
    found = value.ends_with(f":{service}") | value.ends_with(f":{service}:::")
    if found.is_true or not value.refs:
        return found
    # "arn:${data.aws_partition.current.partition}:s3" refers to no resource, the ARN of a bucket does
    return found if all(ref.address.is_data for ref in value.refs) else Truth.of(False)
