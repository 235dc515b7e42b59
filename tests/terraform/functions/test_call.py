"""The tables of functions, and what functions answer where the oracle has no say."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

import iaclint.terraform.functions
from iaclint.terraform.functions import call

PACKAGE = Path(iaclint.terraform.functions.__path__[0])


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.stem)
def test_each_function_is_listed_with_the_module_that_has_it(path: Path) -> None:
    module = import_module(f"iaclint.terraform.functions.{path.stem}")
    listed = call.MODULES.get(path.stem, "").split()
    assert listed == sorted(getattr(module, "FUNCTIONS", {}))
    assert all(call.find(name) is module.FUNCTIONS[name] for name in listed)


def test_a_name_that_is_no_function() -> None:
    assert call.find("no_such_function") is None
