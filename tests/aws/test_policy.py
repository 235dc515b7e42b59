"""IAM documents: reading, the evaluator against AWS's documentation, and what rules ask."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from iaclint.aws.reasoning.policy import (
    ABSENT,
    ANONYMOUS,
    AUDIT_TAMPERING,
    KEY_DESTRUCTION,
    PRESENT,
    UNKNOWN,
    Bypass,
    Condition,
    Context,
    Decision,
    Document,
    MfaEnforcement,
    Outcome,
    Principal,
    Request,
    Statement,
    covers,
    decide,
    intersects,
    mfa_enforcement,
)
from iaclint.model.address import Address
from iaclint.model.partial import Partial
from iaclint.model.truth import Truth, Undetermined
from iaclint.model.value import Ref, Unknown, UnknownCause, Value
from iaclint.source.files import SourceFile
from tests.model.test_json_text import json_values

# what an example costs depends on who else uses the machine
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")

TABLE = json.loads(Path(__file__).with_name("iam_decisions.json").read_text(encoding="utf-8"))


def value_of(data: Any) -> Value[Any]:
    """A Value of plain data, mappings and lists included, as a CloudFormation template gives it."""
    span = SourceFile("t.yaml", "x").whole
    if isinstance(data, Value):
        return data
    if isinstance(data, dict):
        return Value({name: value_of(item) for name, item in data.items()}, span)
    if isinstance(data, (list, tuple)):
        return Value(tuple(value_of(item) for item in data), span)
    return Value(data, span)


def document(*statements: Any, version: str = "2012-10-17") -> Document:
    parsed = Document.parse(value_of({"Version": version, "Statement": list(statements)}))
    assert not parsed.errors
    return parsed


def principal_of(text: str) -> Principal:
    if text == "!anonymous":
        return ANONYMOUS
    if text.startswith("!service:"):
        return Principal(text.removeprefix("!service:"), "Service")
    return Principal(text)


def cases() -> list[Any]:
    return [
        pytest.param(group, row, id=f"{index}-{number}-{group['topic']}")
        for index, group in enumerate(TABLE["groups"])
        for number, row in enumerate(group["decisions"])
    ]


@pytest.mark.parametrize("form", ["mapping", "text"])
@pytest.mark.parametrize("group, row", cases())
def test_decision_of_the_documentation(group: dict[str, Any], row: dict[str, Any], form: str) -> None:
    def parse(policy: Any) -> Document:
        parsed = Document.parse(value_of(policy if form == "mapping" else json.dumps(policy, indent=2)))
        assert not parsed.errors
        return parsed

    context = Context(row.get("context", {}), ABSENT)
    owner = row.get("owner", "")
    request = Request(row["action"], row["resource"], principal_of(row["principal"]), context, owner)
    decision = decide(
        request,
        [parse(p) for p in group.get("identity", ())],
        [parse(p) for p in group.get("resource", ())],
        boundary=parse(group["boundary"]) if "boundary" in group else None,
        session=[parse(p) for p in group.get("session", ())],
        scps=[[parse(p) for p in level] for level in group.get("scps", ())],
    )
    assert decision.outcome.value == row["expected"], group["topic"]
    if row["expected"] == "explicit deny":
        assert decision.statement is not None and decision.statement.denies.is_true
    if row["expected"] == "allow" and not row["principal"].endswith(":root"):
        assert decision.statement is not None and decision.statement.allows.is_true


def test_the_table_names_its_sources() -> None:
    assert sum(len(group["decisions"]) for group in TABLE["groups"]) >= 200
    assert all(group["source"].startswith("https://docs.aws.amazon.com/") for group in TABLE["groups"])


# -- properties of the evaluator -------------------------------------------------------------------------

ACTIONS = ["s3:GetObject", "s3:PutObject", "s3:GetBucketPolicy", "iam:GetUser", "ec2:RunInstances"]
ACTION_PATTERNS = [*ACTIONS, "s3:*", "s3:Get*", "*", "*:Get*", "iam:???User", "S3:getobject"]
RESOURCES = ["arn:aws:s3:::a/x", "arn:aws:s3:::b/x", "arn:aws:iam::111122223333:user/ana"]
RESOURCE_PATTERNS = [*RESOURCES, "*", "arn:aws:s3:::a/*", "arn:aws:s3:::?/x", "arn:aws:iam::*:user/*"]
USER = "arn:aws:iam::111122223333:user/ana"
PRINCIPALS = [USER, "arn:aws:iam::111122223333:user/bo", "arn:aws:iam::444455556666:user/cleo"]
PRINCIPAL_ENTRIES: list[Any] = [
    "*",
    {"AWS": "*"},
    *({"AWS": principal} for principal in PRINCIPALS),
    {"AWS": ["111122223333", PRINCIPALS[1]]},
    {"Service": "s3.amazonaws.com"},
]
KEYS = ["aws:MultiFactorAuthPresent", "aws:PrincipalTag/team", "aws:TagKeys"]
WORDS = ["true", "false", "red", "r*", "5"]
OPERATORS = [
    *("StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase", "Bool"),
    *("NumericLessThan", "NumericNotEquals", "StringEqualsIfExists", "StringNotLikeIfExists", "BoolIfExists"),
    *("ForAllValues:StringEquals", "ForAnyValue:StringLike", "ForAnyValue:StringNotEquals", "Null"),
]


def some(options: list[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.sampled_from(options), st.lists(st.sampled_from(options), min_size=1, max_size=3))


conditions = st.dictionaries(
    st.sampled_from(OPERATORS), st.dictionaries(st.sampled_from(KEYS), some(WORDS), max_size=2), max_size=2
)


def statements(effects: tuple[str, ...] = ("Allow", "Deny"), principals: bool = False) -> st.SearchStrategy[Any]:
    def build(effect: str, action: Any, resource: Any, condition: Any, nots: Any, principal: Any) -> dict[str, Any]:
        made = {
            "Effect": effect,
            "NotAction" if nots[0] else "Action": action,
            "NotResource" if nots[1] else "Resource": resource,
        }
        return made | ({"Condition": condition} if condition else {}) | ({"Principal": principal} if principals else {})

    return st.builds(
        build,
        st.sampled_from(effects),
        some(ACTION_PATTERNS),
        some(RESOURCE_PATTERNS),
        conditions,
        st.tuples(st.sampled_from([False, False, True]), st.sampled_from([False, False, True])),
        st.sampled_from(PRINCIPAL_ENTRIES),
    )


identity_policies = st.lists(statements(), max_size=4)
resource_policies = st.lists(statements(principals=True), max_size=3)
contexts = st.dictionaries(
    st.sampled_from(KEYS), st.one_of(st.sampled_from(WORDS), st.lists(st.sampled_from(WORDS), max_size=2))
)
requests = st.builds(
    lambda action, resource, principal, context: Request(
        action, resource, Principal(principal), Context(context, ABSENT)
    ),
    st.sampled_from(ACTIONS),
    st.sampled_from(RESOURCES),
    st.sampled_from(PRINCIPALS),
    contexts,
)


class Naive:
    """The rules of the documentation once more, with regular expressions and plain bools, for what is tested here."""

    def __init__(self, request: Request) -> None:
        self.request = request
        assert request.principal is not None
        self.principal = request.principal.id

    @staticmethod
    def listed(data: Any) -> list[Any]:
        return data if isinstance(data, list) else [data]

    @staticmethod
    def glob(pattern: str, text: str, flags: int = 0) -> bool:
        expression = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
        return re.fullmatch(expression, text, flags | re.DOTALL) is not None

    def applies(self, statement: dict[str, Any]) -> bool:
        action = any(
            self.glob(p, self.request.action, re.IGNORECASE)
            for p in self.listed(statement.get("Action", statement.get("NotAction")))
        )
        resource = any(
            self.glob(p, str(self.request.resource))
            for p in self.listed(statement.get("Resource", statement.get("NotResource")))
        )
        return (
            action == ("Action" in statement)
            and resource == ("Resource" in statement)
            and all(
                self.condition(operator, key, [str(v) for v in self.listed(values)])
                for operator, block in statement.get("Condition", {}).items()
                for key, values in block.items()
            )
        )

    def condition(self, operator: str, key: str, wanted: list[str]) -> bool:
        quantifier, _, name = operator.rpartition(":")
        fact = self.request.context.get(key)
        given = [] if fact is ABSENT else list(fact)  # type: ignore[arg-type]
        if quantifier:
            given = [one for one in given if one]
        if name == "Null":
            return ("false" if given else "true") in wanted
        if not given:
            if name.endswith("IfExists"):
                return True
            return quantifier == "ForAllValues" if quantifier else "Not" in name
        base = name.removesuffix("IfExists")

        def matches(one: str, value: str) -> bool:
            if "Numeric" in base:
                if not (one.isdigit() and value.isdigit()):
                    return False
                return int(one) < int(value) if "Less" in base else int(one) == int(value)
            if base == "Bool":
                return one in ("true", "false") and one == value
            if "Like" in base:
                return self.glob(value, one)
            return one.lower() == value.lower() if "IgnoreCase" in base else one == value

        hits = [any(matches(one, value) for value in wanted) for one in given]
        if "Not" in base:
            hits = [not hit for hit in hits]
            return any(hits) if quantifier == "ForAnyValue" else all(hits)
        return all(hits) if quantifier == "ForAllValues" else any(hits)

    def grip(self, entry: Any) -> set[str]:
        names = ["*"] if entry == "*" else self.listed(entry.get("AWS", []))
        account = self.principal.split(":")[4]
        return {"direct" for n in names if n in ("*", self.principal)} | {"account" for n in names if n == account}

    def decide(self, identity: list[Any], resource: list[Any]) -> str:
        mine = [s for s in identity if self.applies(s)]
        theirs = [(s, self.grip(s["Principal"])) for s in resource if self.applies(s) and self.grip(s["Principal"])]
        if any(s["Effect"] == "Deny" for s in [*mine, *(s for s, _ in theirs)]):
            return "explicit deny"
        granted = any("direct" in grip for _, grip in theirs)
        return "allow" if mine or granted else "implicit deny"


def judged(request: Request, identity: Any, resource: Any) -> Decision:
    return decide(request, [document(*identity)], [document(*resource)])


@given(requests, identity_policies, resource_policies)
def test_agrees_with_a_naive_evaluator(request: Request, identity: list[Any], resource: list[Any]) -> None:
    assert judged(request, identity, resource).outcome.value == Naive(request).decide(identity, resource)


@given(requests, identity_policies, resource_policies, statements(("Deny",)), statements(("Deny",), True))
def test_a_deny_more_never_grants(request: Request, identity: Any, resource: Any, one: Any, other: Any) -> None:
    before = judged(request, identity, resource).allowed
    for after in (judged(request, [*identity, one], resource), judged(request, identity, [*resource, other])):
        assert not (before.is_false and not after.allowed.is_false)
        assert after.allowed == before or after.outcome is Outcome.EXPLICIT_DENY


@given(requests, identity_policies, resource_policies, statements(("Allow",)), statements(("Allow",), True))
def test_an_allow_more_never_revokes(request: Request, identity: Any, resource: Any, one: Any, other: Any) -> None:
    before = judged(request, identity, resource)
    for after in (judged(request, [*identity, one], resource), judged(request, identity, [*resource, other])):
        assert not (before.allowed.is_true and not after.allowed.is_true)
        assert (before.outcome is Outcome.EXPLICIT_DENY) == (after.outcome is Outcome.EXPLICIT_DENY)


@given(requests, identity_policies, resource_policies, identity_policies)
def test_a_limit_never_grants(request: Request, identity: Any, resource: Any, limit: Any) -> None:
    before = judged(request, identity, resource)
    mine, theirs, more = [document(*identity)], [document(*resource)], document(*limit)
    for after in (
        decide(request, mine, theirs, boundary=more),
        decide(request, mine, theirs, session=[more]),
        decide(request, mine, theirs, scps=[[more]]),
    ):
        assert before.allowed.is_true or after.allowed.is_false


@given(requests, identity_policies)
def test_the_order_of_statements_does_not_count(request: Request, identity: list[Any]) -> None:
    assert judged(request, identity, []).outcome == judged(request, identity[::-1], []).outcome


def unknown_value(prefix: str = "", one_of: tuple[Any, ...] = ()) -> Value[Any]:
    return Value(
        Unknown(UnknownCause.INPUT, "var.x has no value", ("var.x",), one_of, prefix), SourceFile("t.tf", "x").whole
    )


def forget(data: Any, draw: Any, chance: int = 8) -> Any:
    """The data with some parts unknown: whole containers, or texts of which the start or the options stay known."""
    if draw(st.integers(0, chance)) == 0:
        if isinstance(data, str):
            how = draw(st.sampled_from(["wholly", "start", "options"]))
            if how == "start":
                return unknown_value(data[: draw(st.integers(0, len(data)))])
            if how == "options":
                return unknown_value(one_of=(data, draw(st.sampled_from([data, "*", "other"]))))
        return unknown_value()
    if isinstance(data, dict):
        return {name: forget(item, draw, chance) for name, item in data.items()}
    if isinstance(data, list):
        return [forget(item, draw, chance) for item in data]
    return data


callers = st.sampled_from([
    *(Principal(arn) for arn in PRINCIPALS),
    Principal("arn:aws:iam::111122223333:root"),
    Principal("arn:aws:iam::111122223333:role/report"),
    Principal("arn:aws:sts::111122223333:assumed-role/report/nightly"),
    Principal("arn:aws:sts::111122223333:federated-user/ana"),
    Principal("s3.amazonaws.com", "Service"),
    ANONYMOUS,
    None,
])  # fmt: skip
CALLED: list[Any] = [
    *PRINCIPAL_ENTRIES,
    {"AWS": "arn:aws:iam::111122223333:root"},
    {"AWS": ["arn:aws:iam::111122223333:role/path/report", "arn:aws:sts::111122223333:assumed-role/report/nightly"]},
]


@settings(max_examples=400)
@given(requests, callers, identity_policies, resource_policies, st.sampled_from(CALLED), st.booleans(), st.data())
def test_an_unknown_part_never_turns_a_decision(
    request: Request,
    caller: Principal | None,
    identity: list[Any],
    resource: list[Any],
    called: Any,
    inverted: bool,
    data: st.DataObject,
) -> None:
    request = replace(request, principal=caller)
    resource = [statement | {"Principal": called} for statement in resource]
    if inverted:
        resource = [
            {("NotPrincipal" if name == "Principal" else name): item for name, item in statement.items()}
            for statement in resource
        ]
    known = judged(request, identity, resource)
    partly = decide(
        request,
        [Document.parse(value_of(forget({"Version": "2012-10-17", "Statement": identity}, data.draw)))],
        [Document.parse(value_of(forget({"Version": "2012-10-17", "Statement": resource}, data.draw)))],
    )
    if partly.allowed.decided:
        assert partly.allowed == known.allowed
    else:
        assert partly.outcome is Outcome.UNDECIDED and partly.allowed.reasons
    if partly.outcome is not Outcome.UNDECIDED:
        assert partly.outcome == known.outcome


@given(requests, identity_policies, st.sets(st.sampled_from(KEYS)), st.booleans())
def test_an_unknown_key_of_the_request_never_turns_a_decision(
    request: Request, identity: list[Any], hidden: set[str], mentioned: bool
) -> None:
    known = judged(request, identity, [])
    facts: dict[str, Any] = {key: request.context.get(key) for key in KEYS if key not in hidden}
    if mentioned:
        facts |= {key: UNKNOWN if request.context.get(key) is ABSENT else PRESENT for key in hidden}
    partly = judged(Request(request.action, request.resource, request.principal, Context(facts)), identity, [])
    assert not partly.allowed.decided or partly.allowed == known.allowed
    nowhere = judged(Request(request.action, UNKNOWN, request.principal, request.context), identity, [])
    assert not nowhere.allowed.decided or nowhere.allowed == known.allowed


@settings(max_examples=300)
@given(identity_policies, st.data())
def test_an_unknown_part_never_turns_what_rules_ask(identity: list[Any], data: st.DataObject) -> None:
    known = document(*identity)
    partly = Document.parse(value_of(forget({"Version": "2012-10-17", "Statement": identity}, data.draw)))

    def agree(mine: Truth, truth: Truth) -> None:
        assert not mine.decided or mine == truth

    for ask in (
        lambda d: d.admin_statements().exists(),
        lambda d: d.public_statements().exists(),
        lambda d: d.grants("s3:*").exists(),
        lambda d: d.grants("s3:*", "*").exists(),
        lambda d: d.grants("s3:*", "*", Context({"aws:PrincipalTag/team": "red"}, ABSENT)).exists(),
        lambda d: mfa_enforcement(d).enforced,
        lambda d: d.statements.all(lambda s: s.requires_mfa()),
        lambda d: d.statements.any(lambda s: s.tied()),
    ):
        agree(ask(partly), ask(known))


def test_a_role_that_not_principal_spares() -> None:
    role, account = "arn:aws:iam::111122223333:role/report", "arn:aws:iam::111122223333:root"
    request = Request("s3:GetObject", "arn:aws:s3:::a/x", Principal(role), Context({}, ABSENT))

    def outcome(*spared: str) -> Outcome:
        statement = {"Effect": "Deny", "NotPrincipal": {"AWS": list(spared)}, "Action": "s3:*", "Resource": "*"}
        allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        return decide(request, [document(allow)], [document(statement)]).outcome

    assert outcome(role, account) is Outcome.ALLOW and outcome("*") is Outcome.ALLOW
    assert outcome(role) is Outcome.UNDECIDED and outcome(account + "x") is Outcome.EXPLICIT_DENY


# -- wildcards -------------------------------------------------------------------------------------------

patterns = st.text(alphabet="ab*?", max_size=6)
words = st.text(alphabet="abc", max_size=6)


@given(patterns, words)
def test_matching_is_that_of_regular_expressions(pattern: str, word: str) -> None:
    assert covers(pattern, word) == Naive.glob(pattern, word)
    assert intersects(pattern, word) == Naive.glob(pattern, word)


@given(patterns, patterns, words)
def test_patterns_as_sets(one: str, other: str, word: str) -> None:
    in_one, in_other = Naive.glob(one, word), Naive.glob(other, word)
    if covers(one, other):
        assert in_one or not in_other
    if in_one and in_other:
        assert intersects(one, other)
    assert intersects(one, other) == intersects(other, one)
    assert covers(one, one) and covers("*", one)


@given(patterns, patterns)
def test_patterns_that_intersect_have_a_word_in_common(one: str, other: str) -> None:
    # a shortest common word needs no longer runs than the patterns themselves
    found = any(Naive.glob(one, w) and Naive.glob(other, w) for w in short_words())
    if found:
        assert intersects(one, other)
    elif len(one) + len(other) <= 5:
        assert not intersects(one, other)


def short_words() -> list[str]:
    found = [""]
    for _ in range(5):
        found += [w + c for w in found for c in "ab" if len(w + c) <= 5]
        found = list(dict.fromkeys(found))
    return found


def test_many_wildcards_cost_no_more_than_their_product() -> None:
    pattern, text = "*a" * 400 + "b", "a" * 4000
    assert not covers(pattern, text)
    assert not intersects(pattern, text)
    assert covers("*" * 5000, "x") and covers("*?" * 50, "a" * 50) and not covers("*?" * 50, "a" * 49)
    assert covers(pattern, pattern)
    policy = document({"Effect": "Allow", "Action": pattern, "Resource": "arn:aws:s3:::" + pattern})
    assert judged_one(policy, text, "arn:aws:s3:::" + text).is_false


def judged_one(policy: Document, action: str, resource: str = "*", **context: Any) -> Truth:
    return decide(Request(action, resource, Principal(USER), Context(context, ABSENT)), [policy]).allowed


@pytest.mark.parametrize("pattern, other, covered, common", [
    ("s3:*", "s3:Get*", True, True),
    ("s3:Get*", "s3:*", False, True),
    ("s3:*Object", "s3:Get*", False, True),
    ("iam:*", "s3:*", False, False),
    ("*:*", "kms:Decrypt", True, True),
    ("KMS:decrypt", "kms:Decrypt", True, True),
    ("kms:???????", "kms:Decrypt", True, True),
])  # fmt: skip
def test_action_patterns(pattern: str, other: str, covered: bool, common: bool) -> None:
    assert covers(pattern, other) is covered and intersects(pattern, other) is common


@pytest.mark.parametrize("pattern, other, covered", [
    ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x:y", True),
    ("arn:aws:kms:*:*:key/*", "arn:aws:kms:us-east-1:111122223333:key/1", True),
    ("arn:aws:kms:*", "arn:aws:kms:us-east-1:111122223333:key/1", True),
    ("arn:aws:kms", "arn:aws:kms:us-east-1:111122223333:key/1", True),
    ("arn:aws:kms:*:*:key/*", "arn:aws:kms:us-east-1:111122223333:alias/1", False),
    ("arn:aws:s3:::B/*", "arn:aws:s3:::b/x", False),
    ("*", "arn:aws:s3:::b/x", True),
])  # fmt: skip
def test_resource_patterns(pattern: str, other: str, covered: bool) -> None:
    assert covers(pattern, other, arn=True) is covered


# -- reading ---------------------------------------------------------------------------------------------

POLICY = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "NoMfa",
      "Effect": "Deny",
      "NotAction": ["iam:GetUser", "s3:*"],
      "Resource": "*",
      "Condition": {"Bool": {"aws:multifactorauthpresent": "false"}}
    }
  ]
}"""


