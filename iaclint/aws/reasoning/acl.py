"""What a network ACL allows.

The rule with the lowest number that matches decides; traffic that matches no rule is denied:
https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html

Nothing here knows a resource type, Terraform or CloudFormation.
"""

from __future__ import annotations

from msgspec import Struct

from iaclint.aws.reasoning.cidr import AddressBounds
from iaclint.aws.reasoning.flows import ALL_FLOWS, NO_FLOWS, FlowBounds, Flows
from iaclint.aws.reasoning.ports import TrafficBounds
from iaclint.model.truth import TRUE, Reason, Truth, merge_reasons


class AclRule(Struct, frozen=True):
    """One rule of a network ACL, for one direction.

    number          the rule number; None if it is unknown
    allow           true if the rule allows, false if it denies
    exists          undecided if the rule may be missing, or may be for the other direction
    number_reasons  why the number is unknown
    """

    number: int | None
    allow: Truth
    addresses: AddressBounds
    traffic: TrafficBounds
    exists: Truth = TRUE
    number_reasons: tuple[Reason, ...] = ()

    @property
    def certain(self) -> Flows:
        """The flows that the rule matches in any case."""
        if not self.exists.is_true:
            return NO_FLOWS
        return Flows.of(self.addresses.certain, self.traffic.certain)

    @property
    def possible(self) -> Flows:
        """The flows that the rule may match."""
        if self.exists.is_false:
            return NO_FLOWS
        return Flows.of(self.addresses.possible, self.traffic.possible)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why parts of the rule are unknown."""
        return merge_reasons(
            self.number_reasons, self.allow.reasons, self.exists.reasons, self.addresses.reasons, self.traffic.reasons
        )


class Acl(Struct, frozen=True):
    """The rules of a network ACL for one direction, in any order; `gaps` are the reasons why there may be more."""

    rules: tuple[AclRule, ...]
    gaps: tuple[Reason, ...] = ()

    def allowed_by(self, rule: AclRule) -> FlowBounds:
        """Return what one of the rules allows, without what a rule with a lower number denies."""
        denied_certain = denied_possible = NO_FLOWS
        for other in self.rules:
            comparable = rule.number is not None and other.number is not None
            if other is rule or (comparable and (other.number or 0) > (rule.number or 0)):
                continue
            if other.allow.is_false and comparable:
                denied_certain = denied_certain | other.certain
            if not other.allow.is_true:
                denied_possible = denied_possible | other.possible
        certain = rule.certain - denied_possible if rule.allow.is_true and not self.gaps else NO_FLOWS
        possible = rule.possible - denied_certain if rule.allow.possible else NO_FLOWS
        return FlowBounds(certain, possible, self._reasons)

    def allowed(self) -> FlowBounds:
        """Return what the ACL allows.

        A deny rule that may exist, with a lower or an unknown number, makes uncertain what it matches.
        """
        if self.gaps:
            return FlowBounds(NO_FLOWS, ALL_FLOWS, self._reasons)
        numbered = sorted((rule for rule in self.rules if rule.number is not None), key=lambda rule: rule.number or 0)
        anywhere = [rule for rule in self.rules if rule.number is None]
        certain = possible = NO_FLOWS
        denied_certain = NO_FLOWS  # by a rule with a lower number that certainly exists
        denied_possible = NO_FLOWS  # by a rule that may exist and may have a lower number
        for rule in anywhere:
            if not rule.allow.is_true:
                denied_possible = denied_possible | rule.possible
        for rule in numbered:
            if rule.allow.is_true:
                certain = certain | (rule.certain - denied_possible)
            if rule.allow.possible:
                possible = possible | (rule.possible - denied_certain)
            if rule.allow.is_false:
                denied_certain = denied_certain | rule.certain
            if not rule.allow.is_true:
                denied_possible = denied_possible | rule.possible
        for rule in anywhere:
            if rule.allow.is_true:
                certain = certain | (rule.certain - denied_possible)
            if rule.allow.possible:
                possible = possible | rule.possible
        return FlowBounds(certain, possible, self._reasons)

    @property
    def _reasons(self) -> tuple[Reason, ...]:
        return merge_reasons(self.gaps, *(rule.reasons for rule in self.rules))
