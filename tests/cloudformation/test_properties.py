"""What must hold for any template: no exception, one meaning in every spelling, unknowns that never contradict."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iaclint import cloudformation
from iaclint.cloudformation.stacks import Stack
from iaclint.cloudformation.syntax import parse
from iaclint.model.inventory import Inputs
from iaclint.model.value import Unknown, Value
from iaclint.source.files import SourceFile, Workspace

PROFILE = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))

FUNCTIONS = [
    "Ref", "Condition", "Fn::And", "Fn::Base64", "Fn::Cidr", "Fn::Equals", "Fn::FindInMap", "Fn::ForEach::L",
    "Fn::GetAZs",
    "Fn::GetAtt", "Fn::If", "Fn::ImportValue", "Fn::Join", "Fn::Length", "Fn::Not", "Fn::Or", "Fn::Select", "Fn::Split",
    "Fn::Sub", "Fn::ToJsonString", "Fn::Transform", "Fn::Nonsense",
]  # fmt: skip
NAMES = [
    "Env", "Free", "List", "Set", "Topic", "Probe", "Yes", "IsProd", "Here", "M", "dev", "prod", "size", "Arn",
    "AWS::Region", "AWS::NoValue", "AWS::Partition", "Nothing", "${Env}-${Free}", "${Topic.Arn}", "${!x}", "a,b", ",",
    "", "0", "10.0.0.0/8",
    "{{resolve:ssm:x}}", "Topic.Arn", "Fn::ForEach::X", "true",
]  # fmt: skip

scalars = st.one_of(st.sampled_from(NAMES), st.integers(-3, 70), st.booleans(), st.none(), st.floats(0, 9, width=16))


def functions(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    arguments = st.one_of(inner, st.lists(inner, max_size=4))
    return st.one_of(
        st.builds(lambda name, argument: {name: argument}, st.sampled_from(FUNCTIONS), arguments),
        st.builds(lambda a, b: {"Fn::If": ["IsProd", a, b]}, inner, inner),
        st.builds(lambda a, b: {"Fn::If": ["Here", a, b]}, inner, inner),
        st.builds(lambda a: {"Fn::Join": ["-", a]}, st.lists(inner, max_size=3)),
        st.builds(lambda a: {"Fn::Sub": ["${v}-${Env}", {"v": a}]}, inner),
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["A", "B", "Fn::Transform", "Fn::ForEach::L", "Ref"]), inner, max_size=3),
    )


expressions: st.SearchStrategy[Any] = st.recursive(scalars, functions, max_leaves=12)


def template(expression: Any, condition: Any = None) -> dict[str, Any]:
    return {
        "Parameters": {
            "Env": {"Type": "String", "AllowedValues": ["dev", "prod"]},
            "Free": {"Type": "String"},
            "Set": {"Type": "String", "Default": "here"},
            "List": {"Type": "CommaDelimitedList", "Default": "a,b"},
        },
        "Mappings": {"M": {"dev": {"size": "small", "on": True}, "prod": {"size": "large", "on": True}}},
        "Conditions": {
            "Yes": {"Fn::Equals": ["a", "a"]},
            "IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]},
            "Here": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]},
            **({"Odd": condition} if condition is not None else {}),
        },
        "Resources": {
            "Topic": {"Type": "AWS::SNS::Topic"},
            "Probe": {"Type": "Test::Probe::P", "Properties": {"Value": expression}},
        },
    }


def load(text: str, suffix: str = ".json", values: dict[str, Any] | None = None) -> Stack:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder).resolve() / ("t" + suffix))
        Path(path).write_text(text, encoding="utf-8")
        stack = cloudformation.load(Workspace((folder,)), path, Inputs(values=values or {}))
        assert isinstance(stack, Stack)
        return stack


def shown(stack: Stack) -> Any:
    """All that is said of the resources but places."""

    def plain(value: Value[Any]) -> Any:
        data = value.data
        if isinstance(data, Unknown):
            return ("?", data.cause, data.detail, data.inputs, data.one_of, data.prefix, data.not_null, value.refs)
        if isinstance(data, tuple):
            return [plain(item) for item in data]
        if isinstance(data, dict):
            return {name: plain(item) for name, item in data.items()}
        return data

    return {r.address: (r.kind, r.exists.value, plain(r.body)) for r in stack.resources}


class Short(yaml.SafeDumper):
    """Writes functions in their short forms wherever YAML lets them stand."""

    def ignore_aliases(self, _: Any) -> bool:
        return True


def _short(dumper: yaml.SafeDumper, data: dict[str, Any]) -> yaml.Node:
    if len(data) == 1:
        [(name, argument)] = data.items()
        tag = {"Ref": "!Ref", "Condition": "!Condition"}.get(name)
        if tag is None and name.startswith("Fn::") and "ForEach" not in name:
            tag = "!" + name.removeprefix("Fn::")
        if tag is not None and isinstance(argument, (str, list)):
            if isinstance(argument, str):
                return dumper.represent_scalar(tag, argument, style='"')
            return dumper.represent_sequence(tag, argument)
        if tag is not None and isinstance(argument, dict) and not _is_function(argument):
            return dumper.represent_mapping(tag, argument)
    return dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=None)


def _is_function(data: dict[str, Any]) -> bool:
    return len(data) == 1 and next(iter(data)).startswith(("Ref", "Condition", "Fn::"))


Short.add_representer(dict, _short)


@PROFILE
@given(expressions, expressions)
def test_evaluation_never_raises(expression: Any, condition: Any) -> None:
    stack = load(json.dumps(template(expression, condition)))
    assert "Topic" in stack.by_address
    for resource in stack.resources:
        for value in resource.body.walk():
            assert not isinstance(value.data, Unknown) or value.reasons


@PROFILE
@given(expressions)
def test_json_and_yaml_long_and_short_forms_mean_the_same(expression: Any) -> None:
    document = template(expression)
    as_json = shown(load(json.dumps(document)))
    assert shown(load(json.dumps(document, indent=1, ensure_ascii=False), ".template")) == as_json
    assert shown(load(yaml.safe_dump(document, sort_keys=False), ".yaml")) == as_json
    assert shown(load(yaml.safe_dump(document, sort_keys=False, default_flow_style=True), ".yml")) == as_json
    assert shown(load(yaml.dump(document, Dumper=Short, sort_keys=False), ".yaml")) == as_json


@PROFILE
@given(expressions)
def test_worlds_refine_and_never_contradict(expression: Any) -> None:
    """What is known without the inputs is so in every world; what is one of several is one of those."""
    text = json.dumps(template(expression))
    open_value = load(text).by_address["Probe"].body.key("Value")
    for env in ("dev", "prod"):
        for here in (True, False):
            world = load(text, values={"Env": env, "condition Here": here})
            _refines(open_value, world.by_address["Probe"].body.key("Value"))


def _refines(before: Value[Any], after: Value[Any]) -> None:
    data = before.data
    if isinstance(data, Unknown):
        if data.one_of and after.known:
            assert str(after.data).lower() in {str(option).lower() for option in data.one_of}
        if data.prefix and isinstance(after.data, str):
            assert after.data.startswith(data.prefix)
    elif isinstance(data, dict):
        assert isinstance(after.data, dict)
        for name, item in data.items():
            _refines(item, after.key(name))
    elif isinstance(data, tuple):
        assert isinstance(after.data, tuple) and len(after.data) == len(data)
        for mine, other in zip(data, after.data, strict=True):
            _refines(mine, other)
    else:
        assert after.data == data or str(after.data).lower() == str(data).lower()


@PROFILE
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for path in ("t.yaml", "t.json"):
        source = SourceFile(path, text)
        document = parse(source)
        assert document.roots or document.problems
        for problem in document.problems:
            assert problem.span is None or 0 <= problem.span.start <= len(text)
        cloudformation.may_be_template(text)


sections = st.sampled_from(["Parameters", "Mappings", "Conditions", "Resources", "Outputs", "Rules", "Transform"])
includes = st.builds(
    lambda name, location: {"Name": name, "Parameters": {"Location": location}},
    st.sampled_from(["AWS::Include", "Own"]),
    expressions,
)


@PROFILE
@given(
    st.dictionaries(
        sections,
        st.one_of(
            expressions,
            st.dictionaries(
                st.sampled_from([*NAMES, "Fn::Transform", "Fn::ForEach::L"]),
                st.one_of(expressions, includes, st.tuples(st.sampled_from(NAMES), expressions, expressions)),
                max_size=3,
            ),
        ),
        max_size=5,
    )
)
def test_sections_may_hold_anything(odd: dict[str, Any]) -> None:
    stack = load(json.dumps(template("x") | odd))
    assert all(problem.message for problem in stack.problems)
    load(json.dumps(template("x") | odd), values={"Env": "dev", "condition Here": True})


json_data: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.text(max_size=6)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=10,
)


@PROFILE
@given(st.dictionaries(st.text(max_size=5), json_data, max_size=4), st.sampled_from([None, 1, "\t"]))
def test_json_is_read_as_json_reads_it(data: Any, indent: Any) -> None:
    from tests.cloudformation.test_syntax import plain

    for ascii_only in (True, False):
        document = parse(SourceFile("t.json", json.dumps(data, indent=indent, ensure_ascii=ascii_only)))
        assert not document.problems
        assert plain(document.roots[0]) == data
