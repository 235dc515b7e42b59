"""SAM, includes and macros."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from iaclint.cloudformation.schema import attributes, properties, resource_types
from iaclint.model.address import Address
from iaclint.model.value import Ref
from tests.cloudformation.conftest import UNKNOWN, Bench, bodies, plain

SAM = """
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: python3.12
    Timeout: 30
Parameters:
  Stage: {Type: String}
  Level: {Type: String, Default: debug}
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: ./src
      Handler: app.handler
      MemorySize: 512
      Environment: {Variables: {LEVEL: !Ref Level, KEY: !GetAtt Key.Arn}}
      Policies: AmazonDynamoDBFullAccess
      Events:
        Get: {Type: Api, Properties: {Path: /, Method: get}}
  Table:
    Type: AWS::Serverless::SimpleTable
    Properties: {SSESpecification: {SSEEnabled: true}}
  Key:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: false
Outputs:
  Arn: {Value: !GetAtt Hello.Arn}
"""


@pytest.fixture(autouse=True)
def no_region(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """SAM must not need, and not touch, the user's AWS settings."""
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    yield
    assert "AWS_DEFAULT_REGION" not in os.environ


def test_sam_is_translated_and_mapped_back(bench: Bench) -> None:
    stack = bench.load(SAM)
    assert not stack.problems and not stack.gaps
    kinds = {str(resource.address): resource.kind for resource in stack.resources}
    assert kinds["Hello"] == "AWS::Lambda::Function"
    assert kinds["HelloRole"] == "AWS::IAM::Role"
    assert kinds["Table"] == "AWS::DynamoDB::Table"
    assert kinds["ServerlessRestApi"] == "AWS::ApiGateway::RestApi"
    hello = stack.by_address["Hello"]
    body = plain(hello.body)
    assert body["Code"] == {"S3Bucket": UNKNOWN, "S3Key": UNKNOWN}
    assert (body["Runtime"], body["Timeout"], body["MemorySize"]) == ("python3.12", 30, 512)
    assert body["Environment"]["Variables"]["LEVEL"] == "debug"
    # places: what was written stays where it was written, what was made stands at its SAM resource
    assert hello.header.text == "Hello"
    assert hello.span.text.startswith("Hello:\n    Type: AWS::Serverless::Function")
    assert hello.body.key("Handler").span.text == "app.handler"
    assert hello.body.key("MemorySize").span.text == "512"
    assert hello.body.key("Timeout").span.text == "30"
    assert hello.body.key("Role").refs == (Ref(Address("HelloRole"), "Arn"),)
    assert hello.body.path("Environment", "Variables", "KEY").refs == (Ref(Address("Key"), "Arn"),)
    role = stack.by_address["HelloRole"]
    assert role.header.text == "Hello"
    assert "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess" in plain(role.body)["ManagedPolicyArns"]
    # a fix can be written into what is the user's own, not into what SAM made
    assert stack.by_address["Key"].insertion_points[""].at.line == stack.by_address["Key"].body.span.line
    assert not hello.insertion_points and not role.insertion_points
    assert stack.outputs["Arn"].refs == (Ref(Address("Hello"), "Arn"),)


def test_sam_with_parameters_that_have_no_value(bench: Bench) -> None:
    text = SAM.replace(
        "      Handler: app.handler\n", "      Handler: app.handler\n      AutoPublishAlias: !Ref Stage\n"
    )
    stack = bench.load(text)
    assert not stack.problems and not stack.gaps
    aliases = [r for r in stack.resources if r.kind == "AWS::Lambda::Alias"]
    assert [plain(alias.body)["Name"] for alias in aliases] == [UNKNOWN]
    assert aliases[0].body.key("Name").reasons[0].inputs == ("Stage",)
    live = bench.load(text, values={"Stage": "live"})
    assert [plain(r.body)["Name"] for r in live.resources if r.kind == "AWS::Lambda::Alias"] == ["live"]


