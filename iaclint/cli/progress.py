"""The line of a terminal that shows what a long run does."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import IO

PROGRESS_AFTER_SECONDS = 0.7
"""A run that takes less shows no progress."""


def progress_line(stream: IO[str] | None = None) -> Callable[[str], None] | None:
    """Return a function that shows a text on one line of a terminal, or None if the stream is no terminal.

    stream  stderr if it is None

    The function replaces what the line showed; the text "" clears it.
    """
    stream = stream or sys.stderr
    if not stream.isatty() or os.environ.get("TERM") == "dumb":
        return None
    import shutil
    import time

    start = time.monotonic()
    shown = False

    def show(text: str) -> None:
        nonlocal shown
        if not (shown if not text else time.monotonic() - start > PROGRESS_AFTER_SECONDS):
            return  # a short run needs no progress, and there is nothing to clear
        shown = True
        width = shutil.get_terminal_size().columns - 1
        stream.write("\r\x1b[2K" + text[:width])
        stream.flush()

    return show
