"""Conditions, and the worlds that fix what they hang on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cloudformation.conftest import UNKNOWN, Bench, plain

FINITE = """
Parameters:
  Env: {Type: String, AllowedValues: [dev, stage, prod]}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
  IsDev: !Equals [dev, !Ref Env]
  Either: !Or [!Condition IsProd, !Condition IsDev]
  Both: !And [!Condition IsProd, !Condition IsDev]
Resources:
  Key:
    Type: AWS::KMS::Key
    Condition: Either
    Properties:
      Rotate: !If [IsProd, true, false]
      Both: !If [Both, a, b]
"""


def test_finite_parameters_decide_conditions(bench: Bench) -> None:
    stack = bench.load(FINITE)
    key = stack.by_address["Key"]
    assert key.exists.reasons[0].inputs == ("Env",)
    assert plain(key.body) == {"Rotate": UNKNOWN, "Both": UNKNOWN}
    assert list(stack.inputs) == ["Env"]
    shown = {}
    for env in stack.inputs["Env"].domain:
        world = bench.load(FINITE, values={"Env": env})
        shown[env] = {r.address: (r.exists.value, plain(r.body)) for r in world.resources}
    assert shown == {
        "dev": {"Key": (True, {"Rotate": False, "Both": "b"})},
        "stage": {},
        "prod": {"Key": (True, {"Rotate": True, "Both": "b"})},
    }


FREE = """
Parameters:
  Name: {Type: String}
  Env: {Type: String, AllowedValues: [dev, prod]}
Conditions:
  HasName: !Not [!Equals [!Ref Name, '']]
  NoName: !Equals [!Ref Name, '']
  IsHome: !Equals [!Ref Name, home]
  Here: !Equals [!Ref 'AWS::Region', eu-west-1]
  NotHere: !Not [!Condition Here]
  Mixed: !And [!Condition Here, !Equals [!Ref Env, prod]]
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      HasName: !If [HasName, 1, 0]
      NoName: !If [NoName, 1, 0]
      IsHome: !If [IsHome, 1, 0]
      Here: !If [Here, 1, 0]
      NotHere: !If [NotHere, 1, 0]
      Mixed: !If [Mixed, 1, 0]
      Name: !If [HasName, !Ref Name, none]
      Region: !Ref 'AWS::Region'