def text_value(source: str, text: str, needle: str | None = None) -> Value[Any]:
    """A Value of a text whose span is a part of a source."""
    file = SourceFile("main.tf", source)
    start = source.index(needle) if needle else 0
    return Value(text, file.span(start, start + len(needle) if needle else len(source)))


def only(parsed: Document) -> Statement:
    assert len(parsed.statements.items) == 1
    return parsed.statements.items[0]


def condition_of(parsed: Document) -> Condition:
    return only(parsed).conditions.items[0]


def test_a_heredoc_keeps_its_places() -> None:
    source = f"policy = <<EOF\n{POLICY}\nEOF\n"
    parsed = Document.parse(text_value(source, POLICY + "\n"))
    statement = only(parsed)
    assert statement.sid == "NoMfa" and statement.name == '"NoMfa"'
    assert statement.effect.span.text == '"Deny"' and statement.effect.span.line == 7
    assert statement.not_actions is not None
    assert [item.span.text for item in statement.not_actions.elements.items] == ['"iam:GetUser"', '"s3:*"']
    condition = condition_of(parsed)
    assert condition.value.span.text == '"false"'
    assert condition.operator_span is not None and condition.operator_span.text == "Bool"
    assert condition.operator_span.line == condition.value.span.line == 10


def test_an_indented_heredoc_keeps_its_places() -> None:
    indented = "".join(f"    {line}\n" for line in POLICY.splitlines())
    source = f"policy = <<-EOF\n{indented}    EOF\n"
    parsed = Document.parse(text_value(source, POLICY + "\n"))
    assert only(parsed).effect.span.text == '"Deny"' and only(parsed).effect.span.line == 7
    operator = condition_of(parsed).operator_span
    assert operator is not None and operator.text == "Bool"


