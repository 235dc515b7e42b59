"""Values, parameters, functions and resources of one template."""

from __future__ import annotations

import json
from typing import Any

import pytest

from iaclint.model.address import Address
from iaclint.model.value import Encoded, Ref, Unknown, UnknownCause, Value
from iaclint.source.edits import Edit, apply_edits
from tests.cloudformation.conftest import UNKNOWN, Bench, bodies, plain

PARAMETERS = """
Parameters:
  Env: {Type: String, AllowedValues: [dev, prod]}
  Free: {Type: String}
  Set: {Type: String, Default: here}
  Number: {Type: Number, Default: 22}
  Cidrs: {Type: CommaDelimitedList, Default: '10.0.0.0/8, 0.0.0.0/0'}
  Number2: {Type: Number}
  Numbers: {Type: 'List<Number>', Default: '1,2'}
  Secret: {Type: String, NoEcho: true, Default: hidden}
  Ami: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /aws/ami}
Mappings:
  Sizes:
    dev: {size: small, ok: true, same: 1}
    prod: {size: large, ok: false, same: 1, list: [a, b]}
  Regions:
    us-east-1: {ami: ami-1}
    eu-west-1: {ami: ami-2}
Conditions:
  Yes: !Equals [a, a]
  No: !Not [!Condition Yes]
  IsProd: !Equals [!Ref Env, prod]
"""


def unknown(value: Value[Any]) -> Unknown:
    assert isinstance(value.data, Unknown)
    return value.data


@pytest.mark.parametrize(
    ("expression", "data"),
    [
        ("!Ref Set", "here"),
        ("!Ref Number", 22),
        ("!Ref Cidrs", ["10.0.0.0/8", "0.0.0.0/0"]),
        ("!Ref Numbers", ["1", "2"]),
        ("!Sub '${Set}-${!Literal}-${Number}'", "here-${Literal}-22"),
        ("!Sub ['${a}/${Set}', {a: !Ref Number}]", "22/here"),
        ("!Sub ''", ""),
        ("!Join [',', [a, !Ref Set, 3, true]]", "a,here,3,true"),
        ("!Join ['', !Ref Cidrs]", "10.0.0.0/80.0.0.0/0"),
        ("!Join [',', [a, !Ref 'AWS::NoValue', b]]", "a,b"),
        ("!Select [1, [a, b]]", "b"),
        ("!Select ['0', !Ref Cidrs]", "10.0.0.0/8"),
        ("!Select [2, !Split ['-', a-b-c]]", "c"),
        ("!Split [',', !Join [',', [a, b]]]", ["a", "b"]),
        ("!FindInMap [Sizes, prod, size]", "large"),
        ("!FindInMap [Sizes, prod, list]", ["a", "b"]),
        ("!FindInMap [Sizes, none, size, {DefaultValue: !Ref Set}]", "here"),
        ("!FindInMap [Sizes, !Ref Env, same]", 1),
        ("!If [Yes, a, b]", "a"),
        ("!If [No, a, b]", "b"),
        ("!If [IsProd, same, same]", "same"),
        ("!If [IsProd, true, 'true']", True),
        ("!Base64 'a b'", "YSBi"),
        ("!Cidr ['10.0.0.0/16', 2, 8]", ["10.0.0.0/24", "10.0.1.0/24"]),
        ("!Cidr ['2001:db8::/56', '2', '64']", ["2001:db8::/64", "2001:db8:0:1::/64"]),
        ("{'Fn::Length': !Ref Cidrs}", 2),
        ("{'Fn::ToJsonString': {a: !Ref Number, b: [!Ref Set]}}", '{"a":22,"b":["here"]}'),
        ("[a, !Ref 'AWS::NoValue', b]", ["a", "b"]),
        ("{a: !Ref 'AWS::NoValue', b: 1}", {"b": 1}),
        ("[!If [No, a, !Ref 'AWS::NoValue']]", []),
        ("{Ref: Set}", "here"),
        ("{'Fn::Sub': {'Fn::Join': ['', ['${', Set, '}']]}}", "here"),
        ("{Condition: x}", {"Condition": "x"}),
        ("{Ref: a, Other: b}", {"Ref": "a", "Other": "b"}),
    ],
)
def test_functions_of_known_values(bench: Bench, expression: str, data: Any) -> None:
    value = bench.value(expression, PARAMETERS)
    assert plain(value) == data
    assert isinstance(plain(value), type(data))
    assert not bench.problems


