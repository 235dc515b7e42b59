"""Variables: type constraints, var files, validations, and the values that an input can have.

Source of facts: the Terraform language documentation (input variables, type constraints).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from iaclint.model.inventory import Inputs
from iaclint.model.value import Step, Unknown, Value
from iaclint.source.files import Problem, SourceFile, Unreadable, Workspace
from iaclint.terraform.lang.conversion import ConversionError, convert
from iaclint.terraform.lang.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    ObjectType,
    SetType,
    TupleType,
    Type,
)
from iaclint.terraform.syntax import parser
from iaclint.terraform.syntax import tree as syntax
from iaclint.terraform.syntax.tree import Block, Expression

if TYPE_CHECKING:
    from iaclint.terraform.modules import ModuleInstance

V = Value[Any]


class VariableType(Struct, frozen=True):
    """A type constraint, and what is wrong with it."""

    type: Type
    problems: tuple[Problem, ...] = ()


_PRIMITIVES: dict[str, Type] = {"string": STRING, "number": NUMBER, "bool": BOOL, "any": DYNAMIC}
_LEGACY: dict[str, Type] = {"list": ListType(DYNAMIC), "map": MapType(DYNAMIC), "set": SetType(DYNAMIC)}


def variable_type(block: Block, default: Callable[[Expression], V]) -> VariableType:
    """The type of a variable. `default` evaluates the default of an optional attribute."""
    node = next((attribute.value for attribute in block.body.attributes if attribute.name == "type"), None)
    if node is None:
        return VariableType(DYNAMIC)
    problems: list[Problem] = []
    return VariableType(_type(node, default, problems), tuple(problems))


def _type(node: Expression, default: Callable[[Expression], V], problems: list[Problem]) -> Type:
    def wrong(message: str) -> Type:
        problems.append(Problem(message, node.span, node.span.file.path, fatal=False))
        return DYNAMIC

    if isinstance(node, syntax.Parens):
        return _type(node.inner, default, problems)
    if isinstance(node, syntax.Literal) and isinstance(node.value, str):
        # Terraform 0.11 wrote types as text
        found = _PRIMITIVES.get(node.value) or _LEGACY.get(node.value)
        return found if found is not None else wrong(f'"{node.value}" is not a type')
    if isinstance(node, syntax.Traversal) and not node.names:
        found = _PRIMITIVES.get(node.root) or _LEGACY.get(node.root)
        return found if found is not None else wrong(f"{node.root} is not a type")
    if isinstance(node, syntax.Call):
        arguments = node.arguments
        if node.name in ("list", "set", "map") and len(arguments) == 1:
            element = _type(arguments[0], default, problems)
            if node.name == "map":
                return MapType(element)
            return ListType(element) if node.name == "list" else SetType(element)
        if node.name == "tuple" and len(arguments) == 1 and isinstance(arguments[0], syntax.TupleExpr):
            return TupleType(tuple(_type(item, default, problems) for item in arguments[0].items))
        if node.name == "object" and len(arguments) == 1 and isinstance(arguments[0], syntax.ObjectExpr):
            return _object(arguments[0], default, problems)
    return wrong(
        "this is not a type; types are string, number, bool, any, list(...), set(...), map(...), object({...})"
    )


def _object(node: syntax.ObjectExpr, default: Callable[[Expression], V], problems: list[Problem]) -> ObjectType:
    from iaclint.terraform.evaluate import EvaluationError

    fields: dict[str, Type] = {}
    optional: dict[str, V | None] = {}
    for key, value in node.items:
        name = str(key.value) if isinstance(key, syntax.Literal) else key.span.text
        if isinstance(value, syntax.Call) and value.name == "optional" and value.arguments:
            kind = _type(value.arguments[0], default, problems)
            fields[name] = kind
            optional[name] = None
            if len(value.arguments) > 1:
                at = value.arguments[1]
                try:
                    given = convert(default(at), kind, name)
                    optional[name] = Value(given.data, at.span, (Step(at.span, f"default of {name}"),), type=given.type)
                except (EvaluationError, ConversionError) as error:
                    problems.append(Problem(str(error), at.span, at.span.file.path, fatal=False))
        else:
            fields[name] = _type(value, default, problems)
    return ObjectType(fields, optional)


# -- values from outside ---------------------------------------------------------------------------


class Given(Struct, eq=False):
    """Values for the root's variables, with the problems of reading them and the files read."""

    values: dict[str, V]
    problems: list[Problem]
    files: list[SourceFile]


def given_values(workspace: Workspace, root: str, inputs: Inputs, declared: dict[str, Block]) -> Given:
    """The values of a root's variables in Terraform's order of precedence."""
    found = Given({}, [], [])
    if inputs.read_environment:
        _environment(found, declared)
    try:
        names = sorted(os.listdir(root))
    except OSError:
        names = []
    automatic: list[str] = [name for name in ("terraform.tfvars", "terraform.tfvars.json") if name in names]
    automatic += [name for name in names if name.endswith((".auto.tfvars", ".auto.tfvars.json"))]
    for name in automatic:
        _file(found, workspace, os.path.join(root, name), declared, named=False)
    for path in inputs.files:
        _file(found, workspace, os.path.abspath(path), declared, named=True)
    for given, data in inputs.values.items():
        name = given.removeprefix("var.")  # reasons name an input as expressions do
        block = declared.get(name)
        if block is not None:
            found.values[name] = _plain_value(data, block)
    return found