def test_an_interpolated_heredoc_keeps_its_lines() -> None:
    written = POLICY.replace('"s3:*"', '"${var.more}"')
    parsed = Document.parse(text_value(f"policy = <<EOF\n{written}\nEOF\n", POLICY))
    statement = only(parsed)
    assert statement.effect.span.text == '"Deny"'
    assert statement.not_actions is not None
    assert statement.not_actions.elements.items[1].span.line == 8


def test_an_interpolated_line_keeps_what_is_written_around() -> None:
    text = '{\n  "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::long-name/*"}]\n}'
    written = text.replace("long-name", "${var.b}")
    statement = only(Document.parse(text_value(f"policy = <<EOF\n{written}\nEOF\n", text)))
    assert statement.span.text == written[written.index('{"Effect') : written.index("]")]
    assert statement.effect.span.text == '"Deny"'
    assert statement.resources is not None
    assert statement.resources.elements.items[0].span.text == '"arn:aws:s3:::${var.b}/*"'


def test_a_call_that_builds_the_text_shows_texts_that_it_holds_once() -> None:
    source = """policy = jsonencode({
  Version = "2012-10-17"
  Statement = [
    { Effect = "Allow", Action = "*", Resource = "*" },
    { Effect = "Deny", NotAction = ["iam:GetUser", "s3:*"], Resource = "*"
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = "false", "aws:username" = "$${aws:username}" } } },
  ]
})"""
    data = json.loads(POLICY)
    data["Statement"].insert(0, {"Effect": "Allow", "Action": "*", "Resource": "*"})
    data["Statement"][1]["Condition"]["Bool"]["aws:username"] = "${aws:username}"
    first, second = Document.parse(text_value(source, json.dumps(data, sort_keys=True))).statements.items
    assert first.effect.span.text == '"Allow"' and first.resources is not None
    assert first.span.line == 4 and first.resources.elements.items[0].span.text == source
    assert second.not_actions is not None
    assert [item.span.text for item in second.not_actions.elements.items] == ['"iam:GetUser"', '"s3:*"']
    condition, other = second.conditions.items
    assert condition.value.span.text == '"false"' and other.value.span.text == '"$${aws:username}"'
    assert condition.operator_span is not None and condition.operator_span.text == "Bool"
    assert (second.span.line, second.span.end_line, condition.operator_span.line) == (5, 6, 6)


