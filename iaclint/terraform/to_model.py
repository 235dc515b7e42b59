"""An evaluated root module as a Deployment of the common model."""

from __future__ import annotations

import re
from typing import Any, TypeAlias

from msgspec.structs import replace

from iaclint.model.inventory import Deployment, Input, Inputs, InsertionPoint, Resource
from iaclint.model.trails import gathered
from iaclint.model.value import Unknown, Value
from iaclint.source.files import SourceFile, Span, Workspace
from iaclint.terraform.config.blocks import block_name, first_block
from iaclint.terraform.config.directory import ModuleConfig, read_module
from iaclint.terraform.config.evaluation import Evaluation
from iaclint.terraform.config.module import ModuleInstance
from iaclint.terraform.config.variable import check_validations, domain
from iaclint.terraform.inputs import read_inputs
from iaclint.terraform.lang.errors import EvaluationError
from iaclint.terraform.syntax.tree import Block

V: TypeAlias = Value[Any]


def load(workspace: Workspace, directory: str, inputs: Inputs) -> Deployment:
    """Return the deployment of a root directory, an absolute path. Never raises on what the files hold."""
    config = read_module(workspace, directory)
    evaluation = Evaluation(workspace, directory, inputs)
    evaluation.problems.extend(config.problems)
    values = read_inputs(evaluation, config.variables)
    root = ModuleInstance.root(evaluation, config, values.get)
    header = _header(config, workspace)
    resources: list[Resource] = []
    variables: dict[str, Input] = {}
    outputs: dict[str, V] = {}
    try:
        resources = _resources_of(root)
        _finish(root)
        for name, block in config.variables.items():
            value = root.variables.value(name, block.header)
            kind = root.variables.type_of(name)
            variables[name] = Input(name, exported(value, block.span), domain(block, kind))
        for name, block in config.outputs.items():
            outputs[name] = exported(root.output(name, block.header), block.span)
        evaluation.complete_gaps()
    except RecursionError:
        evaluation.problem("the configuration is nested too deeply to be evaluated", header, fatal=True)
    except EvaluationError as error:
        evaluation.problem(error.message, error.span)
    return Deployment(
        "terraform",
        directory,
        workspace.display(directory),
        header,
        tuple(resources),
        variables,
        outputs,
        tuple(evaluation.gaps),
        tuple(evaluation.problems),
        tuple(evaluation.files.used.values()),
        inputs.name,
    )


def _header(config: ModuleConfig, workspace: Workspace) -> Span:
    """Return the place that a finding about the whole deployment points to."""
    first = next(iter((*config.settings, *config.providers)), config.first)
    if first is not None:
        return first.header
    if config.files:
        return config.files[0].span(0, 0)
    return SourceFile(config.directory, "", workspace.display(config.directory)).whole


def _resources_of(module: ModuleInstance) -> list[Resource]:
    """Return all resources of a module instance and of the modules that it calls."""
    found: list[Resource] = []
    for (kind, name), block in module.config.resources.items():
        try:
            expansion = module.resources.instances(kind, name, block.header)
        except EvaluationError as error:
            module.evaluation.invalid(error, block.header)
            continue
        points = insertion_points(block) if expansion.instances else {}
        for instance in expansion.instances:
            body = {key: exported(value, block.span) for key, value in instance.body.data.items()}
            meta = {key: plain_numbers(value) for key, value in instance.meta.items()}
            found.append(
                Resource(
                    "terraform",
                    kind,
                    instance.address,
                    Value(body, block.span),
                    block.span,
                    block.header,
                    instance.exists,
                    meta,
                    points,
                    module.path.steps,
                )
            )
    for name, block in module.config.modules.items():
        try:
            children = module.calls.instances(name, block.header).instances
        except EvaluationError as error:
            module.evaluation.invalid(error, block.header)
            continue
        for child in children:
            if child.module is not None:
                found.extend(_resources_of(child.module))
    return found


