"""AWS Organizations, and what is centralized for its accounts."""

from __future__ import annotations

from iaclint.aws.questions.account import Account
from iaclint.aws.reasoning.policy import Condition, Document, Statement
from iaclint.aws.services.iam import Policy, ServiceControlPolicy
from iaclint.aws.views import View, attr
from iaclint.model.inventory import Deployment
from iaclint.model.truth import FALSE, Truth, any_of


class Organization(View, terraform="aws_organizations_organization", cloudformation="AWS::Organizations::Organization"):
    """An organization that the deployment creates or manages."""


class Features(View, terraform="aws_iam_organizations_features", cloudformation=()):
    """What IAM does for all accounts of an organization.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-enable-root-access.html
    """

    enabled = attr(list, terraform="enabled_features", cloudformation=None)

    @property
    def manages_root_credentials(self) -> Truth:
        """Whether the root users of member accounts need no password of their own."""
        return self.enabled.elements().any(lambda v: v.is_("RootCredentialsManagement"))


class Attachment(View, terraform="aws_organizations_policy_attachment", cloudformation=()):
    policy = attr(str, terraform="policy_id", cloudformation=None)


def denies_root(document: Document) -> Truth:
    """Whether a service control policy denies what the root users of accounts ask for."""

    def is_root(condition: Condition) -> Truth:
        if condition.key.lower() != "aws:principalarn" or condition.negated:
            return FALSE
        return condition.values.any(lambda v: v.ends_with(":root"))

    def denies(statement: Statement) -> Truth:
        return statement.touches_action("*") & statement.conditions.any(is_root)

    return document.denying(denies).exists()


def root_users_limited(account: Account) -> Truth:
    """Whether the run takes the root users of member accounts their credentials, or denies them what they ask for."""
    managed = account.all(Features).any(lambda f: f.exists & f.manages_root_credentials)
    return managed | any_of(_root_denied(deployment) for deployment in account.inventory.deployments)


def _root_denied(deployment: Deployment) -> Truth:
    return any_of(
        policy.exists & denies_root(policy.document) & _attached(policy)
        for policy in ServiceControlPolicy.select(deployment)
    )


def _attached(policy: Policy) -> Truth:
    """Whether a policy is attached: by its targets, or by an attachment beside it."""
    targets = policy.read("TargetIds", list).elements().exists()
    deployment = policy.deployment
    return targets | Attachment.found_in(deployment).any(
        lambda a: a.exists & deployment.refers_to(a.policy, policy.resource)
    )
