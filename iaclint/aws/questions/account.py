"""The account as a whole: what a run shows of it, and whether the run covers all of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from iaclint.aws.reasoning.policy import Condition, Document, Statement
from iaclint.aws.services.cloudtrail import EventDataStore, Trail
from iaclint.aws.services.iam import Policy, ServiceControlPolicy
from iaclint.aws.services.organizations import IamFeatures, PolicyAttachment
from iaclint.aws.views import InventoryView, View
from iaclint.model.inventory import Deployment, Inventory
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, TRUE, Reason, Truth, any_of

R = TypeVar("R", bound=View)

_BASELINE_KINDS = (
    *("aws_organizations_organization", "aws_cloudtrail", "aws_cloudtrail_event_data_store"),
    *("aws_config_configuration_recorder", "aws_guardduty_detector", "aws_securityhub_account"),
    *("aws_iam_account_password_policy", "aws_s3_account_public_access_block"),
    *("AWS::Organizations::Organization", "AWS::CloudTrail::Trail", "AWS::CloudTrail::EventDataStore"),
    *("AWS::Config::ConfigurationRecorder", "AWS::GuardDuty::Detector", "AWS::SecurityHub::Hub"),
)
"""Resource types that only code which sets up an account or an organization declares."""


class Account(InventoryView):
    """An account: the subject of rules about what is absent from it."""

    @classmethod
    def select(cls, inventory: Inventory) -> Iterator[Account]:
        """Yield one account for the whole run, placed at the deployment that sets it up if there is one."""
        with_aws = [d for d in inventory.deployments if _has_aws_resources(d)]
        if with_aws:
            yield cls(inventory, next(filter(_sets_up_account, with_aws), with_aws[0]))

    def provided(self, control: str) -> bool:
        """Return True if the setting `provided` of the config names a control."""
        return bool(self.inventory.provided.get(control))

    @property
    def is_baseline(self) -> Truth:
        """Return True if the run covers the account: it is declared to, or it sets the account up; else undecided."""
        if "account" in self.inventory.covers or any(map(_sets_up_account, self.inventory.deployments)):
            return TRUE
        reason = Reason(
            'whether this covers the whole account is not declared; if it does, put covers = ["account"] into'
            " .iaclint.toml, else name under [provided] what another repository supplies"
        )
        return Truth(None, (reason,))

    def all(self, view: type[R]) -> Partial[R]:
        """Return the resources of a type in the whole run, with the gaps that could hold more."""
        found: Partial[R] = Partial(())
        for deployment in self.inventory.deployments:
            found = found + view.found_in(deployment)
        return found

    @property
    def trails(self) -> Partial[Trail]:
        """The trails of the whole run."""
        return self.all(Trail)

    @property
    def event_data_stores(self) -> Partial[EventDataStore]:
        """The event data stores of the whole run."""
        return self.all(EventDataStore)

    @property
    def root_users_limited(self) -> Truth:
        """Return True if the root users of member accounts have no credentials, or a policy denies their requests."""
        managed = self.all(IamFeatures).any(lambda f: f.exists & f.manages_root_credentials)
        return managed | any_of(_root_denied(deployment) for deployment in self.inventory.deployments)


def _has_aws_resources(deployment: Deployment) -> bool:
    return any(r.kind.startswith(("aws_", "AWS::")) for r in deployment.resources)


def _sets_up_account(deployment: Deployment) -> bool:
    return bool(deployment.of_kind(*_BASELINE_KINDS))


def _denies_root(document: Document) -> Truth:
    """Return True if a service control policy denies the requests of the root users of accounts."""

    def is_root(condition: Condition) -> Truth:
        if condition.key.lower() != "aws:principalarn" or condition.negated:
            return FALSE
        return condition.values.any(lambda v: v.ends_with(":root"))

    def denies(statement: Statement) -> Truth:
        return statement.overlaps_action("*") & statement.conditions.any(is_root)

    return document.denying(denies).exists()


def _root_denied(deployment: Deployment) -> Truth:
    """Return True if an attached service control policy of a deployment denies the requests of root users."""
    return any_of(
        policy.exists & _denies_root(policy.document) & _attached(policy)
        for policy in ServiceControlPolicy.select(deployment)
    )


def _attached(policy: Policy) -> Truth:
    """Return True if a policy is attached, by its own targets or by an attachment."""
    targets = policy.read("TargetIds", list).elements().exists()
    deployment = policy.deployment
    return targets | PolicyAttachment.found_in(deployment).any(
        lambda a: a.exists & deployment.refers_to(a.policy, policy.resource)
    )