def test_a_text_that_the_source_does_not_show_has_the_place_of_the_whole() -> None:
    source = "policy = jsonencode(local.policy)"
    parsed = Document.parse(text_value(source, POLICY))
    assert only(parsed).effect.span.text == source
    assert condition_of(parsed).operator_span is None


def test_operator_places_in_a_mapping() -> None:
    source = 'Statement: {Effect: Deny, Condition: {BoolIfExists: {"aws:MultiFactorAuthPresent": "false"}}}'
    file = SourceFile("t.yaml", source)

    def at(text: str, data: Any) -> Value[Any]:
        return Value(data, file.span(source.index(text), source.index(text) + len(text)))

    block = at('{"aws:M', {"aws:MultiFactorAuthPresent": at('"false"', "false")})
    statement = at("{Effect", {
        "Effect": at("Deny", "Deny"),
        "Action": at("Deny", "*"),
        "Condition": at("{Bool", {"BoolIfExists": block}),
    })  # fmt: skip
    condition = condition_of(Document.parse(at("Stat", {"Statement": statement})))
    assert condition.operator_span is not None and condition.operator_span.text == "BoolIfExists"


@pytest.mark.parametrize("text, error", [
    ("", "the text is empty (line 1, column 1"),
    ("{", "the text ends before '{'"),
    ('{"Statement": [}', "'}' closes nothing that '}' could close (line 1, column 16"),
    ('{"Statement": [],}', "'}' where a key in double quotes"),
    ('{"a": 1, "a": 2}', "'a' stands twice"),
    ('{"a": "x\ny"}', "a string holds a line break"),
    ('{"a": "\\q"}', "not a JSON string: Invalid"),
    ('{"a" 1}', "where ':' after a key should be"),
    ('{"a": [1 2]}', "where ',' or the end"),
    ('{} x', "'x' follows the end of the document"),
    ("[" * 100_000, "nested deeper than"),
    ("not json", "where a value should be"),
    ('"text"', "not an object"),
    ("[]", "not an object"),
    ("{}", "there is no Statement"),
])  # fmt: skip
def test_broken_documents_are_unknown_with_an_error(text: str, error: str) -> None:
    parsed = Document.parse(value_of(text))
    assert error in parsed.errors[0].message
    assert not parsed.statements.items and parsed.statements.exists().value is None
    with pytest.raises(Undetermined):
        bool(parsed.admin_statements().exists())


