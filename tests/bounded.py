"""Runs the command line in a process of its own that gets only so much memory and processor time."""

from __future__ import annotations

import os
import pickle
import resource
import signal
import sys
from pathlib import Path

from tests.command_line import Result, iaclint

MEMORY = 2 * 1024**3
"""Bytes of address space beyond those that the tests have taken themselves when the process is forked."""
SECONDS = 20
"""Of processor time, which a busy machine does not use up."""


def bounded(*arguments: object, cwd: Path | None = None, seconds: int = SECONDS, memory: int = MEMORY) -> Result:
    """The result of `iaclint ARGUMENTS`. Fails where a limit is met, or where it ends by a signal or an exception."""
    receive, send = os.pipe()
    child = os.fork()
    if not child:
        _child(receive, send, arguments, cwd, seconds, memory)
    os.close(send)
    with os.fdopen(receive, "rb") as stream:
        data = stream.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        raise AssertionError(f"ended by {signal.Signals(number).name}: {' '.join(map(str, arguments))}")
    result = pickle.loads(data)
    if isinstance(result, str):
        raise AssertionError(result)
    assert isinstance(result, Result)
    return result


def _address_space() -> int:
    """Return the bytes of address space that this process has, or 0 on a system that does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as stream:
            return int(stream.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def _child(receive: int, send: int, arguments: tuple[object, ...], cwd: Path | None, seconds: int, memory: int) -> None:
    import traceback

    os.close(receive)
    result: Result | str
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        limit = _address_space() + memory
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.alarm(seconds * 10)  # waiting for a FIFO takes no processor time
        result = iaclint(*arguments, cwd=cwd)
    except BaseException:
        result = traceback.format_exc()[-4000:]
    with os.fdopen(send, "wb") as stream:
        pickle.dump(result, stream)
    sys.stderr.flush()
    os._exit(0)
