"""IAM policy documents and what they mean.

Pure reasoning: nothing here knows a resource, Terraform or CloudFormation. `Document.parse` reads a Value that holds
a policy in any form; `decide` answers whether a request is allowed, as AWS evaluates it; the methods of `Document`
and `Statement`, and `mfa_enforcement`, answer what rules ask. Whatever hangs on an unknown part is undecided.

The semantics are those of the IAM user guide:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_multi-value-conditions.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import lru_cache
from typing import Any, TypeVar

from msgspec import Struct

from iaclint.model.json_text import has_unknown_piece, parse_json, parse_json_pieces, scalar_text
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, TRUE, Reason, Truth, all_of, any_of, merge_reasons
from iaclint.model.value import Encoded, Unknown, UnknownCause, Value
from iaclint.source.files import Problem, Span

_Found = TypeVar("_Found")

# -- wildcards -----------------------------------------------------------------------------------------
# A compiled pattern is a text in which these three stand for wildcards; all other characters are themselves.
# They lie in a private plane of Unicode, where no name has characters.

_STAR, _ONE = "\U000f0000", "\U000f0001"
_VARIABLE = "\U000f0002"
"""Text that only the request decides: what ${aws:username} stands for."""

_VARIABLE_TEXT = re.compile(r"\$\{([^{}]*)\}")


@lru_cache(maxsize=16384)
def _compile(text: str, variables: bool, fold: bool) -> str:
    """A pattern of text with * and ?; runs of wildcards in one order, `fold` for no difference of case.

    With `variables` (policy language 2012-10-17), ${*}, ${?} and ${$} are those characters themselves, and any other
    ${...} is a _VARIABLE.
    """
    if fold:
        text = text.lower()
    if not variables or "${" not in text:
        return _normalized(text.replace("*", _STAR).replace("?", _ONE))
    parts: list[str] = []
    at = 0
    for found in _VARIABLE_TEXT.finditer(text):
        parts.append(text[at : found.start()].replace("*", _STAR).replace("?", _ONE))
        parts.append(found[1] if found[1] in ("*", "?", "$") else _VARIABLE)
        at = found.end()
    parts.append(text[at:].replace("*", _STAR).replace("?", _ONE))
    return _normalized("".join(parts))


_RUN = re.compile(f"[{_STAR}{_ONE}]{{2,}}")


def _normalized(pattern: str) -> str:
    """Runs of wildcards as their ?s and then at most one *: "*?*" is "?*"."""
    if _STAR not in pattern:
        return pattern
    return _RUN.sub(lambda run: _ONE * run[0].count(_ONE) + (_STAR if _STAR in run[0] else ""), pattern)


def _matches(pattern: str, text: str) -> bool:
    """Whether a compiled pattern matches a text; at worst pattern times text steps, in no case more."""
    if pattern == _STAR:
        return True
    i = j = 0
    star, mark = -1, 0
    while j < len(text):
        if i < len(pattern) and pattern[i] == _STAR:
            star, mark = i, j
            i += 1
        elif i < len(pattern) and (pattern[i] == text[j] or pattern[i] == _ONE):
            i += 1
            j += 1
        elif star >= 0:
            mark += 1
            i, j = star + 1, mark
        else:
            return False
    while i < len(pattern) and pattern[i] == _STAR:
        i += 1
    return i == len(pattern)


def _covers(pattern: str, other: str) -> bool:
    """Whether a compiled pattern matches all that another one matches.

    Sound, and complete for patterns as people write them: each * of the other one has to fall into a * here.
    """
    if pattern == _STAR:
        return True
    if not _has_wildcard(pattern):
        return pattern == other and _VARIABLE not in pattern
    if not _has_wildcard(other) and _VARIABLE not in other:
        return _matches(pattern, other)
    # reachable[i]: pattern[:i] can take all of other[:j]
    reachable = [True] + [False] * len(pattern)
    for i, symbol in enumerate(pattern):
        reachable[i + 1] = reachable[i] and symbol == _STAR
    for theirs in other:
        following = [False] * (len(pattern) + 1)
        for i, symbol in enumerate(pattern):
            if symbol == _STAR:
                following[i + 1] = following[i] or reachable[i + 1]
            elif symbol == _ONE:
                following[i + 1] = reachable[i] and theirs != _STAR and theirs != _VARIABLE
            else:
                following[i + 1] = reachable[i] and symbol == theirs
        reachable = following
        if True not in reachable:
            return False
    return reachable[-1]


def _intersects(pattern: str, other: str) -> bool:
    """Whether some text matches both compiled patterns."""
    if not _has_wildcard(pattern):
        return _matches(other, pattern)
    if not _has_wildcard(other):
        return _matches(pattern, other)
    # reachable[i]: some text matches pattern[:i] and other[:j]
    reachable = [True] + [False] * len(pattern)
    for i, symbol in enumerate(pattern):
        reachable[i + 1] = reachable[i] and symbol == _STAR
    for theirs in other:
        following = [reachable[0] and theirs == _STAR] + [False] * len(pattern)
        for i, symbol in enumerate(pattern):
            if theirs == _STAR:
                # their star takes nothing, or takes this symbol
                following[i + 1] = reachable[i + 1] or following[i]
            elif symbol == _STAR:
                following[i + 1] = following[i] or reachable[i + 1]
            else:
                following[i + 1] = reachable[i] and (symbol == theirs or _ONE in (symbol, theirs))
        reachable = following
    return reachable[-1]


def _as_star(pattern: str) -> str:
    """A compiled pattern with each variable standing for anything."""
    return _normalized(pattern.replace(_VARIABLE, _STAR)) if _VARIABLE in pattern else pattern


Comparison = Callable[[str, str], bool]


def _by_segment(compare: Comparison, pattern: str, other: str) -> bool:
    """Compare two ARNs as the Arn condition operators do: each of the six parts between colons by itself.

    In the last part colons are plain characters.
    """
    mine, theirs = pattern.split(":", 5), other.split(":", 5)
    if len(mine) != 6 or len(theirs) != 6:
        return compare(pattern, other)
    return all(compare(a, b) for a, b in zip(mine, theirs, strict=True))


def _as_resource(compare: Comparison, pattern: str, other: str) -> bool:
    """Compare two patterns of ARNs as Resource does.

    A * at the end of a part takes in what follows the colon too, so that a pattern is compared as a whole
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html). An ARN that stops
    early, which AWS calls an error, is read at its widest.
    """
    if compare(pattern, other):
        return True
    missing = 5 - pattern.count(":")
    if missing <= 0 or not pattern.startswith("arn:"):
        return False
    return compare(pattern + f":{_STAR}" * missing, other)


def covers(pattern: str, other: str, *, arn: bool = False) -> bool:
    """Whether a wildcard pattern matches all that another one matches.

    Texts as in Action (without regard to case), or with `arn` as in Resource.
    """
    if arn:
        return _as_resource(_covers, _compile(pattern, False, False), _compile(other, False, False))
    return _covers(_compile(pattern, False, True), _compile(other, False, True))


def intersects(pattern: str, other: str, *, arn: bool = False) -> bool:
    """Whether some text matches both wildcard patterns; texts as for `covers`."""
    if arn:
        return _as_resource(_intersects, _compile(pattern, False, False), _compile(other, False, False))
    return _intersects(_compile(pattern, False, True), _compile(other, False, True))


# -- requests ------------------------------------------------------------------------------------------


class Fact(Enum):
    """What is known of a context key of a request when not its value."""

    ABSENT = "absent"
    """The request does not carry the key."""
    PRESENT = "present"
    """It carries the key, with an unknown value."""
    UNKNOWN = "unknown"
    """Whether it carries the key is not known."""


ABSENT, PRESENT, UNKNOWN = Fact.ABSENT, Fact.PRESENT, Fact.UNKNOWN

ContextValue = str | bool | int | float | Sequence[str] | Fact


class Context:
    """The context keys of a request; names without regard to case.

    `otherwise` is what holds of keys that are not mentioned: UNKNOWN, or ABSENT.
    """

    __slots__ = ("_facts", "otherwise")

    def __init__(self, facts: Mapping[str, ContextValue] | None = None, otherwise: Fact = UNKNOWN) -> None:
        self._facts: dict[str, ContextValue] = {name.lower(): fact for name, fact in (facts or {}).items()}
        self.otherwise = otherwise

    def get(self, key: str) -> Fact | tuple[str, ...]:
        """The values of a key; a list without elements counts as absent."""
        fact = self._facts.get(key.lower(), self.otherwise)
        if isinstance(fact, Fact):
            return fact
        if isinstance(fact, (str, bool, int, float)):
            return (scalar_text(fact),)
        return tuple(map(scalar_text, fact)) or ABSENT

    def extended(self, facts: Mapping[str, ContextValue]) -> Context:
        """The same context with keys that it does not mention itself."""
        return Context({name.lower(): fact for name, fact in facts.items()} | self._facts, self.otherwise)


NO_CONTEXT = Context()


class Principal(Struct, frozen=True):
    """Who makes a request.

    kind "AWS": `id` is the ARN of a user, a role, a role session ("arn:aws:sts::...:assumed-role/role/session"), a
    federated user session, or an account root. Kinds "Service", "Federated" and "CanonicalUser": the name as a policy
    spells it. Kind "Anonymous": nobody.
    """

    id: str
    kind: str = "AWS"

    @property
    def account(self) -> str:
        """The account id within the ARN; empty where there is none."""
        parts = self.id.split(":", 5)
        return parts[4] if len(parts) == 6 and parts[0] == "arn" else ""

    @property
    def is_root(self) -> bool:
        return self.kind == "AWS" and self.id.endswith(":root")

    @property
    def is_session(self) -> bool:
        return ":assumed-role/" in self.id or ":federated-user/" in self.id


ANONYMOUS = Principal("", "Anonymous")


class Request(Struct, frozen=True):
    """One call: may `principal` do `action` on `resource` in this context?

    `resource` may be UNKNOWN. `resource_account` owns the resource; empty means the principal's own.
    """

    action: str
    resource: str | Fact = UNKNOWN
    principal: Principal | None = None
    context: Context = NO_CONTEXT
    resource_account: str = ""


# -- texts that may be unknown ---------------------------------------------------------------------------

Elements = Partial[Value[Any]]
"""The elements of a string or list of the language; an element may be unknown, and gaps say why there may be more."""


def _fill(
    text: str, context: Context, *, variables: bool, fold: bool, wild: bool
) -> tuple[str, tuple[str, ...]] | None:
    """A compiled pattern of a text, its variables filled by a request, and the variables of unknown value.

    Without `wild`, * and ? are plain characters. None where the pattern matches nothing: a variable whose key is
    absent and that has no default ("${aws:username, 'nobody'}").
    """

    def plain(piece: str) -> str:
        return _compile(piece, False, fold) if wild else piece.lower() if fold else piece

    if not variables or "${" not in text:
        return plain(text), ()
    pieces: list[str] = []
    loose: list[str] = []
    at = 0
    for found in _VARIABLE_TEXT.finditer(text):
        pieces.append(plain(text[at : found.start()]))
        at = found.end()
        name, comma, default = found[1].partition(",")
        if name in ("*", "?", "$"):
            pieces.append(name)
            continue
        fact = context.get(name.strip())
        if fact is ABSENT and comma:
            fact = (default.strip().strip("'"),)
        if fact is ABSENT:
            return None
        if isinstance(fact, Fact):
            loose.append(name.strip())
            pieces.append(_STAR)
        else:
            pieces.append(fact[0].lower() if fold else fact[0])
    pieces.append(plain(text[at:]))
    return _normalized("".join(pieces)), tuple(loose)


def _match_filled(filled: tuple[str, tuple[str, ...]] | None, match: Callable[[str], bool]) -> Truth:
    """Whether a filled pattern matches; undecided where that hangs on a variable of unknown value."""
    if filled is None or not match(filled[0]):
        return FALSE
    return Truth(None, tuple(_not_given(name) for name in filled[1])) if filled[1] else TRUE


def _not_given(key: str, span: Span | None = None) -> Reason:
    return Reason(f"whether the request has {key}, and with which value, is not known", span)


_OPEN_VARIABLE = re.compile(r"\$(\{[^{}]*)?$")


def _each(elements: Elements, test: Callable[[str], Truth]) -> Truth:
    """Whether one of the texts passes a test.

    An unknown text is undecided, unless a pattern that takes every text it may be (what is known of its start, and *)
    fails too: the test has to be one that a wider pattern passes whenever a narrower one does.
    """

    def one(value: Value[Any]) -> Truth:
        data = value.data
        if not isinstance(data, Unknown):
            return test(scalar_text(data))
        if data.one_of:
            answers = {test(scalar_text(option)).value for option in data.one_of}
            if answers == {True}:
                return TRUE
            return FALSE if answers == {False} else Truth(None, value.reasons)
        widest = _OPEN_VARIABLE.sub("", data.prefix) + "*"
        return FALSE if test(widest).is_false else Truth(None, value.reasons)

    return elements.any(one)


class Patterns(Struct, frozen=True):
    """The patterns of an Action, NotAction, Resource or NotResource: which texts they match.

    arn        compared as resources; else as actions, without regard to case
    variables  whether ${...} is a variable (policy language 2012-10-17)
    """

    elements: Elements
    arn: bool
    variables: bool

    def match(self, text: str, context: Context = NO_CONTEXT) -> Truth:
        """Whether one of them matches a text, in a request with this context."""
        given = text if self.arn else text.lower()

        def test(mine: str) -> Truth:
            filled = _fill(mine, context, variables=self.variables, fold=not self.arn, wild=True)
            return _match_filled(filled, lambda pattern: self._compare(_matches, pattern, given))

        return _each(self.elements, test)

    def cover(self, other: str) -> Truth:
        """Whether one of them matches all that another pattern matches, whatever the request."""
        theirs = _compile(other, False, not self.arn)
        return _each(self.elements, lambda mine: Truth.of(self._compare(_covers, self._compiled(mine), theirs)))

    def touch(self, other: str) -> Truth:
        """Whether one of them and another pattern have a text in common, in some request."""
        return (
            any_of(self._touches(value, other) for value in self.elements.items)
            | Partial((), self.elements.gaps).exists()
        )

    def touching(self, other: str) -> tuple[Value[Any], ...]:
        """The elements that certainly have a text in common with another pattern."""
        return tuple(value for value in self.elements.items if self._touches(value, other).is_true)

    def _touches(self, value: Value[Any], other: str) -> Truth:
        theirs = _compile(other, False, not self.arn)

        def test(mine: str) -> Truth:
            return Truth.of(self._compare(_intersects, _as_star(self._compiled(mine)), theirs))

        return _each(Partial((value,)), test)

    def _compiled(self, text: str) -> str:
        return _compile(text, self.variables, not self.arn)

    def _compare(self, compare: Comparison, mine: str, other: str) -> bool:
        return _as_resource(compare, mine, other) if self.arn else compare(mine, other)


# -- conditions ------------------------------------------------------------------------------------------


class _Kind(Enum):
    STRING = "string"
    LIKE = "like"
    ARN = "arn"
    NUMERIC = "numeric"
    DATE = "date"
    BOOL = "bool"
    BINARY = "binary"
    IP = "ip"
    NULL = "null"


_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "equals": lambda request, policy: request == policy,
    "lessthan": lambda request, policy: request < policy,
    "lessthanequals": lambda request, policy: request <= policy,
    "greaterthan": lambda request, policy: request > policy,
    "greaterthanequals": lambda request, policy: request >= policy,
}

# name in lower case: kind, negated, comparison or "fold"
_OPERATORS: dict[str, tuple[_Kind, bool, str]] = {
    "stringequals": (_Kind.STRING, False, ""),
    "stringnotequals": (_Kind.STRING, True, ""),
    "stringequalsignorecase": (_Kind.STRING, False, "fold"),
    "stringnotequalsignorecase": (_Kind.STRING, True, "fold"),
    "stringlike": (_Kind.LIKE, False, ""),
    "stringnotlike": (_Kind.LIKE, True, ""),
    "arnequals": (_Kind.ARN, False, ""),
    "arnlike": (_Kind.ARN, False, ""),
    "arnnotequals": (_Kind.ARN, True, ""),
    "arnnotlike": (_Kind.ARN, True, ""),
    "bool": (_Kind.BOOL, False, ""),
    "binaryequals": (_Kind.BINARY, False, ""),
    "ipaddress": (_Kind.IP, False, ""),
    "notipaddress": (_Kind.IP, True, ""),
    "null": (_Kind.NULL, False, ""),
    "numericnotequals": (_Kind.NUMERIC, True, "equals"),
    "datenotequals": (_Kind.DATE, True, "equals"),
}
for _comparison in _COMPARISONS:
    _OPERATORS["numeric" + _comparison] = (_Kind.NUMERIC, False, _comparison)
    _OPERATORS["date" + _comparison] = (_Kind.DATE, False, _comparison)


class _Operator(Struct, frozen=True):
    kind: _Kind
    negated: bool
    comparison: str
    quantifier: str
    if_exists: bool


@lru_cache(maxsize=512)
def _operator(name: str) -> _Operator | None:
    """A condition operator by its name, without regard to case; None where there is no such operator."""
    quantifier, colon, rest = name.lower().rpartition(":")
    if colon and quantifier not in ("forallvalues", "foranyvalue"):
        return None
    base = rest.removesuffix("ifexists")
    if base not in _OPERATORS or (base == "null" and base != rest):
        return None
    kind, negated, comparison = _OPERATORS[base]
    return _Operator(kind, negated, comparison, quantifier, base != rest)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _moment(text: str) -> float | None:
    """Seconds since the epoch of a date in ISO 8601, or in epoch seconds; None where it is neither."""
    from datetime import UTC, datetime

    number = _number(text)
    # a year alone is a date of ISO 8601 too; no policy means the first hours of 1970
    if number is not None and len(text) != 4:
        return number
    try:
        moment = datetime.fromisoformat(f"{text}-01-01" if number is not None else text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _in_block(address: str, block: str) -> bool:
    from iaclint.aws.reasoning.cidr import CidrSet

    try:
        return CidrSet.parse(address) <= CidrSet.parse(block)
    except ValueError:
        return False


class Condition(Struct, frozen=True, eq=False):
    """One key of one operator of a statement's Condition.

    operator  as written ("Bool");  key: as written ("aws:MultiFactorAuthPresent")
    values    the texts that it is compared with
    value     where these are written;  block: the mapping of keys under the operator
    """

    operator: str
    key: str
    values: Elements
    value: Value[Any]
    block: Value[Any]
    statement: Value[Any]
    variables: bool = True

    @property
    def parsed(self) -> _Operator | None:
        return _operator(self.operator)

    @property
    def negated(self) -> bool:
        """Whether the operator asks for no match (StringNotEquals)."""
        return self.parsed is not None and self.parsed.negated

    @property
    def if_exists(self) -> bool:
        """Whether the operator ends in IfExists."""
        return self.parsed is not None and self.parsed.if_exists

    @property
    def operator_span(self) -> Span | None:
        """Where the operator's name is written; None where it is not in the text just before its keys."""
        block, statement = self.block.span, self.statement.span
        if block.file is not statement.file:
            return None
        name = re.compile(rf"(?<![\w:]){re.escape(self.operator)}(?!\w)")
        found = list(name.finditer(block.file.text, statement.start, block.start))
        return Span(block.file, found[-1].start(), found[-1].end()) if found else None

    def is_on(self, *keys: str) -> bool:
        """Whether its key is one of these; without regard to case."""
        return self.key.lower() in {key.lower() for key in keys}

    def holds(self, context: Context) -> Truth:
        """Whether a request with this context meets the condition."""
        operator = self.parsed
        if operator is None:
            return Truth.undecided(Reason(f"{self.operator} is no condition operator", self.block.span))
        fact = context.get(self.key)
        if fact is not UNKNOWN:
            return self._holds(operator, fact, context)
        absent, present = self._holds(operator, ABSENT, context), self._holds(operator, PRESENT, context)
        if absent.value == present.value:
            return absent
        return Truth.undecided(_not_given(self.key, self.value.span))

    def _holds(self, operator: _Operator, fact: Fact | tuple[str, ...], context: Context) -> Truth:
        if operator.quantifier and not isinstance(fact, Fact):
            # a set of empty texts is an empty set
            fact = tuple(text for text in fact if text) or ABSENT
        absent = fact is ABSENT
        if operator.kind is _Kind.NULL:
            wanted = "true" if absent else "false"
            return self.values.any(lambda value: value.test(lambda data: scalar_text(data).lower() == wanted))
        if absent:
            if operator.if_exists:
                return TRUE
            # a set that is empty has all of its elements like this, and none
            if operator.quantifier:
                return Truth.of(operator.quantifier == "forallvalues")
            return Truth.of(operator.negated)
        if isinstance(fact, Fact):
            if self._takes_all(operator):
                return Truth.of(not operator.negated)
            return Truth.undecided(_not_given(self.key, self.value.span))
        answers = [self._matches_one(operator, value, context) for value in fact]
        if operator.negated:
            answers = [~answer for answer in answers]
        if operator.quantifier == "forallvalues":
            return all_of(answers)
        if operator.quantifier == "foranyvalue":
            return any_of(answers)
        # several values without a set operator: AWS leaves it open; one that matches is a match
        return all_of(answers) if operator.negated else any_of(answers)

    def _takes_all(self, operator: _Operator) -> bool:
        """Whether every value of a request matches one of the policy's."""
        if operator.kind not in (_Kind.LIKE, _Kind.ARN):
            return False
        texts = (scalar_text(value.data) for value in self.values.items if value.known)
        return any(_compile(text, False, False) == _STAR for text in texts)

    def _matches_one(self, operator: _Operator, given: str, context: Context) -> Truth:
        """Whether a value of the request matches one of the policy's, negation aside."""
        kind = operator.kind
        if kind in (_Kind.STRING, _Kind.LIKE, _Kind.ARN):
            return self._matches_text(operator, given, context)
        return self.values.any(lambda value: value.test(lambda data: self._compare(operator, given, scalar_text(data))))

    def _compare(self, operator: _Operator, given: str, text: str) -> bool:
        kind = operator.kind
        if kind is _Kind.BOOL:
            return given.lower() == text.lower() and text.lower() in ("true", "false")
        if kind is _Kind.BINARY:
            return given == text
        if kind is _Kind.IP:
            return _in_block(given, text)
        read = _number if kind is _Kind.NUMERIC else _moment
        mine, theirs = read(given), read(text)
        return mine is not None and theirs is not None and _COMPARISONS[operator.comparison](mine, theirs)

    def _matches_text(self, operator: _Operator, given: str, context: Context) -> Truth:
        fold = operator.comparison == "fold"
        wild = operator.kind is not _Kind.STRING
        plain = given.lower() if fold else given

        def match(pattern: str) -> bool:
            if operator.kind is _Kind.ARN:
                return _by_segment(_matches, pattern, plain)
            return _matches(pattern, plain)

        def one(value: Value[Any]) -> Truth:
            data = value.data
            if isinstance(data, Unknown) and not data.one_of and not wild:
                # an exact text that starts otherwise cannot match
                start = data.prefix.partition("${")[0]
                start, whole = (start.lower(), plain) if fold else (start, plain)
                return Truth(None, value.reasons) if whole.startswith(start) else FALSE
            return _each(Partial((value,)), lambda mine: _match_filled(
                _fill(mine, context, variables=self.variables, fold=fold, wild=wild), match
            ))  # fmt: skip

        return self.values.any(one)


