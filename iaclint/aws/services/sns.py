"""Amazon SNS."""

from __future__ import annotations

from iaclint.aws.joins import attached_to
from iaclint.aws.views import View, attr
from iaclint.model.truth import Truth


class Topic(View, terraform="aws_sns_topic", cloudformation="AWS::SNS::Topic"):
    name = attr(str, terraform="name", cloudformation="TopicName")
    inline_subscriptions = attr(list, terraform=None, cloudformation="Subscription")

    @property
    def has_subscribers(self) -> Truth:
        """Whether somebody is subscribed; one whose ARN the deployment hands out may have subscribers elsewhere."""
        inline = self.inline_subscriptions.elements().exists()
        found = inline | attached_to(Subscription, "topic", self, self.name).exists()
        return found | Truth.of(self._exported)

    @property
    def _exported(self) -> bool:
        return self.deployment.is_exported(self.resource)


class Subscription(View, terraform="aws_sns_topic_subscription", cloudformation="AWS::SNS::Subscription"):
    topic = attr(str, terraform="topic_arn", cloudformation="TopicArn")
