"""Each resource type has one view, in the module of its AWS service."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module

import iaclint.aws
from iaclint.aws.views import View


def views() -> Iterator[type[View]]:
    """The views that iaclint brings along."""
    for package in ("services", "questions", "reasoning"):
        for module in pkgutil.iter_modules([f"{iaclint.aws.__path__[0]}/{package}"]):
            import_module(f"iaclint.aws.{package}.{module.name}")
    left = [View]
    while left:
        view = left.pop()
        left += view.__subclasses__()
        if view.__module__.startswith("iaclint.") and view is not View:
            yield view


def views_by_kind() -> dict[str, set[str]]:
    """The views of each resource type, by module and name."""
    found: dict[str, set[str]] = {}
    for view in views():
        for kind in (*vars(view).get("terraform_kinds", ()), *vars(view).get("cloudformation_kinds", ())):
            found.setdefault(kind, set()).add(f"{view.__module__.removeprefix('iaclint.aws.')}.{view.__qualname__}")
    return found


def test_a_resource_type_has_one_view() -> None:
    several = {kind: sorted(names) for kind, names in views_by_kind().items() if len(names) > 1}
    assert not several


def test_views_are_in_the_module_of_their_service() -> None:
    elsewhere = {view.__qualname__ for view in views() if ".services." not in view.__module__}
    assert not elsewhere
