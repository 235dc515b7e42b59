"""AWS Identity and Access Management: users, groups and roles, and the policy documents that apply to them."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from functools import cached_property
from operator import attrgetter
from typing import Any

from msgspec import Struct

from iaclint.aws.joins import Links, attached_to, candidates, identified_by, per_deployment
from iaclint.aws.reasoning.policy import Document, MfaEnforcement, mfa_enforcement
from iaclint.aws.views import Attr, Block, View, attr, parts
from iaclint.model.inventory import Deployment, Resource
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, TRUE, Reason, Truth, any_of, merge_reasons
from iaclint.model.value import Ref, Value

# -- policy documents ----------------------------------------------------------------------------------


class Use(Enum):
    """The type of a policy: what its document does.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html
    """

    IDENTITY = "identity-based policy"
    TRUST = "trust policy"
    SCP = "service control policy"
    RESOURCE = "resource-based policy"


class PolicyPlace(Struct, frozen=True):
    """A place where a resource type keeps policy documents.

    path    the dotted path of the property that holds the document
    use     what the document does
    blocks  the dotted path of a list of blocks, each with such a property; "" if the resource itself has it
    """

    path: str
    use: Use
    blocks: str = ""


_IDENTITY, _TRUST, _SCP, _RESOURCE = Use.IDENTITY, Use.TRUST, Use.SCP, Use.RESOURCE

_PLACES: dict[str, tuple[PolicyPlace, ...]] = {
    "aws_iam_policy": (PolicyPlace("policy", _IDENTITY),),
    "aws_iam_group_policy": (PolicyPlace("policy", _IDENTITY),),
    "aws_iam_user_policy": (PolicyPlace("policy", _IDENTITY),),
    "aws_iam_role_policy": (PolicyPlace("policy", _IDENTITY),),
    "aws_iam_role": (
        PolicyPlace("assume_role_policy", _TRUST),
        PolicyPlace("policy", _IDENTITY, blocks="inline_policy"),
    ),
    "aws_ssoadmin_permission_set_inline_policy": (PolicyPlace("inline_policy", _IDENTITY),),
    "aws_organizations_policy": (PolicyPlace("content", _SCP),),
    "aws_s3_bucket_policy": (PolicyPlace("policy", _RESOURCE),),
    "aws_kms_key": (PolicyPlace("policy", _RESOURCE),),
    "aws_kms_key_policy": (PolicyPlace("policy", _RESOURCE),),
    "AWS::IAM::ManagedPolicy": (PolicyPlace("PolicyDocument", _IDENTITY),),
    "AWS::IAM::Policy": (PolicyPlace("PolicyDocument", _IDENTITY),),
    "AWS::IAM::GroupPolicy": (PolicyPlace("PolicyDocument", _IDENTITY),),
    "AWS::IAM::UserPolicy": (PolicyPlace("PolicyDocument", _IDENTITY),),
    "AWS::IAM::RolePolicy": (PolicyPlace("PolicyDocument", _IDENTITY),),
    "AWS::IAM::Group": (PolicyPlace("PolicyDocument", _IDENTITY, blocks="Policies"),),
    "AWS::IAM::User": (PolicyPlace("PolicyDocument", _IDENTITY, blocks="Policies"),),
    "AWS::IAM::Role": (
        PolicyPlace("AssumeRolePolicyDocument", _TRUST),
        PolicyPlace("PolicyDocument", _IDENTITY, blocks="Policies"),
    ),
    "AWS::SSO::PermissionSet": (PolicyPlace("InlinePolicy", _IDENTITY),),
    "AWS::Organizations::Policy": (PolicyPlace("Content", _SCP),),
    "AWS::S3::BucketPolicy": (PolicyPlace("PolicyDocument", _RESOURCE),),
    "AWS::KMS::Key": (PolicyPlace("KeyPolicy", _RESOURCE),),
}


_MANAGED = ("aws_iam_policy", "AWS::IAM::ManagedPolicy")
"""The resource types of customer managed policies."""


class Policy(Block):
    """A policy document of a resource. Its `document` is parsed once."""

    organizations_type = attr(str, terraform="type", cloudformation="Type", default="SERVICE_CONTROL_POLICY")

    def __init__(
        self, resource: Resource, deployment: Deployment, body: Value[Any], prefix: str, place: PolicyPlace
    ) -> None:
        super().__init__(resource, deployment, body, prefix)
        self.place = place

    @classmethod
    def select(cls, deployment: Deployment) -> list[Policy]:
        """Return all policy documents of a deployment."""
        return _policies(deployment)

    @classmethod
    def of(cls, resource: Resource, deployment: Deployment) -> Iterator[Policy]:
        """Yield the documents of one resource."""
        for place in _PLACES.get(resource.kind, ()):
            view = Block(resource, deployment)
            if not place.blocks:
                if view.read(place.path, dict).data is not None:
                    yield cls(resource, deployment, resource.body, "", place)
            else:
                for body, prefix in parts(view, place.blocks):
                    if not body.known or body.path(*place.path.split(".")).data is not None:
                        yield cls(resource, deployment, body, prefix, place)

    @property
    def use(self) -> Use:
        """The type of the policy."""
        return self.place.use

    @property
    def exists(self) -> Truth:
        """Undecided also if a policy of an organization may be of another type than a service control policy."""
        if self.use is not _SCP:
            return self.resource.exists
        return self.resource.exists & self.organizations_type.is_("SERVICE_CONTROL_POLICY")

    @property
    def enforcement(self) -> MfaEnforcement:
        """How the document enforces MFA, and how that can be bypassed."""
        return mfa_enforcement(self.document)

    @property
    def is_managed(self) -> bool:
        """Whether it is a customer managed policy, which applies to nothing until it is attached."""
        return self.resource.kind in _MANAGED

    @property
    def applies_to_a_user(self) -> Truth:
        """Return True if it is attached to a user, or to a group that has or may have members.

        If the deployment puts no user into any group, memberships are managed elsewhere, and each group counts.
        """
        manages_members = bool(memberships(self.deployment))
        answer = FALSE
        for noun in ("user", "group"):
            for attachment in _attachments(self.deployment, noun):
                if any(r is self.resource for r in attachment.policies(self.deployment)):
                    answer = answer | (self._has_users(attachment, noun, manages_members) & attachment.exists)
        for identity in (*User.select(self.deployment), *Group.select(self.deployment)):
            for arn in _members(identity.arns):
                if any(r is self.resource for r in self.deployment.targets(arn, *_MANAGED).items):
                    users = identity.has_members if isinstance(identity, Group) and manages_members else TRUE
                    answer = answer | (users & identity.exists)
                elif not arn.known and not arn.refs:
                    answer = answer | Truth(None, arn.reasons)
        return answer | self._attached_unseen

    def _has_users(self, attachment: PolicyAttachment, noun: str, manages_members: bool) -> Truth:
        """Return True if the identity of an attachment is a user, or a group that has or may have members."""
        if noun != "group" or not manages_members:
            return TRUE
        groups = identified_by(Group, attachment.identity, self.deployment, "name").items
        return any_of(g.has_members for g in groups) if groups else TRUE

    @property
    def _attached_unseen(self) -> Truth:
        """Return an undecided truth if an attachment with unknown values, or an unseen module, may attach it."""
        gaps = self.deployment.gaps_about(self.resource)
        for noun in ("user", "group"):
            for attachment in _attachments(self.deployment, noun):
                if attachment.arn is not None:
                    gaps = merge_reasons(gaps, _unresolved(attachment.arn))
                elif attachment.resource is self.resource:
                    gaps = merge_reasons(gaps, _unresolved(attachment.identity))
        return Truth(None, gaps) if gaps else FALSE

    @property
    def exported(self) -> bool:
        """Whether an output refers to it, so that another deployment may attach it."""
        return self.deployment.is_exported(self.resource)

    @property
    def text(self) -> Attr[Any]:
        """The property that holds the document."""
        return self.read(self.place.path, dict)

    @cached_property
    def document(self) -> Document:
        """The document, parsed."""
        return Document.parse(self.text)


def _unresolved(value: Value[Any]) -> tuple[Reason, ...]:
    """Return why it is unknown what a value refers to; nothing if it is known or refers to a resource."""
    return () if value.known or value.refs else value.reasons


@per_deployment
def _policies(deployment: Deployment) -> list[Policy]:
    return [p for kind in _PLACES for r in deployment.by_kind.get(kind, ()) for p in Policy.of(r, deployment)]


class IdentityPolicy(Policy):
    """A document that says what the identities that have it may do."""

    @classmethod
    def select(cls, deployment: Deployment) -> list[Policy]:
        """Return the identity-based policies of a deployment."""
        return [p for p in Policy.select(deployment) if p.use is _IDENTITY]


class TrustPolicy(Policy):
    """A document that says who may assume a role."""

    @classmethod
    def select(cls, deployment: Deployment) -> list[Policy]:
        """Return the trust policies of a deployment."""
        return [p for p in Policy.select(deployment) if p.use is _TRUST]


class ServiceControlPolicy(Policy):
    """A document that limits whole accounts."""

    @classmethod
    def select(cls, deployment: Deployment) -> list[Policy]:
        """Return what is, or may be, a service control policy; Organizations has policies of other types too."""
        return [p for p in Policy.select(deployment) if p.use is _SCP and p.exists.possible]


# -- identities ------------------------------------------------------------------------------------------


class Identity(View):
    """A user, a group or a role. https://docs.aws.amazon.com/IAM/latest/UserGuide/id.html"""

    name = attr(str, terraform="name", cloudformation=("UserName", "GroupName", "RoleName"))
    arns = attr(list, terraform="managed_policy_arns", cloudformation="ManagedPolicyArns")
    noun = ""
    """Its name in messages and in the types of attachments: "user", "group" or "role"."""

    @cached_property
    def policies(self) -> Partial[Policy]:
        """The identity-based policies of this deployment that apply to it: its inline ones, and attached ones.

        A policy outside the scanned code that is attached to it is a gap, unless AWS manages it.
        """
        inline = [p for p in Policy.of(self.resource, self.deployment) if p.use is _IDENTITY]
        attachments = Partial(tuple(self._candidate_attachments), self.deployment.gaps_about(self.resource)).where(
            lambda attachment: self.is_named_by(attachment.identity) & attachment.exists
        )
        found = {id(a.resource): a.resource for a in attachments.items if a.arn is None}
        gaps = attachments.gaps
        for arn in self._arns:
            targets = self.deployment.targets(arn, *_MANAGED)
            for resource in targets.items:
                found[id(resource)] = resource
            if not targets.items and not _is_aws_managed(arn):
                gaps = merge_reasons(
                    gaps, arn.reasons or (Reason(f"what {arn.data} says is not written here", arn.span),)
                )
        attached = [p for r in found.values() for p in Policy.of(r, self.deployment) if p.use is _IDENTITY]
        return Partial((*inline, *attached), gaps)

    @property
    def all_policies(self) -> Partial[Policy]:
        """The identity-based policies that apply to it, directly or through groups."""
        return self.policies

    @cached_property
    def _arns(self) -> tuple[Value[Any], ...]:
        """The ARNs of all managed policies attached to it."""
        found = [
            attachment.arn
            for attachment in self._candidate_attachments
            if attachment.arn is not None and (self.is_named_by(attachment.identity) & attachment.exists).is_true
        ]
        return (*found, *_members(self.arns))

    @property
    def managed_arns(self) -> tuple[Value[Any], ...]:
        """The ARNs, known or not, of the policies attached to it that are not of this deployment."""
        return tuple(v for v in self._arns if not self.deployment.targets(v, *_MANAGED).items)

    def is_named_by(self, value: Value[Any]) -> Truth:
        """Return True if a value means this identity, by reference or by name."""
        return self.is_identified_by(value, self.name)

    @cached_property
    def _candidate_attachments(self) -> list[PolicyAttachment]:
        """The attachments that may name it."""
        return _attachments_by_identity(self.deployment, self.noun).candidates(self, (self.name,))


