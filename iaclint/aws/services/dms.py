"""AWS Database Migration Service."""

from __future__ import annotations

from iaclint.aws.views import View, attr, per_vendor


class ReplicationInstance(
    View, terraform="aws_dms_replication_instance", cloudformation="AWS::DMS::ReplicationInstance"
):
    """A replication instance.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dms-replicationinstance.html, of
    public access: "the default value is true"; Terraform's provider sends false if it is not set
    (https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/dms_replication_instance).
    """

    publicly_accessible = attr(
        bool,
        terraform="publicly_accessible",
        cloudformation="PubliclyAccessible",
        default=per_vendor(terraform=False, cloudformation=True),
    )
