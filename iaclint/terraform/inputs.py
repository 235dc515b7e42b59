"""Values for the variables of a root module: var files, the environment, and single values.

Source of facts: the Terraform language documentation (input variables, order of precedence).
"""

from __future__ import annotations

import os
from typing import Any, TypeAlias

from iaclint.model.inventory import Inputs
from iaclint.model.value import Step, Value
from iaclint.source.files import Problem, SourceFile, Unreadable
from iaclint.terraform.config.evaluation import Evaluation
from iaclint.terraform.config.variable import variable_type
from iaclint.terraform.lang.errors import EvaluationError
from iaclint.terraform.lang.evaluate import evaluate
from iaclint.terraform.lang.scope import Env
from iaclint.terraform.lang.types import BOOL, DYNAMIC, NUMBER, STRING
from iaclint.terraform.syntax import json as json_syntax
from iaclint.terraform.syntax import parser
from iaclint.terraform.syntax import tree as syntax
from iaclint.terraform.syntax.tree import Block

V: TypeAlias = Value[Any]


def read_inputs(evaluation: Evaluation, declared: dict[str, Block]) -> dict[str, V]:
    """Return the values that are supplied for the declared variables of the root, in Terraform's order of precedence.

    Problems with them, and the files that were read, are added to the evaluation.
    """
    return _Reader(evaluation, declared).read(evaluation.inputs)


class _Reader:
    """Reads the values from all sources; a later one replaces an earlier one."""

    def __init__(self, evaluation: Evaluation, declared: dict[str, Block]) -> None:
        self._evaluation = evaluation
        self._declared = declared
        self._constants = Env(evaluation.constants("a var file holds constants only, no references"))
        self._values: dict[str, V] = {}

    def read(self, inputs: Inputs) -> dict[str, V]:
        """Return the values by variable."""
        if inputs.read_environment:
            self._environment()
        root = self._evaluation.root
        try:
            names = sorted(os.listdir(root))
        except OSError:
            names = []
        automatic: list[str] = [name for name in ("terraform.tfvars", "terraform.tfvars.json") if name in names]
        automatic += [name for name in names if name.endswith((".auto.tfvars", ".auto.tfvars.json"))]
        for path in (*(os.path.join(root, name) for name in automatic), *map(os.path.abspath, inputs.files)):
            self._file(path)
        for key, data in inputs.values.items():
            name = key.removeprefix("var.")  # reasons name an input as expressions do
            if name in self._declared:
                self._values[name] = _from_plain(data, self._declared[name])
        return self._values

    def _environment(self) -> None:
        for name, block in self._declared.items():
            label = f"TF_VAR_{name}"
            text = os.environ.get(label)
            if text is None:
                continue
            source = SourceFile(label, text, label)
            trail = (Step(source.whole, label),)
            kind = variable_type(block, lambda node: Value(None, node.span)).type
            if kind in (STRING, NUMBER, BOOL, DYNAMIC):
                self._values[name] = Value(text, source.whole, trail)
                continue
            try:
                value = evaluate(parser.parse_expression(source, text, source.whole), self._constants)
            except (syntax.HclSyntaxError, EvaluationError) as error:
                self._evaluation.problems.append(Problem(f"{label}: {error.message}", None, fatal=True))
                continue
            self._values[name] = Value(value.data, source.whole, trail, type=value.type)

    def _file(self, path: str) -> None:
        report = self._evaluation.problems.append
        try:
            source = self._evaluation.workspace.read(path)
            if path.endswith(".json"):
                body = json_syntax.constants(source)
            else:
                body = parser.parse(source)
        except Unreadable as error:
            report(Problem(str(error), path=path))
            return
        except syntax.HclSyntaxError as error:
            report(Problem(error.message, error.span, path))
            return
        self._evaluation.files.used.setdefault(source.path, source)
        label = os.path.basename(path)
        for attribute in body.attributes:
            if attribute.name not in self._declared:
                continue
            node = attribute.value
            try:
                value = evaluate(node, self._constants)
            except EvaluationError as error:
                report(Problem(error.message, error.span, path, fatal=False))
                continue
            self._values[attribute.name] = Value(value.data, node.span, (Step(node.span, label),), type=value.type)


def _from_plain(data: Any, block: Block) -> V:
    """Plain data as the value of a variable, placed at its declaration."""
    step = (Step(block.header, f"variable {block.labels[0]}"),)

    def build(item: Any) -> V:
        if isinstance(item, Value):
            return item
        if isinstance(item, (list, tuple)):
            return Value(tuple(build(part) for part in item), block.header, step)
        if isinstance(item, dict):
            return Value({str(name): build(part) for name, part in item.items()}, block.header, step)
        return Value(item, block.header, step)

    return build(data)
