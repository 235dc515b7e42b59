"""AWS Identity and Access Management: who there is, and which policy documents reach whom."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from functools import cached_property
from operator import attrgetter
from typing import Any

from msgspec import Struct

from iaclint.aws.joins import Links, attached_to, candidates, identified_by
from iaclint.aws.reasoning.policy import Document, MfaEnforcement, Statement, Trust, mfa_enforcement
from iaclint.aws.views import Attr, Block, View, attr, parts
from iaclint.model.inventory import Deployment, Resource
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, TRUE, Reason, Truth, all_of, any_of, merge_reasons
from iaclint.model.value import Ref, Step, Value
from iaclint.source.files import Span


class Use(Enum):
    """What a policy document does where it is written."""

    IDENTITY = "identity-based policy"
    TRUST = "trust policy"
    SCP = "service control policy"
    RESOURCE = "resource-based policy"


class _Place(Struct, frozen=True):
    """Where a resource type keeps documents: a path, or a list of blocks and a path within each."""

    path: str
    use: Use
    each: str = ""


_IDENTITY, _TRUST, _SCP, _RESOURCE = Use.IDENTITY, Use.TRUST, Use.SCP, Use.RESOURCE

_PLACES: dict[str, tuple[_Place, ...]] = {
    "aws_iam_policy": (_Place("policy", _IDENTITY),),
    "aws_iam_group_policy": (_Place("policy", _IDENTITY),),
    "aws_iam_user_policy": (_Place("policy", _IDENTITY),),
    "aws_iam_role_policy": (_Place("policy", _IDENTITY),),
    "aws_iam_role": (_Place("assume_role_policy", _TRUST), _Place("policy", _IDENTITY, each="inline_policy")),
    "aws_ssoadmin_permission_set_inline_policy": (_Place("inline_policy", _IDENTITY),),
    "aws_organizations_policy": (_Place("content", _SCP),),
    "aws_s3_bucket_policy": (_Place("policy", _RESOURCE),),
    "aws_kms_key": (_Place("policy", _RESOURCE),),
    "aws_kms_key_policy": (_Place("policy", _RESOURCE),),
    "AWS::IAM::ManagedPolicy": (_Place("PolicyDocument", _IDENTITY),),
    "AWS::IAM::Policy": (_Place("PolicyDocument", _IDENTITY),),
    "AWS::IAM::GroupPolicy": (_Place("PolicyDocument", _IDENTITY),),
    "AWS::IAM::UserPolicy": (_Place("PolicyDocument", _IDENTITY),),
    "AWS::IAM::RolePolicy": (_Place("PolicyDocument", _IDENTITY),),
    "AWS::IAM::Group": (_Place("PolicyDocument", _IDENTITY, each="Policies"),),
    "AWS::IAM::User": (_Place("PolicyDocument", _IDENTITY, each="Policies"),),
    "AWS::IAM::Role": (
        _Place("AssumeRolePolicyDocument", _TRUST),
        _Place("PolicyDocument", _IDENTITY, each="Policies"),
    ),
    "AWS::SSO::PermissionSet": (_Place("InlinePolicy", _IDENTITY),),
    "AWS::Organizations::Policy": (_Place("Content", _SCP),),
    "AWS::S3::BucketPolicy": (_Place("PolicyDocument", _RESOURCE),),
    "AWS::KMS::Key": (_Place("KeyPolicy", _RESOURCE),),
}


class Policy(Block):
    """A policy document where it is written. Its `document` is read once."""

    organizations_type = attr(str, terraform="type", cloudformation="Type", default="SERVICE_CONTROL_POLICY")

    def __init__(
        self, resource: Resource, deployment: Deployment, body: Value[Any], prefix: str, place: _Place
    ) -> None:
        super().__init__(resource, deployment, body, prefix)
        self.place = place

    @classmethod
    def select(cls, deployment: Deployment) -> list[Policy]:
        """All policy documents of a deployment."""
        memo = deployment.memo
        if cls not in memo:
            memo[cls] = [p for kind in _PLACES for r in deployment.by_kind.get(kind, ()) for p in cls.of(r, deployment)]
        found: list[Policy] = memo[cls]
        return found

    @classmethod
    def of(cls, resource: Resource, deployment: Deployment) -> Iterator[Policy]:
        """The documents that one resource keeps."""
        for place in _PLACES.get(resource.kind, ()):
            view = Block(resource, deployment)
            if not place.each:
                if view.read(place.path, dict).data is not None:
                    yield cls(resource, deployment, resource.body, "", place)
            else:
                for body, prefix in parts(view, place.each):
                    if not body.known or body.path(*place.path.split(".")).data is not None:
                        yield cls(resource, deployment, body, prefix, place)

    @property
    def use(self) -> Use:
        return self.place.use

    @property
    def exists(self) -> Truth:
        """Undecided too where it is not known whether an organization's policy is a service control policy."""
        if self.use is not _SCP:
            return self.resource.exists
        return self.resource.exists & self.organizations_type.is_("SERVICE_CONTROL_POLICY")

    @property
    def enforcement(self) -> MfaEnforcement:
        """What it asks of callers without MFA."""
        return mfa_enforcement(self.document)

    @property
    def managed(self) -> bool:
        """Whether it is a customer managed policy, which does nothing until it is attached."""
        return self.resource.kind in _MANAGED

    @property
    def reaches_somebody(self) -> Truth:
        """Whether it is attached to a user, or to a group that has or may have members.

        Where the deployment puts nobody into any group, membership is kept elsewhere, and a group counts.
        """
        managed_here = bool(memberships(self.deployment))
        answer = FALSE
        for what in ("user", "group"):
            for link in _links(self.deployment, what):
                if not any(r is self.resource for r in link.policies(self.deployment)):
                    continue
                groups = identified_by(Group, link.holder, self.deployment, "name") if what == "group" else Partial(())
                members = any_of(g.has_members for g in groups.items) if groups.items and managed_here else TRUE
                answer = answer | (members & link.exists)
        for holder in (*User.select(self.deployment), *Group.select(self.deployment)):
            for arn in _members(holder.arns):
                if any(r is self.resource for r in self.deployment.targets(arn, *_MANAGED).items):
                    members = holder.has_members if isinstance(holder, Group) and managed_here else TRUE
                    answer = answer | (members & holder.exists)
                elif not arn.known and not arn.refs:
                    answer = answer | Truth(None, arn.reasons)
        return answer | self._attached_unseen

    @property
    def _attached_unseen(self) -> Truth:
        """Whether an attachment that is not known in full, or a module that is not here, may attach it."""
        gaps = self.deployment.gaps_about(self.resource)
        for what in ("user", "group"):
            for link in _links(self.deployment, what):
                if link.arn is not None and not link.arn.known and not link.arn.refs:
                    gaps = merge_reasons(gaps, link.arn.reasons)
                if (
                    link.arn is None
                    and not link.holder.known
                    and not link.holder.refs
                    and link.resource is self.resource
                ):
                    gaps = merge_reasons(gaps, link.holder.reasons)
        return Truth(None, gaps) if gaps else FALSE

    @property
    def exported(self) -> bool:
        """Whether the deployment hands its ARN out, so that another one may attach it."""
        return self.deployment.is_exported(self.resource)

    @property
    def text(self) -> Attr[Any]:
        """The document as it is written."""
        return self.read(self.place.path, dict)

    @cached_property
    def document(self) -> Document:
        return Document.parse(self.text)


