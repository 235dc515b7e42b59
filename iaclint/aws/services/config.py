"""AWS Config."""

from __future__ import annotations

from iaclint.aws.views import View, attr


class DeliveryChannel(View, terraform="aws_config_delivery_channel", cloudformation="AWS::Config::DeliveryChannel"):
    """A delivery channel: the bucket that AWS Config delivers configuration snapshots and history to."""

    bucket = attr(str, terraform="s3_bucket_name", cloudformation="S3BucketName")
