"""AWS Organizations, and what IAM centralizes for the member accounts."""

from __future__ import annotations

from iaclint.aws.views import View, attr
from iaclint.model.truth import Truth


class Organization(View, terraform="aws_organizations_organization", cloudformation="AWS::Organizations::Organization"):
    """An organization that the deployment creates or manages."""


class IamFeatures(View, terraform="aws_iam_organizations_features", cloudformation=()):
    """The features of IAM that are enabled for all accounts of an organization.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-enable-root-access.html
    """

    enabled = attr(list, terraform="enabled_features", cloudformation=None)

    @property
    def manages_root_credentials(self) -> Truth:
        """Return True if the root users of member accounts need no credentials of their own."""
        return self.enabled.elements().any(lambda v: v.is_("RootCredentialsManagement"))


class PolicyAttachment(View, terraform="aws_organizations_policy_attachment", cloudformation=()):
    """The attachment of a policy to a root, an organizational unit or an account."""

    policy = attr(str, terraform="policy_id", cloudformation=None)
