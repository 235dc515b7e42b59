"""Files and places in them. `Workspace` is the only reader of files.

The offsets of a `Span` count Unicode code points in the text of its file. Lines and columns, both from 1, are computed
only if something is reported.
"""

from __future__ import annotations

import os
import stat
from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

MAX_FILE_BYTES = 64 * 1024 * 1024
"""A larger file is refused, whatever it contains."""
MAX_TEXT_BYTES = 16 * 1024 * 1024
"""A larger text is not parsed: CloudFormation accepts 1 MB, and Terraform that people write is never so large."""


UTF_8, UTF_8_WITH_MARK, UTF_16 = "utf-8", "utf-8-sig", "utf-16"
"""The encodings of input files, by the names of Python's codecs."""


class Comment(Struct, frozen=True):
    """A comment: its span, and its text without the comment marks."""

    span: Span
    text: str


class SourceFile:
    """One file that was read.

    path      absolute
    name      the path as people see it: relative if the file is below the working directory, with forward slashes
    text      decoded, without a byte order mark
    encoding  how the text is encoded in the file: "utf-8", "utf-8-sig" (with a byte order mark) or "utf-16"
    comments  set by the parser
    """

    __slots__ = ("_lines", "comments", "encoding", "name", "path", "text")

    def __init__(self, path: str, text: str, name: str | None = None, encoding: str = UTF_8) -> None:
        self.path = path
        self.name = name if name is not None else path
        self.text = text
        self.encoding = encoding
        self.comments: tuple[Comment, ...] = ()
        self._lines: list[int] | None = None

    def __repr__(self) -> str:
        return f"SourceFile({self.name!r})"

    @property
    def lines(self) -> list[int]:
        """The offsets at which the lines start. A line ends at LF, CRLF or CR."""
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
        """Return the line and column (from 1) of an offset."""
        line = bisect_right(self.lines, offset)
        return line, offset - self.lines[line - 1] + 1

    def line_text(self, line: int) -> str:
        """Return the text of a line (from 1) without its line end, or "" if there is no such line."""
        if not 1 <= line <= len(self.lines):
            return ""
        start = self.lines[line - 1]
        end = self.lines[line] if line < len(self.lines) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def span(self, start: int, end: int) -> Span:
        """Return the span from offset `start` up to, not including, offset `end`."""
        return Span(self, start, end)

    @property
    def whole(self) -> Span:
        """The span of the whole text."""
        return Span(self, 0, len(self.text))


def relative(path: str, base: str) -> str:
    """Return the path relative to a directory, with forward slashes. A path on another drive stays absolute."""
    try:
        return os.path.relpath(path, base).replace(os.sep, "/")
    except ValueError:
        return path.replace(os.sep, "/")


def is_outside(relative_path: str) -> bool:
    """Return True if a result of `relative` leads out of the directory that it is relative to."""
    return relative_path == ".." or relative_path.startswith("../") or os.path.isabs(relative_path)


def is_below(path: str, directory: str) -> bool:
    """Return True if a path is a directory or lies below it. Both are absolute; links are not followed."""
    return path == directory or path.startswith(directory.rstrip(os.sep) + os.sep)


def is_downloaded(path: str) -> bool:
    """Return True if a file belongs to a module that `terraform init` downloaded, so that it is not the user's own."""
    return "/.terraform/" in f"/{path}/".replace("\\", "/")


def shown_path(path: str, directory: str = "") -> str:
    """Return an absolute path as people see it: relative if it is below a directory, with forward slashes.

    directory  the working directory if it is ""
    """
    directory = directory or os.getcwd()
    if path == directory:
        return "."
    return path.removeprefix(directory.rstrip("/\\") + os.sep).replace(os.sep, "/")


def shorten_paths(text: str, directory: str) -> str:
    """Return a text with a directory cut off the paths in it, so that they are relative to the directory."""
    return text.replace(directory.rstrip(os.sep) + os.sep, "") if len(directory) > 1 else text


