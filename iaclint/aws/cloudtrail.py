"""AWS CloudTrail."""

from __future__ import annotations

from typing import Any

from iaclint.aws.logs import LogGroup
from iaclint.aws.model import Typed, View, attr, blocks, per
from iaclint.aws.s3 import Bucket
from iaclint.value import Population, Tri, Value, tri_all, tri_any


class FieldSelector(View):
    """One condition of an advanced event selector."""

    field = attr(str, tf="field", cfn="Field")
    equals = attr(list, tf="equals", cfn="Equals")
    not_equals = attr(list, tf="not_equals", cfn="NotEquals")


class EventSelector(View):
    management = attr(bool, tf="include_management_events", cfn="IncludeManagementEvents", default=True)
    read_write = attr(str, tf="read_write_type", cfn="ReadWriteType", default="All")
    excluded = attr(list, tf="exclude_management_event_sources", cfn="ExcludeManagementEventSources")


class AdvancedEventSelector(View):
    fields = blocks(FieldSelector, tf="field_selector", cfn="FieldSelectors")

    def _field(self, name: str) -> tuple[FieldSelector, ...]:
        return tuple(f for f in self.fields if f.field.is_(name).possible)

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
