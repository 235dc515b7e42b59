"""MFA for people: who can sign in, who is an administrator, and whether their policies enforce MFA."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from iaclint.aws.joins import per_deployment
from iaclint.aws.questions.grants import AdminGrant, admin_grants
from iaclint.aws.reasoning.policy import MfaEnforcement, Trust, mfa_enforcement
from iaclint.aws.services.iam import Group, Identity, IdentityPolicy, Policy, Role, ServiceControlPolicy, User
from iaclint.aws.views import Attr, Subject
from iaclint.model.inventory import Deployment
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, TRUE, Truth, all_of, any_of, merge_reasons


class HumanUsers(Subject):
    """The people for whom a deployment creates identities: groups, and users who can sign in."""

    def __init__(self, deployment: Deployment, identities: tuple[Group | User, ...]) -> None:
        super().__init__(identities[0])
        self.deployment = deployment
        self.identities = identities

    @classmethod
    def select(cls, deployment: Deployment) -> Iterator[HumanUsers]:
        """Yield one subject if the deployment creates such identities."""
        users = [u for u in User.select(deployment) if u.can_sign_in.possible]
        identities: tuple[Group | User, ...] = (*Group.select(deployment), *users)
        if identities:
            yield cls(deployment, identities)

    @property
    def exists(self) -> Truth:
        """Undecided if an input decides whether any of the identities is created."""
        return any_of(i.exists & (i.can_sign_in if isinstance(i, User) else TRUE) for i in self.identities)

    @property
    def enforced_by_policy(self) -> Truth:
        """Return True if a policy of the deployment enforces MFA, or all policies of one identity together do."""
        identity = IdentityPolicy.select(self.deployment)
        alone = any_of(mfa_enforcement(p.document).enforced & p.exists for p in identity)
        if not alone.is_false:
            return alone
        together = any_of(_enforcement(i.all_policies).enforced for i in self.identities)
        hidden = Partial((), tuple(gap.reason for gap in self.deployment.gaps)).exists()
        return alone | together | hidden

    @property
    def enforced_by_organization(self) -> Truth:
        """Return True if a service control policy of the deployment enforces MFA."""
        return any_of(
            mfa_enforcement(p.document).enforced & p.exists for p in ServiceControlPolicy.select(self.deployment)
        )

    @property
    def granted_with_mfa_only(self) -> Truth:
        """Return True if every identity has permissions, and each statement that grants them requires MFA."""
        return all_of(_granted_with_mfa_only(i) for i in self.identities)


def _granted_with_mfa_only(identity: Identity) -> Truth:
    policies = identity.all_policies
    if identity.managed_arns or not policies.items:
        return Truth(None, policies.gaps) if policies.gaps else FALSE
    allows = [s for p in policies.items for s in p.document.statements.items if s.allows.possible]
    gaps = merge_reasons(policies.gaps, *(p.document.statements.gaps for p in policies.items))
    every = all_of(s.requires_mfa() for s in allows)
    return every & (Truth(None, gaps) if gaps else TRUE) & Truth.of(bool(allows))


class HumanIdentity(Subject):
    """A user who can sign in, or a group with members and permissions."""

    anchors = (User, Group)
    anchor: User | Group

    @property
    def noun(self) -> str:
        """ "user" or "group"."""
        return self.anchor.noun

    @property
    def name(self) -> Attr[str]:
        """The property that names it."""
        return self.anchor.name

    @property
    def exists(self) -> Truth:
        """True, or undecided if it is unknown whether the identity exists."""
        own = self.anchor
        if isinstance(own, User):
            return own.exists & own.login_profile
        return own.exists & own.has_members & own.has_permissions

    @property
    def must_use_mfa(self) -> Truth:
        """Return True if its policies enforce MFA; for a group, also if those of each of its members do."""
        own = self.anchor
        enforced = enforce_mfa(own.all_policies)
        if isinstance(own, User):
            return enforced
        members = [
            u
            for u in User.select(self.deployment)
            if u.groups.any(lambda g: Truth.of(g.resource is own.resource)).possible
        ]
        return enforced | (Truth.of(bool(members)) & all_of(enforce_mfa(u.all_policies) for u in members))


class Administrator(Subject):
    """A user, group or role that may have the rights of an administrator."""

    anchors = (User, Group, Role)
    anchor: User | Group | Role

    @property
    def noun(self) -> str:
        """ "user", "group" or "role"."""
        return self.anchor.noun

    @cached_property
    def grants(self) -> Partial[AdminGrant]:
        """The statements and managed policies that make it an administrator."""
        return admin_grants(self.anchor)

    @property
    def has_password(self) -> Truth:
        """Return True if it is a user with a password for the console."""
        return self.anchor.login_profile if isinstance(self.anchor, User) else FALSE

    @property
    def must_use_mfa(self) -> Truth:
        """Return True if MFA is needed to use its rights: by the policies of a user or group, or by a role's trust."""
        own = self.anchor
        if not isinstance(own, Role):
            return enforce_mfa(own.all_policies)
        return ~any_of(
            p.document.trust().any(lambda t: admits_people_without_mfa(t, self.deployment)) for p in own.trust_policies
        )


def admits_people_without_mfa(trust: Trust, deployment: Deployment) -> Truth:
    """Return True if people can assume a role without MFA: an account or users are trusted, without a condition."""
    entry = trust.principal
    if entry.kind != "AWS":
        return FALSE
    named = [r for ref in entry.value.refs for r in deployment.resolve(ref)] if entry.value.unknown else []
    if named and all(r.kind in Role.kinds(deployment.vendor) for r in named):
        return FALSE
    users = Truth.of(bool(named) and all(r.kind in User.kinds(deployment.vendor) for r in named))
    return (users | entry.is_account | entry.is_entity("user")) & ~trust.requires_mfa & ~trust.requires_external_id


def enforce_mfa(policies: Partial[Policy]) -> Truth:
    """Return True if the policies of one identity together enforce MFA; undecided if some of them are unknown."""
    return _enforcement(policies).enforced | (Truth(None, policies.gaps) if policies.gaps else FALSE)


def _enforcement(policies: Partial[Policy]) -> MfaEnforcement:
    """Return what the policies of one identity together demand of callers without MFA."""
    return mfa_enforcement(*(p.document for p in policies.items if p.exists.is_true))


@per_deployment
def mfa_enforced_anywhere(deployment: Deployment) -> Truth:
    """Return True if any policy of a deployment enforces MFA."""
    return any_of(p.enforcement.enforced & p.exists for p in IdentityPolicy.select(deployment))
