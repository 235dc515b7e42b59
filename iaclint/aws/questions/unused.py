"""Network resources that nothing uses."""

from __future__ import annotations

from iaclint.aws.joins import per_deployment
from iaclint.aws.services.ec2 import ElasticIp
from iaclint.aws.services.network_acl import AclEntry, NetworkAcl
from iaclint.aws.services.security_groups import EgressRule, IngressRule, SecurityGroup
from iaclint.aws.views import Subject, views
from iaclint.model.inventory import Deployment
from iaclint.model.truth import FALSE, TRUE, Reason, Truth, any_of, merge_reasons
from iaclint.model.value import UnknownCause


class Attachable(Subject):
    """A security group, network ACL or Elastic IP address, which has no effect until another resource uses it."""

    anchors = (SecurityGroup, NetworkAcl, ElasticIp)
    anchor: SecurityGroup | NetworkAcl | ElasticIp

    @classmethod
    def select(cls, deployment: Deployment) -> list[Attachable]:
        """Return all but the default groups and ACLs of a VPC, which it always uses."""
        found = views(cls.anchors, deployment)
        return [cls(view) for view in found if not (isinstance(view, (SecurityGroup, NetworkAcl)) and view.is_default)]

    @property
    def noun(self) -> str:
        """What it is, for a message."""
        if isinstance(self.anchor, ElasticIp):
            return "Elastic IP address"
        return "network ACL" if isinstance(self.anchor, NetworkAcl) else "security group"

    @property
    def used(self) -> Truth:
        """Whether it is attached to anything, an output names it, or a resource other than its rules refers to it."""
        deployment = self.deployment
        own = self.address.resource
        users = [r for r in deployment.referrers.get(own, ()) if r.address.resource != own and r.kind not in _RULES]
        if users or deployment.is_exported(self.anchor.resource):
            return TRUE
        hidden = merge_reasons(deployment.gaps_about(self.anchor.resource), unresolved_references(deployment))
        return self._attached | (Truth(None, hidden) if hidden else FALSE)

    @property
    def _attached(self) -> Truth:
        """Whether a property of its own attaches it."""
        if isinstance(self.anchor, NetworkAcl):
            return self.anchor.subnets.elements().exists()
        if isinstance(self.anchor, ElasticIp):
            return any_of((self.anchor.instance.is_set(), self.anchor.interface.is_set()))
        return FALSE


_RULES = frozenset(
    kind
    for kinds in (
        *IngressRule.standalone_kinds,
        *EgressRule.standalone_kinds,
        *(AclEntry.Standalone.terraform_kinds, AclEntry.Standalone.cloudformation_kinds),
    )
    for kind in kinds
)
"""The resource types of the rules of security groups and network ACLs."""


@per_deployment
def unresolved_references(deployment: Deployment) -> tuple[Reason, ...]:
    """Return why values of a deployment may refer to resources that they do not show.

    Values that depend on inputs cannot: an input is given before the resources of the deployment exist.
    """
    reasons: tuple[Reason, ...] = ()
    for resource in deployment.resources:
        for part in resource.body.walk():
            unknown = part.unknown
            if unknown and not part.refs and unknown.cause in (UnknownCause.UNSUPPORTED, UnknownCause.INVALID):
                reasons = merge_reasons(reasons, part.reasons)
    return reasons
