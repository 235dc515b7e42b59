"""The files that functions read: paths lead from the root directory, and must not leave what is scanned."""

from __future__ import annotations

import os
from typing import Any, TypeAlias

from iaclint.model.value import Unknown, UnknownCause, Value
from iaclint.source.files import SourceFile, Span, Unreadable, Workspace
from iaclint.terraform.functions import glob
from iaclint.terraform.lang.errors import EvaluationError
from iaclint.terraform.lang.types import STRING
from iaclint.terraform.syntax import parser
from iaclint.terraform.syntax import tree as syntax

V: TypeAlias = Value[Any]


class Files:
    """Access to the files of one deployment.

    root   the directory of the root module, absolute
    used   the files that were read, by path; template files are added to it

    Each method gives a Value that is unknown for a path outside of what is scanned, and raises EvaluationError if
    the file is not there or cannot be read.
    """

    def __init__(self, workspace: Workspace, root: str, used: dict[str, SourceFile]) -> None:
        self.workspace = workspace
        self.root = root
        self.used = used

    def read(self, path: str, span: Span) -> bytes | V:
        """Return the bytes of a file."""
        full = self._resolve(path)
        outside = self._outside(full, span)
        if outside is not None:
            return outside
        if not os.path.exists(full):
            raise EvaluationError(f"there is no file {self.workspace.display(full)}", span)
        try:
            return self.workspace.read_bytes(full)
        except Unreadable as error:
            raise EvaluationError(str(error), span) from None

    def exists(self, path: str, span: Span) -> bool | V:
        """Return True if there is a file with this path."""
        full = self._resolve(path)
        outside = self._outside(full, span)
        if outside is not None:
            return outside
        if os.path.isdir(full):
            raise EvaluationError(f"{self.workspace.display(full)} is a directory", span)
        return os.path.isfile(full)

    def matching(self, directory: str, pattern: str, span: Span) -> list[str] | V:
        """Return the paths of the files below a directory that match a pattern of `fileset`."""
        full = self._resolve(directory)
        outside = self._outside(full, span)
        if outside is not None:
            return outside
        try:
            return glob.files(self.workspace, full, pattern)
        except glob.PatternError as error:
            raise EvaluationError(f"fileset(): {error}", span) from None

    def template(self, path: str, span: Span) -> syntax.Template | syntax.Literal | V:
        """Return the tree of a template file, which is parsed once a run."""
        full = self._resolve(path)
        outside = self._outside(full, span)
        if outside is not None:
            return outside
        memo = self.workspace.memo
        key = ("terraform template", full)
        if key not in memo:
            if not os.path.exists(full):
                raise EvaluationError(f"there is no file {self.workspace.display(full)}", span)
            try:
                source = self.workspace.read(full)
                memo[key] = parser.parse_template(source)
                self.used.setdefault(source.path, source)
            except Unreadable as error:
                raise EvaluationError(str(error), span) from None
            except syntax.HclSyntaxError as error:
                raise EvaluationError(f"the template is wrong: {error.message}", error.span) from None
        found: syntax.Template | syntax.Literal = memo[key]
        return found

    def _resolve(self, path: str) -> str:
        return os.path.normpath(os.path.join(self.root, path))

    def _outside(self, path: str, span: Span) -> V | None:
        if self.workspace.allows(path):
            return None
        detail = f"{self.workspace.display(path)} lies outside the scanned directory"
        return Value(Unknown(UnknownCause.EXTERNAL, detail, not_null=True), span, type=STRING)
