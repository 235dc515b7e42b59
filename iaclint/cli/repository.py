"""The process that `iaclint scan-many` starts for one repository: `check` within limits."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

from iaclint.run.repositories import MAX_MESSAGE_CHARS, short_report

SECONDS_AFTER_LIMIT = 5
"""Seconds after its time limit at which the process ends by itself, if the process that started it is gone."""
_CI_VARIABLES = ("GITHUB_REPOSITORY", "CI_PROJECT_URL")
"""They name the repository that the CI job is in, not the one that is linted."""


def main() -> NoReturn:
    """Run the command line within limits, shorten its JSON report, and end the process with the exit code.

    The arguments of the process are the path of the JSON report, a time limit in seconds, a memory limit in megabytes
    (0 for none), and then those of the command line. The report is shortened here and not by the process that waits: a
    repository can make it so huge that it fills the memory.
    """
    import json
    import math
    import signal

    from iaclint.cli import run

    report, seconds, memory = sys.argv[1:4]
    del sys.argv[1:4]
    for name in _CI_VARIABLES:
        os.environ.pop(name, None)
    if hasattr(signal, "alarm"):
        signal.alarm(math.ceil(float(seconds)) + SECONDS_AFTER_LIMIT)
    if int(memory):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (int(memory) * 1024**2,) * 2)
    code = run()
    if os.path.exists(report):
        with open(report, encoding="utf-8") as stream:
            document = json.load(stream)
        ends = [v["suppressed_by"]["until"] or "" for v in document["verdicts"] if "suppressed_by" in v]
        short = {
            "summary": document["summary"],
            "problem": _problem(document),
            "until": min(filter(None, ends), default=""),
        }
        with open(short_report(report), "w", encoding="utf-8") as stream:
            json.dump(short, stream)
    sys.stderr.flush()
    os._exit(code)  # as iaclint.__main__ does


def _problem(document: Mapping[str, Any]) -> str:
    """Return why not everything could be judged: the first problem, and the number of the others."""
    fatal = [problem for problem in document["problems"] if problem["fatal"]]
    broken = document["summary"]["errors"]
    if not fatal:
        return f"{broken} {'check' if broken == 1 else 'checks'} broke" if broken else ""
    first = fatal[0]
    text: str = first["message"]
    if "file" in first and first["file"] not in text:
        text = f"{first['file']}:{first['line']}: {text}" if "line" in first else f"{first['file']}: {text}"
    return text[:MAX_MESSAGE_CHARS] + (f", and {len(fatal) - 1} more" if len(fatal) > 1 else "")
