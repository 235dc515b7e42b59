"""Loads rules: a directory of files, one rule each. The built-in rules and a user's own pack load the same way.

A pack is code and is run. The scanned tree is never searched for packs.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import traceback
from types import ModuleType

from msgspec.structs import replace

from iaclint.linting.rule import Rule, RuleError

EQUIVALENTS_FILE = "_equivalents.py"
"""A pack may hold the ids of the same checks in other tools in this file, in a table EQUIVALENTS by rule and tool."""


class PackError(Exception):
    """A pack that cannot be loaded. The text names the file and the reason."""


def builtin_directory() -> str:
    """Return the directory of the built-in rules: in the installed package, or next to it in a checkout."""
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    installed = os.path.join(here, "_rules")
    return installed if os.path.isdir(installed) else os.path.join(os.path.dirname(here), "rules")


def load_pack(directory: str, package: str = "iaclint_rules") -> tuple[Rule[object], ...]:
    """Return the rules of a directory and its folders, sorted by id. Raises PackError.

    Files and folders whose names start with "_" or "." are no rules, though rules may import them as
    `from ._helpers import ...` from within their folder.
    """
    directory = os.path.abspath(directory)
    if not os.path.isdir(directory):
        raise PackError(f"{directory} is not a directory of rules")
    _package(package, directory)
    rules: dict[str, Rule[object]] = {}
    for folder, folders, files in os.walk(directory):
        folders[:] = sorted(f for f in folders if not f.startswith(("_", ".")))
        relative = os.path.relpath(folder, directory)
        dotted = package if relative == "." else package + "." + relative.replace(os.sep, ".")
        if relative != ".":
            _package(dotted, folder)
        for name in sorted(files):
            if not name.endswith(".py") or name.startswith(("_", ".")):
                continue
            path = os.path.join(folder, name)
            for rule in _rules_of(_import(f"{dotted}.{name[:-3]}", path)):
                if rule.id in rules:
                    raise PackError(f"{path}: there is already a rule {rule.id} in {rules[rule.id].file}")
                if rule.id != name[:-3].replace("_", "-"):
                    raise PackError(
                        f"{path}: the rule is called {rule.id}, so its file must be {rule.id.replace('-', '_')}.py"
                    )
                rules[rule.id] = rule
    table = os.path.join(directory, EQUIVALENTS_FILE)
    if os.path.isfile(table):
        equivalents = _import(f"{package}.{EQUIVALENTS_FILE[:-3]}", table).EQUIVALENTS
        rules = {
            name: replace(rule, equivalents=equivalents.get(name, rule.equivalents)) for name, rule in rules.items()
        }
    return tuple(rules[key] for key in sorted(rules))


def _package(name: str, directory: str) -> None:
    module = ModuleType(name)
    module.__path__ = [directory]
    sys.modules[name] = module


def _import(name: str, path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise PackError(f"{path} cannot be loaded as Python")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except RuleError as error:
        raise PackError(f"{path}:{_line_in(path, error)}: {error}") from error
    except Exception as error:
        raise PackError(f"{path} fails to load: {type(error).__name__}: {error}") from error
    return module


def _line_in(path: str, error: BaseException) -> int:
    """Return the line of a file at which an exception came out of it."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno or 1 for frame in reversed(frames) if frame.filename == path), 1)


def _rules_of(module: ModuleType) -> list[Rule[object]]:
    return [
        item for item in vars(module).values() if isinstance(item, Rule) and item.check.__module__ == module.__name__
    ]
