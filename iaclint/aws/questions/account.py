"""The account as a whole: what a run shows of it, and whether the run claims to show all of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from iaclint.aws.services.cloudtrail import EventDataStore, Trail
from iaclint.aws.views import InventoryView, View
from iaclint.model.inventory import Deployment, Inventory
from iaclint.model.partial import Partial
from iaclint.model.truth import TRUE, Reason, Truth

R = TypeVar("R", bound=View)


class Baseline(
    View,
    terraform=(
        *("aws_organizations_organization", "aws_cloudtrail", "aws_cloudtrail_event_data_store"),
        *("aws_config_configuration_recorder", "aws_guardduty_detector", "aws_securityhub_account"),
        *("aws_iam_account_password_policy", "aws_s3_account_public_access_block"),
    ),
    cloudformation=(
        *("AWS::Organizations::Organization", "AWS::CloudTrail::Trail", "AWS::CloudTrail::EventDataStore"),
        *("AWS::Config::ConfigurationRecorder", "AWS::GuardDuty::Detector", "AWS::SecurityHub::Hub"),
    ),
):
    """A resource that only somebody who sets up an account or an organization writes down."""


class Account(InventoryView):
    """An account. Rules about what is absent from it have this as their subject."""

    @classmethod
    def select(cls, inventory: Inventory) -> Iterator[Account]:
        """One account for the whole run, anchored at its baseline where there is one."""
        with_aws = [d for d in inventory.deployments if _aws(d)]
        if not with_aws:
            return
        baselines = [d for d in with_aws if Baseline.select(d)]
        yield cls(inventory, (baselines or with_aws)[0])

    def provided(self, control: str) -> bool:
        """Whether the config says that a control is supplied elsewhere."""
        return bool(self.inventory.provided.get(control))

    @property
    def is_baseline(self) -> Truth:
        """Whether the run covers the account: declared so, or it evidently sets one up. Else nobody can tell."""
        if "account" in self.inventory.covers or any(Baseline.select(d) for d in self.inventory.deployments):
            return TRUE
        reason = Reason(
            'whether this covers the whole account is not declared; if it does, put covers = ["account"] into'
            " .iaclint.toml, else name under [provided] what another repository supplies"
        )
        return Truth(None, (reason,))

    def all(self, of: type[R]) -> Partial[R]:
        """The resources of a type in the whole run, with the gaps that could hold more."""
        found: Partial[R] = Partial(())
        for deployment in self.inventory.deployments:
            found = found + of.found_in(deployment)
        return found

    @property
    def trails(self) -> Partial[Trail]:
        found: Partial[Trail] = Partial(())
        for deployment in self.inventory.deployments:
            found = found + Trail.found_in(deployment)
        return found

    @property
    def event_data_stores(self) -> Partial[EventDataStore]:
        found: Partial[EventDataStore] = Partial(())
        for deployment in self.inventory.deployments:
            found = found + EventDataStore.found_in(deployment)
        return found


def _aws(deployment: Deployment) -> bool:
    return any(r.kind.startswith(("aws_", "AWS::")) for r in deployment.resources)