class IdentityPolicy(Policy):
    """A document that says what its holders may do."""

    @classmethod
    def select(cls, deployment: Deployment) -> list[Policy]:
        return [p for p in Policy.select(deployment) if p.use is _IDENTITY]


class TrustPolicy(Policy):
    """A document that says who may assume a role."""

    @classmethod
    def select(cls, deployment: Deployment) -> list[Policy]:
        return [p for p in Policy.select(deployment) if p.use is _TRUST]


class ServiceControlPolicy(Policy):
    """A document that limits whole accounts; Organizations keeps documents of other sorts too."""

    @classmethod
    def select(cls, deployment: Deployment) -> list[Policy]:
        return [p for p in Policy.select(deployment) if p.use is _SCP and p.exists.possible]


# -- people, groups, roles -----------------------------------------------------------------------------


class Holder(View):
    """What policies can be attached to: a user, a group or a role."""

    name = attr(str, terraform="name", cloudformation=("UserName", "GroupName", "RoleName"))
    arns = attr(list, terraform="managed_policy_arns", cloudformation="ManagedPolicyArns")
    role_name = ""
    """How attachments call it: "user", "group", "role"."""

    @cached_property
    def policies(self) -> Partial[Policy]:
        """The documents of this deployment that reach it directly: its own, inline, and attached ones.

        A policy from elsewhere that is attached to it is a gap, unless AWS manages it.
        """
        own = [p for p in Policy.of(self.resource, self.deployment) if p.use is _IDENTITY]
        found: dict[int, Resource] = {}
        gaps: tuple[Reason, ...] = self.deployment.gaps_about(self.resource)
        for link in self._near_links:
            truth = self._means(link.holder) & link.exists
            if truth.is_false:
                continue
            if truth.value is None:
                gaps = merge_reasons(gaps, truth.reasons)
            elif link.arn is None:
                found[id(link.resource)] = link.resource
        for arn in self._arns:
            targets = self.deployment.targets(arn, *_MANAGED)
            for resource in targets.items:
                found[id(resource)] = resource
            if not targets.items and not _managed_by_aws(arn):
                gaps = merge_reasons(
                    gaps, arn.reasons or (Reason(f"what {arn.data} says is not written here", arn.span),)
                )
        attached = [p for r in found.values() for p in Policy.of(r, self.deployment) if p.use is _IDENTITY]
        return Partial((*own, *attached), gaps)

    @cached_property
    def _arns(self) -> tuple[Value[Any], ...]:
        """The ARNs of all managed policies attached to it."""
        found = [
            link.arn
            for link in self._near_links
            if link.arn is not None and (self._means(link.holder) & link.exists).is_true
        ]
        return (*found, *_members(self.arns))

    @property
    def managed_arns(self) -> tuple[Value[Any], ...]:
        """The ARNs, known or not, of policies attached to it that are not of this deployment."""
        return tuple(v for v in self._arns if not self.deployment.targets(v, *_MANAGED).items)

    def _means(self, value: Value[Any]) -> Truth:
        return self.is_identified_by(value, self.name)

    @cached_property
    def _near_links(self) -> list[_Link]:
        """The attachments that may be its own."""
        key = ("policy links", self.role_name)
        memo = self.deployment.memo
        if key not in memo:
            links = _links(self.deployment, self.role_name)
            memo[key] = Links(links, lambda link: link.holder, self.deployment)
        found: Links[_Link] = memo[key]
        return found.candidates(self, (self.name,))

    def _near_memberships(self, side: str) -> list[Membership]:
        """The memberships whose user or group it may be."""
        key = ("iam memberships by", side)
        memo = self.deployment.memo
        if key not in memo:
            memo[key] = Links(memberships(self.deployment), attrgetter(side), self.deployment)
        found: Links[Membership] = memo[key]
        return found.candidates(self, (self.name,))


