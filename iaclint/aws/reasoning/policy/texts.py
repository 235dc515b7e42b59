"""The texts of a policy, any of which may be unknown."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from iaclint.model.json_text import scalar_text
from iaclint.model.partial import Partial
from iaclint.model.truth import FALSE, TRUE, Truth
from iaclint.model.value import Unknown, Value

Elements = Partial[Value[Any]]
"""The elements of a string or list of the policy language, any of which may be unknown; gaps are why more may exist."""


_OPEN_VARIABLE = re.compile(r"\$(\{[^{}]*)?$")


def any_text(elements: Elements, test: Callable[[str], Truth]) -> Truth:
    """Return True if one of the texts passes a test.

    The test must be monotone: if it passes for a pattern, it passes for every wider pattern too. An unknown text is
    then tried as the pattern `known prefix` + "*". It counts as False if even that fails, and else as undecided.
    """
    return elements.any(lambda value: test_text(value, test))


def test_text(value: Value[Any], test: Callable[[str], Truth]) -> Truth:
    """Return True if a text passes a monotone test; see `any_text`."""
    data = value.data
    if not isinstance(data, Unknown):
        return test(scalar_text(data))
    if data.one_of:
        answers = {test(scalar_text(option)).value for option in data.one_of}
        if answers == {True}:
            return TRUE
        return FALSE if answers == {False} else Truth(None, value.reasons)
    widest = _OPEN_VARIABLE.sub("", data.prefix) + "*"
    return FALSE if test(widest).is_false else Truth(None, value.reasons)
