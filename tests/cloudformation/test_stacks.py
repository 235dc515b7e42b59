"""Nested stacks, roots, exports and parameter files."""

from __future__ import annotations

import json
import pickle

import pytest

from iaclint import cloudformation
from iaclint.cloudformation.stacks import Stack
from iaclint.model.address import Address
from iaclint.model.inventory import Inputs
from iaclint.model.value import Ref
from iaclint.source.files import Workspace
from tests.cloudformation.conftest import UNKNOWN, Bench, bodies, plain

PARENT = """
Parameters:
  Env: {Type: String, AllowedValues: [dev, prod]}
  Cidr: {Type: String, Default: 10.0.0.0/8}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
Resources:
  Net:
    Type: AWS::CloudFormation::Stack
    Condition: IsProd
    Properties:
      TemplateURL: nested/net.yaml
      Parameters: {Range: !Ref Cidr, Env: !Ref Env}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      VpcId: !GetAtt Net.Outputs.VpcId
      Range: !GetAtt Net.Outputs.Range
"""

CHILD = """
Parameters:
  Range: {Type: String}
  Env: {Type: String}
  Extra: {Type: String}
Conditions:
  Small: !Equals [!Ref Env, dev]
  Odd: !Equals [!Ref Extra, odd]
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: !Ref Range, Small: !If [Small, 1, 0], Odd: !If [Odd, 1, 0], Self: !Ref Subnet}
  Subnet: {Type: 'AWS::EC2::Subnet', Properties: {VpcId: !Ref Vpc}}
Outputs:
  VpcId: {Value: !Ref Vpc}
  Range: {Value: !Ref Range}
"""


def test_nested_stacks_are_one_deployment(bench: Bench) -> None:
    bench.write("nested/net.yaml", CHILD)
    stack = bench.load(PARENT)
    assert not stack.problems and not stack.gaps
    assert list(stack.by_address) == ["Net", "Net/Vpc", "Net/Subnet", "Group"]
    vpc = stack.by_address["Net/Vpc"]
    assert plain(vpc.body) == {"CidrBlock": "10.0.0.0/8", "Small": UNKNOWN, "Odd": UNKNOWN, "Self": UNKNOWN}
    assert [step.what for step in vpc.calls] == ["stack Net"]
    assert vpc.calls[0].span.text == "Net"
    assert vpc.exists.reasons[0].inputs == ("Env",)
    assert [file.name for file in stack.files] == ["template.yaml", "nested/net.yaml"]
    # the trail leads from the child's property through the parent's argument to the default
    cidr = vpc.body.key("CidrBlock")
    assert [(step.what, step.span.file.name) for step in cidr.trail] == [
        ("parameter Range", "nested/net.yaml"),
        ("argument Range", "template.yaml"),
        ("parameter Cidr", "template.yaml"),
        ("default", "template.yaml"),
    ]
    assert cidr.origin.text == "10.0.0.0/8"
    # references and outputs
    assert stack.by_address["Net/Subnet"].body.key("VpcId").refs == (Ref(Address("Net/Vpc")),)
    group = stack.by_address["Group"].body
    assert group.key("VpcId").refs == (Ref(Address("Net/Vpc")),)
    assert stack.resolve(group.key("VpcId").refs[0]) == [vpc]
    assert group.key("Range").data == "10.0.0.0/8"
    # inputs of the child: those that the parent does not pass, and its undecided conditions
    assert list(stack.inputs) == ["Env", "Cidr", "Net/Extra", "condition Net/Odd"]
    unknown = vpc.body.key("Small").unknown
    assert unknown is not None and unknown.inputs == ("Env",)


def test_worlds_reach_nested_stacks(bench: Bench) -> None:
    bench.write("nested/net.yaml", CHILD)
    stack = bench.load(PARENT, values={"Env": "prod", "condition Net/Odd": True})
    assert plain(stack.by_address["Net/Vpc"].body)["Small"] == 0
    assert plain(stack.by_address["Net/Vpc"].body)["Odd"] == 1
    assert list(bench.load(values={"Env": "dev"}).by_address) == ["Group"]


