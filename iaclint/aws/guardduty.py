"""Amazon GuardDuty."""

from __future__ import annotations

from iaclint.aws.model import Typed, attr, per
from iaclint.value import Tri


class Detector(Typed, tf="aws_guardduty_detector", cfn="AWS::GuardDuty::Detector"):
    """GuardDuty in one region.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-guardduty-detector.html demands
    Enable; in Terraform it is true unless said otherwise.
    """

    enabled = attr(bool, tf="enable", cfn="Enable", default=per(tf=True, cfn=None))


class OrganizationConfiguration(Typed, tf="aws_guardduty_organization_configuration", cfn=()):
    """What happens to the member accounts of an organization."""

    members = attr(str, tf="auto_enable_organization_members", cfn=None)
    """ALL, NEW or NONE."""
    auto_enable = attr(bool, tf="auto_enable", cfn=None)

    @property
    def enables(self) -> Tri:
        return self.members.one_of("ALL", "NEW") | self.auto_enable.is_(True)


class OrganizationAdmin(Typed, tf="aws_guardduty_organization_admin_account", cfn=()):
    """The account that runs GuardDuty for an organization."""

    account = attr(str, tf="admin_account_id", cfn=None)


class Switch(
    Typed,
    tf=(*Detector.tf_kinds, *OrganizationConfiguration.tf_kinds),
    cfn=Detector.cfn_kinds,
):
    """What switches GuardDuty on or off: a detector, or the settings for the members of an organization."""

    enabled = Detector.enabled
    members = OrganizationConfiguration.members
