"""Amazon SNS."""

from __future__ import annotations

from iaclint.aws.joins import attached_to
from iaclint.aws.views import View, attr
from iaclint.model.truth import Truth


class Topic(View, terraform="aws_sns_topic", cloudformation="AWS::SNS::Topic"):
    """A topic."""

    name = attr(str, terraform="name", cloudformation="TopicName")
    kms_key = attr(str, terraform="kms_master_key_id", cloudformation="KmsMasterKeyId")
    inline_subscriptions = attr(list, terraform=None, cloudformation="Subscription")

    @property
    def has_subscribers(self) -> Truth:
        """Return True if the topic has a subscription.

        A topic whose ARN is an output of the deployment counts as subscribed: another deployment may subscribe to it.
        """
        inline = self.inline_subscriptions.elements().exists()
        found = inline | attached_to(Subscription, "topic", self, self.name).exists()
        return found | Truth.of(self._exported)

    @property
    def _exported(self) -> bool:
        return self.deployment.is_exported(self.resource)


class Subscription(View, terraform="aws_sns_topic_subscription", cloudformation="AWS::SNS::Subscription"):
    """A subscription to a topic."""

    topic = attr(str, terraform="topic_arn", cloudformation="TopicArn")
