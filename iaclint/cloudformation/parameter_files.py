"""Parameter files: what a template is to be deployed with.

Read are the AWS CLI's list of ParameterKey/ParameterValue (or of "Key=Value"), CodePipeline's template
configuration and Git sync's deployment file (an object with Parameters), a plain YAML or JSON mapping, and SAM's
samconfig.toml or samconfig.yaml. Beside a template of the CDK its manifest tells what is known of the
stack. Pseudo parameters may be set like others ("AWS::Region").
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from typing import Any

from iaclint.cloudformation.session import Session, Setting, document_of
from iaclint.cloudformation.tree import MappingNode, Node, ScalarNode, SequenceNode
from iaclint.cloudformation.values import text_of
from iaclint.source.files import Problem, SourceFile, Span, Unreadable


def settings(session: Session, template: str) -> dict[str, Setting]:
    """The parameters that the files of the session's Inputs set for a template: a later file wins.

    A file that cannot be used is a Problem.
    """
    found: dict[str, Setting] = _manifest(session, template) if template.endswith(".template.json") else {}
    for path in session.inputs.files:
        try:
            if path.lower().endswith(".toml"):
                source = session.workspace.read(path)
                session.files[path] = source
                pairs = list(_toml(source, session.inputs.name or "default"))
            else:
                document = document_of(session.workspace, path)
                source = document.source
                session.files[path] = source
                for problem in document.problems:
                    session.problems.setdefault((problem.message, str(problem.span)), problem)
                pairs = [pair for root in document.roots[:1] for pair in _pairs(root, session.inputs.name or "default")]
        except Unreadable as error:
            session.problems.setdefault((str(error), path), Problem(str(error), None, path))
            continue
        except _NotParameters as error:
            problem = Problem(f"not a parameter file: {error}", error.span, path)
            session.problems.setdefault((problem.message, path), problem)
            continue
        for name, node in pairs:
            found[name] = Setting(node, source.name)
    return found


class _NotParameters(Exception):
    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.span = span


def _pairs(root: Node, environment: str) -> Iterator[tuple[str, Node]]:
    """Yield the names and values of a parameter file in any of its forms. Raises _NotParameters."""
    if isinstance(root, SequenceNode):
        for item in root.items:
            yield from _pair_of_item(item)
    elif isinstance(root, MappingNode):
        parameters = root.get("Parameters") or root.get("parameters")
        deploy = root.get(environment)
        if isinstance(parameters, MappingNode):
            yield from ((entry.name, entry.value) for entry in parameters)
        elif root.get("version") is not None and isinstance(deploy, MappingNode):
            for command in ("global", "deploy"):
                yield from _of_sam_config(_member(_member(deploy, command), "parameters"))
        else:
            yield from ((entry.name, entry.value) for entry in root if not isinstance(entry.value, MappingNode))
    else:
        raise _NotParameters("neither a list nor a mapping", root.span)


def _pair_of_item(item: Node) -> Iterator[tuple[str, Node]]:
    """Yield the parameter of a list item: a mapping with ParameterKey, or "Key=Value". Raises _NotParameters."""
    if isinstance(item, MappingNode) and (key := item.get("ParameterKey")) is not None:
        value = item.get("ParameterValue")
        name = text_of(key.data) if isinstance(key, ScalarNode) else None
        if name is not None and value is not None:
            yield name, value
    elif isinstance(item, ScalarNode) and isinstance(item.data, str) and "=" in item.data:
        name, _, text = item.data.partition("=")
        yield name.strip(), ScalarNode(text, item.span)
    else:
        raise _NotParameters("an item has no ParameterKey", item.span)


def _of_sam_config(options: Node | None) -> Iterator[tuple[str, Node]]:
    """Yield what the options of a command in SAM's configuration file set: pseudo parameters, then overrides."""
    for name, pseudo in _DEPLOYED.items():
        node = _member(options, name)
        if node is not None:
            yield pseudo, node
    overrides = _member(options, "parameter_overrides")
    if overrides is not None:
        yield from _overrides(overrides)


def _member(node: Node | None, name: str) -> Node | None:
    """Return a member of a mapping, or None if the node is not a mapping that has it."""
    return node.get(name) if isinstance(node, MappingNode) else None