# -- documents -------------------------------------------------------------------------------------------


class Effect(Enum):
    """What a statement does."""

    ALLOW = "Allow"
    DENY = "Deny"


class PrincipalEntry(Struct, frozen=True):
    """One principal of a Principal or NotPrincipal.

    kind   "AWS", "Service", "Federated" or "CanonicalUser"; a bare "*" is of kind "AWS", which is the same
    value  the name; may be unknown
    """

    kind: str
    value: Value[Any]

    @property
    def everyone(self) -> Truth:
        """Whether it stands for everyone."""
        if self.kind != "AWS":
            return FALSE
        unknown = self.value.unknown
        if unknown is not None and not unknown.one_of and not "*".startswith(unknown.prefix):
            return FALSE
        return self.value.is_("*")

    @property
    def account(self) -> str:
        """The account id that it names or lies in; empty where it has or shows none."""
        data = self.value.data
        text = data.prefix if isinstance(data, Unknown) else scalar_text(data)
        if _ACCOUNT.fullmatch(text):
            return text
        parts = text.split(":", 5)
        return parts[4] if len(parts) == 6 and _ACCOUNT.fullmatch(parts[4]) else ""

    @property
    def is_account(self) -> Truth:
        """Whether it stands for a whole account: an account id, or the ARN of its root."""
        if self.kind != "AWS":
            return FALSE
        if self.value.unknown is not None and _is_account_id(self.value):
            return TRUE
        return self._resource(lambda text: bool(_ACCOUNT.fullmatch(text)) or text == "root" or text.endswith(":root"))

    def entity(self, kind: str) -> Truth:
        """Whether it is the ARN of a "user", a "role", an "assumed-role" ..."""
        if self.kind != "AWS":
            return FALSE
        if self.value.unknown is not None and _is_account_id(self.value):
            return FALSE
        return self._resource(lambda text: text.startswith(kind + "/") or f":{kind}/" in text)

    def _resource(self, test: Callable[[str], bool]) -> Truth:
        """What a test says of the name, or of what an ARN names within the account where the rest is not known."""
        unknown = self.value.unknown
        if unknown is None or unknown.one_of:
            return self.value.test(lambda data: test(scalar_text(data)))
        pieces = unknown.parts or (self.value.with_data(unknown.prefix),)
        text = "".join(scalar_text(piece.data) if piece.known else "\0" for piece in pieces)
        segments = text.split(":", 5)
        if len(segments) == 6 and segments[0] == "arn" and re.match(r"(root$|[a-z-]+/)", segments[5]):
            # an unknown account or partition between colons changes nothing of it
            return Truth.of(test(segments[5]))
        return Truth(None, self.value.reasons)


