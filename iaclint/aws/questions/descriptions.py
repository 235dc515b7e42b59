"""Descriptions of security groups and of their rules."""

from __future__ import annotations

from collections.abc import Iterator

from iaclint.aws.services.security_groups import EgressRule, IngressRule, SecurityGroup, SecurityGroupRule
from iaclint.aws.views import Attr, Subject
from iaclint.model.inventory import Deployment
from iaclint.model.truth import FALSE, TRUE, Truth, any_of


class Describable(Subject):
    """A security group or one of its rules, which can have a description.

    Terraform's provider writes "Managed by Terraform" if a group has no description
    (https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group).
    """

    anchor: SecurityGroup | SecurityGroupRule

    @classmethod
    def select(cls, deployment: Deployment) -> Iterator[Describable]:
        """Yield the groups that AWS does not create by itself, then the rules, inline rules first."""
        for group in SecurityGroup.select(deployment):
            if not group.is_default:
                yield cls(group)
        for rule_type in (IngressRule, EgressRule):
            for resource in deployment.of_kind(*SecurityGroup.kinds(deployment.vendor)):
                for rule in rule_type.inline_of(resource, deployment):
                    yield cls(rule)
            for rule in rule_type.standalone(deployment):
                if rule.in_direction.possible:
                    yield cls(rule)

    @property
    def noun(self) -> str:
        """What it is, for a message."""
        return "security group" if isinstance(self.anchor, SecurityGroup) else "rule"

    @property
    def description(self) -> Attr[str]:
        """Its description."""
        return self.anchor.description

    @property
    def admits(self) -> Truth:
        """Whether there is something to describe: a group, or a rule that gives addresses."""
        if isinstance(self.anchor, SecurityGroup):
            return TRUE
        return any_of(value.is_set() for value in self.anchor.cidrs)

    @property
    def is_undescribed(self) -> Truth:
        """Whether it has no description, or only the one that Terraform's provider writes."""
        if not self.anchor.body.known:
            return Truth(None, self.anchor.body.reasons)
        by_provider = self.description.is_("Managed by Terraform")
        return ~self.description.is_set() | (by_provider if isinstance(self.anchor, SecurityGroup) else FALSE)
