"""The conditions of a statement, and when they hold.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_multi-value-conditions.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import operator as operators
import re
from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from iaclint.aws.reasoning.cidr import CidrSet
from iaclint.aws.reasoning.policy.context import ABSENT, PRESENT, UNKNOWN, Context, Fact, filled_pattern, unknown_key
from iaclint.aws.reasoning.policy.texts import Elements, test_text
from iaclint.aws.reasoning.policy.wildcards import STAR, compare_arn_condition, compile_pattern, matches
from iaclint.model.json_text import scalar_text
from iaclint.model.truth import FALSE, TRUE, Reason, Truth, all_of, any_of
from iaclint.model.value import Unknown, Value
from iaclint.source.files import Span


class Kind(Enum):
    """What a condition operator compares."""

    STRING = "string"
    LIKE = "like"
    ARN = "arn"
    NUMERIC = "numeric"
    DATE = "date"
    BOOL = "bool"
    BINARY = "binary"
    IP = "ip"
    NULL = "null"


class Operator(Struct, frozen=True):
    """A condition operator.

    negated      whether it asks for no match (StringNotEquals)
    compare      of numbers and dates: the comparison of the request's value with the policy's
    ignore_case  of strings: whether upper and lower case make no difference
    quantifier   "forallvalues", "foranyvalue" or ""
    if_exists    whether its name ends in IfExists
    """

    kind: Kind
    negated: bool = False
    compare: Callable[[float, float], bool] = operators.eq
    ignore_case: bool = False
    quantifier: str = ""
    if_exists: bool = False


_COMPARISONS: dict[str, Operator] = {
    "equals": Operator(Kind.NUMERIC),
    "notequals": Operator(Kind.NUMERIC, negated=True),
    "lessthan": Operator(Kind.NUMERIC, compare=operators.lt),
    "lessthanequals": Operator(Kind.NUMERIC, compare=operators.le),
    "greaterthan": Operator(Kind.NUMERIC, compare=operators.gt),
    "greaterthanequals": Operator(Kind.NUMERIC, compare=operators.ge),
}
_OPERATORS: dict[str, Operator] = {
    "stringequals": Operator(Kind.STRING),
    "stringnotequals": Operator(Kind.STRING, negated=True),
    "stringequalsignorecase": Operator(Kind.STRING, ignore_case=True),
    "stringnotequalsignorecase": Operator(Kind.STRING, negated=True, ignore_case=True),
    "stringlike": Operator(Kind.LIKE),
    "stringnotlike": Operator(Kind.LIKE, negated=True),
    "arnequals": Operator(Kind.ARN),
    "arnlike": Operator(Kind.ARN),
    "arnnotequals": Operator(Kind.ARN, negated=True),
    "arnnotlike": Operator(Kind.ARN, negated=True),
    "bool": Operator(Kind.BOOL),
    "binaryequals": Operator(Kind.BINARY),
    "ipaddress": Operator(Kind.IP),
    "notipaddress": Operator(Kind.IP, negated=True),
    "null": Operator(Kind.NULL),
    **{f"numeric{name}": operator for name, operator in _COMPARISONS.items()},
    **{f"date{name}": replace(operator, kind=Kind.DATE) for name, operator in _COMPARISONS.items()},
}
"""Operators by their name in lower case, without quantifier and IfExists."""


@lru_cache(maxsize=512)
def operator_named(name: str) -> Operator | None:
    """Return the operator of a name such as "ForAnyValue:StringLikeIfExists" in any case; None if there is none."""
    quantifier, colon, rest = name.lower().rpartition(":")
    if colon and quantifier not in ("forallvalues", "foranyvalue"):
        return None
    base = rest.removesuffix("ifexists")
    if base not in _OPERATORS or (base == "null" and base != rest):
        return None
    return replace(_OPERATORS[base], quantifier=quantifier, if_exists=base != rest)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _moment(text: str) -> float | None:
    """Return the seconds since the epoch of a date in ISO 8601 or in epoch seconds; None if it is neither."""
    number = _number(text)
    # four digits are a year of ISO 8601; no policy means the first hours of 1970
    if number is not None and len(text) != 4:
        return number
    try:
        moment = datetime.fromisoformat(f"{text}-01-01" if number is not None else text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _in_block(address: str, block: str) -> bool:
    try:
        return CidrSet.parse(address) <= CidrSet.parse(block)
    except ValueError:
        return False


class Condition(Struct, frozen=True, eq=False):
    """One key under one operator of a statement's Condition.

    operator   the operator's name in the code, such as "Bool"
    key        the key's name in the code, such as "aws:MultiFactorAuthPresent"
    values     the texts that the key is compared with
    value      the property that holds these texts
    block      the mapping of keys under the operator
    variables  whether ${...} in the texts is a variable
    """

    operator: str
    key: str
    values: Elements
    value: Value[Any]
    block: Value[Any]
    statement: Value[Any]
    variables: bool = True

    @property
    def parsed_operator(self) -> Operator | None:
        """The operator; None if AWS knows none of this name."""
        return operator_named(self.operator)

    @property
    def negated(self) -> bool:
        """True if the operator asks for no match (StringNotEquals)."""
        return self.parsed_operator is not None and self.parsed_operator.negated

    @property
    def if_exists(self) -> bool:
        """True if the operator's name ends in IfExists."""
        return self.parsed_operator is not None and self.parsed_operator.if_exists

    @property
    def operator_span(self) -> Span | None:
        """The place of the operator's name; None if it is not in the text between the statement and its keys."""
        block, statement = self.block.span, self.statement.span
        if block.file is not statement.file:
            return None
        name = re.compile(rf"(?<![\w:]){re.escape(self.operator)}(?!\w)")
        found = list(name.finditer(block.file.text, statement.start, block.start))
        return Span(block.file, found[-1].start(), found[-1].end()) if found else None

    def has_key(self, *keys: str) -> bool:
        """Return True if the condition is about one of these context keys; case makes no difference."""
        return self.key.lower() in {key.lower() for key in keys}

    def holds(self, context: Context) -> Truth:
        """Return True if a request with this context meets the condition."""
        operator = self.parsed_operator
        if operator is None:
            return Truth.undecided(Reason(f"{self.operator} is no condition operator", self.block.span))
        fact = context.get(self.key)
        if fact is not UNKNOWN:
            return self._holds(operator, fact, context)
        absent, present = self._holds(operator, ABSENT, context), self._holds(operator, PRESENT, context)
        if absent.value == present.value:
            return absent
        return Truth.undecided(unknown_key(self.key, self.value.span))

    def _holds(self, operator: Operator, fact: Fact | tuple[str, ...], context: Context) -> Truth:
        if operator.quantifier and not isinstance(fact, Fact):
            # a set of empty texts counts as an empty set
            fact = tuple(text for text in fact if text) or ABSENT
        if operator.kind is Kind.NULL:
            wanted = "true" if fact is ABSENT else "false"
            return self.values.any(lambda value: value.test(lambda data: scalar_text(data).lower() == wanted))
        if fact is ABSENT:
            return _holds_without_key(operator)
        if isinstance(fact, Fact):
            if self._matches_everything(operator):
                return Truth.of(not operator.negated)
            return Truth.undecided(unknown_key(self.key, self.value.span))
        answers = [self._matches_one(operator, value, context) for value in fact]
        if operator.negated:
            answers = [~answer for answer in answers]
        if operator.quantifier == "forallvalues":
            return all_of(answers)
        if operator.quantifier == "foranyvalue":
            return any_of(answers)
        # AWS does not define several values without a quantifier; here a single match counts as a match
        return all_of(answers) if operator.negated else any_of(answers)

    def _matches_everything(self, operator: Operator) -> bool:
        """Return True if every value that a request may have matches a text of the policy."""
        if operator.kind not in (Kind.LIKE, Kind.ARN):
            return False
        texts = (scalar_text(value.data) for value in self.values.items if value.known)
        return any(compile_pattern(text, variables=False, ignore_case=False) == STAR for text in texts)

    def _matches_one(self, operator: Operator, given: str, context: Context) -> Truth:
        """Return True if a value of the request matches a text of the policy, without regard to negation."""
        if operator.kind in (Kind.STRING, Kind.LIKE, Kind.ARN):
            return self.values.any(lambda value: self._matches_text(operator, given, value, context))
        return self.values.any(lambda value: value.test(lambda data: _compares(operator, given, scalar_text(data))))

    def _matches_text(self, operator: Operator, given: str, value: Value[Any], context: Context) -> Truth:
        plain = given.lower() if operator.ignore_case else given
        data = value.data
        if operator.kind is Kind.STRING and isinstance(data, Unknown) and not data.one_of:
            # an exact text that is known to start in another way cannot match
            start = data.prefix.partition("${")[0]
            start = start.lower() if operator.ignore_case else start
            return Truth(None, value.reasons) if plain.startswith(start) else FALSE

        def test(text: str) -> Truth:
            filled = filled_pattern(
                text,
                context,
                variables=self.variables,
                ignore_case=operator.ignore_case,
                wildcards=operator.kind is not Kind.STRING,
            )
            if filled is None:
                return FALSE
            pattern, unknown = filled
            matched = (
                compare_arn_condition(matches, pattern, plain) if operator.kind is Kind.ARN else matches(pattern, plain)
            )
            if not matched:
                return FALSE
            return Truth(None, tuple(map(unknown_key, unknown))) if unknown else TRUE

        return test_text(value, test)


def _holds_without_key(operator: Operator) -> Truth:
    """Return True if a condition holds for a request that does not have its key."""
    if operator.if_exists:
        return TRUE
    if operator.quantifier:
        # of an empty set, all elements match and none does
        return Truth.of(operator.quantifier == "forallvalues")
    return Truth.of(operator.negated)


def _compares(operator: Operator, given: str, text: str) -> bool:
    """Return True if a value of the request matches a text that is not compared as a string."""
    kind = operator.kind
    if kind is Kind.BOOL:
        return given.lower() == text.lower() and text.lower() in ("true", "false")
    if kind is Kind.BINARY:
        return given == text
    if kind is Kind.IP:
        return _in_block(given, text)
    read = _number if kind is Kind.NUMERIC else _moment
    mine, theirs = read(given), read(text)
    return mine is not None and theirs is not None and operator.compare(mine, theirs)