def _is_account_id(value: Value[Any]) -> bool:
    """Whether a value, though unknown, is the number of the account: a pseudo parameter or what a lookup gives."""
    unknown = value.unknown
    if unknown is None or unknown.parts:
        return False
    looked_up = [
        r
        for r in value.refs
        if r.address.is_data and r.address.type == "aws_caller_identity" and r.attribute == "account_id"
    ]
    return unknown.inputs == ("AWS::AccountId",) or (bool(value.refs) and len(looked_up) == len(value.refs))


_ACCOUNT = re.compile(r"[0-9]{12}")


class _Grip(Enum):
    """How a resource-based policy names the one who asks; that decides which other policies limit what it grants."""

    DIRECT = "direct"
    """The user or session itself, or everyone: no other implicit deny counts."""
    ROLE = "role"
    """The role behind a session: limited by boundary and session policy."""
    ACCOUNT = "account"
    """The account: it may pass the permission on by identity-based policies."""


def _named(entry: PrincipalEntry, principal: Principal) -> dict[_Grip, Truth]:
    """Whether an entry names a principal, by how it does."""
    everyone = entry.everyone
    if everyone.is_true:
        return dict.fromkeys(_Grip, TRUE)
    if entry.kind != principal.kind:
        # an unknown AWS entry may be "*", which takes in whoever calls
        return {_Grip.DIRECT: everyone} if entry.kind == "AWS" else {}
    if principal.kind != "AWS":
        return {_Grip.DIRECT: entry.value.is_(principal.id)}

    account = principal.account

    def text_test(predicate: Callable[[str], bool]) -> Truth:
        unknown = entry.value.unknown
        if unknown is not None and unknown.prefix and not unknown.one_of:
            possible = [principal.id, account, f"{_entity_head(principal)}root"]
            # a session's ARN leaves out the path of its role
            of_session = principal.is_session and unknown.prefix.startswith(_entity_head(principal))
            if not of_session and not any(
                text.startswith(unknown.prefix) for text in [*possible, _role_arn(principal)]
            ):
                return FALSE
        return entry.value.test(lambda data: predicate(scalar_text(data)))

    itself = text_test(lambda text: text == principal.id)
    whole = text_test(lambda text: text == account or (text.endswith(":root") and text.split(":")[4:5] == [account]))
    if principal.is_root:
        return {_Grip.DIRECT: itself | whole | everyone}
    if ":role/" in principal.id:
        return {_Grip.DIRECT: everyone, _Grip.ROLE: itself | everyone, _Grip.ACCOUNT: whole | everyone}
    behind = text_test(lambda text: _is_behind(text, principal)) if principal.is_session else FALSE
    return {_Grip.DIRECT: itself | everyone, _Grip.ROLE: behind | everyone, _Grip.ACCOUNT: whole | everyone}


