"""Edits of source text, and the fixes that are made of them."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from msgspec import Struct

from iaclint.source.files import Span


class Safety(Enum):
    """Whether a fix may be applied without a review."""

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
        """Return the same fix with the safety REVIEW: a person has to approve it."""
        return Fix(self.title, self.edits, Safety.REVIEW)


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return a text with edits of its file applied.

    Insertions at the same offset keep their order. Raises ValueError if two edits overlap.
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
