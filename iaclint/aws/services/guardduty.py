"""Amazon GuardDuty."""

from __future__ import annotations

from iaclint.aws.views import View, attr, per_vendor
from iaclint.model.truth import Truth


class Switch(View):
    """A detector, or the settings for the members of an organization: either enables GuardDuty or not."""

    enabled = attr(bool, terraform=None, cloudformation=None)
    members = attr(str, terraform=None, cloudformation=None)


class Detector(Switch, terraform="aws_guardduty_detector", cloudformation="AWS::GuardDuty::Detector"):
    """GuardDuty in one region.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-guardduty-detector.html demands
    Enable; in Terraform it is true unless said otherwise.
    """

    enabled = attr(
        bool, terraform="enable", cloudformation="Enable", default=per_vendor(terraform=True, cloudformation=None)
    )


class OrganizationConfiguration(Switch, terraform="aws_guardduty_organization_configuration", cloudformation=()):
    """The settings that enable GuardDuty in the member accounts of an organization."""

    members = attr(str, terraform="auto_enable_organization_members", cloudformation=None)
    """ALL, NEW or NONE."""
    auto_enable = attr(bool, terraform="auto_enable", cloudformation=None)

    @property
    def enables(self) -> Truth:
        """Return True if GuardDuty is enabled in member accounts, all or new ones."""
        return self.members.is_one_of("ALL", "NEW") | self.auto_enable.is_(True)


class OrganizationAdmin(View, terraform="aws_guardduty_organization_admin_account", cloudformation=()):
    """The delegated administrator account, which runs GuardDuty for an organization."""

    account = attr(str, terraform="admin_account_id", cloudformation=None)