def _entity_head(principal: Principal) -> str:
    """How ARNs of users and roles of the principal's account start: "arn:aws:iam::111122223333:"."""
    return f"{':'.join(principal.id.split(':', 2)[:2])}:iam::{principal.account}:"


def _role_arn(principal: Principal) -> str:
    """The ARN of the role or user behind a session, without the path, which a session's ARN leaves out."""
    parts = principal.id.split(":", 5)
    if len(parts) < 6:
        return ""
    kind, _, rest = parts[5].partition("/")
    behind = {"assumed-role": "role", "federated-user": "user"}.get(kind, kind)
    return f"{_entity_head(principal)}{behind}/{rest.partition('/')[0]}"


def _is_behind(text: str, principal: Principal) -> bool:
    """Whether the ARN of a role, or of a user who federated, is behind a session."""
    named, behind = text.split(":", 5), _role_arn(principal).split(":", 5)
    if len(named) < 6 or len(behind) < 6 or named[4] != behind[4]:
        return False
    mine, _, _ = named[5].partition("/")
    theirs, _, name = behind[5].partition("/")
    return mine == theirs and named[5].rpartition("/")[2] == name


class Statement(Struct, frozen=True, eq=False):
    """One statement. Of each pair such as `actions` and `not_actions` one is None, or both where it has neither.

    effect      where Allow or Deny is written; may be unknown
    principals  None in an identity-based policy
    value       the whole statement;  sid: its name, or ""
    """

    effect: Value[Any]
    actions: Patterns | None
    not_actions: Patterns | None
    resources: Patterns | None
    not_resources: Patterns | None
    principals: Partial[PrincipalEntry] | None
    not_principals: Partial[PrincipalEntry] | None
    conditions: Partial[Condition]
    sid: str
    value: Value[Any]

    def __repr__(self) -> str:
        return f"Statement({self.name})"

    @property
    def span(self) -> Span:
        return self.value.span

    @property
    def name(self) -> str:
        """How to speak of it: its Sid in quotes, where it has one."""
        return f'"{self.sid}"' if self.sid else "this statement"

    @property
    def allows(self) -> Truth:
        return self.effect.is_("Allow")

    @property
    def denies(self) -> Truth:
        return self.effect.is_("Deny")

    # -- does it apply to a request ----------------------------------------------------------------

    def applies(self, request: Request) -> Truth:
        """Whether the request is one of those that it speaks of; principals aside."""
        return (
            self._either(self.actions, self.not_actions, lambda p: p.match(request.action, request.context))
            & self._resource_matches(request)
            & self.holds(request.context)
        )

    def _resource_matches(self, request: Request) -> Truth:
        resource = request.resource
        if self.resources is None and self.not_resources is None:
            # a trust policy has no Resource: it is about the role that carries it
            return TRUE
        if isinstance(resource, Fact):
            # decided only where it is so for every resource there is
            unknown = Truth.undecided(Reason("the resource of the request is not given", self.span))
            covered = self.covers_resource("*")
            return covered if not covered.is_false else unknown if self.touches_resource("*").possible else FALSE
        return self._either(self.resources, self.not_resources, lambda p: p.match(resource, request.context))

    @staticmethod
    def _either(mine: Patterns | None, others: Patterns | None, test: Callable[[Patterns], Truth]) -> Truth:
        if mine is not None:
            return test(mine)
        return ~test(others) if others is not None else FALSE

    def holds(self, context: Context) -> Truth:
        """Whether all of its conditions hold."""
        return self.conditions.all(lambda condition: condition.holds(context))

    # -- which requests it speaks of ---------------------------------------------------------------

    def touches_action(self, pattern: str) -> Truth:
        """Whether it speaks of some action of a pattern ("s3:Get*"), conditions aside."""
        if self.actions is not None:
            return self.actions.touch(pattern)
        return ~self.not_actions.cover(pattern) if self.not_actions is not None else FALSE

    def covers_action(self, pattern: str) -> Truth:
        """Whether it speaks of every action of a pattern, conditions aside."""
        if self.actions is not None:
            return self.actions.cover(pattern)
        return ~self.not_actions.touch(pattern) if self.not_actions is not None else FALSE

    def touches_resource(self, pattern: str) -> Truth:
        """Whether it speaks of some resource of a pattern."""
        if self.resources is not None:
            return self.resources.touch(pattern)
        return ~self.not_resources.cover(pattern) if self.not_resources is not None else TRUE

    def covers_resource(self, pattern: str) -> Truth:
        """Whether it speaks of every resource of a pattern."""
        if self.resources is not None:
            return self.resources.cover(pattern)
        return ~self.not_resources.touch(pattern) if self.not_resources is not None else TRUE

    def action_values(self, pattern: str) -> tuple[Value[Any], ...]:
        """Where the actions of a pattern are written; its NotAction, or the statement, where they are not named."""
        if self.actions is not None:
            return self.actions.touching(pattern)
        return (self.value.key("NotAction"),) if self.not_actions is not None else ()

    def _grips(self, principal: Principal) -> dict[_Grip, Truth]:
        """Whether it names a principal, by how it does."""
        if self.principals is not None:
            found: dict[_Grip, Truth] = {}
            for entry in self.principals.items:
                for grip, truth in _named(entry, principal).items():
                    found[grip] = found.get(grip, FALSE) | truth
            if self.principals.gaps:
                found[_Grip.DIRECT] = found.get(_Grip.DIRECT, FALSE) | Truth(None, self.principals.gaps)
            return found
        if self.not_principals is None:
            return {}
        return {_Grip.DIRECT: self._not_excepted(self.not_principals, principal)}

    def _not_excepted(self, excepted: Partial[PrincipalEntry], principal: Principal) -> Truth:
        """Whether a NotPrincipal leaves a principal in.

        A Deny may be tested against the account, the role and the session in turn, so that it spares for certain only
        those of whom all are listed.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
        """
        listed: dict[_Grip, Truth] = {}
        for entry in excepted.items:
            for grip, truth in _named(entry, principal).items():
                listed[grip] = listed.get(grip, FALSE) | truth
        hidden = Truth(None, excepted.gaps) if excepted.gaps else FALSE
        spared = any_of(listed.values()) | hidden
        if self.allows.is_true or principal.kind != "AWS" or principal.is_root:
            return ~spared
        chain = {_Grip.ACCOUNT, _Grip.DIRECT if ":role/" not in principal.id else _Grip.ROLE}
        wanted = chain | ({_Grip.ROLE} if principal.is_session else set())
        everything = all_of(listed.get(grip, FALSE) | hidden for grip in wanted)
        if everything.is_true or spared.is_false:
            return ~spared
        return Truth.undecided(
            Reason("NotPrincipal lists only some of a principal's account, role and session", self.span)
        )

    # -- what rules ask ----------------------------------------------------------------------------

    def everyone(self) -> Truth:
        """Whether it speaks of everyone: Principal "*", {"AWS": "*"}, or all but a few (NotPrincipal)."""
        if self.not_principals is not None:
            return TRUE
        return self.principals.any(lambda entry: entry.everyone) if self.principals is not None else FALSE

    def tied(self, keys: Iterable[str] = ()) -> Truth:
        """Whether a condition ties the caller to fixed accounts, organizations, resources or networks.

        `keys` are the condition keys that count (default `TYING_KEYS`).
        """
        counted = frozenset(key.lower() for key in keys) or TYING_KEYS
        return self.conditions.any(lambda condition: _ties(condition, counted))

    def requires_mfa(self) -> Truth:
        """Whether its conditions hold only for callers with MFA: neither without the keys, nor with "false"."""
        return all_of(~self._holds_for_someone(facts) for facts in (_NO_MFA_KEYS, _MFA_FALSE))

    def requires_external_id(self) -> Truth:
        """Whether its conditions hold only for callers who bring sts:ExternalId."""
        return ~self._holds_for_someone({"sts:ExternalId": ABSENT})

    def _holds_for_someone(self, facts: Mapping[str, ContextValue]) -> Truth:
        """Whether the conditions hold in some request with these facts."""
        answer = self.holds(Context(facts))
        return TRUE if not answer.decided and self._conditions_known else answer

    @property
    def _conditions_known(self) -> bool:
        """Whether nothing in its conditions is unknown: what is undecided then hangs on the request alone."""
        return not self._condition_reasons

    @property
    def _condition_reasons(self) -> tuple[Reason, ...]:
        return merge_reasons(self.conditions.gaps, *(c.value.reasons for c in self.conditions.items))