"""


def test_what_is_not_finite_makes_the_condition_an_input(bench: Bench) -> None:
    stack = bench.load(FREE)
    body = stack.by_address["Key"].body
    assert {name: value.unknown.inputs for name, value in body.data.items() if value.unknown} == {
        "HasName": ("condition HasName",),
        "NoName": ("condition NoName",),
        "IsHome": ("condition IsHome",),
        "Here": ("condition Here",),
        "NotHere": ("condition Here",),
        "Mixed": ("condition Here", "Env"),
        "Name": ("condition HasName", "Name"),
        "Region": ("AWS::Region",),
    }
    assert stack.inputs["condition Here"].domain == (True, False)
    assert "condition Mixed" not in stack.inputs
    assert "AWS::Region depends on where it is deployed" in str(body.key("Here").reasons[0])


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({"condition Here": True}, {"Here": 1, "NotHere": 0, "Mixed": UNKNOWN, "Region": "eu-west-1"}),
        ({"condition Here": False}, {"Here": 0, "NotHere": 1, "Mixed": 0, "Region": UNKNOWN}),
        ({"condition Here": True, "Env": "prod"}, {"Here": 1, "Mixed": 1}),
        ({"Env": "dev"}, {"Here": UNKNOWN, "Mixed": 0}),
        ({"AWS::Region": "eu-west-1", "Env": "prod"}, {"Here": 1, "Mixed": 1}),
        # what a world says of a condition that compares a parameter is said of the parameter
        ({"condition HasName": False}, {"HasName": 0, "NoName": 1, "IsHome": 0, "Name": "none"}),
        ({"condition HasName": True}, {"HasName": 1, "NoName": 0, "IsHome": UNKNOWN}),
        ({"condition NoName": True}, {"HasName": 0, "IsHome": 0}),
        ({"condition IsHome": True}, {"HasName": 1, "NoName": 0, "Name": "home"}),
        # a world that contradicts itself is no world: what is computed wins
        ({"condition IsHome": True, "condition NoName": True}, {"IsHome": 0, "NoName": 1}),
        ({"Name": "home", "condition IsHome": False}, {"IsHome": 1}),
    ],
)
def test_worlds(bench: Bench, values: dict[str, Any], shown: dict[str, Any]) -> None:
    stack = bench.load(FREE, values=values)
    body = plain(stack.by_address["Key"].body)
    assert {name: body[name] for name in shown} == shown


@pytest.mark.parametrize(
    ("condition", "truth"),
    [
        ("!Equals [true, 'true']", True),
        ("!Equals [22, '22']", True),
        ("!Equals [a, A]", False),
        ("!Equals [!Join ['', [a, b]], ab]", True),
        ("!Equals [!Ref Env, nothing]", False),
        ("!Equals [!Sub 'x-${Free}', y]", False),
        ("!Equals [!Ref Free, y]", None),
        ("!Or [!Equals [!Ref Free, y], !Equals [a, a]]", True),
        ("!And [!Equals [!Ref Free, y], !Equals [a, b]]", False),
        ("!Equals [!Select [0, !Ref List], a]", True),
        ("!Equals [!FindInMap [M, !Ref Env, on], 'true']", True),
        ("{'Fn::Not': [{'Fn::Equals': [a, b]}]}", True),
    ],
)
def test_what_conditions_say(bench: Bench, condition: str, truth: bool | None) -> None:
    stack = bench.load(
        f"""
        Parameters:
          Env: {{Type: String, AllowedValues: [dev, prod]}}
          Free: {{Type: String}}
          List: {{Type: CommaDelimitedList, Default: 'a,b'}}
        Mappings: {{M: {{dev: {{'on': true}}, prod: {{'on': true}}}}}}
        Conditions:
          It: {condition}
        Resources:
          Topic: {{Type: 'AWS::SNS::Topic', Condition: It}}
          Other: {{Type: 'AWS::SNS::Topic'}}
        """
    )
    found = [r.exists.value for r in stack.resources if r.address == "Topic"]
    assert found == ([] if truth is False else [truth])
    assert not stack.problems


def test_conditions_that_go_in_a_circle(bench: Bench) -> None:
    stack = bench.load(
        """
        Conditions:
          A: !Not [!Condition B]
          B: !Not [!Condition A]
        Resources:
          Topic: {Type: 'AWS::SNS::Topic', Condition: A}
        """
    )
    assert any("depends on itself" in problem.message for problem in stack.problems)
    assert stack.by_address["Topic"].exists.value is None


def test_an_undecided_container_is_unknown_and_says_why(bench: Bench) -> None:
    text = """
        Parameters:
          Env: {Type: String, AllowedValues: [dev, prod]}
        Conditions:
          IsProd: !Equals [!Ref Env, prod]
        Resources:
          Group:
            Type: AWS::EC2::SecurityGroup
            Properties:
              GroupDescription: x
              SecurityGroupIngress:
                - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/8}
                - !If [IsProd, !Ref 'AWS::NoValue', {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}]
        """
    ingress = bench.load(text).by_address["Group"].body.key("SecurityGroupIngress")
    assert ingress.unknown is not None and ingress.unknown.inputs == ("Env",)
    assert ingress.reasons[0].span is not None
    assert len(bench.load(text, values={"Env": "dev"}).by_address["Group"].body.key("SecurityGroupIngress").data) == 2
    assert len(bench.load(text, values={"Env": "prod"}).by_address["Group"].body.key("SecurityGroupIngress").data) == 1


def test_long_chains_of_conditions(bench: Bench) -> None:
    chain = "".join(f"  C{n}: !And [!Condition C{n + 1}, !Equals [a, a]]\n" for n in range(400))
    text = (
        "Parameters: {Env: {Type: String, AllowedValues: [a, b]}}\n"
        f"Conditions:\n{chain}  C400: !Equals [!Ref Env, a]\n"
        "Resources: {T: {Type: 'AWS::SNS::Topic', Condition: C0}}\n"
    )
    reason = bench.load(text).by_address["T"].exists.reasons[0]
    assert reason.inputs == ("Env",)
    assert reason.detail == "condition C0 is undecided: parameter Env has no default"
    assert bench.load(text, values={"Env": "a"}).by_address["T"].exists.is_true
    assert not bench.load(text).problems


RULES = """
Parameters:
  Env: {Type: String, AllowedValues: [dev, prod]}
  Size: {Type: String, AllowedValues: [small, medium, large]}
  Zones: {Type: CommaDelimitedList, Default: 'a,b'}
Rules:
  Prod:
    RuleCondition: !Equals [!Ref Env, prod]
    Assertions:
      - Assert: !Contains [[medium, large], !Ref Size]
        AssertDescription: no small ones
  Both:
    Assertions:
      - Assert: !Or [!Not [!Equals [!Ref Env, dev]], !EachMemberIn [[!Ref Size], [small, medium]]]
      - Assert: {'Fn::EachMemberEquals': [{'Fn::RefAll': 'AWS::EC2::VPC::Id'}, x]}
Resources:
  Topic: {Type: 'AWS::SNS::Topic'}
"""


def test_rules_exclude_worlds(bench: Bench) -> None:
    there = {
        (env, size): bool(bench.load(RULES, values={"Env": env, "Size": size}).resources)
        for env in ("dev", "prod")
        for size in ("small", "medium", "large")
    }
    assert [world for world, exists in there.items() if not exists] == [("dev", "large"), ("prod", "small")]
    assert bench.load(RULES).resources and bench.load(RULES, values={"Env": "prod"}).resources
    assert not bench.load(RULES).problems
