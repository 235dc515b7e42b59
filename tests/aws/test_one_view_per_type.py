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
        if view.__module__.startswith("iaclint."):
            yield view


def views_by_kind() -> dict[str, set[str]]:
    """The views of each resource type, by module and name."""
    found: dict[str, set[str]] = {}
    for view in views():
        for kind in (*vars(view).get("terraform_kinds", ()), *vars(view).get("cloudformation_kinds", ())):
            found.setdefault(kind, set()).add(f"{view.__module__.removeprefix('iaclint.aws.')}.{view.__qualname__}")
    return found


LEFT_TO_DO = {
    "questions.managed",
    *("services.networkfirewall", "services.shield", "services.waf"),
}
"""Modules that still declare a view of a type that has another one. It shrinks; nothing is added."""


def test_a_resource_type_has_one_view() -> None:
    several = {kind: names for kind, names in views_by_kind().items() if len(names) > 1}
    new = {kind: sorted(n) for kind, n in several.items() if not any(x.rpartition(".")[0] in LEFT_TO_DO for x in n)}
    assert not new


def test_what_is_left_to_do_is_not_done() -> None:
    several = [names for names in views_by_kind().values() if len(names) > 1]
    assert {name.rpartition(".")[0] for names in several for name in names} >= LEFT_TO_DO