@pytest.mark.parametrize(
    ("url", "gap"),
    [
        ("https://s3.amazonaws.com/b/net.yaml", "https://s3.amazonaws.com/b/net.yaml"),
        ("nowhere.yaml", "nowhere.yaml"),
        ("../outside.yaml", "outside"),
        ("!Ref Url", "the template of stack Net is not here"),
        ("template.yaml", "stack Net contains itself"),
    ],
)
def test_a_nested_stack_that_cannot_be_seen_is_a_gap(bench: Bench, url: str, gap: str) -> None:
    stack = bench.load(
        f"""
        Parameters: {{Url: {{Type: String}}}}
        Resources:
          Net: {{Type: 'AWS::CloudFormation::Stack', Properties: {{TemplateURL: {url}}}}}
          Group: {{Type: 'AWS::EC2::SecurityGroup', Properties: {{VpcId: !GetAtt Net.Outputs.VpcId}}}}
        """
    )
    [found] = stack.gaps
    assert gap in found.detail
    assert found.address == "Net"
    assert stack.by_address["Group"].body.key("VpcId").refs == (Ref(Address("Net"), "Outputs.VpcId"),)


SET = """
Parameters: {Cidr: {Type: String, Default: 10.0.0.0/8}}
Resources:
  Set:
    Type: AWS::CloudFormation::StackSet
    Properties:
      Parameters:
        - {ParameterKey: Range, ParameterValue: !Ref Cidr}
      TemplateBody: |  # everywhere
        # iaclint: ignore[x] in the body
        Parameters: {Range: {Type: String}}
        Resources:
          Group:
            Type: AWS::EC2::SecurityGroup
            Properties:
              SecurityGroupIngress:
                - CidrIp: !Ref Range
  Topic: {Type: 'AWS::SNS::Topic'}
"""


def test_stack_sets_with_their_template_inside(bench: Bench) -> None:
    stack = bench.load(SET)
    assert not stack.problems and not stack.gaps
    assert list(stack.by_address) == ["Set", "Set/Group", "Topic"]
    group = stack.by_address["Set/Group"]
    assert (group.header.text, group.header.line, group.header.column) == ("Group", 12, 11)
    cidr = group.body.key("SecurityGroupIngress").data[0].key("CidrIp")
    assert (cidr.data, cidr.span.text, cidr.origin.text) == ("10.0.0.0/8", "!Ref Range", "10.0.0.0/8")
    assert [comment.text for comment in stack.files[0].comments] == ["everywhere", "iaclint: ignore[x] in the body"]

    broken = bench.load(SET.replace("Resources:\n          Group", "Resources: [\n          Group"))
    assert broken.problems[0].span is not None and broken.problems[0].span.line > 10
    escaped = bench.load(SET.replace("TemplateBody: |  # everywhere", "TemplateBody: >"))
    assert [gap.address for gap in escaped.gaps] == ["Set"]


def test_cdk_assets_are_nested_stacks(bench: Bench) -> None:
    child = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    parent = {
        "Resources": {
            "Nested": {
                "Type": "AWS::CloudFormation::Stack",
                "Properties": {"TemplateURL": {"Fn::Join": ["", ["https://s3.", {"Ref": "AWS::URLSuffix"}, "/x"]]}},
                "Metadata": {"aws:asset:path": "Nested.nested.template.json", "aws:asset:property": "TemplateURL"},
            }
        }
    }
    bench.write("cdk.out/Nested.nested.template.json", json.dumps(child))
    bench.write("cdk.out/App.template.json", json.dumps(parent))
    stack = bench.load(name="cdk.out/App.template.json")
    assert list(stack.by_address) == ["Nested", "Nested/Topic"]
    paths = [str(bench.root / "cdk.out" / name) for name in ("App.template.json", "Nested.nested.template.json")]
    assert cloudformation.roots(bench.workspace, paths) == (paths[0],)


def test_roots_leave_out_what_another_template_nests(bench: Bench) -> None:
    stack = "{Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: %s}}"
    a = bench.write("a.yaml", f"Resources: {{B: {stack % './sub/b.yaml'}}}\n")
    b = bench.write("sub/b.yaml", f"Resources: {{C: {stack % '!Sub c.yaml'}}}\n")
    c = bench.write("sub/c.yaml", "Resources: {T: {Type: 'AWS::SNS::Topic'}}\n")
    alone = bench.write("alone.yaml", "Resources: {T: {Type: 'AWS::SNS::Topic'}}\n")
    x = bench.write("x.yaml", f"Resources: {{Y: {stack % 'y.yaml'}}}\n")
    y = bench.write("y.yaml", f"Resources: {{X: {stack % 'x.yaml'}}}\n")
    broken = bench.write("broken.yaml", "Resources: [TemplateURL\n")
    assert cloudformation.roots(bench.workspace, [a, b, c, alone, x, y, broken]) == (a, alone, x, y, broken)


