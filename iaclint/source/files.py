"""Files, places in them, and edits to them.

A `Span` counts Unicode code points into the text of its file. Lines and columns, both starting
at 1, are worked out only when something is reported.
"""

from __future__ import annotations

import os
import stat
from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

MAX_FILE_BYTES = 64 * 1024 * 1024
"""A larger file is refused, whatever it is."""
MAX_TEXT_BYTES = 16 * 1024 * 1024
"""A larger text is not parsed: CloudFormation takes 1 MB, and nobody writes so much Terraform by hand."""


class Comment(Struct, frozen=True):
    """A comment: its place, and its text without the comment marks."""

    span: Span
    text: str


class SourceFile:
    """One file that was read.

    `path` is absolute; `name` is what people are shown (relative to the working directory where
    it lies below it), always with forward slashes. `comments` is filled by the parser.
    """

    __slots__ = ("_lines", "comments", "name", "path", "text")

    def __init__(self, path: str, text: str, name: str | None = None) -> None:
        self.path = path
        self.name = name if name is not None else path
        self.text = text
        self.comments: tuple[Comment, ...] = ()
        self._lines: list[int] | None = None

    def __repr__(self) -> str:
        return f"SourceFile({self.name!r})"

    @property
    def lines(self) -> list[int]:
        """Offsets at which the lines start; a line ends at LF, CRLF or CR."""
        if self._lines is None:
            starts = [0]
            text = self.text
            at = 0
            if "\r" in text:
                while at < len(text):
                    if (text[at] == "\r" and text[at + 1 : at + 2] != "\n") or text[at] == "\n":
                        starts.append(at + 1)
                    at += 1
            else:
                while (at := text.find("\n", at)) >= 0:
                    at += 1
                    starts.append(at)
            self._lines = starts
        return self._lines

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column (from 1) of an offset."""
        line = bisect_right(self.lines, offset)
        return line, offset - self.lines[line - 1] + 1

    def line_text(self, line: int) -> str:
        """The text of a line (from 1), without its line end; empty past the end."""
        if not 1 <= line <= len(self.lines):
            return ""
        start = self.lines[line - 1]
        end = self.lines[line] if line < len(self.lines) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def span(self, start: int, end: int) -> Span:
        """The span from `start` up to `end`."""
        return Span(self, start, end)

    @property
    def whole(self) -> Span:
        """The span of the whole file."""
        return Span(self, 0, len(self.text))


def relative(path: str, base: str) -> str:
    """The path from a directory, with forward slashes; the path itself where they share no drive."""
    try:
        return os.path.relpath(path, base).replace(os.sep, "/")
    except ValueError:
        return path.replace(os.sep, "/")


def beyond(shown: str) -> bool:
    """Whether what `relative` gave leads out of the directory."""
    return shown == ".." or shown.startswith("../") or os.path.isabs(shown)


def fetched(path: str) -> bool:
    """Whether a file is somebody else's: one that a module installer fetched."""
    return "/.terraform/" in path.replace("\\", "/")


class Span(Struct, frozen=True):
    """Code points `start` up to `end` of a file."""

    file: SourceFile
    start: int
    end: int

    @property
    def line(self) -> int:
        return self.file.position(self.start)[0]

    @property
    def column(self) -> int:
        return self.file.position(self.start)[1]

    @property
    def end_line(self) -> int:
        return self.file.position(self.end)[0]

    @property
    def end_column(self) -> int:
        return self.file.position(self.end)[1]

    @property
    def text(self) -> str:
        return self.file.text[self.start : self.end]

    def __contains__(self, other: Span) -> bool:
        return self.file is other.file and self.start <= other.start and other.end <= self.end

    def __str__(self) -> str:
        return f"{self.file.name}:{self.line}:{self.column}"


class Problem(Struct, frozen=True):
    """Something in the input that could not be used: a file that does not parse, an expression that is wrong.

    `fatal` problems mean that the job was not done (exit code 2).
    """

    message: str
    span: Span | None = None
    path: str = ""
    fatal: bool = True


class Unreadable(Exception):
    """A file that could not be read; the text says why and, where it helps, what to do."""


class Workspace(Struct, eq=False, dict=True):
    """What may be read: everything below `boundaries`, and the files that were named.

    Every read of the program goes through here, so that no path of the scanned code
    (`file()`, a module source, a TemplateURL, a symlink) leads outside.
    """

    boundaries: tuple[str, ...]
    named: frozenset[str] = frozenset()
    cwd: str = field(default_factory=os.getcwd)
    memo: dict[Any, Any] = field(default_factory=dict)
    """Parsed trees by (kind, path): each file is read and parsed once a run."""
    overlay: Mapping[str, bytes] = field(default_factory=dict)
    """Contents that stand for those of files, by absolute path: what an editor holds, or what a fix would write."""

    def __getstate__(self) -> dict[str, Any]:
        """What another process is told: what may be read, but not what was."""
        return {**self.__dict__, "memo": {}}

    def display(self, path: str) -> str:
        """The path as people are shown it: relative to the working directory where below it."""
        if path == self.cwd:
            return "."
        prefix = self.cwd.rstrip("/\\") + os.sep
        shown = path[len(prefix) :] if path.startswith(prefix) else path
        return shown.replace(os.sep, "/")

    def allows(self, path: str) -> bool:
        """Whether a path, links followed, lies within what may be read."""
        try:
            real = os.path.realpath(path)
        except ValueError:  # a NUL or half of a surrogate pair: no file has such a name
            return False
        if real in self.named or os.path.abspath(path) in self.named:
            return True
        return any(real == b or real.startswith(b.rstrip(os.sep) + os.sep) for b in self.boundaries)

    def read_bytes(self, path: str, limit: int = MAX_FILE_BYTES) -> bytes:
        """The bytes of a regular file within bounds. Raises Unreadable."""
        shown = self.display(path)
        if path in self.overlay:
            return self.overlay[path]
        if not self.allows(path):
            raise Unreadable(f"{shown} lies outside the scanned directory; scan a directory that holds it, or name it")
        try:
            info = os.stat(path)
            if not stat.S_ISREG(info.st_mode):
                raise Unreadable(f"{shown} is not a regular file")
            if info.st_size > limit:
                raise Unreadable(f"{shown} has {info.st_size:,} bytes, more than the {limit:,} that are read")
            with open(path, "rb") as stream:
                return stream.read()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise Unreadable(f"{shown} cannot be read: {reason}") from error

    def read(self, path: str, limit: int = MAX_TEXT_BYTES) -> SourceFile:
        """A text file, decoded as UTF-8 (or UTF-16 where a byte order mark says so). Raises Unreadable."""
        key = ("text", path)
        if key in self.memo:
            found: SourceFile = self.memo[key]
            return found
        data = self.read_bytes(path, limit)
        source = SourceFile(path, decode(data, self.display(path)), self.display(path))
        self.memo[key] = source
        return source


def decode(data: bytes, shown: str) -> str:
    """Text of a file's bytes. Raises Unreadable for what is no text."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError as error:
            raise Unreadable(f"{shown} starts like UTF-16 but is not: {error.reason}") from error
    if b"\0" in data:
        raise Unreadable(f"{shown} is a binary file (it holds NUL bytes)")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(
            f"{shown}:{line}: not UTF-8 text (byte 0x{data[error.start]:02x}); save the file as UTF-8"
        ) from error