class Document(Struct, frozen=True, eq=False):
    """A policy document.

    statements  those that could be read; gaps where the document, or a part of it, is unknown or broken
    errors      what AWS would refuse
    """

    statements: Partial[Statement]
    value: Value[Any]
    version: str = "2008-10-17"
    errors: tuple[Problem, ...] = ()

    @classmethod
    def parse(cls, value: Value[Any]) -> Document:
        """The document of a Value: JSON text, or a mapping, of which any part may be unknown.

        Never raises: what cannot be read is in `errors` and a gap in `statements`. Null is an empty document.
        """
        return _Reader().document(value)

    # -- questions -----------------------------------------------------------------------------------

    def allowing(self, test: Callable[[Statement], Truth]) -> Partial[Statement]:
        """The Allow statements that pass a test; those for which it is undecided are gaps."""
        return self.statements.where(lambda statement: statement.allows & test(statement))

    def denying(self, test: Callable[[Statement], Truth]) -> Partial[Statement]:
        """The Deny statements that pass a test; those for which it is undecided are gaps."""
        return self.statements.where(lambda statement: statement.denies & test(statement))

    def grants(
        self, actions: str | Iterable[str], resource: str | None = None, context: Context | None = None
    ) -> Partial[Statement]:
        """The Allow statements that grant some action of the patterns.

        resource  only those that grant it on all resources of this pattern
        context   only those whose conditions hold there; without it conditions are not looked at
        """
        patterns = (actions,) if isinstance(actions, str) else tuple(actions)

        def test(statement: Statement) -> Truth:
            answer = any_of(statement.touches_action(pattern) for pattern in patterns)
            if resource is not None:
                answer = answer & statement.covers_resource(resource)
            return answer & statement.holds(context) if context is not None else answer

        return self.allowing(test)

    def admin_statements(self) -> Partial[Statement]:
        """The Allow statements for all actions on all resources, conditions not looked at."""
        return self.allowing(lambda s: s.covers_action("*:*") & s.covers_resource("*"))

    def public_statements(self, keys: Iterable[str] = ()) -> Partial[Statement]:
        """The Allow statements for everyone that no condition ties to known callers.

        `keys` are the condition keys that tie a caller (default `TYING_KEYS`).
        """
        wanted = tuple(keys)
        return self.allowing(lambda statement: statement.everyone() & ~statement.tied(wanted))

    def trust(self) -> Partial[Trust]:
        """Who may assume the role that carries this trust policy, one by one."""
        entries: list[Trust] = []
        allowing = self.allowing(lambda s: any_of(s.touches_action(action) for action in ASSUME_ROLE))
        gaps = allowing.gaps
        for statement in allowing.items:
            if statement.principals is not None:
                entries.extend(Trust(statement, entry) for entry in statement.principals.items)
                gaps = merge_reasons(gaps, statement.principals.gaps)
            elif statement.not_principals is not None:
                everyone = statement.value.key("NotPrincipal").with_data("*")
                entries.append(Trust(statement, PrincipalEntry("AWS", everyone)))
        return Partial(tuple(entries), gaps)


class Trust(Struct, frozen=True):
    """One principal that a trust policy lets assume the role."""

    statement: Statement
    principal: PrincipalEntry

    @property
    def requires_mfa(self) -> Truth:
        return self.statement.requires_mfa()

    @property
    def requires_external_id(self) -> Truth:
        return self.statement.requires_external_id()


ASSUME_ROLE = ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")

KEY_DESTRUCTION = (
    "kms:ScheduleKeyDeletion",
    "kms:DisableKey",
    "kms:DeleteImportedKeyMaterial",
    "kms:DisableKeyRotation",
    "kms:PutKeyPolicy",
)
"""Calls that destroy a KMS key, stop its use or its rotation, or hand it over."""

KEY_ADMINISTRATION = (
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:DeleteAlias",
    "kms:DeleteImportedKeyMaterial",
    "kms:CreateAlias",
    "kms:CreateGrant",
)
KEY_USE = (
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
)

AUDIT_TAMPERING = (
    "cloudtrail:StopLogging",
    "cloudtrail:DeleteTrail",
    "cloudtrail:UpdateTrail",
    "cloudtrail:PutEventSelectors",
    "logs:DeleteLogGroup",
    "logs:PutRetentionPolicy",
    "config:StopConfigurationRecorder",
    "config:DeleteConfigurationRecorder",
    "guardduty:DeleteDetector",
    "guardduty:UpdateDetector",
    "securityhub:DisableSecurityHub",
    "ec2:DeleteFlowLogs",
)
"""Calls that stop the record of what happens in an account, or make it forget."""

_TYING_ACCOUNTS = frozenset({
    "kms:calleraccount", "aws:principalaccount", "aws:principalorgid", "aws:sourceaccount", "aws:sourceorgid",
    "aws:sourceowner", "s3:dataaccesspointaccount", "aws:sourcevpc", "aws:sourcevpce",
})  # fmt: skip
_TYING_ARNS = frozenset({"aws:principalarn", "aws:sourcearn", "aws:sourcevpcarn", "s3:dataaccesspointarn"})
_TYING_STARTS = frozenset({"aws:userid", "aws:principalorgpaths", "aws:sourceorgpaths"})
_TYING_NETWORKS = frozenset({"aws:sourceip", "aws:vpcsourceip"})

TYING_KEYS = _TYING_ACCOUNTS | _TYING_ARNS | _TYING_STARTS | _TYING_NETWORKS
"""Condition keys whose fixed values tie a caller down, in lower case.

They are those by which AWS takes a policy for not public, and those of organizations and of KMS; kms:ViaService is not
one, since any account can call through a service:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
"""


def _ties(condition: Condition, keys: frozenset[str]) -> Truth:
    """Whether a condition holds only for callers that its values name."""
    operator = condition.parsed
    key = condition.key.lower()
    if operator is None or key not in keys or operator.negated or operator.if_exists:
        return FALSE
    if operator.quantifier == "forallvalues" or operator.kind in (_Kind.NULL, _Kind.NUMERIC, _Kind.DATE):
        # of a key that is absent all values are like this
        return FALSE

    def fixed(value: Value[Any]) -> Truth:
        data = value.data
        if not isinstance(data, Unknown) or data.one_of:
            return value.test(lambda text: _is_fixed(operator, key, scalar_text(text)))
        if value.refs or (data.prefix and _is_fixed(operator, key, data.prefix + "*")):
            # an attribute of a resource, such as the account's own id, is one value
            return TRUE
        return Truth(None, value.reasons)

    return condition.values.all(fixed) & condition.values.exists()


def _is_fixed(operator: _Operator, key: str, text: str) -> bool:
    """Whether a value of a tying key names something definite."""
    if operator.kind is _Kind.IP:
        from iaclint.aws.reasoning.cidr import DEFAULT_NEARLY, CidrSet

        try:
            return not CidrSet.parse(text).covers_internet(nearly=DEFAULT_NEARLY)
        except ValueError:
            return True
    variables = _VARIABLE_TEXT.findall(text)
    if any(not name.lower().startswith("aws:resource") for name in variables if name not in ("*", "?", "$")):
        # "${aws:PrincipalAccount}" compares the caller with itself
        return False
    if operator.kind is _Kind.STRING:
        return text != ""
    pattern = _compile(text, True, False)
    if key in _TYING_ARNS:
        segments = pattern.split(":", 5)
        if len(segments) == 6 and segments[4]:
            return not _has_wildcard(segments[4])
        # ARNs of buckets have no account: the name itself has to be there
        return len(segments) == 6 and not _has_wildcard(segments[5][:1])
    if key in _TYING_ACCOUNTS:
        return text != "" and not _has_wildcard(pattern)
    return text != "" and not _has_wildcard(pattern[0])


def _has_wildcard(pattern: str) -> bool:
    return _STAR in pattern or _ONE in pattern


# -- MFA -------------------------------------------------------------------------------------------------

