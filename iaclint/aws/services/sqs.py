"""Amazon SQS."""

from __future__ import annotations

from iaclint.aws.views import View, attr


class Queue(View, terraform="aws_sqs_queue", cloudformation="AWS::SQS::Queue"):
    """A queue."""

    kms_key = attr(str, terraform="kms_master_key_id", cloudformation="KmsMasterKeyId")
