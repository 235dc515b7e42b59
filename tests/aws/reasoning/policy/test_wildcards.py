"""Patterns with wildcards, against regular expressions and all short texts."""

from __future__ import annotations

import re
from functools import cache
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iaclint.aws.reasoning.policy.context import Context
from iaclint.aws.reasoning.policy.wildcards import compare_resource, compile_pattern
from iaclint.aws.reasoning.policy.wildcards import covers as pattern_covers
from iaclint.aws.reasoning.policy.wildcards import overlaps as pattern_overlaps
from tests.aws.reasoning.policy.samples import applies, document, only


def covers(pattern: str, other: str, *, arn: bool = False) -> bool:
    mine, theirs = (compile_pattern(text, variables=False, ignore_case=not arn) for text in (pattern, other))
    return compare_resource(pattern_covers, mine, theirs) if arn else pattern_covers(mine, theirs)


def overlaps(pattern: str, other: str) -> bool:
    mine, theirs = (compile_pattern(text, variables=False, ignore_case=True) for text in (pattern, other))
    return pattern_overlaps(mine, theirs)


def glob(pattern: str, text: str, flags: int = 0) -> bool:
    expression = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.fullmatch(expression, text, flags | re.DOTALL) is not None


patterns = st.text(alphabet="ab*?", max_size=6)
words = st.text(alphabet="abc", max_size=6)


@given(patterns, words)
def test_matching_is_that_of_regular_expressions(pattern: str, word: str) -> None:
    assert covers(pattern, word) == glob(pattern, word)
    assert overlaps(pattern, word) == glob(pattern, word)


@given(patterns, patterns, words)
def test_patterns_as_sets(one: str, other: str, word: str) -> None:
    in_one, in_other = glob(one, word), glob(other, word)
    if covers(one, other):
        assert in_one or not in_other
    if in_one and in_other:
        assert overlaps(one, other)
    assert overlaps(one, other) == overlaps(other, one)
    assert covers(one, one) and covers("*", one)


@given(patterns, patterns)
def test_patterns_that_overlap_have_a_word_in_common(one: str, other: str) -> None:
    # a shortest common word needs no longer runs than the patterns themselves
    found = any(glob(one, w) and glob(other, w) for w in short_words())
    if found:
        assert overlaps(one, other)
    elif len(one) + len(other) <= 5:
        assert not overlaps(one, other)


def short_words() -> list[str]:
    found = [""]
    for _ in range(5):
        found += [w + c for w in found for c in "ab" if len(w + c) <= 5]
        found = list(dict.fromkeys(found))
    return found


def test_many_wildcards_cost_no_more_than_their_product() -> None:
    pattern, text = "*a" * 400 + "b", "a" * 4000
    assert not covers(pattern, text)
    assert not overlaps(pattern, text)
    assert covers("*" * 5000, "x") and covers("*?" * 50, "a" * 50) and not covers("*?" * 50, "a" * 49)
    assert covers(pattern, pattern)
    policy = document({"Effect": "Allow", "Action": pattern, "Resource": "arn:aws:s3:::" + pattern})
    assert applies(only(policy), text, "arn:aws:s3:::" + text, Context()).is_false


@pytest.mark.parametrize("pattern, other, covered, common", [
    ("s3:*", "s3:Get*", True, True),
    ("s3:Get*", "s3:*", False, True),
    ("s3:*Object", "s3:Get*", False, True),
    ("iam:*", "s3:*", False, False),
    ("*:*", "kms:Decrypt", True, True),
    ("KMS:decrypt", "kms:Decrypt", True, True),
    ("kms:???????", "kms:Decrypt", True, True),
])  # fmt: skip
def test_action_patterns(pattern: str, other: str, covered: bool, common: bool) -> None:
    assert covers(pattern, other) is covered and overlaps(pattern, other) is common


@pytest.mark.parametrize("pattern, other, covered", [
    ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x:y", True),
    ("arn:aws:kms:*:*:key/*", "arn:aws:kms:us-east-1:111122223333:key/1", True),
    ("arn:aws:kms:*", "arn:aws:kms:us-east-1:111122223333:key/1", True),
    ("arn:aws:kms", "arn:aws:kms:us-east-1:111122223333:key/1", True),
    ("arn:aws:kms:*:*:key/*", "arn:aws:kms:us-east-1:111122223333:alias/1", False),
    ("arn:aws:s3:::B/*", "arn:aws:s3:::b/x", False),
    ("*", "arn:aws:s3:::b/x", True),
])  # fmt: skip
def test_resource_patterns(pattern: str, other: str, covered: bool) -> None:
    assert covers(pattern, other, arn=True) is covered


SMALL = ["".join(letters) for length in range(5) for letters in product("ab*?", repeat=length)]
TEXTS = ["".join(letters) for length in range(6) for letters in product("ab", repeat=length)]


@cache
def language(pattern: str) -> frozenset[str]:
    """What a pattern matches, of all texts of two letters that are long enough to tell such patterns apart."""
    expression = re.compile("".join({"*": ".*", "?": "."}.get(c, c) for c in pattern))
    return frozenset(text for text in TEXTS if expression.fullmatch(text))


def test_patterns_against_all_texts() -> None:
    """Whether two have a text in common is exact; what is said to be covered is, and without ? nothing else."""
    for mine, other in product(SMALL[: 4 + 16 + 64], SMALL):
        assert overlaps(mine, other) == bool(language(mine) & language(other)), (mine, other)
        assert overlaps(other, mine) == overlaps(mine, other)
        if covers(mine, other):
            assert language(other) <= language(mine), (mine, other)
        elif "?" not in mine + other:
            assert not language(other) <= language(mine), (mine, other)


@pytest.mark.parametrize(
    ("mine", "other", "covered"),
    [
        ("arn:aws:s3:::A", "arn:aws:s3:::a", False),
        ("arn:aws:s3:::a*", "arn:aws:s3:::a/*", True),
        ("arn:aws:s3:::a?", "arn:aws:s3:::ab*", False),
        ("arn:aws:s3:::?b*", "arn:aws:s3:::ab*", True),
        ("arn:aws:s3", "arn:aws:s3:::a", True),
        ("s3", "s3:::a", False),
    ],
)
def test_resources_have_cases_and_actions_have_none(mine: str, other: str, covered: bool) -> None:
    assert covers(mine, other, arn=True) is covered
    assert covers("S3:get*", "s3:GetObject")
