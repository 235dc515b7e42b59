"""Who may use VPC endpoints, and the services behind them."""

from __future__ import annotations

from typing import Any

from iaclint.aws.reasoning.policy import Document, Statement
from iaclint.aws.services.vpc_endpoints import Endpoint, EndpointService, EndpointServicePermissions
from iaclint.aws.views import Attr, Subject
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, Truth


class EndpointAccess(Subject):
    """A VPC endpoint, an endpoint service, or the permissions of one: what decides who may use it."""

    anchors = (Endpoint, EndpointService, EndpointServicePermissions)
    anchor: Endpoint | EndpointService | EndpointServicePermissions

    @property
    def acceptance(self) -> Attr[bool] | None:
        """The setting that each connection to a service must be accepted; None for an endpoint."""
        return self.anchor.acceptance if isinstance(self.anchor, EndpointService) else None

    @property
    def accepts_all(self) -> Truth:
        """Whether a service accepts every connection without a request."""
        return self.acceptance.is_(False) if self.acceptance is not None else FALSE

    @property
    def open_principals(self) -> Partial[Attr[Any]]:
        """The values that allow every AWS account to connect to a service."""
        if isinstance(self.anchor, Endpoint):
            return Partial(())
        return self.anchor.principals.items().where(lambda principal: principal.is_("*"))

    @property
    def full_policy(self) -> Truth:
        """Whether an endpoint to S3 or DynamoDB keeps its default policy, which allows everything.

        https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
        """
        if not isinstance(self.anchor, Endpoint):
            return FALSE
        return ~self.anchor.policy.is_set() & ~self.anchor.policies.exists() & self.anchor.leads_to_store

    @property
    def open_statements(self) -> Partial[Statement]:
        """The policy statements of an endpoint to S3 or DynamoDB that allow everyone everything."""
        if not isinstance(self.anchor, Endpoint):
            return Partial(())
        to_store = self.anchor.leads_to_store
        return Document.parse(self.anchor.policy).allowing(
            lambda s: to_store & s.names_everyone() & s.covers_action("*") & ~s.conditions.exists()
        )
