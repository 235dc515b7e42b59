"""The short run of the fuzz targets: the same inputs each time."""

from __future__ import annotations

import random

import pytest

from tests.fuzz.mutate import changed, seeds
from tests.fuzz.targets import TARGETS

NUMBER = {"settings": 500, "edits": 60}


@pytest.mark.parametrize("name", TARGETS)
def test_changed_seeds(name: str) -> None:
    chance = random.Random(f"fixed {name}")
    for _ in range(NUMBER.get(name, 200)):
        data = changed(name, chance)
        try:
            TARGETS[name](data)
        except BaseException as error:
            error.add_note(f"the input was {data!r}")
            raise


@pytest.mark.parametrize("name", TARGETS)
def test_there_are_seeds(name: str) -> None:
    assert seeds(name)
