"""Calls of Terraform's functions: arguments are checked and converted, nulls refused, unknown arguments passed on.

Modules with functions are imported when a configuration calls one of theirs. Functions whose result changes with every
run (`timestamp`, `uuid`, `bcrypt`), or that need something from outside, are unknown.

Source of facts: https://developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TypeAlias

from iaclint.model.trails import picked_from
from iaclint.model.unknowns import derive, merge, unknown_parts
from iaclint.model.value import Unknown, UnknownCause, Value
from iaclint.terraform.functions.registry import Context, Function, FunctionError, V
from iaclint.terraform.functions.values import unsupported
from iaclint.terraform.lang.comparison import sort_set
from iaclint.terraform.lang.conversion import ConversionError, convert
from iaclint.terraform.lang.errors import EvaluationError, LimitError, MissingPackage
from iaclint.terraform.lang.limits import MAX_TEXT
from iaclint.terraform.lang.resources import complete
from iaclint.terraform.lang.scope import Env
from iaclint.terraform.lang.types import BOOL, DYNAMIC, ResourceType, SetType, Type
from iaclint.terraform.syntax.tree import Call, Expression, Literal

Evaluate: TypeAlias = Callable[[Expression, Env], V]

MODULES = {
    "cidr": "cidrhost cidrnetmask cidrsubnet cidrsubnets",
    "collection": "alltrue anytrue chunklist coalesce coalescelist compact concat contains distinct element flatten "
    "index keys length lookup matchkeys merge one range reverse setintersection setproduct setsubtract setunion slice "
    "sort sum transpose values zipmap",
    "conversion": "ephemeralasnull issensitive nonsensitive sensitive tobool tolist tomap tonumber toset tostring",
    "crypto": "base64sha256 base64sha512 bcrypt filebase64sha256 filebase64sha512 filemd5 filesha1 filesha256 "
    "filesha512 md5 rsadecrypt sha1 sha256 sha512 uuid uuidv5",
    "datetime": "formatdate plantimestamp timeadd timecmp timestamp",
    "encoding": "base64decode base64encode base64gzip csvdecode jsondecode jsonencode textdecodebase64 "
    "textencodebase64 urlencode yamldecode yamlencode",
    "filesystem": "abspath basename dirname file filebase64 fileexists fileset pathexpand",
    "format": "format formatlist",
    "numeric": "abs ceil floor log max min parseint pow signum",
    "string": "chomp endswith indent join lower regex regexall replace split startswith strcontains strrev substr "
    "title trim trimprefix trimspace trimsuffix upper",
    "templates": "templatefile templatestring",
}
"""The functions of each module of this package."""
_MODULE_OF = {name: module for module, names in MODULES.items() for name in names.split()}


def find(name: str) -> Function | None:
    """Return the function of a name; None if Terraform has none."""
    module = _MODULE_OF.get(name)
    if module is None:
        return None
    found: Function = import_module(f"{__package__}.{module}").FUNCTIONS[name]
    return found


def call(node: Call, env: Env, evaluate: Evaluate) -> V:
    """Return the value of a function call. Raises EvaluationError."""
    name = node.name.removeprefix("core::")
    if name == "try":
        return _try(node, env, evaluate)
    if name == "can":
        return _can(node, env, evaluate)
    if "::" in name:
        for argument in node.arguments:
            evaluate(argument, env)
        return Value(
            Unknown(UnknownCause.UNSUPPORTED, f"{name}() belongs to a provider, which is not asked"),
            node.span,
            type=None,
        )
    found = find(name)
    if found is None:
        raise EvaluationError(f"there is no function {name}()", node.span)
    arguments: list[V] = [evaluate(argument, env) for argument in node.arguments]
    if node.expand:
        last = arguments.pop()
        if isinstance(last.data, Unknown):
            return merge(node.span, (*arguments, last), found.returns, not_null=False)
        if not isinstance(last.data, tuple):
            raise EvaluationError("only a list can be expanded with ...", last.span)
        items = sort_set(last.data) if isinstance(last.type, SetType) else last.data
        arguments.extend(picked_from(last, item, last.span) for item in items)
    completed = [complete(value, node.span) if isinstance(value.type, ResourceType) else value for value in arguments]
    return apply(found, completed, Context(node.span, env, node.arguments, evaluate))


def apply(found: Function, arguments: list[V], context: Context) -> V:
    """Return the result of a function for arguments, which are checked and converted. Raises EvaluationError."""
    span = context.span
    prepared = list(_prepared(found, arguments, context))
    if _lacks(found, prepared):
        return merge(span, prepared, found.returns)
    try:
        result = found.run(context, *prepared)
    except (FunctionError, ConversionError, ValueError, OverflowError) as error:
        raise EvaluationError(f"{found.name}(): {error}", span) from None
    except MissingPackage as package:
        detail = f"{found.name}() needs the package {package}, which is not installed"
        return unsupported(context, prepared, detail, found.returns)
    if isinstance(result, Value):
        return result
    if isinstance(result, str) and len(result) > MAX_TEXT:
        raise LimitError(f"the result of {found.name}() is too long", span)
    return derive(span, prepared, result)


def _prepared(found: Function, arguments: list[V], context: Context) -> Iterator[V]:
    """Yield the arguments, converted to the types of the parameters. Raises EvaluationError."""
    count = len(arguments)
    least = len(found.parameters) - found.optional
    if count < least or (found.rest is None and count > len(found.parameters)):
        wanted = f"{least}" if not found.optional and found.rest is None else f"at least {least}"
        raise EvaluationError(f"{found.name}() takes {wanted} arguments, not {count}", context.span)
    for i, argument in enumerate(arguments):
        kind: Type | None = found.parameters[i] if i < len(found.parameters) else found.rest
        assert kind is not None
        if argument.data is None and not found.nullable:
            raise EvaluationError(f"argument {i + 1} of {found.name}() must not be null", argument.span)
        if kind is DYNAMIC:
            yield argument
            continue
        try:
            yield convert(argument, kind)
        except ConversionError as error:
            raise EvaluationError(f"argument {i + 1} of {found.name}(): {error}", argument.span) from None


def _lacks(found: Function, arguments: list[V]) -> bool:
    """Return True if a function cannot run because something of its arguments is unknown."""
    if found.unknown == "own":
        return False
    if found.unknown == "deep":
        return bool(unknown_parts(arguments))
    return any(isinstance(argument.data, Unknown) for argument in arguments)


def _try(node: Call, env: Env, evaluate: Evaluate) -> V:
    if not node.arguments:
        raise EvaluationError("try() takes at least one argument", node.span)
    last: EvaluationError | None = None
    for argument in node.arguments:
        try:
            value = evaluate(argument, env)
        except LimitError:
            raise
        except EvaluationError as error:
            last = error
            continue
        if isinstance(value.data, Unknown) and value.type is None and not isinstance(argument, Literal):
            # this argument may still fail when it is known, and try() go on to the next
            return Value(value.data.cause_only(), node.span, value.trail, value.refs, False, value.sensitive)
        return value
    assert last is not None
    raise EvaluationError(f"no argument of try() succeeded; the last one: {last.message}", node.span)


def _can(node: Call, env: Env, evaluate: Evaluate) -> V:
    if len(node.arguments) != 1:
        raise EvaluationError("can() takes one argument", node.span)
    try:
        value = evaluate(node.arguments[0], env)
    except LimitError:
        raise
    except EvaluationError:
        return Value(False, node.span)
    if unknown_parts((value,)):
        return merge(node.span, (value,), BOOL)
    return derive(node.span, (value,), True)
