"""Documents are read from text and mappings, with places and errors, whatever is unknown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iaclint.aws.reasoning.policy import Condition, Document, mfa_enforcement
from iaclint.aws.reasoning.policy.context import Context
from iaclint.model.address import Address
from iaclint.model.truth import Undetermined
from iaclint.model.value import Ref, Unknown, UnknownCause, Value
from iaclint.source.files import SourceFile
from tests.aws.reasoning.policy.samples import (
    ALLOW,
    document,
    only,
    outcome,
    statement,
    unknown_of,
    unknown_value,
    value_of,
)
from tests.model.test_json_text import json_values

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


def test_the_operator_that_is_meant_is_the_last_one_before_the_keys() -> None:
    text = '{"Version":"2012-10-17","Statement":[{"Sid":"Bool","Effect":"Allow","Action":"*","Resource":"*",' + (
        '"Condition":{"BoolIfExists":{"a:b":"true"},"Bool":{"c:d":"true"}}}]}'
    )
    file = SourceFile("p.json", text)
    [made] = Document.parse(Value(text, file.whole)).statements.items
    spans = {c.operator: c.operator_span for c in made.conditions.items}
    for operator, at in (
        ("BoolIfExists", text.index("BoolIfExists")),
        ("Bool", text.index("Bool", text.index("c:d") - 8)),
    ):
        span = spans[operator]
        assert span is not None and (span.start, span.text) == (at, operator)
    one = made.conditions.items[0]
    elsewhere: Value[Any] = Value({}, SourceFile("q.json", text).whole)
    assert Condition(one.operator, one.key, one.values, one.value, elsewhere, one.statement).operator_span is None


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
    outcome([parsed], "s3:GetObject", "*", Context())
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
    hole = hole.replace(refs=(ref,))
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
    assert (
        first.names_everyone().is_true
        and first.restricts_caller().is_true
        and parsed.public_statements().exists().is_false
    )
    assert first.overlaps_action("s3:Get*").value is None and first.overlaps_action("s3:*").is_true
    assert first.covers_resource("*").is_false and second.covers_resource("*").value is None
    assert second.principals is not None and second.principals.items[0].is_everyone.is_false
    broken: Value[Any] = Value(Unknown(UnknownCause.INPUT, "x", parts=(value_of("{"), hole, value_of("}"))), whole.span)
    assert Document.parse(broken).statements.exists().value is None


@pytest.mark.parametrize(
    ("elements", "message"),
    [
        ({"Effect": None}, "a statement has no Effect"),
        ({"Effect": "allow"}, "Effect is 'allow', and has to be Allow or Deny"),
        ({"Effect": "Permit"}, "Effect is 'Permit', and has to be Allow or Deny"),
        ({"Action": None}, "a statement has neither Action nor NotAction"),
        ({"NotAction": "a:b"}, "a statement has both Action and NotAction"),
        ({"NotResource": "a"}, "a statement has both Resource and NotResource"),
        ({"Ressource": "a"}, "Ressource is no element of the policy language"),
        ({"sid": "a"}, "AWS spells sid as Sid"),
        ({"Resource": [["a"]]}, "a text is expected here"),
        ({"Principal": "ana"}, "a principal is 'ana': it needs AWS, Service or Federated before it"),
        ({"Principal": {"User": "a"}}, "User is no kind of principal"),
        ({"Condition": "a"}, "Condition is not an object"),
        ({"Condition": {"Bool": "a"}}, "Bool holds no condition keys"),
        ({"Condition": {"Boolean": {"a:b": "c"}}}, "Boolean is no condition operator"),
    ],
)
def test_what_is_wrong_is_said(elements: dict[str, Any], message: str) -> None:
    parsed = Document.parse(value_of({"Version": "2012-10-17", "Statement": [{**ALLOW, **elements}]}))
    assert [problem.message for problem in parsed.errors] == [f"policy: {message}"]


def test_what_is_null_is_not_there() -> None:
    made = statement(Resource="*", Sid=None, Condition={"Bool": None, "StringEquals": {"a:b": None, "c:d": "e"}})
    assert [(c.operator, c.key) for c in made.conditions.items] == [("StringEquals", "c:d")]
    assert not made.conditions.gaps


def test_an_unknown_name_of_an_element_or_a_key_is_a_gap() -> None:
    start = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"'
    pieces = (start, None, '":"true"}}}],"', None, '":1}')
    parsed = Document.parse(unknown_of(*pieces))
    [made] = parsed.statements.items
    assert [reason.detail for reason in made.conditions.gaps] == ["the key of a condition is not known"]
    assert not parsed.errors


def test_more_unknown_pieces_than_can_be_told_apart() -> None:
    for number, read in ((4096, True), (4097, False)):
        pieces = ["["] + [None, ","] * (number - 1) + [None, "]"]
        parsed = Document.parse(value_of({"Version": "2012-10-17", "Statement": unknown_of(*pieces)}))
        assert parsed.statements.gaps
        whole = Document.parse(unknown_of('{"Statement":', *pieces, "}"))
        assert (len(whole.errors) == 0) and bool(whole.statements.gaps)
        assert (len({reason.detail for reason in whole.statements.gaps}) == 1) or not read


def test_without_a_version_a_document_knows_no_variables() -> None:
    made = {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::a/${aws:username}"}
    old = only(Document.parse(value_of({"Statement": [made]})))
    assert old.covers_resource("arn:aws:s3:::a/${aws:username}").is_true
    assert only(document(made)).covers_resource("arn:aws:s3:::a/${aws:username}").is_false


def test_trust() -> None:
    policy = document(
        {
            "Effect": "Allow",
            "Action": ["sts:AssumeRole", "sts:TagSession"],
            "Principal": {
                "AWS": ["444455556666", "arn:aws:iam::111122223333:user/ana"],
                "Service": "ec2.amazonaws.com",
            },
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
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
    assert [t.principal.is_entity("user").value for t in found] == [False, True, False, False, False]
