"""For all tests: hypothesis without a clock and in CI with the same examples each time, and what goes first."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("here"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that fork go first: a process is only forked while it has no other threads, and a cluster leaves some."""
    items.sort(key=lambda item: item.path.name != "test_parallel.py")
