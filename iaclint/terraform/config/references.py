"""References: what `var.x`, `local.x`, `module.x.y` or `aws_vpc.main.id` means in a module instance."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from iaclint.model.trails import through_name
from iaclint.model.value import Ref, Unknown, UnknownCause, Value
from iaclint.source.files import Span, relative
from iaclint.source.suggest import closest
from iaclint.terraform.config.evaluation import Evaluation
from iaclint.terraform.lang.errors import EvaluationError
from iaclint.terraform.lang.files import Files
from iaclint.terraform.lang.scope import Budget, Env

if TYPE_CHECKING:
    from iaclint.terraform.config.module import ModuleInstance

V: TypeAlias = Value[Any]

_TYPE_WORDS = frozenset(["string", "number", "bool", "list", "map", "set", "object", "any"])


class ModuleScope:
    """The scope of the expressions in one module instance."""

    def __init__(self, module: ModuleInstance, evaluation: Evaluation) -> None:
        self._module = module
        self._evaluation = evaluation
        self.budget: Budget = evaluation.budget
        self.files: Files = evaluation.files
        self.depth = 0

    def refer(self, root: str, names: tuple[str, ...], span: Span, env: Env) -> tuple[V, int]:
        """Return the value of a reference, and how many of the names it used. Raises EvaluationError."""
        lookup = _LOOKUPS.get(root)
        if lookup is not None:
            if not names:
                raise EvaluationError(f'"{root}" needs a name, as in {root}.example', span)
            return lookup(self, names[0], span, env), 1
        if root == "module":
            if not names:
                raise EvaluationError(f'"{root}" needs a name, as in {root}.example', span)
            return self._module.calls.refer(names, span)
        if root == "self":
            raise EvaluationError("self is only known in provisioners and conditions", span)
        if root in ("data", "ephemeral"):
            if len(names) < 2:
                raise EvaluationError(f"a reference to {root} needs a type and a name", span)
            return self._resource(f"{root}.{names[0]}", names[1], span), 2
        if root == "resource" and len(names) >= 2:
            return self._resource(names[0], names[1], span), 2
        if names:
            return self._resource(root, names[0], span), 1
        if root in _TYPE_WORDS:
            raise EvaluationError(f'"{root}" is a type, not a value', span)
        raise EvaluationError(f'"{root}" is not a value; a reference has a type and a name, a text has quotes', span)

    def has_module(self, name: str) -> bool:
        """Return True if there is a module call of this name."""
        return name in self._module.config.modules

    def output_of(self, module: str, key: V, name: str, span: Span) -> V:
        """Return the output `name` of the instance `key` of a module call. Raises EvaluationError."""
        return self._module.calls.output_of(module, key, name, span)

    def _variable(self, name: str, span: Span, _env: Env) -> V:
        declared = self._module.config.variables
        if name not in declared:
            raise EvaluationError(f"var.{name} is not declared{suggestion(name, declared)}", span)
        return through_name(self._module.variables.value(name, span), span, f"var.{name}")

    def _local(self, name: str, span: Span, _env: Env) -> V:
        declared = self._module.config.locals
        if name not in declared:
            raise EvaluationError(f"local.{name} is not declared{suggestion(name, declared)}", span)
        return through_name(self._module.local(name, span), span, f"local.{name}")

    def _each(self, name: str, span: Span, env: Env) -> V:
        if env.each is None:
            raise EvaluationError("each is only known where for_each is set", span)
        if name not in ("key", "value"):
            raise EvaluationError("each has key and value only", span)
        return through_name(env.each[0 if name == "key" else 1], span, f"each.{name}")

    def _count(self, _name: str, span: Span, env: Env) -> V:
        if env.count is None:
            raise EvaluationError("count.index is only known where count is set", span)
        return through_name(env.count, span, "count.index")

    def _path(self, name: str, span: Span, _env: Env) -> V:
        root = self._evaluation.root
        if name == "module":
            return Value(relative(self._module.config.directory, root), span)
        if name == "root":
            return Value(".", span)
        if name == "cwd":
            return Value(root.replace(os.sep, "/"), span)
        raise EvaluationError(f'"path.{name}" does not exist; there are path.module, path.root and path.cwd', span)

    def _terraform(self, name: str, span: Span, _env: Env) -> V:
        if name == "workspace":
            return Value("default", span)
        if name == "applying":
            return Value(Unknown(UnknownCause.EXTERNAL, "whether changes are being applied is not known"), span)
        raise EvaluationError(f'"terraform.{name}" does not exist', span)

    def _resource(self, kind: str, name: str, span: Span) -> V:
        declared, resources = self._module.config.resources, self._module.resources
        if (kind, name) not in declared:
            hint = suggestion(name, (n for k, n in declared if k == kind))
            raise EvaluationError(
                f"{kind}.{name} is not declared{hint}", span, (Ref(resources.address_of(kind, name)),)
            )
        return through_name(resources.value(kind, name, span), span, f"{kind}.{name}")


def suggestion(name: str, names: Iterable[str]) -> str:
    """Return the end of a message about an unknown name, "" if no name is like it."""
    close = closest(name, list(names)[:500], 0.75)
    return f"; did you mean {close}?" if close else ""


_LOOKUPS: dict[str, Callable[[ModuleScope, str, Span, Env], V]] = {
    "var": ModuleScope._variable,
    "local": ModuleScope._local,
    "each": ModuleScope._each,
    "count": ModuleScope._count,
    "path": ModuleScope._path,
    "terraform": ModuleScope._terraform,
    "tofu": ModuleScope._terraform,
}