@pytest.mark.parametrize("statement, error", [
    ({"Action": "*", "Resource": "*"}, "has no Effect"),
    ({"Effect": "Permit", "Action": "*", "Resource": "*"}, "'Permit'"),
    ({"Effect": "allow", "Action": "*", "Resource": "*"}, "has to be Allow or Deny"),
    ({"Effect": "Allow", "Action": "*", "NotAction": "*", "Resource": "*"}, "both Action and NotAction"),
    ({"Effect": "Allow", "Resource": "*"}, "neither Action nor NotAction"),
    ({"Effect": "Allow", "Actions": "*", "Resource": "*"}, "Actions is no element"),
    ({"Effect": "Allow", "action": "*", "Resource": "*"}, "AWS spells action as Action"),
    ({"Effect": "Allow", "Action": {"a": 1}, "Resource": "*"}, "a text is expected"),
    ({"Effect": "Allow", "Action": "*", "Condition": "x"}, "Condition is not an object"),
    ({"Effect": "Allow", "Action": "*", "Condition": {"Bool": "x"}}, "holds no condition keys"),
    ({"Effect": "Allow", "Action": "*", "Condition": {"Boolean": {"a": "b"}}}, "no condition operator"),
    ({"Effect": "Allow", "Action": "*", "Principal": "me"}, "needs AWS, Service or Federated"),
    ({"Effect": "Allow", "Action": "*", "Principal": {"User": "me"}}, "no kind of principal"),
    ("text", "a statement is not an object"),
])  # fmt: skip
def test_wrong_statements_have_errors(statement: Any, error: str) -> None:
    parsed = Document.parse(value_of({"Version": "2012-10-17", "Statement": [statement]}))
    assert any(error in problem.message for problem in parsed.errors)
    assert all(not problem.fatal and problem.span for problem in parsed.errors)


@given(st.text(alphabet='{}[]",:x1 \\\n', max_size=30) | st.text(max_size=30))
def test_any_text_gives_a_document_or_errors(text: str) -> None:
    parsed = Document.parse(value_of(text))
    assert parsed.errors or parsed.statements.items or json.loads(text) is not None or text.strip() == "null"
    assert mfa_enforcement(parsed).enforced.value in (None, False)


@given(json_values, st.sampled_from(["", "Statement"]))
def test_any_data_gives_a_document_or_errors(data: Any, under: str) -> None:
    parsed = Document.parse(value_of({under: data} if under else data))
    judged_one(parsed, "s3:GetObject")
    mfa_enforcement(parsed)
    parsed.public_statements()
    parsed.trust()


def test_documents_that_say_nothing() -> None:
    assert Document.parse(value_of(None)).statements.exists().is_false
    wholly = Document.parse(unknown_value())
    assert wholly.statements.exists().value is None and not wholly.errors
    assert wholly.statements.gaps[0].inputs == ("var.x",)
    assert Document.parse(unknown_value(one_of=(POLICY,))).statements.exists().value is None


