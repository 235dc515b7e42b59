"""AWS Organizations, and what is centralized for its accounts."""

from __future__ import annotations

from iaclint.aws.account import Account
from iaclint.aws.iam import Policy, ServiceControlPolicy
from iaclint.aws.model import Typed, attr
from iaclint.aws.policy import Condition, Document, Statement
from iaclint.estate import Deployment
from iaclint.value import NO, Tri, tri_any


class Organization(Typed, tf="aws_organizations_organization", cfn="AWS::Organizations::Organization"):
    """An organization that the deployment creates or manages."""


class Features(Typed, tf="aws_iam_organizations_features", cfn=()):
    """What IAM does for all accounts of an organization.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-enable-root-access.html
    """

    enabled = attr(list, tf="enabled_features", cfn=None)

    @property
    def manages_root_credentials(self) -> Tri:
        """Whether the root users of member accounts need no password of their own."""
        return self.enabled.elements().any(lambda v: v.is_("RootCredentialsManagement"))


class Attachment(Typed, tf="aws_organizations_policy_attachment", cfn=()):
    policy = attr(str, tf="policy_id", cfn=None)


def denies_root(document: Document) -> Tri:
    """Whether a service control policy denies what the root users of accounts ask for."""

    def is_root(condition: Condition) -> Tri:
        if condition.key.lower() != "aws:principalarn" or condition.negated:
            return NO
        return condition.values.any(lambda v: v.ends_with(":root"))

    def denies(statement: Statement) -> Tri:
        return statement.touches_action("*") & statement.conditions.any(is_root)

    return document.denying(denies).exists()


def root_users_limited(account: Account) -> Tri:
    """Whether the run takes the root users of member accounts their credentials, or denies them what they ask for."""
    managed = account.all(Features).any(lambda f: f.exists & f.manages_root_credentials)
    return managed | tri_any(_root_denied(deployment) for deployment in account.estate.deployments)


def _root_denied(deployment: Deployment) -> Tri:
    return tri_any(
        policy.exists & denies_root(policy.document) & _attached(policy)
        for policy in ServiceControlPolicy.select(deployment)
    )


def _attached(policy: Policy) -> Tri:
    """Whether a policy is attached: by its targets, or by an attachment beside it."""
    targets = policy.read("TargetIds", list).elements().exists()
    deployment = policy.deployment
    return targets | Attachment.population(deployment).any(
        lambda a: a.exists & deployment.refers_to(a.policy, policy.resource)
    )