def _is_aws_managed(arn: Value[Any]) -> bool:
    """Return True if an ARN is that of a policy that AWS manages."""
    unknown = arn.unknown
    if unknown is None:
        return ":iam::aws:policy/" in str(arn.data)
    texts = [unknown.prefix, *(str(part.data) for part in unknown.parts if part.known)]
    return any(":iam::aws:policy/" in text for text in texts)


class Group(Identity, terraform="aws_iam_group", cloudformation="AWS::IAM::Group"):
    """A group of users."""

    noun = "group"

    @property
    def has_members(self) -> Truth:
        """Return True if the deployment puts a user into the group."""
        found = _memberships_by(self.deployment, "group").candidates(self, (self.name,))
        return any_of(self.is_named_by(m.group) & m.user_exists for m in found)

    @property
    def has_permissions(self) -> Truth:
        """Return True if a policy applies to the group."""
        return self.policies.exists() | Truth.of(bool(self.managed_arns))


class User(Identity, terraform="aws_iam_user", cloudformation="AWS::IAM::User"):
    """A user."""

    noun = "user"
    login = attr(dict, terraform=None, cloudformation="LoginProfile")

    @property
    def login_profile(self) -> Truth:
        """Return True if the user has a password for the console."""
        if self.is_terraform:
            return attached_to(LoginProfile, "user", self, self.name).exists()
        return Truth.of(not self.login.implicit) if self.login.known else Truth(None, self.login.reasons)

    @cached_property
    def groups(self) -> Partial[Group]:
        """The groups of the deployment that the user is in."""
        own = self._memberships
        groups = candidates(Group, self.deployment, "name", *(m.group for m in own))
        return Partial(tuple(groups)).where(
            lambda group: any_of(group.is_named_by(m.group) & self.is_named_by(m.user) for m in own)
        )

    @property
    def in_a_group(self) -> Truth:
        """Return True if the user is put into any group, of the deployment or not."""
        return any_of(self.is_named_by(m.user) for m in self._memberships)

    @property
    def can_sign_in(self) -> Truth:
        """Return True if it belongs to a person: it has a password, or is in a group, and not access keys only."""
        return self.login_profile | self.in_a_group

    @property
    def all_policies(self) -> Partial[Policy]:
        """The identity-based policies that apply to the user, directly or through groups."""
        found = self.policies
        for group in self.groups.items:
            found = found + group.policies
        return Partial(found.items, merge_reasons(found.gaps, self.groups.gaps))

    @property
    def _memberships(self) -> list[Membership]:
        """The memberships that may be the user's."""
        return _memberships_by(self.deployment, "user").candidates(self, (self.name,))


