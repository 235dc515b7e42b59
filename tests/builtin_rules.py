"""The built-in rules, loaded once for all tests, and the outcome of one of them on a piece of code."""

from __future__ import annotations

from iaclint import Outcome, Rule
from iaclint.linting import pack
from iaclint.run.testing import Language, outcome

ALL_RULES: tuple[Rule[object], ...] = pack.load_pack(pack.builtin_directory())
RULES: dict[str, Rule[object]] = {rule.id: rule for rule in ALL_RULES}


def said(rule: str, text: str, language: Language = "terraform") -> Outcome:
    """Return the outcome of a built-in rule on a piece of code."""
    return outcome(RULES[rule], text, language)
