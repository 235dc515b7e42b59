"""Cases that today's scanners get wrong because they do not evaluate: the right verdict of a real rule on each."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import pytest

from iaclint import cloudformation
from iaclint.linting.judge import judge
from iaclint.linting.rule import Rule
from iaclint.linting.verdict import Outcome
from iaclint.model.inventory import Deployment, Inputs, Inventory
from iaclint.source.files import Workspace
from tests.builtin_rules import ALL_RULES
from tests.cloudformation.conftest import Bench


@functools.cache
def rules() -> dict[str, Rule[object]]:
    return {rule.id: rule for rule in ALL_RULES}


def verdicts(bench: Bench, rule: str, text: str, files: tuple[str, ...] = ()) -> dict[str, tuple[str, str]]:
    """Outcome and message by address, after trying the worlds; what does not apply is left out."""
    path = bench.write("template.yaml", text)
    inputs = Inputs(files=tuple(str(bench.root / f) for f in files))
    workspace = Workspace((str(bench.root),), cwd=str(bench.root))
    stack = cloudformation.load(workspace, path, inputs)
    assert not stack.problems

    class Source:
        def with_inputs(self, _: Deployment, assignment: Mapping[str, Any]) -> Deployment:
            return cloudformation.load(workspace, path, Inputs(files=inputs.files, values=assignment))

    found = judge(Inventory((stack,)), (rules()[rule],), Source())
    return {v.address: (v.outcome.name, v.message) for v in found if v.outcome is not Outcome.NOT_APPLICABLE}


HEAD = """
Parameters:
  Env: {Type: String, AllowedValues: [dev, prod]}
  Set: {Type: String, Default: prod, AllowedValues: [dev, prod]}
  Switch: {Type: String}
Mappings:
  M: {dev: {rotate: false}, prod: {rotate: true}}
Conditions:
  IsDev: !Equals [!Ref Env, dev]
  Here: !Equals [!Ref 'AWS::Region', eu-west-1]
Resources:
  Key:
    Type: AWS::KMS::Key