def _managed_by_aws(arn: Value[Any]) -> bool:
    unknown = arn.unknown
    if unknown is None:
        return ":iam::aws:policy/" in str(arn.data)
    texts = [unknown.prefix, *(str(part.data) for part in unknown.parts if part.known)]
    return any(":iam::aws:policy/" in text for text in texts)


_MANAGED = ("aws_iam_policy", "AWS::IAM::ManagedPolicy")


class _Link(Struct, frozen=True):
    """A policy reaches a holder: either the resource that is the policy, or an attachment that names its ARN."""

    holder: Value[Any]
    resource: Resource
    arn: Value[Any] | None
    exists: Truth

    def policies(self, deployment: Deployment) -> list[Resource]:
        if self.arn is None:
            return [self.resource]
        return list(deployment.targets(self.arn, *_MANAGED).items)


_TF_INLINE = {"user": "aws_iam_user_policy", "group": "aws_iam_group_policy", "role": "aws_iam_role_policy"}
_TF_ATTACHMENT = {name: f"aws_iam_{name}_policy_attachment" for name in ("user", "group", "role")}
_TF_EXCLUSIVE = {name: f"aws_iam_{name}_policy_attachments_exclusive" for name in ("user", "group", "role")}
_CFN_INLINE = {"user": "AWS::IAM::UserPolicy", "group": "AWS::IAM::GroupPolicy", "role": "AWS::IAM::RolePolicy"}
_CFN_LISTS = {"user": "Users", "group": "Groups", "role": "Roles"}


