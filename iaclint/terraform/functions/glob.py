"""Patterns of `fileset`: `*`, `?`, `[...]`, `{a,b}` and `**`.

Source of facts: https://github.com/bmatcuk/doublestar, the library that Terraform uses.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable

from iaclint.source.files import Workspace
from iaclint.terraform.functions import regex

MAX_PATTERN = 4096
"""Characters of a pattern."""

MAX_FILES = 50_000
"""Files and directories that are looked at for one pattern."""

MAX_DEPTH = 40
"""Directories within each other that are looked into."""

MAX_WORK = 100_000_000
"""Characters of names times instructions of the pattern, for all names that are compared."""


class PatternError(Exception):
    """A text is no pattern, or it finds too much; the message says why."""


def files(workspace: Workspace, directory: str, pattern: str) -> list[str]:
    """Return the files below a directory whose path from there matches, with "/" between its parts.

    A link is followed within the workspace, and never back to a directory that it lies in. Raises PatternError and
    MissingPackage.
    """
    matches = _matcher(os.path.normpath(pattern).replace(os.sep, "/") if pattern else pattern)
    deep = "**" in pattern
    depth = pattern.count("/")
    found: list[str] = []
    seen = 0
    queue = [("", directory, 0)]
    while queue:
        prefix, path, level = queue.pop()
        try:
            entries = sorted(os.scandir(path), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            seen += 1
            if seen > MAX_FILES:
                raise PatternError("there are too many files to look through")
            name = f"{prefix}{entry.name}"
            if entry.is_dir():
                leads_back = entry.is_symlink() and os.path.realpath(path).startswith(os.path.realpath(entry.path))
                followed = not entry.is_symlink() or workspace.allows(entry.path)
                if (deep or level < depth) and followed and not leads_back and level < MAX_DEPTH:
                    queue.append((name + "/", entry.path, level + 1))
            elif entry.is_file() and matches(name):
                found.append(name)
    return found


def _matcher(pattern: str) -> Callable[[str], bool]:
    """Return a function that compares a path with a pattern. Both raise PatternError."""
    try:
        compiled = regex.compile_pattern(translate(pattern))
    except regex.PatternError as error:
        raise PatternError(str(error)) from None
    work = 0

    def matches(name: str) -> bool:
        nonlocal work
        work += len(name) * compiled.programsize
        if work > MAX_WORK:
            raise PatternError("the pattern takes too long to match")
        # a name on disk may have bytes that are no text
        return compiled.fullmatch(name.encode("utf-8", "replace")) is not None

    return matches


def translate(pattern: str) -> str:
    """Return the pattern as a regular expression of RE2, to be matched with a whole path. Raises PatternError."""
    if len(pattern) > MAX_PATTERN:
        raise PatternError("the pattern is too long")
    out: list[str] = []
    offset = 0
    braces = 0
    while offset < len(pattern):
        char = pattern[offset]
        offset += 1
        if char == "*":
            if pattern.startswith("*", offset):
                offset += 1
                if pattern.startswith("/", offset):
                    offset += 1
                    out.append("(?:[^/]+/)*")
                else:
                    out.append(".*")
            else:
                out.append("[^/]*")
        elif char == "?":
            out.append("[^/]")
        elif char == "[":
            end = pattern.find("]", offset + 1)
            if end < 0:
                raise PatternError("there is a [ without a ]")
            inner = pattern[offset:end]
            negated = inner[:1] in ("^", "!")
            inner = (inner[1:] if negated else inner).replace("\\", "\\\\").replace("[", "\\[")
            out.append(f"[{'^' if negated else ''}{inner}]")
            offset = end + 1
        elif char == "{":
            braces += 1
            out.append("(?:")
        elif char == "}" and braces:
            braces -= 1
            out.append(")")
        elif char == "," and braces:
            out.append("|")
        elif char == "\\" and offset < len(pattern):
            out.append(re.escape(pattern[offset]))
            offset += 1
        else:
            out.append(re.escape(char))
    if braces:
        raise PatternError("there is a { without a }")
    return "".join(out)
