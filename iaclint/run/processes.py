"""How many processes a run may use."""

from __future__ import annotations

import os
import sys
import threading

DEFAULT_MAX_JOBS = 4
"""The most processes unless more are asked for: a container may see many cores and get the time of one."""


def default_jobs() -> int:
    """Return the number of cores, up to DEFAULT_MAX_JOBS; 1 if this process cannot be forked: others start slowly."""
    return min(processors(), DEFAULT_MAX_JOBS) if can_fork() else 1


def processors() -> int:
    """Return the number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def can_fork() -> bool:
    """Return True if this process can be forked: on Linux and its like, as long as it has no other threads."""
    return hasattr(os, "fork") and sys.platform != "darwin" and threading.active_count() == 1