class Span(Struct, frozen=True):
    """A place in a file: the code points from offset `start` up to, not including, offset `end`."""

    file: SourceFile
    start: int
    end: int

    @property
    def line(self) -> int:
        """The line (from 1) that it starts on."""
        return self.file.position(self.start)[0]

    @property
    def column(self) -> int:
        """The column (from 1) that it starts at."""
        return self.file.position(self.start)[1]

    @property
    def end_line(self) -> int:
        """The line (from 1) that it ends on."""
        return self.file.position(self.end)[0]

    @property
    def end_column(self) -> int:
        """The column (from 1) after its last character."""
        return self.file.position(self.end)[1]

    @property
    def text(self) -> str:
        """Its text."""
        return self.file.text[self.start : self.end]

    def __contains__(self, other: Span) -> bool:
        return self.file is other.file and self.start <= other.start and other.end <= self.end

    def __str__(self) -> str:
        return f"{self.file.name}:{self.line}:{self.column}"


class Problem(Struct, frozen=True):
    """Something in the input that cannot be used: a file that does not parse, an expression that is wrong.

    span   where it is;  path: the absolute path of the file if there is no span
    fatal  True if the input was not analyzed completely because of it (exit code 2)
    """

    message: str
    span: Span | None = None
    path: str = ""
    fatal: bool = True


class Unreadable(Exception):
    """A file that cannot be read. The text gives the reason and, if there is one, the remedy."""


class Workspace(Struct, eq=False, dict=True):
    """The files that may be read: everything below `boundaries`, and the files in `named`.

    Every file of the scanned code is read here, so that no path in that code (an argument of `file()`, a module source,
    a TemplateURL, a symlink) leads outside.
    """

    boundaries: tuple[str, ...]
    named: frozenset[str] = frozenset()
    cwd: str = field(default_factory=os.getcwd)
    memo: dict[Any, Any] = field(default_factory=dict)
    """Source files and syntax trees by (kind, path): each file is read and parsed once a run."""
    overlay: Mapping[str, bytes] = field(default_factory=dict)
    """Contents that replace those of files, by absolute path: the buffer of an editor, or the result of a fix."""

    def __getstate__(self) -> dict[str, Any]:
        """Return the state for another process: what may be read, without what was read."""
        return {**self.__dict__, "memo": {}}

    def display(self, path: str) -> str:
        """Return an absolute path as people see it: relative if it is below the working directory."""
        return shown_path(path, self.cwd)

    def allows(self, path: str) -> bool:
        """Return True if a path may be read. Links are followed."""
        try:
            real = os.path.realpath(path)
        except ValueError:  # a NUL or half of a surrogate pair: no file has such a name
            return False
        if real in self.named or os.path.abspath(path) in self.named:
            return True
        return any(is_below(real, boundary) for boundary in self.boundaries)

    def read_bytes(self, path: str, limit: int = MAX_FILE_BYTES) -> bytes:
        """Return the bytes of a regular file of at most `limit` bytes. Raises Unreadable."""
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
        """Return a text file, decoded as UTF-8, or as UTF-16 if it has a byte order mark of that. Raises Unreadable.

        The file is read once a run, so that all callers get the same object.
        """
        key = ("text", path)
        if key in self.memo:
            found: SourceFile = self.memo[key]
            return found
        data = self.read_bytes(path, limit)
        shown = self.display(path)
        source = SourceFile(path, decode(data, shown), shown, encoding_of(data))
        self.memo[key] = source
        return source


def encoding_of(data: bytes) -> str:
    """Return the encoding of a text file by its byte order mark: one of UTF_8, UTF_8_WITH_MARK and UTF_16."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return UTF_16
    return UTF_8_WITH_MARK if data.startswith(b"\xef\xbb\xbf") else UTF_8


def decode(data: bytes, shown: str) -> str:
    """Return the text of a file's bytes, without the byte order mark. Raises Unreadable if they are not text.

    shown  the path of the file for the error message
    """
    if encoding_of(data) == UTF_16:
        try:
            return data.decode(UTF_16)
        except UnicodeDecodeError as error:
            raise Unreadable(f"{shown} starts like UTF-16 but is not: {error.reason}") from error
    if b"\0" in data:
        raise Unreadable(f"{shown} is a binary file (it holds NUL bytes)")
    try:
        return data.decode(UTF_8_WITH_MARK)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(
            f"{shown}:{line}: not UTF-8 text (byte 0x{data[error.start]:02x}); save the file as UTF-8"
        ) from error
