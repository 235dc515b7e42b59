"""Edits of source text, and the fixes that are made of them."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from msgspec import Struct

from iaclint.source.files import Span


class Safety(Enum):
    """Whether a fix may be applied without a look at it."""

    SAFE = "safe"
    REVIEW = "review"


class Edit(Struct, frozen=True):
    """Replace the text of a span; an empty span inserts."""

    span: Span
    text: str


class Fix(Struct, frozen=True):
    """Edits that belong together, under a title such as "turn rotation on"."""

    title: str
    edits: tuple[Edit, ...]
    safety: Safety = Safety.SAFE

    def for_review(self) -> Fix:
        """Return the same fix, marked as one that somebody has to look at before it is made."""
        return Fix(self.title, self.edits, Safety.REVIEW)


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text with the edits of one file made.

    Raises ValueError where two edits overlap. Two insertions at one offset are made in the order given.
    """
    parts: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda e: (e.span.start, e.span.end)):
        if edit.span.start < at:
            raise ValueError(f"edits overlap at {edit.span}")
        parts.append(text[at : edit.span.start])
        parts.append(edit.text)
        at = edit.span.end
    parts.append(text[at:])
    return "".join(parts)
