"""Actions that the organization of an account denies, whatever the policies of the account allow."""

from iaclint import Truth, any_of, aws


def denied_by_organization(policy: aws.iam.Policy, action: str) -> Truth:
    """Return True if a service control policy in the scanned code denies an action on all resources.

    Conditions that exempt a few principals are accepted.
    """
    return any_of(
        scp.exists & scp.document.denying(lambda s: s.covers_action(action) & s.covers_resource("*")).exists()
        for scp in aws.iam.ServiceControlPolicy.select(policy.deployment)
    )