MFA_PRESENT, MFA_AGE = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"
"""Both keys come only with temporary credentials: a request signed with a user's access keys has neither.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent
"""

_NO_MFA_KEYS: dict[str, ContextValue] = {MFA_PRESENT: ABSENT, MFA_AGE: ABSENT}
_MFA_FALSE: dict[str, ContextValue] = {MFA_PRESENT: "false", MFA_AGE: ABSENT}
_MFA_FRESH: dict[str, ContextValue] = {MFA_PRESENT: "true", MFA_AGE: "1"}

# A person who calls AWS directly, whom no policy names: what holds for them holds for nearly everybody.
_SOMEBODY: dict[str, ContextValue] = {
    "aws:ViaAWSService": "false",
    "aws:CalledVia": ABSENT,
    "aws:CalledViaFirst": ABSENT,
    "aws:CalledViaLast": ABSENT,
    "aws:PrincipalIsAWSService": "false",
    "aws:PrincipalServiceName": ABSENT,
    "aws:SourceService": ABSENT,
    "aws:SecureTransport": "true",
    "aws:username": "somebody-whom-no-policy-names",
    "aws:userid": "AIDASOMEBODYWHOMNOPOLICYNAMES",
    "aws:PrincipalType": "User",
    "aws:PrincipalArn": "arn:aws:iam::000000000000:user/somebody-whom-no-policy-names",
}

MFA_SELF_SERVICE = frozenset(
    name.lower()
    for name in (
        "iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ResyncMFADevice", "iam:GetUser", "iam:GetMFADevice",
        "iam:ListMFADevices", "iam:ListVirtualMFADevices", "iam:ChangePassword", "iam:GetAccountPasswordPolicy",
        "iam:GetAccountSummary", "iam:ListAccountAliases", "sts:GetSessionToken", "sts:GetCallerIdentity",
    )
)  # fmt: skip
"""What people need to set up MFA, in lower case; GetCallerIdentity cannot be denied at all.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage.html
"""

MFA_UNDOING = ("iam:DeactivateMFADevice", "iam:DeleteVirtualMFADevice", "iam:CreateAccessKey")
"""Calls that take MFA away again, or lead around it."""


class Bypass(Enum):
    """How a statement about MFA lets callers through without it."""

    DENY_MISSES_ABSENT_KEY = "the Deny does not apply to requests without the key"
    """A user's access keys are enough: Deny with Bool = false."""
    DENY_MISSES_FALSE = "the Deny does not apply where the key is false"
    """A console session without MFA is enough: Deny with Null alone."""
    DENY_NEVER_APPLIES = "the Deny applies to no request without MFA"
    ALLOW_ADMITS_ABSENT_KEY = "the Allow applies to requests without the key"
    """A user's access keys are enough: Allow with BoolIfExists = true, Null, or an age with IfExists."""


class Weakness(Struct, frozen=True):
    """A statement about MFA that can be walked around.

    `condition` is the one whose operator is wrong, `operator` what it should be ("" where that is not all).
    """

    bypass: Bypass
    statement: Statement
    condition: Condition
    operator: str = ""


class Exemption(Struct, frozen=True):
    """Something that MFA enforcement leaves open beyond `MFA_SELF_SERVICE`.

    pattern    the actions ("s3:*"); "*" where the Deny is limited in another way
    value      where that is written: the NotAction element, or the Action or Resource that limits the Deny
    undoing    whether it lets MFA be taken away again (`MFA_UNDOING`)
    """

    pattern: str
    value: Value[Any]
    statement: Statement
    undoing: bool


class MfaDeny(Struct, frozen=True):
    """A Deny that speaks of MFA, and for whom it applies: somebody without the keys, with "false", with MFA just now.

    `broad` is whether it denies all actions but a few on all resources.
    """

    statement: Statement
    when_absent: Truth
    when_false: Truth
    when_fresh: Truth
    broad: Truth

    @property
    def effective(self) -> Truth:
        """Whether it stops callers without MFA, be the key absent or false, and lets those with MFA work."""
        return self.when_absent & self.when_false & ~self.when_fresh


class MfaEnforcement(Struct, frozen=True):
    """What policies that apply together ask of callers without MFA.

    enforced     whether (nearly) all actions are denied to them, with the key absent and with "false"
    denies       every Deny that speaks of MFA
    weaknesses   statements that can be walked around, while no other one stops that
    exemptions   what an effective Deny leaves open beyond setting up MFA
    """

    enforced: Truth
    denies: tuple[MfaDeny, ...]
    weaknesses: Partial[Weakness]
    exemptions: Partial[Exemption]


_When = Callable[[MfaDeny], Truth]
_WITHOUT_MFA: tuple[_When, _When] = (lambda deny: deny.when_absent, lambda deny: deny.when_false)


def mfa_enforcement(*documents: Document) -> MfaEnforcement:
    """Whether the policies that apply together to one principal enforce MFA, judged by what they do."""
    statements = [statement for document in documents for statement in document.statements.items]
    gaps = merge_reasons(*(document.statements.gaps for document in documents))
    hidden = Partial((), gaps).exists()
    denies = tuple(_mfa_deny(s) for s in statements if s.denies.possible and _speaks_of_mfa(s).possible)
    # with the key absent and with "false", different statements may do it
    enforced = all_of(any_of(when(d) & d.broad & ~d.when_fresh for d in denies) for when in _WITHOUT_MFA) | hidden
    weaknesses = [_deny_weakness(deny, denies, hidden) for deny in denies]
    weaknesses += [_allow_weakness(s, denies, hidden) for s in statements if (s.allows & _speaks_of_mfa(s)).possible]
    exemptions = [
        found for when in _WITHOUT_MFA for deny in denies for found in _exemptions(deny, denies, when, hidden)
    ]
    return MfaEnforcement(enforced, denies, _certain(weaknesses, gaps), _certain(exemptions, gaps))


def _certain(found: Iterable[tuple[Truth, _Found | None]], gaps: tuple[Reason, ...]) -> Partial[_Found]:
    """What was found for certain, each once; what is undecided is a gap."""
    items: dict[_Found, None] = {}
    for truth, item in found:
        if truth.is_true and item is not None:
            items.setdefault(item)
        elif not truth.decided:
            gaps = merge_reasons(gaps, truth.reasons)
    return Partial(tuple(items), gaps)


def _mfa_conditions(statement: Statement) -> list[Condition]:
    return [condition for condition in statement.conditions.items if condition.is_on(MFA_PRESENT, MFA_AGE)]


def _speaks_of_mfa(statement: Statement) -> Truth:
    return statement.conditions.any(lambda condition: Truth.of(condition.is_on(MFA_PRESENT, MFA_AGE)))


def _mfa_deny(statement: Statement) -> MfaDeny:
    def applies(facts: Mapping[str, ContextValue]) -> Truth:
        answer = statement.holds(Context({**_SOMEBODY, **facts}))
        if not answer.decided and statement._conditions_known:
            # it hangs on something else about the request, so that it does not apply in general
            return FALSE
        return statement.denies & answer

    if statement.not_actions is not None:
        # an exemption of everything denies nothing
        actions = ~statement.not_actions.cover("*")
    else:
        actions = statement.covers_action("*:*")
    resources = statement.covers_resource("*") if statement.not_resources is None else TRUE
    return MfaDeny(statement, applies(_NO_MFA_KEYS), applies(_MFA_FALSE), applies(_MFA_FRESH), actions & resources)


def _deny_weakness(deny: MfaDeny, denies: Iterable[MfaDeny], hidden: Truth) -> tuple[Truth, Weakness | None]:
    """Whether a Deny misses callers without MFA whom no other Deny stops, and what is wrong with it."""
    statement = deny.statement
    weak = statement.denies & ~deny.when_fresh & ~(deny.when_absent & deny.when_false)
    if weak.is_false:
        return FALSE, None
    if not (deny.when_absent.decided and deny.when_false.decided):
        return Truth(None, merge_reasons(deny.when_absent.reasons, deny.when_false.reasons)), None
    conditions = _mfa_conditions(statement)
    missed = [when for when in _WITHOUT_MFA if when(deny).is_false]
    if len(missed) == 2 and all(condition.is_on(MFA_PRESENT) for condition in conditions):
        bypass = Bypass.DENY_NEVER_APPLIES
    else:
        # a limit on the age of MFA misses both, and the operator is what is wrong with it
        bypass = Bypass.DENY_MISSES_ABSENT_KEY if deny.when_absent.is_false else Bypass.DENY_MISSES_FALSE
    facts = _NO_MFA_KEYS if deny.when_absent.is_false else _MFA_FALSE
    wrong = [condition for condition in conditions if condition.holds(Context(facts)).is_false]
    if not wrong:
        # it is limited by something that is not about MFA
        return (FALSE if statement._conditions_known else Truth(None, statement._condition_reasons)), None
    others = [other for other in denies if other is not deny]
    made_good = all_of(
        any_of(when(other) & ~other.when_fresh & _speaks_of_as_much(other.statement, statement) for other in others)
        for when in missed
    )
    operator = ""
    parsed = wrong[0].parsed
    if bypass is Bypass.DENY_MISSES_ABSENT_KEY and len(wrong) == 1 and parsed and parsed.kind is not _Kind.NULL:
        operator = f"{wrong[0].operator}IfExists"
    return weak & ~(made_good | hidden), Weakness(bypass, statement, wrong[0], operator)


