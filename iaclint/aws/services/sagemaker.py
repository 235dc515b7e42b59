"""Amazon SageMaker."""

from __future__ import annotations

from iaclint.aws.views import View, attr


class NotebookInstance(
    View, terraform="aws_sagemaker_notebook_instance", cloudformation="AWS::SageMaker::NotebookInstance"
):
    """A notebook instance.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateNotebookInstance.html: access to the internet
    is enabled unless it is disabled.
    """

    direct_internet_access = attr(
        str, terraform="direct_internet_access", cloudformation="DirectInternetAccess", default="Enabled"
    )