@pytest.mark.parametrize(
    ("expression", "cause", "inputs", "one_of", "prefix"),
    [
        ("!Ref Free", UnknownCause.INPUT, ("Free",), (), ""),
        ("!Ref Env", UnknownCause.INPUT, ("Env",), ("dev", "prod"), ""),
        ("!Sub 'a-${Env}'", UnknownCause.INPUT, ("Env",), ("a-dev", "a-prod"), "a-"),
        ("!Sub 'a-${Free}-b'", UnknownCause.INPUT, ("Free",), (), "a-"),
        ("!Join ['-', [!Ref Env, !Ref Free]]", UnknownCause.INPUT, ("Env", "Free"), (), ""),
        ("!FindInMap [Sizes, !Ref Env, size]", UnknownCause.INPUT, ("Env",), ("small", "large"), ""),
        (
            "!FindInMap [Regions, !Ref 'AWS::Region', ami]",
            UnknownCause.INPUT,
            ("AWS::Region",),
            ("ami-1", "ami-2"),
            "ami-",
        ),
        ("!Select [!Ref Number2, [a, b]]", UnknownCause.INPUT, ("Number2",), ("a", "b"), ""),
        ("!If [IsProd, a, b]", UnknownCause.INPUT, ("Env",), ("a", "b"), ""),
        ("!If [IsProd, ab, !Sub 'a${Free}']", UnknownCause.INPUT, ("Env", "Free"), (), "a"),
        ("!If [IsProd, {a: 1}, !Ref 'AWS::NoValue']", UnknownCause.INPUT, ("Env",), (), ""),
        ("[a, !If [IsProd, b, !Ref 'AWS::NoValue']]", UnknownCause.INPUT, ("Env",), (), ""),
        ("!Ref Key", UnknownCause.AFTER_APPLY, (), (), ""),
        ("!GetAtt Key.Arn", UnknownCause.AFTER_APPLY, (), (), "arn:"),
        ("!GetAtt [Key, KeyId]", UnknownCause.AFTER_APPLY, (), (), ""),
        ("!Sub '${Key.Arn}:x'", UnknownCause.AFTER_APPLY, (), (), "arn:"),
        ("!Ref Ami", UnknownCause.EXTERNAL, (), (), ""),
        ("!ImportValue other", UnknownCause.EXTERNAL, (), (), ""),
        ("!GetAZs ''", UnknownCause.EXTERNAL, (), (), ""),
        ("!Ref 'AWS::StackId'", UnknownCause.INPUT, ("AWS::StackId",), (), "arn:"),
        ("'{{resolve:secretsmanager:x}}'", UnknownCause.EXTERNAL, (), (), ""),
        ("!Sub 'pre-{{resolve:ssm:${Free}:1}}'", UnknownCause.EXTERNAL, (), (), "pre-"),
        ("{'Fn::ToJsonString': {a: !Ref Free}}", UnknownCause.INPUT, ("Free",), (), '{"a":"'),
    ],
)
def test_unknowns_say_what_they_hang_on(
    bench: Bench, expression: str, cause: UnknownCause, inputs: tuple[str, ...], one_of: tuple[Any, ...], prefix: str
) -> None:
    data = unknown(bench.value(expression, PARAMETERS))
    assert (data.cause, data.inputs, data.one_of, data.prefix) == (cause, inputs, one_of, prefix)
    assert not bench.problems


def test_partitions_are_listed(bench: Bench) -> None:
    value = bench.value("!Sub 'arn:${AWS::Partition}:iam::aws:policy/AdministratorAccess'")
    assert value.test(lambda text: text.endswith(":policy/AdministratorAccess")).is_true
    assert unknown(value).prefix == "arn:aws"


