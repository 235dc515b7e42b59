"""AWS Global Accelerator."""

from __future__ import annotations

from iaclint.aws.views import View


class Accelerator(
    View, terraform="aws_globalaccelerator_accelerator", cloudformation="AWS::GlobalAccelerator::Accelerator"
):
    """An accelerator."""
