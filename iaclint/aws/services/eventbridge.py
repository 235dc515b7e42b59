"""Amazon EventBridge: rules and their targets."""

from __future__ import annotations

from functools import cached_property

from iaclint.aws.joins import attached_to
from iaclint.aws.views import View, attr
from iaclint.model.truth import Truth


class EventTarget(View, terraform="aws_cloudwatch_event_target", cloudformation=()):
    """A target of a rule."""

    rule = attr(str, terraform="rule", cloudformation=None)


class EventRule(View, terraform="aws_cloudwatch_event_rule", cloudformation="AWS::Events::Rule"):
    """A rule of EventBridge. It is enabled unless a property disables it.

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
        """Return True if it is enabled, has a target, and receives the events of AWS services (default bus only)."""
        targets = self.inline_targets.elements().exists() | attached_to(EventTarget, "rule", self, self.name).exists()
        on = ~self.state.is_("DISABLED") & self.enabled.is_(True)
        return on & self.bus.test(lambda bus: str(bus).rpartition("/")[2] == "default") & targets
