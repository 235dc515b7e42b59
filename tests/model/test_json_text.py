"""JSON texts within values: read with the places of their parts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iaclint.model.json_text import MAX_DEPTH, has_unknown_piece, parse_json, parse_json_pieces
from iaclint.model.value import Unknown, UnknownCause, Value
from iaclint.source.files import SourceFile


def text_value(text: str) -> Value[Any]:
    """A Value whose span is the text itself."""
    return Value(text, SourceFile("main.tf", text).whole)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@given(json_values)
def test_json_is_read_as_the_standard_library_does(data: Any) -> None:
    for text in (json.dumps(data), json.dumps(data, indent=1, ensure_ascii=False)):
        read = parse_json(text_value(text))
        assert read.plain() == json.loads(text)
        for part in read.walk():
            assert json.loads(part.span.text) == part.plain()


def test_json_of_any_depth_up_to_the_limit() -> None:
    for depth, read in ((MAX_DEPTH, True), (MAX_DEPTH + 1, False)):
        text = text_value("[" * depth + "]" * depth)
        if read:
            assert json.dumps(parse_json(text).plain()) == text.data
        else:
            with pytest.raises(ValueError, match="deep"):
                parse_json(text)


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ("[1,\n  x]", "'x' where a value should be", 2, 3),
        ("x", "'x' where a value should be", 1, 1),
        ('\n\n{"a" 1}', "'1' where ':' after a key should be", 3, 6),
        ("[1] 2", "'2' follows the end of the document", 1, 5),
        ("", "the text is empty", 1, 1),
        ('{"a": [1', "the text ends before '[' of line 1, column 7 is closed", 1, 9),
        ('["a\nb"]', "a string holds a line break or another control character", 1, 2),
        ('{"a": 1, "a": 2}', "'a' stands twice in one object", 1, 13),
    ],
)
def test_errors_say_where(text: str, message: str, line: int, column: int) -> None:
    with pytest.raises(ValueError) as error:
        parse_json(text_value(text))
    assert str(error.value) == f"{message} (line {line}, column {column} of the text)"


SPAN = SourceFile("main.tf", "x").whole
UNKNOWN: Value[Any] = Value(Unknown(UnknownCause.INPUT, "var.a", ("var.a",), ("1", "2")), SPAN)


def read_pieces(*pieces: str | Value[Any]) -> Value[Any]:
    parts = tuple(piece if isinstance(piece, Value) else Value(piece, SPAN) for piece in pieces)
    read = parse_json_pieces(Value(Unknown(UnknownCause.INPUT, "", parts=parts), SPAN))
    assert read is not None
    return read


def test_a_text_is_read_around_its_unknown_pieces() -> None:
    read = read_pieces('{"a": "x', UNKNOWN, '", "b": ', UNKNOWN, "}")
    text = read.key("a").data
    assert (text.one_of, text.prefix, text.inputs, text.not_null) == (("x1", "x2"), "x", ("var.a",), True)
    assert read.key("b").data is UNKNOWN.data


def test_a_name_with_an_unknown_piece_is_told_from_others() -> None:
    read = read_pieces('{"', UNKNOWN, '": 1, "a": 2}')
    assert [has_unknown_piece(name) for name in read.data] == [True, False]
