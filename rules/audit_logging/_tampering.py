"""What an organization takes away from every policy."""

from iaclint import Truth, any_of, aws


def denied_by_organization(policy: aws.iam.Policy, action: str) -> Truth:
    """Whether a service control policy of the deployment denies an action to (nearly) everybody."""
    return any_of(
        scp.exists & scp.document.denying(lambda s: s.covers_action(action) & s.covers_resource("*")).exists()
        for scp in aws.iam.ServiceControlPolicy.select(policy.deployment)
    )
