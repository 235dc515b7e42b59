"""The evaluator against moto, where moto is installed (`pip install "moto[cloudformation]"`).

The fixtures keep clear of what moto 5.2 does wrong: defaults of lists are not split, `!Condition` is read only
in its long form, and AWS::NoValue stays in a list as null.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cloudformation import oracle

FIXTURES = Path(__file__).parent / "fixtures"

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.skipif(importlib.util.find_spec("moto") is None, reason="moto is not installed"),
]


@pytest.mark.parametrize(
    ("name", "parameters", "agreeing", "unknown"),
    [
        ("functions.yaml", {"Names": "alpha,beta,gamma"}, 10, 0),
        ("functions.yaml", {"Env": "dev", "Names": "x,y"}, 9, 0),
        ("network.json", {}, 9, 2),
        ("network.json", {"Open": "true"}, 11, 3),
        ("access.yaml", {}, 20, 4),
    ],
)
def test_moto_agrees(name: str, parameters: Mapping[str, str], agreeing: int, unknown: int) -> None:
    result = oracle.compare(str(FIXTURES / name), parameters)
    assert not result.disagreements
    assert result.counts["agree"] >= agreeing
    assert result.counts["unknown"] <= unknown