def _plain_value(data: Any, block: Block) -> V:
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


def _environment(found: Given, declared: dict[str, Block]) -> None:
    from iaclint.terraform.evaluate import Env, EvaluationError, evaluate

    for name, block in declared.items():
        text = os.environ.get(f"TF_VAR_{name}")
        if text is None:
            continue
        label = f"TF_VAR_{name}"
        source = SourceFile(label, text, label)
        kind = variable_type(block, lambda node: Value(None, node.span)).type
        simple = kind in (STRING, NUMBER, BOOL, DYNAMIC)
        value: V = Value(text, source.whole, (Step(source.whole, label),))
        if not simple:
            try:
                node = parser.parse_expression(source, text, source.whole)
                value = evaluate(node, Env(_Constants()))
                value = Value(value.data, source.whole, (Step(source.whole, label),), type=value.type)
            except (syntax.HclSyntaxError, EvaluationError) as error:
                found.problems.append(Problem(f"{label}: {error.message}", None, fatal=True))
                continue
        found.values[name] = value


class _Constants:
    """A scope without names: var files hold constants."""

    directory = ""
    depth = 0

    def __init__(self) -> None:
        from iaclint.terraform.evaluate import Budget

        self.budget = Budget()

    def refer(self, _root: str, _names: tuple[str, ...], span: Any, _env: Any) -> tuple[V, int]:
        from iaclint.terraform.evaluate import EvaluationError

        raise EvaluationError("a var file holds constants only, no references", span)

    def has_module(self, _name: str) -> bool:
        return False

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


def _file(found: Given, workspace: Workspace, path: str, declared: dict[str, Block], named: bool) -> None:
    from iaclint.terraform.evaluate import Env, EvaluationError, evaluate

    try:
        source = workspace.read(path)
        if path.endswith(".json"):
            from iaclint.terraform.syntax import json as json_syntax

            body = json_syntax.constants(source)
        else:
            body = parser.parse(source)
    except Unreadable as error:
        found.problems.append(Problem(str(error), path=path))
        return
    except syntax.HclSyntaxError as error:
        found.problems.append(Problem(error.message, error.span, path))
        return
    found.files.append(source)
    label = os.path.basename(path)
    for attribute in body.attributes:
        name = attribute.name
        if name not in declared:
            continue
        node = attribute.value
        try:
            value = evaluate(node, Env(_Constants()))
        except EvaluationError as error:
            found.problems.append(Problem(error.message, error.span, path, fatal=False))
            continue
        found.values[name] = Value(value.data, node.span, (Step(node.span, label),), type=value.type)


# -- domains and validations -------------------------------------------------------------------------


def domain(block: Block, kind: Type) -> tuple[Any, ...]:
    """The values that a variable can have, where its type or a validation lists them; else empty."""
    name = block.labels[0]
    for nested in block.body.blocks:
        if nested.type == "validation":
            condition = next((a.value for a in nested.body.attributes if a.name == "condition"), None)
            if condition is not None:
                options = _options(condition, name)
                if options:
                    return options
    return (True, False) if kind is BOOL else ()


def _options(node: Expression, name: str) -> tuple[Any, ...]:
    if isinstance(node, syntax.Parens):
        return _options(node.inner, name)
    if isinstance(node, syntax.Call) and node.name == "contains" and len(node.arguments) == 2:
        options, wanted = node.arguments
        if isinstance(options, syntax.Call) and options.name in ("toset", "tolist") and len(options.arguments) == 1:
            options = options.arguments[0]
        if _is_variable(wanted, name) and isinstance(options, syntax.TupleExpr):
            return _literals(options.items)
    if isinstance(node, syntax.Binary):
        if node.operator == "||":
            left, right = _options(node.left, name), _options(node.right, name)
            return tuple(dict.fromkeys((*left, *right))) if left and right else ()
        if node.operator == "&&":
            return _options(node.left, name) or _options(node.right, name)
        if node.operator == "==":
            if _is_variable(node.left, name):
                return _literals((node.right,))
            if _is_variable(node.right, name):
                return _literals((node.left,))
    return ()


def _is_variable(node: Expression, name: str) -> bool:
    return isinstance(node, syntax.Traversal) and node.root == "var" and node.names == (name,)


def _literals(nodes: tuple[Expression, ...]) -> tuple[Any, ...]:
    found = []
    for node in nodes:
        if not isinstance(node, syntax.Literal) or not isinstance(node.value, (str, bool, int)):
            return ()
        found.append(node.value)
    return tuple(found)


def check_validations(module: ModuleInstance, name: str, block: Block, value: V) -> None:
    """A Problem for each validation that the value violates."""
    from iaclint.terraform.evaluate import EvaluationError, evaluate

    if isinstance(value.data, Unknown):
        return
    for nested in block.body.blocks:
        if nested.type != "validation":
            continue
        nodes = {attribute.name: attribute.value for attribute in nested.body.attributes}
        condition = nodes.get("condition")
        if condition is None:
            continue
        try:
            result = evaluate(condition, module.env)
        except EvaluationError as error:
            module.evaluation.problem(error.message, error.span)
            continue
        if result.data is False:
            message = ""
            if "error_message" in nodes:
                try:
                    text = evaluate(nodes["error_message"], module.env)
                    message = text.data if isinstance(text.data, str) and not text.sensitive else ""
                except EvaluationError:
                    message = ""
            module.evaluation.problem(
                f"the value of var.{name} is refused: {message or 'its validation fails'}", value.span
            )
