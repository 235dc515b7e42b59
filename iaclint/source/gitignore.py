"""Patterns as in .gitignore: which paths they match, and which of them would take too long to match.

The syntax is git's: https://git-scm.com/docs/gitignore
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from iaclint.source.files import is_outside, relative

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

MAX_STARS = 3
"""Stars between two slashes, and `**` in a pattern: the time to match grows exponentially with their number."""
MAX_CHARACTERS = 1024 * 1024
"""The characters of a .gitignore that are read."""


def is_slow_pattern(pattern: str) -> bool:
    """Return True if a pattern has so many stars that matching it could take very long."""
    segments = pattern.split("/")
    return sum(s == "**" for s in segments) > MAX_STARS or any(s.count("*") > MAX_STARS for s in segments if s != "**")


class PathPatterns:
    """Patterns that are relative to one directory, each compiled once."""

    def __init__(self, directory: str) -> None:
        self.directory = os.path.realpath(directory)
        self._specs: dict[str, GitIgnoreSpec] = {}
        self._relative: dict[str, str] = {}

    def matches(self, pattern: str, path: str) -> bool:
        """Return True if a pattern matches a path, or a directory above it. Links are followed."""
        if pattern not in self._specs:
            from pathspec import GitIgnoreSpec

            self._specs[pattern] = GitIgnoreSpec.from_lines([pattern])
        if path not in self._relative:
            self._relative[path] = relative(os.path.realpath(path), self.directory)
        below = self._relative[path]
        return not is_outside(below) and bool(self._specs[pattern].match_file(below))


class IgnoredPaths:
    """The paths that a scan leaves out: those that .gitignore files match, and those that match `exclude`.

    top           the .gitignore files of this directory and of those below it count
    exclude       further patterns, relative to `exclude_base`
    """

    def __init__(self, top: str, exclude: Sequence[str], exclude_base: str) -> None:
        self.top = top
        self.exclude_base = exclude_base
        self._exclude: GitIgnoreSpec | None = None
        self._specs: dict[str, GitIgnoreSpec | None] = {}
        if exclude:
            from pathspec import GitIgnoreSpec

            self._exclude = GitIgnoreSpec.from_lines(exclude)

    def includes(self, path: str, is_directory: bool) -> bool:
        """Return True if a file or directory is left out. Of several .gitignore files the nearest decides."""
        if self._exclude is not None:
            below = _relative(self.exclude_base, path, is_directory)
            if not is_outside(below) and self._exclude.match_file(below):
                return True
        directory = os.path.dirname(path)
        while True:
            spec = self._gitignore(directory)
            if spec is not None:
                answer = spec.check_file(_relative(directory, path, is_directory)).include
                if answer is not None:
                    return answer
            if directory == self.top or len(directory) <= len(self.top):
                return False
            directory = os.path.dirname(directory)

    def _gitignore(self, directory: str) -> GitIgnoreSpec | None:
        """Return the patterns of a directory's own .gitignore, or None if it has none that can be read."""
        if directory not in self._specs:
            spec = None
            file = os.path.join(directory, ".gitignore")
            if os.path.isfile(file) and not os.path.islink(file):  # git does not follow such a link either
                from pathspec import GitIgnoreSpec

                try:
                    with open(file, encoding="utf-8", errors="replace") as stream:
                        lines = stream.read(MAX_CHARACTERS).split("\n")
                    spec = GitIgnoreSpec.from_lines(line for line in lines if not is_slow_pattern(line))
                except (OSError, ValueError):
                    spec = None
            self._specs[directory] = spec
        return self._specs[directory]


def _relative(base: str, path: str, is_directory: bool) -> str:
    return relative(path, base) + ("/" if is_directory else "")
