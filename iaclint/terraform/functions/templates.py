"""Functions that render templates: templatefile and templatestring."""

from __future__ import annotations

import re

from iaclint.model.unknowns import merge
from iaclint.model.value import Unknown, Value
from iaclint.terraform.functions.registry import Context, FunctionError, Functions, Result, V
from iaclint.terraform.lang.conversion import convert
from iaclint.terraform.lang.errors import LimitError
from iaclint.terraform.lang.scope import Env, NamelessScope
from iaclint.terraform.lang.types import DYNAMIC, STRING
from iaclint.terraform.syntax import parser
from iaclint.terraform.syntax import tree as syntax

FUNCTIONS = Functions()


def _render(context: Context, template: syntax.Template | syntax.Literal, variables: V, what: str) -> Result:
    if not isinstance(variables.data, dict):
        raise FunctionError("the variables must be a map or object")
    for name in variables.data:
        if not re.fullmatch(r"[^\W\d][\w-]*", name):
            raise FunctionError(f'"{name}" is not a name that a template can use')
    scope = NamelessScope.within(context.env.scope, f'"{{name}}" is not among the variables given to {what}')
    value = context.evaluate(template, Env(scope, dict(variables.data)))
    sensitive = value.sensitive or variables.sensitive
    return Value(value.data, context.span, (), value.refs, False, sensitive, value.type)


@FUNCTIONS.define("templatefile", STRING, DYNAMIC, unknown="own")
def _templatefile(context: Context, path: V, variables: V) -> Result:
    if isinstance(path.data, Unknown) or isinstance(variables.data, Unknown):
        return merge(context.span, (path, variables), STRING)
    if context.env.scope.depth > 8:
        raise LimitError("templates call each other too deeply", context.span)
    template = context.env.scope.files.template(path.data, context.span)
    if isinstance(template, Value):
        return template
    return _render(context, template, variables, "templatefile()")


@FUNCTIONS.define("templatestring", DYNAMIC, DYNAMIC, unknown="own")
def _templatestring(context: Context, text: V, variables: V) -> Result:
    node = context.nodes[0]
    while isinstance(node, (syntax.Index, syntax.GetAttr)):
        node = node.source
    if not isinstance(node, syntax.Traversal):
        raise FunctionError("the template must be a reference to a value, as in local.greeting")
    if isinstance(text.data, Unknown) or isinstance(variables.data, Unknown):
        return merge(context.span, (text, variables), STRING)
    source = convert(text, STRING)
    try:
        template = parser.template_in(context.span.file, source.data, 0, context.span, exact=False)
    except syntax.HclSyntaxError as error:
        raise FunctionError(f"the template is wrong: {error.message}") from None
    return _render(context, template, variables, "templatestring()")
