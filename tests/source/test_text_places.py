"""Where a source shows a text that is built from it."""

from __future__ import annotations

import pytest

from iaclint.source.text_places import column_in_source


@pytest.mark.parametrize(
    ("mine", "source", "column", "is_end", "wanted"),
    [
        ("abc", "abc", 2, False, 2),
        ("abc", "abc", 9, False, 3),
        ("abc", "abc", -1, False, 0),
        ('"a": "X",', '"a": "${b.c}",', 3, False, 3),
        ('"a": "X",', '"a": "${b.c}",', 6, False, 6),
        ('"a": "X",', '"a": "${b.c}",', 7, True, 12),
        ('"a": "X",', '"a": "${b.c}",', 9, True, 14),
        ('"a": "XYZ",', '"a": "${b}",', 7, False, 6),
        ('"a": "XYZ",', '"a": "${b}",', 7, True, 10),
    ],
)
def test_a_column_around_an_interpolation(mine: str, source: str, column: int, is_end: bool, wanted: int) -> None:
    assert column_in_source(mine, source, column, is_end) == wanted