@pytest.mark.parametrize(
    ("expression", "refs"),
    [
        ("!Ref Key", (Ref(Address("Key")),)),
        ("!GetAtt Key.Arn", (Ref(Address("Key"), "Arn"),)),
        ("!Sub '${Key}/${Key.Arn}'", (Ref(Address("Key")), Ref(Address("Key"), "Arn"))),
        ("!Join ['', [a, !GetAtt Key.Arn]]", (Ref(Address("Key"), "Arn"),)),
        ("!Select [5, !Split [':', !GetAtt Key.Arn]]", (Ref(Address("Key"), "Arn"),)),
        ("!If [IsProd, !Ref Key, !Ref Key]", (Ref(Address("Key")),)),
        ("!If [IsProd, !Ref Key, other]", ()),
        ("!Select [!Ref Number2, [!Ref Key, !Ref Key]]", (Ref(Address("Key")),)),
        ("!Select [!Ref Number2, [!Ref Key, other]]", ()),
        ("!FindInMap [Sizes, none, size, {DefaultValue: !GetAtt Key.Arn}]", (Ref(Address("Key"), "Arn"),)),
    ],
)
def test_references_are_kept(bench: Bench, expression: str, refs: tuple[Ref, ...]) -> None:
    assert bench.value(expression, PARAMETERS).refs == refs


def test_an_unknown_text_keeps_its_pieces(bench: Bench) -> None:
    value = bench.value("!Join ['/', [a, !Sub '${Free}-b', c]]", PARAMETERS)
    assert [plain(part) for part in unknown(value).parts] == ["a/", UNKNOWN, "-b/c"]
    assert value.ends_with("c").is_true
    value = bench.value("!Join ['/', [!Ref Free, 32, true]]", PARAMETERS)
    assert [plain(part) for part in unknown(value).parts] == [UNKNOWN, "/32/true"]
    value = bench.value("{'Fn::ToJsonString': {a: [!Ref Free, 1], b: x}}", PARAMETERS)
    assert [plain(part) for part in unknown(value).parts] == ['{"a":["', UNKNOWN, '",1],"b":"x"}']
    encoded = unknown(value).encoded
    assert encoded is not None and plain(encoded) == {"a": [UNKNOWN, 1], "b": "x"}


def test_a_known_json_text_keeps_what_it_encodes(bench: Bench) -> None:
    value = bench.value("{'Fn::ToJsonString': {a: !Ref Set}}", PARAMETERS)
    assert value.data == '{"a":"here"}' and isinstance(value.data, Encoded)
    assert value.data.value.key("a").origin.text == "here"


def test_modules_of_the_registry_are_gaps(bench: Bench) -> None:
    stack = bench.load(
        "Resources:\n  M: {Type: 'Own::Net::Vpc::MODULE'}\n"
        "  T: {Type: 'AWS::SNS::Topic', Properties: {TopicName: !Ref M.Name}}\n"
    )
    assert [gap.detail for gap in stack.gaps] == ["module M is not here: it may hold resources"]
    assert not stack.problems


def test_the_trail_leads_from_the_use_to_the_literal(bench: Bench) -> None:
    value = bench.value("!Ref Set", PARAMETERS)
    assert value.span.text == "!Ref Set"
    assert [(step.what, step.span.text) for step in value.trail] == [("parameter Set", "Set"), ("default", "here")]
    assert value.origin.text == "here"

    value = bench.value("!FindInMap [Sizes, prod, size]", PARAMETERS)
    assert [(step.what, step.span.text) for step in value.trail] == [("mapping Sizes", "large")]

    value = bench.value("!Sub 'x-${Set}'", PARAMETERS)
    assert value.span.text == "!Sub 'x-${Set}'"
    assert value.origin.text == "here"

    value = bench.value("!If [Yes, chosen, b]", PARAMETERS)
    assert (value.span.text, value.trail) == ("chosen", ())

    item = bench.value("!Ref Cidrs", PARAMETERS).data[1]
    assert (item.data, item.span.text, item.origin.text) == ("0.0.0.0/0", "!Ref Cidrs", "'10.0.0.0/8, 0.0.0.0/0'")


