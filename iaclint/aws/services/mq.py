"""Amazon MQ."""

from __future__ import annotations

from iaclint.aws.views import View, attr


class Broker(View, terraform="aws_mq_broker", cloudformation="AWS::AmazonMQ::Broker"):
    """A message broker.

    https://docs.aws.amazon.com/amazon-mq/latest/api-reference/brokers.html, of public access: "set to false by
    default".
    """

    publicly_accessible = attr(
        bool, terraform="publicly_accessible", cloudformation="PubliclyAccessible", default=False
    )
