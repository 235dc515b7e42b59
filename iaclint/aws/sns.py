"""Amazon SNS."""

from __future__ import annotations

from iaclint.aws.model import Typed, attr, beside
from iaclint.estate import stem
from iaclint.value import Tri


class Topic(Typed, tf="aws_sns_topic", cfn="AWS::SNS::Topic"):
    name = attr(str, tf="name", cfn="TopicName")
    inline_subscriptions = attr(list, tf=None, cfn="Subscription")

    @property
    def has_subscribers(self) -> Tri:
        """Whether somebody is subscribed; one whose ARN the deployment hands out may have subscribers elsewhere."""
        inline = self.inline_subscriptions.elements().exists()
        found = inline | beside(Subscription, "topic", self, self.name).exists()
        return found | Tri.of(self._exported)

    @property
    def _exported(self) -> bool:
        own = stem(self.resource.address)
        return any(stem(ref.address) == own for value in self.deployment.outputs.values() for ref in value.all_refs())


class Subscription(Typed, tf="aws_sns_topic_subscription", cfn="AWS::SNS::Subscription"):
    topic = attr(str, tf="topic_arn", cfn="TopicArn")