NETWORK = """
Resources:
  Vpc: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/8}}
Outputs:
  Vpc: {Value: !Ref Vpc, Export: {Name: net-vpc}}
  Range: {Value: 10.0.0.0/8, Export: {Name: !Sub 'net-${Suffix}'}}
Parameters:
  Suffix: {Type: String, Default: range}
"""

USER = """
Resources:
  Vpc: {Type: 'AWS::EC2::VPC'}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      VpcId: !ImportValue net-vpc
      Range: !ImportValue {'Fn::Sub': 'net-range'}
      First: !Select [0, !Split ['.', !ImportValue net-range]]
      Other: !ImportValue elsewhere
Outputs:
  Again: {Value: !ImportValue net-vpc, Export: {Name: again}}
"""

THIRD = """
Resources:
  Group: {Type: 'AWS::EC2::SecurityGroup', Properties: {VpcId: !ImportValue again}}
"""


def test_exports_are_joined_across_stacks(bench: Bench) -> None:
    paths = [bench.write(n, t) for n, t in (("third.yaml", THIRD), ("user.yaml", USER), ("net.yaml", NETWORK))]
    loaded = [cloudformation.load(bench.workspace, path, Inputs()) for path in paths]
    assert plain(loaded[1].by_address["Group"].body)["Range"] == UNKNOWN
    (third, user, net), exports = cloudformation.join(bench.workspace, loaded)
    group = user.by_address["Group"].body
    assert group.key("Range").data == "10.0.0.0/8"
    assert group.key("First").data == "10"
    assert group.key("Range").origin.file.name == "net.yaml"
    assert group.key("Range").trail[0].what == "export net-range of net.yaml"
    vpc = net.by_address["Vpc"]
    assert group.key("VpcId").refs == (Ref(Address("net.yaml:Vpc")),)
    assert user.resolve(Ref(Address("net.yaml:Vpc"))) == [vpc]
    assert user.targets(group.key("VpcId"), "AWS::EC2::VPC").items == (vpc,)
    assert group.key("Other").unknown is not None
    assert third.targets(third.by_address["Group"].body.key("VpcId"), "AWS::EC2::VPC").items == (vpc,)
    again = cloudformation.load(bench.workspace, paths[1], Inputs(values={"AWS::Region": "x"}), exports)
    assert again.by_address["Group"].body.key("Range").data == "10.0.0.0/8"
    assert again.targets(again.by_address["Group"].body.key("VpcId"), "AWS::EC2::VPC").items == (vpc,)


def test_a_deployment_can_be_pickled(bench: Bench) -> None:
    bench.write("nested/net.yaml", CHILD)
    copied = pickle.loads(pickle.dumps(bench.load(PARENT)))
    assert isinstance(copied, Stack)
    assert list(copied.by_address) == ["Net", "Net/Vpc", "Net/Subnet", "Group"]


SIMPLE = """
Parameters:
  Env: {Type: String, Default: dev}
  Port: {Type: Number, Default: 443}
  Names: {Type: CommaDelimitedList, Default: a}
Resources:
  Topic: {Type: 'AWS::SNS::Topic', Properties: {Env: !Ref Env, Port: !Ref Port, Names: !Ref Names}}
"""


@pytest.mark.parametrize(
    ("name", "text", "environment"),
    [
        (
            "p.json",
            '[{"ParameterKey": "Env", "ParameterValue": "prod"}, {"ParameterKey": "Port", "ParameterValue": "22"},'
            ' {"ParameterKey": "Names", "ParameterValue": "x, y"}, {"ParameterKey": "More", "UsePreviousValue": true}]',
            "",
        ),
        ("p.json", '["Env=prod", "Port=22", "Names=x,y"]', ""),
        ("p.json", '{"Parameters": {"Env": "prod", "Port": "22", "Names": "x,y"}, "Tags": {"Env": "no"}}', ""),
        ("p.json", '{"Env": "prod", "Port": "22", "Names": "x,y", "Unused": "z"}', ""),
        ("d.yaml", "template-file-path: t.yaml\nparameters: {Env: prod, Port: '22', Names: 'x,y'}\ntags: {}\n", ""),
        ("p.yaml", "Env: prod\nPort: '22'\nNames: x,y\n", ""),
        (
            "samconfig.toml",
            '[default.deploy.parameters]\nparameter_overrides = "Env=prod Port=\\"22\\" Names=\'x, y\'"\n',
            "",
        ),
        (
            "samconfig.toml",
            "[live.deploy.parameters]\n"
            'parameter_overrides = ["ParameterKey=Env,ParameterValue=prod", "Port=22", "Names=x,y"]\n',
            "live",
        ),
        (
            "samconfig.yaml",
            "version: 0.1\ndefault: {deploy: {parameters: {parameter_overrides: [Env=prod, Port=22, 'Names=x,y']}}}\n",
            "",
        ),
    ],
)
def test_parameter_files(bench: Bench, name: str, text: str, environment: str) -> None:
    bench.write(name, text)
    stack = bench.load(SIMPLE, files=(name,), environment=environment)
    assert not stack.problems
    assert bodies(stack)["Topic"] == {"Env": "prod", "Port": "22", "Names": ["x", "y"]}
    value = stack.by_address["Topic"].body.key("Env")
    assert value.trail[-1].what == name
    assert "Env" in value.origin.file.line_text(value.origin.line)
    assert stack.environment == environment


