"""The surroundings of an expression: the names in force, the files that functions read, the rounds left."""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

from iaclint.model.value import Value
from iaclint.source.files import Span
from iaclint.terraform.lang.errors import EvaluationError, LimitError
from iaclint.terraform.lang.files import Files

V: TypeAlias = Value[Any]

MAX_ITERATIONS = 500_000
"""Rounds of `for` expressions and function results, over a whole deployment."""


class Budget:
    """The rounds that the evaluation of one deployment may still run."""

    __slots__ = ("iterations",)

    def __init__(self) -> None:
        self.iterations = MAX_ITERATIONS

    def spend(self, count: int, span: Span) -> None:
        """Take `count` rounds from the budget. Raises LimitError if nothing is left."""
        self.iterations -= count
        if self.iterations < 0:
            raise LimitError("evaluation stops here: the configuration expands to too many elements", span)


class Scope(Protocol):
    """The meaning of names in a module instance, a template file or a file of variables."""

    @property
    def budget(self) -> Budget:
        """The rounds that the evaluation may still run."""

    @property
    def files(self) -> Files:
        """The files that functions may read."""

    @property
    def depth(self) -> int:
        """The number of template files that call each other down to this one."""

    def refer(self, root: str, names: tuple[str, ...], span: Span, env: Env, /) -> tuple[V, int]:
        """Return the value of the reference `root.names[0]...`, and how many of the names it used.

        Raises EvaluationError.
        """

    def has_module(self, name: str, /) -> bool:
        """Return True if there is a module call of this name."""

    def output_of(self, module: str, key: V, name: str, span: Span, /) -> V:
        """Return the output `name` of the instance `key` of a module call. Raises EvaluationError."""


class NamelessScope:
    """A scope in which no name means anything, for defaults of variables, files of variables and template files.

    A reference raises an EvaluationError with `message`, in which {name} stands for the first name of the reference.
    """

    def __init__(self, budget: Budget, files: Files, message: str, depth: int = 0) -> None:
        self.budget = budget
        self.files = files
        self.depth = depth
        self._message = message

    @classmethod
    def within(cls, scope: Scope, message: str) -> NamelessScope:
        """Return a scope for a text that is evaluated as part of what belongs to another scope."""
        return cls(scope.budget, scope.files, message, scope.depth + 1)

    def refer(self, root: str, _names: tuple[str, ...], span: Span, _env: Env) -> tuple[V, int]:
        """Raise EvaluationError."""
        raise EvaluationError(self._message.replace("{name}", root), span)

    def has_module(self, _name: str) -> bool:
        """Return False."""
        return False

    def output_of(self, module: str, _key: V, _name: str, span: Span) -> V:
        """Raise EvaluationError."""
        return self.refer("module", (module,), span, Env(self))[0]


class Env:
    """The names in force for an expression, in addition to those of its scope.

    names        variables of `for` expressions, of `for` directives and of template files
    each, count  `each.key` and `each.value`, `count.index`; None outside of a block with for_each or count
    """

    __slots__ = ("count", "each", "names", "scope")

    def __init__(
        self,
        scope: Scope,
        names: dict[str, V] | None = None,
        each: tuple[V, V] | None = None,
        count: V | None = None,
    ) -> None:
        self.scope = scope
        self.names = names
        self.each = each
        self.count = count

    def bind(self, names: dict[str, V]) -> Env:
        """Return an environment with more names, which hide names of before."""
        return Env(self.scope, {**self.names, **names} if self.names else names, self.each, self.count)