"""


@pytest.mark.parametrize(
    ("written", "outcome", "message"),
    [
        ("Properties: {EnableKeyRotation: !If [IsDev, true, true]}", "PASS", ""),
        ("Properties: {EnableKeyRotation: !If [IsDev, 'true', true]}", "PASS", ""),
        ("Properties: {EnableKeyRotation: !FindInMap [M, !Ref Set, rotate]}", "PASS", ""),
        ("Properties: {EnableKeyRotation: !FindInMap [M, dev, rotate]}", "FAIL", "rotation"),
        (
            "Properties: {EnableKeyRotation: !FindInMap [M, !Ref Env, rotate]}",
            "UNKNOWN",
            "fails when Env is dev; passes when Env is prod",
        ),
        (
            "Properties: {EnableKeyRotation: !If [IsDev, !Ref 'AWS::NoValue', true]}",
            "UNKNOWN",
            "fails when Env is dev; passes when Env is prod",
        ),
        (
            "Properties: {EnableKeyRotation: !If [Here, true, false]}",
            "UNKNOWN",
            "fails when condition Here is false; passes when condition Here is true",
        ),
        ("Properties: {EnableKeyRotation: !Ref Switch}", "UNKNOWN", ""),
        # correlated: the key exists only where it rotates
        ("Condition: IsDev\n    Properties: {EnableKeyRotation: !If [IsDev, true, false]}", "PASS", ""),
        ("Condition: IsDev\n    Properties: {EnableKeyRotation: !If [IsDev, false, true]}", "FAIL", "rotation"),
    ],
)
def test_rotation_that_hangs_on_inputs(bench: Bench, written: str, outcome: str, message: str) -> None:
    found = verdicts(bench, "kms-key-not-rotated", HEAD + "    " + written + "\n")
    assert found["Key"][0] == outcome
    assert message in found["Key"][1]


def test_a_parameter_file_decides(bench: Bench) -> None:
    text = HEAD + "    Properties: {EnableKeyRotation: !FindInMap [M, !Ref Env, rotate]}\n"
    for env, outcome in (("dev", "FAIL"), ("prod", "PASS")):
        bench.write("parameters.json", f'[{{"ParameterKey": "Env", "ParameterValue": "{env}"}}]')
        assert verdicts(bench, "kms-key-not-rotated", text, ("parameters.json",))["Key"][0] == outcome


def test_loops_open_ports(bench: Bench) -> None:
    text = """
        Transform: AWS::LanguageExtensions
        Resources:
          'Fn::ForEach::Rules':
            - Port
            - ['22', '3389', '443']
            - 'Rule${Port}':
                Type: AWS::EC2::SecurityGroupIngress
                Properties: {GroupId: sg-1, IpProtocol: tcp, FromPort: !Ref Port, ToPort: !Ref Port, CidrIp: 0.0.0.0/0}
        """
    found = verdicts(bench, "security-group-admin-port-open", text)
    assert {address for address, (outcome, _) in found.items() if outcome == "FAIL"} == {"Rule22", "Rule3389"}


@pytest.mark.parametrize("default", ['"false"', "false", "'False'"])
def test_a_trail_switched_off_by_a_default(bench: Bench, default: str) -> None:
    text = f"""
        Parameters:
          Enabled: {{Type: String, Default: {default}}}
        Resources:
          Trail:
            Type: AWS::CloudTrail::Trail
            Properties: {{IsLogging: !Ref Enabled, S3BucketName: logs}}
        """
    assert verdicts(bench, "cloudtrail-logging-stopped", text)["Trail"][0] == "FAIL"


@pytest.mark.parametrize(
    ("ingress", "outcome"),
    [
        # the opening is there in one world only, and judged in that one
        ("!If [IsDev, [{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}], []]", "FAIL"),
        ("[!If [IsDev, !Ref 'AWS::NoValue', !Ref 'AWS::NoValue']]", None),
        ("[{IpProtocol: -1, CidrIp: !Join ['', ['0.0.0.0', '/0']]}]", "FAIL"),
        ("{IpProtocol: tcp, FromPort: '22', ToPort: '22', CidrIp: !Select [0, [0.0.0.0/0]]}", "FAIL"),
    ],
)
def test_ingress_in_every_spelling(bench: Bench, ingress: str, outcome: str | None) -> None:
    text = f"""
        Parameters:
          Env: {{Type: String, AllowedValues: [dev, prod]}}
        Conditions:
          IsDev: !Equals [!Ref Env, dev]
        Resources:
          Group:
            Type: AWS::EC2::SecurityGroup
            Properties:
              GroupDescription: x
              SecurityGroupIngress: {ingress}
        """
    found = verdicts(bench, "security-group-admin-port-open", text)
    assert (found["Group"][0] if "Group" in found else None) in ((outcome,) if outcome else (None, "PASS"))


def test_a_nested_stack_is_judged_with_what_is_passed_in(bench: Bench) -> None:
    bench.write(
        "group.yaml",
        """
        Parameters: {Source: {Type: String}}
        Resources:
          Rule:
            Type: AWS::EC2::SecurityGroupIngress
            Properties: {GroupId: sg-1, IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: !Ref Source}
        """,
    )
    text = """
        Resources:
          Open:
            Type: AWS::CloudFormation::Stack
            Properties: {TemplateURL: group.yaml, Parameters: {Source: 0.0.0.0/0}}
          Closed:
            Type: AWS::CloudFormation::Stack
            Properties: {TemplateURL: ./group.yaml, Parameters: {Source: 10.0.0.0/8}}
        """
    found = verdicts(bench, "security-group-admin-port-open", text)
    assert found["Open/Rule"][0] == "FAIL"
    assert found.get("Closed/Rule", ("PASS",))[0] == "PASS"
