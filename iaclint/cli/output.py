"""What commands write: to the terminal and to files."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Any, NoReturn

import click

CLOSED_PIPE = 141
"""The exit code that a shell shows for a process that SIGPIPE ended."""


def fail(message: str) -> NoReturn:
    """End the program with a message on stderr and exit code 2."""
    click.echo(f"iaclint: {message}", err=True)
    raise click.exceptions.Exit(2)


def hint(word: str, known: Iterable[str], otherwise: str) -> str:
    """Return the known word that is most like a word, as a question, or `otherwise` if none is like it."""
    from iaclint.source.suggest import closest

    near = closest(word, known)
    return f"did you mean {near}?" if near else otherwise


def shown(path: str) -> str:
    """Return a path as people see it: relative if it is below the working directory."""
    from iaclint.source.files import shown_path

    return shown_path(os.path.abspath(path))


def shown_in(text: str) -> str:
    """Return a text with the working directory cut off the paths in it."""
    from iaclint.source.files import shorten_paths

    return shorten_paths(text, os.getcwd())


def colour_wanted(choice: str, stream: Any) -> bool:
    """Return True if output is to be coloured.

    The first of these that is set decides: --color, NO_COLOR, FORCE_COLOR or CLICOLOR_FORCE. If none is, a terminal is
    coloured.
    """
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if any(os.environ.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return bool(stream.isatty()) and os.environ.get("TERM") != "dumb"


def echo(text: str) -> None:
    """Print a text to stdout as UTF-8, whatever the locale. Ends the program quietly if the pipe was closed."""
    if not text:
        return
    try:
        sys.stdout.flush()
        _write_all(sys.stdout.buffer, (text if text.endswith("\n") else text + "\n").encode("utf-8", "replace"))
    except OSError as error:
        to_nowhere(sys.stdout)
        if isinstance(error, BrokenPipeError):
            raise click.exceptions.Exit(CLOSED_PIPE) from None
        fail(f"stdout cannot be written: {error.strerror}")


def to_nowhere(*streams: Any) -> None:
    """Send what streams still hold to /dev/null, so that Python reports no error when it flushes them at the end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _write_all(stream: Any, data: bytes) -> None:
    """Write all data. A single write may take only a part of it: to a full disk, or to a non-blocking pipe."""
    raw = getattr(stream, "raw", stream)  # with PYTHONUNBUFFERED there is no buffer in between
    left = memoryview(data)
    while left:
        taken = raw.write(left)
        if taken is None:
            import select

            select.select([], [raw], [])
        else:
            left = left[taken:]


def write_file(path: str, text: str) -> None:
    """Write a file whole or not at all. Ends the program if it cannot be written."""
    from iaclint.linting.fixing import FixError, replace_file

    try:
        if os.path.lexists(path) and not os.path.isfile(path) and not os.path.isdir(path):
            with open(path, "wb") as stream:  # a pipe or a device, such as /dev/stderr
                stream.write(text.encode("utf-8", "replace"))
            return
        replace_file(path, text.encode("utf-8", "replace"))
    except (FixError, OSError) as error:
        fail(str(error) if isinstance(error, FixError) else f"{path} cannot be written: {error.strerror}")
