"""Running whole processes and what the operating system says they took."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Sample:
    """One run: seconds by the clock, seconds of processor time, peak memory in MB of the largest process, exit code."""

    wall: float
    cpu: float
    memory: float
    code: int


def once(command: Sequence[str]) -> Sample:
    """Run a command to its end, its output thrown away."""
    start = time.perf_counter()
    quiet = subprocess.DEVNULL
    child = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    return Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, child.returncode)


def in_turns(commands: Mapping[str, Sequence[str]], runs: int) -> dict[str, Sample]:
    """Return the medians of several commands by name, run in turns so that changes of the machine affect all alike.

    The first turn only warms the file cache and the bytecode. The peak memory is the largest of all runs.
    """
    seen: dict[str, list[Sample]] = {name: [] for name in commands}
    for turn in range(runs + 1):
        for name, command in commands.items():
            sample = once(command)
            if turn:
                seen[name].append(sample)
    return {
        name: Sample(
            statistics.median(s.wall for s in samples),
            statistics.median(s.cpu for s in samples),
            max(s.memory for s in samples),
            samples[-1].code,
        )
        for name, samples in seen.items()
    }


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = ["| " + " | ".join(cells) + " |" for cells in (head, *rows)]
    lines.insert(1, "|" + "|".join("---" if index == 0 else "---:" for index in range(len(head))) + "|")
    return "\n".join(lines)
