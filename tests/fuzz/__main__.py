"""The long run: `python -m tests.fuzz --minutes 10 [--target hcl] [--seed 1]`. Inputs that break are kept and named."""

from __future__ import annotations

import argparse
import hashlib
import random
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import NoReturn

from tests.fuzz.mutate import changed
from tests.fuzz.targets import TARGETS

LONG = 120
"""Seconds after which an input counts as one that hangs, where the system has alarms."""


class Hangs(BaseException):
    """No input may take so long."""


def _alarm(*_: object) -> NoReturn:
    raise Hangs


def main() -> int:
    """The number of targets that broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0, help="for each target")
    parser.add_argument("--target", choices=sorted(TARGETS), action="append")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-crashes"), help="where to put inputs that break")
    given = parser.parse_args()
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(1 << 32)
    broke = 0
    alarm = getattr(signal, "alarm", lambda _: None)
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, _alarm)
    for name in given.target or sorted(TARGETS):
        chance = random.Random(f"{seed} {name}")
        count, kept = 0, set()
        end = time.monotonic() + given.minutes * 60
        while time.monotonic() < end:
            data = changed(name, chance)
            count += 1
            try:
                alarm(LONG)
                TARGETS[name](data)
                alarm(0)
            except BaseException as error:
                alarm(0)
                if isinstance(error, KeyboardInterrupt):
                    raise
                last = traceback.extract_tb(error.__traceback__)[-1]
                what = f"{type(error).__name__} at {last.filename}:{last.lineno}"
                if what not in kept:
                    kept.add(what)
                    given.keep.mkdir(exist_ok=True)
                    path = given.keep / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}"
                    path.write_bytes(data)
                    print(f"{name}: {what}: {error!s:.200}: {path}", flush=True)
        broke += bool(kept)
        print(f"{name}: {count:,} inputs, {len(kept)} ways to break it, seed {seed}", flush=True)
    return broke


if __name__ == "__main__":
    sys.exit(main())
