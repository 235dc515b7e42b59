"""Text to the spanned tree: places, short forms, comments, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from iaclint.cloudformation.sniff import may_be_template
from iaclint.cloudformation.syntax import parse, plain_scalar
from iaclint.cloudformation.tree import Document, MappingNode, Node, ScalarNode, SequenceNode
from iaclint.source.files import SourceFile


def read(text: str, path: str = "template.yaml") -> Document:
    return parse(SourceFile(path, text))


def plain(node: Node) -> Any:
    if isinstance(node, MappingNode):
        return {entry.name: plain(entry.value) for entry in node}
    if isinstance(node, SequenceNode):
        return [plain(item) for item in node.items]
    assert isinstance(node, ScalarNode)
    return node.data


def root(text: str, path: str = "template.yaml") -> MappingNode:
    document = read(text, path)
    assert not document.problems
    assert isinstance(document.roots[0], MappingNode)
    return document.roots[0]


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("!Ref Vpc", {"Ref": "Vpc"}),
        ("!Condition IsProd", {"Condition": "IsProd"}),
        ("!GetAtt Key.Arn", {"Fn::GetAtt": "Key.Arn"}),
        ("!GetAtt [Key, Arn]", {"Fn::GetAtt": ["Key", "Arn"]}),
        ('!Sub "${A}-b"', {"Fn::Sub": "${A}-b"}),
        ('!Join [",", [a, !Ref B]]', {"Fn::Join": [",", ["a", {"Ref": "B"}]]}),
        ("!Base64 {'Fn::Sub': x}", {"Fn::Base64": {"Fn::Sub": "x"}}),
        ("!If [C, !Ref 'AWS::NoValue', {a: 1}]", {"Fn::If": ["C", {"Ref": "AWS::NoValue"}, {"a": 1}]}),
        ("!GetAZs ''", {"Fn::GetAZs": ""}),
        ("!Transform {Name: 'AWS::Include'}", {"Fn::Transform": {"Name": "AWS::Include"}}),
        ("!!str 22", "22"),
        ("!!int '22'", 22),
    ],
)
def test_short_forms_are_read_as_the_long_ones(short: str, long: Any) -> None:
    assert plain(root(f"a: {short}"))["a"] == long


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("yes", True), ("Off", False), ("TRUE", True), ("~", None), ("", None), ("NULL", None),
        ("22", 22), ("-1", -1), ("0777", 511), ("0x1F", 31), ("1_000", 1000), ("1.50", 1.5), ("22:22", 1342),
        ("089", "089"), ("012345678901", "012345678901"), ("2012-10-17", "2012-10-17"),
        ("1e3", "1e3"), ("10.0.0.0/8", "10.0.0.0/8"),
        ("1.5e+999", "1.5e+999"), ("y", "y"), ("-", "-"), (".", "."), ("+", "+"), ("9" * 5000, "9" * 5000),
    ],
)  # fmt: skip
def test_scalars_are_those_of_yaml_1_1(text: str, data: Any) -> None:
    assert plain_scalar(text) == data
    assert type(plain_scalar(text)) is type(data)


def test_quoted_scalars_and_keys_stay_text() -> None:
    tree = root("a: '000123'\n000456: \"yes\"\ntrue: x\n'1': y\n")
    assert plain(tree) == {"a": "000123", "000456": "yes", "true": "x", "1": "y"}


def test_every_node_knows_its_place() -> None:
    text = "Süß: é\nA:\n  - one\n  - two: 'x'\n\n# end\nB: {c: [1, 2]}\nD: |\n  text\n\nE: !Sub\n  - ${a}\n  - a: 1\n"
    tree = root(text)
    places = {}

    def walk(node: Node, path: str) -> None:
        places[path] = node.span.text
        if isinstance(node, MappingNode):
            for entry in node:
                places[path + "/" + entry.name + "!"] = entry.key.text
                walk(entry.value, f"{path}/{entry.name}")
        elif isinstance(node, SequenceNode):
            for index, item in enumerate(node.items):
                walk(item, f"{path}/{index}")

    walk(tree, "")
    assert places["/Süß"] == "é"
    assert places["/A/0"] == "one"
    assert places["/A/1"] == "two: 'x'"
    assert places["/A/1/two"] == "'x'"
    assert places["/A"] == "- one\n  - two: 'x'"
    assert places["/B"] == "{c: [1, 2]}"
    assert places["/B/c/1"] == "2"
    assert places["/D"] == "|\n  text"
    assert places["/E"] == "!Sub\n  - ${a}\n  - a: 1"
    assert places["/E/Fn::Sub!"] == "!Sub"
    assert places["/E/Fn::Sub"] == "- ${a}\n  - a: 1"


def test_json_places_and_escapes() -> None:
    text = '{\n  "a": ["x\\u00e9\\ud83d\\ude00\\/", -1.5e3, true, null],\t"b": {}\n}'
    tree = root(text, "template.json")
    assert plain(tree) == json.loads(text)
    items = tree.get("a")
    assert isinstance(items, SequenceNode)
    assert [item.span.text for item in items.items] == ['"x\\u00e9\\ud83d\\ude00\\/"', "-1.5e3", "true", "null"]
    assert tree.entries["b"].key.text == '"b"'


def test_aliases_stand_where_they_are_used_and_know_their_origin() -> None:
    tree = root("a: &x {k: [1, 2]}\nb: *x\nc:\n  <<: *x\n  own: 1\nd:\n  k: mine\n  <<: [*x]\n")
    b = tree.get("b")
    assert b is not None and b.span.text == "*x" and b.origin is not None and b.origin.text == "{k: [1, 2]}"
    assert plain(tree)["c"] == {"own": 1, "k": [1, 2]}
    assert plain(tree)["d"] == {"k": "mine"}


def test_comments_are_found_outside_of_scalars_only() -> None:
    text = (
        "# first\n"
        "a: b # after a value\n"
        'c: "# not"\n'
        "d: x#y\n"
        "e: |  # after the mark\n"
        "  # not either\n"
        "  text # nor this\n"
        "f: [1, # in a list\n"
        "  2]\n"
        "g: !Ref x # iaclint: ignore[some-rule] reason\n"
        "h: plain\n"
        "  continued # last\n"
    )
    document = read(text)
    assert [comment.text for comment in document.source.comments] == [
        "first",
        "after a value",
        "after the mark",
        "in a list",
        "iaclint: ignore[some-rule] reason",
        "last",
    ]
    assert document.source.comments[1].span.text == "# after a value"


@pytest.mark.parametrize(
    ("text", "path", "message", "place"),
    [
        ("a: 1\nb: 2\na: 3\n", "t.yaml", "the key 'a' is here twice; the first is on line 1", (3, 1)),
        ('{"a": 1,\n "a": 2}', "t.json", "the key 'a' is here twice; the first is on line 1", (2, 2)),
        ('{"a": 1,}', "t.json", "'}' where a key in double quotes", (1, 9)),
        ('{"a" 1}', "t.json", "'1' where ':' after a key should be", (1, 6)),
        ('{"a": "x" "b": 1}', "t.json", "a comma is missing before it", (1, 11)),
        ('{"a": [1, 2}', "t.json", "'}' closes nothing", (1, 12)),
        ('{"a": {"b": 1}', "t.json", "the file ends before '{' of line 1, column 1 is closed", (1, 15)),
        ('{"a": 1} x', "t.json", "follows the end of the document", (1, 10)),
        ('{"a": tru}', "t.json", "a value should be", (1, 7)),
        ('{"a": "\\ud"}', "t.json", "not a JSON string", (1, 7)),
        ("a: [1, 2\n", "t.yaml", "not well-formed YAML", (2, 1)),
        ("a:\n\tb: 1\n", "t.yaml", "a tab where YAML wants spaces", (2, 1)),
        ("a: *nothing\n", "t.yaml", "the alias *nothing has no anchor", (1, 4)),
        ("a: &a [*a]\n", "t.yaml", "stands inside its own anchor", (1, 8)),
        ("a: {{ name }}\n", "t.yaml", "a key must be text", (1, 5)),
        ("<<: 1\n", "t.yaml", "'<<' must be followed by a mapping", (1, 1)),
        ("", "t.yaml", "the file is empty", (1, 1)),
        ("# nothing\n", "t.yaml", "the file is empty", (1, 1)),
        ("   ", "t.json", "the file is empty", (1, 1)),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, path: str, message: str, place: tuple[int, int]) -> None:
    problem = read(text, path).problems[0]
    assert message in problem.message
    assert problem.span is not None
    assert (problem.span.line, problem.span.column) == place


@pytest.mark.parametrize("text", ["[" * 10_000, '{"a":' * 10_000, "a: " + "[" * 10_000, "- " * 10_000 + "x"])
def test_deep_nesting_is_a_problem_and_no_crash(text: str) -> None:
    document = read(text)
    assert not document.roots
    assert document.problems


def test_aliases_cannot_explode() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [" + ", ".join([f"*a{n - 1}"] * 10) + "]" for n in range(1, 12)]
    document = read("\n".join(lines))
    assert "expand to more" in document.problems[0].message


def test_a_file_may_hold_several_documents() -> None:
    document = read("---\na: 1\n---\nb: 2\n...\n")
    assert [plain(node) for node in document.roots] == [{"a": 1}, {"b": 2}]


def test_yaml_in_braces_is_no_json() -> None:
    assert plain(root("{a: 1, b: !Ref X,}")) == {"a": 1, "b": {"Ref": "X"}}


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("AWSTemplateFormatVersion: '2010-09-09'\n", True),
        ("Resources:\n  A:\n    Type: AWS::S3::Bucket\n", True),
        ("# c\n---\nResources:\n  A: {Type: 'Custom::Thing'}\n", True),
        ('{"Resources": {"A": {"Type": "AWS::S3::Bucket"}}}', True),
        ('{"Resources": {"A": {"Type": "AWS::S3::Bucket"', True),
        ("Transform: AWS::Serverless-2016-10-31\nResources: {}\n", True),
        ("Resources:\n  A:\n    Type: AWS::S3::Bucket\n  broken: [\n", True),
        ("", False),
        ("# Resources: and Type: AWS::S3::Bucket in a comment\n", False),
        ("name: x\nresources:\n  Resources:\n    A:\n      Type: AWS::S3::Bucket\n", False),
        ('{"template": {"Resources": {"A": {"Type": "AWS::S3::Bucket"}}}}', False),
        ('[{"Resources": {"Type": "AWS::S3::Bucket"}}]', False),
        ("apiVersion: v1\nkind: Pod\n", False),
        ("Resources:\n  - a\n", False),
    ],
)
def test_sniff(text: str, answer: bool) -> None:
    assert may_be_template(text) is answer
