"""The built-in rules, for tests of what they ask of views."""

from __future__ import annotations

from iaclint import Outcome, Rule
from iaclint.linting import pack
from iaclint.run.testing import Language, outcome

RULES: dict[str, Rule[object]] = {rule.id: rule for rule in pack.load(pack.builtin_directory())}


def said(rule: str, text: str, language: Language = "terraform") -> Outcome:
    """Return the outcome of a built-in rule on a piece of code."""
    return outcome(RULES[rule], text, language)
