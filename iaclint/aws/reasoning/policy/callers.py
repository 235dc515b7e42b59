"""Conditions that restrict a statement to known callers."""

from __future__ import annotations

from typing import Any

from iaclint.aws.reasoning.cidr import DEFAULT_NEARLY, CidrSet
from iaclint.aws.reasoning.policy.conditions import Condition, Kind, Operator
from iaclint.aws.reasoning.policy.wildcards import ESCAPES, VARIABLE_TEXT, compile_pattern, has_wildcard
from iaclint.model.json_text import scalar_text
from iaclint.model.truth import FALSE, TRUE, Truth
from iaclint.model.value import Unknown, Value

_ACCOUNT_KEYS = frozenset({
    "kms:calleraccount", "aws:principalaccount", "aws:principalorgid", "aws:sourceaccount", "aws:sourceorgid",
    "aws:sourceowner", "s3:dataaccesspointaccount", "aws:sourcevpc", "aws:sourcevpce",
})  # fmt: skip
"""Keys of which the whole value has to be fixed."""
_ARN_KEYS = frozenset({"aws:principalarn", "aws:sourcearn", "aws:sourcevpcarn", "s3:dataaccesspointarn"})
"""Keys of which the account within the ARN has to be fixed."""
_PREFIX_KEYS = frozenset({"aws:userid", "aws:principalorgpaths", "aws:sourceorgpaths"})
"""Keys of which the start has to be fixed."""
_NETWORK_KEYS = frozenset({"aws:sourceip", "aws:vpcsourceip"})

CALLER_CONDITION_KEYS = _ACCOUNT_KEYS | _ARN_KEYS | _PREFIX_KEYS | _NETWORK_KEYS
"""Condition keys, in lower case, whose fixed values restrict the callers.

They are the keys for which AWS considers a policy not public, and those of organizations and of KMS. kms:ViaService is
not one, because every account can call through a service.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
"""


def restricts_caller(condition: Condition, keys: frozenset[str] = CALLER_CONDITION_KEYS) -> Truth:
    """Return True if a condition holds only for callers that its values name.

    keys  the condition keys that count, in lower case
    """
    operator = condition.parsed_operator
    key = condition.key.lower()
    if operator is None or key not in keys or operator.negated or operator.if_exists:
        return FALSE
    if operator.quantifier == "forallvalues" or operator.kind in (Kind.NULL, Kind.NUMERIC, Kind.DATE):
        # ForAllValues holds for a request without the key
        return FALSE

    def is_fixed(value: Value[Any]) -> Truth:
        data = value.data
        if not isinstance(data, Unknown) or data.one_of:
            return value.test(lambda text: _is_fixed(operator, key, scalar_text(text)))
        if value.refs or (data.prefix and _is_fixed(operator, key, data.prefix + "*")):
            # an attribute of a resource, such as the account's own id, is one value
            return TRUE
        return Truth(None, value.reasons)

    return condition.values.all(is_fixed) & condition.values.exists()


def _is_fixed(operator: Operator, key: str, text: str) -> bool:
    """Return True if a value of a caller's key names particular callers."""
    if operator.kind is Kind.IP:
        try:
            return not CidrSet.parse(text).covers_internet(nearly=DEFAULT_NEARLY)
        except ValueError:
            return True
    variables = [name for name in VARIABLE_TEXT.findall(text) if name not in ESCAPES]
    if any(not name.lower().startswith("aws:resource") for name in variables):
        # "${aws:PrincipalAccount}" compares the caller with itself
        return False
    if operator.kind is Kind.STRING:
        return text != ""
    pattern = compile_pattern(text, variables=True, ignore_case=False)
    if key in _ARN_KEYS:
        segments = pattern.split(":", 5)
        if len(segments) == 6 and segments[4]:
            return not has_wildcard(segments[4])
        # an ARN of a bucket has no account: the bucket's name has to be fixed
        return len(segments) == 6 and not has_wildcard(segments[5][:1])
    if key in _ACCOUNT_KEYS:
        return text != "" and not has_wildcard(pattern)
    return text != "" and not has_wildcard(pattern[0])
