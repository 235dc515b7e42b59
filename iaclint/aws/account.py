"""The account as a whole: what a run shows of it, and whether the run claims to show all of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from iaclint.aws.cloudtrail import EventDataStore, Trail
from iaclint.aws.model import EstateView, Typed
from iaclint.estate import Deployment, Estate
from iaclint.value import YES, Population, Reason, Tri

R = TypeVar("R", bound=Typed)


class Baseline(
    Typed,
    tf=(
        *("aws_organizations_organization", "aws_cloudtrail", "aws_cloudtrail_event_data_store"),
        *("aws_config_configuration_recorder", "aws_guardduty_detector", "aws_securityhub_account"),
        *("aws_iam_account_password_policy", "aws_s3_account_public_access_block"),
    ),
    cfn=(
        *("AWS::Organizations::Organization", "AWS::CloudTrail::Trail", "AWS::CloudTrail::EventDataStore"),
        *("AWS::Config::ConfigurationRecorder", "AWS::GuardDuty::Detector", "AWS::SecurityHub::Hub"),
    ),
):
    """A resource that only somebody who sets up an account or an organization writes down."""


class Account(EstateView):
    """An account. Rules about what is absent from it have this as their subject."""

    @classmethod
    def select(cls, estate: Estate) -> Iterator[Account]:
        """One account for the whole run, anchored at its baseline where there is one."""
        with_aws = [d for d in estate.deployments if _aws(d)]
        if not with_aws:
            return
        baselines = [d for d in with_aws if Baseline.select(d)]
        yield cls(estate, (baselines or with_aws)[0])

    def provided(self, control: str) -> bool:
        """Whether the config says that a control is supplied elsewhere."""
        return bool(self.estate.provided.get(control))

    @property
    def is_baseline(self) -> Tri:
        """Whether the run covers the account: declared so, or it evidently sets one up. Else nobody can tell."""
        if "account" in self.estate.covers or any(Baseline.select(d) for d in self.estate.deployments):
            return YES
        reason = Reason(
            'whether this covers the whole account is not declared; if it does, put covers = ["account"] into'
            " .iaclint.toml, else name under [provided] what another repository supplies"
        )
        return Tri(None, (reason,))

    def all(self, of: type[R]) -> Population[R]:
        """The resources of a type in the whole run, with the gaps that could hold more."""
        found: Population[R] = Population(())
        for deployment in self.estate.deployments:
            found = found + of.population(deployment)
        return found

    @property
    def trails(self) -> Population[Trail]:
        found: Population[Trail] = Population(())
        for deployment in self.estate.deployments:
            found = found + Trail.population(deployment)
        return found

    @property
    def event_data_stores(self) -> Population[EventDataStore]:
        found: Population[EventDataStore] = Population(())
        for deployment in self.estate.deployments:
            found = found + EventDataStore.population(deployment)
        return found


def _aws(deployment: Deployment) -> bool:
    return any(r.kind.startswith(("aws_", "AWS::")) for r in deployment.resources)