class LoginProfile(View, terraform="aws_iam_user_login_profile", cloudformation=()):
    """A password for the console."""

    user = attr(str, terraform="user", cloudformation=None)


class Role(Identity, terraform="aws_iam_role", cloudformation="AWS::IAM::Role"):
    """A role."""

    noun = "role"

    @property
    def trust_policies(self) -> list[Policy]:
        """The documents that say who may assume the role."""
        return [p for p in Policy.of(self.resource, self.deployment) if p.use is _TRUST]


# -- attachments and memberships -----------------------------------------------------------------------


class PolicyAttachment(Struct, frozen=True):
    """A policy applies to an identity.

    identity  the value that names the identity
    resource  the resource that attaches; if `arn` is None, it is the policy itself
    arn       the ARN of the policy
    """

    identity: Value[Any]
    resource: Resource
    arn: Value[Any] | None
    exists: Truth

    def policies(self, deployment: Deployment) -> list[Resource]:
        """Return the resources of a deployment that the attached policy may be."""
        if self.arn is None:
            return [self.resource]
        return list(deployment.targets(self.arn, *_MANAGED).items)


@per_deployment
def _attachments_by_identity(deployment: Deployment, noun: str) -> Links[PolicyAttachment]:
    return Links(_attachments(deployment, noun), attrgetter("identity"), deployment)