def test_unknown_pieces_of_a_template() -> None:
    ref = Ref(Address("data.aws_caller_identity.current"), "account_id")
    hole = unknown_value()
    hole.refs = (ref,)
    action = unknown_value(one_of=("GetObject", "PutObject"))
    text = """{"Version": "2012-10-17", "Statement": [
      {"Effect": "Allow", "Principal": "*", "Action": "s3:~", "Resource": "arn:aws:s3:::~/*",
       "Condition": {"StringEquals": {"aws:SourceAccount": "~"}}},
      {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::~:root"}, "Action": "s3:ListBucket", "Resource": ~}]}"""
    holes = [action, unknown_value(), hole, hole, unknown_value()]
    pieces: list[Value[Any]] = []
    for index, piece in enumerate(text.split("~")):
        pieces += [value_of(piece), *holes[index : index + 1]]
    whole: Value[Any] = Value(
        Unknown(UnknownCause.INPUT, "var.x has no value", parts=tuple(pieces)), SourceFile("t.tf", "x").whole
    )
    parsed = Document.parse(whole)
    first, second = parsed.statements.items
    assert not parsed.errors and not parsed.statements.gaps
    assert first.everyone().is_true and first.tied().is_true and parsed.public_statements().exists().is_false
    assert first.touches_action("s3:Get*").value is None and first.touches_action("s3:*").is_true
    assert first.covers_resource("*").is_false and second.covers_resource("*").value is None
    assert second.principals is not None and second.principals.items[0].everyone.is_false
    broken: Value[Any] = Value(Unknown(UnknownCause.INPUT, "x", parts=(value_of("{"), hole, value_of("}"))), whole.span)
    assert Document.parse(broken).statements.exists().value is None


# -- MFA -------------------------------------------------------------------------------------------------

MFA, AGE = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"


def enforcement(*statements: Any) -> MfaEnforcement:
    return mfa_enforcement(document(*statements))


def deny(condition: Any, **elements: Any) -> dict[str, Any]:
    elements = elements or {"NotAction": ["iam:EnableMFADevice", "sts:GetSessionToken"]}
    return {"Effect": "Deny", "Resource": "*", "Condition": condition} | elements


@pytest.mark.parametrize("condition", [
    {"BoolIfExists": {MFA: "false"}},
    {"BoolIfExists": {MFA: False}},
    {"boolifexists": {"AWS:multifactorauthpresent": ["false"]}},
    {"StringEqualsIfExists": {MFA: "false"}},
    {"StringNotEquals": {MFA: "true"}},
    {"StringNotLikeIfExists": {MFA: "true"}},
    {"NumericGreaterThanIfExists": {AGE: "3600"}},
    {"Null": {AGE: "true"}},
    {"BoolIfExists": {MFA: "false", "aws:ViaAWSService": "false"}},
    {"BoolIfExists": {MFA: "false"}, "StringNotEquals": {"aws:username": ["break-glass"]}},
    {"BoolIfExists": {MFA: "false"}, "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/robot"}},
    {"BoolIfExists": {MFA: "false"}, "Bool": {"aws:PrincipalIsAWSService": "false"}},
])  # fmt: skip
@pytest.mark.parametrize("scope", [{}, {"Action": "*"}, {"Action": ["x:Y", "*:*"]}, {"NotAction": "iam:GetUser"}])
def test_enforced(condition: Any, scope: Any) -> None:
    result = enforcement(deny(condition, **scope))
    assert result.enforced.is_true and result.weaknesses == Partial(())


@pytest.mark.parametrize("condition, bypass, operator", [
    ({"Bool": {MFA: "false"}}, Bypass.DENY_MISSES_ABSENT_KEY, "BoolIfExists"),
    ({"StringEquals": {MFA: "false"}}, Bypass.DENY_MISSES_ABSENT_KEY, "StringEqualsIfExists"),
    ({"StringLike": {MFA: "f*"}}, Bypass.DENY_MISSES_ABSENT_KEY, "StringLikeIfExists"),
    ({"Bool": {MFA: "false"}, "Null": {MFA: "false"}}, Bypass.DENY_MISSES_ABSENT_KEY, ""),
    ({"Null": {MFA: "true"}}, Bypass.DENY_MISSES_FALSE, ""),
    ({"Bool": {MFA: "false"}, "Null": {MFA: "true"}}, Bypass.DENY_NEVER_APPLIES, ""),
    ({"NumericGreaterThan": {AGE: "3600"}}, Bypass.DENY_MISSES_ABSENT_KEY, "NumericGreaterThanIfExists"),
])  # fmt: skip
def test_denies_that_can_be_walked_around(condition: Any, bypass: Bypass, operator: str) -> None:
    result = enforcement(deny(condition))
    assert result.enforced.is_false
    assert [(w.bypass, w.operator) for w in result.weaknesses] == [(bypass, operator)]
    assert result.weaknesses.items[0].condition.key in (MFA, AGE)


def test_two_denies_together() -> None:
    result = enforcement(deny({"Bool": {MFA: "false"}}), deny({"Null": {MFA: "true"}}))
    assert result.enforced.is_true and result.weaknesses == Partial(())
    aged = enforcement(deny({"BoolIfExists": {MFA: "false"}}), deny({"NumericGreaterThan": {AGE: "3600"}}))
    assert aged.enforced.is_true and aged.weaknesses == Partial(())
    two = mfa_enforcement(document(deny({"Bool": {MFA: "false"}})), document(deny({"Null": {MFA: "true"}})))
    assert two.enforced.is_true and two.weaknesses == Partial(())