def _links(deployment: Deployment, what: str) -> Iterator[_Link]:
    if deployment.vendor == "terraform":
        for resource in deployment.of_kind(_TF_INLINE[what]):
            yield _Link(resource.attribute(what), resource, None, resource.exists)
        for resource in deployment.of_kind(_TF_ATTACHMENT[what]):
            yield _Link(resource.attribute(what), resource, resource.attribute("policy_arn"), resource.exists)
        for resource in deployment.of_kind("aws_iam_policy_attachment"):
            for holder in _members(resource.attribute(what + "s")):
                yield _Link(holder, resource, resource.attribute("policy_arn"), resource.exists)
        for resource in deployment.of_kind(_TF_EXCLUSIVE[what]):
            name = resource.attribute(what + "_name")
            for arn in _members(resource.attribute("policy_arns")):
                yield _Link(name, resource, arn, resource.exists)
        return
    for resource in deployment.of_kind(_CFN_INLINE[what]):
        yield _Link(resource.attribute(what.capitalize() + "Name"), resource, None, resource.exists)
    for resource in deployment.of_kind("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy"):
        for holder in _members(resource.attribute(_CFN_LISTS[what])):
            yield _Link(holder, resource, None, resource.exists)


def _members(value: Value[Any]) -> tuple[Value[Any], ...]:
    """The elements of a list; a list that is unknown stands for elements that are."""
    if not value.known:
        return (value,)
    return value.elements().items


class Group(Holder, terraform="aws_iam_group", cloudformation="AWS::IAM::Group"):
    role_name = "group"

    @property
    def has_members(self) -> Truth:
        """Whether the deployment puts somebody into it."""
        return any_of(self._means(m.group) & m.user_exists for m in self._near_memberships("group"))

    @property
    def has_permissions(self) -> Truth:
        return (self.policies.exists()) | Truth.of(bool(self.managed_arns))


class User(Holder, terraform="aws_iam_user", cloudformation="AWS::IAM::User"):
    role_name = "user"
    login = attr(dict, terraform=None, cloudformation="LoginProfile")

    @property
    def login_profile(self) -> Truth:
        """Whether the user has a password for the console."""
        if not self.is_terraform:
            return Truth.of(not self.login.implicit) if self.login.known else Truth(None, self.login.reasons)
        return attached_to(LoginProfile, "user", self, self.name).exists()

    @cached_property
    def groups(self) -> Partial[Group]:
        """The groups of the deployment that the user is in."""
        gaps: tuple[Reason, ...] = ()
        found: list[Group] = []
        own = self._near_memberships("user")
        for group in candidates(Group, self.deployment, "name", *(m.group for m in own)):
            truth = any_of(group._means(m.group) & self._means(m.user) for m in own)
            if truth.value:
                found.append(group)
            elif truth.value is None:
                gaps = merge_reasons(gaps, truth.reasons)
        return Partial(tuple(found), gaps)

    @property
    def in_a_group(self) -> Truth:
        """Whether the user is put into any group, of the deployment or not."""
        return any_of(self._means(m.user) for m in self._near_memberships("user"))

    @property
    def can_sign_in(self) -> Truth:
        """Whether it is a person: with a password, or in a group. Users with access keys only are machines."""
        return self.login_profile | self.in_a_group

    @property
    def all_policies(self) -> Partial[Policy]:
        """The documents that reach the user, directly or through groups."""
        found = self.policies
        for group in self.groups.items:
            found = found + group.policies
        return Partial(found.items, merge_reasons(found.gaps, self.groups.gaps))


class LoginProfile(View, terraform="aws_iam_user_login_profile", cloudformation=()):
    user = attr(str, terraform="user", cloudformation=None)


