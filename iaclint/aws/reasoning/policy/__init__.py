"""IAM policies: documents, their statements, and what rules ask about them. Rules know this package as `aws.policy`.

`Document.parse` reads a Value that holds a policy in any form. The methods of `Document` and `Statement` and
`mfa_enforcement` answer questions; an answer that depends on an unknown part is undecided. Nothing here knows a
resource type, Terraform or CloudFormation.

The questions are about sets, not about single requests: which statements allow something that matches this action
pattern, on all resources of that pattern, to everyone, whatever the conditions are. There was an evaluator of single
requests too, which answered as AWS does whether a principal may call an action on a resource in a context. It was
removed after three rules had been written with it (kms-key-policy-public, kms-service-grant-missing,
audit-tampering-permitted): each became longer, because it had to invent a principal, a resource and a value for every
context key, and each became wrong. A grant on all trails is a grant on no particular resource, so the request for "some
trail" was undecided; a service that a condition on aws:SourceArn admits was not admitted; a statement for everyone did
not count without a policy in the made-up caller's account. A rule that has to weigh Allow against Deny or a permissions
boundary (such as "who can become administrator") should do so with sets as well: statements that allow an overlap of a
pattern (`allowing`, `overlaps_action`), less those that a Deny covers (`denying`, `Statement.covers`).

The meaning of policies is that of the IAM user guide:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from iaclint.aws.reasoning.policy.actions import ASSUME_ROLE, AUDIT_TAMPERING, KEY_DESTRUCTION, KEY_USE
from iaclint.aws.reasoning.policy.conditions import Condition
from iaclint.aws.reasoning.policy.document import Document, Trust
from iaclint.aws.reasoning.policy.mfa import Bypass, Exemption, MfaEnforcement, Weakness, mfa_enforcement
from iaclint.aws.reasoning.policy.principals import PrincipalEntry
from iaclint.aws.reasoning.policy.statements import Statement

__all__ = [
    "ASSUME_ROLE",
    "AUDIT_TAMPERING",
    "KEY_DESTRUCTION",
    "KEY_USE",
    "Bypass",
    "Condition",
    "Document",
    "Exemption",
    "MfaEnforcement",
    "PrincipalEntry",
    "Statement",
    "Trust",
    "Weakness",
    "mfa_enforcement",
]
