"""AWS Firewall Manager."""

from __future__ import annotations

from iaclint.aws.model import Typed, attr
from iaclint.estate import Deployment
from iaclint.value import Tri, tri_any


class Policy(Typed, tf="aws_fms_policy", cfn="AWS::FMS::Policy"):
    """A policy that Firewall Manager carries out in all accounts in its scope."""

    type = attr(str, tf="security_service_policy_data.type", cfn="SecurityServicePolicyData.Type")


FIREWALLS = ("NETWORK_FIREWALL", "THIRD_PARTY_FIREWALL", "IMPORT_NETWORK_FIREWALL")
WEB_ACLS = ("WAFV2", "WAF")
"""Types of policies: https://docs.aws.amazon.com/fms/2018-01-01/APIReference/API_SecurityServicePolicyData.html"""


def enforces(deployment: Deployment, *types: str) -> Tri:
    """Whether a deployment has a policy of one of these types; one that cannot be seen is not supposed."""
    return tri_any(policy.exists & policy.type.one_of(*types) for policy in Policy.select(deployment))