def test_secrets_are_marked(bench: Bench) -> None:
    assert bench.value("!Ref Secret", PARAMETERS).sensitive
    assert bench.value("!Sub 'a${Secret}'", PARAMETERS).sensitive
    resolved = bench.value("'{{resolve:secretsmanager:db:SecretString:password}}'", PARAMETERS)
    assert resolved.unknown is not None
    assert resolved.unknown.detail == "read from secretsmanager at deployment"
    assert resolved.is_set().is_true


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("!Ref Nothing", "there is no parameter or resource Nothing"),
        ("!GetAtt Nothing.Arn", "there is no resource Nothing"),
        ("!GetAtt Key", "Fn::GetAtt needs a logical id and an attribute"),
        ("!Sub '${Nothing.Arn}'", "there is no resource Nothing"),
        ("!Sub [a, b]", "Fn::Sub needs a text and a mapping of variables"),
        ("!Join [',']", "Fn::Join needs a delimiter and a list"),
        ("!Join [',', x]", "Fn::Join needs a list"),
        ("!Select [5, [a]]", "there is no item 5 in a list of 1"),
        ("!FindInMap [Nothing, a, b]", "there is no mapping Nothing"),
        ("!FindInMap [Sizes, dev, nothing]", "there is no entry Sizes, dev, nothing"),
        ("!If [Nothing, a, b]", "there is no condition Nothing"),
        ("!If [Yes, a]", "Fn::If needs a condition and two values"),
        ("!Cidr ['10.0.0.0/30', 2, 8]", "Fn::Cidr cannot cut"),
        ("{'Fn::Length': 3}", "Fn::Length needs a list"),
        ("!Nonsense a", "Fn::Nonsense is not a function of CloudFormation"),
    ],
)
def test_what_cloudformation_would_refuse_is_a_problem(bench: Bench, expression: str, message: str) -> None:
    value = bench.value(expression, PARAMETERS)
    assert isinstance(value.data, Unknown)
    [problem] = bench.problems
    assert message in problem.message
    assert not problem.fatal
    assert problem.span is not None


def test_parameters_are_inputs(bench: Bench) -> None:
    stack = bench.load(PARAMETERS + "\nResources: {}\n")
    inputs = stack.inputs
    assert inputs["Env"].domain == ("dev", "prod")
    assert unknown(inputs["Env"].value).one_of == ("dev", "prod")
    assert inputs["Set"].value.data == "here"
    assert inputs["Free"].domain == ()


@pytest.mark.parametrize(
    ("declaration", "domain"),
    [
        ("{Type: String, AllowedValues: [true, false]}", ("true", "false")),
        ("{Type: Number, AllowedValues: [22, 443]}", ("22", "443")),
        ("{Type: String, AllowedPattern: '^(dev|prod)$'}", ("dev", "prod")),
        ("{Type: String, AllowedPattern: 'true|false'}", ("true", "false")),
        ("{Type: String, AllowedPattern: '[a-z]+'}", ()),
        ("{Type: CommaDelimitedList, AllowedValues: [a, b]}", ()),
        ("{Type: String}", ()),
    ],
)
def test_domains(bench: Bench, declaration: str, domain: tuple[str, ...]) -> None:
    stack = bench.load(f"Parameters:\n  P: {declaration}\nResources: {{}}\n")
    assert stack.inputs["P"].domain == domain


def test_a_default_outside_of_the_allowed_values_is_a_problem(bench: Bench) -> None:
    stack = bench.load("Parameters:\n  P: {Type: String, Default: x, AllowedValues: [a]}\nResources: {}\n")
    assert [p.message for p in stack.problems] == ["'x' is not among the allowed values of parameter P"]


RESOURCES = """
Parameters:
  Env: {Type: String, AllowedValues: [dev, prod]}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
  Never: !Equals [a, b]
Resources:
  Key:
    Type: AWS::KMS::Key
    Condition: IsProd
    DependsOn: Topic
    DeletionPolicy: Retain
    UpdateReplacePolicy: Delete
    Metadata:
      iaclint:
        ignore: []
    Properties:
      Enabled: true   # on

  Gone:
    Type: AWS::S3::Bucket
    Condition: Never
  Topic:
    Type: AWS::SNS::Topic
Outputs:
  Arn: {Value: !GetAtt Key.Arn, Export: {Name: key-arn}}
  None: {Value: x, Condition: Never}
"""