def test_sam_json(bench: Bench) -> None:
    stack = bench.load(
        '{"Transform": "AWS::Serverless-2016-10-31", "Resources": {"T": {"Type": "AWS::Serverless::SimpleTable"}}}',
        name="t.json",
    )
    assert {r.kind for r in stack.resources} == {"AWS::DynamoDB::Table"}


def test_what_sam_refuses_is_a_problem_at_its_resource(bench: Bench) -> None:
    stack = bench.load(SAM.replace("      CodeUri: ./src\n", "      CodeUri: {Bucket: x}\n"))
    [problem] = stack.problems
    assert "'CodeUri' requires Bucket and Key" in problem.message
    assert problem.span is not None and problem.span.text == "Hello"
    assert not problem.fatal
    assert [(gap.detail, gap.address) for gap in stack.gaps] == [("SAM does not translate Hello", "Hello")]
    assert {r.address: r.kind for r in stack.resources} == {
        "Hello": "AWS::Serverless::Function",
        "Table": "AWS::DynamoDB::Table",
        "Key": "AWS::KMS::Key",
    }


def test_a_template_that_sam_refuses_is_kept_as_it_is(bench: Bench) -> None:
    stack = bench.load(SAM.replace("    Timeout: 30\n", "    Nonsense: 30\n"))
    assert "'Nonsense' is not a supported property" in stack.problems[0].message
    assert [gap.detail for gap in stack.gaps] == ["the SAM transform is not run here: it may add and change resources"]
    assert stack.by_address["Hello"].kind == "AWS::Serverless::Function"


def test_applications_of_the_repository_are_not_looked_up(bench: Bench) -> None:
    stack = bench.load(
        """
        Transform: AWS::Serverless-2016-10-31
        Resources:
          App:
            Type: AWS::Serverless::Application
            Properties:
              Location:
                ApplicationId: arn:aws:serverlessrepo:us-east-1:123456789012:applications/x
                SemanticVersion: 1.0.0
        """
    )
    assert not stack.problems
    assert [gap.address for gap in stack.gaps] == ["App"]


def test_local_applications_are_nested_stacks(bench: Bench) -> None:
    bench.write("app/template.yaml", "Resources: {T: {Type: 'AWS::SNS::Topic'}}\n")
    stack = bench.load(
        """
        Transform: AWS::Serverless-2016-10-31
        Resources:
          App: {Type: 'AWS::Serverless::Application', Properties: {Location: app/template.yaml}}
        """
    )
    assert list(stack.by_address) == ["App", "App/T"]


def test_loops_run_before_sam(bench: Bench) -> None:
    stack = bench.load(
        """
        Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
        Resources:
          'Fn::ForEach::Tables':
            - Name
            - [One, Two]
            - 'Table${Name}': {Type: 'AWS::Serverless::SimpleTable', Properties: {TableName: !Ref Name}}
        """
    )
    assert bodies(stack)["TableTwo"]["TableName"] == "Two"
    assert stack.by_address["TableOne"].kind == "AWS::DynamoDB::Table"


def test_includes_of_local_files(bench: Bench) -> None:
    bench.write("more.yaml", "Resources:\n  Extra: {Type: 'AWS::SNS::Topic'}\n")
    bench.write("properties.yaml", "EnableKeyRotation: true\nDescription: !Ref Text\n")
    bench.write("resources.yaml", "Third: {Type: 'AWS::SQS::Queue'}\n")
    stack = bench.load(
        """
        Transform: {Name: 'AWS::Include', Parameters: {Location: more.yaml}}
        Parameters: {Text: {Type: String, Default: words}}
        Resources:
          Key:
            Type: AWS::KMS::Key
            Properties:
              Enabled: true
              Fn::Transform: {Name: 'AWS::Include', Parameters: {Location: properties.yaml}}
          Fn::Transform: {Name: 'AWS::Include', Parameters: {Location: ./resources.yaml}}
        """
    )
    assert not stack.problems and not stack.gaps
    assert bodies(stack) == {
        "Extra": {},
        "Key": {"Enabled": True, "EnableKeyRotation": True, "Description": "words"},
        "Third": {},
    }
    assert stack.by_address["Key"].body.key("EnableKeyRotation").span.file.name == "properties.yaml"
    assert stack.by_address["Extra"].header.file.name == "more.yaml"