@pytest.mark.parametrize("condition", [
    {"BoolIfExists": {MFA: "false"}, "IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
    {"BoolIfExists": {MFA: "false"}, "StringEquals": {"aws:username": "bo"}},
    {"BoolIfExists": {MFA: "true"}},
    {"Bool": {"aws:SecureTransport": "false"}},
])  # fmt: skip
def test_not_enforced(condition: Any) -> None:
    assert enforcement(deny(condition)).enforced.is_false


def test_a_deny_of_some_actions_is_no_enforcement_of_all() -> None:
    some_actions = enforcement(deny({"BoolIfExists": {MFA: "false"}}, Action=["iam:*", "s3:*"]))
    assert some_actions.enforced.is_false
    assert [(e.pattern, e.value.plain()) for e in some_actions.exemptions] == [("*", ["iam:*", "s3:*"])]
    one_bucket = enforcement(deny({"BoolIfExists": {MFA: "false"}}, Action="*", Resource="arn:aws:s3:::b"))
    assert one_bucket.enforced.is_false
    assert [e.value.plain() for e in one_bucket.exemptions] == ["arn:aws:s3:::b"]
    nothing = enforcement(deny({"BoolIfExists": {MFA: "false"}}, NotAction="*"))
    assert nothing.enforced.is_false


def test_what_an_effective_deny_leaves_open() -> None:
    exempt = [
        "iam:EnableMFADevice",
        "IAM:getuser",
        "s3:*",
        "iam:DeactivateMFADevice",
        "iam:*MFADevice",
        "sts:GetSessionToken",
    ]
    result = enforcement(deny({"BoolIfExists": {MFA: "false"}}, NotAction=exempt))
    assert [(e.pattern, e.undoing) for e in result.exemptions] == [
        ("s3:*", False), ("iam:DeactivateMFADevice", True), ("iam:*MFADevice", True),
    ]  # fmt: skip
    assert not list(enforcement(deny({"BoolIfExists": {MFA: "false"}})).exemptions)
    closed = enforcement(
        deny({"BoolIfExists": {MFA: "false"}}, NotAction=["s3:*", "iam:GetUser"]),
        deny({"BoolIfExists": {MFA: "false"}}, Action="s3:*"),
    )
    assert not list(closed.exemptions)


def test_unknown_parts_of_enforcement() -> None:
    value = enforcement(deny({"BoolIfExists": {MFA: unknown_value()}}))
    assert value.enforced.value is None
    exempt = enforcement(deny({"BoolIfExists": {MFA: "false"}}, NotAction=["iam:GetUser", unknown_value()]))
    assert exempt.enforced.value is None and exempt.exemptions.gaps
    more = mfa_enforcement(document(deny({"BoolIfExists": {MFA: "false"}})), Document.parse(unknown_value()))
    assert more.enforced.is_true
    assert mfa_enforcement(Document.parse(unknown_value())).enforced.value is None


@pytest.mark.parametrize("condition, weak, required, operator", [
    ({"Bool": {MFA: "true"}}, False, True, ""),
    ({"BoolIfExists": {MFA: "true"}}, True, False, "Bool"),
    ({"StringEqualsIfExists": {MFA: "true"}}, True, False, "StringEquals"),
    ({"Null": {MFA: "false"}}, False, False, ""),
    ({"Null": {MFA: ["true", "false"]}}, True, False, ""),
    ({"NumericLessThan": {AGE: "3600"}}, False, True, ""),
    ({"NumericLessThanIfExists": {AGE: "3600"}}, True, False, "NumericLessThan"),
    ({"NumericLessThanIfExists": {AGE: "3600"}, "Bool": {MFA: "true"}}, False, True, ""),
    ({"BoolIfExists": {MFA: "true"}, "IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, True, False, "Bool"),
    ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, False, False, ""),
])  # fmt: skip
def test_allows_with_mfa(condition: Any, weak: bool, required: bool, operator: str) -> None:
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
    result = enforcement(allow)
    assert [w.operator for w in result.weaknesses] == ([operator] if weak else [])
    assert only(document(allow)).requires_mfa().value is required


def test_an_allow_for_self_service_without_mfa_is_no_weakness() -> None:
    allow = {"Effect": "Allow", "Action": ["iam:EnableMFADevice"], "Resource": "*"}
    result = enforcement(allow | {"Condition": {"BoolIfExists": {MFA: "true"}}})
    assert result.weaknesses.exists().is_false


def test_a_deny_that_stops_what_an_allow_lets_in() -> None:
    allow = {
        "Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"BoolIfExists": {MFA: "true"}},
    }  # fmt: skip
    assert enforcement(allow).weaknesses.exists().is_true
    assert enforcement(allow, deny({"BoolIfExists": {MFA: "false"}})).weaknesses.exists().is_false
    spared = deny({"BoolIfExists": {MFA: "false"}}, NotAction="s3:*")
    assert enforcement(allow, spared).weaknesses.exists().is_true
    hidden = Document.parse(unknown_value())
    assert mfa_enforcement(document(allow), hidden).weaknesses.exists().value is None


mfa_conditions = st.builds(
    lambda operator, key, word, more: {operator: {key: word}} | more,
    st.sampled_from([
        "Bool", "BoolIfExists", "StringNotEquals", "Null", "NumericGreaterThan", "NumericLessThanIfExists",
    ]),
    st.sampled_from([MFA, MFA, AGE]),
    st.sampled_from(["true", "false", "3600"]),
    st.sampled_from([
        {}, {}, {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, {"StringNotEqualsIfExists": {"aws:username": "bo"}},
    ]),
)  # fmt: skip
mfa_statements = st.builds(
    lambda effect, scope, resource, condition: {"Effect": effect, "Resource": resource, "Condition": condition} | scope,
    st.sampled_from(["Deny", "Deny", "Allow"]),
    st.sampled_from([
        {"Action": "*"}, {"Action": ["s3:*", "iam:*"]}, {"NotAction": ["iam:GetUser"]}, {"NotAction": ["s3:*"]},
        {"Action": "iam:EnableMFADevice"}, {"NotAction": ["iam:GetUser", "iam:CreateAccessKey"]},
    ]),
    st.sampled_from(["*", "*", "arn:aws:s3:::b"]),
    mfa_conditions,
)  # fmt: skip


@settings(max_examples=400)
@given(st.lists(mfa_statements, min_size=1, max_size=3), st.data())
def test_an_unknown_part_never_turns_what_is_said_of_mfa(policy: list[Any], data: st.DataObject) -> None:
    known = enforcement(*policy)
    partly = mfa_enforcement(
        Document.parse(value_of(forget({"Version": "2012-10-17", "Statement": policy}, data.draw)))
    )
    for mine, truth in (
        (partly.enforced, known.enforced),
        (partly.weaknesses.exists(), known.weaknesses.exists()),
        (partly.exemptions.exists(), known.exemptions.exists()),
    ):
        assert not mine.decided or mine == truth
        assert mine.decided or mine.reasons


@given(st.lists(mfa_statements, min_size=1, max_size=3))
def test_enforcement_is_what_the_evaluator_says(policy: list[Any]) -> None:
    """Enforced means that somebody without MFA is denied an action that no policy names."""
    known = enforcement(*policy)
    parsed = document({"Effect": "Allow", "Action": "*", "Resource": "*"}, *policy)
    somebody = Principal("arn:aws:iam::999999999999:user/somebody")
    for facts in ({}, {MFA: "false"}):
        context = Context({**facts, "aws:SourceIp": "198.51.100.1"}, ABSENT)
        outcome = decide(Request("sqs:SendMessage", "arn:aws:sqs:::q", somebody, context), [parsed]).outcome
        if known.enforced.is_true:
            assert outcome is Outcome.EXPLICIT_DENY
        if outcome is Outcome.ALLOW:
            assert known.enforced.is_false


# -- other questions -------------------------------------------------------------------------------------


def public(condition: Any = None, principal: Any = "*", **elements: Any) -> Truth:
    statement = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"} | elements
    if principal is not None:
        statement["Principal"] = principal
    if condition:
        statement["Condition"] = condition
    return document(statement).public_statements().exists()


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": ["arn:aws:iam::111122223333:root", "*"]}])
def test_everyone_is_public(principal: Any) -> None:
    assert public(principal=principal).is_true


def test_who_is_not_everyone() -> None:
    assert public(principal={"AWS": "arn:aws:iam::111122223333:root"}).is_false
    assert public(principal={"Service": "*"}).is_false
    assert public(principal=None, NotPrincipal={"AWS": "arn:aws:iam::111122223333:root"}).is_true
    assert public(Effect="Deny").is_false
    assert public(principal={"AWS": unknown_value()}).value is None
    assert public(principal={"AWS": unknown_value("arn:aws:iam::")}).is_false
    assert public(principal=unknown_value()).value is None


@pytest.mark.parametrize("condition, tied", [
    ({"StringEquals": {"kms:CallerAccount": "111122223333"}}, True),
    ({"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}, False),
    ({"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com", "kms:CallerAccount": "111122223333"}}, True),
    ({"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}, True),
    ({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-abc"}}, False),
    ({"StringNotEquals": {"aws:PrincipalOrgID": "o-abc"}}, False),
    ({"StringLike": {"aws:PrincipalOrgID": "*"}}, False),
    ({"StringLike": {"kms:CallerAccount": "1111*"}}, False),
    ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-abc/r-1/*"}}, True),
    ({"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-abc/r-1/*"}}, False),
    ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}, True),
    ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}}, False),
    ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::bucket*"}}, True),
    ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}}, False),
    ({"StringEquals": {"aws:SourceAccount": ["111122223333", "444455556666"]}}, True),
    ({"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}}, True),
    ({"StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalAccount}"}}, False),
    ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, True),
    ({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/0"]}}, False),
    ({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, False),
    ({"Bool": {"aws:SecureTransport": "true"}}, False),
    ({"Null": {"aws:SourceVpce": "false"}}, False),
    ({"StringEquals": {"aws:SourceVpce": "vpce-1"}}, True),
    ({"StringEquals": {"AWS:SOURCEACCOUNT": 111122223333}}, True),
])  # fmt: skip
def test_conditions_that_tie_a_caller(condition: Any, tied: bool) -> None:
    assert public(condition).is_true is not tied


def test_ties_that_are_unknown() -> None:
    reference = unknown_value()
    reference.refs = (Ref(Address("data.aws_caller_identity.current"), "account_id"),)
    assert public({"StringEquals": {"aws:SourceAccount": reference}}).is_false
    assert public({"StringEquals": {"aws:SourceAccount": unknown_value()}}).value is None
    assert public({"ArnLike": {"aws:SourceArn": unknown_value("arn:aws:s3:::bucket")}}).is_false
    assert public({"ArnLike": {"aws:SourceArn": unknown_value("arn:aws:iam::")}}).value is None
    office = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    only_accounts = document({"Effect": "Allow", "Principal": "*", "Action": "*", "Condition": office})
    assert only_accounts.public_statements(["kms:CallerAccount"]).exists().is_true


def test_administrators() -> None:
    def admin(**elements: Any) -> Truth:
        return document({"Effect": "Allow", "Action": "*", "Resource": "*"} | elements).admin_statements().exists()

    assert admin().is_true and admin(Action=["s3:Get*", "*:*"]).is_true and admin(Resource=["arn:x", "*"]).is_true
    assert admin(Action="s3:*").is_false and admin(Resource="arn:aws:s3:::*").is_false and admin(Effect="Deny").is_false
    assert admin(Action=unknown_value()).value is None and admin(Action=[unknown_value("s3:")]).is_false


def test_grants() -> None:
    policy = document(
        {"Sid": "Key", "Effect": "Allow", "Action": ["kms:Schedule*", "kms:Encrypt"], "Resource": "*"},
        {"Sid": "Narrow", "Effect": "Allow", "Action": "cloudtrail:*", "Resource": "arn:aws:cloudtrail:*:*:trail/a"},
        {"Effect": "Deny", "Action": "*", "Resource": "*"},
    )
    assert [s.sid for s in policy.grants(KEY_DESTRUCTION, "*")] == ["Key"]
    assert [s.sid for s in policy.grants(AUDIT_TAMPERING)] == ["Narrow"]
    assert [s.sid for s in policy.grants(AUDIT_TAMPERING, "*")] == []
    assert [v.data for v in policy.statements.items[0].action_values("kms:ScheduleKeyDeletion")] == ["kms:Schedule*"]
    inverted = document({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})
    assert inverted.grants("kms:DisableKey", "*").exists().is_true and inverted.grants("iam:*").exists().is_false


def test_trust() -> None:
    policy = document(
        {
            "Effect": "Allow",
            "Action": ["sts:AssumeRole", "sts:TagSession"],
            "Principal": {
                "AWS": ["444455556666", "arn:aws:iam::111122223333:user/ana"],
                "Service": "ec2.amazonaws.com",
            },
            "Condition": {"Bool": {MFA: "true"}},
        },
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"AWS": "arn:aws:iam::777788889999:root"},
            "Condition": {"StringEquals": {"sts:ExternalId": "x"}},
        },
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRoleWithSAML",
            "Principal": {"Federated": "arn:aws:iam::111122223333:saml-provider/p"},
        },
    )
    found = list(policy.trust())
    assert [(t.principal.kind, t.principal.account) for t in found] == [
        ("AWS", "444455556666"), ("AWS", "111122223333"), ("Service", ""), ("AWS", "777788889999"),
        ("Federated", "111122223333"),
    ]  # fmt: skip
    assert [t.requires_mfa.value for t in found] == [True, True, True, False, False]
    assert [t.requires_external_id.value for t in found] == [False, False, False, True, False]
    assert [t.principal.is_account.value for t in found] == [True, False, False, True, False]
    assert [t.principal.entity("user").value for t in found] == [False, True, False, False, False]
