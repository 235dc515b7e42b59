"""Parameter files: what a template is to be deployed with.

Read are the AWS CLI's list of ParameterKey/ParameterValue (or of "Key=Value"), CodePipeline's template
configuration (an object with Parameters), a plain YAML or JSON mapping, and SAM's samconfig.toml or samconfig.yaml.
"""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from typing import Any

from iaclint.cloudformation.evaluate import Session, Setting, document_of, text_of
from iaclint.cloudformation.syntax import Mapping, Node, Scalar, Sequence
from iaclint.source import Problem, SourceFile, Span, Unreadable


def settings(session: Session) -> dict[str, Setting]:
    """The parameters that the files of the session's Inputs set: a later file wins.

    A file that cannot be used is a Problem.
    """
    found: dict[str, Setting] = {}
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
    if isinstance(root, Sequence):
        for item in root.items:
            if isinstance(item, Mapping) and (key := item.get("ParameterKey")) is not None:
                value = item.get("ParameterValue")
                name = text_of(key.data) if isinstance(key, Scalar) else None
                if name is not None and value is not None:
                    yield name, value
            elif isinstance(item, Scalar) and isinstance(item.data, str) and "=" in item.data:
                name, _, text = item.data.partition("=")
                yield name.strip(), Scalar(text, item.span)
            else:
                raise _NotParameters("an item has no ParameterKey", item.span)
    elif isinstance(root, Mapping):
        parameters = root.get("Parameters")
        deploy = root.get(environment)
        if isinstance(parameters, Mapping):
            yield from ((entry.name, entry.value) for entry in parameters)
        elif root.get("version") is not None and isinstance(deploy, Mapping):
            for command in ("global", "deploy"):
                level: Node | None = deploy
                for name in (command, "parameters", "parameter_overrides"):
                    level = level.get(name) if isinstance(level, Mapping) else None
                if level is not None:
                    yield from _overrides(level)
        else:
            yield from ((entry.name, entry.value) for entry in root if not isinstance(entry.value, Mapping))
    else:
        raise _NotParameters("neither a list nor a mapping", root.span)


def _overrides(node: Node) -> Iterator[tuple[str, Node]]:
    """SAM's parameter_overrides: "Key=Value Other='a b'", a list of such, or a mapping."""
    if isinstance(node, Mapping):
        yield from ((entry.name, entry.value) for entry in node)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _overrides(item)
    elif isinstance(node, Scalar) and isinstance(node.data, str):
        for name, text in _words(node.data):
            yield name, Scalar(text, node.span)


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
        for name in (command, "parameters", "parameter_overrides"):
            level = level.get(name) if isinstance(level, dict) else None
        if isinstance(level, str):
            pairs = list(_words(level))
        elif isinstance(level, list):
            pairs = [pair for item in level if isinstance(item, str) for pair in _words(item)]
        elif isinstance(level, dict):
            pairs = [(str(name), text) for name, item in level.items() if (text := text_of(item)) is not None]
        else:
            continue
        for name, text in pairs:
            yield name, Scalar(text, _place(source, name))


def _place(source: SourceFile, name: str) -> Span:
    """Where a samconfig sets a parameter: tomllib keeps no places, so its name is looked for."""
    hit = re.search(rf"(?<![\w-]){re.escape(name)}[\"']?\s*[=,]", source.text)
    if hit is None:
        return source.span(0, 0)
    return source.span(hit.start(), hit.start() + len(name))