def test_resources(bench: Bench) -> None:
    stack = bench.load(RESOURCES)
    key = stack.by_address["Key"]
    assert list(stack.by_address) == ["Key", "Topic"]
    assert (key.vendor, key.kind) == ("cloudformation", "AWS::KMS::Key")
    assert key.header.text == "Key"
    assert key.span.text.startswith("Key:") and key.span.text.endswith("Enabled: true")
    assert not key.exists.decided
    assert key.exists.reasons[0].inputs == ("Env",)
    assert stack.by_address["Topic"].exists.is_true
    assert {name: plain(value) for name, value in key.meta.items()} == {
        "Condition": "IsProd",
        "DependsOn": "Topic",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Delete",
        "Metadata": {"iaclint": {"ignore": []}},
    }
    assert key.meta["DependsOn"].refs == (Ref(Address("Topic")),)
    assert bodies(stack) == {"Key": {"Enabled": True}, "Topic": {}}
    assert stack.header.text == "Resources"
    assert list(stack.outputs) == ["Arn"]
    assert stack.outputs["Arn"].refs == (Ref(Address("Key"), "Arn"),)
    assert not stack.problems


def test_slots_insert_properties_in_every_spelling(bench: Bench) -> None:
    texts = {
        "a.yaml": "Resources:\n  A:\n    Type: AWS::KMS::Key # c\n    Properties:\n      # why\n      Enabled: true\n",
        "b.yaml": "Resources:\n  A:\n    Type: AWS::KMS::Key # c\n",
        "c.yaml": "Resources:\n  A: {Type: 'AWS::KMS::Key', Properties: {Enabled: true}}\n",
        "d.yaml": "Resources:\n  A: {Type: 'AWS::KMS::Key'}\n",
        "e.yaml": "Resources:\n  A:\n    Type: AWS::KMS::Key\n    Properties: {}\n",
        "f.yaml": "Resources:\n  A:\n    Type: AWS::KMS::Key\n    Properties:\n    DependsOn: []\n",
        "a.json": '{"Resources": {"A": {"Type": "AWS::KMS::Key", "Properties": {"Enabled": true}}}}',
        "b.json": '{"Resources": {"A": {"Type": "AWS::KMS::Key"}}}',
        "c.json": json.dumps(
            {"Resources": {"A": {"Type": "AWS::KMS::Key", "Properties": {"Enabled": True}}}}, indent=2
        ),
        "d.json": json.dumps({"Resources": {"A": {"Type": "AWS::KMS::Key", "Properties": {}}}}, indent=2),
        "e.json": json.dumps({"Resources": {"A": {"Type": "AWS::KMS::Key"}}}, indent="\t"),
    }
    for name, text in texts.items():
        for slot_name in ("", "meta"):
            bench.write(name, text)
            before = bench.load(name=name)
            assert not before.problems, name
            [resource] = before.resources
            slot = resource.insertion_points[slot_name]
            written = "DeletionPolicy" if slot_name else "EnableKeyRotation"
            spelt = {"": "true", "meta": '"Retain"'}[slot_name]
            edit = Edit(slot.at, slot.template.format(name=written, value=spelt))
            changed = apply_edits(before.files[0].text, [edit])
            bench.write(name, changed)
            after = bench.load(name=name)
            assert not after.problems, changed
            expected = plain(resource.body) | ({} if slot_name else {"EnableKeyRotation": True})
            assert plain(after.by_address["A"].body) == expected, changed
            assert slot_name == "" or plain(after.by_address["A"].meta["DeletionPolicy"]) == "Retain", changed
            assert len(changed.splitlines()) >= len(text.splitlines())


def test_a_resource_without_a_type_is_a_problem(bench: Bench) -> None:
    stack = bench.load("Resources:\n  A: {Properties: {}}\n  B: 3\n  C: {Type: 'AWS::SNS::Topic'}\n")
    assert [problem.message for problem in stack.problems] == ["resource A has no Type", "resource B must be a mapping"]
    assert list(stack.by_address) == ["C"]


