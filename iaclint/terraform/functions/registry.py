"""How a function of Terraform is described: its parameters, what it does with nulls and unknown arguments.

Each module of this package has a table `FUNCTIONS` of its functions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from msgspec import Struct

from iaclint.model.value import Value
from iaclint.source.files import Span
from iaclint.terraform.lang.scope import Env
from iaclint.terraform.lang.types import Type
from iaclint.terraform.syntax.tree import Expression

V: TypeAlias = Value[Any]

Result: TypeAlias = object
"""What a function returns: a Value, or plain data (text, number, bool) that becomes one."""


class FunctionError(Exception):
    """A function refuses its arguments; the message says why."""


class Context(Struct, eq=False):
    """The place of a call, the names in force there, its arguments as written, and the evaluator of expressions."""

    span: Span
    env: Env
    nodes: tuple[Expression, ...]
    evaluate: Callable[[Expression, Env], V]


class Function(Struct, frozen=True):
    """A function and how its arguments are prepared.

    name        the name that a configuration calls
    parameters  the types of the parameters, to which arguments are converted
    optional    how many parameters, from the last one on, may be left out
    rest        the type of any further arguments; None if there may be none
    returns     the type of the result if it does not depend on the arguments
    unknown     "deep": any unknown part makes the result unknown; "top": only an argument that is itself unknown does;
                "own": the function deals with unknown arguments itself
    nullable    whether arguments may be null
    run         called with the Context and the prepared arguments; raises FunctionError and MissingPackage
    """

    name: str
    parameters: tuple[Type, ...]
    optional: int
    rest: Type | None
    returns: Type | None
    unknown: str
    nullable: bool
    run: Callable[..., Result]


class Functions(dict[str, Function]):
    """A table of functions by name."""

    def define(
        self,
        name: str,
        *parameters: Type,
        optional: int = 0,
        rest: Type | None = None,
        returns: Type | None = None,
        unknown: str = "deep",
        nullable: bool = False,
    ) -> Callable[[Callable[..., Result]], Callable[..., Result]]:
        """Return a decorator that enters a function in the table; Function explains the arguments."""

        def enter(run: Callable[..., Result]) -> Callable[..., Result]:
            self[name] = Function(name, parameters, optional, rest, returns, unknown, nullable, run)
            return run

        return enter
