"""Fuzzing led by what the code does: `python -m tests.fuzz.guided TARGET [options of libFuzzer]`; it needs atheris.

Inputs that reach new code are kept and changed further, beginning with those of `mutate`. It ends at the first input
that breaks something, which it writes to the working directory.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["iaclint"]):
    import iaclint

    for module in pkgutil.walk_packages(iaclint.__path__, "iaclint."):
        if module.name != "iaclint.__main__" and "._rules" not in module.name:
            importlib.import_module(module.name)

from tests.fuzz.mutate import seeds
from tests.fuzz.targets import TARGETS


def main() -> None:
    """Does not return."""
    name, *options = sys.argv[1:]
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(seeds(name)):
            (Path(corpus) / str(number)).write_bytes(seed)
        atheris.Setup([sys.argv[0], *options, corpus], TARGETS[name])
        atheris.Fuzz()


if __name__ == "__main__":
    main()
