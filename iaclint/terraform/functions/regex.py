"""Regular expressions as Terraform has them: syntax and matching of RE2. Sole importer of re2, the package google-re2.

RE2 takes time in proportion to pattern and text, where Python's own matcher can take exponential time. What uses a
pattern raises MissingPackage if google-re2 is not installed.

Source of facts: https://github.com/google/re2/wiki/Syntax and https://pkg.go.dev/regexp
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeAlias

from iaclint.terraform.lang.errors import MissingPackage

MAX_PATTERN = 10_000
"""Characters of a pattern."""

MAX_WORK = 400_000_000
"""Characters of a text times instructions of a pattern; RE2 works through them in about four seconds at worst."""

MAX_RESCANNED = 10_000_000_000
"""Characters that follow a match, summed up over all matches: the search for the next one may read all of them."""

Captures: TypeAlias = str | list[str | None] | dict[str, str | None]
"""What a match is to Terraform: the matched text, the texts of its groups, or the texts of its named groups.

A group that took no part in the match is None.
"""


class PatternError(Exception):
    """A text is no regular expression; the message says why."""


class TooCostly(Exception):
    """Matching would take too long."""


def find(pattern: str, text: str) -> Captures | None:
    """Return the first match; None without one. Raises PatternError and TooCostly."""
    return next((_captures(match) for match in _matches(pattern, text)), None)


def find_all(pattern: str, text: str) -> list[Captures]:
    """Return all matches that do not overlap. Raises PatternError and TooCostly."""
    return [_captures(match) for match in _matches(pattern, text)]


def substitute(pattern: str, replacement: str, text: str) -> str:
    """Return the text with all matches replaced; `$1` and `${name}` stand for groups, `$$` for a dollar sign.

    Raises PatternError and TooCostly.
    """
    text = _well_formed(text)
    pieces: list[str] = []
    end = 0
    for match in _matches(pattern, text):
        pieces += text[end : match.start()], _REFERENCE.sub(lambda found, m=match: _group(m, found), replacement)  # type: ignore[misc]
        end = match.end()
    return "".join((*pieces, text[end:]))


def compile_pattern(pattern: str) -> Any:
    """Return the compiled pattern of re2. Raises PatternError."""
    try:
        import re2
    except ImportError:
        raise MissingPackage("google-re2") from None
    if len(pattern) > MAX_PATTERN:
        raise PatternError("the pattern is too long")
    if _ANY_BYTE.search(pattern):
        # RE2 would split characters; Go has no such escape
        raise PatternError("the pattern is wrong: invalid escape sequence: \\C")
    names = [name for name in _NAMES.findall(pattern) if name]
    if len(set(names)) < len(names):
        raise PatternError("the pattern is wrong: two groups have the same name")  # which RE2 permits and Go does not
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(_well_formed(pattern), options)
    except re2.error as error:
        raise PatternError(f"the pattern is wrong: {_message(error)}") from None


def check_cost(pattern: Any, text: str) -> None:
    """Raise TooCostly if a compiled pattern may take too long to match a text."""
    if pattern.programsize * len(text) > MAX_WORK:
        raise TooCostly


_REFERENCE = re.compile(r"\$(?:(\w+)|\{(\w+)\}|(\$))")
_NAMES = re.compile(r"\\Q.*?(?:\\E|\Z)|\\.|\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]|\(\?P?<(\w+)>", re.S)
"""Finds the names of groups, and passes over quoted text, escapes and classes of characters."""
_ANY_BYTE = re.compile(r"(?<!\\)(?:\\\\)*\\C")


def _message(error: Exception) -> str:
    """Return the message of an error of re2, which has it as bytes."""
    reason = error.args[0] if error.args else ""
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)


def _well_formed(text: str) -> str:
    """Return a text without halves of surrogate pairs, which UTF-8 has no bytes for; Go reads them as U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _matches(pattern: str, text: str) -> Iterator[Any]:
    """Yield the matches as Go finds them: no empty match directly behind another one."""
    compiled = compile_pattern(pattern)
    check_cost(compiled, text)
    end = -1
    rescanned = 0
    for match in compiled.finditer(_well_formed(text)):
        if match.start() == match.end() == end:
            continue
        yield match
        end = match.end()
        rescanned += len(text) - end
        if rescanned > MAX_RESCANNED:
            raise TooCostly


def _captures(match: Any) -> Captures:
    pattern = match.re
    if pattern.groupindex:
        named: dict[str, str | None] = match.groupdict()
        return named
    if pattern.groups:
        return list(match.groups())
    text: str = match.group()
    return text


def _group(match: Any, reference: re.Match[str]) -> str:
    """Return the text that a reference in a replacement stands for; none if there is no such group."""
    if reference[3]:
        return "$"
    name = reference[1] or reference[2]
    number = int(name) if name.isdigit() else match.re.groupindex.get(name, -1)
    if not 0 <= number <= match.re.groups:
        return ""
    text: str | None = match.group(number)
    return text or ""