def _finish(module: ModuleInstance) -> None:
    """Evaluate what no resource needed, so that its problems are known too, and check validations."""
    evaluation = module.evaluation
    for name, block in module.config.variables.items():
        try:
            value = module.variables.value(name, block.header)
        except EvaluationError as error:
            evaluation.invalid(error, block.header)
            continue
        check_validations(name, block, value, module.env, evaluation)
    for name, attribute in module.config.locals.items():
        try:
            module.local(name, attribute.span)
        except EvaluationError as error:
            evaluation.invalid(error, attribute.span)
    for name, block in module.config.outputs.items():
        try:
            module.output(name, block.header)
        except EvaluationError as error:
            evaluation.invalid(error, block.header)
    for called in module.calls.entered():
        _finish(called)


# -- values ----------------------------------------------------------------------------------------------


def exported(value: V, block: Span) -> V:
    """Return a value as rules see it: ints and floats, elements placed at the attribute of the block that uses them."""
    return plain_numbers(gathered(value, block))


def plain_numbers(value: V) -> V:
    """Return a value with ints and floats for numbers."""
    data = value.data
    if data is None or isinstance(data, (str, int)):
        return value
    if isinstance(data, tuple):
        return value.with_data(tuple([plain_numbers(item) for item in data]))
    if isinstance(data, dict):
        return value.with_data({name: plain_numbers(item) for name, item in data.items()})
    if isinstance(data, Unknown):
        if all(option is None or isinstance(option, (str, int)) for option in data.one_of):
            return value
        return value.with_data(replace(data, one_of=tuple(map(_number, data.one_of))))
    return value.with_data(_number(data))


def _number(data: Any) -> Any:
    if isinstance(data, (str, bool, int)) or data is None:
        return data
    try:
        return float(data)
    except OverflowError:
        return float("inf") if data > 0 else float("-inf")


# -- insertion points ------------------------------------------------------------------------------------


def insertion_points(block: Block) -> dict[str, InsertionPoint]:
    """Return the places at which an attribute can be added to a block and to the first nested block of each type."""
    points = {"": insertion_point(block)}
    for nested in block.body.blocks:
        name = block_name(nested)
        target = nested
        if nested.type == "dynamic":
            content = first_block(nested.body, "content")
            if content is None:
                continue
            target = content
        points.setdefault(name, insertion_point(target))
    return points


def insertion_point(block: Block) -> InsertionPoint:
    """Return the place at which an attribute can be added to a block."""
    body = block.body
    span = body.span
    file = span.file
    language = "json" if body.json else "hcl"
    if body.json:
        return InsertionPoint(Span(file, span.start, span.start), '"{name}": {value}, ', language)
    line = file.text.rfind("\n", 0, block.span.start) + 1
    outer = re.match(r"[ \t]*", file.text[line : block.span.start])
    indent = (outer.group() if outer else "") + "  "
    if body.attributes:
        last = max(body.attributes, key=lambda attribute: attribute.span.end)
        start = file.text.rfind("\n", 0, last.span.start) + 1
        lead = file.text[start : last.span.start]
        if lead.strip() == "":
            indent = lead
            end = file.text.find("\n", last.span.end)
            rest = file.text[last.span.end : end if end >= 0 else len(file.text)]
            at = last.span.end
            if rest.strip().startswith(("#", "//")):
                at = end if end >= 0 else len(file.text)
            return InsertionPoint(Span(file, at, at), "\n" + indent.replace("{", "{{") + "{name} = {value}", language)
        # `x { a = 1 }` on one line: the body has to be broken up
        return InsertionPoint(Span(file, last.span.end, last.span.end), "\n" + indent + "{name} = {value}\n", language)
    closing = "" if "\n" in span.text else "\n" + indent[:-2]
    return InsertionPoint(Span(file, span.start, span.start), "\n" + indent + "{name} = {value}" + closing, language)
