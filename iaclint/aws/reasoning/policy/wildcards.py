"""Patterns with * and ?, as policies have them in actions, resources and conditions.

`compile_pattern` turns the text of a policy into a compiled pattern: a text in which three characters stand for
wildcards and all others for themselves. The comparisons of this module take compiled patterns.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

STAR, ONE = "\U000f0000", "\U000f0001"
"""The characters of a compiled pattern for * and ?. Names cannot contain them: they are for private use in Unicode."""
VARIABLE = "\U000f0002"
"""The character of a compiled pattern for text that only the request decides, such as ${aws:username}."""

VARIABLE_TEXT = re.compile(r"\$\{([^{}]*)\}")
ESCAPES = ("*", "?", "$")
"""The names within ${...} that stand for these characters themselves, not for a variable."""

Comparison = Callable[[str, str], bool]


@lru_cache(maxsize=16384)
def compile_pattern(text: str, *, variables: bool, ignore_case: bool) -> str:
    """Return the compiled pattern of a text.

    variables    whether the policy language knows variables (version 2012-10-17): ${*}, ${?} and ${$} are these
                 characters themselves, and any other ${...} is a VARIABLE
    ignore_case  whether to compile to lower case
    """
    if ignore_case:
        text = text.lower()
    if not variables or "${" not in text:
        return normalized(text.replace("*", STAR).replace("?", ONE))
    parts: list[str] = []
    end = 0
    for found in VARIABLE_TEXT.finditer(text):
        parts.append(text[end : found.start()].replace("*", STAR).replace("?", ONE))
        parts.append(found[1] if found[1] in ESCAPES else VARIABLE)
        end = found.end()
    parts.append(text[end:].replace("*", STAR).replace("?", ONE))
    return normalized("".join(parts))


_RUN = re.compile(f"[{STAR}{ONE}]{{2,}}")


def normalized(pattern: str) -> str:
    """Return the pattern with each run of wildcards as its ?s and then at most one *: "*?*" becomes "?*"."""
    if STAR not in pattern:
        return pattern
    return _RUN.sub(lambda run: ONE * run[0].count(ONE) + (STAR if STAR in run[0] else ""), pattern)


def has_wildcard(pattern: str) -> bool:
    """Return True if the pattern contains * or ?."""
    return STAR in pattern or ONE in pattern


def variables_as_stars(pattern: str) -> str:
    """Return the pattern with * in place of each VARIABLE."""
    return normalized(pattern.replace(VARIABLE, STAR)) if VARIABLE in pattern else pattern


def matches(pattern: str, text: str) -> bool:
    """Return True if the pattern matches a text. Takes at most len(pattern) * len(text) steps."""
    if pattern == STAR:
        return True
    i = j = 0
    star, mark = -1, 0
    while j < len(text):
        if i < len(pattern) and pattern[i] == STAR:
            star, mark = i, j
            i += 1
        elif i < len(pattern) and (pattern[i] == text[j] or pattern[i] == ONE):
            i += 1
            j += 1
        elif star >= 0:
            mark += 1
            i, j = star + 1, mark
        else:
            return False
    while i < len(pattern) and pattern[i] == STAR:
        i += 1
    return i == len(pattern)


def covers(pattern: str, other: str) -> bool:
    """Return True if the pattern matches every text that the other pattern matches.

    Never wrongly True. It may be False for unusual patterns: each * of the other pattern has to fall into a * of this
    one. A VARIABLE of the other pattern is covered by * only, and one of this pattern covers nothing.
    """
    if pattern == STAR:
        return True
    if not has_wildcard(pattern):
        return pattern == other and VARIABLE not in pattern
    if not has_wildcard(other) and VARIABLE not in other:
        return matches(pattern, other)
    # reachable[i]: pattern[:i] can match all of other[:j]
    reachable = [True] + [False] * len(pattern)
    for i, symbol in enumerate(pattern):
        reachable[i + 1] = reachable[i] and symbol == STAR
    for theirs in other:
        following = [False] * (len(pattern) + 1)
        for i, symbol in enumerate(pattern):
            if symbol == STAR:
                following[i + 1] = following[i] or reachable[i + 1]
            elif symbol == ONE:
                following[i + 1] = reachable[i] and theirs != STAR and theirs != VARIABLE
            else:
                following[i + 1] = reachable[i] and symbol == theirs
        reachable = following
        if True not in reachable:
            return False
    return reachable[-1]


def overlaps(pattern: str, other: str) -> bool:
    """Return True if at least one text matches both patterns. A VARIABLE stands for itself only."""
    if not has_wildcard(pattern):
        return matches(other, pattern)
    if not has_wildcard(other):
        return matches(pattern, other)
    # reachable[i]: some text matches pattern[:i] and other[:j]
    reachable = [True] + [False] * len(pattern)
    for i, symbol in enumerate(pattern):
        reachable[i + 1] = reachable[i] and symbol == STAR
    for theirs in other:
        following = [reachable[0] and theirs == STAR] + [False] * len(pattern)
        for i, symbol in enumerate(pattern):
            if theirs == STAR:
                # their star matches nothing more, or this symbol too
                following[i + 1] = reachable[i + 1] or following[i]
            elif symbol == STAR:
                following[i + 1] = following[i] or reachable[i + 1]
            else:
                following[i + 1] = reachable[i] and (symbol == theirs or ONE in (symbol, theirs))
        reachable = following
    return reachable[-1]


def compare_arn_condition(compare: Comparison, pattern: str, other: str) -> bool:
    """Compare two ARNs as the Arn condition operators do: each of the six parts between colons by itself.

    In the last part colons are plain characters.
    """
    mine, theirs = pattern.split(":", 5), other.split(":", 5)
    if len(mine) != 6 or len(theirs) != 6:
        return compare(pattern, other)
    return all(compare(a, b) for a, b in zip(mine, theirs, strict=True))


def compare_resource(compare: Comparison, pattern: str, other: str) -> bool:
    """Compare two ARN patterns as the Resource element does: as a whole, because * matches colons too.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    An ARN with fewer than six parts, which AWS calls an error, is read at its widest.
    """
    if compare(pattern, other):
        return True
    missing = 5 - pattern.count(":")
    if missing <= 0 or not pattern.startswith("arn:"):
        return False
    return compare(pattern + f":{STAR}" * missing, other)
