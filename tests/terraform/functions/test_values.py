"""Characters as a reader sees them."""

from __future__ import annotations

import pytest

from iaclint.terraform.functions.values import graphemes


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("abc", 3),
        ("a\r\nb", 3),
        ("e\u0301", 1),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467", 1),  # a family
        ("\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7", 2),  # two flags
        ("\u1100\u1161\u11a8", 1),  # one syllable of Korean
        ("e\u200d", 1),
    ],
)
def test_a_character_may_be_several_code_points(text: str, count: int) -> None:
    found = graphemes(text)
    assert len(found) == count
    assert "".join(found) == text