class Role(Holder, terraform="aws_iam_role", cloudformation="AWS::IAM::Role"):
    role_name = "role"


class Membership(Struct, frozen=True):
    """A user is in a group; both as they are written."""

    user: Value[Any]
    group: Value[Any]

    @property
    def user_exists(self) -> Truth:
        return TRUE if self.user.known or self.user.refs else Truth(None, self.user.reasons)


def memberships(deployment: Deployment) -> tuple[Membership, ...]:
    """Every membership that a deployment declares."""
    key = "iam memberships"
    if key not in deployment.memo:
        deployment.memo[key] = tuple(_memberships(deployment))
    found: tuple[Membership, ...] = deployment.memo[key]
    return found


def _memberships(deployment: Deployment) -> Iterator[Membership]:
    for resource in deployment.of_kind("aws_iam_group_membership"):
        for user in _members(resource.attribute("users")):
            yield Membership(user, resource.attribute("group"))
    for resource in deployment.of_kind("aws_iam_user_group_membership"):
        for group in _members(resource.attribute("groups")):
            yield Membership(resource.attribute("user"), group)
    for resource in deployment.of_kind("AWS::IAM::UserToGroupAddition"):
        for user in _members(resource.attribute("Users")):
            yield Membership(user, resource.attribute("GroupName"))
    for resource in deployment.of_kind("AWS::IAM::User"):
        for group in _members(resource.attribute("Groups")):
            # the user itself, named by reference as anything else would name it
            yield Membership(Value(None, resource.header, refs=(Ref(resource.address),)), group)


# -- what holders may do, and whether with MFA ------------------------------------------------------------

ADMINISTRATIVE = ("AdministratorAccess", "IAMFullAccess", "PowerUserAccess")
"""AWS-managed policies that make, or can make, their holder an administrator."""


class AdminGrant(Struct, frozen=True):
    """What makes a holder an administrator: a statement of a policy of the deployment, or a managed policy's ARN."""

    at: Value[Any]
    statement: Statement | None

    @property
    def asks_for_mfa(self) -> Truth:
        return self.statement.requires_mfa() if self.statement is not None else FALSE


def admin_grants(holder: Holder) -> Partial[AdminGrant]:
    """Everything that makes a holder an administrator, not counting groups."""
    found = [AdminGrant(arn, None) for arn in holder.managed_arns if _administrative(arn).is_true]
    gaps = merge_reasons(*(arn.reasons for arn in holder.managed_arns if _administrative(arn).value is None))
    policies = holder.policies
    gaps = merge_reasons(gaps, policies.gaps)
    for policy in policies.items:
        statements = policy.document.admin_statements()
        found += [AdminGrant(statement.value, statement) for statement in statements.items]
        gaps = merge_reasons(gaps, statements.gaps)
    return Partial(tuple(found), gaps)


def _administrative(arn: Value[Any]) -> Truth:
    return any_of(arn.ends_with(f":policy/{name}") for name in ADMINISTRATIVE)


# -- MFA for people --------------------------------------------------------------------------------------