def _allow_weakness(statement: Statement, denies: Iterable[MfaDeny], hidden: Truth) -> tuple[Truth, Weakness | None]:
    """Whether an Allow that asks for MFA can be had without it, no Deny being in the way."""
    weak = (
        statement.allows
        & statement._holds_for_someone({**_SOMEBODY, **_NO_MFA_KEYS})
        & statement._holds_for_someone({**_SOMEBODY, **_MFA_FRESH})  # else it is meant for callers without MFA
        & ~_only_self_service(statement)
    )
    if weak.is_false:
        return FALSE, None
    stopped = any_of(d.when_absent & ~d.when_fresh & _speaks_of_as_much(d.statement, statement) for d in denies)
    for condition in _mfa_conditions(statement):
        if condition.holds(Context(_NO_MFA_KEYS)).is_true:
            operator = condition.operator[: -len("IfExists")] if condition.if_exists else ""
            found = Weakness(Bypass.ALLOW_ADMITS_ABSENT_KEY, statement, condition, operator)
            return weak & ~(stopped | hidden), found
    return (FALSE if statement._conditions_known else Truth(None, statement._condition_reasons)), None


def _only_self_service(statement: Statement) -> Truth:
    if statement.actions is None:
        return FALSE
    return statement.actions.elements.all(_is_self_service)


def _is_self_service(value: Value[Any]) -> Truth:
    return value.test(lambda data: scalar_text(data).lower() in MFA_SELF_SERVICE)


def _speaks_of_as_much(one: Statement, other: Statement) -> Truth:
    """Whether one statement speaks of all actions and resources of which another one does; conditions aside."""

    def known(value: Value[Any], test: Callable[[str], Truth]) -> Truth:
        return test(scalar_text(value.data)) if value.known else Truth(None, value.reasons)

    if other.actions is not None:
        actions = other.actions.elements.all(lambda value: known(value, one.covers_action))
    elif other.not_actions is not None and one.not_actions is not None:
        # it spares no more than the other does
        spared = other.not_actions
        actions = one.not_actions.elements.all(lambda value: known(value, spared.cover))
    else:
        actions = one.covers_action("*")
    if other.resources is not None:
        return actions & other.resources.elements.all(lambda value: known(value, one.covers_resource))
    return actions & one.covers_resource("*")


def _exemptions(
    deny: MfaDeny, denies: Iterable[MfaDeny], when: _When, hidden: Truth
) -> Iterator[tuple[Truth, Exemption | None]]:
    """What a Deny leaves open that no other one closes, beyond setting up MFA."""
    statement = deny.statement
    effective = when(deny) & ~deny.when_fresh
    if effective.is_false:
        return

    def left_open(closes: Callable[[Statement], Truth]) -> Truth:
        others = (when(o) & ~o.when_fresh & closes(o.statement) for o in denies if o is not deny)
        return effective & ~(any_of(others) | hidden)

    if statement.not_actions is not None:
        listed = statement.not_actions.elements
        yield effective & Partial((), listed.gaps).exists(), None
        for value in listed.items:
            beyond = ~_is_self_service(value)
            if not value.known:
                # even where it certainly is beyond, another Deny may close just that
                yield effective & beyond & Truth(None, value.reasons), None
                continue
            if beyond.is_false:
                continue
            pattern = scalar_text(value.data)
            undoing = any(intersects(pattern, action) for action in MFA_UNDOING)
            found = Exemption(pattern, value, statement, undoing)
            yield left_open(lambda s, p=pattern: s.covers_action(p) & s.covers_resource("*")), found  # type: ignore[misc]
    else:
        some = ~(statement.covers_action("*") | statement.covers_action("*:*"))
        undoing = not all(statement.covers_action(action).possible for action in MFA_UNDOING)
        found = Exemption("*", statement.value.key("Action"), statement, undoing)
        broader = left_open(lambda s: s.covers_action("*") | Truth.of(s.not_actions is not None))
        yield some & broader, found
    name = "Resource" if statement.resources is not None else "NotResource"
    found = Exemption("*", statement.value.key(name), statement, False)
    yield ~statement.covers_resource("*") & left_open(lambda s: s.covers_resource("*")), found


_ELEMENTS = {
    name.lower(): name
    for name in (
        "Version", "Id", "Statement", "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource",
        "NotResource", "Condition",
    )
}  # fmt: skip


class _Reader:
    """Reads one document, noting what is wrong with it."""

    def __init__(self) -> None:
        self.errors: list[Problem] = []
        self.variables = False

    def wrong(self, message: str, value: Value[Any]) -> None:
        self.errors.append(Problem(f"policy: {message}", value.span, fatal=False))

    def document(self, value: Value[Any]) -> Document:
        read = self._decoded(value)
        data = read.data
        if isinstance(data, Unknown):
            return Document(Partial((), read.reasons), value, errors=tuple(self.errors))
        if data is None:
            return Document(Partial(()), value)
        if not isinstance(data, dict):
            self.wrong("the document is not an object", value)
            return self._broken(value)
        elements = self._elements(read)
        version = elements.get("Version")
        self.variables = version is not None and (not version.known or version.data == "2012-10-17")
        written = elements.get("Statement")
        if written is None:
            self.wrong("there is no Statement", value)
            return self._broken(value)
        statements: list[Statement] = []
        listed = written.elements()
        gaps = listed.gaps
        for item in listed.items:
            statement = self._statement(item)
            if statement is not None:
                statements.append(statement)
            elif not item.known:
                gaps = merge_reasons(gaps, item.reasons)
        shown = scalar_text(version.data) if version is not None and version.known else "2008-10-17"
        return Document(Partial(tuple(statements), gaps), value, shown, tuple(self.errors))

    def _broken(self, value: Value[Any]) -> Document:
        reasons = tuple(Reason(error.message, error.span) for error in self.errors)
        return Document(Partial((), reasons), value, errors=tuple(self.errors))

    def _decoded(self, value: Value[Any]) -> Value[Any]:
        """The document as a mapping, its JSON text decoded."""
        data = value.data
        if isinstance(data, Unknown):
            return data.encoded or parse_json_pieces(value) or value
        if isinstance(data, Encoded):
            return data.value
        if not isinstance(data, str):
            return value
        try:
            return parse_json(value)
        except ValueError as error:
            self.wrong(f"not valid JSON: {error}", value)
            reason = Reason(f"the policy is not valid JSON: {error}", value.origin)
            return value.with_data(Unknown(UnknownCause.INVALID, reason.detail))

    def _elements(self, value: Value[Any]) -> dict[str, Value[Any]]:
        """The elements of a document or a statement by AWS's spelling of their names; nulls left out."""
        found: dict[str, Value[Any]] = {}
        for name, element in value.data.items():
            if has_unknown_piece(name):
                continue
            known = _ELEMENTS.get(name.lower())
            if known is None:
                self.wrong(f"{name} is no element of the policy language", element)
                continue
            if known != name:
                self.wrong(f"AWS spells {name} as {known}", element)
            if element.data is not None:
                found[known] = element
        return found

    def _statement(self, value: Value[Any]) -> Statement | None:
        if not isinstance(value.data, dict):
            if value.known:
                self.wrong("a statement is not an object", value)
            return None
        elements = self._elements(value)
        effect = elements.get("Effect")
        if effect is None:
            self.wrong("a statement has no Effect", value)
            return None
        if effect.known and effect.data not in ("Allow", "Deny"):
            self.wrong(f"Effect is {scalar_text(effect.data)!r}, and has to be Allow or Deny", effect)
            if not isinstance(effect.data, str) or effect.data.capitalize() not in ("Allow", "Deny"):
                return None
            effect = effect.with_data(effect.data.capitalize())
        for one, other in (("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal")):
            if one in elements and other in elements:
                self.wrong(f"a statement has both {one} and {other}", elements[other])
        if "Action" not in elements and "NotAction" not in elements:
            self.wrong("a statement has neither Action nor NotAction", value)
        sid = elements.get("Sid")
        return Statement(
            effect=effect,
            actions=self._patterns(elements.get("Action"), arn=False),
            not_actions=self._patterns(elements.get("NotAction"), arn=False),
            resources=self._patterns(elements.get("Resource"), arn=True),
            not_resources=self._patterns(elements.get("NotResource"), arn=True),
            principals=self._principals(elements.get("Principal")),
            not_principals=self._principals(elements.get("NotPrincipal")),
            conditions=self._conditions(elements.get("Condition"), value),
            sid=scalar_text(sid.data) if sid is not None and sid.known else "",
            value=value,
        )

    def _texts(self, value: Value[Any]) -> Elements:
        """The elements of a string or list; what is neither text nor unknown is left out.

        An unknown value is one unknown text: whatever hangs on it is as undecided as with a list.
        """
        data = value.data
        if isinstance(data, Unknown):
            if any(option is None or isinstance(option, (tuple, list, dict)) for option in data.one_of):
                return Partial((), value.reasons)
            return Partial((value,))
        listed = value.elements()
        kept: list[Value[Any]] = []
        for item in listed.items:
            if isinstance(item.data, (tuple, dict)) or item.data is None:
                self.wrong("a text is expected here", item)
            else:
                kept.append(item)
        return Partial(tuple(kept), listed.gaps)

    def _patterns(self, value: Value[Any] | None, *, arn: bool) -> Patterns | None:
        return Patterns(self._texts(value), arn, self.variables and arn) if value is not None else None

    def _principals(self, value: Value[Any] | None) -> Partial[PrincipalEntry] | None:
        if value is None:
            return None
        if isinstance(value.data, Unknown):
            return Partial((), value.reasons)
        if not isinstance(value.data, dict):
            # "*" alone; any other text is refused by AWS
            texts = self._texts(value)
            for item in texts.items:
                if item.known and item.data != "*":
                    self.wrong(
                        f"a principal is {scalar_text(item.data)!r}: it needs AWS, Service or Federated before it", item
                    )
            return texts.map(lambda item: PrincipalEntry("AWS", item))
        entries: list[PrincipalEntry] = []
        gaps: tuple[Reason, ...] = ()
        for kind, names in value.data.items():
            known = {
                "aws": "AWS",
                "service": "Service",
                "federated": "Federated",
                "canonicaluser": "CanonicalUser",
            }.get(kind.lower())
            if known is None:
                self.wrong(f"{kind} is no kind of principal", names)
                continue
            texts = self._texts(names)
            gaps = merge_reasons(gaps, texts.gaps)
            entries.extend(PrincipalEntry(known, item) for item in texts.items)
        return Partial(tuple(entries), gaps)

    def _conditions(self, value: Value[Any] | None, statement: Value[Any]) -> Partial[Condition]:
        if value is None:
            return Partial(())
        if isinstance(value.data, Unknown):
            return Partial((), value.reasons)
        if not isinstance(value.data, dict):
            self.wrong("Condition is not an object", value)
            return Partial((), (Reason("Condition is not an object", value.span),))
        conditions: list[Condition] = []
        gaps: tuple[Reason, ...] = ()
        for operator, block in value.data.items():
            if block.data is None:
                continue
            if isinstance(block.data, Unknown):
                gaps = merge_reasons(gaps, block.reasons)
                continue
            if not isinstance(block.data, dict):
                self.wrong(f"{operator} holds no condition keys", block)
                continue
            if _operator(operator) is None:
                self.wrong(f"{operator} is no condition operator", block)
            for key, written in block.data.items():
                if written.data is None:
                    continue
                if has_unknown_piece(operator + key):
                    gaps = merge_reasons(gaps, (Reason("the key of a condition is not known", written.span),))
                    continue
                conditions.append(
                    Condition(operator, key, self._texts(written), written, block, statement, self.variables)
                )
        return Partial(tuple(conditions), gaps)


