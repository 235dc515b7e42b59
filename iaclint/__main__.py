"""`python -m iaclint`."""

from __future__ import annotations

import os
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line and end the process with its exit code.

    The process ends at once: taking a large model apart, object by object, takes a sixth of a run. Whatever has to be
    put right at the end, such as temporary files, has been by then, by the code that made it necessary.
    """
    from iaclint.cli import run

    code = run()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            code = code or 2  # help or a message that nobody could read; reports say so themselves
    os._exit(code)


if __name__ == "__main__":
    main()