class People:
    """The people that a deployment creates, and whether its policies make them use MFA."""

    scope = "deployment"

    def __init__(self, deployment: Deployment, anchor: Holder, holders: tuple[Holder, ...]) -> None:
        self.deployment = deployment
        self.anchor = anchor
        self.holders = holders

    @classmethod
    def select(cls, deployment: Deployment) -> Iterator[People]:
        """One, where the deployment creates people: groups, or users who can sign in."""
        groups = Group.select(deployment)
        users = [u for u in User.select(deployment) if u.can_sign_in.possible]
        holders: tuple[Holder, ...] = (*groups, *users)
        if holders:
            yield cls(deployment, holders[0], holders)

    @property
    def address(self) -> str:
        return self.anchor.address

    @property
    def span(self) -> Span:
        return self.anchor.span

    @property
    def header(self) -> Span:
        return self.anchor.header

    @property
    def calls(self) -> tuple[Step, ...]:
        return self.anchor.calls

    @property
    def exists(self) -> Truth:
        """Undecided where it hangs on an input whether anybody is created."""
        return any_of(h.exists & (h.can_sign_in if isinstance(h, User) else TRUE) for h in self.holders)

    @property
    def enforced_by_policy(self) -> Truth:
        """Whether some policy of the deployment, or several of one holder together, enforce MFA."""
        identity = IdentityPolicy.select(self.deployment)
        alone = any_of(mfa_enforcement(p.document).enforced & p.exists for p in identity)
        if not alone.is_false:
            return alone
        together = any_of(self._enforced(h) for h in self.holders)
        hidden = Partial((), tuple(gap.reason for gap in self.deployment.gaps)).exists()
        return alone | together | hidden

    @staticmethod
    def _enforced(holder: Holder) -> Truth:
        policies = holder.all_policies if isinstance(holder, User) else holder.policies
        return enforcement(policies).enforced

    @property
    def enforced_by_organization(self) -> Truth:
        """Whether a service control policy of the deployment does."""
        return any_of(
            mfa_enforcement(p.document).enforced & p.exists for p in ServiceControlPolicy.select(self.deployment)
        )

    @property
    def granted_with_mfa_only(self) -> Truth:
        """Whether they are granted something, and every grant asks for MFA itself."""
        return all_of(self._gated(h) for h in self.holders) if self.holders else FALSE

    @staticmethod
    def _gated(holder: Holder) -> Truth:
        policies = holder.all_policies if isinstance(holder, User) else holder.policies
        if holder.managed_arns or not policies.items:
            return Truth.of(False) if not policies.gaps else Truth(None, policies.gaps)
        allows = [s for p in policies.items for s in p.document.statements.items if s.allows.possible]
        gaps = merge_reasons(policies.gaps, *(p.document.statements.gaps for p in policies.items))
        every = all_of(asks_for_mfa(s) for s in allows)
        return every & (Truth(None, gaps) if gaps else TRUE) & Truth.of(bool(allows))


def asks_for_mfa(statement: Statement) -> Truth:
    """Whether an Allow can be used with MFA only."""
    return statement.requires_mfa()


def enforcement(policies: Partial[Policy]) -> MfaEnforcement:
    """What policies that reach one holder together ask of callers without MFA."""
    return mfa_enforcement(*(p.document for p in policies.items if p.exists.is_true))


# -- grants ----------------------------------------------------------------------------------------------


class Grant(Struct, frozen=True):
    """A statement that allows some actions widely, those actions, and where the first is written."""

    statement: Statement
    actions: tuple[str, ...]
    at: Value[Any]


def granted_widely(document: Document, actions: tuple[str, ...], kinds: tuple[str, ...]) -> Partial[Grant]:
    """The Allow statements that grant some of the actions on all resources of the kinds ("trail/*").

    Full access, all actions on all resources, is left out: it is a finding of its own.
    """

    def one(statement: Statement) -> Truth:
        touched = any_of(statement.touches_action(action) for action in actions)
        return touched & ~full_access(statement) & names_all(statement, kinds)

    found = document.allowing(one)

    def grant(statement: Statement) -> Grant:
        allowed = tuple(action for action in actions if statement.touches_action(action).is_true)
        values = statement.action_values(allowed[0]) if allowed else ()
        return Grant(statement, allowed, values[0] if values else statement.value)

    return found.map(grant)


def full_access(statement: Statement) -> Truth:
    """Whether it speaks of all actions on all resources."""
    return (statement.covers_action("*") | statement.covers_action("*:*")) & statement.covers_resource("*")


def names_all(statement: Statement, kinds: tuple[str, ...]) -> Truth:
    """Whether it speaks of all resources, or of all of a kind in an account: "arn:aws:kms:*:111122223333:key/*"."""
    if statement.resources is None:
        return TRUE
    endings = ("*", *kinds)

    def wide(text: Any) -> bool:
        parts = str(text).split(":", 5)
        return text == "*" or (len(parts) == 6 and parts[5] in endings)

    def names(value: Value[Any]) -> Truth:
        if value.known:
            return value.test(wide)
        if value.refs and not (value.unknown and value.unknown.parts):
            return FALSE  # the ARN of one resource
        return any_of(value.ends_with(":" + ending) for ending in endings)

    return statement.resources.elements.any(names)


