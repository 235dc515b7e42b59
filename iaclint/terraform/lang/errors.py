"""The errors of evaluation."""

from __future__ import annotations

from iaclint.model.unknowns import TooManyParts
from iaclint.model.value import Ref
from iaclint.source.files import Span


class EvaluationError(Exception):
    """An expression is wrong.

    `span` is the place of the mistake; `refs` name the resource that the expression refers to if it is not declared.
    """

    def __init__(self, message: str, span: Span, refs: tuple[Ref, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.refs = refs


class LimitError(EvaluationError):
    """An expression would become too large to evaluate; `try` does not catch it."""


def too_large(error: TooManyParts) -> LimitError:
    """Return the error of the language for a value with too many parts."""
    return LimitError("the value has too many parts to be evaluated", error.span)


class MissingPackage(Exception):
    """A function needs a package that is not installed; the message is its name. The result is unknown then."""
