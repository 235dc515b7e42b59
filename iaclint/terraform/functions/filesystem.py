"""Functions of files and paths."""

from __future__ import annotations

from collections.abc import Callable

from iaclint.model.unknowns import derive
from iaclint.model.value import UnknownCause, Value
from iaclint.terraform.functions.registry import Context, Functions, Result, V
from iaclint.terraform.functions.values import base64_text, new_elements, text_from_utf8, unsupported
from iaclint.terraform.lang.types import BOOL, STRING, SetType

FUNCTIONS = Functions()


def file_function(make: Callable[[bytes], str]) -> Callable[..., Result]:
    """Return a function of a path whose result `make` works out from the bytes of the file."""

    def run(context: Context, path: V) -> Result:
        content = context.env.scope.files.read(path.data, context.span)
        return content if isinstance(content, Value) else make(content)

    return run


FUNCTIONS.define("file", STRING, returns=STRING)(file_function(text_from_utf8))
FUNCTIONS.define("filebase64", STRING, returns=STRING)(file_function(base64_text))


@FUNCTIONS.define("fileexists", STRING, returns=BOOL)
def _fileexists(context: Context, path: V) -> Result:
    return context.env.scope.files.exists(path.data, context.span)


@FUNCTIONS.define("fileset", STRING, STRING)
def _fileset(context: Context, path: V, pattern: V) -> Result:
    found = context.env.scope.files.matching(path.data, pattern.data, context.span)
    if isinstance(found, Value):
        return found
    return derive(context.span, (path, pattern), new_elements(context, sorted(found)), SetType(STRING))


@FUNCTIONS.define("basename", STRING, returns=STRING)
def _basename(context: Context, path: V) -> Result:
    text = path.data.rstrip("/")
    if not text:
        return "/" if path.data else "."
    return text.rpartition("/")[2]


@FUNCTIONS.define("dirname", STRING, returns=STRING)
def _dirname(context: Context, path: V) -> Result:
    import posixpath

    return posixpath.normpath(posixpath.dirname(path.data) or ".")


@FUNCTIONS.define("abspath", STRING, returns=STRING)
def _abspath(context: Context, path: V) -> Result:
    import posixpath

    return posixpath.normpath(posixpath.join(context.env.scope.files.root, path.data))


@FUNCTIONS.define("pathexpand", STRING, returns=STRING)
def _pathexpand(context: Context, path: V) -> Result:
    if path.data == "~" or path.data.startswith("~/"):
        return unsupported(context, (path,), "the home directory is not known", STRING, UnknownCause.EXTERNAL)
    return path.data
