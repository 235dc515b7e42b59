"""Which resources AWS Shield Advanced protects against distributed denial of service."""

from __future__ import annotations

from iaclint.aws.joins import attached_to
from iaclint.aws.services import fms
from iaclint.aws.services.cloudfront import Distribution
from iaclint.aws.services.ec2 import ElasticIp
from iaclint.aws.services.elb import LoadBalancer
from iaclint.aws.services.globalaccelerator import Accelerator
from iaclint.aws.services.route53 import HostedZone
from iaclint.aws.services.shield import Protection
from iaclint.aws.views import Subject
from iaclint.model.truth import Truth


class ShieldTarget(Subject):
    """A resource that Shield Advanced can protect.

    https://docs.aws.amazon.com/waf/latest/developerguide/ddos-advanced-summary-protected-resources.html
    """

    anchors = (Distribution, LoadBalancer, Accelerator, ElasticIp, HostedZone)
    anchor: Distribution | LoadBalancer | Accelerator | ElasticIp | HostedZone

    @property
    def protected(self) -> Truth:
        """Return True if Shield Advanced protects it, by a protection of its own or by a policy of Firewall Manager."""
        own = attached_to(Protection, "resource_arn", self.anchor)
        return own.exists() | fms.enforces(self.deployment, fms.SHIELD_ADVANCED)
