"""Patterns of `fileset`: `*`, `?`, `[...]`, `{a,b}` and `**`, as the doublestar library reads them."""

from __future__ import annotations

import os
import re

from iaclint.source.files import Workspace
from iaclint.terraform.functions import regex

MAX_FILES = 50_000
MAX_WORK = 4_000_000
"""Characters of names times those of the pattern, where these are compared with care."""


class PatternError(Exception):
    """A pattern that is not one, or that finds too much."""


def translate(pattern: str) -> re.Pattern[str]:
    """The pattern as a regular expression. Raises PatternError."""
    if len(pattern) > 4096:
        raise PatternError("the pattern is too long")
    out: list[str] = [r"\A"]
    at = 0
    braces = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*":
            if pattern.startswith("*", at):
                at += 1
                if pattern.startswith("/", at):
                    at += 1
                    out.append("(?:[^/]+/)*")
                else:
                    out.append(".*")
            else:
                out.append("[^/]*")
        elif char == "?":
            out.append("[^/]")
        elif char == "[":
            end = pattern.find("]", at + 1)
            if end < 0:
                raise PatternError("there is a [ without a ]")
            inner = pattern[at:end]
            negated = inner[:1] in ("^", "!")
            inner = (inner[1:] if negated else inner).replace("\\", "\\\\").replace("[", "\\[")
            out.append(f"[{'^' if negated else ''}{inner}]")
            at = end + 1
        elif char == "{":
            braces += 1
            out.append("(?:")
        elif char == "}" and braces:
            braces -= 1
            out.append(")")
        elif char == "," and braces:
            out.append("|")
        elif char == "\\" and at < len(pattern):
            out.append(re.escape(pattern[at]))
            at += 1
        else:
            out.append(re.escape(char))
    if braces:
        raise PatternError("there is a { without a }")
    try:
        return re.compile("".join(out) + r"\Z")
    except (re.error, RecursionError, OverflowError) as error:
        raise PatternError(str(error)) from None


class _Matcher:
    """Compares names with a pattern; in bounded time where Python's own matcher could need too long."""

    def __init__(self, pattern: str) -> None:
        self.machine = translate(pattern)
        self.work = 0

    def __call__(self, name: str) -> bool:
        if not regex.is_costly(self.machine, name):
            return self.machine.match(name) is not None
        self.work += len(name) * len(self.machine.pattern)
        if self.work > MAX_WORK:
            raise PatternError("the pattern takes too long to match")
        try:
            return regex.is_found(self.machine, name)
        except regex.TooCostly:
            raise PatternError("the pattern takes too long to match") from None


def files(workspace: Workspace, directory: str, pattern: str) -> list[str]:
    """Files below a directory whose path from there matches. Raises PatternError."""
    matches = _Matcher(os.path.normpath(pattern).replace(os.sep, "/") if pattern else pattern)
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
                # a link is followed within bounds, and never back to where it came from
                leads_back = entry.is_symlink() and os.path.realpath(path).startswith(os.path.realpath(entry.path))
                followed = not entry.is_symlink() or workspace.allows(entry.path)
                if (deep or level < depth) and followed and not leads_back and level < 40:
                    queue.append((name + "/", entry.path, level + 1))
            elif entry.is_file() and matches(name):
                found.append(name)
    return found
