"""Texts that are put together from pieces."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from iaclint.model.unknowns import concat
from iaclint.model.value import Value
from iaclint.source.files import Span
from iaclint.terraform.lang.types import STRING
from iaclint.terraform.syntax.tree import nfc

V: TypeAlias = Value[Any]


def joined_text(span: Span, operands: Sequence[V], pieces: Iterable[str | V]) -> V:
    """Return the text that known and unknown pieces make together. `operands` are the values that it depends on."""
    return concat(span, pieces, operands, STRING, normal=nfc, listed=False)
