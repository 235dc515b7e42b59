"""Suggestions for a word that is not known."""

from __future__ import annotations

from collections.abc import Iterable

MAX_CHOICES = 12
"""As many choices are listed; of more, the closest is named alone."""


def closest(word: str, choices: Iterable[str], cutoff: float = 0.6) -> str:
    """Return the choice that is most like a word, or "" if none is. `cutoff` is the least likeness, from 0 to 1."""
    from difflib import get_close_matches  # takes 2 ms to import, and is needed for mistakes only

    return next(iter(get_close_matches(word, list(choices), 1, cutoff)), "")


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """Return the end of an error message about an unknown word: the closest choice, and all if they are few."""
    listed = sorted(choices)
    close = closest(word, listed)
    hint = f"; did you mean {close}?" if close else ""
    return hint if len(listed) > MAX_CHOICES else f"{hint or ';'} choose one of {', '.join(listed)}"
