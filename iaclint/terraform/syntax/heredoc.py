"""Where interpolations and directives end within the text of a heredoc, which python-hcl2 gives as one token."""

from __future__ import annotations

import re

DIRECTIVE = re.compile(
    r"\s*(?:(?P<kind>if|else|endif|endfor|for)\b)(?:(?<=for)\s+(?P<one>[^\W\d][\w-]*)\s*(?:,\s*(?P<two>[^\W\d][\w-]*)\s*)?\bin\b)?"
)


def closing_brace(source: str, at: int, end: int) -> int:
    """Where the brace closes that stands before `at`; -1 where nowhere."""
    depth = 0
    while at < end:
        char = source[at]
        if char == '"':
            at = _closing_quote(source, at + 1, end)
            if at < 0:
                return -1
        elif char == "{":
            depth += 1
        elif char == "}":
            if depth == 0:
                return at
            depth -= 1
        at += 1
    return -1


def _closing_quote(source: str, at: int, end: int) -> int:
    while at < end:
        char = source[at]
        if char == "\\":
            at += 1
        elif char == '"':
            return at
        elif source.startswith(("$${", "%%{"), at):
            at += 2
        elif source.startswith(("${", "%{"), at):
            at = closing_brace(source, at + 2, end)
            if at < 0:
                return -1
        at += 1
    return -1
