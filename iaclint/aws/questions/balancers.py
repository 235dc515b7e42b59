"""What rules ask of load balancers of all kinds."""

from __future__ import annotations

from typing import Any

from iaclint.aws.services.elb import ClassicBalancer, LoadBalancer
from iaclint.aws.services.security_groups import SecurityGroup
from iaclint.aws.views import Attr, Subject, View
from iaclint.model.inventory import Deployment
from iaclint.model.partial import Partial
from iaclint.model.truth import TRUE, Truth
from iaclint.model.value import Value
from iaclint.source.edits import Fix


class HeaderHandling(Subject):
    """A load balancer that reads requests, for how it handles malformed ones.

    CloudFormation has no such property for a Classic Load Balancer.
    """

    anchor: LoadBalancer | ClassicBalancer

    @classmethod
    def select(cls, deployment: Deployment) -> list[HeaderHandling]:
        """Return the load balancers whose language has the properties."""
        classic: list[View] = [balancer for balancer in ClassicBalancer.select(deployment) if balancer.is_terraform]
        return [cls(balancer) for balancer in (*LoadBalancer.select(deployment), *classic)]

    @property
    def reads_requests(self) -> Truth:
        """Return True if it reads requests: application and classic load balancers do."""
        return self.anchor.application if isinstance(self.anchor, LoadBalancer) else TRUE

    @property
    def drops_invalid_headers(self) -> Value[Any] | None:
        """The setting that drops invalid header fields, null if it is not set; None for a Classic Load Balancer."""
        return self.anchor.drops_invalid_headers if isinstance(self.anchor, LoadBalancer) else None

    @property
    def desync_mitigation(self) -> Value[Any]:
        """The handling of ambiguous requests; null if it is not set, for which AWS's default is defensive."""
        return self.anchor.desync_mitigation if isinstance(self.anchor, LoadBalancer) else self.anchor.desync_mode

    def drop_invalid_headers(self, title: str) -> Fix | None:
        """Return the fix that drops invalid header fields; CloudFormation's setting is a member of a list."""
        if isinstance(self.anchor, LoadBalancer) and self.anchor.is_terraform:
            return self.anchor.invalid_headers_dropped.set(True, title)
        return None


class BalancerGroups(Subject):
    """A load balancer of any kind, for its security groups."""

    anchors = (LoadBalancer, ClassicBalancer)
    anchor: LoadBalancer | ClassicBalancer

    @property
    def groups(self) -> list[tuple[Attr[Any], Partial[SecurityGroup]]]:
        """The values that name its security groups, each with the groups in the scanned code."""
        return [(value, SecurityGroup.referenced_by(value, self.deployment)) for value in self.anchor.groups.each()]