def asks_for_principal_tag(statement: Statement) -> Truth:
    """Whether a condition on a tag of the caller limits it."""
    return statement.conditions.any(lambda c: Truth.of(c.key.lower().startswith("aws:principaltag/")))


def lets_people_in(trust: Trust, deployment: Deployment) -> Truth:
    """Whether people can assume a role through a trust without MFA: named as an account or as users."""
    entry = trust.principal
    if entry.kind != "AWS":
        return FALSE
    named = [r for ref in entry.value.refs for r in deployment.resolve(ref)] if entry.value.unknown else []
    if named and all(r.kind in (*Role.terraform_kinds, *Role.cloudformation_kinds) for r in named):
        return FALSE
    users = Truth.of(bool(named) and all(r.kind in (*User.terraform_kinds, *User.cloudformation_kinds) for r in named))
    return (users | entry.is_account | entry.entity("user")) & ~trust.requires_mfa & ~trust.requires_external_id


class Person(Holder, terraform=("aws_iam_user", "aws_iam_group"), cloudformation=("AWS::IAM::User", "AWS::IAM::Group")):
    """A user who can sign in, or a group with members and permissions."""

    @property
    def _own(self) -> User | Group:
        of = User if self.resource.kind in (*User.terraform_kinds, *User.cloudformation_kinds) else Group
        return of(self.resource, self.deployment)

    @property
    def noun(self) -> str:
        return self._own.role_name

    @property
    def exists(self) -> Truth:
        own = self._own
        if isinstance(own, User):
            return self.resource.exists & own.login_profile
        return self.resource.exists & own.has_members & own.has_permissions

    @property
    def covered(self) -> Truth:
        """Whether a policy that enforces MFA reaches it, or each of its members by another way."""
        own = self._own
        if isinstance(own, User):
            return enforcement_tri(own.all_policies)
        others = [
            u
            for u in User.select(self.deployment)
            if u.groups.any(lambda g: Truth.of(g.resource is own.resource)).possible
        ]
        return enforcement_tri(own.policies) | (
            Truth.of(bool(others)) & all_of(enforcement_tri(u.all_policies) for u in others)
        )


def enforcement_tri(policies: Partial[Policy]) -> Truth:
    """Whether policies that reach one holder together enforce MFA; undecided where one may be hidden."""
    found = enforcement(policies).enforced
    return found | (Truth(None, policies.gaps) if policies.gaps else FALSE)


def mfa_enforced_anywhere(deployment: Deployment) -> Truth:
    """Whether any policy of the deployment enforces MFA."""
    key = "mfa enforced anywhere"
    if key not in deployment.memo:
        policies = IdentityPolicy.select(deployment)
        deployment.memo[key] = any_of(p.enforcement.enforced & p.exists for p in policies)
    found: Truth = deployment.memo[key]
    return found


class Administrator(
    Holder,
    terraform=("aws_iam_user", "aws_iam_group", "aws_iam_role"),
    cloudformation=("AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::Role"),
):
    """Whoever may hold the rights of an administrator."""

    @cached_property
    def _own(self) -> User | Group | Role:
        for of in (User, Group):
            if self.resource.kind in (*of.terraform_kinds, *of.cloudformation_kinds):
                return of(self.resource, self.deployment)
        return Role(self.resource, self.deployment)

    @property
    def noun(self) -> str:
        return self._own.role_name

    @cached_property
    def grants(self) -> Partial[AdminGrant]:
        return admin_grants(self._own)

    @property
    def signs_in(self) -> Truth:
        own = self._own
        return own.login_profile if isinstance(own, User) else FALSE

    @property
    def guarded(self) -> Truth:
        """Whether MFA stands before the rights: enforced for the user or group, or asked for by a role's trust."""
        own = self._own
        if isinstance(own, Role):
            trusts = [p for p in Policy.of(self.resource, self.deployment) if p.use is _TRUST]
            return ~any_of(p.document.trust().any(lambda t: lets_people_in(t, self.deployment)) for p in trusts)
        return enforcement_tri(own.all_policies if isinstance(own, User) else own.policies)