# -- the decision ----------------------------------------------------------------------------------------


class Outcome(Enum):
    """What AWS answers to a request."""

    ALLOW = "allow"
    EXPLICIT_DENY = "explicit deny"
    IMPLICIT_DENY = "implicit deny"
    UNDECIDED = "undecided"
    """Unknown, or a deny of unknown kind (then `Decision.allowed` is decided)."""


class Decision(Struct, frozen=True):
    """Whether a request is allowed, and the statement that decides (None for an implicit deny)."""

    allowed: Truth
    outcome: Outcome
    statement: Statement | None = None


Documents = Sequence[Document]


def decide(
    request: Request,
    identity: Documents = (),
    resource: Documents = (),
    *,
    boundary: Document | None = None,
    session: Documents = (),
    scps: Sequence[Documents] = (),
) -> Decision:
    """Whether AWS allows a request.

    identity  policies of the user and its groups, or of the role
    resource  policies of the resource; a trust policy for sts:AssumeRole, a key policy for KMS
    boundary  the permissions boundary;  session: the session policies
    scps      for each level from the root of the organization to the account, the policies attached there

    An explicit deny anywhere wins. In one account an allow of either the identity's or the resource's policies is
    enough, of both where the resource lies in another account. Role trust and key policies have to allow, or to leave
    it to the account. Boundary, session policies and SCPs limit; the first two not what a resource's policy
    grants to the user or session itself.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
    """
    principal = request.principal
    request = _with_principal_keys(request)
    limits: list[Documents] = [[boundary]] if boundary is not None else []
    if session:
        limits.append(session)
    iam = principal is None or principal.kind == "AWS"
    levels = scps if iam else ()
    documents = [*identity, *(d for group in (*limits, *levels) for d in group)]
    denied, denier = _first(documents, request, denies=True)
    for document in resource:
        found, statement = _first_of_resource(document, request, denies=True)
        denied, denier = denied | found, denier or statement
    if denied.is_true:
        return Decision(FALSE, Outcome.EXPLICIT_DENY, denier)

    limited = all_of(_first(group, request)[0] for group in limits)
    organization = all_of(_first(level, request)[0] for level in levels)
    by_identity, allower = _first(identity, request)
    if principal is not None and principal.is_root:
        by_identity = TRUE
    grips: dict[_Grip, Truth] = {}
    resource_allower: Statement | None = None
    for document in resource:
        for statement in document.statements.items:
            if not (applies := statement.allows & statement.applies(request)).possible:
                continue
            for grip, truth in _grips(statement, principal).items():
                grips[grip] = grips.get(grip, FALSE) | (applies & truth)
                if (applies & truth).is_true and grip is not _Grip.ACCOUNT:
                    resource_allower = resource_allower or statement
        if document.statements.gaps:
            grips[_Grip.DIRECT] = grips.get(_Grip.DIRECT, FALSE) | Truth(None, document.statements.gaps)
    direct, by_role, by_account = (grips.get(grip, FALSE) for grip in (_Grip.DIRECT, _Grip.ROLE, _Grip.ACCOUNT))
    own = by_identity & limited
    if not iam:
        allowed = direct
    elif principal is not None and request.resource_account not in ("", principal.account):
        allowed = own & (direct | by_role | by_account)
    elif resource and _needs_resource_policy(request.action):
        allowed = (own & by_account) | direct | (by_role & limited)
    else:
        allowed = own | direct | (by_role & limited)
    allowed = allowed & organization & ~denied
    if allowed.is_true:
        statement = resource_allower if (direct.is_true or not own.is_true) else allower
        return Decision(TRUE, Outcome.ALLOW, statement or resource_allower)
    if allowed.is_false:
        return Decision(FALSE, Outcome.IMPLICIT_DENY if denied.is_false else Outcome.UNDECIDED)
    return Decision(allowed, Outcome.UNDECIDED)


def _with_principal_keys(request: Request) -> Request:
    """The request with the context keys that follow from its principal."""
    principal = request.principal
    if principal is None or principal.kind != "AWS" or not principal.account:
        return request
    role = _role_arn(principal) if principal.is_session else principal.id
    facts: dict[str, ContextValue] = {"aws:PrincipalAccount": principal.account, "aws:PrincipalArn": role}
    if ":user/" in principal.id:
        facts["aws:username"] = principal.id.rpartition("/")[2]
    return Request(
        request.action, request.resource, principal, request.context.extended(facts), request.resource_account
    )


def _needs_resource_policy(action: str) -> bool:
    """Whether a policy of the resource has to allow, the identity's own not being enough: KMS and role trust."""
    return action.lower().startswith(("kms:", "sts:assumerole"))


def _first(documents: Documents, request: Request, *, denies: bool = False) -> tuple[Truth, Statement | None]:
    """Whether a statement of policies without principals allows (or denies), and the first that does for certain."""
    answer = FALSE
    for document in documents:
        for statement in document.statements.items:
            effect = statement.denies if denies else statement.allows
            applies = effect & statement.applies(request) if effect.possible else FALSE
            if applies.is_true:
                return TRUE, statement
            answer = answer | applies
        if document.statements.gaps:
            answer = answer | Truth(None, document.statements.gaps)
    return answer, None


def _first_of_resource(document: Document, request: Request, *, denies: bool) -> tuple[Truth, Statement | None]:
    """The same for a policy with principals; every way in which a Deny names the principal counts."""
    answer = FALSE
    for statement in document.statements.items:
        effect = statement.denies if denies else statement.allows
        if not effect.possible:
            continue
        applies = effect & statement.applies(request) & any_of(_grips(statement, request.principal).values())
        if applies.is_true:
            return TRUE, statement
        answer = answer | applies
    if document.statements.gaps:
        answer = answer | Truth(None, document.statements.gaps)
    return answer, None


def _grips(statement: Statement, principal: Principal | None) -> dict[_Grip, Truth]:
    """How a statement names a principal; one that is not given may be anyone."""
    if principal is not None:
        return statement._grips(principal)
    if statement.everyone().is_true and statement.principals is not None:
        return {_Grip.DIRECT: TRUE}
    return {_Grip.DIRECT: Truth.undecided(Reason("the principal of the request is not given", statement.span))}