@pytest.mark.parametrize(
    ("transform", "why"),
    [
        ("Own", "Own is not run here: it may add and change resources"),
        ("[AWS::LanguageExtensions, Own]", "Own is not run here: it may add and change resources"),
        (
            "{Name: 'AWS::Include', Parameters: {Location: 's3://b/k'}}",
            "AWS::Include of s3://b/k is not run: it may add resources",
        ),
        ("{Name: 'AWS::Include', Parameters: {Location: nowhere.yaml}}", "nowhere.yaml cannot be read"),
    ],
)
def test_macros_are_gaps(bench: Bench, transform: str, why: str) -> None:
    stack = bench.load(
        f"Transform: {transform}\n"
        "Resources:\n  T: {Type: 'AWS::SNS::Topic', Properties: {TopicName: !Ref MadeByTheMacro, A: !Magic x}}\n"
    )
    assert any(why in gap.detail for gap in stack.gaps)
    assert not stack.problems
    assert list(stack.by_address) == ["T"]


def test_a_macro_inside_makes_its_surroundings_unknown(bench: Bench) -> None:
    stack = bench.load(
        """
        Resources:
          Key:
            Type: AWS::KMS::Key
            Properties:
              Enabled: true
              Fn::Transform: {Name: Own, Parameters: {a: b}}
          Topic:
            Type: AWS::SNS::Topic
            Properties:
              TopicName: {'Fn::Transform': {Name: Own}}
        """
    )
    assert bodies(stack) == {"Key": UNKNOWN, "Topic": {"TopicName": UNKNOWN}}
    assert stack.by_address["Key"].body.reasons[0].detail == "Own is not run: it may change this"
    assert not stack.gaps


def test_a_macro_among_the_resources_is_a_gap(bench: Bench) -> None:
    stack = bench.load(
        """
        Mappings: {M: {a: {b: c}}, Fn::Transform: {Name: Own}}
        Resources:
          Topic: {Type: 'AWS::SNS::Topic', Properties: {TopicName: !Ref Elsewhere}}
          Fn::Transform: {Name: Own}
        """
    )
    assert [gap.detail for gap in stack.gaps] == ["Own is not run: what it adds here is not seen"]
    assert not stack.problems


def test_directives_of_rain_are_gaps(bench: Bench) -> None:
    stack = bench.load(
        """
        Resources:
          Net: {Type: !Rain::Module net.yaml, Properties: {Name: x}}
          Topic: {Type: 'AWS::SNS::Topic', Properties: {TopicName: !Ref NetTopic, Text: !Rain::Embed file.txt}}
        """
    )
    assert not stack.problems
    assert list(stack.by_address) == ["Topic"]
    assert len(stack.gaps) == 2


def test_the_fixtures_name_what_the_schemas_know() -> None:
    from iaclint import cloudformation
    from iaclint.model.inventory import Inputs
    from iaclint.source.files import Workspace

    folder = Path(__file__).parent / "fixtures"
    for path in sorted(folder.iterdir()):
        stack = cloudformation.load(Workspace((str(folder),)), str(path), Inputs())
        assert not stack.problems
        for resource in stack.resources:
            assert resource.kind in resource_types()
            known: Any = properties(resource.kind)
            assert set(resource.body.data) <= known


def test_schemas() -> None:
    assert {"EnableKeyRotation", "KeyPolicy", "Tags.Key"} <= properties("AWS::KMS::Key")
    assert "Arn" in attributes("AWS::KMS::Key")
    assert properties("AWS::No::Such") == frozenset()
