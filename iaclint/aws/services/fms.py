"""AWS Firewall Manager."""

from __future__ import annotations

from iaclint.aws.views import View, attr
from iaclint.model.inventory import Deployment
from iaclint.model.truth import Truth, any_of

FIREWALLS = ("NETWORK_FIREWALL", "THIRD_PARTY_FIREWALL", "IMPORT_NETWORK_FIREWALL")
WEB_ACLS = ("WAFV2", "WAF")
SHIELD_ADVANCED = "SHIELD_ADVANCED"
"""Types of policies: https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_SecurityServicePolicyData.html"""


class Policy(View, terraform="aws_fms_policy", cloudformation="AWS::FMS::Policy"):
    """A policy that Firewall Manager applies to all accounts in its scope."""

    type = attr(str, terraform="security_service_policy_data.type", cloudformation="SecurityServicePolicyData.Type")


def enforces(deployment: Deployment, *types: str) -> Truth:
    """Return True if a deployment has a policy of one of these types; gaps of the deployment do not count."""
    return any_of(policy.exists & policy.type.is_one_of(*types) for policy in Policy.select(deployment))