def _overrides(node: Node) -> Iterator[tuple[str, Node]]:
    """SAM's parameter_overrides: "Key=Value Other='a b'", a list of such, or a mapping."""
    if isinstance(node, MappingNode):
        yield from ((entry.name, entry.value) for entry in node)
    elif isinstance(node, SequenceNode):
        for item in node.items:
            yield from _overrides(item)
    elif isinstance(node, ScalarNode) and isinstance(node.data, str):
        for name, text in _words(node.data):
            yield name, ScalarNode(text, node.span)


_DEPLOYED = {"stack_name": "AWS::StackName", "region": "AWS::Region"}
"""What else SAM's configuration says of a deployment."""

_LONG = re.compile(r"^ParameterKey=(?P<name>[^,]*),ParameterValue=(?P<text>.*)$", re.DOTALL)


def _words(text: str) -> Iterator[tuple[str, str]]:
    try:
        words = shlex.split(text)
    except ValueError:
        words = text.split()
    for word in words:
        long = _LONG.match(word)
        if long is not None:
            yield long["name"], long["text"]
        elif "=" in word:
            name, _, value = word.partition("=")
            yield name, value


def _toml(source: SourceFile, environment: str) -> Iterator[tuple[str, Node]]:
    import tomllib

    try:
        data: Any = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        raise _NotParameters(str(error), source.whole) from error
    sections = data.get(environment)
    if not isinstance(sections, dict):
        if environment == "default":
            sections = data
        else:
            raise _NotParameters(f"there is no environment {environment}", source.whole)
    for command in ("global", "deploy"):
        level: Any = sections
        for name in (command, "parameters"):
            level = level.get(name) if isinstance(level, dict) else None
        if not isinstance(level, dict):
            continue
        for name, pseudo in _DEPLOYED.items():
            if isinstance(level.get(name), str):
                yield pseudo, ScalarNode(level[name], _place(source, name))
        level = level.get("parameter_overrides")
        if isinstance(level, str):
            pairs = list(_words(level))
        elif isinstance(level, list):
            pairs = [pair for item in level if isinstance(item, str) for pair in _words(item)]
        elif isinstance(level, dict):
            pairs = [(str(name), text) for name, item in level.items() if (text := text_of(item)) is not None]
        else:
            continue
        for name, text in pairs:
            yield name, ScalarNode(text, _place(source, name))


def _place(source: SourceFile, name: str) -> Span:
    """Where a samconfig sets a parameter: tomllib keeps no places, so its name is looked for."""
    hit = re.search(rf"(?<![\w-]){re.escape(name)}[\"']?\s*[=,]", source.text)
    if hit is None:
        return source.span(0, 0)
    return source.span(hit.start(), hit.start() + len(name))


def _manifest(session: Session, template: str) -> dict[str, Setting]:
    """What the CDK's manifest beside a template says of its stack: name, account, region and parameters."""
    try:
        document = document_of(session.workspace, os.path.join(os.path.dirname(template), "manifest.json"))
    except Unreadable:
        return {}
    label = document.source.name
    artifacts = (
        document.roots[0].get("artifacts") if document.roots and isinstance(document.roots[0], MappingNode) else None
    )
    for entry in artifacts if isinstance(artifacts, MappingNode) else ():
        artifact = entry.value
        properties = artifact.get("properties") if isinstance(artifact, MappingNode) else None
        if not isinstance(properties, MappingNode) or not isinstance(artifact, MappingNode):
            continue
        file = properties.get("templateFile")
        if not isinstance(file, ScalarNode) or file.data != os.path.basename(template):
            continue
        found: dict[str, Setting] = {}
        parameters = properties.get("parameters")
        for parameter in parameters if isinstance(parameters, MappingNode) else ():
            found[parameter.name] = Setting(parameter.value, label)
        name = properties.get("stackName")
        found["AWS::StackName"] = Setting(name if name is not None else ScalarNode(entry.name, entry.key), label)
        place = artifact.get("environment")
        hit = (
            _ENVIRONMENT.fullmatch(place.data)
            if isinstance(place, ScalarNode) and isinstance(place.data, str)
            else None
        )
        if hit is not None and place is not None:
            for pseudo, text in (("AWS::AccountId", hit["account"]), ("AWS::Region", hit["region"])):
                if not text.startswith("unknown-"):
                    found[pseudo] = Setting(ScalarNode(text, place.span), label)
        session.files.setdefault(document.source.path, document.source)
        return found
    return {}


_ENVIRONMENT = re.compile(r"aws://(?P<account>[^/]+)/(?P<region>[^/]+)")
