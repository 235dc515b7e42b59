"""Variables: their type constraints, possible values and validations, and their values in a module instance.

Source of facts: the Terraform language documentation (input variables, type constraints).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from msgspec import Struct

from iaclint.model.value import Step, Unknown, UnknownCause, Value
from iaclint.source.files import Problem, Span
from iaclint.terraform.config.blocks import expression_of, is_false, is_true
from iaclint.terraform.config.evaluation import Evaluation, Lazy
from iaclint.terraform.lang.conversion import ConversionError, convert
from iaclint.terraform.lang.errors import EvaluationError
from iaclint.terraform.lang.evaluate import evaluate
from iaclint.terraform.lang.scope import Env
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
from iaclint.terraform.syntax import tree as syntax
from iaclint.terraform.syntax.tree import Block, Expression

V: TypeAlias = Value[Any]


class Variables:
    """The values of the variables of one module instance, converted to their types.

    declared    the variable blocks by name;  directory: where they are declared
    arguments   gives the value that the module call (or the inputs of the root) sets; None if it sets none
    call        the place of the module call; None for the root
    """

    def __init__(
        self,
        evaluation: Evaluation,
        declared: dict[str, Block],
        directory: str,
        address: str,
        arguments: Callable[[str], V | None],
        call: Span | None,
    ) -> None:
        self._evaluation = evaluation
        self._declared = declared
        self._directory = directory
        self._arguments = arguments
        self._call = call
        self._constants = Env(evaluation.constants("a default must be a constant"))
        self._values: Lazy[str, V] = Lazy(evaluation, address)

    def value(self, name: str, span: Span) -> V:
        """Return the value of a declared variable, which `span` asks for. Raises EvaluationError."""
        return self._values.get(name, f"var.{name}", span, lambda: self._value(name))

    def type_of(self, name: str) -> Type:
        """Return the type constraint of a declared variable, and report what is wrong with it."""
        memo = self._evaluation.workspace.memo
        key = ("terraform variable type", self._directory, name)
        if key not in memo:
            memo[key] = variable_type(self._declared[name], lambda node: evaluate(node, self._constants))
        found: VariableType = memo[key]
        for problem in found.problems:
            self._evaluation.problem(problem.message, problem.span)
        return found.type

    def _value(self, name: str) -> V:
        block = self._declared[name]
        kind = self.type_of(name)
        is_nullable = not is_false(block, "nullable")
        value = self._arguments(name)
        if value is None or (value.data is None and not is_nullable):
            default = expression_of(block.body, "default")
            if default is not None:
                value = self._default(default)
            elif self._call is None:
                return self._without_value(name, kind, is_nullable)
            elif value is None:
                return self._not_passed(name, kind, self._call)
        try:
            value = convert(value, kind, f"var.{name}")
        except ConversionError as error:
            self._evaluation.problem(str(error), value.span)
            data = Unknown(UnknownCause.INVALID, str(error))
            value = Value(data, value.span, value.trail, value.refs, type=kind)
        if is_true(block, "sensitive") or is_true(block, "ephemeral"):
            value = value.replace(sensitive=True)
        return value

    def _default(self, node: Expression) -> V:
        try:
            value = evaluate(node, self._constants)
        except EvaluationError as error:
            value = self._evaluation.invalid(error, node.span)
        return Value(value.data, node.span, (Step(node.span, "default"),), type=value.type)

    def _without_value(self, name: str, kind: Type, is_nullable: bool) -> V:
        """Return a variable of the root that has neither a value nor a default."""
        block = self._declared[name]
        data = Unknown(
            UnknownCause.INPUT,
            f"var.{name} has no value",
            (f"var.{name}",),
            domain(block, kind),
            not_null=not is_nullable,
        )
        return self._unknown(name, data, kind, is_true(block, "sensitive"))

    def _not_passed(self, name: str, kind: Type, call: Span) -> V:
        """Return a variable without a default that the module call does not set."""
        self._evaluation.problem(f"the module needs a value for {name}, and gets none", call)
        return self._unknown(name, Unknown(UnknownCause.INVALID, f"var.{name} is not given to the module"), kind)

    def _unknown(self, name: str, data: Unknown, kind: Type, sensitive: bool = False) -> V:
        header = self._declared[name].header
        trail = (Step(header, f"variable {name}"),)
        return Value(data, header, trail, sensitive=sensitive, type=None if kind is DYNAMIC else kind)


# -- types -----------------------------------------------------------------------------------------------


class VariableType(Struct, frozen=True):
    """A type constraint, and the problems with it."""

    type: Type
    problems: tuple[Problem, ...] = ()


_TYPES: dict[str, Type] = {
    "string": STRING,
    "number": NUMBER,
    "bool": BOOL,
    "any": DYNAMIC,
    "list": ListType(DYNAMIC),
    "map": MapType(DYNAMIC),
    "set": SetType(DYNAMIC),
}
"""Types without arguments; list, map and set are those of Terraform 0.11."""


def variable_type(block: Block, default: Callable[[Expression], V]) -> VariableType:
    """Return the type constraint of a variable. `default` evaluates the default of an optional attribute."""
    node = expression_of(block.body, "type")
    if node is None:
        return VariableType(DYNAMIC)
    reader = _TypeReader(default)
    return VariableType(reader.read(node), tuple(reader.problems))


class _TypeReader:
    """Reads type constraints, and collects what is wrong with them."""

    def __init__(self, default: Callable[[Expression], V]) -> None:
        self._default = default
        self.problems: list[Problem] = []

    def read(self, node: Expression) -> Type:
        """Return the type that an expression means, DYNAMIC if it is wrong."""
        if isinstance(node, syntax.Parens):
            return self.read(node.inner)
        if isinstance(node, syntax.Literal) and isinstance(node.value, str):
            # Terraform 0.11 had types in quotes
            found = _TYPES.get(node.value)
            return found if found is not None else self._wrong(node, f'"{node.value}" is not a type')
        if isinstance(node, syntax.Traversal) and not node.names:
            found = _TYPES.get(node.root)
            return found if found is not None else self._wrong(node, f"{node.root} is not a type")
        made = self._constructed(node) if isinstance(node, syntax.Call) and len(node.arguments) == 1 else None
        return made or self._wrong(
            node,
            "this is not a type; types are string, number, bool, any, list(...), set(...), map(...), object({...})",
        )

    def _constructed(self, node: syntax.Call) -> Type | None:
        """Return the type that a constructor makes of its argument, None if it is none."""
        argument = node.arguments[0]
        if node.name == "list":
            return ListType(self.read(argument))
        if node.name == "set":
            return SetType(self.read(argument))
        if node.name == "map":
            return MapType(self.read(argument))
        if node.name == "tuple" and isinstance(argument, syntax.TupleExpr):
            return TupleType(tuple(self.read(item) for item in argument.items))
        if node.name == "object" and isinstance(argument, syntax.ObjectExpr):
            return self._object(argument)
        return None

    def _object(self, node: syntax.ObjectExpr) -> ObjectType:
        fields: dict[str, Type] = {}
        optional: dict[str, V | None] = {}
        for key, value in node.items:
            name = str(key.value) if isinstance(key, syntax.Literal) else key.span.text
            if isinstance(value, syntax.Call) and value.name == "optional" and value.arguments:
                fields[name] = self.read(value.arguments[0])
                optional[name] = None
                if len(value.arguments) > 1:
                    optional[name] = self._default_of(name, value.arguments[1], fields[name])
            else:
                fields[name] = self.read(value)
        return ObjectType(fields, optional)

    def _default_of(self, name: str, node: Expression, kind: Type) -> V | None:
        """Return the default of an optional attribute."""
        try:
            value = convert(self._default(node), kind, name)
        except (EvaluationError, ConversionError) as error:
            self._wrong(node, str(error))
            return None
        return Value(value.data, node.span, (Step(node.span, f"default of {name}"),), type=value.type)

    def _wrong(self, node: Expression, message: str) -> Type:
        self.problems.append(Problem(message, node.span, node.span.file.path, fatal=False))
        return DYNAMIC


# -- possible values and validations ---------------------------------------------------------------------


def domain(block: Block, kind: Type) -> tuple[Any, ...]:
    """Return the values that a variable can have; empty if neither its type nor a validation lists them."""
    name = block.labels[0]
    for nested in block.body.blocks:
        if nested.type == "validation":
            condition = expression_of(nested.body, "condition")
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


def check_validations(name: str, block: Block, value: V, env: Env, evaluation: Evaluation) -> None:
    """Report a Problem for each validation of a variable that its value violates."""
    if isinstance(value.data, Unknown):
        return
    for nested in block.body.blocks:
        condition = expression_of(nested.body, "condition") if nested.type == "validation" else None
        if condition is None:
            continue
        try:
            result = evaluate(condition, env)
        except EvaluationError as error:
            evaluation.problem(error.message, error.span)
            continue
        if result.data is False:
            message = _error_message(nested, env) or "its validation fails"
            evaluation.problem(f"the value of var.{name} is refused: {message}", value.span)


def _error_message(validation: Block, env: Env) -> str:
    """Return the message of a validation, "" if it has none, is not known or must not be printed."""
    node = expression_of(validation.body, "error_message")
    if node is None:
        return ""
    try:
        text = evaluate(node, env)
    except EvaluationError:
        return ""
    return text.data if isinstance(text.data, str) and not text.sensitive else ""
