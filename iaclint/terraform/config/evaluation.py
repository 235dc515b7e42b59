"""The evaluation of one deployment: what all its module instances share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeAlias, TypeVar

from msgspec.structs import replace

from iaclint.model.inventory import Gap, Inputs
from iaclint.model.unknowns import TooManyParts
from iaclint.model.value import Ref, Unknown, UnknownCause, Value
from iaclint.source.files import Problem, Span, Workspace
from iaclint.terraform.config.directory import downloaded_modules
from iaclint.terraform.lang.errors import EvaluationError, LimitError, too_large
from iaclint.terraform.lang.files import Files
from iaclint.terraform.lang.scope import Budget, NamelessScope
from iaclint.terraform.lang.types import Type

V: TypeAlias = Value[Any]
K = TypeVar("K")
T = TypeVar("T")

MAX_REFERENCES = 250
"""Longer chains of references are taken for a mistake."""


class Evaluation:
    """The state of evaluating one root directory with one set of inputs.

    problems, gaps   what was found so far
    resources        how many instances of resources were made; modules: the same of module calls
    downloaded       the directories of downloaded modules by key
    stack            the names that are being evaluated, outermost first
    """

    def __init__(self, workspace: Workspace, root: str, inputs: Inputs) -> None:
        self.workspace = workspace
        self.root = root
        self.inputs = inputs
        self.budget = Budget()
        self.files = Files(workspace, root, {})
        self.problems: list[Problem] = []
        self.gaps: list[Gap] = []
        self._refs_of_gaps: list[Callable[[], tuple[Ref, ...] | None] | None] = []
        self.downloaded = downloaded_modules(workspace, root)
        self.stack: list[str] = []
        self.resources = 0
        self.modules = 0

    def constants(self, message: str) -> NamelessScope:
        """Return a scope for expressions without references; a reference raises EvaluationError with the message."""
        return NamelessScope(self.budget, self.files, message)

    def problem(self, message: str, span: Span | None, fatal: bool = False) -> None:
        """Report a problem, once if it repeats soon."""
        found = Problem(message, span, span.file.path if span else "", fatal)
        if found not in self.problems[-50:]:
            self.problems.append(found)

    def capped(self, message: str, span: Span, address: str) -> None:
        """Report that something exceeds a limit: a Problem, and a Gap for what is left out."""
        self.problem(message, span)
        self.gap(Gap(span, message, address))

    def gap(self, gap: Gap, refs: Callable[[], tuple[Ref, ...] | None] | None = None) -> None:
        """Add a gap, unless there is one for its address already.

        `refs` tells which references are passed to what the gap hides. It is asked when all else is evaluated.
        """
        if all(known.address != gap.address for known in self.gaps):
            self._refs_of_gaps.append(refs)
            self.gaps.append(gap)

    def complete_gaps(self) -> None:
        """Set the references of the gaps. To be called when everything is evaluated: they may depend on anything."""
        for i, refs in enumerate(self._refs_of_gaps):
            if refs is not None:
                self.gaps[i] = replace(self.gaps[i], refs=refs())

    def invalid(self, error: EvaluationError, span: Span, kind: Type | None = None) -> V:
        """Report a wrong expression at `span`, and return the unknown that stands for it."""
        self.problem(error.message, error.span)
        # an error in a part of the expression does not tell what the whole expression refers to
        refs = error.refs if error.span == span else ()
        return Value(Unknown(UnknownCause.INVALID, f"this is wrong: {error.message}"), span, refs=refs, type=kind)


class _Busy:
    """Stands for a result that is being worked out."""


_BUSY = _Busy()


class Lazy(Generic[K, T]):
    """Results by key that are worked out at their first use and kept, so that the order of files does not matter."""

    def __init__(self, evaluation: Evaluation, address: str) -> None:
        self._evaluation = evaluation
        self._prefix = f"{address}." if address else ""
        self._results: dict[K, T | _Busy] = {}

    def get(self, key: K, name: str, span: Span, make: Callable[[], T]) -> T:
        """Return the kept result, or else what `make` returns.

        `name` is how messages call it, `span` the place that asks for it. Raises EvaluationError if the result needs
        itself, LimitError if the chain of references is too long, and what `make` raises.
        """
        found = self._results.get(key)
        stack = self._evaluation.stack
        if found is not None:
            if not isinstance(found, _Busy):
                return found
            name = self._prefix + name
            start = stack.index(name) if name in stack else 0
            raise EvaluationError("this refers to itself: " + " -> ".join([*stack[start:], name]), span)
        if len(stack) > MAX_REFERENCES:
            raise LimitError("the chain of references is too long to be followed", span)
        self._results[key] = _BUSY
        stack.append(self._prefix + name)
        try:
            result = make()
        except BaseException as error:
            del self._results[key]
            if isinstance(error, TooManyParts):
                raise too_large(error) from None
            raise
        finally:
            stack.pop()
        self._results[key] = result
        return result

    def kept(self) -> Iterator[T]:
        """Yield the results that were worked out so far."""
        for result in list(self._results.values()):
            if not isinstance(result, _Busy):
                yield result