def test_several_documents_are_kept_apart(bench: Bench) -> None:
    one = "Parameters: {P: {Type: String}}\nResources:\n  A: {Type: 'AWS::SNS::Topic', DependsOn: []}\n"
    stack = bench.load(one + "---\n" + one)
    assert list(stack.by_address) == ["A", "document 2/A"]
    assert list(stack.inputs) == ["P", "document 2/P"]


LOOPS = """
Transform: AWS::LanguageExtensions
Parameters:
  Ports: {Type: CommaDelimitedList, Default: '22,3389'}
  Later: {Type: CommaDelimitedList}
Mappings:
  Names: {All: {list: [a-1, b-2]}}
Conditions:
  'Fn::ForEach::C':
    - Name
    - [One, Two]
    - 'Is${Name}': !Equals [!Ref 'AWS::Region', '${Name}']
Resources:
  'Fn::ForEach::Rules':
    - Port
    - !Ref Ports
    - 'Rule${Port}':
        Type: AWS::EC2::SecurityGroupIngress
        Properties: {FromPort: !Ref Port, ToPort: !Sub '${Port}', CidrIp: 0.0.0.0/0, Description: 'port ${Port}'}
  'Fn::ForEach::Outer':
    - X
    - [P, Q]
    - 'Fn::ForEach::Inner':
        - Y
        - !FindInMap [Names, All, list]
        - 'T${X}&{Y}':
            Type: AWS::SNS::Topic
            Properties: {TopicName: !Sub '${X}-${Y}', 'Fn::ForEach::Props': [Z, [K], {'Prop${Z}': !Ref Z}]}
"""


def test_loops(bench: Bench) -> None:
    stack = bench.load(LOOPS)
    assert not stack.problems
    assert bodies(stack) == {
        "Rule22": {"FromPort": "22", "ToPort": "22", "CidrIp": "0.0.0.0/0", "Description": "port 22"},
        "Rule3389": {"FromPort": "3389", "ToPort": "3389", "CidrIp": "0.0.0.0/0", "Description": "port 3389"},
        "TPa1": {"TopicName": "P-a-1", "PropK": "K"},
        "TPb2": {"TopicName": "P-b-2", "PropK": "K"},
        "TQa1": {"TopicName": "Q-a-1", "PropK": "K"},
        "TQb2": {"TopicName": "Q-b-2", "PropK": "K"},
    }
    assert {"condition IsOne", "condition IsTwo"} <= set(stack.inputs)


def test_a_loop_over_what_is_not_known_runs_once_with_unknown_items(bench: Bench) -> None:
    stack = bench.load(LOOPS.replace("!Ref Ports", "!Ref Later"))
    assert bodies(stack)["Rule*"] == {
        "FromPort": UNKNOWN,
        "ToPort": UNKNOWN,
        "CidrIp": "0.0.0.0/0",
        "Description": "port ${Port}",
    }
    assert "parameter Later has no default" in stack.gaps[0].detail
    assert not stack.problems


def test_not_a_template(bench: Bench) -> None:
    for text in ("- a\n", "a: 1\n", "text\n", "{}"):
        stack = bench.load(text)
        assert "not a CloudFormation template" in stack.problems[0].message
        assert stack.problems[0].fatal
        assert stack.gaps


@pytest.mark.parametrize(
    "text",
    [
        "Resources: {A: {Type: 'AWS::SNS::Topic', Properties: !Ref 'AWS::NoValue'}}",
        "Resources: {A: {Type: 'AWS::SNS::Topic', Properties: null, DependsOn: null, Condition: null}}",
        "Resources: {A: {Type: 'AWS::SNS::Topic'}}\nParameters: null\nMappings:\nConditions: {}\nOutputs: ~\n",
        "Resources: {A: {Type: 'AWS::SNS::Topic'}}\nRules: {R: {Assertions: [{Assert: {'Fn::Contains': [[a], a]}}]}}\n",
    ],
)
def test_odd_but_accepted(bench: Bench, text: str) -> None:
    stack = bench.load(text)
    assert not stack.problems
    assert bodies(stack) == {"A": {}}