PLACE = """
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      TopicName: !Sub '${AWS::StackName}.${AWS::Region}.${AWS::AccountId}.${AWS::Partition}'
"""


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("p.yaml", "AWS::Region: cn-north-1\nAWS::StackName: s\nAWS::AccountId: '1'\n", "s.cn-north-1.1.aws-cn"),
        (
            "samconfig.toml",
            '[default.deploy.parameters]\nstack_name = "app"\nregion = "eu-west-1"\nparameter_overrides = "A=b"\n',
            "app.eu-west-1.",
        ),
        (
            "samconfig.yaml",
            "version: 0.1\ndefault: {deploy: {parameters: {stack_name: app, region: us-east-1}}}\n",
            "app.us-east-1.",
        ),
    ],
)
def test_files_may_tell_where_a_stack_goes(bench: Bench, name: str, text: str, shown: str) -> None:
    bench.write(name, text)
    value = bench.load(PLACE, files=(name,)).by_address["Topic"].body.key("TopicName")
    assert (value.data if value.known else value.unknown and value.unknown.prefix) == shown


def test_the_manifest_of_the_cdk_tells_where_a_stack_goes(bench: Bench) -> None:
    name = {"Fn::Sub": "${AWS::StackName}.${AWS::Region}.${AWS::AccountId}"}
    template = {"Resources": {"T": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name}}}}
    bench.write("cdk.out/App.template.json", json.dumps(template))
    for environment, shown in (
        ("aws://123456789012/eu-west-1", "app.eu-west-1.123456789012"),
        ("aws://unknown-account/x", None),
    ):
        manifest = {
            "artifacts": {
                "App.assets": {"type": "cdk:asset-manifest", "properties": {"file": "App.assets.json"}},
                "App": {
                    "type": "aws:cloudformation:stack",
                    "environment": environment,
                    "properties": {"templateFile": "App.template.json", "stackName": "app"},
                },
            }
        }
        bench.write("cdk.out/manifest.json", json.dumps(manifest))
        value = bench.load(name="cdk.out/App.template.json").by_address["T"].body.key("TopicName")
        assert (value.data if value.known else None) == shown


def test_a_later_parameter_file_and_single_values_win(bench: Bench) -> None:
    bench.write("a.json", '{"Env": "one", "Port": "1"}')
    bench.write("b.json", '{"Env": "two"}')
    stack = bench.load(SIMPLE, files=("a.json", "b.json"), values={"Names": "v"})
    assert bodies(stack)["Topic"] == {"Env": "two", "Port": "1", "Names": ["v"]}


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("missing.json", None, "cannot be read"),
        ("p.json", '[{"Key": "x"}]', "an item has no ParameterKey"),
        ("p.json", "{", "the file ends before"),
        ("p.yaml", "just text\n", "neither a list nor a mapping"),
        ("samconfig.toml", "[", "not a parameter file"),
    ],
)
def test_a_parameter_file_that_cannot_be_used_is_a_problem(
    bench: Bench, name: str, text: str | None, message: str
) -> None:
    if text is not None:
        bench.write(name, text)
    stack = bench.load(SIMPLE, files=(name,))
    assert message in stack.problems[0].message
    assert stack.problems[0].fatal
    assert bodies(stack)["Topic"]["Env"] == "dev"


def test_a_broken_template_is_a_fatal_problem_and_a_gap(bench: Bench) -> None:
    stack = bench.load("Resources:\n  A: [\n")
    [problem] = stack.problems
    assert problem.fatal and "not well-formed YAML" in problem.message and "cfn-lint says" in problem.message
    assert problem.span is not None and problem.span.line == 3
    assert stack.gaps
    missing = cloudformation.load(Workspace((str(bench.root),)), str(bench.root / "none.yaml"), Inputs())
    assert missing.problems[0].fatal and not missing.resources
