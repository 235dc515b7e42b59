"""Processes that were started from this one."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Sequence
from typing import IO


class Stopped(Exception):
    """The run that a command belongs to was stopped."""


class Children:
    """The processes that this one has started and that still run.

    When a run is stopped, it leaves none of them behind.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[tuple[str, subprocess.Popen[bytes]]] = set()
        self._stopped: set[str] = set()

    def run(self, run: str, command: Sequence[str], cwd: str, stderr: IO[bytes], seconds: float) -> int | None:
        """Run a command, and return its exit code; None if it was killed at its time limit. Raises Stopped.

        run      the name of the run that the command belongs to
        cwd      its working directory;  stderr: where its stderr goes;  seconds: its time limit
        """
        with self._lock:
            if run in self._stopped:
                raise Stopped
            process = subprocess.Popen(
                command,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,  # a process group of its own: what it starts is killed with it
            )
            self._running.add((run, process))
        try:
            code: int | None = process.wait(seconds)
        except subprocess.TimeoutExpired:
            code = None
        finally:  # also if a signal ends a worker
            _kill(process)
            process.wait()
            with self._lock:
                self._running.discard((run, process))
        if run in self._stopped:
            raise Stopped
        return code

    def stop(self, run: str) -> None:
        """Kill the processes of a run. Calls of `run` for it raise Stopped from now on."""
        with self._lock:
            self._stopped.add(run)
            for other, process in self._running:
                if other == run:
                    _kill(process)


CHILDREN = Children()
"""Of this process: a job that runs in a thread and the run that stops it have no other object in common."""


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process, if it has not ended, and all of its process group."""
    from contextlib import suppress

    if process.poll() is not None:
        return
    with suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            import signal

            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