def _attachments(deployment: Deployment, noun: str) -> Iterator[PolicyAttachment]:
    """Yield the attachments of policies to users, groups or roles."""
    plural, title = noun + "s", noun.capitalize()
    for resource in deployment.of_kind(f"aws_iam_{noun}_policy"):
        yield PolicyAttachment(resource.attribute(noun), resource, None, resource.exists)
    for resource in deployment.of_kind(f"aws_iam_{noun}_policy_attachment"):
        yield PolicyAttachment(resource.attribute(noun), resource, resource.attribute("policy_arn"), resource.exists)
    for resource in deployment.of_kind("aws_iam_policy_attachment"):
        for identity in _members(resource.attribute(plural)):
            yield PolicyAttachment(identity, resource, resource.attribute("policy_arn"), resource.exists)
    for resource in deployment.of_kind(f"aws_iam_{noun}_policy_attachments_exclusive"):
        for arn in _members(resource.attribute("policy_arns")):
            yield PolicyAttachment(resource.attribute(noun + "_name"), resource, arn, resource.exists)
    for resource in deployment.of_kind(f"AWS::IAM::{title}Policy"):
        yield PolicyAttachment(resource.attribute(title + "Name"), resource, None, resource.exists)
    for resource in deployment.of_kind("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy"):
        for identity in _members(resource.attribute(title + "s")):
            yield PolicyAttachment(identity, resource, None, resource.exists)


class Membership(Struct, frozen=True):
    """A user is in a group; the values that name both."""

    user: Value[Any]
    group: Value[Any]

    @property
    def user_exists(self) -> Truth:
        """Return True if the membership certainly names a user."""
        return TRUE if self.user.known or self.user.refs else Truth(None, self.user.reasons)


@per_deployment
def memberships(deployment: Deployment) -> tuple[Membership, ...]:
    """Return every membership that a deployment declares."""
    return tuple(_memberships(deployment))


@per_deployment
def _memberships_by(deployment: Deployment, side: str) -> Links[Membership]:
    """Return the memberships by their "user" or by their "group"."""
    return Links(memberships(deployment), attrgetter(side), deployment)


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
            # the user itself, as another resource would refer to it
            yield Membership(Value(None, resource.header, refs=(Ref(resource.address),)), group)


def _members(value: Value[Any]) -> tuple[Value[Any], ...]:
    """Return the elements of a list; an unknown list is one unknown element."""
    if not value.known:
        return (value,)
    return value.elements().items
